"""Rule of JAX's general matrix product, with contracted and batch axes anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .arrays import FLOATS, Array, contract, is_exact, to_exact
from .registry import rule

_Axes = tuple[Sequence[int], Sequence[int]]


@rule("jax", "dot_general")
def _dot_general(
    x: Array,
    y: Array,
    *,
    dimension_numbers: tuple[_Axes, _Axes],
    preferred_element_type: Any = None,
    **_: Any,
) -> Array:
    (own, other), (batch, batch_other) = dimension_numbers
    left, shape_left = _matrices(x, batch, own, contracted_last=True)
    right, shape_right = _matrices(y, batch_other, other, contracted_last=False)
    shape = (*(x.shape[a] for a in batch), *shape_left, *shape_right)
    if is_exact(x) or is_exact(y):
        return _exact(to_exact(left), to_exact(right)).reshape(shape)
    wanted = None if preferred_element_type is None else np.dtype(preferred_element_type)
    if wanted is None or wanted.name in FLOATS:
        product = np.matmul(left, right).reshape(shape)
        return product if wanted is None else to_exact(product)
    return np.matmul(left.astype(wanted), right.astype(wanted)).reshape(shape)


def _exact(left: Array, right: Array) -> Array:
    result = np.empty((left.shape[0], left.shape[1], right.shape[2]), object)
    for place in range(left.shape[0]):
        result[place] = contract(left[place], right[place])
    return result


def _matrices(
    x: Array, batch: Sequence[int], contracted: Sequence[int], contracted_last: bool
) -> tuple[Array, tuple[int, ...]]:
    """Return a stack of matrices, and the shape of the axes that stay."""
    free = [a for a in range(x.ndim) if a not in batch and a not in contracted]
    shape = tuple(x.shape[a] for a in free)
    last = (*free, *contracted) if contracted_last else (*contracted, *free)
    stack, rows, length = (_size(x, axes) for axes in (batch, free, contracted))
    sides = (rows, length) if contracted_last else (length, rows)
    return x.transpose(*batch, *last).reshape(stack, *sides), shape


def _size(x: Array, axes: Sequence[int]) -> int:
    return int(np.prod([x.shape[a] for a in axes], dtype=int))
