"""Losses as people write them for HIPS autograd, for audits."""

from __future__ import annotations

from typing import Any

import autograd.numpy as np
from autograd.scipy import special

from ...symbolic import losses as meant
from .implementation_list import Implementation


def softmax(z: Any) -> Any:
    """Return the softmax, with the largest logit taken off."""
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


def logsumexp(z: Any, target: Any) -> Any:
    """Return log sum exp z - z_y."""
    return special.logsumexp(z) - z[target]


def naive(z: Any, target: Any) -> Any:
    """Return the logarithm of a softmax."""
    return -np.log(softmax(z))[target]


def two_sided_naive(z: Any, target: Any) -> Any:
    """Return the binary cross-entropy of softmax outputs by its formula."""
    s = softmax(z)
    return -np.sum(target * np.log(s) + (1 - target) * np.log(1 - s))


def quadratic(z: Any, target: Any) -> Any:
    """Return half the squared distance of a softmax from its target."""
    return np.sum((softmax(z) - target) ** 2) / 2


def make_implementations() -> list[Implementation]:
    """Return the implementations."""
    label = meant.softmax_cross_entropy
    rows: list[tuple[Any, Any, Any, str]] = [
        (logsumexp, label, "index", "autograd's scipy.special.logsumexp(z) - z[y]"),
        (naive, label, "index", "-log(softmax(z))[y]"),
        (
            two_sided_naive,
            meant.multiclass_bce_one_hot,
            "one-hot",
            "-sum(p log S + (1 - p) log(1 - S))",
        ),
        (quadratic, meant.quadratic, "one-hot", "sum((softmax(z) - p)^2) / 2"),
    ]
    return [
        Implementation(
            f"autograd:{function.__name__}", function, loss, target, "autograd", description
        )
        for function, loss, target, description in rows
    ]
