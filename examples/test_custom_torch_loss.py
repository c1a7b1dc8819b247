"""A backward pass written by hand for PyTorch, audited in the test suite that it has anyway.

The need: cross-entropy with label smoothing gets a torch.autograd.Function with a backward pass of
its own.
There are two conventions for smoothing, over all classes or over the wrong ones only, and `Mixed`
uses one in its forward pass and the other in its backward pass.
With 1000 classes the two gradients differ by so little that torch.autograd.gradcheck passes.

    pytest -qq -rP examples/test_custom_torch_loss.py

The fixture `gradproof_audit` fails a test with the table of what was found, so that the one line of
`test_smoothed` is all that a test suite needs; the tests of `Mixed` show what would be said of it.
"""

from typing import Any

import pytest
import torch
from sympy import Rational

from gradproof import Loss, audit
from gradproof.checks.plugin import GradproofAudit
from gradproof.symbolic import S, class_sum, delta, log, n, y

AMOUNT = 0.125

a = Rational(AMOUNT)
smoothing = Loss(
    "LS",
    -class_sum(lambda j: ((1 - a) * delta(j, y) + a / n) * log(S(j))),
    title="cross-entropy with label smoothing 1/8",
)
"""What both functions mean to be."""


class Smoothed(torch.autograd.Function):
    """Label smoothing, over all classes."""

    @staticmethod
    def forward(ctx: Any, z: torch.Tensor, y: int) -> torch.Tensor:
        """Return the loss."""
        log_s = torch.log_softmax(z, 0)
        ctx.save_for_backward(log_s)
        ctx.label = y
        return -(1 - AMOUNT) * log_s[y] - AMOUNT * log_s.mean()

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor, None]:
        """Return the gradient: softmax minus target."""
        (log_s,) = ctx.saved_tensors
        target = torch.full_like(log_s, AMOUNT / len(log_s))
        target[ctx.label] += 1 - AMOUNT
        return upstream[0] * (log_s.exp() - target), None


class Mixed(Smoothed):
    """The same, with a backward pass that smooths over the wrong classes only."""

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor, None]:
        """Return the gradient of another convention."""
        (log_s,) = ctx.saved_tensors
        target = torch.full_like(log_s, AMOUNT / max(len(log_s) - 1, 1))
        target[ctx.label] = 1 - AMOUNT
        return upstream[0] * (log_s.exp() - target), None


def smoothed(z: torch.Tensor, y: int) -> Any:
    """Return the loss, differentiated rightly."""
    return Smoothed.apply(z, y)


def mixed(z: torch.Tensor, y: int) -> Any:
    """Return the loss, differentiated wrongly."""
    return Mixed.apply(z, y)


def test_smoothed(gradproof_audit: GradproofAudit) -> None:
    """The gradient of one convention is right, in both precisions and at every size tried."""
    found = gradproof_audit(smoothed, smoothing)
    print(f"smoothed: {len(found.findings)} findings in {' and '.join(found.dtypes)}")


def test_mixed_passes_gradcheck() -> None:
    """With 1000 classes finite differences do not tell the two conventions apart."""
    z = torch.linspace(-3, 3, 1000, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda z: mixed(z, 5), z)
    print("mixed: torch.autograd.gradcheck passes with 1000 classes")


def test_mixed_fails_the_audit(gradproof_audit: GradproofAudit) -> None:
    """The audit does, and shows the simplest point that it found."""
    with pytest.raises(AssertionError, match="1 finding"):
        gradproof_audit(mixed, smoothing, sizes=(3,))
    (finding,) = audit(mixed, smoothing, sizes=(3,), dtypes="float64").findings
    print(f"mixed: {finding.kind.text}; {finding.kind.value}")
    print(f"at {finding.point}: {finding.where} is {finding.found}, not {finding.expected}")
