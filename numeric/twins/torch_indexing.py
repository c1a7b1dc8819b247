"""Exact meaning of PyTorch's indexing with tensors: gathering, scattering and masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import arrays, dual
from .arrays import Array, as_array, is_exact, to_exact
from .dual import Dual
from .registry import rule


def _places(indices: Sequence[Any]) -> tuple[Any, ...]:
    """Return indices for NumPy: None is a whole axis, a mask stands for its places."""
    places: list[Any] = []
    for index in indices:
        if index is None:
            places.append(slice(None))
        elif index.dtype == bool:
            places += list(np.nonzero(index))
        else:
            places.append(index.astype(np.int64))
    return tuple(places)


@rule("torch", "index.Tensor", "_unsafe_index.Tensor")
def index(a: Array, indices: Sequence[Any]) -> Array:
    """Return the entries at index arrays, which broadcast."""
    return as_array(a[_places(indices)])


@rule("torch", "index_put", "_index_put_impl", "_unsafe_index_put")
def index_put(
    a: Array, indices: Sequence[Any], values: Any, accumulate: bool = False, *_: Any
) -> Array:
    """Return a copy with entries set, or added to, at index arrays."""
    result = a.copy()
    new = to_exact(values) if is_exact(a) else as_array(values)
    if accumulate:
        np.add.at(result, _places(indices), new)
    else:
        result[_places(indices)] = new
    return result


@rule("torch", "index_select")
def index_select(a: Array, dim: int, places: Array) -> Array:
    """Return the entries at places along an axis."""
    return np.take(a, places, axis=dim) if a.ndim else a.copy()


@rule("torch", "embedding")
def embedding(weight: Array, places: Array, *_: Any, **__: Any) -> Array:
    """Return rows of a table."""
    return as_array(weight[places])


@rule("torch", "gather")
def gather(a: Array, dim: int, places: Array, **_: Any) -> Array:
    """Return ``a[.., places, ..]`` entry by entry along an axis."""
    if a.ndim == 0:
        return a.copy()
    return as_array(a[_along(dim, places, a.ndim)])


def _along(dim: int, places: Array, rank: int) -> tuple[Any, ...]:
    grid: list[Any] = list(np.indices(places.shape, sparse=True))
    grid[dim % rank] = places
    return tuple(grid)


@rule("torch", "scatter")
def scatter(a: Array, dim: int, places: Array, source: Any, reduce: str | None = None) -> Array:
    """Return a copy with entries set, added to or multiplied along an axis."""
    result = a.copy()
    place = _along(dim, places, a.ndim)
    array = as_array(source)
    if array.ndim:
        array = array[tuple(slice(0, s) for s in places.shape)]
    new = to_exact(array) if is_exact(a) else array
    if reduce is None:
        result[place] = new
    else:
        (np.add if reduce == "add" else np.multiply).at(result, place, new)
    return result


@rule("torch", "scatter_add")
def scatter_add(a: Array, dim: int, places: Array, source: Array) -> Array:
    """Return a copy with entries added along an axis."""
    return scatter(a, dim, places, source, "add")


@rule("torch", "index_add")
def index_add(a: Array, dim: int, places: Array, source: Array, alpha: Any = 1) -> Array:
    """Return a copy with slices added at places along an axis."""
    result = a.copy()
    lines, added = np.moveaxis(result, dim, 0), np.moveaxis(source * alpha, dim, 0)
    for k, place in enumerate(places.ravel()):
        lines[place] = lines[place] + added[k]
    return result


@rule("torch", "masked_select")
def masked_select(a: Array, mask: Array) -> Array:
    """Return the entries where the mask is true."""
    whole, where = np.broadcast_arrays(a, mask)
    return as_array(whole[where])


@rule("torch", "nonzero")
def nonzero(a: Array) -> Array:
    """Return the places of the entries that are not 0."""
    from .torch_rules import truth

    return np.argwhere(truth(a))


@rule("torch", "put")
def put(a: Array, places: Array, source: Array, accumulate: bool = False) -> Array:
    """Return a copy with entries of the flattened array set or added to."""
    flat = index_put(a.reshape(-1), [places.reshape(-1)], source.reshape(-1), accumulate)
    return flat.reshape(a.shape)


@rule("torch", "masked_scatter")
def masked_scatter(a: Array, mask: Array, source: Array) -> Array:
    """Return a copy with the entries where the mask is true taken from a row of numbers."""
    whole, where = np.broadcast_arrays(a, mask)
    result = whole.copy()
    result[where] = source.reshape(-1)[: int(where.sum())]
    return result


@rule("torch", "masked_scatter_backward")
def masked_scatter_backward(upstream: Array, mask: Array, sizes: Sequence[int]) -> Array:
    """Return the gradient by the row of numbers; what was not used has 0."""
    taken = np.broadcast_arrays(upstream, mask)[0][np.broadcast_to(mask, upstream.shape)]
    result = np.full(int(np.prod(sizes, dtype=int)), dual.ZERO, object)
    result[: len(taken)] = taken
    return result.reshape([int(s) for s in sizes])


_JOINING: dict[str, Callable[[list[Dual]], Dual]] = {
    "sum": dual.total,
    "prod": arrays.product_of,
    "mean": dual.total,
    "amax": arrays.greatest,
    "amin": arrays.least,
}


@rule("torch", "scatter_reduce")
def scatter_reduce(
    a: Array,
    dim: int,
    places: Array,
    source: Array,
    reduce: str,
    include_self: bool = True,
) -> Array:
    """Return a copy in which each entry is joined with those scattered to it."""
    goals: dict[tuple[int, ...], list[Any]] = {}
    for where in np.ndindex(places.shape):
        own = list(where)
        own[dim % a.ndim] = int(places[where])
        goals.setdefault(tuple(own), []).append(source[where])
    result = a.copy()
    for goal, numbers in goals.items():
        joined = [a[goal], *numbers] if include_self else numbers
        number = _JOINING[reduce](joined)
        result[goal] = number / len(joined) if reduce == "mean" else number
    return result
