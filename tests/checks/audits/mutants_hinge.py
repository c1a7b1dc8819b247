"""A loss with kinks that the library does not hold, and gradients that are wrong on the kinks."""

from __future__ import annotations

from typing import Any

import numpy as np
from mutants_base import HINGE, Kind, Mutant, mutants
from mutants_gradients import hinge, without
from sympy import Max

from gradproof.symbolic import Loss, class_sum, y, z
from gradproof.symbolic.losses import find_loss

HINGE_LOSS = Loss(
    HINGE,
    class_sum(lambda j: Max(0, 1 + z[j] - z[y]), but=(y,)),
    title="hinge loss of every other class",
)
"""The sum of ``max(0, 1 + z_j - z_y)`` over the classes but the label."""


def loss_called(name: str) -> Loss:
    """Return the loss of a case by its short name."""
    return HINGE_LOSS if name == HINGE else find_loss(name)


def at_the_kink(slope: float) -> Any:
    """Return the gradient with a slope of its own where a margin is exactly 1."""

    def gradient(logits: Any, label: int) -> Any:
        margins = 1 + logits - logits[label]
        found = without(np.where(margins > 0, 1, np.where(margins == 0, slope, 0)), label)
        found = found.astype(logits.dtype)
        return without(found, label, -np.sum(found))

    return gradient


ON_THE_KINK = {
    "slope 2 at a margin of 1": at_the_kink(2.0),
    "slope -1/2 at a margin of 1": at_the_kink(-0.5),
}

ELSEWHERE = {
    "margin 1.001": lambda logits, label: hinge(logits * (1 / 1.001), label),
    "label's slope -1": lambda logits, label: np.maximum(hinge(logits, label), -1),
}

HINGES: tuple[Mutant, ...] = (
    *mutants(ON_THE_KINK, HINGE, kinds=frozenset({Kind.KINK, Kind.FORMULA})),
    *mutants(ELSEWHERE, HINGE, kinds=frozenset({Kind.FORMULA, Kind.ANOTHER_LOSS, Kind.KINK})),
)
"""Wrong gradients of the hinge loss."""
