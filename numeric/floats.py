"""Floating-point numbers as exact fractions, and back.

Guarantees: `to_fraction` loses nothing; `round_to` is IEEE 754 round-to-nearest, ties to even, with
gradual underflow, in integer arithmetic only.
Signed zeros, infinities and NaN have no fraction: the first becomes 0, the others are errors.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from mpmath import libmp, mpf
from sympy import Float

from ..symbolic.errors import DeclarationError


@lru_cache(maxsize=4096)
def _power(exponent: int) -> Fraction:
    """Return ``2**exponent``."""
    return Fraction(2) ** exponent


@dataclass(frozen=True, slots=True)
class FloatFormat:
    """A binary floating-point format.

    Parameters
    ----------
    name
        The usual name, such as ``"float32"``.
    precision
        Significant bits, the hidden one included.
    emin, emax
        The least and greatest exponent e of normal numbers ``1.b... * 2**e``.
    """

    name: str
    precision: int
    emin: int
    emax: int

    @property
    def width(self) -> int:
        """The number of bits of a stored number."""
        return self.precision + (2 * self.emax + 1).bit_length()

    @property
    def largest(self) -> Fraction:
        """The greatest finite number."""
        return (2 - _power(1 - self.precision)) * _power(self.emax)

    @property
    def smallest(self) -> Fraction:
        """The least positive number, a subnormal one."""
        return _power(self.emin - self.precision + 1)


FLOAT16 = FloatFormat("float16", 11, -14, 15)
BFLOAT16 = FloatFormat("bfloat16", 8, -126, 127)
FLOAT32 = FloatFormat("float32", 24, -126, 127)
FLOAT64 = FloatFormat("float64", 53, -1022, 1023)

FORMATS = {f.name: f for f in (FLOAT16, BFLOAT16, FLOAT32, FLOAT64)}


def unit_roundoff(fmt: FloatFormat) -> Fraction:
    """Return u, the largest relative error of rounding a number in the normal range.

    >>> unit_roundoff(FLOAT32)
    Fraction(1, 16777216)
    """
    return Fraction(1, 2**fmt.precision)


def to_fraction(value: Any, fmt: FloatFormat | None = None) -> Fraction:
    """Return the exact value of a floating-point number.

    Parameters
    ----------
    value
        A Python number, a `Decimal`, a NumPy scalar or 0-d array, an `ml_dtypes` scalar, or a
        number of mpmath or SymPy of any precision.
        With `fmt`, an unsigned integer of NumPy is read as the stored bits of that format.
    fmt
        The format of raw bits; needed for bfloat16 held in ``uint16``.

    Raises
    ------
    DeclarationError
        If the value is infinite, NaN or not a real number, or a formula such as ``sqrt(2)``.
    """
    dtype = getattr(value, "dtype", None)
    if dtype is not None and dtype.kind == "u" and fmt is not None:
        return from_bits(int(value), fmt)
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return Fraction(value)
    try:
        if dtype is not None and dtype.kind in "iu":
            return Fraction(int(value))
        if dtype is not None and dtype.kind == "f" and dtype.itemsize > 8:
            return Fraction(*value.item().as_integer_ratio())
        if dtype is not None:
            return Fraction(*float(value).as_integer_ratio())
        # Not by way of `float`, which rounds a longer number and evaluates a formula.
        if isinstance(value, Float | mpf):
            return Fraction(*libmp.to_rational(_finite(value._mpf_)))
        return Fraction(*value.as_integer_ratio())
    except (TypeError, ValueError, OverflowError, AttributeError):
        raise DeclarationError(
            "only finite real numbers have an exact fraction",
            found=repr(value),
            remedy="treat infinities and NaN before the conversion",
        ) from None


def _finite(raw: tuple[int, Any, int, int]) -> tuple[int, Any, int, int]:
    if raw in (libmp.finf, libmp.fninf, libmp.fnan):
        raise ValueError
    return raw


def _exponent(magnitude: Fraction) -> int:
    """Return e with ``2**e <= magnitude < 2**(e + 1)``, in integer arithmetic."""
    guess = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
    return guess if _power(guess) <= magnitude else guess - 1


def ulp(value: Fraction, fmt: FloatFormat) -> Fraction:
    """Return the distance between neighbouring numbers of `fmt` in the binade of `value`.

    For 0 and subnormal values this is the least positive number of the format.
    """
    if value == 0:
        return fmt.smallest
    exponent = max(_exponent(abs(value)), fmt.emin)
    return _power(exponent - fmt.precision + 1)


def round_to(value: Fraction, fmt: FloatFormat) -> Fraction:
    """Return the number of `fmt` nearest to `value`, ties to the even significand.

    Raises
    ------
    DeclarationError
        If `value` rounds to infinity.

    >>> round_to(Fraction(1, 3), FLOAT16)
    Fraction(1365, 4096)
    """
    value = Fraction(value)
    unit = ulp(value, fmt)
    # Fraction.__round__ rounds halves to even, as IEEE 754 does.
    rounded = round(value / unit) * unit
    if abs(rounded) > fmt.largest:
        raise DeclarationError(
            f"the value lies within the range of {fmt.name}, +-{float(fmt.largest):.4g}",
            found=f"about {_sketch(value)}",
            remedy="a float of this format overflows to infinity here",
        )
    return rounded


def _sketch(value: Fraction) -> str:
    sign = "-" if value < 0 else ""
    return f"{sign}2**{_exponent(abs(value))}"


def to_bits(value: Fraction, fmt: FloatFormat) -> int:
    """Return the stored bits of the number of `fmt` nearest to `value`.

    Raises
    ------
    DeclarationError
        If `value` rounds to infinity.
    """
    rounded = round_to(Fraction(value), fmt)
    sign = int(rounded < 0) << (fmt.width - 1)
    magnitude = abs(rounded)
    if magnitude == 0:
        return sign
    stored = fmt.precision - 1
    if magnitude < _power(fmt.emin):
        return sign | int(magnitude / fmt.smallest)
    exponent = _exponent(magnitude)
    significand = int(magnitude / _power(exponent - stored))
    return sign | ((exponent + fmt.emax) << stored) | (significand - (1 << stored))


def from_bits(bits: int, fmt: FloatFormat) -> Fraction:
    """Return the exact value of stored `bits`.

    Raises
    ------
    DeclarationError
        If the bits are those of an infinity or NaN, or do not fit the format.

    >>> from_bits(0x3F80, BFLOAT16)
    Fraction(1, 1)
    """
    stored = fmt.precision - 1
    biased = (bits >> stored) & (2 * fmt.emax + 1)
    if not 0 <= bits < 1 << fmt.width or biased == 2 * fmt.emax + 1:
        raise DeclarationError(
            f"the bits are those of a finite {fmt.name}",
            found=hex(bits),
            remedy="treat infinities and NaN before the conversion",
        )
    fraction = bits & ((1 << stored) - 1)
    significand = fraction if biased == 0 else fraction + (1 << stored)
    exponent = max(biased - fmt.emax, fmt.emin) - stored
    sign = -1 if bits >> (fmt.width - 1) else 1
    return sign * significand * _power(exponent)


def to_float(value: Fraction) -> float:
    """Return the Python float nearest to `value`, by way of its bits.

    Raises
    ------
    DeclarationError
        If `value` rounds to infinity.
    """
    return float(struct.unpack("<d", struct.pack("<Q", to_bits(value, FLOAT64)))[0])
