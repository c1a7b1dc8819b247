"""Gradients of losses as people write them with scipy.special, for audits."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from ...symbolic import losses as meant
from .implementation_list import Implementation


def softmax(z: Any, target: Any) -> Any:
    """Return softmax minus the one-hot vector of the label."""
    g = special.softmax(z)
    g[target] -= 1
    return g


def log_softmax(z: Any, target: Any) -> Any:
    """Return the exponential of a log-softmax, minus the one-hot vector of the label."""
    g = np.exp(special.log_softmax(z))
    g[target] -= 1
    return g


def log_softmax_expm1(z: Any, target: Any) -> Any:
    """Return softmax, with expm1 of the log-softmax at the label."""
    g = special.softmax(z)
    g[target] = np.expm1(special.log_softmax(z)[target])
    return g


def softmax_soft(z: Any, target: Any) -> Any:
    """Return softmax times the sum of the targets, minus the targets."""
    return special.softmax(z) * np.sum(target) - target


def expit(z: Any, target: Any) -> Any:
    """Return sigmoids minus the targets."""
    return special.expit(z) - target


def make_implementations() -> list[Implementation]:
    """Return the implementations; all give the gradient."""
    label, soft = meant.softmax_cross_entropy, meant.softmax_cross_entropy_soft
    rows: list[tuple[Any, Any, Any, str]] = [
        (softmax, label, "index", "scipy.special.softmax(z) - one_hot(y)"),
        (log_softmax, label, "index", "exp(scipy.special.log_softmax(z)) - one_hot(y)"),
        (
            log_softmax_expm1,
            label,
            "index",
            "softmax(z), with expm1(scipy.special.log_softmax(z)) at the label",
        ),
        (softmax_soft, soft, "soft", "scipy.special.softmax(z) sum(p) - p"),
        (expit, meant.sigmoid_bce, "soft", "scipy.special.expit(z) - p"),
    ]
    return [
        Implementation(
            f"scipy:{function.__name__}",
            function,
            loss,
            target,
            "numpy",
            description,
            returns="gradient",
        )
        for function, loss, target, description in rows
    ]
