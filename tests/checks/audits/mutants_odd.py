"""Gradients in NumPy that look odd and whose mathematics is right."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from functools import lru_cache, reduce
from typing import Any

import numpy as np
from mutants_base import ARITHMETIC, RANGE, Implementation, Kind, Kinds, Odd, odd_ones
from mutants_gradients import ce, hot, others, softmax, without

NONE: Kinds = frozenset()
ROUNDS: Kinds = frozenset({Kind.ROUNDING})
INNER: Kinds = frozenset({Kind.DTYPE})
"""What may be said of a computation in a wider dtype than that of its input."""


def of_shares(s: Any, y: int) -> Any:
    """Return the gradient of CE from its shares."""
    return without(s, y, -np.sum(without(s, y)))


def ordinary(z: Any, y: int) -> Any:
    """Return shares, with 1 subtracted at the label."""
    found = softmax(z)
    found[y] -= 1
    return found


def by_scan(z: Any, y: int) -> Any:
    """Return the gradient with the log-sum-exp of one class after the other."""
    return of_shares(np.exp(z - reduce(np.logaddexp, z)), y)


def backwards(z: Any, y: int) -> Any:
    """Return the gradient by loops that run from the last class to the first."""
    top = z[-1]
    for k in range(len(z) - 1, -1, -1):
        top = max(top, z[k])
    powers = np.exp(z - top)
    total = z.dtype.type(0)
    for k in range(len(z) - 1, -1, -1):
        total = total + powers[k]
    rest = z.dtype.type(0)
    for k in range(len(z) - 1, -1, -1):
        if k != y:
            rest = rest + powers[k]
    powers[y] = -rest
    return powers / total


def summed_in_order(z: Any, y: int) -> Any:
    """Return the gradient with sums over the sorted powers."""
    powers = np.exp(z - np.max(z))
    return without(powers, y, -np.sum(np.sort(without(powers, y)))) / np.sum(np.sort(powers))


def sorted_and_back(z: Any, y: int) -> Any:
    """Return the gradient of the sorted logits, put back in place."""
    order = np.argsort(z, kind="stable")
    found = np.empty_like(z)
    found[order] = of_shares(softmax(z[order]), int(np.nonzero(order == y)[0][0]))
    return found


def of_longdouble(z: Any, y: int) -> Any:
    """Return the gradient computed in the widest float of the machine."""
    return ce(z.astype(np.longdouble), y).astype(z.dtype)


def of_float64(z: Any, y: int) -> Any:
    """Return the gradient computed in float64."""
    return ce(z.astype(np.float64), y).astype(z.dtype)


def of_decimals(z: Any, y: int) -> Any:
    """Return the gradient computed with 40 decimal digits."""
    with localcontext() as context:
        context.prec = 40
        top = max(map(float, z))
        powers = [
            (Decimal(float(v)) - Decimal(top)).exp() if v > -np.inf else Decimal(0) for v in z
        ]
        total, rest = sum(powers), sum(v for k, v in enumerate(powers) if k != y)
        return np.array(
            [float((-rest if k == y else v) / total) for k, v in enumerate(powers)], z.dtype
        )


def of_floats(z: Any, y: int) -> Any:
    """Return the gradient computed with Python's floats and exactly rounded sums."""
    top = max(z.tolist())
    powers = [math.exp(v - top) for v in z.tolist()]
    total = math.fsum(powers)
    rest = math.fsum(v for k, v in enumerate(powers) if k != y)
    return np.array([-rest / total if k == y else v / total for k, v in enumerate(powers)], z.dtype)


def pairwise(z: Any, y: int) -> Any:
    """Return each share as the inverse of a sum over differences of logits."""
    with np.errstate(over="ignore"):
        return of_shares(1 / np.sum(np.exp(z[None, :] - z[:, None]), 1), y)


