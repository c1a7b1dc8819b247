"""Laws of certified numbers and their texts."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb
from hypothesis import given, strategies as st

from gradproof.numeric import Point
from gradproof.reports.figures.curves import curve, spelled
from gradproof.reports.figures.numbers import attempt, decimal, scientific, slope, value
from gradproof.symbolic import Rational, S, class_sum, log, losses, y, z
from gradproof.symbolic.errors import PrecisionError, UndefinedValueError

NUMBERS = st.fractions(min_value=-1000, max_value=1000, max_denominator=10**6)
BELOW_ONE = st.integers(-(10**12), 10**12).filter(bool)


def ball(number: Fraction) -> arb:
    """Return a ball around a fraction, as wide as 53 bits make it."""
    return arb(number.numerator) / number.denominator


def read(text: str) -> Fraction:
    """Return the number that a text spells."""
    return Fraction(text.replace("−", "-"))


@given(NUMBERS, st.integers(0, 4))
def test_a_decimal_is_the_number_rounded(number: Fraction, places: int) -> None:
    """A text is within half a unit of its last place, and has as many places as asked, or more."""
    text = decimal(ball(number), places)
    shown = len(text.partition(".")[2])
    assert shown >= places
    assert abs(read(text) - number) <= Fraction(1, 2 * 10**shown)


@given(BELOW_ONE, st.integers(-20, 20))
def test_significant_digits_are_those_of_the_number(mantissa: int, exponent: int) -> None:
    """A text in scientific form is off by at most half a unit of the third digit."""
    number = mantissa * Fraction(10) ** exponent
    assert abs(read(scientific(ball(number))) / number - 1) <= Fraction(51, 10**4)


def test_a_wide_ball_has_no_text() -> None:
    """A number that is not known to so many places is not printed with them."""
    with pytest.raises(PrecisionError, match=r"^a rounded number is certain; found .* to 3 places"):
        decimal(arb(1, 0.01))


def test_a_tie_is_printed_with_one_place_more() -> None:
    """What lies exactly between two texts is neither of them."""
    assert [decimal(arb(x), 1) for x in (0.25, 0.75, -0.125)] == ["0.25", "0.75", "−0.1"]


def test_a_value_encloses_and_is_narrow() -> None:
    """A value has at least 48 bits, also where most of its digits cancel."""
    far = value(1 - S(1), Point({z: (200, 0)}))
    assert far.rel_accuracy_bits() >= 48
    assert far.overlaps(1 / (1 + arb(200).exp()))


def test_a_value_that_is_zero_is_a_ball_around_it() -> None:
    """A sum that is 0, which balls cannot show, is told to be 0 to every place that is printed."""
    gradient = losses.softmax_cross_entropy.gradient
    total = value(class_sum(lambda a: gradient(a)), Point({z: (1, 2, 3), y: 1}))
    assert total.contains(0)
    assert decimal(total, 9) == "0.000000000"


def test_what_has_no_value_is_an_error_or_nothing() -> None:
    """Where an expression has no value, `value` says which and `attempt` returns nothing."""
    nothing, point = log(z[1] - 1), Point({z: (1,)})
    assert attempt(nothing, point, 256) is None
    with pytest.raises(UndefinedValueError, match="log"):
        value(nothing, point)


@given(st.integers(-4, 4), st.fractions(min_value=Fraction(1, 9), max_value=9))
def test_the_slope_of_a_power_is_its_exponent(power: int, factor: Fraction) -> None:
    """Errors c t^k have the slope k; the twin with another exponent does not."""
    sizes = (Fraction(1, 3), Fraction(2, 7))
    found = slope([ball(factor * size**power) for size in sizes], sizes)
    assert found.contains(power)
    assert not found.contains(power + 1)


def test_a_curve_knows_its_places() -> None:
    """Lowest and highest are places of the curve, and what is told there is the value."""
    places = [Fraction(k, 2) for k in range(-4, 5)]
    shown = curve("S_1", S(1) - Rational(1, 2), places, lambda place: Point({z: (place, 0)}))
    assert (shown.lowest, shown.highest) == (-2, 2)
    assert shown.at(Fraction(0)) == "0.000"
    assert shown.at(Fraction(2)) == "0.381"


@given(st.fractions(max_denominator=10**6))
def test_a_place_is_spelled_exactly(place: Fraction) -> None:
    """The text of a place is read back as the place."""
    assert read(spelled(place)) == place
