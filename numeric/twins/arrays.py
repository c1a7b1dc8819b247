"""Arrays of numbers: reductions, cumulations, orderings and products on NumPy object arrays.

A float array of a program is an object array of `Dual`; arrays of integers and booleans are plain
NumPy arrays, decided for certain.
Structure (shape, indexing, broadcasting) is left to NumPy, which moves the numbers untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cmp_to_key, lru_cache
from typing import Any, TypeAlias

import numpy as np
from flint import arb

from ...symbolic.errors import DeclarationError
from ..floats import FORMATS, round_to, ulp
from . import dual
from .dual import Dual, compare, inner, total
from .extended import exact
from .run import current_run

Array: TypeAlias = np.ndarray[Any, Any]

FLOATS = frozenset(FORMATS)
"""Names of the float dtypes."""


def is_exact(value: Any) -> bool:
    """Tell whether `value` is an array of numbers of a run."""
    return isinstance(value, np.ndarray) and value.dtype == object


def as_array(value: Any) -> Array:
    """Return a number of a run, or an array, as an array."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, Dual):
        cell = np.empty((), object)
        cell[()] = value
        return cell
    return np.asarray(value)


def from_numbers(values: Sequence[Any], shape: tuple[int, ...]) -> Array:
    """Return an object array of `values` in row-major order."""
    flat = np.empty(len(values), object)
    flat[:] = values
    return flat.reshape(shape)


@lru_cache(maxsize=16384)  # a float is looked up faster than the fraction it is
def _rounded(value: float | Fraction, name: str) -> Dual:
    return Dual(exact(round_to(Fraction(value), FORMATS[name])))


_SHORT = 2
"""A constant with at most 1/2 of the bits of its dtype is meant as it stands."""


@lru_cache(maxsize=4096)
def _loosened(value: Fraction, name: str) -> Dual:
    """Return every number that rounds to the constant, if it looks like a rounded one."""
    fmt = FORMATS[name]
    rounded = round_to(value, fmt)
    odd = rounded.numerator // (rounded.numerator & -rounded.numerator) if rounded else 0
    if abs(odd).bit_length() <= fmt.precision // _SHORT:
        return Dual(exact(rounded))
    return Dual(arb(exact(rounded), arb(exact(ulp(rounded, fmt) / 2))))


def constant(value: Any, dtype: str) -> Dual:
    """Return a constant of the program, rounded to the dtype that it is used in.

    A float beyond the range of the dtype is an infinity.
    In a loose run it stands for every number that rounds to it.
    """
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, Dual):
        return number
    if isinstance(number, float) and not np.isfinite(number):
        return Dual(number)
    if dtype not in FLOATS:
        return Dual(exact(number))
    try:
        if current_run().loose:
            return _loosened(Fraction(number), dtype)
        return _rounded(number if type(number) is float else Fraction(number), dtype)
    except DeclarationError:
        return Dual(float("inf") if number > 0 else float("-inf"))


def to_exact(value: Any) -> Array:
    """Return numbers as they are stored, without loss, as an object array."""
    array = np.asarray(value)
    if array.dtype == object:
        return array
    flat = [Dual(exact(v)) for v in array.ravel().tolist()]
    return from_numbers(flat, array.shape)


def mapped(function: Callable[..., Any], count: int = 1) -> Callable[..., Array]:
    """Return `function` of `count` numbers as a function of arrays that broadcast."""
    ufunc = np.frompyfunc(function, count, 1)
    return lambda *arrays: as_array(ufunc(*arrays))


def tested(function: Callable[..., bool], count: int = 1) -> Callable[..., Array]:  # noqa: PT028
    """Return a test of `count` numbers as a function from arrays to a boolean array."""
    ufunc = np.frompyfunc(function, count, 1)
    return lambda *arrays: np.asarray(ufunc(*arrays)).astype(bool)


less = tested(lambda a, b: compare(a, b) == -1, 2)
less_equal = tested(lambda a, b: compare(a, b) in (-1, 0), 2)
greater = tested(lambda a, b: compare(a, b) == 1, 2)
greater_equal = tested(lambda a, b: compare(a, b) in (1, 0), 2)
equal = tested(lambda a, b: compare(a, b) == 0, 2)
not_equal = tested(lambda a, b: compare(a, b) != 0, 2)
maximum = mapped(dual.maximum, 2)
minimum = mapped(dual.minimum, 2)
absolute = mapped(dual.absolute)

Axes: TypeAlias = int | Sequence[int] | None


def _axes(axes: Axes, rank: int) -> tuple[int, ...]:
    if axes is None:
        return tuple(range(rank))
    chosen = (axes,) if isinstance(axes, int | np.integer) else tuple(axes)
    # A number counts as having one axis, as for NumPy's reductions.
    found = np.lib.array_utils.normalize_axis_tuple([int(a) for a in chosen], max(rank, 1))
    return tuple(sorted(found)) if rank else ()


def reduce(
    function: Callable[[list[Any]], Any], array: Array, axes: Axes, keepdims: bool = False
) -> Array:
    """Return `function` of the list of numbers along `axes`, for each place of the others.

    Parameters
    ----------
    function
        Takes a list, in row-major order.
    array
        Any array.
    axes
        One axis, several, or None for all.
    keepdims
        Whether the axes stay, with length 1.
    """
    chosen = _axes(axes, array.ndim)
    rest = [a for a in range(array.ndim) if a not in chosen]
    shape = tuple(array.shape[a] for a in rest)
    count = int(np.prod(shape, dtype=int))
    rows = array.transpose(*rest, *chosen).reshape(count, -1 if array.size else 0)
    result = from_numbers([function(list(row)) for row in rows], shape)
    if keepdims:
        result = result.reshape([1 if a in chosen else s for a, s in enumerate(array.shape)])
    return result


