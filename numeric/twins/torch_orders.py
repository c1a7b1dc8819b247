"""Exact meaning of PyTorch's orderings: sorting, ranks and running extremes."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import arrays, dual
from .arrays import Array, as_array
from .registry import rule


@rule("torch", "cummax")
def cummax(a: Array, dim: int) -> tuple[Array, Array]:
    """Return running maxima with the last places that have them."""
    values = arrays.cumulative(dual.maximum, a, dim)
    places = np.zeros(a.shape, np.int64)
    own, lines, found = (np.moveaxis(x, dim, 0) for x in (a, values, places))
    for k in range(1, own.shape[0]):
        reached = arrays.greater_equal(own[k], lines[k - 1])
        found[k] = np.where(reached, k, found[k - 1])
    return values, places


@rule("torch", "sort")
def sort(
    a: Array, *args: Any, dim: int = -1, descending: bool = False, **_: Any
) -> tuple[Array, Array]:
    """Return sorted values with their former places; equal values keep their order."""
    rest = [x for x in args if x is not None]
    if rest and not isinstance(rest[0], bool):
        dim, descending = rest[0], bool(rest[1]) if len(rest) > 1 else descending
    elif rest:
        dim, descending = rest[1], bool(rest[2]) if len(rest) > 2 else descending
    if a.ndim == 0:
        return a.copy(), np.zeros((), np.int64)
    places = arrays.order(a, dim, descending)
    return np.take_along_axis(a, places, dim), places


@rule("torch", "topk")
def topk(a: Array, k: int, dim: int = -1, largest: bool = True, *_: Any) -> tuple[Array, Array]:
    """Return the k greatest or least values with their places."""
    values, places = sort(a, dim, largest)
    place = (slice(None),) * (dim % a.ndim) + (slice(0, k),)
    return values[place], places[place]


@rule("torch", "median.default")
def median(a: Array) -> Array:
    """Return the lower median."""
    values, _ = sort(a.reshape(-1), 0)
    return as_array(values[(a.size - 1) // 2])


@rule("torch", "cummin")
def cummin(a: Array, dim: int) -> tuple[Array, Array]:
    """Return running minima with the last places that have them."""
    values, places = cummax(as_array(-a), dim)
    return as_array(-values), places


def _ranked(a: Array, rank: int, dim: int, keepdim: bool) -> tuple[Array, Array]:
    """Return the number with `rank` smaller ones before it, and its place."""
    if a.ndim == 0:
        return a.copy(), np.zeros((), np.int64)
    values, places = sort(a, dim)
    where = (slice(None),) * (dim % a.ndim) + (slice(rank, rank + 1),)
    found = values[where], places[where]
    if keepdim:
        return found
    one, other = (np.squeeze(part, dim) for part in found)
    return one, other


@rule("torch", "median.dim")
def median_dim(a: Array, dim: int, keepdim: bool = False) -> tuple[Array, Array]:
    """Return lower medians along an axis, with their places."""
    count = a.shape[dim] if a.ndim else 1
    return _ranked(a, (count - 1) // 2, dim, keepdim)


@rule("torch", "kthvalue")
def kthvalue(a: Array, k: int, dim: int = -1, keepdim: bool = False) -> tuple[Array, Array]:
    """Return the k-th smallest numbers along an axis, with their places."""
    return _ranked(a, k - 1, dim, keepdim)


@rule("torch", "searchsorted")
def searchsorted(
    row: Array, values: Any, *, right: bool = False, side: str | None = None, **_: Any
) -> Array:
    """Return how many numbers of a sorted row lie before each value."""
    right = right or side == "right"
    sought = as_array(values)
    rows = row if row.ndim == 1 else row[..., None, :]
    before = arrays.less_equal if right else arrays.less
    found = before(arrays.to_exact(rows), arrays.to_exact(sought)[..., None])
    return np.asarray(found.sum(-1), np.int64)
