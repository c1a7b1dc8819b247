"""Arrays that stand in for NumPy's while a program runs in exact arithmetic.

Guarantees: an operation of NumPy on such an array is done by its exact rule, or is one clear error;
no number is ever turned into a float behind the program's back.
Indexing, views and writing in place alias as NumPy's arrays do; a single number is immutable.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from . import functions
from .arrays import Array, as_array, constant, from_numbers, to_exact
from .dual import Dual, lifted
from .extended import exact
from .numpy_messages import approximate, no_floats, note_narrowing
from .numpy_scalars import operators

FLOAT64 = np.dtype(np.float64)

Key = Any


def index_of(key: Any) -> Key:
    """Return an index in which the arrays are NumPy's own."""
    if isinstance(key, tuple):
        return tuple(index_of(k) for k in key)
    if isinstance(key, ExactArray):
        if key.data.dtype == object:
            raise IndexError("arrays used as indices must be of integer (or boolean) type")
        return key.data
    if isinstance(key, list):
        return [index_of(k) for k in key]
    return key


def numbers(value: Any, dtype: np.dtype[Any]) -> Array:
    """Return what a program hands in where `dtype` is computed in, as an array of numbers.

    An exact array is taken as it is; constants are rounded to `dtype` unless it holds them.
    """
    if isinstance(value, ExactArray):
        return value.data if value.data.dtype == object else to_exact(value.data)
    if isinstance(value, Dual):
        return as_array(value)
    if isinstance(value, bool | int | float):
        return as_array(constant(value, dtype.name))
    if isinstance(value, list | tuple):
        parts = [numbers(v, dtype) for v in value]
        return np.stack(parts) if parts else np.empty(0, object)
    array = np.asarray(value)
    if array.dtype == object:
        return from_numbers(
            [v if type(v) is Dual else Dual(exact(v)) for v in array.flat], array.shape
        )
    if array.dtype.kind == "f" and array.dtype.itemsize > dtype.itemsize:
        name = dtype.name  # which takes NumPy a while
        return from_numbers([constant(v, name) for v in array.ravel().tolist()], array.shape)
    return to_exact(array)


def wrap(value: Any, dtype: np.dtype[Any]) -> Any:
    """Return the result of a rule as the program sees it; `dtype` is the one of its floats."""
    if type(value) is Dual:
        return ExactScalar(as_array(value), dtype)
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return ExactArray(value, dtype) if value.ndim else ExactScalar(value, dtype)
        if value.dtype.kind == "f":
            return wrap(to_exact(value), value.dtype)
        return ExactArray(value, value.dtype) if value.ndim else value[()]
    if isinstance(value, tuple | list):
        parts = [wrap(v, dtype) for v in value]
        return value._make(parts) if hasattr(value, "_make") else type(value)(parts)
    return value


def integers(data: Array, dtype: np.dtype[Any]) -> Array:
    """Return numbers converted to an integer or boolean dtype, as a cast of NumPy does."""
    if data.dtype != object:
        return data.astype(dtype)
    if dtype.kind == "b":
        return np.array([n != 0 for n in data.flat], bool).reshape(data.shape)
    whole = [functions.apply("trunc", n).value for n in data.flat]
    if any(type(v) is float for v in whole):
        raise ValueError("cannot convert an infinity or nan to an integer")
    return np.array([int(v.p) for v in whole], dtype).reshape(data.shape)


