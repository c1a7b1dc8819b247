"""Derivatives of a loss through a network from the network alone, without backpropagation.

Guarantees: the balls returned hold the derivative; one-sided ones hold the limit of the difference
quotient from that side.
Arithmetic: one weight or bias is moved, and truncated Taylor series with exact rational
coefficients go forward through the network; the loss is put through the Taylor oracle of
`gradproof.numeric.oracle` along the line that the logits then follow.
No gradient formula, and no pass backward, is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from flint import arb, fmpq, fmpq_series
from mpmath import mp, mpf

from ..symbolic.backward import Affine, Gradients, forward
from ..symbolic.class_sums import substitute_family
from ..symbolic.loss import Loss
from ..symbolic.network_point import NetworkPoint, Parameter
from ..symbolic.vocabulary import family, scalar, z
from . import elements
from .high_precision import reference
from .network import HiddenUnit, exact_layers, loss_point
from .oracle import derivative
from .point import Point
from .run import KinkError

_start, _slope, _step = family("logits"), family("slopes"), scalar("step")
_Relu = Callable[[int, int, Any], Any]


@dataclass(frozen=True, slots=True)
class OneSided:
    """The derivatives from the left and from the right by one weight or bias."""

    parameter: Parameter
    left: arb
    right: arb

    @property
    def differ(self) -> bool:
        """Whether they certainly differ, so that there is no derivative."""
        return not self.left.overlaps(self.right)


def network_derivative(
    loss: Loss, point: NetworkPoint, parameter: Parameter, bits: int = 256
) -> arb:
    """Return a ball that holds the derivative of `loss` by one weight or bias.

    Raises
    ------
    KinkError
        If the pre-activation of a hidden unit is 0.
    DeclarationError
        If the network has no such weight or bias.
    UnsupportedError
        If the loss depends on anything else than the target.
    """
    return _along(loss, point, _series(point, parameter, 1, _smooth), bits)


def network_derivatives(loss: Loss, point: NetworkPoint, bits: int = 256) -> Gradients:
    """Return balls that hold the derivative by every weight and bias, in the network's shapes.

    Raises
    ------
    KinkError, UnsupportedError
        As `network_derivative`.
    """

    def by(*place: int) -> arb:
        return network_derivative(loss, point, Parameter(*place), bits)

    weights = tuple(
        tuple(
            tuple(by(layer, unit, below) for below in range(1, len(row) + 1))
            for unit, row in enumerate(rows, start=1)
        )
        for layer, rows in enumerate(point.weights, start=1)
    )
    biases = tuple(
        tuple(by(layer, unit) for unit in range(1, len(vector) + 1))
        for layer, vector in enumerate(point.biases, start=1)
    )
    return Gradients(weights, biases)


def one_sided(loss: Loss, point: NetworkPoint, parameter: Parameter, bits: int = 256) -> OneSided:
    """Return balls that hold the two one-sided derivatives by one weight or bias.

    Where a pre-activation is 0 a ReLU has the slope 1 in the direction that makes it positive and
    0 in the other; directional derivatives of Lipschitz functions follow the chain rule.

    Raises
    ------
    DeclarationError
        If the network has no such weight or bias.
    UnsupportedError
        If the loss depends on anything else than the target.
    """
    right = _along(loss, point, _series(point, parameter, 1, _directional), bits)
    left = _along(loss, point, _series(point, parameter, -1, _directional), bits)
    return OneSided(parameter, -left, right)


def _series(point: NetworkPoint, parameter: Parameter, way: int, relu: _Relu) -> list[fmpq_series]:
    """Return the logits as series in h, `parameter` being moved by ``way * h``."""
    point.shifted(parameter, Fraction(0))  # the network has such a parameter
    layers = list(exact_layers(point))
    layers[parameter.layer - 1] = _moved(layers[parameter.layer - 1], parameter, way)
    inputs = [_constant(elements.rational(x)) for x in point.input]
    return list(forward(layers, inputs, relu).logits)


def _moved(layer: Affine, parameter: Parameter, way: int) -> Affine:
    unit, below = parameter.unit - 1, parameter.below
    if below is None:
        return replace(layer, biases=_put(layer.biases, unit, way))
    row = _put(layer.weights[unit], below - 1, way)
    weights = (*layer.weights[:unit], row, *layer.weights[unit + 1 :])
    return replace(layer, weights=weights)


def _put(values: tuple[Any, ...], place: int, way: int) -> tuple[Any, ...]:
    moved = fmpq_series([values[place], way], prec=2)
    return (*values[:place], moved, *values[place + 1 :])


def _constant(value: fmpq) -> fmpq_series:
    return fmpq_series([value], prec=2)


def _smooth(layer: int, unit: int, a: fmpq_series) -> fmpq_series:
    if a[0] == 0:
        raise KinkError(
            "a network is differentiated where no pre-activation of a hidden unit is 0",
            found=f"0 at {HiddenUnit(layer, unit)}",
            remedy="move the point off the kink, or ask for one-sided derivatives",
        )
    return a if a[0] > 0 else 0 * a


def _directional(_layer: int, _unit: int, a: fmpq_series) -> fmpq_series:
    leading = a[0] if a[0] != 0 else a[1]
    return a if leading > 0 else 0 * a


def _along(loss: Loss, point: NetworkPoint, logits: list[fmpq_series], bits: int) -> arb:
    """Return the derivative of the loss at h = 0 along the line of the first two coefficients."""
    start = [elements.fraction(fmpq(a[0])) for a in logits]
    slope = [elements.fraction(fmpq(a[1])) for a in logits]
    line = substitute_family(loss.value, z, lambda a: _start[a] + _slope[a] * _step)
    values = {key: value for key, value in loss_point(loss, point, start).items() if key != z}
    return derivative(
        line, Point(values | {_start: start, _slope: slope, _step: 0}), _step, bits=bits
    )


def network_difference(
    loss: Loss, point: NetworkPoint, parameter: Parameter, digits: int = 20
) -> mpf:
    """Return the derivative by one weight or bias from a central difference.

    The step is ``10**-digits`` and the values have three times as many digits, so that about
    `digits` digits are right wherever no kink is as near as the step.
    Networks are evaluated by plain fractions, the loss by mpmath: nothing is shared with the
    certified evaluation.
    """
    step = Fraction(1, 10**digits)
    with mp.workdps(3 * digits + 20):
        ahead, behind = (
            _value(loss, point.shifted(parameter, s), 3 * digits) for s in (step, -step)
        )
        return (ahead - behind) * mpf(10) ** digits / 2


def _value(loss: Loss, point: NetworkPoint, digits: int) -> mpf:
    below, last = list(point.input), len(point.weights) - 1
    for place, (rows, biases) in enumerate(zip(point.weights, point.biases, strict=True)):
        below = [
            b + sum((w * h for w, h in zip(row, below, strict=True)), Fraction(0))
            for row, b in zip(rows, biases, strict=True)
        ]
        if place < last:
            below = [max(a, Fraction(0)) for a in below]
    return reference(loss.value, loss_point(loss, point, below), digits)
