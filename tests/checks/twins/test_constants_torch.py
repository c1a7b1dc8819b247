"""Constants of PyTorch programs: exact as they are, and what their rounding explains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gradproof.checks.twins import TwinOutcome, check_forward, numbers

torch = pytest.importorskip("torch")
X = (numbers("n"),)


def tenth(x: Any) -> Any:
    """Return a tenth of the sum."""
    return (x / 10).sum()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        (lambda x: (x * 0.1).sum(), TwinOutcome.ROUNDED),
        (lambda x: (x * torch.tensor(0.1, dtype=x.dtype)).sum(), TwinOutcome.ROUNDED),
        (lambda x: (x * 0.1000001).sum(), TwinOutcome.DIFFERENT),
        (lambda x: (x * torch.tensor(0.1000001, dtype=x.dtype)).sum(), TwinOutcome.DIFFERENT),
        (lambda x: (x * 0.125).sum(), TwinOutcome.DIFFERENT),
        (lambda x: (x / 8 - x * 0.025).sum(), TwinOutcome.ROUNDED),
    ],
)
def test_only_the_rounding_of_a_constant_is_excused(
    program: Callable[..., Any], outcome: TwinOutcome, dtype: str
) -> None:
    """A written float, or a tensor of one, stands for what rounds to it, and for nothing else."""
    found = check_forward(program, tenth, X, framework="torch", dtype=dtype)
    assert found.outcome is outcome, str(found)
    if outcome is TwinOutcome.ROUNDED:
        assert found.digits >= (6 if dtype == "float32" else 15)
