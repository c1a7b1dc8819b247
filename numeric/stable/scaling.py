"""Multiplication by powers of two, the same in every library of arrays.

Guarantees: `shifted` multiplies by ``2**k`` without error wherever the result is a normal float;
below that it rounds, and far below the result is 0.
Arithmetic: two factors from a table, since not every library's power of two is exact.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from .pairs import Array, Pair

_EMAX = {4: 127, 8: 1023}
"""For the bytes of a dtype, the exponent of its largest power of two."""


def greatest_shift(like: Array) -> int:
    """Return the size of an exponent beyond which any float becomes 0, even lifted by another."""
    return 4 * (_EMAX[like.dtype.itemsize] + 1)


def shifted(xp: Any, x: Pair, k: Array) -> Pair:
    """Return ``x * 2**k`` for whole k below 200 in float32, 2000 in float64."""
    size = x.hi.dtype.itemsize
    lowest = 2 - 2 * _EMAX[size]
    k = xp.where(k < lowest, lowest, k)
    half = xp.floor(k / 2)
    table = xp.asarray(_powers(size), device=x.hi.device)
    one, other = (table[_index(xp, e + _EMAX[size])] for e in (half, k - half))
    return Pair(x.hi * one * other, x.lo * one * other)


def exponents(xp: Any, x: Array) -> Array:
    """Return whole k with ``2**k`` about the size of x, to within a factor of two; 0 for x = 0."""
    return xp.floor(xp.log2(xp.where(x == 0, 1.0, abs(x))))


@lru_cache
def _powers(size: int) -> Any:
    """Return the powers of two of a dtype, from ``2**-emax`` on."""
    exponents = range(-_EMAX[size], _EMAX[size] + 1)
    return np.array([2.0**k for k in exponents], dtype=f"f{size}")


def _index(xp: Any, k: Array) -> Array:
    return k.astype(xp.int32) if hasattr(k, "astype") else k.to(xp.int64)
