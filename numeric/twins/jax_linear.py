"""Rules of JAX's factorisations and triangular systems, by elimination on exact numbers.

Guarantees: factors and solutions enclose the exact ones; pivots are chosen for certain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import dual
from .arrays import Array, place_of_greatest
from .dual import Dual, inner
from .functions import apply
from .jax_structure import filled
from .registry import rule


def _zeros(shape: Sequence[int]) -> Array:
    return filled(shape, np.array(dual.ZERO, object))


@rule("jax", "cholesky")
def _cholesky(x: Array, *, symmetrize_input: bool = False, **_: Any) -> Array:
    result = _zeros(x.shape)
    for batch in np.ndindex(x.shape[:-2]):
        matrix = x[batch]
        if symmetrize_input:
            matrix = (matrix + matrix.T) / 2
        result[batch] = _root(matrix)
    return result


def _root(matrix: Array) -> Array:
    root = _zeros(matrix.shape)
    for i in range(matrix.shape[0]):
        for j in range(i + 1):
            rest = matrix[i, j] - inner(list(root[i, :j]), list(root[j, :j]))
            root[i, j] = apply("sqrt", rest) if i == j else rest / root[j, j]
    return root


@rule("jax", "triangular_solve")
def _triangular_solve(
    a: Array,
    b: Array,
    *,
    left_side: bool,
    lower: bool,
    transpose_a: bool,
    unit_diagonal: bool,
    **_: Any,
) -> Array:
    result = np.empty(b.shape, object)
    for batch in np.ndindex(a.shape[:-2]):
        matrix, right = a[batch], b[batch] if left_side else b[batch].T
        # A system from the right is the transposed one from the left.
        turned = transpose_a == left_side
        solution = _solved(matrix.T if turned else matrix, right, lower != turned, unit_diagonal)
        result[batch] = solution if left_side else solution.T
    return result


def _solved(matrix: Array, right: Array, lower: bool, unit: bool) -> Array:
    count = matrix.shape[0]
    solution = np.empty(right.shape, object)
    for i in range(count) if lower else range(count - 1, -1, -1):
        known = slice(0, i) if lower else slice(i + 1, count)
        for j in range(right.shape[1]):
            rest = right[i, j] - inner(list(matrix[i, known]), list(solution[known, j]))
            solution[i, j] = rest if unit else rest / matrix[i, i]
    return solution


@rule("jax", "lu")
def _lu(x: Array, **_: Any) -> list[Array]:
    rows, columns = x.shape[-2:]
    factors = x.copy()
    pivots = np.zeros((*x.shape[:-2], min(rows, columns)), np.int32)
    orders = np.zeros(x.shape[:-1], np.int32)
    for batch in np.ndindex(x.shape[:-2]):
        pivots[batch], orders[batch] = _eliminate(factors[batch])
    return [factors, pivots, orders]


def _eliminate(matrix: Array) -> tuple[Array, Array]:
    """Factorise a matrix in its place; return the exchanges of rows and their final order."""
    rows, columns = matrix.shape
    order, pivots = np.arange(rows), np.zeros(min(rows, columns), np.int32)
    for k in range(min(rows, columns)):
        pivots[k] = pivot = k + _pivot(list(matrix[k:, k]))
        for lines in (matrix, order):
            lines[[k, pivot]] = lines[[pivot, k]]
        for i in range(k + 1, rows):
            matrix[i, k] = matrix[i, k] / matrix[k, k]
            matrix[i, k + 1 :] = matrix[i, k + 1 :] - matrix[i, k] * matrix[k, k + 1 :]
    return pivots, order


def _pivot(column: list[Dual]) -> int:
    # The choice changes no solution, so that its derivative plays no part.
    return place_of_greatest([dual.absolute(dual.constant(number)) for number in column])


@rule("jax", "lu_pivots_to_permutation")
def _permutation(pivots: Array, *, permutation_size: int, **_: Any) -> Array:
    result = np.zeros((*pivots.shape[:-1], permutation_size), np.int32)
    for batch in np.ndindex(pivots.shape[:-1]):
        order = np.arange(permutation_size)
        for place, pivot in enumerate(pivots[batch]):
            order[[place, pivot]] = order[[pivot, place]]
        result[batch] = order
    return result


@rule("jax", "custom_linear_solve")
def _linear_solve(
    *operands: Array,
    const_lengths: Sequence[int],
    jaxprs: Sequence[Callable[..., list[Array]] | None],
    **_: Any,
) -> list[Array]:
    # The four parts are the map, its transpose, the solver, and that of the transpose.
    start, stop, end = (sum(const_lengths[:k]) for k in (2, 3, 4))
    solver = jaxprs[2]
    assert solver is not None
    return solver(*operands[start:stop], *operands[end:])
