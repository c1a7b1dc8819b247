"""The methods of ufuncs: reduce, accumulate, outer and at.

Guarantees: the operations are done in NumPy's order; repeated places of `at` all count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .arrays import as_array
from .exact_array import ExactArray, ExactScalar, index_of
from .numpy_creation import asarray
from .numpy_dispatch import call_function, call_ufunc, deliver

_SUMS = {
    "add": np.sum,
    "multiply": np.prod,
    "maximum": np.max,
    "minimum": np.min,
    "logical_and": np.all,
    "logical_or": np.any,
}


def reduce(
    ufunc: np.ufunc,
    array: Any,
    axis: Any = 0,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    **options: Any,
) -> Any:
    """Return the ufunc folded along `axis`."""
    if ufunc.__name__ in _SUMS:
        options |= {"axis": axis, "keepdims": keepdims}
        if dtype is not None:
            options["dtype"] = dtype
        result = call_function(_SUMS[ufunc.__name__], (array,), options)
    else:
        steps = accumulate(ufunc, array, axis)
        result = steps[
            (slice(None),) * (axis % steps.ndim) + (slice(-1, None) if keepdims else -1,)
        ]
    return deliver(result, out) if out is not None else result


def accumulate(
    ufunc: np.ufunc, array: Any, axis: int = 0, dtype: Any = None, out: Any = None
) -> Any:
    """Return the ufunc folded over the first elements along `axis`, for each count."""
    lines = _moved(array if dtype is None else asarray(array, dtype), axis)
    rows = [lines[0]] if len(lines) else []
    rows += [None] * (len(lines) - 1)
    for k in range(1, len(lines)):
        rows[k] = call_ufunc(ufunc, "__call__", (rows[k - 1], lines[k]), {})
    stacked = call_function(np.stack, (rows,), {"axis": axis})
    return deliver(stacked, out) if out is not None else stacked


def _moved(array: Any, axis: int) -> ExactArray:
    whole = asarray(array)
    return ExactArray(np.moveaxis(whole.data, axis, 0), whole.dtype)


def outer(ufunc: np.ufunc, a: Any, b: Any, **options: Any) -> Any:
    """Return the ufunc of each number of `a` with each of `b`."""
    left = a.reshape((*np.shape(a), *([1] * np.ndim(b)))) if np.ndim(a) else a
    return call_ufunc(ufunc, "__call__", (left, b), options)


def at(ufunc: np.ufunc, target: Any, places: Any, values: Any = None) -> None:
    """Apply the ufunc in place at `places`, once for each time that a place is named."""
    if isinstance(target, ExactScalar) or not isinstance(target, ExactArray):
        raise TypeError("first operand must be an array of the exact run")
    found = np.arange(target.size).reshape(target.shape)[index_of(places)]
    found = np.asarray(found)
    operands = []
    if values is not None:
        given = asarray(values)
        spread = np.broadcast_to(given.data, found.shape)
        operands = [ExactArray(np.array(spread), given.dtype)]
    for count, place in enumerate(found.ravel().tolist()):
        where = np.unravel_index(place, target.shape)
        inputs = [target[where], *(o.reshape(-1)[count] for o in operands)]
        result = call_ufunc(ufunc, "__call__", inputs, {})
        if isinstance(result, ExactArray):
            target.data[where] = as_array(result.data)[()]
        else:
            target[where] = result


METHODS: dict[str, Callable[..., Any]] = {
    "accumulate": accumulate,
    "at": at,
    "outer": outer,
    "reduce": reduce,
}
