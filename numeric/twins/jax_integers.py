"""Rules of JAX's operations on the bits of integers and on booleans, as XLA defines them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import Array
from .registry import rule


@rule("jax", "and")
def _and(x: Array, y: Array, **_: Any) -> Any:
    return x & y


@rule("jax", "or")
def _or(x: Array, y: Array, **_: Any) -> Any:
    return x | y


@rule("jax", "xor")
def _xor(x: Array, y: Array, **_: Any) -> Any:
    return x ^ y


@rule("jax", "not")
def _not(x: Array, **_: Any) -> Any:
    return ~x


@rule("jax", "population_count")
def _population_count(x: Array, **_: Any) -> Any:
    return np.bitwise_count(_unsigned(x)).astype(x.dtype)


def _bits(x: Array) -> int:
    return 8 * x.dtype.itemsize


def _unsigned(x: Array) -> Array:
    return x.astype(np.dtype(f"u{x.dtype.itemsize}"))


def _is_within(x: Array, y: Array) -> Array:
    return (_unsigned(y) < _bits(x)).astype(bool)


@rule("jax", "shift_left")
def _shift_left(x: Array, y: Array, **_: Any) -> Any:
    inside = _is_within(x, y)
    return np.where(inside, np.left_shift(x, np.where(inside, y, 0)), 0).astype(x.dtype)


@rule("jax", "shift_right_logical")
def _shift_right_logical(x: Array, y: Array, **_: Any) -> Any:
    inside = _is_within(x, y)
    shifted = np.right_shift(_unsigned(x), _unsigned(np.where(inside, y, 0).astype(x.dtype)))
    return np.where(inside, shifted, 0).astype(x.dtype)


@rule("jax", "shift_right_arithmetic")
def _shift_right_arithmetic(x: Array, y: Array, **_: Any) -> Any:
    count = np.where(_is_within(x, y), y, _bits(x) - 1).astype(x.dtype)
    return np.right_shift(x, count)


@rule("jax", "clz")
def _leading_zeros(x: Array, **_: Any) -> Any:
    flat = [_bits(x) - int(v).bit_length() for v in _unsigned(x).ravel().tolist()]
    return np.array(flat, x.dtype).reshape(x.shape)
