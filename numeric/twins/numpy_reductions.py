"""Exact rules for NumPy's reductions: sums, extrema, moments, norms, cumulations.

Guarantees: sums are exact in any order; of equal extrema the first counts for a place and, for a
value, the one that is greater just beyond, along the direction of the run.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from flint import fmpq

from . import arrays, dual, functions
from .arrays import Array, Axes, as_array, mapped, to_exact
from .dual import Dual, is_exact_zero
from .extended import exact
from .numpy_elementwise import fmax, fmin, truth
from .numpy_messages import refused
from .registry import rule


def counted(array: Array, axes: Axes) -> int:
    """Return how many numbers are put together along `axes`."""
    if axes is None:
        return array.size
    return math.prod(array.shape[int(k)] for k in np.atleast_1d(axes))


def over(count: Any) -> Dual:
    """Return a count as a number."""
    return Dual(exact(count))


def _started(result: Array, initial: Any, join: Any) -> Array:
    return result if initial is None else as_array(join(result, to_exact(initial)))


def _chosen(a: Array, where: Any, blank: Dual) -> Array:
    return to_exact(a) if where is None else np.where(where, to_exact(a), as_array(blank))


@rule("numpy", "sum")
def sum_(
    a: Array,
    axis: Axes = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> Array:
    """Return the sums along an axis."""
    result = arrays.total_along(_chosen(a, where, dual.ZERO), axis, keepdims)
    return _started(result, initial, operator.add)


@rule("numpy", "nansum")
def nansum(a: Array, axis: Axes = None, keepdims: bool = False) -> Array:
    """Return the sums along an axis, without what is nan."""
    return sum_(a, axis, keepdims=keepdims, where=~arrays.tested(functions.is_nan)(to_exact(a)))


@rule("numpy", "prod")
def prod(
    a: Array,
    axis: Axes = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> Array:
    """Return the products along an axis."""
    result = arrays.reduce(arrays.product_of, _chosen(a, where, dual.UNIT), axis, keepdims)
    return _started(result, initial, operator.mul)


@rule("numpy", "max", "amax")
def max_(
    a: Array,
    axis: Axes = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> Array:
    """Return the maxima along an axis."""
    numbers = _chosen(a, where, Dual(-math.inf))
    if initial is not None and not counted(numbers, axis):
        return arrays.reduce(lambda _: to_exact(initial)[()], numbers, axis, keepdims)
    return _started(arrays.greatest_along(numbers, axis, keepdims), initial, arrays.maximum)


@rule("numpy", "min", "amin")
def min_(
    a: Array,
    axis: Axes = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> Array:
    """Return the minima along an axis."""
    numbers = _chosen(a, where, Dual(math.inf))
    if initial is not None and not counted(numbers, axis):
        return arrays.reduce(lambda _: to_exact(initial)[()], numbers, axis, keepdims)
    return _started(arrays.least_along(numbers, axis, keepdims), initial, arrays.minimum)


def _folding(join: Any) -> Any:
    def reduction(a: Array, axis: Axes = None, keepdims: bool = False) -> Array:
        def fold(numbers: list[Dual]) -> Dual:
            best = numbers[0]
            for number in numbers[1:]:
                best = join(best, number)
            return best

        return arrays.reduce(fold, to_exact(a), axis, keepdims)

    return reduction


rule("numpy", "nanmax")(_folding(fmax))
rule("numpy", "nanmin")(_folding(fmin))


@rule("numpy", "ptp")
def ptp(a: Array, axis: Axes = None, keepdims: bool = False) -> Array:
    """Return the ranges along an axis."""
    return as_array(max_(a, axis, keepdims=keepdims) - min_(a, axis, keepdims=keepdims))


def _placing(find: Any) -> Any:
    def place(a: Array, axis: int | None = None, *, keepdims: bool = False) -> Array:
        found = arrays.place_along(find, a, axis)
        if not keepdims:
            return found
        return found.reshape([1] * a.ndim) if axis is None else np.expand_dims(found, axis)

    return place


rule("numpy", "argmax")(_placing(arrays.place_of_greatest))
rule("numpy", "argmin")(_placing(arrays.place_of_least))


@rule("numpy", "any")
def any_(a: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Tell whether a number along an axis is not 0."""
    return np.asarray(np.any(truth(a), axis, keepdims=keepdims))


