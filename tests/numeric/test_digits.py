from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from gradproof.numeric.digits import certified_text


@pytest.mark.parametrize(
    ("lower", "upper", "text"),
    [
        ("0.36402", "0.36407", "0.3640..."),
        ("-0.36407", "-0.36402", "-0.3640..."),
        ("314159.2653", "314159.2654", "314159.265..."),
        ("4.248e-18", "4.249e-18", "4.24...e-18"),
        ("123456789e20", "123456799e20", "1.234567...e+28"),
        ("1", "1", "1.00000..."),
        ("0.9999", "1.0001", "[1 ± 1e-4]"),
        ("-0.1", "0.2", "[0 ± 2e-1]"),
        ("0", "0", "0"),
    ],
)
def test_only_shared_digits_are_printed(lower: str, upper: str, text: str) -> None:
    """The text has the digits every number in between begins with, or else centre and radius."""
    assert certified_text(Fraction(lower), Fraction(upper), 6 if lower == "1" else 15) == text


def read(text: str) -> tuple[Fraction, Fraction]:
    """Return the interval of numbers that a text admits."""
    ball = re.fullmatch(r"\[(\S+) ± (\d+)e(-?\d+)\]", text)
    if ball:
        centre, radius = Fraction(ball[1]), int(ball[2]) * Fraction(10) ** int(ball[3])
        return centre - radius, centre + radius
    if text == "0":
        return Fraction(0), Fraction(0)
    sign, figures, exponent = re.fullmatch(r"(-?)([\d.]+)\.\.\.(?:e([+-]\d+))?", text).groups()  # type: ignore[union-attr]
    places = len(figures.partition(".")[2])
    unit = Fraction(10) ** (int(exponent or 0) - places)
    low = int(figures.replace(".", "")) * unit
    return (-low - unit, -low) if sign else (low, low + unit)


values = st.fractions(max_denominator=10**12).map(lambda v: v * Fraction(10) ** (v.numerator % 40))


@given(values, st.fractions(0, 1), st.integers(0, 30), st.integers(1, 20))
def test_the_text_admits_the_whole_interval(
    middle: Fraction, share: Fraction, places: int, digits: int
) -> None:
    """No number of the interval is excluded by the digits printed for it."""
    radius = share * Fraction(1, 10**places)
    low, high = read(certified_text(middle - radius, middle + radius, digits))
    assert low <= middle - radius
    assert middle + radius <= high


def test_rounding_instead_of_truncating_would_be_noticed() -> None:
    """The wrong twin, digits rounded to nearest, excludes the value it stands for."""
    low, _ = read("0.67...")
    assert not low <= Fraction(2, 3)
    assert certified_text(Fraction(2, 3), Fraction(2, 3), 2) == "0.66..."
