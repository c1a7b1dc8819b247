"""Rules of JAX's gather and scatter family, for all dimension numbers and modes.

Guarantees: a gathered number is that of the operand, untouched; what lies outside of it is treated
as the mode says: moved inside, filled with a constant, or dropped.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import arrays, dual
from .arrays import Array, is_exact, to_exact
from .dual import Dual
from .extended import NAN
from .jax_structure import filled
from .registry import rule


def _starts(
    shape: Sequence[int],
    indices: Array,
    mapped: Sequence[int],
    batching: Sequence[int],
    batching_of_indices: Sequence[int],
) -> Array:
    """Return for each index vector the corner of its window in the operand."""
    batch = indices.shape[:-1]
    corners = np.zeros((*batch, len(shape)), np.int64)
    corners[..., list(mapped)] = indices
    for axis, own in zip(batching, batching_of_indices, strict=True):
        line = [1] * len(batch)
        line[own] = batch[own]
        corners[..., axis] = np.arange(batch[own]).reshape(line)
    return corners


def _places(shape: Sequence[int], corners: Array, sizes: Sequence[int], kept: list[int]) -> Array:
    """Return the flat places of the windows: first the axes of the batch, then those kept."""
    strides = [int(np.prod(shape[a + 1 :], dtype=np.int64)) for a in range(len(shape))]
    first = corners @ np.array(strides, np.int64) if shape else corners.sum(-1)
    places = first.reshape((*first.shape, *(1 for _ in kept)))
    for place, axis in enumerate(kept):
        line = [1] * len(kept)
        line[place] = sizes[axis]
        places = places + (np.arange(sizes[axis]) * strides[axis]).reshape(line)
    return np.asarray(places)


def _fill(x: Array, value: Any) -> Array:
    if is_exact(x):
        return to_exact(value) if value is not None else arrays.as_array(Dual(NAN))
    if value is not None:
        return np.asarray(value).astype(x.dtype)
    if x.dtype.kind == "b":
        return np.asarray(True)
    limits = np.iinfo(x.dtype)
    return np.asarray(limits.min if x.dtype.kind == "i" else limits.max, x.dtype)


@rule("jax", "gather")
def _gather(
    x: Array,
    indices: Array,
    *,
    dimension_numbers: Any,
    slice_sizes: Sequence[int],
    mode: Any,
    fill_value: Any = None,
    **_: Any,
) -> Array:
    numbers = dimension_numbers
    corners = _starts(
        x.shape,
        indices,
        numbers.start_index_map,
        numbers.operand_batching_dims,
        numbers.start_indices_batching_dims,
    )
    last = np.array(x.shape, np.int64) - np.array(slice_sizes, np.int64)
    inside = ((corners >= 0) & (corners <= last)).all(-1)
    gone = (*numbers.collapsed_slice_dims, *numbers.operand_batching_dims)
    kept = [a for a in range(x.ndim) if a not in gone]
    corners = np.minimum(np.maximum(corners, 0), last)
    places = _places(x.shape, corners, slice_sizes, kept)
    result = _taken(x, places, _fill(x, fill_value))
    if mode.name == "FILL_OR_DROP" and not inside.all():
        result = result.copy()
        result[~inside] = _fill(x, fill_value)[()]
    return result.transpose(_order(result.ndim, inside.ndim, numbers.offset_dims))


def _taken(x: Array, places: Array, fill: Array) -> Array:
    if not x.size:
        return filled(places.shape, fill)
    return x.reshape(-1)[places.reshape(-1)].reshape(places.shape)


def _order(rank: int, batch: int, windows: Sequence[int]) -> list[int]:
    """Return the permutation that puts the axes of the windows at the places `windows`."""
    rest = iter(range(batch))
    within = {axis: batch + k for k, axis in enumerate(windows)}
    return [within[axis] if axis in within else next(rest) for axis in range(rank)]


def _scatter(combine: Callable[[Any, Any], Any]) -> Callable[..., Array]:
    def scatter(
        x: Array, indices: Array, updates: Array, *, dimension_numbers: Any, mode: Any, **_: Any
    ) -> Array:
        places, values = _targets(x, indices, updates, dimension_numbers, mode)
        result = x.flatten()
        for place, value in zip(places.tolist(), values, strict=True):
            result[place] = combine(result[place], value)
        return result.reshape(x.shape)

    return scatter


def _targets(
    x: Array, indices: Array, updates: Array, numbers: Any, mode: Any
) -> tuple[Array, Array]:
    """Return the flat places that are written to, and what is written there."""
    gone = (*numbers.inserted_window_dims, *numbers.operand_batching_dims)
    kept = [a for a in range(x.ndim) if a not in gone]
    sizes = [1] * x.ndim
    for axis, window in zip(kept, numbers.update_window_dims, strict=True):
        sizes[axis] = updates.shape[window]
    corners = _starts(
        x.shape,
        indices,
        numbers.scatter_dims_to_operand_dims,
        numbers.operand_batching_dims,
        numbers.scatter_indices_batching_dims,
    )
    last = np.array(x.shape, np.int64) - np.array(sizes, np.int64)
    if mode.name == "CLIP":
        corners = np.minimum(np.maximum(corners, 0), last)
    inside = ((corners >= 0) & (corners <= last)).all(-1)
    windows = numbers.update_window_dims
    batch = [a for a in range(updates.ndim) if a not in windows]
    ordered = updates.transpose(*batch, *windows)
    return _places(x.shape, corners, sizes, kept)[inside].ravel(), ordered[inside].ravel()


def _either(on_floats: Callable[[Any, Any], Any], on_integers: Any) -> Callable[[Any, Any], Any]:
    return lambda a, b: on_floats(a, b) if isinstance(a, Dual) else on_integers(a, b)


for _name, _combine in {
    "scatter": lambda _, new: new,
    "scatter-add": operator.add,
    "scatter-sub": operator.sub,
    "scatter-mul": operator.mul,
    "scatter-min": _either(dual.minimum, min),
    "scatter-max": _either(dual.maximum, max),
}.items():
    rule("jax", _name, _name.replace("-", "_"))(_scatter(_combine))
