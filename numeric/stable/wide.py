"""Pairs of floats with an exponent of their own: sums and products that neither overflow nor fade.

Guarantees: the relative errors of `pairs`, whatever the size of the numbers, for sums of up to
2**40 numbers and products of a few; a summand below the other by more than the range of floats is
left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .pairs import Array, Pair
from .scaling import exponents, shifted

_NOTHING = -(2.0**20)
"""The exponent of 0: below all others, and exact in float32 beside them."""


@dataclass(frozen=True, slots=True)
class Wide:
    """Numbers ``pair * 2**k``.

    Attributes
    ----------
    xp
        The library of the arrays.
    pair
        Pairs of moderate size.
    k
        Whole numbers, as floats.
    """

    xp: Any
    pair: Pair
    k: Array

    @classmethod
    def of(cls, xp: Any, x: Pair, k: Array | float = 0.0) -> Wide:
        """Return ``x * 2**k`` with a pair that is 0 or has a size between 1/2 and 2."""
        own = exponents(xp, x.hi)
        return cls(xp, shifted(xp, x, -own), xp.where(x.hi == 0, _NOTHING, own + k))

    def normal(self) -> Wide:
        """Return the same numbers with pairs of a size between 1/2 and 2."""
        return Wide.of(self.xp, self.pair, self.k)

    def narrow(self) -> Pair:
        """Return the numbers as pairs, which may underflow."""
        return shifted(self.xp, self.pair, self.k)

    def __neg__(self) -> Wide:
        return Wide(self.xp, -self.pair, self.k)

    def __add__(self, other: Wide) -> Wide:
        k = self.xp.maximum(self.k, other.k)
        one, two = (shifted(self.xp, x.pair, x.k - k) for x in (self, other))
        return Wide(self.xp, one + two, k)

    def __mul__(self, other: Wide) -> Wide:
        return Wide(self.xp, self.pair * other.pair, self.k + other.k)

    def __truediv__(self, other: Wide) -> Wide:
        return Wide(self.xp, self.pair / other.pair, self.k - other.k)

    def part(self, start: int, stop: int) -> Wide:
        """Return the members from `start` to `stop` along the last axis."""
        return Wide(self.xp, self.pair.part(start, stop), self.k[..., start:stop])

    def joined(self, other: Wide) -> Wide:
        """Return these members and then those of `other`, along the last axis."""
        both = ((self.pair.hi, other.pair.hi), (self.pair.lo, other.pair.lo), (self.k, other.k))
        hi, lo, k = (self.xp.concat(arrays, axis=-1) for arrays in both)
        return Wide(self.xp, Pair(hi, lo), k)

    def taken(self, order: Array) -> Wide:
        """Return the members in another order along the last axis."""
        hi, lo, k = (taken(self.xp, a, order) for a in (self.pair.hi, self.pair.lo, self.k))
        return Wide(self.xp, Pair(hi, lo), k)


def taken(xp: Any, array: Array, order: Array) -> Array:
    """Return the members of an array in another order along the last axis."""
    take = xp.take_along_axis if hasattr(xp, "take_along_axis") else xp.take_along_dim
    return take(array, order, axis=-1)


def sums_up_to(x: Wide, size: int) -> Wide:
    """Return for each of `size` places the sum of the members up to it."""
    step = 1
    while step < size:
        x = x.part(0, step).joined(x.part(step, size) + x.part(0, size - step))
        step *= 2
    return x


def sums_from(x: Wide, size: int) -> Wide:
    """Return for each of `size` places the sum of the members from it on."""
    step = 1
    while step < size:
        x = (x.part(0, size - step) + x.part(step, size)).joined(x.part(size - step, size))
        step *= 2
    return x
