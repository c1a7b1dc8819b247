"""The exponential with twice the digits of the dtype, and its power of two kept apart.

Guarantees: ``exp(x) = 2**k * (1 + f)`` with a whole k and f in [-0.3, 0.42], where f has a relative
error of some u² (u the unit roundoff) for x of a size up to 2**12; so small arguments lose nothing,
and nothing overflows or underflows.
Arithmetic: subtraction of a multiple of log 2 that is held in three floats (Cody and Waite), then
the Taylor series, its first terms in pairs; no function of the library of the machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from .pairs import Array, Pair, exact_product, exact_sum

LOG_2 = Fraction(
    Decimal("0.69314718055994530941723212145817656807550013436025525412068000949339362196969471560")
)

_BITS = {4: 24, 8: 53}
"""For the bytes of a dtype, its significant bits."""

_REACH = 0.35
"""Above half of log 2: the largest size of an argument that the series meets."""


@dataclass(frozen=True, slots=True)
class Power:
    """Numbers ``2**k * (1 + f)``."""

    k: Array
    f: Pair


def exponential(xp: Any, x: Pair) -> Power:
    """Return the exponential of a pair."""
    size = x.hi.dtype.itemsize
    first, second, third = (xp.asarray(c, dtype=x.hi.dtype) for c in parts(LOG_2, size, 3))
    k = xp.round(x.hi * (1 / math.log(2)))
    multiple = exact_product(k, first)
    # The high parts are equal up to a factor of two or 0, so that their difference is exact.
    r = exact_sum(x.hi - multiple.hi, x.lo) - multiple.lo
    r = r - exact_product(k, second) - k * third
    plain, paired = _coefficients(size)
    series: Array = plain[-1]
    for coefficient in reversed(plain[:-1]):
        series = series * r.hi + coefficient
    value = Pair(series, 0.0 * series)
    for high, low in reversed(paired):
        value = value * r + Pair(high, low)
    return Power(k, value * r)


def parts(value: Fraction, size: int, count: int) -> list[float]:
    """Return `count` floats of a dtype of `size` bytes whose sum is `value` nearly."""
    found = []
    for _ in range(count):
        found.append(float(np.float32(float(value)) if size == 4 else float(value)))
        value -= Fraction(found[-1])
    return found


@lru_cache
def _coefficients(size: int) -> tuple[list[float], list[list[float]]]:
    """Return 1/k! for k = 1, 2, ...: the later ones as floats, the first ones as pairs.

    Left out is what is below u² of the sum; a float is enough for what is below u/4 of it.
    """
    bits = _BITS[size]
    in_pairs = _terms(bits + 2)
    orders = range(in_pairs + 1, _terms(2 * bits + 2) + 1)
    plain = [parts(Fraction(1, math.factorial(k)), size, 1)[0] for k in orders]
    paired = [parts(Fraction(1, math.factorial(k)), size, 2) for k in range(1, in_pairs + 1)]
    return plain, paired


def _terms(bits: int) -> int:
    """Return how many terms of ``(exp(r) - 1) / r`` are above ``2**-bits``."""
    k = 1
    while _REACH ** (k - 1) / math.factorial(k) > 2.0**-bits:
        k += 1
    return k
