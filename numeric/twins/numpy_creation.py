"""Functions of NumPy that create arrays, such that exact numbers may be stored in what they give.

Guarantees: floats are created as the exact values that NumPy's would be made of: ``arange`` and
``linspace`` divide without rounding; what is left uninitialised is nan.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from .arrays import as_array, to_exact
from .dual import UNIT, ZERO, Dual
from .exact_array import FLOAT64, ExactArray, ExactScalar, numbers, wrap
from .extended import NAN, exact
from .numpy_dispatch import OWN, call_function
from .numpy_kinds import common, is_float, kind_of, kinds_in, plain
from .numpy_methods import astype


def _dtype(dtype: Any, default: Any = FLOAT64) -> np.dtype[Any]:
    return np.dtype(default if dtype is None else dtype)


def array(value: Any, dtype: Any = None, copy: Any = True, ndmin: int = 0, **_: Any) -> Any:
    """Return an array of numbers that may be nested in lists, as ``numpy.array`` does."""
    if isinstance(value, ExactArray):
        found = _converted(value, dtype, bool(copy))
    else:
        kinds = [FLOAT64 if k is float else k for k in kinds_in(value)]
        floating = any(map(is_float, kinds)) if dtype is None else np.dtype(dtype).kind == "f"
        found = _fresh(value, dtype, kinds, floating)
    if ndmin > found.ndim:
        found = ExactArray(
            found.data.reshape((1,) * (ndmin - found.ndim) + found.shape), found.dtype
        )
    return found


def _fresh(value: Any, dtype: Any, kinds: list[Any], floating: bool) -> ExactArray:
    if not floating and any(map(is_float, kinds)):  # floats that are asked for as integers
        return _converted(array(value), dtype, True)
    if not floating:
        whole = np.array(plain(value), dtype)
        return ExactArray(to_exact(whole) if whole.dtype.kind == "f" else whole, whole.dtype)
    target = _dtype(dtype, common(kinds))
    return ExactArray(np.array(numbers(value, target)), target)


def _converted(value: ExactArray, dtype: Any, copies: bool) -> ExactArray:
    target = _dtype(dtype, value.dtype)
    if isinstance(value, ExactScalar):
        value = ExactArray(value.data.copy(), value.dtype)
    found = astype(value, target, copy=copies) if target != value.dtype or copies else value
    if not isinstance(found, ExactArray):
        found = np.asarray(found)
        return ExactArray(found, found.dtype)
    return ExactArray(found.data, found.dtype) if isinstance(found, ExactScalar) else found


def asarray(value: Any, dtype: Any = None, *_: Any, copy: Any = None, **__: Any) -> Any:
    """Return `value` as an array, itself if it is one of the dtype."""
    return array(value, dtype, copy=bool(copy))


def full(shape: Any, value: Any, dtype: Any = None, *_: Any, **__: Any) -> Any:
    """Return an array full of one number, or of numbers that are broadcast."""
    kinds = list(kinds_in(value))
    if (dtype is None and any(map(is_float, kinds))) or (dtype and np.dtype(dtype).kind == "f"):
        target = _dtype(dtype, common([k for k in kinds if k is not int]))
        data = np.empty(shape, object)
        raw = numbers(value, target)
        data[...] = raw if raw.ndim else raw[()]
        return ExactArray(data, target)
    whole = np.full(shape, plain(value), dtype)
    return ExactArray(whole, whole.dtype)


def _filled(number: Dual, plain_value: int) -> Any:
    def create(shape: Any, dtype: Any = None, *_: Any, **__: Any) -> Any:
        target = _dtype(dtype)
        if target.kind != "f":
            return ExactArray(np.full(shape, plain_value, target), target)
        data = np.empty(shape, object)
        data.fill(number)
        return ExactArray(data, target)

    return create


zeros, ones, empty = _filled(ZERO, 0), _filled(UNIT, 1), _filled(Dual(NAN), 0)


def _alike(create: Any) -> Any:
    def like(a: Any, dtype: Any = None, *_: Any, shape: Any = None, **__: Any) -> Any:
        kind = kind_of(a)
        found = asarray(a).dtype if kind is None or not isinstance(kind, np.dtype) else kind
        return create(np.shape(a) if shape is None else shape, _dtype(dtype, found))

    return like


def full_like(a: Any, fill_value: Any, dtype: Any = None, *_: Any, **__: Any) -> Any:
    """Return an array of the shape and dtype of `a`, full of one number."""
    return full(np.shape(a), fill_value, _dtype(dtype, asarray(a).dtype))


def _from_integers(create: Any) -> Any:
    def made(*args: Any, dtype: Any = None, **options: Any) -> Any:
        whole = create(*(int(a) for a in args), dtype=int, **options)
        target = _dtype(dtype)
        return ExactArray(
            numbers(whole, target) if target.kind == "f" else whole.astype(target), target
        )

    return made


def eye(n: Any, m: Any = None, k: int = 0, dtype: Any = None, *_: Any, **__: Any) -> Any:
    """Return an array with ones on a diagonal."""
    return _from_integers(np.eye)(n, n if m is None else m, k, dtype=dtype)


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None, **_: Any) -> Any:
    """Return evenly spaced numbers with a given step."""
    first, last = (0, start) if stop is None else (start, stop)
    kinds = [k for v in (first, last, step) for k in kinds_in(v)]
    target = _dtype(dtype, FLOAT64 if any(map(is_float, kinds)) else int)
    if not any(map(is_float, kinds)):
        whole = np.arange(first, last, step)
        return _converted(ExactArray(whole, whole.dtype), target, False)
    a, b, d = (numbers(v, FLOAT64)[()] for v in (first, last, step))
    span = math.ceil(ExactScalar(as_array((b - a) / d), FLOAT64))
    values = np.array([a + d * k for k in range(max(span, 0))], object)
    return _converted(ExactArray(values, FLOAT64), target, False)


def linspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
) -> Any:
    """Return `num` evenly spaced numbers between two."""
    target = _dtype(dtype)
    count = int(num)
    parts = count - 1 if endpoint else count
    a, b = numbers(start, FLOAT64), numbers(stop, FLOAT64)
    step = (b - a) * Dual(exact(Fraction(1, max(parts, 1))))
    rows = [numbers(a + step * k, target) for k in range(count)]
    data = np.stack(rows) if rows else np.empty(0, object)
    found = ExactArray(data, target)
    return (found, wrap(numbers(step, target), target)) if retstep else found


def single(value: Any, dtype: Any) -> Any:
    """Return what a scalar type of NumPy makes of a number."""
    target = np.dtype(dtype)
    found = asarray(value, target)
    return wrap(found.data, target)


def copy(a: Any, *_: Any, **__: Any) -> Any:
    """Return a copy as an array."""
    return array(a)


def fromiter(values: Any, dtype: Any, *_: Any, **__: Any) -> Any:
    """Return the numbers of an iterable as an array."""
    return array(list(values), dtype)


def vectorize(function: Any, *_: Any, **__: Any) -> Any:
    """Return `function` of numbers as a function of arrays that broadcast."""

    def broadcast(*args: Any) -> Any:
        arrays = [asarray(a) for a in args]
        spread = np.broadcast_shapes(*(a.shape for a in arrays))
        wide = [ExactArray(np.broadcast_to(a.data, spread), a.dtype) for a in arrays]
        found = [function(*(a[place] for a in wide)) for place in np.ndindex(spread)]
        return asarray(found).reshape(spread) if spread else found[0]

    return broadcast


def tri(n: Any, m: Any = None, k: int = 0, dtype: Any = None) -> Any:
    """Return an array with ones at and below a diagonal."""
    return _from_integers(np.tri)(n, n if m is None else m, k, dtype=dtype)


class _Joined:
    """What ``numpy.r_`` and ``numpy.c_`` make of the arrays and ranges in an index."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        arrays = [
            arange(p.start or 0, p.stop, p.step or 1) if isinstance(p, slice) else array(p, ndmin=1)
            for p in parts
        ]
        return call_function(self.function, (arrays,), {})


TRICKS = {"c_": _Joined(np.column_stack), "r_": _Joined(np.concatenate)}
"""Objects of NumPy that join what they are indexed with."""

OWN.update(
    {
        "arange": arange,
        "array": array,
        "asanyarray": asarray,
        "asarray": asarray,
        "ascontiguousarray": asarray,
        "asfortranarray": asarray,
        "copy": copy,
        "empty": empty,
        "empty_like": _alike(empty),
        "eye": eye,
        "fromiter": fromiter,
        "full": full,
        "full_like": full_like,
        "identity": lambda n, dtype=None, **_: eye(n, dtype=dtype),
        "linspace": linspace,
        "ones": ones,
        "ones_like": _alike(ones),
        "tri": tri,
        "vectorize": vectorize,
        "zeros": zeros,
        "zeros_like": _alike(zeros),
    }
)
