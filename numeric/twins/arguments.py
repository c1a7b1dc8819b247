"""Arguments of a program: what is varied exactly, and what is fixed.

Guarantees: no input is rounded; a float argument is an array of the fractions its numbers are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ...symbolic.errors import DeclarationError
from ..elements import rational
from ..floats import FORMATS, to_float, to_fraction
from .arrays import Array, from_numbers
from .dual import Dual

_DTYPES = tuple(FORMATS)


@dataclass(frozen=True, slots=True)
class FloatArgument:
    """An argument that a program may be differentiated by.

    Attributes
    ----------
    values
        Its numbers in row-major order.
    shape
        Its shape; () for a scalar.
    dtype
        The name of the float dtype that the program receives.
    """

    values: tuple[Fraction, ...]
    shape: tuple[int, ...]
    dtype: str

    def duals(self) -> Array:
        """Return the numbers as constants of a run."""
        return from_numbers([Dual(rational(v)) for v in self.values], self.shape)

    def floats(self) -> Array:
        """Return the nearest float64 numbers, in the shape."""
        return np.array([to_float(v) for v in self.values], np.float64).reshape(self.shape)

    def replaced(self, values: Sequence[Fraction]) -> FloatArgument:
        """Return the argument with other numbers."""
        return FloatArgument(tuple(values), self.shape, self.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class FixedArgument:
    """An argument that is not varied: a label, a mask, an option."""

    value: Any

    @property
    def key(self) -> Any:
        """Something hashable that two equal arguments share, and no others do."""
        return _key(self.value)


Argument = FloatArgument | FixedArgument


def _key(value: Any) -> Any:
    kind = type(value)
    if isinstance(value, np.ndarray) and value.dtype != object:
        return (kind, value.shape, str(value.dtype), value.tobytes())
    if value is None or isinstance(value, bool | int | str | np.integer | np.bool_):
        return (kind, value)
    if kind in (tuple, list):
        return (kind, *(_key(v) for v in value))
    if kind is dict:
        return (kind, *((_key(k), _key(v)) for k, v in value.items()))
    # Not the text of it, which leaves things out, nor its identity: it may change.
    return object()


def argument(value: Any, dtype: str | None = None) -> Argument:
    """Return what a user hands in as an argument.

    Floats, fractions, and arrays or nested lists of such are float arguments; integers, booleans,
    their arrays and everything else are fixed.
    Arrays of a framework keep their dtype unless `dtype` names another.

    Raises
    ------
    DeclarationError
        If a float is infinite or NaN, or `dtype` is no float dtype.
    """
    if isinstance(value, FloatArgument | FixedArgument):
        return value
    if dtype is not None and dtype not in _DTYPES:
        raise DeclarationError(
            f"a float dtype is one of {', '.join(_DTYPES)}", found=dtype, remedy="name one"
        )
    if isinstance(value, float | Fraction | np.floating):
        return FloatArgument((to_fraction(value),), (), dtype or _dtype_of(value))
    if isinstance(value, bool | int | str | np.integer | np.bool_) or value is None:
        return FixedArgument(value)
    array = _array_of(value)
    if array is None or array.dtype.kind not in "fOV":
        return FixedArgument(value if array is None else array)
    if array.dtype == object and not all(
        isinstance(v, int | float | Fraction | np.number) for v in array.ravel()
    ):
        return FixedArgument(value)
    values = tuple(to_fraction(v) for v in array.ravel())
    return FloatArgument(values, array.shape, dtype or _dtype_of(value))


def _array_of(value: Any) -> Array | None:
    if hasattr(value, "detach"):  # PyTorch; bfloat16 has no counterpart in NumPy
        value = value.detach().cpu()
        value = value.double() if value.is_floating_point() else value
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        return None
    return array if array.dtype.kind in "fiubOV" else None


def _dtype_of(value: Any) -> str:
    name = str(getattr(value, "dtype", "float64")).rpartition(".")[2]
    return name if name in _DTYPES else "float64"
