"""Functions of NumPy that take exact arrays as they are: shapes, dtypes, writing in place.

Guarantees: what such a function tells of an exact array is what NumPy tells of the array that it
stands for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import functions
from .exact_array import ExactArray, ExactScalar, index_of
from .numpy_creation import asarray
from .numpy_dispatch import OWN
from .numpy_kinds import kind_of, plain
from .numpy_methods import astype
from .numpy_products import parse


def _types(values: tuple[Any, ...]) -> list[Any]:
    kinds = (kind_of(v) for v in values)
    return [
        v if k is None else (0.0 if k is float else 0 if k is int else k)
        for v, k in zip(values, kinds, strict=True)
    ]


def can_cast(from_: Any, to: Any, casting: Any = "safe") -> bool:
    """Tell whether a conversion of dtypes is allowed."""
    before, after = _types((from_, to))
    return np.can_cast(before, after, casting=casting)


def _shape(a: Any) -> tuple[int, ...]:
    return a.shape if isinstance(a, ExactArray) else tuple(asarray(a).shape)


def put_along_axis(arr: Any, indices: Any, values: Any, axis: Any = -1) -> None:
    """Write numbers at the places that `indices` names along an axis."""
    places = np.arange(arr.size).reshape(arr.shape)
    picked = np.take_along_axis(places, np.asarray(plain(indices)), axis)
    arr[np.unravel_index(picked, arr.shape)] = values


def fill_diagonal(a: Any, val: Any) -> None:
    """Write numbers on the diagonal."""
    places = np.arange(min(a.shape))
    a[(places,) * a.ndim] = val


def put(a: Any, ind: Any, v: Any) -> None:
    """Write numbers at places of the flat array."""
    a[np.unravel_index(np.asarray(plain(ind)), a.shape)] = v


def copyto(dst: Any, src: Any, *_: Any, where: Any = True, **__: Any) -> None:
    """Write one array into another where a mask says so."""
    if where is True:
        dst[...] = src
    else:
        mask = np.broadcast_to(plain(where), dst.shape)
        whole = asarray(src)
        dst[mask] = ExactArray(np.broadcast_to(whole.data, dst.shape)[mask], whole.dtype)


def putmask(a: Any, mask: Any, values: Any) -> None:
    """Write the numbers of `values` where a mask says so."""
    copyto(a, values, where=mask)


def apply_along_axis(
    function: Callable[..., Any], axis: int, arr: Any, *args: Any, **kw: Any
) -> Any:
    """Return `function` of each line along an axis."""
    whole = asarray(arr)
    lines = np.moveaxis(whole.data, axis, -1)
    found = [
        function(ExactArray(lines[place], whole.dtype), *args, **kw)
        for place in np.ndindex(lines.shape[:-1])
    ]
    rows = asarray(found)
    shape = (*lines.shape[:-1], *rows.shape[1:])
    result = ExactArray(rows.data.reshape(shape), rows.dtype)
    return result if rows.ndim == 1 else ExactArray(np.moveaxis(result.data, -1, axis), rows.dtype)


def linalg_astype(x: Any, dtype: Any, /, *, copy: bool = True, **_: Any) -> Any:
    """Return an array in another dtype."""
    return astype(asarray(x), dtype, copy=copy)


def index_trick(real: Any) -> Any:
    """Return the places that a function of NumPy finds, as exact arrays of integers."""

    def found(*args: Any, **options: Any) -> Any:
        result = real(*plain(list(args)), **options)
        if isinstance(result, tuple):
            return tuple(ExactArray(r, r.dtype) for r in result)
        return ExactArray(result, result.dtype)

    return found


def nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """Return the numbers with nan and infinities replaced, by the limits of the dtype."""
    result = asarray(x, copy=copy)
    if result.data.dtype == object:
        largest = float(np.finfo(result.dtype).max)
        high = largest if posinf is None else posinf
        low = -largest if neginf is None else neginf
        for place in np.ndindex(result.shape):
            number = result.data[place]
            if not functions.is_finite(number):
                fill = nan if functions.is_nan(number) else high if number.value > 0 else low
                result[place] = fill
    return result if np.ndim(x) else result[()]


def parsed_einsum(operands: Any) -> Any:
    """Return the subscripts of ``einsum`` written out, which autograd asks NumPy for."""
    arrays = list(operands[1:])
    labels, result = parse(operands[0], [len(_shape(a)) for a in arrays])
    return ",".join(labels), result, arrays


OWN.update(
    {
        "_parse_einsum_input": parsed_einsum,
        "apply_along_axis": apply_along_axis,
        "astype": linalg_astype,
        "can_cast": can_cast,
        "common_type": lambda *xs: np.result_type(*_types(xs)).type,
        "copyto": copyto,
        "fill_diagonal": fill_diagonal,
        "iscomplexobj": lambda _: False,
        "isrealobj": lambda _: True,
        "iscomplex": lambda x: np.zeros(_shape(x), bool),
        "isreal": lambda x: np.ones(_shape(x), bool),
        "isscalar": lambda x: isinstance(x, ExactScalar) or np.isscalar(x),
        "may_share_memory": lambda a, b, *_: np.may_share_memory(plain(a), plain(b)),
        "nan_to_num": nan_to_num,
        "min_scalar_type": lambda a: asarray(a).dtype,
        "ndim": lambda a: len(_shape(a)),
        "put": put,
        "put_along_axis": put_along_axis,
        "putmask": putmask,
        "result_type": lambda *xs: np.result_type(*_types(xs)),
        "shape": _shape,
        "shares_memory": lambda a, b, *_: np.shares_memory(plain(a), plain(b)),
        "size": lambda a, axis=None: asarray(a).size if axis is None else _shape(a)[axis],
    }
)

for _name in ("tril_indices", "triu_indices", "diag_indices", "ix_"):
    OWN[_name] = index_trick(getattr(np, _name))

__all__ = ["index_of", "index_trick"]
