"""Gradients in NumPy, wrong on purpose and right, each with the loss that is coded beside it.

Each wrong one says where its fault is, so that a checker can be asked there too; each right one
says where finite differences have a hard time.
Logits and a label are the arguments, classes are counted from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradproof import Loss, losses
from gradproof.symbolic import Max, class_sum, log, scalar, softmax, y, z

T = scalar("T", positive=True)
CE = losses.softmax_cross_entropy
TEMPERED = Loss("Tempered", -log(softmax(y, lambda j: z[j] / T)), title="CE at temperature T")
HINGE = Loss("Hinge", class_sum(lambda j: Max(0, 1 + z[j] - z[y]), but=[y]), title="hinge loss")

Coded = Callable[[Any, int], Any]


@dataclass(frozen=True)
class Case:
    """A gradient and the loss beside it.

    Attributes
    ----------
    name
        What it is.
    gradient, loss
        The two as code.
    there, label
        Logits at which its fault shows, or which are hard for finite differences, and the label.
    meant
        The loss that it means to be.
    values
        Values of symbols of that loss.
    kind
        The class of a finding that names the fault; empty for what is right.
    """

    name: str
    gradient: Coded
    there: tuple[float, ...]
    label: int = 0
    loss: Coded = field(default=lambda z, y: cross_entropy(z, y))
    meant: Loss = CE
    values: Mapping[Any, Any] = field(default_factory=dict)
    kind: str = "formula"


def cross_entropy(z: Any, y: int) -> Any:
    """Return softmax cross-entropy without cancellation."""
    leads = np.delete(z, y) - z[y]
    top = np.max(leads, initial=0)
    if top == 0:
        return np.log1p(np.sum(np.exp(leads)))
    return top + np.log(np.exp(-top) + np.sum(np.exp(leads - top)))


def softmax_of(z: Any) -> Any:
    """Return the softmax, shifted by the largest logit."""
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


def right(z: Any, y: int) -> Any:
    """Return the gradient of softmax cross-entropy without cancellation."""
    g = softmax_of(z)
    g[y] = 0
    g[y] = -np.sum(g)
    return g


def opposite(z: Any, y: int) -> Any:
    """Flip the sign of everything."""
    return -right(z, y)


def miscounted(z: Any, y: int) -> Any:
    """Take the label for the one before."""
    return right(z, y - 1)


def flipped(z: Any, y: int) -> Any:
    """Flip the sign where the label is sure."""
    g = right(z, y)
    return -g if softmax_of(z)[y] > 0.999 else g


def scaled(z: Any, y: int) -> Any:
    """Multiply by 1 + 1e-7."""
    return right(z, y) * np.asarray(1 + 1e-7, z.dtype)


def shifted(z: Any, y: int) -> Any:
    """Add 1e-9."""
    return right(z, y) + np.asarray(1e-9, z.dtype)


def cut_off(z: Any, y: int) -> Any:
    """Return nothing where a logit is beyond 30."""
    g = right(z, y)
    return g * 0 if np.max(z) > 30 else g


def tied(z: Any, y: int) -> Any:
    """Halve the gradient where the largest logit is tied."""
    g = right(z, y)
    return g / 2 if np.sum(z == np.max(z)) > 1 else g


def many(z: Any, y: int) -> Any:
    """Leave out the last class where there are more than ten."""
    g = right(z, y)
    if len(z) > 10:
        g[-1] = 0
    return g


def smoothed(z: Any, y: int) -> Any:
    """Return the gradient of label smoothing by 1e-3."""
    return 0.999 * right(z, y) + 0.001 * (softmax_of(z) - 1 / len(z))


def smoothed_loss(z: Any, y: int) -> Any:
    """Return cross-entropy with label smoothing by 1e-3."""
    return 0.999 * cross_entropy(z, y) + 0.001 * np.mean(
        [cross_entropy(z, j) for j in range(len(z))]
    )


def clipped_loss(z: Any, y: int) -> Any:
    """Return cross-entropy of clipped probabilities."""
    return -np.log(np.clip(softmax_of(z)[y], 1e-7, 1 - 1e-7))


def subtracted(z: Any, y: int) -> Any:
    """Subtract 1 from the share of the label, in which its digits are lost."""
    g = softmax_of(z)
    g[y] -= 1
    return g


def tempered(z: Any, y: int) -> Any:
    """Return the gradient at temperature 1/1000."""
    return right(z * 1000, y) * 1000


def tempered_loss(z: Any, y: int) -> Any:
    """Return cross-entropy at temperature 1/1000."""
    return cross_entropy((z - z[y]) * 1000, y)


def hinge(z: Any, y: int) -> Any:
    """Return a subgradient of the hinge loss."""
    g = (1 + z - z[y] > 0).astype(z.dtype)
    g[y] = 0
    g[y] = -np.sum(g)
    return g


def hinge_loss(z: Any, y: int) -> Any:
    """Return the hinge loss of Weston and Watkins."""
    return np.sum(np.maximum(0, 1 + np.delete(z, y) - z[y]))


WRONG = (
    Case("the sign of everything", opposite, (1, 0, -1)),
    Case("the label counted from 1", miscounted, (1, 0, -1)),
    Case("sign flipped where the share of the label is above 0.999", flipped, (20, 0, -3)),
    Case("everything times 1 + 1e-7", scaled, (1, 0, -1)),
    Case("1e-9 added to each component", shifted, (1, 0, -1)),
    Case("nothing where a logit is beyond 30", cut_off, (40, 0, 0), 1),
    Case("half where the largest logit is tied", tied, (1, 1, 0)),
    Case("the last class left out, of more than ten", many, (0, 1, 2) * 4),
    Case(
        "cross-entropy, but with label smoothing by 1e-3",
        smoothed,
        (1, 0, -1),
        loss=smoothed_loss,
        kind="another loss",
    ),
    Case(
        "the gradient of cross-entropy beside a clipped loss",
        subtracted,
        (17, 0),
        loss=clipped_loss,
    ),
    Case(
        "the component of a sure label lost to cancellation",
        subtracted,
        (40, 0, -3),
        kind="rounding",
    ),
)

RIGHT = (
    Case("cross-entropy", right, (1, 0, -1)),
    Case("cross-entropy, all logits near 1e8", right, (1e8 + 1, 1e8, 1e8 - 1)),
    Case("cross-entropy, a class masked by -infinity", right, (1, -np.inf, 0)),
    Case(
        "cross-entropy at temperature 1/1000, a near tie",
        tempered,
        (0, 0.0005, -0.001),
        loss=tempered_loss,
        meant=TEMPERED,
        values={T: "1/1000"},
    ),
    Case("hinge loss, a subgradient at its kink", hinge, (1, 0, 0.5), loss=hinge_loss, meant=HINGE),
)
"""In all of them loss and gradient belong together, and are accurate to a few units."""
