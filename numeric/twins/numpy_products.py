"""Exact rules for NumPy's products: dot, outer, einsum, tensordot and what is made of them.

Guarantees: each entry is one exact sum of products.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import arrays, dual
from .arrays import Array, as_array, from_numbers, to_exact
from .registry import rule


@rule("numpy", "matmul")
def matmul(a: Array, b: Array) -> Array:
    """Return the matrix product."""
    return as_array(arrays.matmul(a, b))


@rule("numpy", "vecdot", "linalg.vecdot")
def vecdot(a: Array, b: Array, axis: int = -1) -> Array:
    """Return the inner products along an axis."""
    return arrays.total_along(as_array(to_exact(a) * to_exact(b)), axis)


@rule("numpy", "matvec")
def matvec(a: Array, b: Array) -> Array:
    """Return the products of matrices with vectors."""
    return as_array(arrays.matmul(a, b[..., None])[..., 0])


@rule("numpy", "vecmat")
def vecmat(a: Array, b: Array) -> Array:
    """Return the products of vectors with matrices."""
    return as_array(arrays.matmul(a[..., None, :], b)[..., 0, :])


def _axes(axes: Any, left: Array, right: Array) -> tuple[list[int], list[int]]:
    if np.ndim(axes) == 0 and not isinstance(axes, tuple | list):
        count = int(axes)
        return list(range(left.ndim - count, left.ndim)), list(range(count))
    ours, theirs = ([int(k) for k in np.atleast_1d(part)] for part in axes)
    return [k % left.ndim for k in ours], [k % right.ndim for k in theirs]


@rule("numpy", "tensordot")
def tensordot(a: Array, b: Array, axes: Any = 2) -> Array:
    """Return the sums of products over pairs of axes."""
    left, right = to_exact(a), to_exact(b)
    return as_array(arrays.tensordot(left, right, _axes(axes, left, right)))


@rule("numpy", "dot")
def dot(a: Array, b: Array) -> Array:
    """Return the sum product over the last axis of `a` and the last but one of `b`."""
    left, right = to_exact(a), to_exact(b)
    if not left.ndim or not right.ndim:
        return as_array(left * right)
    return tensordot(left, right, ([-1], [max(right.ndim - 2, 0)]))


@rule("numpy", "inner")
def inner(a: Array, b: Array) -> Array:
    """Return the sum products over the last axes."""
    left, right = to_exact(a), to_exact(b)
    if not left.ndim or not right.ndim:
        return as_array(left * right)
    return tensordot(left, right, ([-1], [-1]))


@rule("numpy", "vdot")
def vdot(a: Array, b: Array) -> Array:
    """Return the sum of the products of all numbers."""
    return as_array(dual.inner(list(to_exact(a).ravel()), list(to_exact(b).ravel())))


@rule("numpy", "outer", "linalg.outer")
def outer(a: Array, b: Array) -> Array:
    """Return the products of each number with each."""
    return as_array(to_exact(a).ravel()[:, None] * to_exact(b).ravel()[None, :])


@rule("numpy", "kron")
def kron(a: Array, b: Array) -> Array:
    """Return the Kronecker product."""
    return as_array(np.kron(to_exact(a), to_exact(b)))


@rule("numpy", "trace", "linalg.trace")
def trace(a: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """Return the sums along diagonals."""
    return arrays.total_along(np.diagonal(to_exact(a), offset, axis1, axis2), -1)


@rule("numpy", "convolve")
def convolve(a: Array, v: Array, mode: str = "full") -> Array:
    """Return the convolution of two sequences."""
    left, right = to_exact(a), to_exact(v)
    if len(right) > len(left):
        left, right = right, left
    n, m = len(left), len(right)
    full = [
        dual.inner(
            [left[i] for i in range(max(0, k - m + 1), min(n, k + 1))],
            [right[k - i] for i in range(max(0, k - m + 1), min(n, k + 1))],
        )
        for k in range(n + m - 1)
    ]
    cut = {"full": (0, n + m - 1), "same": ((m - 1) // 2, (m - 1) // 2 + n), "valid": (m - 1, n)}
    start, stop = cut[mode]
    return from_numbers(full[start:stop], (stop - start,))


def _dots(labels: str, rank: int) -> str:
    """Return the labels of an operand with the ellipsis written out in capitals from the back."""
    if "..." not in labels:
        return labels
    count = rank - len(labels.replace("...", ""))
    return labels.replace("...", _SPARE[len(_SPARE) - count :])


_SPARE = "αβγδεζηθ"  # no letters that a program writes


def parse(subscripts: str, ranks: list[int]) -> tuple[list[str], str]:
    """Return the labels of each operand of ``einsum``, and those of the result."""
    text = subscripts.replace(" ", "")
    given, arrow, result = text.partition("->")
    labels = [_dots(part, rank) for part, rank in zip(given.split(","), ranks, strict=True)]
    used = "".join(labels)
    wide = max((sum(c in _SPARE for c in part) for part in labels), default=0)
    dots = _SPARE[len(_SPARE) - wide :] if wide else ""
    if arrow:
        return labels, result.replace("...", dots)
    single = sorted(c for c in set(used) if used.count(c) == 1 and c not in _SPARE)
    return labels, dots + "".join(single)


def _diagonals(array: Array, labels: str) -> tuple[Array, str]:
    """Return an operand with each label once."""
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            array = np.diagonal(array, 0, first, second)
            rest = "".join(c for k, c in enumerate(labels) if k not in (first, second))
            labels = rest + label
    return array, labels


def _summed(array: Array, labels: str, kept: str) -> tuple[Array, str]:
    axes = tuple(k for k, c in enumerate(labels) if c not in kept)
    if not axes:
        return array, labels
    return arrays.total_along(array, axes), "".join(c for c in labels if c in kept)


def _pair(a: Array, first: str, b: Array, second: str, kept: str) -> tuple[Array, str]:
    """Return the product of two operands, summed over the labels that nothing else needs."""
    a, first = _summed(a, first, kept + second)
    b, second = _summed(b, second, kept + first)
    batch = [c for c in first if c in second and c in kept]
    summed = [c for c in first if c in second and c not in kept]
    left = [c for c in first if c not in second]
    right = [c for c in second if c not in first]
    a = a.transpose([first.index(c) for c in (*batch, *left, *summed)])
    b = b.transpose([second.index(c) for c in (*batch, *summed, *right)])
    n, m = len(batch), len(summed)
    # Lengths of 1 in an ellipsis are broadcast.
    lead = np.broadcast_shapes(a.shape[:n], b.shape[:n])
    over = a.shape[n + len(left) :]
    size = math.prod(over)
    rows = np.broadcast_to(a, lead + a.shape[n:]).reshape(
        *lead, math.prod(a.shape[n : n + len(left)]), size
    )
    columns = np.broadcast_to(b, lead + b.shape[n:]).reshape(
        *lead, size, math.prod(b.shape[n + m :])
    )
    shape = lead + a.shape[n : n + len(left)] + b.shape[n + m :]
    return arrays.matmul(rows, columns).reshape(shape), "".join((*batch, *left, *right))


@rule("numpy", "einsum")
def einsum(subscripts: str, *operands: Array) -> Array:
    """Return the sum of products that the subscripts describe, operands taken from the left."""
    arrays_ = [to_exact(o) for o in operands]
    labels, result = parse(subscripts, [o.ndim for o in arrays_])
    parts = [_diagonals(o, part) for o, part in zip(arrays_, labels, strict=True)]
    found, names = parts[0]
    for k, (array, own) in enumerate(parts[1:], 2):
        later = result + "".join(part for _, part in parts[k:])
        found, names = _pair(found, names, array, own, later)
    found, names = _summed(found, names, result)
    return as_array(found.transpose([names.index(c) for c in result]))
