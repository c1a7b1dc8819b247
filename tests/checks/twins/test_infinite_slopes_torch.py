"""Where a program has an infinite slope there is no derivative that a backward could miss."""

from __future__ import annotations

from typing import Any

import pytest

from gradproof.checks.twins import TwinOutcome, check_backward, numbers

torch = pytest.importorskip("torch")


class Root(torch.autograd.Function):  # type: ignore[misc]
    """The root of one number, with a backward that is 0 where the slope is infinite."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        """Return the root."""
        ctx.save_for_backward(x)
        return torch.sqrt(x)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        """Return the gradient, 0 at 0."""
        (x,) = ctx.saved_tensors
        positive = x > 0
        return torch.where(positive, g / (2 * torch.sqrt(torch.where(positive, x, 1))), 0)


def test_a_finite_value_at_an_infinite_slope_is_not_accused() -> None:
    """A root at 0 has no finite slope; elsewhere its backward is compared as usual."""
    found = check_backward(Root.apply, (numbers(),), framework="torch", sizes=(1,))
    assert found.outcome is TwinOutcome.AGREES, str(found)
    assert found.undefined > 0
