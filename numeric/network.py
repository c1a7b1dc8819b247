"""ReLU networks at exact points: pre-activations, kinks, and gradients in certified balls.

Guarantees: pre-activations are exact rationals, so that whether one is 0 is known; the balls of
`network_gradient` hold what backpropagation gives, which off the kinks is the derivative
(`gradproof.checks.networks` proves it).
Arithmetic: rationals through the network, Arb for the loss and the errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb, fmpq
from sympy import IndexedBase

from ..symbolic.backward import Affine, Gradients, Trace, backward, forward
from ..symbolic.errors import UnsupportedError
from ..symbolic.loss import Loss
from ..symbolic.network_point import NetworkPoint
from ..symbolic.vocabulary import i, n, y, z
from . import elements
from .enclosure import evaluate_vector
from .point import Point
from .run import KinkError


@dataclass(frozen=True, slots=True)
class HiddenUnit:
    """A unit of a hidden layer, both counted from 1."""

    layer: int
    unit: int

    def __str__(self) -> str:
        return f"unit {self.unit} of hidden layer {self.layer}"


def exact_layers(point: NetworkPoint) -> tuple[Affine, ...]:
    """Return the layers of a network with exact elements for its numbers."""
    return tuple(
        Affine(tuple(tuple(map(elements.rational, row)) for row in layer.weights), _exact(b))
        for layer, b in zip(point.layers, point.biases, strict=True)
    )


def _exact(values: Sequence[Any]) -> tuple[fmpq, ...]:
    return tuple(map(elements.rational, values))


def trace_of(point: NetworkPoint) -> Trace:
    """Return the pre-activations and activations of a network at its sample, exactly."""
    return forward(exact_layers(point), _exact(point.input), lambda _layer, _unit, a: max(a, 0 * a))


def kinks(point: NetworkPoint) -> list[HiddenUnit]:
    """Return the hidden units whose pre-activation is exactly 0, the first layer's first.

    >>> kinks(NetworkPoint([[[1, -2], [1, 1]], [[3, 4]]], [[0, 0], [1]], (2, 1), 1))
    [HiddenUnit(layer=1, unit=1)]
    """
    return list(_ties(trace_of(point)))


def _ties(trace: Trace) -> Iterator[HiddenUnit]:
    for layer, vector in enumerate(trace.pre_activations[:-1], start=1):
        for unit, a in enumerate(vector, start=1):
            if a == 0:
                yield HiddenUnit(layer, unit)


def loss_point(loss: Loss, point: NetworkPoint, logits: Sequence[Any]) -> Point:
    """Return the point at which a network with these logits evaluates `loss`.

    Raises
    ------
    UnsupportedError
        If the loss is told something else than one label, or one number for each class.
    DeclarationError
        If the target contradicts the sign that its family was declared with.
    """
    name = target_of(loss)
    if name is None:
        return Point({z: tuple(logits)})
    if isinstance(name, IndexedBase) == isinstance(point.target, int):
        raise UnsupportedError(
            f"the target of {loss.name} is "
            + ("one number for each class" if isinstance(name, IndexedBase) else "a label"),
            found=point.target,
            remedy=f"give the sample a value for {name}",
        )
    return Point({z: tuple(logits), name: point.target})


def target_of(loss: Loss) -> Any:
    """Return what a loss is told beside the logits: the label, a family, or None.

    Raises
    ------
    UnsupportedError
        If it is told anything else.
    """
    families = loss.value.atoms(IndexedBase) - {z}
    plain = {s for s in loss.value.free_symbols if s.is_Symbol and s != n}
    labels = {s for s in plain - {b.label for b in families | {z}} if not s.name.startswith("_")}
    if len(families) + len(labels) > 1 or not labels <= {y}:
        raise UnsupportedError(
            "a network is trained on one label, or on one number for each class",
            found=f"{loss.name}, which depends on "
            + ", ".join(sorted(map(str, {*families, *labels}))),
            remedy="put numbers for its other symbols",
        )
    return next(iter((*families, *labels)), None)


def network_gradient(loss: Loss, point: NetworkPoint, bits: int = 128) -> Gradients:
    """Return the derivative of a loss by every weight and bias of a network, by backpropagation.

    Parameters
    ----------
    loss
        A loss of the logits and of a label, or of one number for each class.
    point
        The network and the sample.
    bits
        The working precision.

    Returns
    -------
    Gradients
        Arb balls: ``weights[l][i][j]`` in the shapes of ``point.weights``, ``biases[l][i]`` in
        those of ``point.biases``.

    Raises
    ------
    KinkError
        If the pre-activation of a hidden unit is 0: its text names the unit.
    UnsupportedError
        If the loss depends on anything else than the target.

    >>> from gradproof.symbolic.losses import softmax_cross_entropy
    >>> point = NetworkPoint([[[1]], [[1], [-1]]], [[0], [0, 0]], [0.5], 1)
    >>> network_gradient(softmax_cross_entropy, point).biases[1][0].str(5)
    '[-0.26894 +/- 1.43e-6]'
    """
    trace = trace_of(point)
    check_smooth(trace)
    logits = [elements.fraction(a) for a in trace.logits]
    errors = evaluate_vector(loss.gradient(i), i, loss_point(loss, point, logits), bits)
    slopes = [tuple(int(a > 0) for a in vector) for vector in trace.pre_activations[:-1]]
    with elements.working_precision(bits):
        found = backward(exact_layers(point), trace.inputs, slopes, errors)
        return Gradients(
            tuple(tuple(_balls(row) for row in rows) for rows in found.weights),
            tuple(map(_balls, found.biases)),
        )


def _balls(values: Sequence[Any]) -> tuple[arb, ...]:
    return tuple(map(elements.to_ball, values))


def check_smooth(trace: Trace) -> None:
    """Check that no pre-activation of a hidden unit is 0.

    Raises
    ------
    KinkError
        If one is.
    """
    for tie in _ties(trace):
        raise KinkError(
            "a network is differentiated where no pre-activation of a hidden unit is 0",
            found=f"0 at {tie}",
            remedy="move the point off the kink, or ask for one-sided derivatives",
        )
