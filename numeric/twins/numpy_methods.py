"""Methods of exact arrays: NumPy's functions of the same names, and what only a method does.

Guarantees: a method of NumPy's arrays without an exact meaning is one clear error, and any other
name is no attribute.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .arrays import order
from .exact_array import ExactArray, ExactScalar, integers, wrap
from .numpy_dispatch import call_function, lowered
from .numpy_messages import note_narrowing, refused
from .registry import Rule, find_rule

FUNCTIONS = frozenset(
    {"all", "any", "argmax", "argmin", "argsort", "choose", "clip", "compress", "cumprod", "cumsum"}
    | {"diagonal", "dot", "max", "mean", "min", "nonzero", "prod", "ravel", "repeat", "round"}
    | {"searchsorted", "squeeze", "std", "sum", "swapaxes", "take", "trace", "var"}
)
"""Methods that are functions of NumPy by the same name."""


def method_of(array: ExactArray, name: str) -> Any:
    """Return a method, or a property that is seldom asked for, of an exact array.

    Raises
    ------
    AttributeError
        If NumPy's arrays have none of the name.
    UnsupportedPrimitive
        If theirs has no exact meaning.
    """
    if name in FUNCTIONS:
        return partial(_by_function, array, name)
    if name in METHODS:
        return partial(METHODS[name], array)
    if name in PROPERTIES:
        return PROPERTIES[name](array)
    rule = find_rule("numpy", f"ndarray.{name}")
    if rule is not None:
        return partial(_by_rule, array, rule)
    if hasattr(np.ndarray, name) and not name.startswith("__"):
        raise refused(f"ndarray.{name}")
    raise AttributeError(f"'numpy.ndarray' object has no attribute {name!r}")


def _by_function(array: ExactArray, name: str, *args: Any, **kwargs: Any) -> Any:
    return call_function(getattr(np, name), (array, *args), kwargs)


def _by_rule(array: ExactArray, rule: Rule, *args: Any, **kwargs: Any) -> Any:
    return wrap(rule(array.data, *(lowered(a, array.dtype) for a in args), **kwargs), array.dtype)


def _shape(sizes: tuple[Any, ...]) -> Any:
    return sizes[0] if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else sizes


def reshape(array: ExactArray, *shape: Any, order: Any = "C", **_: Any) -> ExactArray:
    """Return the array in another shape, a view where NumPy gives one."""
    return ExactArray(array.data.reshape(_shape(shape), order=order), array.dtype)


def transpose(array: ExactArray, *axes: Any) -> ExactArray:
    """Return the array with its axes permuted, a view."""
    order = _shape(axes)
    return ExactArray(array.data.transpose(order if axes else None), array.dtype)


def flatten(array: ExactArray, order: Any = "C") -> ExactArray:
    """Return a copy with one axis."""
    return ExactArray(array.data.flatten(order), array.dtype)


def copy(array: ExactArray, order: Any = "C") -> ExactArray:
    """Return a copy, which can be written to."""
    if isinstance(array, ExactScalar):
        return array
    return ExactArray(array.data.copy(order), array.dtype)


def astype(array: ExactArray, dtype: Any, *_: Any, copy: bool = True, **_options: Any) -> Any:
    """Return the array in another dtype; a float stays the exact number that it is."""
    target = np.dtype(dtype)
    if target.kind not in "fiub" or target.name == "longdouble":
        raise refused(f"conversion to {target}")
    if target.kind != "f":
        return wrap(integers(array.data, target), target)
    if array.data.dtype != object:
        from .exact_array import numbers

        return wrap(numbers(array.data, target), target)
    note_narrowing(array.dtype, target)
    if isinstance(array, ExactScalar):
        return ExactScalar(array.data, target)
    if not copy and target == array.dtype:
        return array
    return ExactArray(array.data.copy(), target)


def view(array: ExactArray, dtype: Any = None, **_: Any) -> ExactArray:
    """Return the array, which shares its numbers; their bits cannot be read as others."""
    if dtype is not None and not (dtype is np.ndarray or np.dtype(dtype) == array.dtype):
        raise refused("ndarray.view as another dtype")
    return type(array)(array.data, array.dtype)


def item(array: ExactArray, *place: Any) -> Any:
    """Return one number as a number of Python."""
    index = place[0] if len(place) == 1 else place
    cell = array.data.item(index) if place else array.data.item()
    found = wrap(cell, array.dtype)
    return (
        ExactScalar(found.data, np.dtype(float), True) if isinstance(found, ExactScalar) else found
    )


def tolist(array: ExactArray) -> Any:
    """Return nested lists of numbers of Python."""
    return [tolist(row) for row in array] if array.ndim else item(array)


def fill(array: ExactArray, value: Any) -> None:
    """Write one number everywhere."""
    array[...] = value


def sort(array: ExactArray, axis: int = -1, **_: Any) -> None:
    """Sort the array in place."""
    if array.data.dtype == object:
        places = order(array.data, axis)
        array.data[...] = np.take_along_axis(array.data, places, axis)
    else:
        array.data.sort(axis)


def to_device(array: ExactArray, *_: Any, **__: Any) -> ExactArray:
    """Return the array: there is one device."""
    return array


METHODS: dict[str, Callable[..., Any]] = {
    "astype": astype,
    "conj": lambda a: a,
    "conjugate": lambda a: a,
    "copy": copy,
    "fill": fill,
    "flatten": flatten,
    "item": item,
    "reshape": reshape,
    "sort": sort,
    "to_device": to_device,
    "tolist": tolist,
    "transpose": transpose,
    "view": view,
    "is_integer": lambda a: bool(a == np.floor(a)),
}


def flat(array: ExactArray) -> ExactArray:
    """Return a view with one axis."""
    if not array.data.flags.c_contiguous:
        raise refused("ndarray.flat of an array that is not contiguous")
    return reshape(array, -1)


PROPERTIES: dict[str, Callable[[ExactArray], Any]] = {
    "flat": flat,
    "imag": lambda a: np.zeros_like(a),
    "itemsize": lambda a: a.dtype.itemsize,
    "nbytes": lambda a: a.size * a.dtype.itemsize,
    "real": lambda a: a,
    "strides": lambda a: a.data.strides,
}
"""Attributes that NumPy's arrays have and exact ones compute when asked."""
