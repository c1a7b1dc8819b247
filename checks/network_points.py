"""Backpropagation at exact points, against oracles that differentiate the network itself.

Guarantees: every comparison counted had two narrow balls that overlap, one from backpropagation and
one from Taylor series through the network; balls apart are a conflict, never a verdict.
At one point of each network a central difference in mpmath, which shares nothing with either, must
agree too.
Numbers are drawn so that the softmax is not saturated and, where it can be, the derivative by a
weight of the first layer is not 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from flint import arb
from mpmath import mp, mpf
from sympy import IndexedBase

from ..numeric.network import kinks, loss_point, network_gradient, target_of, trace_of
from ..numeric.network_oracle import network_derivative, network_difference
from ..numeric.point import Point
from ..symbolic.backward import Gradients
from ..symbolic.errors import (
    DeclarationError,
    EngineConflict,
    GradproofError,
    PrecisionError,
    UnsupportedError,
)
from ..symbolic.loss import Loss
from ..symbolic.network_point import NetworkPoint, Parameter
from ..symbolic.network_polynomials import component
from ..symbolic.vocabulary import n
from .goals import admits

BITS = (256, 2048)
"""Precisions tried, in this order, until every ball is narrow."""
NARROW = Fraction(1, 10**20)
"""Largest radius of a ball, relative to its value where that is above 1, that confirms anything."""
TRIES = 60
WORK = 40_000
"""Bounds the weights and biases looked at, times those of the network."""
DIGITS = 12
"""Digits to which the central difference must agree."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How often, and how well, backpropagation agreed with the oracles."""

    points: int = 0
    derivatives: int = 0
    differences: int = 0

    def __add__(self, other: Confirmation) -> Confirmation:
        return Confirmation(
            self.points + other.points,
            self.derivatives + other.derivatives,
            self.differences + other.differences,
        )

    def __str__(self) -> str:
        points = "1 exact point" if self.points == 1 else f"{self.points} exact points"
        return (
            f"{self.derivatives} derivatives at {points} agree with Taylor series through the "
            f"network to 20 digits, {self.differences} with central differences to {DIGITS}"
        )


def confirm(loss: Loss, widths: Sequence[int], seed: int, points: int) -> Confirmation:
    """Compare backpropagation with the oracles at random networks of one architecture.

    Raises
    ------
    EngineConflict
        If an oracle contradicts backpropagation.
    UnsupportedError
        If the loss cannot be evaluated in a network.
    """
    random, total = Random(seed), Confirmation()
    for _ in range(points):
        point = draw(loss, widths, random)
        if point is not None:
            total += confirm_at(loss, point, differences=total.points == 0)
    return total


def draw(loss: Loss, widths: Sequence[int], random: Random) -> NetworkPoint | None:
    """Return a network off its kinks in the domain of a loss, or None if none was met."""
    found = None
    for _ in range(TRIES):
        point = _draw(loss, widths, random)
        if kinks(point) or not in_domain(loss, point):
            continue
        found = point
        if any(_is_nonzero(e) for row in network_gradient(loss, point).weights[0] for e in row):
            break
    return found


def _is_nonzero(ball: arb) -> bool:
    return ball.is_finite() and not ball.contains(0)


def _draw(loss: Loss, widths: Sequence[int], random: Random) -> NetworkPoint:
    def number() -> Fraction:
        return Fraction(random.randint(-8, 8), 8)

    def vector(length: int) -> list[Fraction]:
        return [number() for _ in range(length)]

    def biases_of(units: int) -> list[Fraction]:
        # A prime below keeps a bias from cancelling the rest, so that kinks are rare.
        return [Fraction(random.randint(-508, 508), 509) for _ in range(units)]

    layers = range(1, len(widths))
    weights = [[vector(widths[layer - 1]) for _ in range(widths[layer])] for layer in layers]
    biases = [biases_of(widths[layer]) for layer in layers]
    soft = isinstance(target_of(loss), IndexedBase)
    classes = widths[-1]
    target: Any = [abs(number()) for _ in range(classes)] if soft else random.randint(1, classes)
    return NetworkPoint(weights, biases, vector(widths[0]), target)


def in_domain(loss: Loss, point: NetworkPoint) -> bool:
    """Tell whether a loss is known to be defined at a network's logits and target."""
    try:
        at = at_logits(loss, point)
    except UnsupportedError:
        raise
    except DeclarationError:
        return False
    return admits(loss.given, at)


def at_logits(loss: Loss, point: NetworkPoint) -> Point:
    """Return the point at which a network evaluates a loss, with its number of classes."""
    logits = [Fraction(int(a.p), int(a.q)) for a in trace_of(point).logits]
    return loss_point(loss, point, logits).replace({n: len(logits)})


def confirm_at(loss: Loss, point: NetworkPoint, *, differences: bool = True) -> Confirmation:
    """Compare backpropagation with the oracles at one network.

    Of a large network a part of the weights and biases is looked at, spread evenly.

    Raises
    ------
    EngineConflict
        If an oracle contradicts backpropagation.
    KinkError
        If the pre-activation of a hidden unit is 0.
    """
    several = _spread(list(point.parameters()))
    for bits in BITS:
        try:
            computed = network_gradient(loss, point, bits)
            expected = {p: network_derivative(loss, point, p, bits) for p in several}
        except PrecisionError:
            continue
        agreed = compare(computed, expected, point)
        if agreed == len(several):
            checked = _difference(loss, point, computed, several) if differences else 0
            return Confirmation(1, agreed, checked)
    return Confirmation()


def _spread(parameters: list[Parameter]) -> list[Parameter]:
    wanted = max(3, WORK // len(parameters))
    return parameters[:: max(1, -(-len(parameters) // wanted))]


def compare(computed: Gradients, expected: Mapping[Parameter, arb], point: NetworkPoint) -> int:
    """Return how many narrow balls of backpropagation overlap those of an oracle.

    Raises
    ------
    EngineConflict
        If two balls do not overlap.
    """
    agreed = 0
    for parameter, other in expected.items():
        one = component(computed, parameter)
        if one.is_finite() and other.is_finite() and not one.overlaps(other):
            raise _conflict(parameter, one.str(15), other.str(15), point)
        agreed += _is_narrow(one) and _is_narrow(other)
    return agreed


def _is_narrow(ball: arb) -> bool:
    if not ball.is_finite():
        return False
    return bool(ball.rad() < arb(1) / NARROW.denominator * max(1, abs(float(ball.mid()))))


def _difference(
    loss: Loss, point: NetworkPoint, computed: Gradients, several: Sequence[Parameter]
) -> int:
    """Check the largest derivative by one of several weights and biases by a central difference."""
    first = [p for p in several if p.layer == 1] or several
    parameter = max(first, key=lambda p: abs(float(component(computed, p).mid())))
    try:
        quotient = network_difference(loss, point, parameter)
    except EngineConflict:
        raise
    except GradproofError:
        return 0
    ball = component(computed, parameter)
    with mp.workdps(40):
        value = mpf(ball.mid().str(40, radius=False))
        close = abs(quotient - value) <= mpf(10) ** -DIGITS * max(1, abs(value))
    if not close:
        raise _conflict(parameter, ball.str(15), mp.nstr(quotient, 15), point)
    return 1


def _conflict(parameter: Parameter, computed: str, expected: str, point: NetworkPoint) -> Exception:
    return EngineConflict(
        "backpropagation agrees with the derivative of the network at exact points",
        found=f"{computed} against {expected} by {parameter} at {point.to_json()}",
        remedy="report this: one of the two evaluations is wrong",
    )
