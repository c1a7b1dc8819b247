"""Exact meaning of PyTorch's distances between rows, and their backward passes.

Each is the definition of ATen's kernel (aten/src/ATen/native/cpu/DistanceOpsKernel.cpp).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from flint import fmpq

from . import functions
from .arrays import Array, from_numbers, greatest, to_exact
from .dual import UNIT, ZERO, Dual, absolute, inner, total
from .registry import rule


def _norm(p: Any) -> float:
    """Return the exponent, which is a Python number or a constant of the run."""
    value = p.value if isinstance(p, Dual) else p
    return value if isinstance(value, float | int) else float(value.p) / float(value.q)


def _distance(differences: list[Dual], p: float) -> Dual:
    if p == 0:
        return total([UNIT if d != 0 else ZERO for d in differences])
    if p == 2:
        return functions.apply("sqrt", inner(differences, differences))
    sizes = [absolute(d) for d in differences]
    if p == 1:
        return total(sizes)
    if math.isinf(p):
        return greatest([ZERO, *sizes])
    exponent = Dual(fmpq(*p.as_integer_ratio()))
    return functions.power(total([functions.power(s, exponent) for s in sizes]), UNIT / exponent)


def _slope(difference: Dual, share: Dual, distance: Dual, p: float) -> Dual:
    """Return what one difference gets of the gradient of a distance."""
    if p == 0 or distance == 0:
        return functions.sign_of(difference) * share if p == 1 else ZERO
    side = functions.sign_of(difference)
    size = absolute(difference)
    if p == 1:
        return side * share
    if math.isinf(p):
        return side * share if size == distance else ZERO
    if p == 2:
        return share * difference / distance
    if p < 1 and difference == 0:
        return ZERO
    exponent = Dual(fmpq(*(p - 1).as_integer_ratio()))
    return side * functions.power(size, exponent) * share / functions.power(distance, exponent)


def _pairs(one: Array, other: Array) -> tuple[Array, Array]:
    batch = np.broadcast_shapes(one.shape[:-2], other.shape[:-2])
    return (
        np.broadcast_to(to_exact(one), batch + one.shape[-2:]),
        np.broadcast_to(to_exact(other), batch + other.shape[-2:]),
    )


@rule("torch", "_cdist_forward")
def cdist(one: Array, other: Array, p: Any, mode: Any = None) -> Array:  # noqa: ARG001
    """Return the distances between all rows of one matrix and all of another."""
    left, right = _pairs(one, other)
    result = np.empty((*left.shape[:-1], right.shape[-2]), object)
    for place in np.ndindex(result.shape):
        differences = left[place[:-1]] - right[(*place[:-2], place[-1])]
        result[place] = _distance(list(differences), _norm(p))
    return result


@rule("torch", "_cdist_backward")
def cdist_backward(upstream: Any, one: Array, other: Array, p: Any, distances: Any) -> Array:
    """Return the gradient of `cdist` by its first argument."""
    left, right = _pairs(one, other)
    result = np.full(left.shape, ZERO, object)
    for place in np.ndindex(upstream.shape):
        row = place[:-1]
        for k, d in enumerate(left[row] - right[(*place[:-2], place[-1])]):
            step = _slope(d, upstream[place], distances[place], _norm(p))
            result[(*row, k)] = result[(*row, k)] + step
    return result


@rule("torch", "_pdist_forward")
def pdist(a: Array, p: Any = 2) -> Array:
    """Return the distances between the rows of a matrix, each pair once."""
    count = len(a)
    pairs = [(i, j) for i in range(count) for j in range(i + 1, count)]
    return from_numbers([_distance(list(a[i] - a[j]), _norm(p)) for i, j in pairs], (len(pairs),))


@rule("torch", "_pdist_backward")
def pdist_backward(upstream: Array, a: Array, p: Any, distances: Array) -> Array:
    """Return the gradient of `pdist`."""
    result = np.full(a.shape, ZERO, object)
    pairs = [(i, j) for i in range(len(a)) for j in range(i + 1, len(a))]
    for number, (i, j) in enumerate(pairs):
        for k, d in enumerate(a[i] - a[j]):
            step = _slope(d, upstream[number], distances[number], _norm(p))
            result[i, k], result[j, k] = result[i, k] + step, result[j, k] - step
    return result
