"""The losses of `gradproof.stable` with their gradients, for audits."""

from __future__ import annotations

from fractions import Fraction

from ...numeric.implementations.call import Form
from ...numeric.stable import STABLE, Stable
from ...symbolic.losses import LOSSES, epsilon
from .implementation_list import Implementation
from .intended import intended_by

_EPSILON = Fraction(1e-7)  # the float that they take where no other is given


def make_implementations() -> list[Implementation]:
    """Return the implementations: each a loss in NumPy with the gradient beside it."""
    return [_implementation(name, stable) for name, stable in STABLE.items()]


def _implementation(name: str, stable: Stable) -> Implementation:
    loss = LOSSES[name]
    values = {epsilon: _EPSILON} if loss.value.has(epsilon) else {}
    form: Form = intended_by(loss, values).form
    return Implementation(
        f"stable:{name}",
        stable.value,
        loss,
        form,
        "numpy",
        f"gradproof.stable.{name} and its gradient",
        reduction="none",
        gradient=stable.gradient,
        values=values,
    )
