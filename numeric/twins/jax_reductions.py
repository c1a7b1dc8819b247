"""Rules of JAX's reductions, cumulations and orderings.

Guarantees: a maximum, a place or an order of floats is certain; of equal numbers the first counts,
as in JAX, and a tie of numbers that depend on the inputs is noted.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import arrays, dual, jax_functions
from .arrays import Array, as_array, is_exact
from .registry import rule

_INTEGERS: dict[str, Callable[..., Any]] = {
    "reduce_sum": lambda x, axes: np.sum(x, axis=axes, dtype=x.dtype),
    "reduce_prod": lambda x, axes: np.prod(x, axis=axes, dtype=x.dtype),
    "reduce_max": lambda x, axes: np.max(x, axis=axes),
    "reduce_min": lambda x, axes: np.min(x, axis=axes),
    "reduce_and": lambda x, axes: np.bitwise_and.reduce(x, axis=axes),
    "reduce_or": lambda x, axes: np.bitwise_or.reduce(x, axis=axes),
    "reduce_xor": lambda x, axes: np.bitwise_xor.reduce(x, axis=axes),
}

_FLOATS: dict[str, Callable[..., Array]] = {
    "reduce_sum": arrays.total_along,
    "reduce_prod": lambda x, axes: arrays.reduce(arrays.product_of, x, axes),
    "reduce_max": arrays.greatest_along,
    "reduce_min": arrays.least_along,
}


def _reduction(name: str) -> Callable[..., Any]:
    on_floats, on_integers = _FLOATS.get(name), _INTEGERS[name]

    def reduction(x: Array, *, axes: Sequence[int], **_: Any) -> Any:
        if is_exact(x) and on_floats is not None:
            return on_floats(x, tuple(axes))
        return on_integers(x, tuple(axes))

    return reduction


for _name in _INTEGERS:
    rule("jax", _name)(_reduction(_name))

# Over an axis of `vmap`, which is an axis of the array.
for _name, _own in {"psum": "reduce_sum", "pmax": "reduce_max", "pmin": "reduce_min"}.items():
    rule("jax", _name)(_reduction(_own))


def _place(x: Array, axes: Sequence[int], dtype: Any, greatest: bool) -> Array:
    (axis,) = axes
    if not is_exact(x):
        return as_array((np.argmax if greatest else np.argmin)(x, axis=axis)).astype(dtype)
    function = arrays.place_of_greatest if greatest else arrays.place_of_least
    return arrays.place_along(function, x, axis).astype(dtype)


@rule("jax", "argmax")
def _argmax(x: Array, *, axes: Sequence[int], index_dtype: Any, **_: Any) -> Array:
    return _place(x, axes, index_dtype, greatest=True)


@rule("jax", "argmin")
def _argmin(x: Array, *, axes: Sequence[int], index_dtype: Any, **_: Any) -> Array:
    return _place(x, axes, index_dtype, greatest=False)


@rule("jax", "reduce")
def _reduce(*operands: Array, jaxpr: Any, dimensions: Sequence[int], **_: Any) -> list[Array]:
    count = len(operands) // 2
    sources, starts = operands[:count], operands[count:]
    axes = sorted(dimensions)
    rest = [a for a in range(sources[0].ndim) if a not in axes]
    shape = tuple(sources[0].shape[a] for a in rest)
    rows = [x.transpose(*rest, *axes).reshape(*shape, -1) for x in sources]
    return reduced_last(rows, starts, jaxpr)


def reduced_last(
    rows: Sequence[Array], starts: Sequence[Array], jaxpr: Callable[..., list[Array]]
) -> list[Array]:
    """Return what `jaxpr` makes of the starts and the numbers along the last axis, in order."""
    shape = rows[0].shape[:-1]
    results = [np.empty(shape, x.dtype) for x in rows]
    for place in np.ndindex(shape):
        carried = list(starts)
        for k in range(rows[0].shape[-1]):
            carried = jaxpr(*carried, *(as_array(row[(*place, k)]) for row in rows))
        for result, value in zip(results, carried, strict=True):
            result[place] = value[()]
    return results


def _cumulation(on_floats: Callable[..., Any], on_integers: Any) -> Callable[..., Any]:
    def cumulation(x: Array, *, axis: int, reverse: bool, **_: Any) -> Any:
        if is_exact(x):
            return arrays.cumulative(on_floats, x, axis, reverse)
        lines = np.flip(x, axis) if reverse else x
        result = on_integers.accumulate(lines, axis=axis, dtype=x.dtype)
        return np.flip(result, axis) if reverse else result

    return cumulation


rule("jax", "cumsum")(_cumulation(operator.add, np.add))
rule("jax", "cumprod")(_cumulation(operator.mul, np.multiply))
rule("jax", "cummax")(_cumulation(dual.maximum, np.maximum))
rule("jax", "cummin")(_cumulation(dual.minimum, np.minimum))
rule("jax", "cumlogsumexp")(_cumulation(jax_functions.logaddexp, np.add))


def _order(x: Array, axis: int, descending: bool = False) -> Array:
    if is_exact(x):
        return arrays.order(x, axis, descending)
    # Of integers, the reversed order that keeps equal ones in their order.
    keys = ~x if descending else x
    return np.argsort(keys, axis=axis, kind="stable")


@rule("jax", "sort")
def _sort(*operands: Array, dimension: int, num_keys: int, **_: Any) -> list[Array]:
    order = _order(operands[num_keys - 1], dimension)
    # The last key first: each earlier one reorders and leaves equal numbers as they are.
    for key in reversed(operands[: num_keys - 1]):
        again = _order(np.take_along_axis(key, order, dimension), dimension)
        order = np.take_along_axis(order, again, dimension)
    return [np.take_along_axis(x, order, dimension) for x in operands]


@rule("jax", "top_k")
def _top_k(x: Array, *, k: int, axis: int = -1, **_: Any) -> list[Array]:
    axis = axis % x.ndim
    order = np.take(_order(x, axis, descending=True), range(k), axis=axis)
    return [np.take_along_axis(x, order, axis), order.astype(np.int32)]
