"""Exact meaning of PyTorch's reductions, orderings, products and indexing with tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import arrays
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
def cumsum(a: Array, dim: int, **_: Any) -> Array:
    """Return running sums."""
    if not is_exact(a):
        return as_array(np.cumsum(a, axis=dim))
    return arrays.cumulative(lambda p, q: p + q, a, dim) if a.ndim else a.copy()


@rule("torch", "cumprod")
def cumprod(a: Array, dim: int, **_: Any) -> Array:
    """Return running products."""
    return arrays.cumulative(lambda p, q: p * q, to_exact(a), dim) if a.ndim else a.copy()


@rule("torch", "logcumsumexp")
def logcumsumexp(a: Array, dim: int) -> Array:
    """Return the logarithms of running sums of exponentials."""
    from . import functions

    powers = mapped(functions.function("exp"))(a)
    return mapped(functions.function("log"))(cumsum(powers, dim))


@rule("torch", "mm", "matmul", "bmm", "mv", "dot", "vdot")
def mm(a: Array, b: Array) -> Array:
    """Return the matrix product."""
    return as_array(arrays.matmul(a, b))


@rule("torch", "_trilinear")
def trilinear(
    a: Array,
    b: Array,
    c: Array,
    expand_a: Sequence[int],
    expand_b: Sequence[int],
    expand_c: Sequence[int],
    summed: Sequence[int],
    *_: Any,
) -> Array:
    """Return the sum, along axes, of the product of three arrays with axes put in."""
    one, other, third = (
        np.expand_dims(x, tuple(dims)) for x, dims in ((a, expand_a), (b, expand_b), (c, expand_c))
    )
    return arrays.total_along(as_array(one * other * third), list(summed))
