"""Kinds of numbers in a program: dtypes, and the weak numbers of Python.

Guarantees: dtypes are promoted as NumPy does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from .exact_array import FLOAT64, ExactArray, ExactScalar

Kind: TypeAlias = Any
"""A dtype, or one of int and float for the weak numbers of Python."""


def kind_of(value: Any) -> Kind | None:
    """Return the dtype of a value, float or int for a number of Python, None for none."""
    if isinstance(value, ExactArray):
        return float if isinstance(value, ExactScalar) and value.weak else value.dtype
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype
    if isinstance(value, bool):
        return np.dtype(bool)
    return type(value) if type(value) in (int, float) else None


def is_float(kind: Kind) -> bool:
    """Tell whether a kind is one of floats."""
    return kind is float or (isinstance(kind, np.dtype) and kind.kind == "f")


def kinds_in(value: Any) -> Iterator[Kind]:
    """Yield the kinds of all numbers in a nested value."""
    if isinstance(value, list | tuple):
        for part in value:
            yield from kinds_in(part)
    else:
        kind = kind_of(value)
        if kind is not None:
            yield kind


def plain(value: Any) -> Any:
    """Return a value without exact arrays; their integers are shared."""
    if isinstance(value, ExactArray):
        return value.data
    if type(value) in (list, tuple):
        return type(value)(plain(v) for v in value)
    return value


def common(kinds: Sequence[Kind]) -> np.dtype[Any]:
    """Return the float dtype that numbers of these kinds are computed in."""
    strong = [k for k in kinds if isinstance(k, np.dtype)]
    found = np.result_type(*strong) if strong else FLOAT64
    return found if found.kind == "f" else FLOAT64
