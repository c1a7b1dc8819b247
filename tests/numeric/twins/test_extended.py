from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given, strategies as st

from gradproof.numeric.elements import EXACT_BITS, working_precision
from gradproof.numeric.twins import extended
from gradproof.numeric.twins.run import Undecided
from tests.numeric.twins.conftest import SPECIALS, dyadics, element, exactly, same, specials

OPERATIONS = {
    "add": (extended.add, np.add),
    "subtract": (extended.subtract, np.subtract),
    "multiply": (extended.multiply, np.multiply),
    "divide": (extended.divide, np.divide),
}
OPEN = arb(0, 1)
"""A ball whose sign is open."""

anything = st.one_of(specials, dyadics)


@pytest.mark.parametrize("name", OPERATIONS)
@given(a=anything, b=anything)
def test_operations_are_those_of_ieee_754(name: str, a: Any, b: Any) -> None:
    """Infinities, nan and division by 0 follow float arithmetic, every 0 being positive."""
    own, reference = OPERATIONS[name]
    with np.errstate(all="ignore"):
        expected = float(reference(np.float64(float(a)) + 0.0, np.float64(float(b)) + 0.0))
    found = own(element(a), element(b))
    if isinstance(found, float):
        assert same(found, expected)
    elif math.isfinite(expected):
        assert math.isclose(float(exactly(found)), expected, rel_tol=1e-15)
    assert isinstance(found, float) is not math.isfinite(expected)


@pytest.mark.parametrize("name", OPERATIONS)
@given(a=dyadics, b=dyadics, radius=st.sampled_from([0.0, 2.0**-20, 1.0]), share=st.integers(-8, 8))
def test_operations_on_balls_enclose_those_on_their_numbers(
    name: str, a: Fraction, b: Fraction, radius: float, share: int
) -> None:
    """Whatever number of a ball is meant, the result holds it, or the run is left open."""
    own, _ = OPERATIONS[name]
    inside = a + Fraction(share, 8) * Fraction(radius)
    with working_precision(128):
        try:
            found = own(arb(element(a), radius), arb(element(b)))
        except Undecided:
            return
        expected = own(element(inside), element(b))
        assert same(found, expected) or arb(found).contains(arb(expected))


def test_a_ball_around_zero_leaves_a_quotient_open() -> None:
    """Dividing by what may be 0 is neither an infinity nor a number."""
    for above in (fmpq(1), math.inf, math.nan):
        with pytest.raises(Undecided):
            extended.divide(above, OPEN)
    with pytest.raises(Undecided):
        extended.divide(OPEN, fmpq(0))
    with pytest.raises(Undecided):
        extended.multiply(OPEN, math.inf)
    assert extended.divide(OPEN, math.inf) == 0


@pytest.mark.parametrize(
    ("value", "sign"),
    [(fmpq(-1, 3), -1), (fmpq(0), 0), (arb(0), 0), (arb(2, 1), 1), (math.inf, 1), (-math.inf, -1)],
    ids=str,
)
def test_a_sign_is_certain(value: Any, sign: int) -> None:
    """Signs are read off rationals, balls away from 0, exact zeros and infinities."""
    assert extended.sign(value) == sign


def test_a_sign_that_is_open_raises_and_nan_has_none() -> None:
    """A ball that holds 0 and more has no sign at this precision; nan never has one."""
    assert extended.sign(math.nan) is None
    for ball in (OPEN, arb(0, 1e-300), arb(1, 1)):
        with pytest.raises(Undecided):
            extended.sign(ball)


@pytest.mark.parametrize(
    "value",
    [0, 7, -3, 0.1, -2.5e-310, True, False, np.True_, np.int8(-3), np.float32(0.1), 10**400],
    ids=repr,
)
def test_numbers_are_taken_without_loss(value: Any) -> None:
    """An element is the very fraction that the number is."""
    assert exactly(extended.exact(value)) == Fraction(
        value.item() if hasattr(value, "item") else value
    )


def test_long_floats_are_taken_without_loss() -> None:
    """What NumPy holds beyond double precision is kept, too."""
    value = np.longdouble(1) + np.finfo(np.longdouble).eps
    assert exactly(extended.exact(value)) == Fraction(*value.as_integer_ratio())
    assert extended.exact(np.longdouble("inf")) == math.inf


@pytest.mark.parametrize("value", [None, "1.5", b"2", 1j, [1.0]], ids=repr)
def test_what_is_no_number_is_refused(value: Any) -> None:
    """A text or a list is no number, even if Python can read one from it."""
    with pytest.raises((TypeError, AttributeError)):
        extended.exact(value)


@pytest.mark.parametrize("value", SPECIALS)
def test_specials_stay_what_they_are(value: float) -> None:
    """Infinities and nan are elements."""
    assert same(extended.exact(value), value)
    assert extended.is_special(value)
    assert extended.is_nan(value) is math.isnan(value)


def test_about_is_near_and_beyond_the_range_infinite() -> None:
    """A float near an element; none is larger than the largest."""
    assert extended.about(fmpq(1, 3)) == 1 / 3
    assert extended.about(fmpq(10) ** 400) == math.inf
    assert extended.about(-(arb(10) ** 400)) == -math.inf
    assert extended.about(fmpq(1, 10**400)) == 0


@given(base=dyadics, exponent=st.integers(-6, 9), radius=st.sampled_from([0.0, 2.0**-30]))
def test_powers_enclose_the_exact_power(base: Fraction, exponent: int, radius: float) -> None:
    """Integer powers are exact for rationals, an infinity at a pole, and hold them for balls."""
    if base == 0 and exponent < 0:
        assert extended.power_of_integer(fmpq(0), exponent) == math.inf
        return
    expected = base**exponent
    assert exactly(extended.power_of_integer(element(base), exponent)) == expected
    with working_precision(128):
        try:
            found = extended.power_of_integer(arb(element(base), radius), exponent)
        except Undecided:
            assert base == 0
            return
        assert arb(found).contains(arb(element(expected)))


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, fmpq(0), OPEN, fmpq(3)])
def test_anything_to_the_power_0_is_1(value: Any) -> None:
    """As IEEE 754 has it, even for nan."""
    assert extended.power_of_integer(value, 0) == 1


def test_rationals_too_long_are_continued_as_balls() -> None:
    """Every operation ends exactness at the same length, and encloses after that."""
    third = fmpq(1, 3) ** 2000
    tenth = fmpq(1, 7) ** 1000
    for operation in (extended.add, extended.subtract, extended.multiply):
        assert isinstance(operation(third, tenth), arb)
    assert isinstance(extended.divide(third, 1 / tenth), arb)
    assert isinstance(extended.add(third, fmpq(1)), fmpq)
    assert (fmpq(1, 3) ** 2000).height_bits() < EXACT_BITS
    assert extended.power_of_integer(fmpq(2), 10**6) == arb(2) ** 10**6


def test_an_unbounded_ball_leaves_the_run_open() -> None:
    """What is not finite for lack of precision is never handed on."""
    for value in (arb("nan"), arb("inf"), arb(0, math.inf)):
        with pytest.raises(Undecided):
            extended.finite(value)
