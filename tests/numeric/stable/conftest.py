"""What the tests of the stable losses share: scores against certified values."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb

from gradproof.numeric import KinkError, Point
from gradproof.numeric.certified import certified_loss
from gradproof.numeric.floats import FORMATS, unit_roundoff
from gradproof.numeric.stable import STABLE
from gradproof.symbolic import K, losses, n, p, y, z

EPSILON = 1e-7
"""The epsilon of Keras."""


@dataclass(frozen=True)
class Scores:
    """How far a gradient and a loss are off, in units of what one rounding of the inputs does."""

    gradient: float
    value: float


def takes_label(name: str) -> bool:
    """Tell whether a loss takes a label."""
    return losses.LOSSES[name].value.has(y)


def extra(name: str) -> tuple[float, ...]:
    """Return what a loss takes after the target."""
    return (EPSILON,) if name.startswith("keras") else ()


def score_of(name: str, logits: Any, target: Any) -> Scores | None:
    """Return the largest score of the gradient and that of the loss; None at a kink.

    Masked classes are left out of the reference, and their gradient has to be 0.
    """
    stable = STABLE[name]
    gradient = stable.gradient(logits, target, *extra(name))
    value = stable.value(logits, target, *extra(name))
    assert gradient.dtype == value.dtype == logits.dtype
    masked = np.isneginf(logits)
    assert np.all(gradient[masked] == 0)
    try:
        truth = certified_loss(losses.LOSSES[name]).at(_point(name, logits, target, ~masked))
    except KinkError:
        return None
    found = [
        _score(float(g), t, c, str(logits.dtype))
        for g, t, c in zip(gradient[~masked], truth.gradient, truth.conditions, strict=True)
    ]
    one = _score(float(value), truth.value, truth.value_condition, str(logits.dtype))
    return Scores(max(found), one)


def _point(name: str, logits: Any, target: Any, kept: Any) -> Point:
    values: dict[Any, Any] = {n: int(kept.sum()), z: [Fraction(float(v)) for v in logits[kept]]}
    if takes_label(name):
        values[y] = int(np.flatnonzero(np.flatnonzero(kept) == target)[0]) + 1
    else:
        family = K if name.startswith("kde") else p
        values[family] = [Fraction(float(v)) for v in np.asarray(target)[kept]]
    if extra(name):
        values[losses.epsilon] = Fraction(EPSILON)
    return Point(values)


def _score(found: float, truth: Any, condition: Any, dtype: str) -> float:
    """Return ``(|error| - least normal) / (u * condition)``, at least 0; infinite for NaN."""
    fmt = FORMATS[dtype]
    if not math.isfinite(found):
        return math.inf
    error = abs(arb(found) - truth).mid() - arb(2) ** fmt.emin
    if not error > 0:
        return 0.0
    scale = condition.mid() / unit_roundoff(fmt).denominator
    return float((error / scale).mid()) if scale > 0 else math.inf


@pytest.fixture(scope="session")
def score() -> Callable[[str, Any, Any], Scores | None]:
    """Return the function that scores a loss at a point."""
    return score_of


@pytest.fixture(scope="session")
def has_label() -> Callable[[str], bool]:
    """Return the function that tells whether a loss takes a label."""
    return takes_label
