from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st
from mpmath import mp, mpf
from sympy import Float, log, pi, sqrt

from gradproof.numeric import (
    BFLOAT16,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    FloatFormat,
    from_bits,
    round_to,
    to_bits,
    to_float,
    to_fraction,
    ulp,
    unit_roundoff,
)
from gradproof.symbolic import DeclarationError

NUMPY = {FLOAT16: np.float16, FLOAT32: np.float32, FLOAT64: np.float64}
WORDS = {FLOAT16: np.uint16, FLOAT32: np.uint32, FLOAT64: np.uint64}


@pytest.mark.parametrize("fmt", NUMPY, ids=lambda f: f.name)
def test_parameters_are_those_numpy_states(fmt: FloatFormat) -> None:
    """Width, range, spacing and least numbers of a format are NumPy's."""
    info = np.finfo(NUMPY[fmt])
    assert fmt.width == info.bits
    assert fmt.largest == Fraction(float(info.max))
    assert fmt.smallest == Fraction(float(info.smallest_subnormal))
    assert 2 * unit_roundoff(fmt) == Fraction(float(info.eps)) == ulp(Fraction(1), fmt)


def test_every_float16_has_numpys_value() -> None:
    """All 65536 patterns of bits: the exact value, and the way back, agree with NumPy."""
    words = np.arange(2**16, dtype=np.uint16)
    checked = 0
    for bits, value in zip(words.tolist(), words.view(np.float16).tolist(), strict=True):
        if not np.isfinite(value):
            with pytest.raises(DeclarationError):
                from_bits(bits, FLOAT16)
            continue
        exact = from_bits(bits, FLOAT16)
        assert exact == Fraction(value)
        assert round_to(exact, FLOAT16) == exact
        assert to_bits(exact, FLOAT16) == (bits if value != 0 else 0)
        checked += 1
    assert checked == 2**16 - 2**11


def test_halfway_between_float16_numbers_goes_to_even() -> None:
    """Between neighbours the midpoint goes to the even one, all else to the nearer one."""
    tiny = Fraction(1, 2**60)
    for bits in range(0x7BFF):
        low, high = from_bits(bits, FLOAT16), from_bits(bits + 1, FLOAT16)
        middle = (low + high) / 2
        assert round_to(middle, FLOAT16) == (low if bits % 2 == 0 else high)
        assert round_to(middle - tiny, FLOAT16) == low
        assert round_to(middle + tiny, FLOAT16) == high


@given(st.floats(allow_nan=False, allow_infinity=False))
@pytest.mark.parametrize("fmt", NUMPY, ids=lambda f: f.name)
def test_rounding_a_double_is_numpys_conversion(fmt: FloatFormat, value: float) -> None:
    """A double rounds to the shorter format as in NumPy, overflow included."""
    with np.errstate(over="ignore"):
        short = NUMPY[fmt](value)
    if not np.isfinite(short):
        with pytest.raises(DeclarationError, match=fmt.name):
            round_to(Fraction(value), fmt)
        return
    assert round_to(Fraction(value), fmt) == to_fraction(short)
    assert to_fraction(short.view(WORDS[fmt]), fmt) == to_fraction(short)


@given(st.fractions())
def test_rounding_a_fraction_is_pythons_division(value: Fraction) -> None:
    """Python divides integers with correct rounding; so does the way by bits."""
    assert to_float(value) == value.numerator / value.denominator


@given(st.integers(0, 2**16 - 1))
def test_bfloat16_is_the_upper_half_of_a_float32(bits: int) -> None:
    """bfloat16 has the exponents of float32 and its bits are the first sixteen."""
    value: Any = np.array([bits << 16], dtype=np.uint32).view(np.float32)[0]
    if np.isfinite(value):
        assert from_bits(bits, BFLOAT16) == Fraction(float(value))
        assert to_fraction(np.uint16(bits), BFLOAT16) == Fraction(float(value))


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_ulp_is_the_distance_to_the_next_number_away_from_zero(value: float) -> None:
    """In its binade the spacing is NumPy's."""
    number = np.float32(value)
    assume(abs(number) < np.finfo(np.float32).max)
    assert ulp(to_fraction(number), FLOAT32) == abs(to_fraction(np.spacing(number)))


@given(st.fractions(max_denominator=10**6))
@pytest.mark.parametrize("fmt", [FLOAT16, BFLOAT16, FLOAT32, FLOAT64], ids=lambda f: f.name)
def test_rounding_is_within_half_an_ulp(fmt: FloatFormat, value: Fraction) -> None:
    """The error is at most ulp / 2, and u |x| in the normal range; rounding is idempotent."""
    if abs(value) > fmt.largest:
        return
    rounded = round_to(value, fmt)
    assert 2 * abs(rounded - value) <= ulp(value, fmt)
    if abs(value) >= Fraction(2) ** fmt.emin:
        assert abs(rounded - value) <= unit_roundoff(fmt) * abs(value)
    assert round_to(rounded, fmt) == rounded


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), np.float32("-inf"), mpf("inf"), None, 1j]
)
def test_what_is_no_real_number_has_no_fraction(value: object) -> None:
    """Infinities, NaN and other things are refused with their text."""
    with pytest.raises(DeclarationError, match="only finite real numbers"):
        to_fraction(value)


def test_overflow_is_an_error_and_not_an_infinity() -> None:
    """The largest number plus half a unit is the first that overflows."""
    half_unit = ulp(FLOAT16.largest, FLOAT16) / 2
    assert round_to(FLOAT16.largest + half_unit - 1, FLOAT16) == FLOAT16.largest
    with pytest.raises(DeclarationError, match=r"6\.55e\+04"):
        round_to(FLOAT16.largest + half_unit, FLOAT16)


def test_integers_and_wider_floats_are_exact() -> None:
    """Integers of any kind and long doubles keep their value."""
    assert to_fraction(np.int64(-3)) == -3
    assert to_fraction(np.longdouble("0.1")) == Fraction(*np.longdouble("0.1").as_integer_ratio())


def test_a_number_longer_than_a_float_is_not_rounded() -> None:
    """Decimals and long binary numbers keep the value they store."""
    assert to_fraction(Decimal("0.1")) == Fraction(1, 10)
    with mp.workdps(60):
        long = mpf("0.1")
    assert to_fraction(long) == to_fraction(Float("0.1", 60))
    assert 0 < abs(to_fraction(long) - Fraction(1, 10)) < Fraction(1, 10**59)


@pytest.mark.parametrize("value", [sqrt(2), log(2), pi], ids=str)
def test_an_irrational_number_has_no_fraction(value: Any) -> None:
    """A formula whose value is no rational number is refused, not evaluated and rounded."""
    with pytest.raises(DeclarationError, match="only finite real numbers"):
        to_fraction(value)


def test_truncation_instead_of_rounding_would_be_noticed() -> None:
    """The wrong twin of the rounding rule, cutting bits off, fails the half-ulp law."""
    value = Fraction(5, 3)
    unit = ulp(value, FLOAT16)
    cut = value // unit * unit
    assert 2 * abs(cut - value) > unit
    assert cut != round_to(value, FLOAT16)
