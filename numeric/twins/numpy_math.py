"""The functions of Python's ``math`` for exact numbers.

Guarantees: results are floats of Python, which are weak in NumPy's promotion; where ``math`` raises
an error for floats, so do these; plain numbers are left to ``math`` itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import dual, functions, numpy_elementwise
from .arrays import as_array, constant
from .dual import ZERO, Dual, compare, is_exact_zero
from .exact_array import FLOAT64, ExactArray, ExactScalar
from .extended import exact


def weak(number: Dual) -> ExactScalar:
    """Return a number as a float of Python."""
    return ExactScalar(as_array(number), FLOAT64, True)


def number_of(value: Any) -> Dual:
    """Return the number that a scalar of a program holds."""
    return value.number if isinstance(value, ExactArray) else constant(value, "float64")


def _domain(bad: bool) -> None:
    if bad:
        raise ValueError("math domain error")


def _log(x: Dual) -> Dual:
    _domain(compare(x, ZERO) in (-1, 0))
    return functions.apply("log", x)


def _checked(name: str) -> Callable[[Dual], Dual]:
    def function(x: Dual) -> Dual:
        _domain(compare(x, ZERO) in (-1, 0))
        return functions.apply(name, x)

    return function


def _log1p(x: Dual) -> Dual:
    _domain(compare(x, Dual(exact(-1))) in (-1, 0))
    return functions.apply("log1p", x)


def _sqrt(x: Dual) -> Dual:
    _domain(compare(x, ZERO) == -1)
    return functions.apply("sqrt", x)


def _power(x: Dual, y: Dual) -> Dual:
    whole = y.slope is None and functions.apply("trunc", y).value == y.value
    _domain(not whole and compare(x, ZERO) == -1)
    _domain(is_exact_zero(x) and compare(y, ZERO) == -1)
    return functions.power(x, y)


def _whole(name: str) -> Callable[[Dual], int]:
    return lambda x: int(functions.apply(name, x).value.p)


_SAME = ("acosh", "asinh", "atan", "atanh", "acos", "asin", "cos", "cosh", "erf", "erfc", "exp")
_ALSO = ("exp2", "expm1", "lgamma", "sin", "sinh", "tan", "tanh")

_ONE: dict[str, Callable[..., Dual]] = {
    **{name: functions.function(name) for name in (*_SAME, *_ALSO)},
    "cbrt": lambda x: functions.sign_of(x) * functions.power(dual.absolute(x), _third()),
    "degrees": numpy_elementwise._degrees,
    "fabs": dual.absolute,
    "log10": _checked("log10"),
    "log1p": _log1p,
    "log2": _checked("log2"),
    "radians": numpy_elementwise._radians,
    "sqrt": _sqrt,
    "atan2": numpy_elementwise.arctan2,
    "copysign": numpy_elementwise.copysign,
    "fmod": numpy_elementwise.fmod,
    "hypot": lambda *xs: functions.apply("sqrt", dual.inner(list(xs), list(xs))),
    "ldexp": lambda x, k: x * functions.power(Dual(exact(2)), k),
    "pow": _power,
}
"""Functions that give a float."""

_PLAIN: dict[str, Callable[..., Any]] = {
    "ceil": _whole("ceil"),
    "floor": _whole("floor"),
    "isclose": lambda a, b, **options: bool(np.isclose(weak(a), weak(b), **options)),
    "isfinite": functions.is_finite,
    "isinf": functions.is_infinite,
    "isnan": functions.is_nan,
    "trunc": _whole("trunc"),
}
"""Functions that give an integer or a truth value."""


def _third() -> Dual:
    return Dual(dual.UNIT.value / 3)


def _lifted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    real = getattr(math, name, None)

    def call(*args: Any, **options: Any) -> Any:
        if real is not None and not any(isinstance(a, ExactArray) for a in args):
            return real(*args, **options)
        result = function(*(number_of(a) for a in args), **options)
        return weak(result) if isinstance(result, Dual) else result

    call.__name__ = name
    return call


def _log_to_base(x: Any, *base: Any) -> Any:
    if not any(isinstance(v, ExactArray) for v in (x, *base)):
        return math.log(x, *base)
    parts = [weak(_log(number_of(v))) for v in (x, *base)]
    return parts[0] / parts[1] if base else parts[0]


def fsum(values: Any) -> Any:
    """Return the exact sum."""
    given = list(values)
    if not any(isinstance(v, ExactArray) for v in given):
        return math.fsum(given)
    return weak(dual.total([number_of(v) for v in given]))


def _gathered(join: Callable[..., Dual], real: Any) -> Callable[..., Any]:
    def call(*collections: Any, **options: Any) -> Any:
        lists = [list(c) for c in collections]
        if not any(isinstance(v, ExactArray) for c in lists for v in c):
            return real(*collections, **options)
        return weak(join(*([number_of(v) for v in c] for c in lists)))

    return call


def _product(numbers: list[Dual]) -> Dual:
    result = dual.UNIT
    for number in numbers:
        result = result * number
    return result


def _distance(a: list[Dual], b: list[Dual]) -> Dual:
    gaps = [p - q for p, q in zip(a, b, strict=True)]
    return functions.apply("sqrt", dual.inner(gaps, gaps))


MATH: dict[str, Callable[..., Any]] = {
    **{name: _lifted(name, function) for name, function in (_ONE | _PLAIN).items()},
    "dist": _gathered(_distance, math.dist),
    "fsum": fsum,
    "log": _log_to_base,
    "prod": _gathered(_product, math.prod),
    "sumprod": _gathered(dual.inner, getattr(math, "sumprod", None)),
}
"""What stands in for the functions of ``math``, by name."""
