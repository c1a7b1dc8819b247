from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from flint import arb
from hypothesis import given, strategies as st

from gradproof.numeric.elements import fraction
from gradproof.numeric.scaled import Scaled, Sized

UNIT = Fraction(1, 2**50)
FAR = 10**6

exponents = st.integers(-FAR, FAR) | st.integers(-60, 60)
mantissas = st.integers(-(2**53), 2**53)


@st.composite
def numbers(draw: st.DrawFn) -> Fraction:
    """Draw a float of 53 bits with any exponent up to a million."""
    return Fraction(draw(mantissas)) * power(draw(exponents))


def power(exponent: int) -> Fraction:
    """Return a power of two."""
    return Fraction(2**exponent) if exponent >= 0 else Fraction(1, 2**-exponent)


def scaled(values: list[Fraction]) -> Scaled:
    """Return numbers of at most 53 bits."""
    return Scaled.of([exact(v) for v in values])


def exact(value: Fraction) -> arb:
    """Return a dyadic fraction of at most 53 bits as a ball, without large integers."""
    number, places = value.numerator, value.denominator.bit_length() - 1
    odd = number & -number
    shift = odd.bit_length() - 1 if number else 0
    return arb(number >> shift) * arb(2) ** (shift - places)


def back(found: Scaled) -> list[Fraction]:
    """Return the numbers as fractions."""
    return [fraction(b) for b in found.balls()]


def is_near(found: Fraction, expected: Fraction, size: Fraction) -> bool:
    """Tell whether a number is off by no more than a few roundings of a size."""
    return abs(found - expected) <= 4 * UNIT * size


@given(values=st.lists(numbers(), min_size=1, max_size=4))
def test_numbers_of_53_bits_are_held_exactly(values: list[Fraction]) -> None:
    """What comes back is what went in, for exponents up to a million."""
    assert back(scaled(values)) == values


@given(value=st.integers(-(2**400), 2**400), exponent=exponents)
def test_longer_numbers_are_rounded(value: int, exponent: int) -> None:
    """A midpoint of more bits is off by a rounding."""
    (found,) = back(Scaled.of([arb(value) * arb(2) ** exponent]))
    middle = fraction((arb(value) * arb(2) ** exponent).mid())
    assert is_near(found, middle, abs(middle))


@pytest.mark.parametrize("operation", [lambda a, b: a + b, lambda a, b: a * b])
@given(a=numbers(), b=numbers())
def test_sums_and_products_are_those_of_fractions(
    operation: Callable[..., Fraction], a: Fraction, b: Fraction
) -> None:
    """Sum and product are those of fractions, to the accuracy of float64, whatever their size."""
    ours = operation(scaled([a]), scaled([b]))
    expected = operation(a, b)
    size = operation(abs(a), abs(b))
    assert is_near(back(ours)[0], expected, size)


@given(values=st.lists(numbers(), min_size=1, max_size=6))
def test_a_sum_along_the_last_axis_is_that_of_fractions(values: list[Fraction]) -> None:
    """The sum of a row is exact up to roundings of the sum of the absolute values."""
    found = scaled(values).reshape(1, -1).sum()
    assert is_near(back(found)[0], sum(values, Fraction(0)), sum(map(abs, values), Fraction(0)))


@given(value=numbers(), times=st.integers(-FAR, FAR))
def test_absolute_values_and_powers_of_two_are_exact(value: Fraction, times: int) -> None:
    """No digit is lost by a sign or a power of two."""
    assert back(abs(scaled([value]))) == [abs(value)]
    moved = scaled([value]).times_power(times)
    assert back(moved.times_power(-times)) == [value]


@given(a=numbers().map(abs), b=numbers().map(abs))
def test_comparisons_are_those_of_fractions(a: Fraction, b: Fraction) -> None:
    """Of numbers that are not negative the larger one is larger."""
    one, other = scaled([a]), scaled([b])
    assert bool((one > other)[0]) == (a > b)


def test_squares_of_squares_do_not_overflow() -> None:
    """Exponents go on beyond those of floats, in both directions, and zeros stay zeros."""
    for start in (FAR, -FAR):
        found = Scaled.of([arb(2) ** start])
        for _ in range(10):
            found = found * found
        assert int(found.exponents[0]) == start * 2**10 + 1
    nothing = Scaled.of([arb(0)])
    for found in (nothing * nothing, nothing + nothing, nothing * Scaled.of([arb(2) ** FAR])):
        assert back(found) == [0]
    assert back(nothing + Scaled.of([arb(2) ** -FAR])) == [power(-FAR)]


def test_rows_and_columns_are_broadcast() -> None:
    """A column times a row is a matrix, whose rows can be taken out."""
    column = Scaled.of([arb(2), arb(3)]).reshape(-1, 1)
    row = Scaled.of([arb(5), arb(7), arb(0)]).reshape(1, -1)
    matrix = column * row
    assert back(matrix.row(1)) == [15, 21, 0]
    assert back(matrix.sum()) == [24, 36]
    assert back((column + row).sum()) == [18, 21]


@given(values=st.lists(numbers(), min_size=2, max_size=5))
def test_sizes_are_what_numbers_would_be_if_nothing_cancelled(values: list[Fraction]) -> None:
    """Beside a sum stands that of the absolute values, and the error is below 2**-44 of it."""
    total = Sized.of([exact(values[0])])
    for value in values[1:]:
        total = total + Sized.of([exact(value)])
    size = sum(map(abs, values), Fraction(0))
    assert is_near(back(total.sizes)[0], size, 4 * size)
    error = abs(back(total.values)[0] - sum(values, Fraction(0)))
    assert error <= size / 2**44
    product = total * total
    assert is_near(back(product.sizes)[0], size**2, 16 * size**2)


def test_a_radius_counts_as_lost() -> None:
    """A ball that is wide has a size as large as its radius times 2**50."""
    wide = Sized.of([arb(1, 2.0**-20)])
    assert back(wide.values) == [1]
    assert 2**30 <= back(wide.sizes)[0] <= 2**30 + 16
