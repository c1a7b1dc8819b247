"""Exact rules for functions of NumPy that move, choose, join and order numbers.

Guarantees: numbers are moved untouched by NumPy itself, so that views alias as NumPy's do; only
orders and choices that compare numbers are decided exactly.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import arrays, dual, functions
from .arrays import Array, as_array, order, to_exact
from .dual import ZERO, Dual
from .numpy_elementwise import truth
from .numpy_reductions import over
from .registry import RULES, rule

_MOVING = (
    *("atleast_1d", "atleast_2d", "atleast_3d", "broadcast_to", "delete", "diag", "diagflat"),
    *("diagonal", "expand_dims", "flip", "fliplr", "flipud", "matrix_transpose", "moveaxis"),
    *("ravel", "repeat", "reshape", "resize", "roll", "rollaxis", "rot90", "split", "array_split"),
    *("squeeze", "swapaxes", "take", "take_along_axis", "tile", "transpose", "tril", "triu"),
    *(
        "hsplit",
        "vsplit",
        "dsplit",
        "compress",
        "extract",
        "broadcast_arrays",
        "meshgrid",
        "unstack",
    ),
)

_FILLED_WITH_ZEROS = ("diag", "diagflat", "tril", "triu")


def _moving(name: str) -> Any:
    function = getattr(np, name)

    def move(*args: Any, **options: Any) -> Any:
        found = function(*args, **options)
        if name not in _FILLED_WITH_ZEROS:
            return found
        return (
            np.where([[type(n) is Dual for n in row] for row in found], found, as_array(ZERO))
            if found.ndim == 2
            else found
        )

    return move


for _name in _MOVING:
    RULES["numpy"][_name] = _moving(_name)
RULES["numpy"]["linalg.diagonal"] = lambda x, offset=0: np.diagonal(x, offset, -2, -1)
RULES["numpy"]["linalg.matrix_transpose"] = RULES["numpy"]["matrix_transpose"]

_JOINING = ("column_stack", "concatenate", "dstack", "hstack", "stack", "vstack")


def _joining(name: str) -> Any:
    function = getattr(np, name)
    return lambda arrays, *args, **options: function(
        [to_exact(a) for a in arrays], *args, **options
    )


for _name in _JOINING:
    RULES["numpy"][_name] = _joining(_name)


@rule("numpy", "append")
def append(arr: Array, values: Any, axis: int | None = None) -> Array:
    """Return an array with numbers added at its end."""
    return np.append(to_exact(arr), to_exact(values), axis)


@rule("numpy", "insert")
def insert(arr: Array, obj: Any, values: Any, axis: int | None = None) -> Array:
    """Return an array with numbers put in between."""
    return np.insert(to_exact(arr), obj, to_exact(values), axis)


@rule("numpy", "pad")
def pad(array: Array, pad_width: Any, mode: Any = "constant", constant_values: Any = 0) -> Array:
    """Return an array with a margin."""
    numbers = to_exact(array)
    places = np.pad(np.arange(numbers.size).reshape(numbers.shape) + 1, pad_width, mode)
    fill = to_exact(constant_values)
    padded = np.concatenate([[fill.ravel()[0]], numbers.ravel()])
    return padded[places]


@rule("numpy", "where")
def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """Return the numbers of `x` where a condition holds and those of `y` elsewhere."""
    if x is None or y is None:
        return np.nonzero(truth(condition))
    return as_array(np.where(truth(condition), to_exact(x), to_exact(y)))


@rule("numpy", "select")
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Array:
    """Return for each place the number of the first condition that holds."""
    result = to_exact(default)
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        result = as_array(np.where(truth(condition), to_exact(choice), result))
    return result


@rule("numpy", "choose")
def choose(a: Array, choices: Any, mode: Any = "raise") -> Array:
    """Return for each place the number of the choice that is named there."""
    return as_array(np.choose(a, [to_exact(c) for c in choices], mode=mode))


@rule("numpy", "nonzero")
def nonzero(a: Array) -> Any:
    """Return the places that are not 0, by axis."""
    return np.nonzero(truth(a))


@rule("numpy", "argwhere")
def argwhere(a: Array) -> Array:
    """Return the places that are not 0, by row."""
    return np.argwhere(truth(a))


@rule("numpy", "flatnonzero")
def flatnonzero(a: Array) -> Array:
    """Return the places of the flat array that are not 0."""
    return np.flatnonzero(truth(a))


@rule("numpy", "argsort")
def argsort(a: Array, axis: int | None = -1) -> Array:
    """Return the places that sort an array, equal numbers in their order."""
    return arrays.order(a.ravel() if axis is None else a, -1 if axis is None else axis)


@rule("numpy", "sort")
def sort(a: Array, axis: int | None = -1) -> Array:
    """Return the sorted numbers."""
    numbers = a.ravel() if axis is None else a
    along = -1 if axis is None else axis
    return np.take_along_axis(numbers, arrays.order(numbers, along), along)


@rule("numpy", "partition")
def partition(a: Array, axis: int | None = -1) -> Array:
    """Return the sorted numbers, which are partitioned everywhere."""
    return sort(a, axis)


@rule("numpy", "argpartition")
def argpartition(a: Array, axis: int | None = -1) -> Array:
    """Return the places that sort an array."""
    return argsort(a, axis)


@rule("numpy", "searchsorted")
def searchsorted(a: Array, v: Any, side: str = "left", sorter: Any = None) -> Array:
    """Return the places where numbers keep a sorted array sorted."""
    numbers = list(to_exact(a)[sorter] if sorter is not None else to_exact(a))
    before = dual.Dual.__lt__ if side == "left" else dual.Dual.__le__
    values = to_exact(v)
    found = [sum(before(n, x) for n in numbers) for x in values.ravel()]
    return np.array(found, np.int64).reshape(values.shape)


@rule("numpy", "median")
def median(
    a: Array,
    axis: Any = None,
    keepdims: bool = False,
) -> Array:
    """Return the medians along an axis."""

    def middle(numbers: list[Dual]) -> Dual:
        row = np.empty(len(numbers), object)
        row[:] = numbers
        placed = row[order(row, 0)]
        half = len(row) // 2
        return placed[half] if len(row) % 2 else (placed[half - 1] + placed[half]) / over(2)

    return arrays.reduce(middle, to_exact(a), axis, keepdims)


@rule("numpy", "bincount")
def bincount(x: Array, weights: Any = None, minlength: int = 0) -> Array:
    """Return the sums of the weights of each integer."""
    places = np.asarray(x)
    result = np.full(max(int(places.max(initial=-1)) + 1, minlength), ZERO)
    for place, weight in zip(places.tolist(), to_exact(weights).tolist(), strict=True):
        result[place] = result[place] + weight
    return result


def _both_nan(left: Array, right: Array) -> Array:
    nan = arrays.tested(functions.is_nan)
    return np.asarray(nan(left) & nan(right))


@rule("numpy", "array_equal")
def array_equal(a1: Array, a2: Array, equal_nan: bool = False) -> bool:
    """Tell whether two arrays have the same shape and numbers."""
    left, right = to_exact(a1), to_exact(a2)
    if left.shape != right.shape:
        return False
    same = arrays.equal(left, right)
    return bool(np.all(same | _both_nan(left, right) if equal_nan else same))


@rule("numpy", "isclose")
def isclose(
    a: Array, b: Array, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False
) -> Array:
    """Tell where numbers are near each other."""
    left, right = to_exact(a), to_exact(b)
    near = as_array(to_exact(atol) + to_exact(rtol) * arrays.absolute(right))
    same = arrays.equal(left, right)
    if equal_nan:
        same = np.asarray(same | _both_nan(left, right))
    apart = arrays.absolute(as_array(left - right))
    return np.asarray(same | arrays.less_equal(apart, near))


@rule("numpy", "allclose")
def allclose(
    a: Array, b: Array, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False
) -> bool:
    """Tell whether all numbers are near each other."""
    return bool(np.all(isclose(a, b, rtol, atol, equal_nan)))


@rule("numpy", "trapezoid")
def trapezoid(y: Array, x: Any = None, dx: Any = 1, axis: int = -1) -> Array:
    """Return the integrals by the trapezoidal rule."""
    lines = np.moveaxis(to_exact(y), axis, -1)
    steps = to_exact(dx)
    if x is not None:
        places = to_exact(x)
        steps = as_array(places[1:] - places[:-1])
    return arrays.total_along(as_array((lines[..., 1:] + lines[..., :-1]) * steps / over(2)), -1)
