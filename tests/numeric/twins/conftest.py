"""What the tests of the exact twins share: strategies of numbers, and what it means to enclose."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from flint import arb, fmpq
from hypothesis import strategies as st

from gradproof.numeric.twins.run import Run, running

BITS = 256
"""The precision in which the tests compute, about 77 digits."""

DIGITS = 60
"""The digits of the references of mpmath."""

SPECIALS = (math.inf, -math.inf, math.nan)

rationals = st.fractions(-6, 6, max_denominator=64)
nonzero = rationals.filter(bool)
positive = st.fractions(Fraction(1, 64), 12, max_denominator=64)
inside_unit = st.fractions(Fraction(-63, 64), Fraction(63, 64), max_denominator=64)
above_one = st.fractions(Fraction(65, 64), 9, max_denominator=64)
dyadics = st.integers(-64, 64).map(lambda k: Fraction(k, 8))
specials = st.sampled_from(SPECIALS)


def element(value: Fraction | float) -> Any:
    """Return a fraction as an exact rational, a special float as it is."""
    return value if isinstance(value, float) else fmpq(value.numerator, value.denominator)


def number(value: Fraction) -> Any:
    """Return a fraction as a number of mpmath at its precision."""
    return mpmath.mpf(value.numerator) / value.denominator


def exactly(found: Any) -> Fraction:
    """Return an exact rational as a fraction."""
    assert isinstance(found, fmpq), found
    return Fraction(int(found.p), int(found.q))


def encloses(found: Any, value: Any, digits: int = DIGITS - 10) -> bool:
    """Tell whether an element holds a number of mpmath, exact to `digits` digits and some more."""
    if isinstance(found, float):
        return bool(found == value)
    ball = arb(found)
    with mpmath.workdps(2 * DIGITS):
        middle, radius = (_to_mpf(part) for part in (ball.mid(), ball.rad()))
        slack = max(abs(value), 1) * mpmath.mpf(10) ** -digits
        return bool(abs(mpmath.mpf(value) - middle) <= radius + slack)


def is_narrow(found: Any, digits: int = DIGITS - 20) -> bool:
    """Tell whether an element is known to about `digits` digits, relatively or absolutely."""
    if isinstance(found, float | fmpq):
        return True
    size = max(found.abs_lower(), arb(1))
    return bool(found.rad() < size * arb(10) ** -digits)


def _to_mpf(exact: Any) -> Any:
    mantissa, exponent = exact.man_exp()
    return mpmath.mpf(int(mantissa)) * mpmath.mpf(2) ** int(exponent)


def same(one: Any, other: Any) -> bool:
    """Tell whether two elements are equal for certain, nan being equal to nan."""
    both_nan = one != one and other != other
    return bool(both_nan or one == other)


@pytest.fixture
def run() -> Iterator[Run]:
    """Return the run in progress, at `BITS` bits."""
    with running(Run(), BITS) as started:
        yield started


@pytest.fixture
def at() -> Callable[[int], Any]:
    """Return a context in which a run is in progress at some bits."""
    return lambda bits: running(Run(), bits)
