from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from flint import arb, fmpq
from hypothesis import given, strategies as st

from gradproof.checks.twins.agreement import (
    Outcome,
    between,
    compare_elements,
    shared_digits,
    spell,
)
from gradproof.numeric.elements import working_precision
from gradproof.numeric.twins.run import LAST_BITS
from tests.checks.twins.conftest import fraction

INF, NAN = math.inf, math.nan
values = st.fractions(-8, 8, max_denominator=64)
radii = st.sampled_from([0.0, 1e-60, 1e-20, 1e-3, 1.0, 10.0])


def ball(centre: Fraction, radius: float) -> Any:
    """Return a ball around a fraction."""
    return arb(fraction(centre), radius)


@given(values, radii, values, radii, st.booleans())
def test_different_is_certain_and_agreement_is_narrow(
    a: Fraction, first: float, b: Fraction, second: float, last: bool
) -> None:
    """DIFFERENT for disjoint balls alone; AGREES for overlapping ones as narrow as the digits."""
    with working_precision(256):
        one, other = ball(a, first), ball(b, second)
        found = compare_elements(one, other, 20, last)
        disjoint = not one.overlaps(other)
        assert (found is not None and found[0] is Outcome.DIFFERENT) is disjoint
        if found is not None and found[0] is Outcome.AGREES:
            size = max(one.abs_lower(), other.abs_lower())
            relative = max(one.rad(), other.rad()) <= size * arb(10) ** -20
            around_zero = size == 0 and max(one.abs_upper(), other.abs_upper()) < arb(10) ** -40
            assert relative or (last and around_zero)
        if last and not one.is_zero() and not other.is_zero():
            assert found is not None


@given(values, radii)
def test_the_comparison_is_symmetric(a: Fraction, radius: float) -> None:
    """Which of two finite numbers is expected does not matter."""
    with working_precision(256):
        pair = (ball(a, radius), fraction(a + Fraction(1, 10**9)))
        assert compare_elements(*pair, 20, True) == compare_elements(*pair[::-1], 20, True)


@given(values, values)
def test_rationals_are_compared_exactly(a: Fraction, b: Fraction) -> None:
    """Two exact numbers agree to all digits or differ."""
    found = compare_elements(fraction(a), fraction(b), 30, False)
    assert found == ((Outcome.AGREES, INF) if a == b else (Outcome.DIFFERENT, 0.0))


@pytest.mark.parametrize("radius", [1e-3, 1.0, 1e20])
@pytest.mark.parametrize("last", [False, True])
def test_wide_balls_that_overlap_are_never_agreement(radius: float, last: bool) -> None:
    """The wrong twin, overlap as equality, would take any two programs for equal."""
    one, other = arb(1, radius), arb(1, radius)
    assert one.overlaps(other)
    found = compare_elements(one, other, 30, last)
    assert found == ((Outcome.UNDECIDED, 0.0) if last else None)


@pytest.mark.parametrize(
    ("expected", "found", "outcome"),
    [
        (NAN, 1, Outcome.UNDEFINED),
        (NAN, NAN, Outcome.UNDEFINED),
        (NAN, INF, Outcome.UNDEFINED),
        (1, NAN, Outcome.DIFFERENT),
        (INF, NAN, Outcome.DIFFERENT),
        (INF, INF, Outcome.AGREES),
        (-INF, -INF, Outcome.AGREES),
        (INF, -INF, Outcome.DIFFERENT),
        (INF, 10**9, Outcome.DIFFERENT),
        (0, INF, Outcome.DIFFERENT),
    ],
)
def test_numbers_that_are_none(expected: Any, found: Any, outcome: Outcome) -> None:
    """Where nothing is expected there is nothing to compare; a nan found instead differs."""
    pair = [v if isinstance(v, float) else fmpq(v) for v in (expected, found)]
    for first in (pair[0], pair[0] if isinstance(pair[0], float) else arb(pair[0])):
        measure = compare_elements(first, pair[1], 30, False)
        assert measure is not None
        assert measure[0] is outcome


@pytest.mark.parametrize("zero", [fmpq(0), arb(0, 1e-65)])
def test_zero_is_agreed_upon_only_at_last(zero: Any) -> None:
    """A ball around 0 may shrink; when no more is tried, twice the digits in places suffice."""
    tiny, small = arb(0, 1e-70), arb(0, 1e-50)
    with working_precision(LAST_BITS):
        assert compare_elements(zero, tiny, 30, False) is None
        found = compare_elements(zero, tiny, 30, True)
        assert found is not None
        assert found[0] is Outcome.AGREES
        assert 60 <= found[1] <= 70
        assert compare_elements(zero, small, 30, True) == (Outcome.UNDECIDED, 0.0)


def test_an_exact_zero_asks_for_the_highest_precision() -> None:
    """Beside an exact 0 a ball around 0 may be a number that is far smaller than expected."""
    with working_precision(LAST_BITS // 2):
        assert compare_elements(fmpq(0), arb(0, 1e-70), 30, True) is None
        assert compare_elements(arb(0, 1e-70), fmpq(0), 30, True) is None


@pytest.mark.parametrize("value", [0, -3, Fraction(5, 8)])
def test_balls_without_radius_are_exact(value: Any) -> None:
    """Where both are the same number for certain they agree at once, 0 included."""
    pair = (fraction(value), arb(fraction(value)))
    for one in pair:
        for other in pair:
            assert compare_elements(one, other, 30, False) == (Outcome.AGREES, INF)


def test_digits_that_are_claimed_are_there() -> None:
    """An agreement to D digits bounds the relative difference by 10**-D, never beyond."""
    with working_precision(400):
        for exponent in range(20, 100, 7):
            other = arb(3, arb(10) ** -exponent)
            found = compare_elements(fmpq(3), other, 10, False)
            assert found is not None
            assert found[0] is Outcome.AGREES
            assert exponent - 2 <= found[1] <= exponent + 1
            assert arb(10) ** -exponent / 3 <= arb(10) ** -int(found[1])


@given(values.filter(bool), st.integers(2, 40))
def test_shared_digits_of_different_numbers(a: Fraction, exponent: int) -> None:
    """They are how small the relative difference is, rounded down."""
    with working_precision(256):
        found = shared_digits(fraction(a), fraction(a * (1 + Fraction(1, 10**exponent))))
    assert exponent - 1 <= found <= exponent
    assert shared_digits(fmpq(0), arb(0, 1)) == 0
    assert shared_digits(INF, fmpq(1)) == 0


@given(values, values, values)
def test_between_is_certain(value: Fraction, one: Fraction, other: Fraction) -> None:
    """Ends count; balls that leave it open say so, and what is no number lies nowhere."""
    expected = min(one, other) <= value <= max(one, other)
    numbers = [fraction(v) for v in (value, one, other)]
    assert between(*numbers) is expected
    wide = [arb(numbers[0], 1), *numbers[1:]]
    assert between(*wide) in (None, expected) or abs(value - one) + abs(value - other) > 1
    assert between(INF, *numbers[1:]) is None
    assert between(arb(0, 9), fmpq(-1), fmpq(1)) is None


def test_elements_are_spelled_with_certified_digits() -> None:
    """Fractions as they are, balls by their digits, and what is no number in words."""
    assert spell(fmpq(1, 3)) == "1/3"
    assert spell(arb(1, 1e-5) / 3) == "0.3333..."
    assert spell(NAN) == "no value"
    assert spell(-INF) == "-inf"


def test_each_outcome_has_a_sentence_of_its_own() -> None:
    """No two are printed alike."""
    sentences = {outcome.sentence for outcome in Outcome}
    assert len(sentences) == len(Outcome) == 6
