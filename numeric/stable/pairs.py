"""Arithmetic with pairs of floats: numbers with twice the digits of their dtype.

Guarantees: a `Pair` stands for the exact sum ``hi + lo``, where ``hi`` is that sum rounded; a sum
or difference of pairs has a relative error of at most 3 u², also where it cancels, a product of at
most 7 u², a quotient of at most 15 u², u the unit roundoff, as long as nothing overflows and no
low part underflows.
Arithmetic: sums and products without error of Knuth, Dekker and Veltkamp, which use nothing but
``+ - * /`` of the dtype rounded to nearest; so they are the same in float32 and in float64, and in
every library whose operations are IEEE 754.
Cannot see: a compiler that fuses or reorders operations; products of numbers beyond the greatest
float over 2**30.

Source: M. Joldes, J.-M. Muller, V. Popescu, "Tight and rigorous error bounds for basic building
blocks of double-word arithmetic", ACM Transactions on Mathematical Software 44 (2017), 15.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self, TypeAlias, TypeVar

Array: TypeAlias = Any
"""An array of NumPy, PyTorch or JAX, or a number that is multiplied with one."""

_SPLITTERS = {4: 2.0**12 + 1, 8: 2.0**27 + 1}
"""For the bytes of a dtype, what cuts a number into two halves whose products are exact."""


def exact_sum(a: Array, b: Array) -> Pair:
    """Return ``a + b`` without error."""
    hi = a + b
    part = hi - a
    return Pair(hi, (a - (hi - part)) + (b - part))


def ordered_sum(a: Array, b: Array) -> Pair:
    """Return ``a + b`` without error, where a is 0 or not smaller than b in size."""
    hi = a + b
    return Pair(hi, b - (hi - a))


def exact_product(a: Array, b: Array) -> Pair:
    """Return ``a * b`` without error; both are arrays, since a number has no dtype to cut it in."""
    hi = a * b
    (a1, a2), (b1, b2) = _halves(a), _halves(b)
    return Pair(hi, ((a1 * b1 - hi) + a1 * b2 + a2 * b1) + a2 * b2)


def _halves(a: Array) -> tuple[Array, Array]:
    scaled = a * _SPLITTERS[a.dtype.itemsize]
    high = scaled - (scaled - a)
    return high, a - high


@dataclass(frozen=True, slots=True)
class Pair:
    """The exact sum of two floats, for each member of an array.

    Attributes
    ----------
    hi
        The sum rounded to the dtype.
    lo
        What is missing.
    """

    hi: Array
    lo: Array

    __array_ufunc__: ClassVar[None] = None
    """Let ``array + pair`` come here, not to NumPy."""

    def __neg__(self) -> Pair:
        return Pair(-self.hi, -self.lo)

    def __add__(self, other: Pair | Array) -> Pair:
        if not isinstance(other, Pair):
            high = exact_sum(self.hi, other)
            return ordered_sum(high.hi, self.lo + high.lo)
        high, low = exact_sum(self.hi, other.hi), exact_sum(self.lo, other.lo)
        middle = ordered_sum(high.hi, high.lo + low.hi)
        return ordered_sum(middle.hi, low.lo + middle.lo)

    def __sub__(self, other: Pair | Array) -> Pair:
        return self + (-other)

    def __mul__(self, other: Pair | Array) -> Pair:
        if not isinstance(other, Pair):
            product = exact_product(self.hi, other)
            return ordered_sum(product.hi, product.lo + self.lo * other)
        product = exact_product(self.hi, other.hi)
        cross = self.hi * other.lo + self.lo * other.hi
        return ordered_sum(product.hi, product.lo + cross)

    def __truediv__(self, other: Pair) -> Pair:
        first = self.hi / other.hi
        left = self - other * first
        return ordered_sum(first, left.hi / other.hi)

    def part(self, start: int, stop: int) -> Pair:
        """Return the members from `start` to `stop` along the last axis."""
        return Pair(self.hi[..., start:stop], self.lo[..., start:stop])


def choose(xp: Any, condition: Array, yes: Pair | float, no: Pair | float) -> Pair:
    """Return `yes` where the condition holds, `no` elsewhere; one of them is a pair of arrays."""
    one, other = (x if isinstance(x, Pair) else Pair(x, 0.0) for x in (yes, no))
    return Pair(xp.where(condition, one.hi, other.hi), xp.where(condition, one.lo, other.lo))


class Summable(Protocol):
    """An array of numbers that can be added and cut along the last axis."""

    def __add__(self, other: Self) -> Self: ...

    def part(self, start: int, stop: int) -> Self:
        """Return the members from `start` to `stop` along the last axis."""


Numbers = TypeVar("Numbers", bound=Summable)


def total(numbers: Numbers, size: int) -> Numbers:
    """Return the sum of `size` numbers along the last axis, which stays as an axis of length 1.

    Half is added to half until one number is left, so that each of them takes part in about
    log2(size) additions.
    """
    left: Numbers | None = None
    while size > 1:
        half = size // 2
        if size % 2:
            last = numbers.part(size - 1, size)
            left = last if left is None else left + last
        numbers = numbers.part(0, half) + numbers.part(half, 2 * half)
        size = half
    return numbers if left is None else numbers + left
