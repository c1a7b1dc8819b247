"""The stable implementation of each loss, by the loss's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from . import clipped, cross_entropy, kernel_density, one_against_rest, sigmoids, squares


@dataclass(frozen=True, slots=True)
class Stable:
    """A loss and its gradient in floats without cancellation.

    Attributes
    ----------
    value
        The loss of logits and a target.
    gradient
        Its gradient by the logits.

    Both take the logits, then the label, the targets or the kernel values; those of Keras take
    epsilon after them.
    """

    value: Callable[..., Any]
    gradient: Callable[..., Any]

    @property
    def call(self) -> str:
        """How the gradient is called in a program that imports gradproof."""
        return f"gradproof.stable.{self.gradient.__name__}"


_HOMES = {
    "softmax_cross_entropy": cross_entropy,
    "softmax_cross_entropy_soft": cross_entropy,
    "multiclass_bce": one_against_rest,
    "multiclass_bce_one_hot": one_against_rest,
    "sigmoid_bce": sigmoids,
    "kde_cross_entropy": kernel_density,
    "quadratic": squares,
    "quadratic_soft": squares,
    "keras_cross_entropy": clipped,
    "keras_cross_entropy_one_hot": clipped,
}

STABLE: Mapping[str, Stable] = MappingProxyType(
    {
        name: Stable(getattr(home, name), getattr(home, f"{name}_gradient"))
        for name, home in _HOMES.items()
    }
)
"""By the names of `gradproof.losses`; the losses of a kernel density over a whole interval or over
bins are sums of `kde_cross_entropy` and have none of their own."""
