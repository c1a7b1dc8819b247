"""Operators of single numbers, without the detour through NumPy's ufuncs.

Guarantees: the results are those of the ufuncs; of two floats of Python, a float of Python, with
its error for a division by 0; no operator writes in place.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from . import functions
from .arrays import as_array, constant
from .dual import is_exact_zero

_IN_PLACE = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
    *("and", "or", "xor", "lshift", "rshift"),
)


def _meeting(a: Any, b: Any) -> tuple[Any, bool]:
    """Return the dtype of two single numbers, and whether both are floats of Python."""
    if a.weak or b.weak:
        return (b.dtype if a.weak else a.dtype), a.weak and b.weak
    return (a.dtype if a.dtype == b.dtype else np.result_type(a.dtype, b.dtype)), False


def _binary(name: str, function: Callable[..., Any], reflected: bool) -> Callable[..., Any]:
    fallback = getattr(NDArrayOperatorsMixin, name)

    def operate(self: Any, other: Any) -> Any:
        kind = type(other)
        if kind is type(self):
            dtype, weak = _meeting(self, other)
            number = other.data[()]
        elif kind is int or kind is float:
            dtype, weak = self.dtype, self.weak
            number = constant(other, dtype.name)
        else:
            return fallback(self, other)
        a, b = (number, self.data[()]) if reflected else (self.data[()], number)
        if weak and function is operator.truediv and is_exact_zero(b):
            raise ZeroDivisionError("float division by zero")
        return type(self)(as_array(function(a, b)), dtype, weak)

    return operate


def _comparison(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    fallback = getattr(NDArrayOperatorsMixin, name)

    def compare(self: Any, other: Any) -> Any:
        kind = type(other)
        if kind is type(self):
            number = other.data[()]
        elif kind is int or kind is float:
            number = constant(other, self.dtype.name)
        elif other is None or kind is str:
            return NotImplemented
        else:
            return fallback(self, other)
        found = function(self.data[()], number)
        return found if self.weak else np.bool_(found)

    return compare


def _not_in_place(*_: Any) -> Any:
    return NotImplemented


def operators() -> dict[str, Callable[..., Any]]:
    """Return the operators of single numbers by the names of their methods."""
    found: dict[str, Callable[..., Any]] = {f"__i{name}__": _not_in_place for name in _IN_PLACE}
    pairs = {
        "add": operator.add,
        "mul": operator.mul,
        "pow": functions.power,
        "sub": operator.sub,
        "truediv": operator.truediv,
    }
    for name, function in pairs.items():
        found[f"__{name}__"] = _binary(f"__{name}__", function, False)
        found[f"__r{name}__"] = _binary(f"__r{name}__", function, True)
    for name in ("lt", "le", "gt", "ge", "eq", "ne"):
        found[f"__{name}__"] = _comparison(f"__{name}__", getattr(operator, name))
    found["__neg__"] = lambda a: type(a)(as_array(-a.data[()]), a.dtype, a.weak)
    found["__pos__"] = lambda a: a
    found["__hash__"] = None  # type: ignore[assignment]  # setting __eq__ is not to bring it back
    return found
