"""Backpropagation through one architecture against the derivative, as exact polynomials.

Guarantees: the two are the same for all weights, biases, inputs and losses wherever no hidden
pre-activation is 0, if `first_difference` returns nothing.
Off the kinks each ReLU multiplies by a slope d, 0 or 1, that is constant around the point.
With weights, biases, inputs, slopes and the derivatives g of the loss by the logits as unknowns,
the logits are polynomials; by the chain rule the derivative of the loss by a weight is the
derivative of ``sum_k g_k z_k`` with g held fixed, and it is compared with what backpropagation
computes coefficient by coefficient (FLINT's `fmpq_mpoly`).
What it cannot see: whether the loss has a derivative by the logits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from flint import Ordering, fmpq_mpoly_ctx

from .backward import (
    RULES,
    Affine,
    Gradients,
    LocalRules,
    Trace,
    Vector,
    backward,
    forward,
)
from .network_point import Parameter, parameters_of

Widths = tuple[int, ...]
Backward = Callable[[Sequence[Affine], Trace, Sequence[Vector], Vector], Gradients]

LARGEST = 5_000_000
"""Largest product of terms and parameters for which polynomials are written out."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A weight or bias by which two derivatives differ, each as text."""

    parameter: Parameter
    derivative: str
    backpropagated: str


@dataclass(frozen=True, slots=True)
class Unknowns:
    """A network whose numbers are all unknowns of one ring of polynomials."""

    layers: tuple[Affine, ...]
    trace: Trace
    slopes: tuple[Vector, ...]
    errors: Vector
    places: dict[Parameter, int]

    @property
    def linear(self) -> Any:
        """The sum of ``g_k z_k``, whose derivative with g held fixed is that of the loss."""
        return _total(g * z for g, z in zip(self.errors, self.trace.logits, strict=True))


def is_small(widths: Widths) -> bool:
    """Tell whether polynomials of this architecture can be written out."""
    paths = sum(prod(widths[place:]) for place in range(len(widths)))
    return paths * sum(1 for _ in parameters_of(widths)) <= LARGEST


def unknowns(widths: Widths) -> Unknowns:
    """Return the network of these widths in unknowns."""
    names = [str(p) for p in parameters_of(widths)]
    places = {p: place for place, p in enumerate(parameters_of(widths))}
    names += [f"x[{unit}]" for unit in range(1, widths[0] + 1)]
    hidden = range(1, len(widths) - 1)
    names += [f"d{layer}[{unit}]" for layer in hidden for unit in range(1, widths[layer] + 1)]
    names += [f"g[{unit}]" for unit in range(1, widths[-1] + 1)]
    by_name = dict(zip(names, fmpq_mpoly_ctx.get(names, Ordering.lex).gens(), strict=True))
    layers = tuple(_layer(by_name, layer, widths) for layer in range(1, len(widths)))
    trace = forward(
        layers,
        _vector(by_name, "x", widths[0]),
        lambda layer, unit, a: by_name[f"d{layer}[{unit}]"] * a,
    )
    slopes = tuple(_vector(by_name, f"d{layer}", widths[layer]) for layer in hidden)
    return Unknowns(layers, trace, slopes, _vector(by_name, "g", widths[-1]), places)


def _layer(by_name: dict[str, Any], layer: int, widths: Widths) -> Affine:
    units, below = range(1, widths[layer] + 1), range(1, widths[layer - 1] + 1)
    rows = tuple(tuple(by_name[str(Parameter(layer, u, b))] for b in below) for u in units)
    return Affine(rows, _vector(by_name, f"b{layer}", widths[layer]))


def _vector(by_name: dict[str, Any], name: str, length: int) -> Vector:
    return tuple(by_name[f"{name}[{place}]"] for place in range(1, length + 1))


def _total(terms: Iterator[Any]) -> Any:
    total = next(terms)
    for term in terms:
        total = total + term
    return total


def by_rules(rules: LocalRules) -> Backward:
    """Return the pass backward that follows `rules`."""

    def run(
        layers: Sequence[Affine], trace: Trace, slopes: Sequence[Vector], errors: Vector
    ) -> Gradients:
        return backward(layers, trace.inputs, slopes, errors, rules)

    return run


def first_difference(network: Unknowns, run: Backward) -> Difference | None:
    """Return the first weight or bias for which a pass backward is not the derivative, or None."""
    found = run(network.layers, network.trace, network.slopes, network.errors)
    linear = network.linear
    for parameter, place in network.places.items():
        derivative, computed = linear.derivative(place), component(found, parameter)
        if derivative != computed:
            return Difference(parameter, str(derivative), str(computed))
    return None


def component(gradients: Gradients, parameter: Parameter) -> Any:
    """Return the derivative by one weight or bias."""
    layer, unit = parameter.layer - 1, parameter.unit - 1
    if parameter.below is None:
        return gradients.biases[layer][unit]
    return gradients.weights[layer][unit][parameter.below - 1]


def wrong_twins(widths: Widths) -> dict[str, Backward]:
    """Return passes backward that are wrong on purpose, by what is wrong with them.

    Each differs from backpropagation in every network of these widths; a twin that would be the
    same there (no hidden layer, one unit) is left out.
    """
    twins = {
        "the derivative by a bias is 0": by_rules(replace(RULES, bias=lambda e: 0 * e)),
        "a weight ignores the activation below it": by_rules(
            replace(RULES, weight=lambda e, h: e)  # noqa: ARG005 - what is wrong with it
        ),
    }
    hidden = widths[1:-1]
    if not hidden:
        return twins
    twins |= {
        "no mask": by_rules(replace(RULES, gate=lambda d, s: s)),  # noqa: ARG005
        "the sign of an error is turned": by_rules(replace(RULES, gate=lambda d, s: -d * s)),
        "an error passes a connection without its weight": by_rules(
            replace(RULES, through=lambda w, e: e)  # noqa: ARG005
        ),
        "activations are taken before the ReLU": _before_relu,
    }
    if max(hidden) > 1:
        twins["the mask of the next unit"] = _next_unit
    if len(hidden) > 1 and len(set(hidden)) == 1:
        twins["the mask of another layer"] = _other_layer
    if _transposed(widths):
        twins["weights are transposed"] = _transposed_weights
    return twins


def _before_relu(
    layers: Sequence[Affine], trace: Trace, slopes: Sequence[Vector], errors: Vector
) -> Gradients:
    inputs = (trace.inputs[0], *trace.pre_activations[:-1])
    return backward(layers, inputs, slopes, errors)


def _next_unit(
    layers: Sequence[Affine], trace: Trace, slopes: Sequence[Vector], errors: Vector
) -> Gradients:
    return backward(layers, trace.inputs, [(*d[1:], d[0]) for d in slopes], errors)


def _other_layer(
    layers: Sequence[Affine], trace: Trace, slopes: Sequence[Vector], errors: Vector
) -> Gradients:
    return backward(layers, trace.inputs, (*slopes[1:], slopes[0]), errors)


def _transposed(widths: Widths) -> list[int]:
    """Return the places of the square layers, more than one unit wide, above a hidden one."""
    several = range(1, len(widths) - 1)
    return [place for place in several if widths[place] == widths[place + 1] > 1]


def _transposed_weights(
    layers: Sequence[Affine], trace: Trace, slopes: Sequence[Vector], errors: Vector
) -> Gradients:
    turned = [
        replace(a, weights=tuple(zip(*a.weights, strict=True)))
        if len(a.weights) == len(a.weights[0])
        else a
        for a in layers
    ]
    return backward(turned, trace.inputs, slopes, errors)
