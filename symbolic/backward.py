"""Fully connected ReLU networks: the pass forward, and backpropagation, over any numbers.

Guarantees: the passes only add and multiply, so that one and the same code runs on rationals, on
balls, on Taylor series and on polynomials; what a ReLU does is handed in.
Nothing here differentiates: that backpropagation gives the derivative is what provers show.

Notation: layer l takes the activations h of the layer below to pre-activations
``a_i = sum_j W_ij h_j + b_i``; a hidden layer has the activations ``h_i = max(0, a_i)``, the last
layer has the logits a = z.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Vector: TypeAlias = tuple[Any, ...]
Matrix: TypeAlias = tuple[Vector, ...]


@dataclass(frozen=True, slots=True)
class Affine:
    """One layer before its ReLU.

    Attributes
    ----------
    weights
        Shape (units, units below): a row for each unit.
    biases
        Shape (units,).
    """

    weights: Matrix
    biases: Vector


@dataclass(frozen=True, slots=True)
class Trace:
    """What a forward pass computed.

    Attributes
    ----------
    pre_activations
        For each layer, the last one included, the vector a.
    inputs
        For each layer the vector it is applied to: the input of the network, then activations.
    """

    pre_activations: tuple[Vector, ...]
    inputs: tuple[Vector, ...]

    @property
    def logits(self) -> Vector:
        """The pre-activations of the last layer."""
        return self.pre_activations[-1]


@dataclass(frozen=True, slots=True)
class Gradients:
    """A derivative by each weight and each bias, in the shapes of the network."""

    weights: tuple[Matrix, ...]
    biases: tuple[Vector, ...]


@dataclass(frozen=True, slots=True)
class LocalRules:
    """What backpropagation does at one connection and at one unit.

    Attributes
    ----------
    through
        A weight and the error of the unit above it: what the unit below receives.
    gate
        The slope of a unit's ReLU and the sum it receives: its error.
    weight
        The error of a unit and an activation below it: the derivative by the weight between them.
    bias
        The error of a unit: the derivative by its bias.
    """

    through: Callable[[Any, Any], Any]
    gate: Callable[[Any, Any], Any]
    weight: Callable[[Any, Any], Any]
    bias: Callable[[Any], Any]


RULES = LocalRules(
    through=lambda weight, error: weight * error,
    gate=lambda slope, received: slope * received,
    weight=lambda error, activation: error * activation,
    bias=lambda error: error,
)
"""Backpropagation: ``dL/dW_ij = e_i h_j``, ``dL/db_i = e_i``, and the error one layer below is
``e_j = [a_j > 0] sum_i W_ij e_i``; the errors of the last layer are the derivatives by the logits.
"""


def forward(
    layers: Sequence[Affine], inputs: Sequence[Any], relu: Callable[[int, int, Any], Any]
) -> Trace:
    """Run a network on `inputs`.

    Parameters
    ----------
    layers
        The layers from the input to the logits.
    inputs
        As many numbers as the first layer has columns.
    relu
        Returns the activation of a hidden unit: called with its layer and its number, both from 1,
        and its pre-activation.
    """
    below, seen, found = tuple(inputs), [], []
    for place, layer in enumerate(layers, start=1):
        seen.append(below)
        found.append(
            tuple(
                _affine(row, below, b) for row, b in zip(layer.weights, layer.biases, strict=True)
            )
        )
        if place < len(layers):
            below = tuple(relu(place, unit, a) for unit, a in enumerate(found[-1], start=1))
    return Trace(tuple(found), tuple(seen))


def _affine(row: Vector, below: Vector, bias: Any) -> Any:
    total = bias
    for weight, activation in zip(row, below, strict=True):
        total = total + weight * activation
    return total


def backward(
    layers: Sequence[Affine],
    inputs: Sequence[Vector],
    slopes: Sequence[Vector],
    errors: Sequence[Any],
    rules: LocalRules = RULES,
) -> Gradients:
    """Return the derivatives that backpropagation gives by every weight and bias.

    Parameters
    ----------
    layers
        The layers from the input to the logits.
    inputs
        The vector each layer is applied to, as in `Trace`.
    slopes
        The slopes of the ReLUs of each hidden layer: 1 above 0, 0 below.
    errors
        The derivatives of the loss by the logits.
    rules
        What is done at a connection and at a unit; other rules than `RULES` are wrong.
    """
    above = tuple(errors)
    weights: list[Matrix] = []
    biases: list[Vector] = []
    for place in range(len(layers) - 1, -1, -1):
        weights.append(tuple(tuple(rules.weight(e, h) for h in inputs[place]) for e in above))
        biases.append(tuple(rules.bias(e) for e in above))
        if place:
            above = _below(layers[place].weights, slopes[place - 1], above, rules)
    return Gradients(tuple(reversed(weights)), tuple(reversed(biases)))


def _below(matrix: Matrix, slopes: Vector, above: Vector, rules: LocalRules) -> Vector:
    """Return the errors of the layer below the one with the weights `matrix`."""
    errors = []
    for column, slope in enumerate(slopes):
        terms = [rules.through(row[column], e) for row, e in zip(matrix, above, strict=True)]
        received = terms[0]
        for term in terms[1:]:
            received = received + term
        errors.append(rules.gate(slope, received))
    return tuple(errors)