class ExactArray(NDArrayOperatorsMixin):
    """An array of a program that runs exactly.

    Attributes
    ----------
    data
        An object array of `Dual` for floats, else an array of integers or booleans.
    dtype
        The dtype that the program believes it has.
    """

    __slots__ = ("data", "dtype")

    __hash__ = None  # type: ignore[assignment]  # as for arrays of NumPy
    __array_priority__ = 1000.0
    device = "cpu"

    def __init__(self, data: Array, dtype: np.dtype[Any]) -> None:
        self.data = data
        self.dtype = dtype

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        from .numpy_dispatch import call_ufunc

        return call_ufunc(ufunc, method, inputs, options)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        from .numpy_dispatch import call_function

        return call_function(func, args, kwargs)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if self.data.dtype == object:
            raise no_floats()
        return np.array(self.data, dtype, copy=copy)

    def __array_namespace__(self, api_version: str | None = None) -> Any:
        from .numpy_proxies import numpy_proxy

        return numpy_proxy()

    def __getattr__(self, name: str) -> Any:
        from .numpy_methods import method_of

        return method_of(self, name)

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """The number of numbers."""
        return self.data.size

    @property
    def T(self) -> ExactArray:
        """The array with its axes reversed, a view."""
        return ExactArray(self.data.T, self.dtype)

    @property
    def mT(self) -> ExactArray:
        """The array with its last two axes swapped, a view."""
        return ExactArray(np.swapaxes(self.data, -1, -2), self.dtype)

    @property
    def number(self) -> Dual:
        """The only number.

        Raises
        ------
        TypeError
            If there are several.
        """
        if self.data.size != 1:
            raise TypeError("only 0-dimensional arrays can be converted to Python scalars")
        number: Any = to_exact(self.data).reshape(())[()]
        return lifted(number)

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[Any]:
        if not self.data.ndim:
            raise TypeError("iteration over a 0-d array")
        return (self[k] for k in range(len(self.data)))

    def __contains__(self, value: Any) -> bool:
        return bool((self == value).any())

    def __getitem__(self, key: Any) -> Any:
        found: Any = self.data[index_of(key)]
        if isinstance(found, np.ndarray):
            return ExactArray(found, self.dtype)
        return wrap(found, self.dtype)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.store(index_of(key), value)

    def store(self, key: Any, value: Any) -> None:
        """Write `value` at `key`, an index of NumPy's own."""
        if self.data.dtype == object:
            if isinstance(value, ExactArray):
                note_narrowing(value.dtype, self.dtype)
            raw = numbers(value, self.dtype)
            self.data[key] = raw if raw.ndim else raw[()]
        elif isinstance(value, ExactArray):
            self.data[key] = integers(value.data, self.dtype)
        else:
            self.data[key] = value

    def __eq__(self, other: object) -> Any:
        return NotImplemented if other is None or isinstance(other, str) else super().__eq__(other)

    def __ne__(self, other: object) -> Any:
        return NotImplemented if other is None or isinstance(other, str) else super().__ne__(other)

    def __bool__(self) -> bool:
        if self.data.size != 1:
            raise ValueError(
                "The truth value of an array with more than one element is ambiguous. "
                "Use a.any() or a.all()"
            )
        return bool(self.number != 0)

    def __index__(self) -> int:
        if self.data.dtype == object or self.data.ndim:
            raise TypeError("only integer scalar arrays can be converted to a scalar index")
        return int(self.data)

    def __int__(self) -> int:
        return int(integers(as_array(self.number), np.dtype(object))[()])

    __trunc__ = __int__

    def __floor__(self) -> int:
        return int(functions.apply("floor", self.number).value.p)

    def __ceil__(self) -> int:
        return int(functions.apply("ceil", self.number).value.p)

    def __round__(self, digits: int | None = None) -> Any:
        if digits is None:
            return int(functions.apply("round", self.number).value.p)
        return np.round(self, digits)

    def __float__(self) -> float:
        if self.data.dtype == object:
            raise no_floats()
        return float(self.data)

    def __format__(self, spec: str) -> str:
        if self.data.dtype == object and self.data.size == 1:
            return format(approximate(self.number), spec)
        return format(repr(self) if self.data.dtype == object else self.data, spec)

    def __repr__(self) -> str:
        if self.data.dtype != object:
            return repr(self.data)
        shown = np.array([approximate(n) for n in self.data.flat], np.float64)
        return str(shown.reshape(self.data.shape))

    def __copy__(self) -> ExactArray:
        return type(self)(self.data.copy(), self.dtype)

    def __deepcopy__(self, memo: Any) -> ExactArray:
        return self.__copy__()


class ExactScalar(ExactArray):
    """A single number, which no operation changes in place.

    Attributes
    ----------
    weak
        Whether it is a float of Python, which takes the dtype of what it meets.
    """

    __slots__ = ("weak",)

    def __init__(self, data: Array, dtype: np.dtype[Any], weak: bool = False) -> None:
        super().__init__(data, dtype)
        self.weak = weak

    def __len__(self) -> int:
        raise TypeError("object of type 'numpy.float64' has no len()")

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError("'numpy.float64' object does not support item assignment")

    def __copy__(self) -> ExactScalar:
        return self


for _name, _operator in operators().items():
    setattr(ExactScalar, _name, _operator)
