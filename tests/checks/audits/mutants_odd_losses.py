"""Gradients in NumPy of the other losses, and of batches, that look odd and are right."""

from __future__ import annotations

from typing import Any

import numpy as np
from mutants_base import ARITHMETIC, HINGE, Implementation, Kind, Kinds, Odd, odd_ones
from mutants_gradients import (
    alt,
    bce,
    ce,
    ce_one_hot,
    hinge,
    hot,
    kde,
    others,
    quad,
    sigmoids,
    soft,
    softmax,
    without,
)

NONE: Kinds = frozenset()
ROUNDS: Kinds = frozenset({Kind.ROUNDING})


def residual_times_jacobian(z: Any, y: int) -> Any:
    """Return the softmax Jacobian times the residual."""
    s = softmax(z)
    return (np.diag(s) - np.outer(s, s)) @ (s - hot(z, y))


def two_softmaxes(z: Any, k: Any) -> Any:
    """Return the shares less the shares that the kernel values weigh."""
    weighed = softmax(z) * k
    return softmax(z) - weighed / np.sum(weighed)


def of_log_kernel(z: Any, k: Any) -> Any:
    """Return the shares less those with the logarithms of the kernel values in the logits."""
    logs = np.where(k > 0, np.log(np.where(k > 0, k, 1)), -np.inf)
    return softmax(z) - softmax(z + logs)


def by_quotients(z: Any, y: int) -> Any:
    """Return the gradient of ALT with quotients by 1 - S."""
    s = softmax(z)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = without(s / others(s), y)
        return without(s, y, -others(s)[y]) + r - s * np.sum(r)


def by_tanh(z: Any, p: Any) -> Any:
    """Return the gradient of BCE with half a tangens hyperbolicus."""
    return 0.5 + 0.5 * np.tanh(z / 2) - p


def by_power(z: Any, p: Any) -> Any:
    """Return the gradient of BCE with a sigmoid that divides by infinity."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z)) - p


def label_by_label(z: Any, p: Any) -> Any:
    """Return the gradient of CE_p as the sum of those of the labels."""
    return sum((p[j] * ce(z, j) for j in range(len(z))), np.zeros_like(z))


def rows(z: Any, y: Any) -> Any:
    """Return the gradient of a batch, row by row from the last."""
    found = [ce(z[k], int(y[k])) for k in range(len(z) - 1, -1, -1)]
    return np.stack(found[::-1])


def by_indexing(z: Any, y: Any) -> Any:
    """Return the gradient of a batch with 1 subtracted at all labels at once."""
    powers = np.exp(z - np.max(z, 1, keepdims=True))
    found = powers / np.sum(powers, 1, keepdims=True)
    found[np.arange(len(z)), y] -= 1
    return found


def flattened(z: Any, y: Any) -> Any:
    """Return the gradient of a batch by sums over the runs of a flat array."""
    powers = np.exp(z - np.max(z, 1, keepdims=True)).ravel()
    starts = np.arange(0, z.size, z.shape[1])
    shares = powers / np.repeat(np.add.reduceat(powers, starts), z.shape[1])
    shares[starts + y] -= 1
    return shares.reshape(z.shape)


def middle(z: Any, y: int) -> Any:
    """Return the subgradient of the hinge loss with 1/2 of a class whose margin is exactly 1."""
    found = without(np.heaviside(1 + z - z[y], 0.5).astype(z.dtype), y)
    return without(found, y, -np.sum(found))


def upper(z: Any, y: int) -> Any:
    """Return the subgradient of the hinge loss with 1 of a class whose margin is exactly 1."""
    found = without((1 + z - z[y] >= 0).astype(z.dtype), y)
    return without(found, y, -np.sum(found))


Table = dict[str, tuple[Implementation, Kinds]]

ONE_HOT: Table = {
    "as soft targets": (soft, NONE),
    "label by a product": (lambda z, p: ce(z, int(np.dot(p, np.arange(len(p))))), NONE),
    "shares less targets": (lambda z, p: softmax(z) - p, ROUNDS),
    "label by a search": (lambda z, p: ce(z, int(np.flatnonzero(p)[0])), NONE),
    "argmax": (ce_one_hot, NONE),
}

SOFT: Table = {
    "sum of the labels' gradients": (label_by_label, ROUNDS),
    "shares times the sum, less targets": (lambda z, p: softmax(z) * np.sum(p) - p, ROUNDS),
    "differences of products": (soft, NONE),
}

BCE: Table = {
    "by tanh": (by_tanh, ROUNDS),
    "divides by infinity": (by_power, ARITHMETIC),
    "both tails": (bce, NONE),
    "softmax of two logits": (
        lambda z, p: (
            sigmoids(z)[0] * (1 - p) - (1 - p) * 0 - p * np.exp(-np.logaddexp(z, np.zeros_like(z)))
        ),
        ROUNDS,
    ),
}

QUAD: Table = {
    "Jacobian times residual": (residual_times_jacobian, ROUNDS),
    "nothing cancels": (quad, NONE),
}

KDE: Table = {
    "kernel times 7": (lambda z, k: kde(z, 7 * k), NONE),
    "kernel over its largest": (lambda z, k: kde(z, k / np.max(k)), NONE),
    "difference of two softmaxes": (two_softmaxes, ARITHMETIC),
    "logarithm of the kernel": (of_log_kernel, ROUNDS),
    "pairs of classes": (kde, NONE),
}

ALT: Table = {
    "quotients by 1 - S": (by_quotients, ARITHMETIC),
    "top class apart": (alt, NONE),
}

BATCH: Table = {
    "rows from the last": (rows, NONE),
    "labels by indices": (by_indexing, ROUNDS),
    "flat": (flattened, ROUNDS),
}

SUBGRADIENTS: Table = {
    "0 at the kink": (hinge, NONE),
    "1/2 at the kink": (middle, NONE),
    "1 at the kink": (upper, NONE),
}

ODD_LOSSES: tuple[Odd, ...] = (
    *odd_ones(ONE_HOT, "CE", target="one-hot"),
    *odd_ones(SOFT, "CE_p", target="soft"),
    *odd_ones(BCE, "BCE", target="soft"),
    *odd_ones(QUAD, "QUAD"),
    *odd_ones(KDE, "KDE", target="kernel"),
    *odd_ones(ALT, "ALT"),
    *odd_ones(BATCH, "CE", options={"reduction": "sum"}),
    *odd_ones(
        {"mean": (lambda z, y: rows(z, y) / len(z), NONE)}, "CE", options={"reduction": "mean"}
    ),
    *odd_ones(SUBGRADIENTS, HINGE),
)
"""Right gradients of the other losses."""
