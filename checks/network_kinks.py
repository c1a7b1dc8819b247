"""What is said of a network at a kink: the unit, and the derivatives from both sides.

Guarantees: a unit is named only if its pre-activation is exactly 0; the figures of one-sided
derivatives are certified, and "not differentiable" is said only where their balls are apart.
"""

from __future__ import annotations

from collections.abc import Iterator

from flint import arb

from ..numeric.enclosure import Enclosure
from ..numeric.network import HiddenUnit
from ..numeric.network_oracle import OneSided, one_sided
from ..symbolic.errors import PrecisionError
from ..symbolic.loss import Loss
from ..symbolic.network_point import NetworkPoint, Parameter
from .verdict import Evidence, Finding

BITS = (256, 2048)
"""Precisions tried, in this order."""
MOST = 200
"""Most weights and biases tried for one whose two sides differ."""


def at_kink(
    method: str, scope: str, loss: Loss, point: NetworkPoint, ties: list[HiddenUnit]
) -> Evidence:
    """Return the evidence that a network has a kink at a point.

    Parameters
    ----------
    method, scope
        The words that the evidence is filed under.
    loss
        The loss at the end of the network.
    point
        The network and the sample.
    ties
        The hidden units whose pre-activation is 0.
    """
    sides = _telling(loss, point, ties)
    certificate = {"pre-activation 0": [str(tie) for tie in ties], "point": point.to_json()}
    detail = f"The pre-activation is 0 at {', '.join(map(str, ties))}."
    if sides is None:
        detail += " Its one-sided derivatives were not certified."
        return Evidence(method, Finding.UNDEFINED, scope, detail, certificate)
    left, right = _figure(sides.left), _figure(sides.right)
    certificate |= {"by": str(sides.parameter), "left": left, "right": right}
    detail += (
        f" The derivative of {loss.name} by {sides.parameter} is {left} from the left and {right} "
        "from the right, "
    )
    detail += (
        "so that the loss is not differentiable there."
        if sides.differ
        else "and none was found whose two sides differ; the ReLU has no slope there all the same."
    )
    return Evidence(method, Finding.UNDEFINED, scope, detail, certificate)


def _telling(loss: Loss, point: NetworkPoint, ties: list[HiddenUnit]) -> OneSided | None:
    """Return the one-sided derivatives by a weight or bias, where they differ if one was found."""
    first = None
    for parameter in _most_telling(point, ties):
        sides = _certified(loss, point, parameter)
        if sides is not None and sides.differ:
            return sides
        first = first or sides
    return first


def _most_telling(point: NetworkPoint, ties: list[HiddenUnit]) -> Iterator[Parameter]:
    """Yield weights and biases, first those that move a pre-activation that is 0."""
    own = [Parameter(tie.layer, tie.unit) for tie in ties]
    into = {(tie.layer, tie.unit) for tie in ties}
    others = [p for p in point.parameters() if p not in own]
    others.sort(key=lambda p: (p.layer, p.unit) not in into)
    yield from (own + others)[:MOST]


def _certified(loss: Loss, point: NetworkPoint, parameter: Parameter) -> OneSided | None:
    for bits in BITS:
        try:
            return one_sided(loss, point, parameter, bits)
        except PrecisionError:
            continue
    return None


def _figure(ball: arb) -> str:
    return Enclosure(ball).text(12)
