"""Rules of JAX's operations that move numbers and compute nothing.

Guarantees: every number of a result is one of the operands, untouched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .arrays import FLOATS, Array, is_exact, to_exact
from .registry import rule


@rule("jax", "broadcast_in_dim")
def _broadcast_in_dim(
    x: Array, *, shape: Sequence[int], broadcast_dimensions: Sequence[int], **_: Any
) -> Array:
    own = [1] * len(shape)
    for axis, place in enumerate(broadcast_dimensions):
        own[place] = x.shape[axis]
    return np.broadcast_to(x.reshape(own), shape)


@rule("jax", "broadcast_to")
def _broadcast_to(x: Array, *, shape: Sequence[int], **_: Any) -> Array:
    return np.broadcast_to(x, shape)


@rule("jax", "reshape")
def _reshape(
    x: Array, *, new_sizes: Sequence[int], dimensions: Sequence[int] | None = None, **_: Any
) -> Array:
    return (x if dimensions is None else x.transpose(dimensions)).reshape(new_sizes)


@rule("jax", "squeeze")
def _squeeze(x: Array, *, dimensions: Sequence[int], **_: Any) -> Array:
    return np.squeeze(x, tuple(dimensions))


@rule("jax", "expand_dims")
def _expand_dims(x: Array, *, dimensions: Sequence[int], **_: Any) -> Array:
    return np.expand_dims(x, tuple(dimensions))


@rule("jax", "transpose")
def _transpose(x: Array, *, permutation: Sequence[int], **_: Any) -> Array:
    return x.transpose(permutation)


@rule("jax", "rev")
def _rev(x: Array, *, dimensions: Sequence[int], **_: Any) -> Array:
    return np.flip(x, tuple(dimensions))


@rule("jax", "concatenate")
def _concatenate(*parts: Array, dimension: int, **_: Any) -> Array:
    return np.concatenate(parts, axis=dimension)


@rule("jax", "stack")
def _stack(*parts: Array, axis: int, **_: Any) -> Array:
    return np.stack(parts, axis=axis)


@rule("jax", "unstack")
def _unstack(x: Array, *, axis: int, **_: Any) -> list[Array]:
    return [np.take(x, k, axis=axis) for k in range(x.shape[axis])]


@rule("jax", "tile")
def _tile(x: Array, *, reps: Sequence[int], **_: Any) -> Array:
    return np.tile(x, reps)


@rule("jax", "split")
def _split(x: Array, *, sizes: Sequence[int], axis: int, **_: Any) -> list[Array]:
    return np.split(x, np.cumsum(sizes)[:-1], axis=axis)


@rule("jax", "iota")
def _iota(*_: Any, dtype: Any, shape: Sequence[int], dimension: int, **__: Any) -> Array:
    own = [1] * len(shape)
    own[dimension] = shape[dimension]
    floats = np.dtype(dtype).name in FLOATS
    numbers = np.arange(shape[dimension], dtype=np.int64 if floats else dtype)
    return np.broadcast_to((to_exact(numbers) if floats else numbers).reshape(own), shape)


@rule("jax", "empty", "empty2")
def _empty(*_: Any, dtype: Any, shape: Sequence[int] = (), **__: Any) -> Array:
    zeros = np.zeros(shape, np.int8 if np.dtype(dtype).name in FLOATS else dtype)
    return to_exact(zeros) if np.dtype(dtype).name in FLOATS else zeros


@rule("jax", "slice")
def _slice(
    x: Array,
    *,
    start_indices: Sequence[int],
    limit_indices: Sequence[int],
    strides: Sequence[int] | None,
    **_: Any,
) -> Array:
    steps = strides or [1] * x.ndim
    return x[tuple(map(slice, start_indices, limit_indices, steps))]


def filled(shape: Sequence[int], value: Array) -> Array:
    """Return an array of `shape` with the number that the 0-d array `value` holds everywhere."""
    result = np.empty(shape, object if is_exact(value) else value.dtype)
    result[...] = value[()]
    return result


@rule("jax", "pad")
def padded(
    x: Array, value: Array, *, padding_config: Sequence[tuple[int, int, int]], **_: Any
) -> Array:
    """Return an array with `value` before, after and between the numbers along each axis."""
    for axis, (low, high, inner) in enumerate(padding_config):
        x = _padded_along(x, value, axis, (int(low), int(high), int(inner)))
    return x


def _padded_along(x: Array, value: Array, axis: int, config: tuple[int, int, int]) -> Array:
    low, high, inner = config
    spread = (x.shape[axis] - 1) * (inner + 1) + 1 if x.shape[axis] else 0
    size = spread + low + high
    # Positions of the operand in the result; a negative padding moves some of them out of it.
    places = np.arange(x.shape[axis]) * (inner + 1) + low
    kept = (places >= 0) & (places < size)
    shape = (*x.shape[:axis], size, *x.shape[axis + 1 :])
    result = filled(shape, value)
    lines = np.moveaxis(result, axis, 0)
    lines[places[kept]] = np.moveaxis(x, axis, 0)[kept]
    return result


def _window(x: Array, starts: Sequence[Array], sizes: Sequence[int]) -> tuple[slice, ...]:
    """Return a window that JAX moves inside the array where it would stick out."""
    corners = [
        min(max(int(start), 0), whole - size)
        for start, whole, size in zip(starts, x.shape, sizes, strict=True)
    ]
    return tuple(slice(c, c + size) for c, size in zip(corners, sizes, strict=True))


@rule("jax", "dynamic_slice")
def _dynamic_slice(x: Array, *starts: Array, slice_sizes: Sequence[int], **_: Any) -> Array:
    return x[_window(x, starts, slice_sizes)]


@rule("jax", "dynamic_update_slice")
def _dynamic_update_slice(x: Array, update: Array, *starts: Array, **_: Any) -> Array:
    result = x.copy()
    result[_window(x, starts, update.shape)] = update
    return result