@rule("numpy", "all")
def all_(a: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Tell whether all numbers along an axis are not 0."""
    return np.asarray(np.all(truth(a), axis, keepdims=keepdims))


@rule("numpy", "count_nonzero")
def count_nonzero(a: Array, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Return how many numbers along an axis are not 0."""
    return np.count_nonzero(truth(a), axis, keepdims=keepdims)


@rule("numpy", "mean")
def mean(
    a: Array,
    axis: Axes = None,
    keepdims: bool = False,
    *,
    where: Any = None,
) -> Array:
    """Return the means along an axis; nan of none."""
    if where is None:
        return as_array(sum_(a, axis, keepdims=keepdims) / over(counted(a, axis)))
    count = np.sum(np.broadcast_to(where, a.shape), axis=axis, keepdims=keepdims)
    return as_array(sum_(a, axis, keepdims=keepdims, where=where) / to_exact(count))


@rule("numpy", "var")
def var(
    a: Array,
    axis: Axes = None,
    ddof: Any = 0,
    keepdims: bool = False,
    *,
    correction: Any = None,
) -> Array:
    """Return the variances along an axis."""
    taken = ddof if correction is None else correction
    off = to_exact(a) - mean(to_exact(a), axis, keepdims=True)
    squares = sum_(as_array(off * off), axis, keepdims=keepdims)
    return as_array(squares / (over(counted(a, axis)) - dual.lifted(taken)))


@rule("numpy", "std")
def std(
    a: Array,
    axis: Axes = None,
    ddof: Any = 0,
    keepdims: bool = False,
    *,
    correction: Any = None,
) -> Array:
    """Return the standard deviations along an axis."""
    found = var(a, axis, ddof=ddof, keepdims=keepdims, correction=correction)
    return mapped(functions.function("sqrt"))(found)


@rule("numpy", "average")
def average(
    a: Array,
    axis: Any = None,
    weights: Any = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Any:
    """Return the weighted means along an axis, and the sums of the weights if asked for."""
    factors = to_exact(np.ones(a.shape, int) if weights is None else weights)
    if factors.shape != a.shape:
        rest = [k for k in range(a.ndim) if k != axis % a.ndim]
        factors = np.broadcast_to(np.expand_dims(factors, rest), a.shape)
    whole = sum_(factors, axis, keepdims=keepdims)
    found = as_array(sum_(as_array(to_exact(a) * factors), axis, keepdims=keepdims) / whole)
    return (found, whole) if returned else found


def _cumulating(join: Any, first: Dual) -> Any:
    def cumulate(a: Array, axis: int | None = None) -> Array:
        numbers = to_exact(a).ravel() if axis is None else to_exact(a)
        return arrays.cumulative(join, numbers, 0 if axis is None else axis)

    def with_initial(x: Array, axis: int | None = None, include_initial: bool = False) -> Array:
        numbers = cumulate(x, axis)
        if not include_initial:
            return numbers
        along = 0 if axis is None else axis
        shape = [1 if k == along % numbers.ndim else s for k, s in enumerate(numbers.shape)]
        return np.concatenate([np.full(shape, first), numbers], along)

    return cumulate, with_initial


for _name, _join, _first in (("sum", operator.add, dual.ZERO), ("prod", operator.mul, dual.UNIT)):
    _cumulate, _with_initial = _cumulating(_join, _first)
    rule("numpy", f"cum{_name}")(_cumulate)
    rule("numpy", "cumulative_sum" if _name == "sum" else "cumulative_prod")(_with_initial)


@rule("numpy", "diff")
def diff(a: Array, n: int = 1, axis: int = -1) -> Array:
    """Return the differences of neighbours along an axis."""
    lines = np.moveaxis(to_exact(a), axis, 0)
    for _ in range(n):
        lines = as_array(lines[1:] - lines[:-1])
    return np.moveaxis(lines, 0, axis)


def _exponent(order: Any) -> Any:
    if order is None or isinstance(order, str):
        return order
    value: Any = as_array(order)[()]
    value = value.value if isinstance(value, Dual) else exact(value)
    return float(value) if isinstance(value, float) else fmpq(value)


def _norm_of(numbers: list[Dual], order: Any) -> Dual:
    if order == 0:
        return over(sum(not is_exact_zero(n) for n in numbers))
    sizes = [dual.absolute(n) for n in numbers]
    if isinstance(order, float):
        return arrays.greatest(sizes) if order > 0 else arrays.least(sizes)
    if order == 1:
        return dual.total(sizes)
    if order == 2:
        return functions.apply("sqrt", dual.inner(numbers, numbers))
    powers = dual.total([functions.power(s, Dual(order)) for s in sizes])
    return functions.power(powers, Dual(1 / order))


@rule("numpy", "linalg.norm", "linalg.vector_norm")
def norm(x: Array, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Array:  # noqa: A002
    """Return the norms of vectors along an axis, or the Frobenius norm of matrices.

    Raises
    ------
    UnsupportedPrimitive
        For other norms of matrices.
    """
    order = _exponent(ord)
    matrix = (x.ndim == 2 and axis is None) or (isinstance(axis, tuple) and len(axis) == 2)
    if matrix and order not in (None, "fro"):
        raise refused(f"linalg.norm of a matrix with ord={ord!r}")
    order = fmpq(2) if order in (None, "fro") else order
    return arrays.reduce(lambda ns: _norm_of(ns, order), to_exact(x), axis, keepdims)
