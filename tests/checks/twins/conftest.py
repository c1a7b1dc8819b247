"""What the tests of the checks of exact twins share: numbers, and when a point is sound."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import fmpq

from gradproof.checks.twins import Input, TwinPoint
from gradproof.checks.twins.inputs import KINDS

SIMPLEX = ("targets", "probabilities", "one_hot")

EVERY_KIND = tuple(Input(kind, () if kind == "label" else ("n",), kind) for kind in KINDS)
"""One input of each kind."""


def fraction(value: Any) -> Any:
    """Return a number as an exact rational of the twins."""
    found = Fraction(value)
    return fmpq(found.numerator, found.denominator)


def is_dyadic(value: Fraction) -> bool:
    """Tell whether a fraction has a power of 2 below, as floats have."""
    return value.denominator & (value.denominator - 1) == 0


def lies_in(kind: str, values: tuple[Fraction, ...], width: int, n: int) -> bool:
    """Tell whether the values of one input are what its kind says."""
    rows = [values[k : k + width] for k in range(0, len(values), width)]
    tests = {
        "logits": lambda: True,
        "numbers": lambda: True,
        "positive": lambda: all(v > 0 for v in values),
        "targets": lambda: all(v >= 0 for v in values) and all(sum(r) == 1 for r in rows),
        "one_hot": lambda: all(sorted(r) == [0] * (width - 1) + [1] for r in rows),
        "probabilities": lambda: all(v > 0 for v in values) and all(sum(r) == 1 for r in rows),
        "unit": lambda: all(0 < v < 1 for v in values),
        "bits": lambda: all(v in (0, 1) for v in values),
        "signs": lambda: all(v in (-1, 1) for v in values),
        "label": lambda: all(v.denominator == 1 and 0 <= v < n for v in values),
    }
    return bool(tests[kind]())


def in_domain(point: TwinPoint) -> bool:
    """Tell whether each input of a point has its size and lies in its domain."""
    for spec, values in zip(point.inputs, point.values, strict=True):
        shape = spec.shape_at(point.n)
        width = shape[-1] if shape else 1
        if len(values) != spec.count(point.n) or not lies_in(spec.kind, values, width, point.n):
            return False
    return True
