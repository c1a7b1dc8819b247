"""Which losses may stand at the end of a network: those that have a derivative by every logit.

Guarantees: where `shortcoming` returns nothing, the loss is made of functions that are smooth where
they are defined, and is defined, off its kinks, for all logits and all targets in its domain.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import (
    Abs,
    Integral,
    KroneckerDelta,
    Max,
    Min,
    Piecewise,
    atan,
    cos,
    cosh,
    erf,
    exp,
    log,
    sign,
    sin,
    sinh,
    tanh,
)
from sympy.core.function import Application

from ..symbolic.cases import index_sizes, size_bounds
from ..symbolic.domain import undischarged
from ..symbolic.errors import UnsupportedError
from ..symbolic.loss import Loss
from ..symbolic.printing import to_text
from ..symbolic.vocabulary import Softmax, n, z

_SMOOTH = (KroneckerDelta, Softmax, atan, cos, cosh, erf, exp, log, sin, sinh, tanh)
_KINKED = (Abs, Max, Min, Piecewise, sign)
"""Functions whose kinks are among the conditions for a derivative."""


def class_bounds(loss: Loss) -> tuple[int, int | None]:
    """Return the least and the largest number of classes for which a loss is declared.

    A class that the loss names by its number must exist.
    """
    low, high = size_bounds(loss.given, n)
    named = [a for a, size in index_sizes([loss.value]).items() if a.is_Integer and size == n]
    return max([low, *map(int, named)]), high


def domain_text(loss: Loss) -> list[str]:
    """Return in words where a loss is declared, the number of classes first."""
    facts = [to_text(fact) for fact in loss.given]
    low, _ = class_bounds(loss)
    return facts if low == size_bounds(loss.given, n)[0] else [f"n ≥ {low}", *facts]


def shortcoming(loss: Loss, widths: Sequence[int]) -> str:
    """Return why a loss has no derivative at the end of a network, or nothing.

    Parameters
    ----------
    loss
        A loss of the logits.
    widths
        The widths of the network; none for all networks.

    Raises
    ------
    UnsupportedError
        If it is not known whether the loss has a derivative.
    """
    if any(fact.has(z) for fact in loss.given):
        raise UnsupportedError(
            "the domain of a loss at the end of a network does not restrict the logits",
            found=", ".join(map(to_text, loss.given)),
            remedy="declare the loss for all logits",
        )
    strange = [
        f for f in loss.value.atoms(Application, Integral) if not isinstance(f, _SMOOTH + _KINKED)
    ]
    if strange:
        raise UnsupportedError(
            "a loss at the end of a network is made of functions known to be smooth",
            found=", ".join(sorted(type(f).__name__ for f in strange)),
            remedy="write it with exp, log, powers and the softmax",
        )
    low, high = class_bounds(loss)
    if widths and (widths[-1] < low or (high is not None and widths[-1] > high)):
        classes = "1 class" if widths[-1] == 1 else f"{widths[-1]} classes"
        return f"{loss.name} is not defined for {classes}."
    missing = undischarged(loss.gradient(), loss.given)
    if missing:
        return (
            f"That {loss.name} is differentiable in the logits needs "
            f"{to_text(missing[0].shown)}, which was not shown everywhere."
        )
    return ""
