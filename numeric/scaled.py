"""Arrays of floats with exponents of their own, which neither overflow nor underflow.

Guarantees: each operation has the relative error of float64 arithmetic, for any magnitude; `Sized`
keeps beside a number how large it was on the way, so that it can be told what has cancelled.
Cannot do: keep what cancels; where that matters, balls are used instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from flint import arb

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Integers: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Truths: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

_FAR = 1100
"""A number this many binary places below another adds nothing to it."""

_DIGITS = 50
"""A part of this many binary places is what an operation may lose."""

_NOTHING = -(2**40)
"""The exponent of 0."""


@dataclass(frozen=True, eq=False)
class Scaled:
    """The numbers ``mantissas * 2**exponents``.

    Attributes
    ----------
    mantissas
        float64; of size 1/2 to 1, or 0.
    exponents
        int64, of the same shape.
    """

    mantissas: Floats
    exponents: Integers

    @classmethod
    def of(cls, balls: Sequence[arb]) -> Scaled:
        """Return the midpoints of finite balls, as a vector."""
        parts = [_split(ball) for ball in balls]
        return _normalised(
            np.array([m for m, _ in parts], np.float64), np.array([e for _, e in parts], np.int64)
        )

    def __mul__(self, other: Scaled) -> Scaled:
        return _normalised(self.mantissas * other.mantissas, self.exponents + other.exponents)

    def __add__(self, other: Scaled) -> Scaled:
        top = np.maximum(self.exponents, other.exponents)
        return _normalised(_shifted(self, top) + _shifted(other, top), top)

    def __abs__(self) -> Scaled:
        return Scaled(np.abs(self.mantissas), self.exponents)

    def times_power(self, exponent: int) -> Scaled:
        """Return the numbers times a power of two."""
        return _normalised(self.mantissas, self.exponents + exponent)

    def __gt__(self, other: Scaled) -> Truths:
        """Tell where numbers that are not negative are larger than others."""
        higher = self.exponents > other.exponents
        level = self.exponents == other.exponents
        return higher | (level & (self.mantissas > other.mantissas))

    def row(self, number: int) -> Scaled:
        """Return one row."""
        return Scaled(self.mantissas[number], self.exponents[number])

    def reshape(self, *shape: int) -> Scaled:
        """Return the same numbers in another shape."""
        return Scaled(self.mantissas.reshape(shape), self.exponents.reshape(shape))

    def sum(self) -> Scaled:
        """Return the sums along the last axis."""
        top = self.exponents.max(axis=-1, keepdims=True)
        return _normalised(_shifted(self, top).sum(axis=-1), top[..., 0])

    def balls(self) -> list[arb]:
        """Return the numbers of a vector, each as the exact ball that it is."""
        return [
            arb(float(m)) * arb(2) ** int(e) if m else arb(0)
            for m, e in zip(self.mantissas, self.exponents, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Sized:
    """Numbers, and what they would be if nothing had cancelled.

    Attributes
    ----------
    values
        The numbers.
    sizes
        The same sums and products of the absolute values. Sums of a few terms each are off by less
        than 2**-44 of that.
    """

    values: Scaled
    sizes: Scaled

    @classmethod
    def of(cls, balls: Sequence[arb]) -> Sized:
        """Return the midpoints of finite balls; a radius counts as what was lost."""
        sizes = [abs(ball.mid()) + ball.rad() * 2**_DIGITS for ball in balls]
        return cls(Scaled.of(balls), Scaled.of(sizes))

    def __mul__(self, other: Sized) -> Sized:
        return Sized(self.values * other.values, self.sizes * other.sizes)

    def __add__(self, other: Sized) -> Sized:
        return Sized(self.values + other.values, self.sizes + other.sizes)

    def reshape(self, *shape: int) -> Sized:
        """Return the same numbers in another shape."""
        return Sized(self.values.reshape(*shape), self.sizes.reshape(*shape))


def _split(ball: arb) -> tuple[float, int]:
    mantissa, exponent = ball.mid().man_exp()
    number, places = int(mantissa), int(exponent)
    spare = max(0, abs(number).bit_length() - 64)
    return float(number >> spare), places + spare


def _normalised(mantissas: Floats, exponents: Integers) -> Scaled:
    fractions, more = np.frexp(mantissas)
    total = np.where(fractions == 0, _NOTHING, exponents + more)
    return Scaled(fractions, np.asarray(total, np.int64))


def _shifted(number: Scaled, top: Integers) -> Floats:
    places = np.maximum(number.exponents - top, -_FAR)
    return np.asarray(np.ldexp(number.mantissas, places.astype(np.int32)), np.float64)
