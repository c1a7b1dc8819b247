"""Keras's losses, on the backend that Keras is set to, for audits.

Those of probabilities are composed with a softmax or sigmoid, so that their gradient is by the
logits; they clip the probabilities, and mean the plain cross-entropy all the same.
"""

from __future__ import annotations

from typing import Any

import keras

from ...symbolic import losses as meant
from .implementation_list import Implementation


def categorical_crossentropy(z: Any, target: Any) -> Any:
    """Return Keras's cross-entropy of softmax outputs."""
    return keras.losses.categorical_crossentropy(target, keras.ops.softmax(z, axis=-1))


def categorical_crossentropy_from_logits(z: Any, target: Any) -> Any:
    """Return Keras's cross-entropy of logits."""
    return keras.losses.categorical_crossentropy(target, z, from_logits=True)


def sparse_categorical_crossentropy(z: Any, target: Any) -> Any:
    """Return Keras's cross-entropy of softmax outputs with a label."""
    return keras.losses.sparse_categorical_crossentropy(target, keras.ops.softmax(z, axis=-1))


def sparse_categorical_crossentropy_from_logits(z: Any, target: Any) -> Any:
    """Return Keras's cross-entropy of logits with a label."""
    return keras.losses.sparse_categorical_crossentropy(target, z, from_logits=True)


def binary_crossentropy(z: Any, target: Any) -> Any:
    """Return Keras's binary cross-entropy of sigmoids, its mean over the classes made a sum."""
    return keras.losses.binary_crossentropy(target, keras.ops.sigmoid(z)) * z.shape[-1]


def binary_crossentropy_from_logits(z: Any, target: Any) -> Any:
    """Return Keras's binary cross-entropy of logits, its mean over the classes made a sum."""
    return keras.losses.binary_crossentropy(target, z, from_logits=True) * z.shape[-1]


def categorical_class(z: Any, target: Any) -> Any:
    """Return Keras's loss class for the cross-entropy of softmax outputs."""
    return keras.losses.CategoricalCrossentropy()(target, keras.ops.softmax(z, axis=-1))


def categorical_class_from_logits(z: Any, target: Any) -> Any:
    """Return Keras's loss class for the cross-entropy of logits."""
    return keras.losses.CategoricalCrossentropy(from_logits=True)(target, z)


def sparse_class_from_logits(z: Any, target: Any) -> Any:
    """Return Keras's loss class for the cross-entropy of logits with a label."""
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)(target, z)


def binary_class_from_logits(z: Any, target: Any) -> Any:
    """Return Keras's loss class for binary cross-entropy, its mean over the classes made a sum."""
    return keras.losses.BinaryCrossentropy(from_logits=True)(target, z) * z.shape[-1]


def make_implementations() -> list[Implementation]:
    """Return the implementations: functions leave a batch apart, classes take its mean."""
    label, soft = meant.softmax_cross_entropy, meant.softmax_cross_entropy_soft
    binary = meant.sigmoid_bce
    rows: list[tuple[Any, Any, Any, Any, str]] = [
        (
            categorical_crossentropy,
            soft,
            "soft",
            "none",
            "keras.losses.categorical_crossentropy of a softmax",
        ),
        (
            categorical_crossentropy_from_logits,
            soft,
            "soft",
            "none",
            "keras.losses.categorical_crossentropy(from_logits=True)",
        ),
        (
            sparse_categorical_crossentropy,
            label,
            "index",
            "none",
            "keras.losses.sparse_categorical_crossentropy of a softmax",
        ),
        (
            sparse_categorical_crossentropy_from_logits,
            label,
            "index",
            "none",
            "keras.losses.sparse_categorical_crossentropy(from_logits=True)",
        ),
        (
            binary_crossentropy,
            binary,
            "soft",
            "none",
            "keras.losses.binary_crossentropy of sigmoids, summed over the classes",
        ),
        (
            binary_crossentropy_from_logits,
            binary,
            "soft",
            "none",
            "keras.losses.binary_crossentropy(from_logits=True), summed over the classes",
        ),
        (
            categorical_class,
            soft,
            "soft",
            "mean",
            "keras.losses.CategoricalCrossentropy() of a softmax",
        ),
        (
            categorical_class_from_logits,
            soft,
            "soft",
            "mean",
            "keras.losses.CategoricalCrossentropy(from_logits=True)",
        ),
        (
            sparse_class_from_logits,
            label,
            "index",
            "mean",
            "keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
        ),
        (
            binary_class_from_logits,
            binary,
            "soft",
            "mean",
            "keras.losses.BinaryCrossentropy(from_logits=True), summed over the classes",
        ),
    ]
    return [
        Implementation(
            f"keras:{function.__name__}",
            function,
            loss,
            target,
            "keras",
            description,
            reduction=reduction,
        )
        for function, loss, target, reduction, description in rows
    ]