def _folded(function: Callable[[Dual, Dual], Dual]) -> Callable[[list[Dual]], Dual]:
    def fold(numbers: list[Dual]) -> Dual:
        if not numbers:
            raise DeclarationError(
                "a maximum or minimum is taken over at least one number",
                found="an empty axis",
                remedy="give the program inputs of positive size",
            )
        best = numbers[0]
        for number in numbers[1:]:
            best = function(best, number)
        return best

    return fold


def product_of(numbers: list[Dual]) -> Dual:
    """Return the product of `numbers`; 1 if there are none."""
    result = dual.UNIT
    for number in numbers:
        result = result * number
    return result


greatest = _folded(dual.maximum)
least = _folded(dual.minimum)


def total_along(array: Array, axes: Axes, keepdims: bool = False) -> Array:
    """Return the sums along `axes`."""
    return reduce(total, array, axes, keepdims)


def greatest_along(array: Array, axes: Axes, keepdims: bool = False) -> Array:
    """Return the maxima along `axes`."""
    return reduce(greatest, array, axes, keepdims)


def least_along(array: Array, axes: Axes, keepdims: bool = False) -> Array:
    """Return the minima along `axes`."""
    return reduce(least, array, axes, keepdims)


def cumulative(
    function: Callable[[Dual, Dual], Dual], array: Array, axis: int, reverse: bool = False
) -> Array:
    """Return the running results of `function` along `axis`."""
    result = array.copy()
    lines = np.moveaxis(result, axis, 0)
    order = range(lines.shape[0] - 2, -1, -1) if reverse else range(1, lines.shape[0])
    for place in order:
        before = place + 1 if reverse else place - 1
        # With the dots, an array without axes is unpacked into a one-dimensional result.
        lines[place, ...] = as_array(np.frompyfunc(function, 2, 1)(lines[before], lines[place]))
    return result


def _ordering(a: Dual, b: Dual) -> int:
    # A nan is sorted to the end, as NumPy, JAX and PyTorch do.
    outcome = compare(a, b)
    return int(a.value != a.value) - int(b.value != b.value) if outcome is None else outcome


def order(array: Array, axis: int, descending: bool = False) -> Array:
    """Return the integers that sort `array` along `axis`, equal numbers in their order."""
    lines = np.moveaxis(to_exact(array), axis, -1)
    result = np.empty(lines.shape, np.int64)
    for place in np.ndindex(lines.shape[:-1]):
        numbers = list(lines[place])
        sign = -1 if descending else 1
        key = cmp_to_key(lambda p, q, n=numbers, s=sign: s * _ordering(n[p], n[q]))  # type: ignore[misc]
        result[place] = sorted(range(len(numbers)), key=key)
    return np.moveaxis(result, -1, axis)


def place_of_greatest(numbers: list[Dual]) -> int:
    """Return the first place of the greatest number; a nan is greatest."""
    best = 0
    for place, number in enumerate(numbers):
        if numbers[best].value != numbers[best].value:
            break
        outcome = compare(number, numbers[best]) if place else 0
        if outcome == 1 or outcome is None:
            best = place
    return best


def place_of_least(numbers: list[Dual]) -> int:
    """Return the first place of the least number; a nan is least."""
    return place_of_greatest([-n for n in numbers])


def place_along(function: Callable[[list[Dual]], int], array: Array, axis: int | None) -> Array:
    """Return the places that `function` finds along `axis`, as integers."""
    places = reduce(function, to_exact(array), axis)
    return places.astype(np.int64)


def contract(left: Array, right: Array) -> Array:
    """Return the matrix product of arrays of shapes (m, k) and (k, n)."""
    rows, columns = [list(r) for r in left], [list(c) for c in right.T]
    flat = [inner(row, column) for row in rows for column in columns]
    return from_numbers(flat, (len(rows), len(columns)))


def matmul(left: Array, right: Array) -> Array:
    """Return the matrix product with the broadcasting of `numpy.matmul`."""
    left, right = to_exact(left), to_exact(right)
    a = left[None, :] if left.ndim == 1 else left
    b = right[:, None] if right.ndim == 1 else right
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a = np.broadcast_to(a, batch + a.shape[-2:])
    b = np.broadcast_to(b, batch + b.shape[-2:])
    result = np.empty((*batch, a.shape[-2], b.shape[-1]), object)
    for place in np.ndindex(batch):
        result[place] = contract(a[place], b[place])
    if left.ndim == 1:
        result = result[..., 0, :]
    return result[..., 0] if right.ndim == 1 else result


def tensordot(left: Array, right: Array, contracted: tuple[Sequence[int], Sequence[int]]) -> Array:
    """Return the contraction of axes of `left` with axes of `right`, the others in order."""
    ours = np.lib.array_utils.normalize_axis_tuple(contracted[0], left.ndim)
    theirs = np.lib.array_utils.normalize_axis_tuple(contracted[1], right.ndim)
    rest = [a for a in range(left.ndim) if a not in ours]
    other = [a for a in range(right.ndim) if a not in theirs]
    shape = [left.shape[a] for a in rest] + [right.shape[a] for a in other]
    size = int(np.prod([left.shape[a] for a in ours], dtype=int))
    rows = int(np.prod(shape[: len(rest)], dtype=int))
    columns = int(np.prod(shape[len(rest) :], dtype=int))
    a = left.transpose(*rest, *ours).reshape(rows, size)
    b = right.transpose(*theirs, *other).reshape(size, columns)
    return contract(a, b).reshape(shape)
