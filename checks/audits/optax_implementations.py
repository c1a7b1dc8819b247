"""Optax's losses, for audits."""

from __future__ import annotations

from typing import Any

import optax

from ...symbolic import losses as meant
from .implementation_list import Implementation


def sigmoid_binary_cross_entropy(z: Any, target: Any) -> Any:
    """Return optax's sigmoid binary cross-entropy, summed over the classes."""
    return optax.sigmoid_binary_cross_entropy(z, target).sum(-1)


def make_implementations() -> list[Implementation]:
    """Return the implementations; all leave the losses of a batch apart."""
    of_labels = optax.softmax_cross_entropy_with_integer_labels
    rows: list[tuple[str, Any, Any, Any, str]] = [
        (
            "softmax_cross_entropy",
            optax.softmax_cross_entropy,
            meant.softmax_cross_entropy_soft,
            "soft",
            "optax.softmax_cross_entropy",
        ),
        (
            "softmax_cross_entropy_one_hot",
            optax.softmax_cross_entropy,
            meant.softmax_cross_entropy,
            "one-hot",
            "optax.softmax_cross_entropy of a one-hot vector",
        ),
        (
            "softmax_cross_entropy_with_integer_labels",
            of_labels,
            meant.softmax_cross_entropy,
            "index",
            "optax.softmax_cross_entropy_with_integer_labels",
        ),
        (
            "safe_softmax_cross_entropy",
            optax.safe_softmax_cross_entropy,
            meant.softmax_cross_entropy_soft,
            "soft",
            "optax.safe_softmax_cross_entropy",
        ),
        (
            "sigmoid_binary_cross_entropy",
            sigmoid_binary_cross_entropy,
            meant.sigmoid_bce,
            "soft",
            "optax.sigmoid_binary_cross_entropy, summed over the classes",
        ),
    ]
    return [
        Implementation(
            f"optax:{name}", function, loss, target, "jax", description, reduction="none"
        )
        for name, function, loss, target, description in rows
    ]
