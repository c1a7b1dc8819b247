"""Builtins of Python that a program calls on exact numbers: float, isinstance, max, min, sum.

Guarantees: ``float`` of an exact number is that number; the type tests answer what they answer for
the floats and arrays that exact ones stand for.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from types import UnionType
from typing import Any

import numpy as np

from .arrays import as_array
from .dual import compare, total
from .exact_array import FLOAT64, ExactArray, ExactScalar
from .numpy_math import number_of
from .numpy_proxies import Kind, stand_in


def nominal(value: ExactArray) -> type:
    """Return the type that a value would have in a run with floats."""
    if not isinstance(value, ExactScalar):
        return np.ndarray
    return float if value.weak else value.dtype.type


def _alternatives(classes: Any) -> list[Any]:
    if isinstance(classes, tuple):
        return [c for part in classes for c in _alternatives(part)]
    return list(classes.__args__) if isinstance(classes, UnionType) else [classes]


def is_instance(value: Any, classes: Any) -> bool:
    """Tell whether a value is of a type, as ``isinstance`` does in a run with floats."""
    if not isinstance(value, ExactArray):
        return isinstance(value, classes)
    own = nominal(value)
    for kind in _alternatives(classes):
        real = kind.real if isinstance(kind, Kind) else kind
        if isinstance(value, real) or issubclass(own, real):
            return True
    return False


def _is_number(value: Any) -> bool:
    return isinstance(value, bool | int | float | np.number) or (
        isinstance(value, ExactArray) and value.size == 1
    )


def _extreme(real: Callable[..., Any], sign: int) -> Callable[..., Any]:
    def extreme(*args: Any, **options: Any) -> Any:
        values = list(args[0]) if len(args) == 1 else list(args)
        exact = any(isinstance(v, ExactArray) for v in values)
        if not exact or options.get("key") is not None or not all(map(_is_number, values)):
            return real(values, **options) if len(args) == 1 else real(*args, **options)
        best = values[0]
        for value in values[1:]:
            if compare(number_of(value), number_of(best), joins=True) == sign:
                best = value
        return best

    return extreme


greatest, least = _extreme(builtins.max, 1), _extreme(builtins.min, -1)


def summed(values: Any, /, start: Any = 0) -> Any:
    """Return the sum, as one operation if all are numbers of a run."""
    given = list(values)
    if not given or not all(isinstance(v, ExactScalar) for v in given) or type(start) is not int:
        return builtins.sum(given, start)
    numbers = [v.number for v in given] + ([number_of(start)] if start else [])
    strong = [v.dtype for v in given if not v.weak]
    dtype = np.result_type(*strong) if strong else FLOAT64
    return ExactScalar(as_array(total(numbers)), dtype, not strong)


def shadowed(import_module: Callable[..., Any]) -> dict[str, Any]:
    """Return the builtins of a program that runs exactly."""
    return {
        **vars(builtins),
        "__import__": import_module,
        "float": stand_in(float),
        "isinstance": is_instance,
        "max": greatest,
        "min": least,
        "sum": summed,
    }
