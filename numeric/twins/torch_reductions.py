"""Exact meaning of PyTorch's reductions, orderings, products and indexing with tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import arrays, dual
from .arrays import Array, Axes, as_array, is_exact, mapped, to_exact
from .registry import rule


def _dims(dim: Any) -> Axes:
    return None if dim is None or dim == [] or dim == () else dim


@rule("torch", "sum")
def sum_(a: Array, dim: Any = None, keepdim: bool = False, dtype: Any = None, **_: Any) -> Array:
    """Return sums along axes."""
    if not is_exact(a) and not _floats(dtype):
        axes = _dims(dim)
        return as_array(
            np.sum(
                a, axis=tuple(np.atleast_1d(axes)) if axes is not None else None, keepdims=keepdim
            )
        )
    return arrays.total_along(to_exact(a), _dims(dim), keepdim)


def _floats(dtype: Any) -> bool:
    return str(dtype).partition(".")[2] in arrays.FLOATS


@rule("torch", "prims.sum")
def sum_of(a: Array, dims: Sequence[int], **_: Any) -> Array:
    """Return sums along axes; no axis means none."""
    return sum_(a, list(dims)) if len(dims) else a.copy()


@rule("torch", "mean")
def mean(a: Array, dim: Any = None, keepdim: bool = False, **_: Any) -> Array:
    """Return means along axes; that of nothing is nan."""
    exact = to_exact(a)
    totals = arrays.total_along(exact, _dims(dim), keepdim)
    count = exact.size // totals.size if totals.size else 0
    return as_array(totals / to_exact(np.full((), count)))


@rule("torch", "prims.var")
def var(a: Array, dims: Sequence[int] | None = None, correction: Any = 1, **_: Any) -> Array:
    """Return the mean square distance from the mean, over ``count - correction``."""
    middle = mean(a, None if dims is None else list(dims), keepdim=True)
    squares = as_array((a - middle) * (a - middle))
    totals = arrays.total_along(squares, _dims(dims))
    count = to_exact(np.full((), a.size // totals.size if totals.size else 0)) - correction
    return as_array(totals / count)


@rule("torch", "prod")
def prod(a: Array, dim: Any = None, keepdim: bool = False, **_: Any) -> Array:
    """Return products along axes."""
    return arrays.reduce(arrays.product_of, to_exact(a), _dims(dim), keepdim)


@rule("torch", "amax")
def amax(a: Array, dim: Any = None, keepdim: bool = False, **_: Any) -> Array:
    """Return maxima along axes."""
    if not is_exact(a):
        axes = _dims(dim)
        return as_array(
            np.max(a, axis=None if axes is None else tuple(np.atleast_1d(axes)), keepdims=keepdim)
        )
    return arrays.greatest_along(a, _dims(dim), keepdim)


@rule("torch", "amin")
def amin(a: Array, dim: Any = None, keepdim: bool = False, **_: Any) -> Array:
    """Return minima along axes."""
    return as_array(-amax(as_array(-a), dim, keepdim))


rule("torch", "max.default")(amax)
rule("torch", "min.default")(amin)


@rule("torch", "argmax")
def argmax(a: Array, dim: int | None = None, keepdim: bool = False) -> Array:
    """Return first places of maxima."""
    found = arrays.place_along(arrays.place_of_greatest, a, dim)
    if not keepdim:
        return found
    shape = [1] * a.ndim if dim is None else list(np.expand_dims(found, dim).shape)
    return found.reshape(shape)


@rule("torch", "argmin")
def argmin(a: Array, dim: int | None = None, keepdim: bool = False) -> Array:
    """Return first places of minima."""
    return argmax(as_array(-to_exact(a)), dim, keepdim)


@rule("torch", "max.dim")
def max_dim(a: Array, dim: int, keepdim: bool = False) -> tuple[Array, Array]:
    """Return maxima along an axis with their first places."""
    places = argmax(a, dim)
    values = amax(a, dim, keepdim)
    return values, np.expand_dims(places, dim) if keepdim else places


@rule("torch", "min.dim")
def min_dim(a: Array, dim: int, keepdim: bool = False) -> tuple[Array, Array]:
    """Return minima along an axis with their first places."""
    values, places = max_dim(as_array(-a), dim, keepdim)
    return as_array(-values), places


@rule("torch", "any")
def any_(a: Array, dim: Any = None, keepdim: bool = False) -> Array:
    """Return whether some entry is not 0."""
    from .torch_rules import truth

    return as_array(
        np.any(truth(a), axis=dim if not isinstance(dim, list) else tuple(dim), keepdims=keepdim)
    )


@rule("torch", "all")
def all_(a: Array, dim: Any = None, keepdim: bool = False) -> Array:
    """Return whether no entry is 0."""
    from .torch_rules import truth

    return as_array(
        np.all(truth(a), axis=dim if not isinstance(dim, list) else tuple(dim), keepdims=keepdim)
    )


@rule("torch", "cumsum")
def cumsum(a: Array, dim: int, dtype: Any = None) -> Array:
    """Return running sums."""
    if not is_exact(a):
        return as_array(np.cumsum(a, axis=dim))
    return arrays.cumulative(lambda p, q: p + q, a, dim) if a.ndim else a.copy()


@rule("torch", "cumprod")
def cumprod(a: Array, dim: int, dtype: Any = None) -> Array:
    """Return running products."""
    return arrays.cumulative(lambda p, q: p * q, to_exact(a), dim) if a.ndim else a.copy()


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


@rule("torch", "logcumsumexp")
def logcumsumexp(a: Array, dim: int) -> Array:
    """Return the logarithms of running sums of exponentials."""
    from . import functions

    powers = mapped(functions.function("exp"))(a)
    return mapped(functions.function("log"))(cumsum(powers, dim))


@rule("torch", "sort")
def sort(
    a: Array, *args: Any, dim: int = -1, descending: bool = False, stable: bool = False
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
def topk(
    a: Array, k: int, dim: int = -1, largest: bool = True, is_sorted: bool = True
) -> tuple[Array, Array]:
    """Return the k greatest or least values with their places."""
    values, places = sort(a, dim, largest)
    place = (slice(None),) * (dim % a.ndim) + (slice(0, k),)
    return values[place], places[place]


@rule("torch", "median.default")
def median(a: Array) -> Array:
    """Return the lower median."""
    values, _ = sort(a.reshape(-1), 0)
    return as_array(values[(a.size - 1) // 2])


@rule("torch", "mm", "matmul", "bmm", "mv", "dot", "vdot")
def mm(a: Array, b: Array) -> Array:
    """Return the matrix product."""
    return as_array(arrays.matmul(a, b))


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
    grid = list(np.indices(places.shape, sparse=True))
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
