"""Gradients of losses as people write them by hand in NumPy, for audits.

Some are right, some have the mistakes that are common in such code.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...symbolic import losses as meant
from .implementation_list import Implementation


def softmax(z: Any) -> Any:
    """Return the softmax, with the largest logit taken off."""
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


def naive(z: Any, target: Any) -> Any:
    """Return softmax minus one-hot, with exponentials that nothing keeps small."""
    g = np.exp(z) / np.sum(np.exp(z))
    g[target] -= 1
    return g


def shifted(z: Any, target: Any) -> Any:
    """Return softmax minus one-hot."""
    g = softmax(z)
    g[target] -= 1
    return g


def complement(z: Any, target: Any) -> Any:
    """Return softmax minus one-hot; at the label, minus the sum of the other shares."""
    g = softmax(z)
    g[target] = 0
    g[target] = -np.sum(g)
    return g


def clipped(z: Any, target: Any) -> Any:
    """Return clipped softmax outputs minus one-hot."""
    g = np.clip(softmax(z), 1e-7, 1 - 1e-7)
    g[target] -= 1
    return g


def soft(z: Any, target: Any) -> Any:
    """Return softmax minus the targets, as if these sum to 1."""
    return softmax(z) - target


def sigmoid(z: Any, target: Any) -> Any:
    """Return sigmoids minus the targets."""
    return 1 / (1 + np.exp(-z)) - target


def two_sided(z: Any, target: Any) -> Any:
    """Return the gradient of binary cross-entropy of softmax outputs by the chain rule."""
    s = softmax(z)
    outer = (1 - target) / (1 - s) - target / s
    return s * (outer - np.sum(s * outer))


def quadratic(z: Any, target: Any) -> Any:
    """Return the gradient of the quadratic loss by the chain rule."""
    s = softmax(z)
    outer = s - target
    return s * (outer - np.sum(s * outer))


def quadratic_diagonal(z: Any, target: Any) -> Any:
    """Return the gradient of the quadratic loss with the diagonal of the Jacobian alone."""
    s = softmax(z)
    return (s - target) * s * (1 - s)


def kde(z: Any, target: Any) -> Any:
    """Return the gradient for a kernel density; the target holds the kernel values."""
    s = softmax(z)
    share = s * target
    return s - share / np.sum(share)


def make_implementations() -> list[Implementation]:
    """Return the implementations; all give the gradient."""
    label = meant.softmax_cross_entropy
    rows: list[tuple[Any, Any, Any, str]] = [
        (naive, label, "index", "exp(z) / sum(exp(z)) - one_hot(y)"),
        (shifted, label, "index", "softmax(z) - one_hot(y), the largest logit taken off"),
        (complement, label, "index", "softmax(z), with -sum of the other shares at the label"),
        (clipped, label, "index", "clip(softmax(z), 1e-7, 1 - 1e-7) - one_hot(y)"),
        (soft, meant.softmax_cross_entropy_soft, "soft", "softmax(z) - p"),
        (sigmoid, meant.sigmoid_bce, "soft", "1 / (1 + exp(-z)) - p"),
        (
            two_sided,
            meant.multiclass_bce_one_hot,
            "one-hot",
            "binary cross-entropy of softmax outputs by the chain rule",
        ),
        (quadratic, meant.quadratic, "one-hot", "the quadratic loss by the chain rule"),
        (
            quadratic_diagonal,
            meant.quadratic,
            "one-hot",
            "the quadratic loss with the diagonal of the Jacobian alone",
        ),
        (kde, meant.kde_cross_entropy, "kernel", "S - S K / sum(S K)"),
    ]
    return [
        Implementation(
            f"numpy:{function.__name__}",
            function,
            loss,
            target,
            "numpy",
            description,
            returns="gradient",
        )
        for function, loss, target, description in rows
    ]