def by_halves(v: Any) -> Any:
    """Return a sum by halves."""
    return v[0] if len(v) == 1 else by_halves(v[: len(v) // 2]) + by_halves(v[len(v) // 2 :])


def recursive(z: Any, y: int) -> Any:
    """Return the gradient with sums by halves."""
    powers = np.exp(z - np.max(z))
    return without(powers, y, -by_halves(without(powers, y))) / by_halves(powers)


def by_products(z: Any, y: int) -> Any:
    """Return the gradient with products of matrices for sums."""
    powers = np.exp(z - np.max(z))
    change = np.ones((len(z), len(z)), z.dtype) - np.eye(len(z), dtype=z.dtype)
    s = powers / (powers @ np.ones_like(z))
    return without(s, y, -(change @ s)[y])


def by_einsum(z: Any, y: int) -> Any:
    """Return the gradient with einsum for sums."""
    powers = np.exp(z - np.max(z))
    s = powers / np.einsum("i->", powers)
    return without(s, y, -np.einsum("i,i->", s, 1 - hot(z, y)))


def by_jacobian(z: Any, y: int) -> Any:
    """Return the softmax Jacobian times the derivative of minus the logarithm."""
    s = softmax(z)
    return (np.diag(s) - np.outer(s, s)) @ (-hot(z, y) / s[y])


def by_odds(z: Any, y: int) -> Any:
    """Return the gradient from the odds against the label."""
    rivals = without(z, y, -np.inf)
    top = np.max(rivals)
    if top == -np.inf:
        return np.zeros_like(z)
    lead = top - z[y] + np.log(np.sum(np.exp(rivals - top)))
    power = np.exp(-np.abs(lead))
    miss = (1 if lead >= 0 else power) / (1 + power)
    return without(miss * softmax(rivals), y, -miss)


def complex_step(z: Any, y: int) -> Any:
    """Return imaginary parts of the loss a tiny imaginary step away."""
    top = np.max(z)
    found = []
    for k in range(len(z)):
        moved = (z - top) + 1e-30j * (np.arange(len(z)) == k)
        found.append((np.log(np.sum(np.exp(moved))) - moved[y]).imag / 1e-30)
    return np.array(found, z.dtype)


def dual_numbers(z: Any, y: int) -> Any:
    """Return slopes carried along with the values, for all directions at once."""
    slopes = np.eye(len(z), dtype=z.dtype) - hot(z, y)[:, None]
    powers = np.exp(z - np.max(z))
    return slopes @ powers / np.sum(powers)


def kept_rightly() -> Implementation:
    """Return gradients that are kept under everything that they depend on, and copied."""
    kept: dict[Any, Any] = {}

    def gradient(z: Any, y: int) -> Any:
        key = (z.dtype.str, z.tobytes(), int(y))
        if key not in kept:
            kept[key] = ce(z, y)
        return kept[key].copy()

    return gradient


@lru_cache(maxsize=16)
def numbered(n: int) -> Any:
    """Return the numbers of the classes."""
    return np.arange(n)


def in_its_own_copy(z: Any, y: int) -> Any:
    """Return the gradient by operations in place, on a copy."""
    found = z.copy()
    found -= found.max()
    np.exp(found, out=found)
    total = found.sum()
    found[y] = 0
    found[y] = -found.sum()
    found /= total
    return found


CE: dict[str, tuple[Implementation, Kinds]] = {
    "shares less one-hot": (ordinary, ROUNDS),
    "log-sum-exp by a scan": (by_scan, ROUNDS),
    "loops from the end": (backwards, ROUNDS),
    "sums of sorted powers": (summed_in_order, NONE),
    "sorted and back": (sorted_and_back, NONE),
    "longdouble inside": (of_longdouble, INNER),
    "float64 inside": (of_float64, INNER),
    "decimal inside": (of_decimals, INNER),
    "Python's floats inside": (of_floats, INNER),
    "sums by halves": (recursive, NONE),
    "sums by einsum": (by_einsum, ROUNDS),
    "odds against the label": (by_odds, NONE),
    "complex step": (complex_step, ARITHMETIC | INNER),
    "in place on a copy": (in_its_own_copy, NONE),
    "shift by the mean": (
        lambda z, y: of_shares(np.exp(z - np.mean(z)) / np.sum(np.exp(z - np.mean(z))), y),
        ARITHMETIC,
    ),
    "shift by the label's logit": (
        lambda z, y: of_shares(np.exp(z - z[y]) / np.sum(np.exp(z - z[y])), y),
        ARITHMETIC,
    ),
    "expm1 of the log-share": (
        lambda z, y: without(
            softmax(z), y, np.expm1(-np.log(np.sum(np.exp(z - np.max(z)))) + z[y] - np.max(z))
        ),
        ROUNDS,
    ),
    "clipped to [-1, 1]": (lambda z, y: np.clip(ce(z, y), -1, 1), NONE),
    "mean subtracted": (lambda z, y: ce(z, y) - np.mean(ce(z, y)), ROUNDS),
    "chosen by where": (
        lambda z, y: np.where(numbered(len(z)) == y, -others(softmax(z))[y], softmax(z)),
        NONE,
    ),
    "a view with negative strides": (lambda z, y: ce(z, y)[::-1].copy()[::-1], NONE),
    "branch for two classes": (
        lambda z, y: ce(z, y) if len(z) != 2 else (1 - 2 * hot(z, y)) * ce(z, y)[1 - y],
        NONE,
    ),
    "0 times infinity avoided": (lambda z, y: np.where(z > -np.inf, ce(z, y), 0), NONE),
}

OF_MATRICES: dict[str, tuple[Implementation, Kinds]] = {
    "pairs of classes": (pairwise, RANGE),
    "sums by products": (by_products, NONE),
    "Jacobian and vector": (by_jacobian, ARITHMETIC),
    "slopes carried along": (dual_numbers, NONE),
}
"""Those that need memory for n times n numbers."""

ODD_CE: tuple[Odd, ...] = (
    *odd_ones(CE, "CE"),
    *odd_ones(OF_MATRICES, "CE", options={"sizes": (1, 2, 3, 5, 10, 33)}),
    Odd(name="kept rightly", loss="CE", framework="numpy", make=kept_rightly),
)
"""Right gradients of cross-entropy."""
