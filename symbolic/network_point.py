"""One exact ReLU network with one exact sample: rational weights, biases, input and target.

Guarantees: every number is a `Fraction` and every shape fits; nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeAlias

from sympy import Rational

from .backward import Affine
from .errors import DeclarationError

Target: TypeAlias = int | tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One weight or bias of a network, by its place.

    Attributes
    ----------
    layer
        The layer from 1 to the number of layers; the last one gives the logits.
    unit
        The unit of that layer, from 1: the row of its weight matrix.
    below
        The unit of the layer below, from 1: the column; None for a bias.
    """

    layer: int
    unit: int
    below: int | None = None

    def __str__(self) -> str:
        place = str(self.unit) if self.below is None else f"{self.unit},{self.below}"
        return f"{'b' if self.below is None else 'W'}{self.layer}[{place}]"


@dataclass(frozen=True, slots=True)
class NetworkPoint:
    """A fully connected ReLU network with exact weights, and a sample.

    Parameters
    ----------
    weights
        One matrix for each layer, from the input to the logits: a row for each unit of the layer,
        a column for each unit below.
        Numbers are integers, fractions, SymPy rationals, finite floats (taken exactly) or strings
        such as ``"1/3"``.
    biases
        One vector for each layer, one number for each unit.
    input
        One number for each column of the first matrix.
    target
        What the loss is told beside the logits: a label from 1 to the number of classes, or one
        number for each class (targets p, kernel values K).

    Raises
    ------
    DeclarationError
        If a shape does not fit, or a number is not finite.

    >>> NetworkPoint([[[1, 2]], [[1], ["1/2"]]], [[0], [0, 1]], (3, 4), 2).widths
    (2, 1, 2)
    """

    weights: tuple[tuple[tuple[Fraction, ...], ...], ...]
    biases: tuple[tuple[Fraction, ...], ...]
    input: tuple[Fraction, ...]
    target: Target

    def __init__(
        self,
        weights: Iterable[Iterable[Iterable[Any]]],
        biases: Iterable[Iterable[Any]],
        input: Iterable[Any],  # noqa: A002 - the field's own word
        target: Any,
    ) -> None:
        put = object.__setattr__
        put(self, "weights", tuple(tuple(map(_vector, rows)) for rows in weights))
        put(self, "biases", tuple(map(_vector, biases)))
        put(self, "input", _vector(input))
        put(self, "target", _target(target))
        _check_shapes(self)

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of inputs, the number of units of each hidden layer, that of classes."""
        return (len(self.input), *map(len, self.biases))

    @property
    def layers(self) -> tuple[Affine, ...]:
        """The layers from the input to the logits."""
        return tuple(map(Affine, self.weights, self.biases))

    def parameters(self) -> Iterator[Parameter]:
        """Yield every weight and bias, layer by layer."""
        return parameters_of(self.widths)

    def shifted(self, parameter: Parameter, step: Fraction) -> NetworkPoint:
        """Return the network with `step` added to one weight or bias.

        Raises
        ------
        DeclarationError
            If the network has no such weight or bias.
        """
        place, unit, below = parameter.layer - 1, parameter.unit - 1, parameter.below
        if parameter not in set(self.parameters()):
            raise DeclarationError(
                "a derivative is taken by a weight or bias of the network",
                found=f"{parameter} in a network {spell_widths(self.widths)}",
                remedy="count layers, units and units below from 1",
            )
        if below is None:
            moved = _put(self.biases[place], unit, self.biases[place][unit] + step)
            return replace(self, biases=_put(self.biases, place, moved))
        row = self.weights[place][unit]
        moved = _put(self.weights[place], unit, _put(row, below - 1, row[below - 1] + step))
        return replace(self, weights=_put(self.weights, place, moved))

    def to_json(self) -> dict[str, Any]:
        """Return the network and the sample as JSON data, each number as a string."""
        return {
            "weights": [[list(map(str, row)) for row in rows] for rows in self.weights],
            "biases": [list(map(str, b)) for b in self.biases],
            "input": list(map(str, self.input)),
            "target": self.target if isinstance(self.target, int) else list(map(str, self.target)),
        }


def parameters_of(widths: Sequence[int]) -> Iterator[Parameter]:
    """Yield every weight and bias of a network with these widths, layer by layer."""
    for layer in range(1, len(widths)):
        for unit in range(1, widths[layer] + 1):
            for below in range(1, widths[layer - 1] + 1):
                yield Parameter(layer, unit, below)
            yield Parameter(layer, unit)


def spell_widths(widths: Iterable[int]) -> str:
    """Return the widths as they are written, such as ``2-3-2``."""
    return "-".join(map(str, widths))


def _put(values: tuple[Any, ...], place: int, value: Any) -> tuple[Any, ...]:
    return (*values[:place], value, *values[place + 1 :])


def _vector(values: Iterable[Any]) -> tuple[Fraction, ...]:
    return tuple(map(_number, values))


def _number(value: Any) -> Fraction:
    try:
        if isinstance(value, bool):
            raise TypeError
        if isinstance(value, Rational):
            return Fraction(int(value.p), int(value.q))
        return Fraction(value)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        raise DeclarationError(
            "the numbers of a network are finite rational numbers",
            found=repr(value),
            remedy="write an integer, a Fraction, a finite float or a string such as '1/3'",
        ) from None


def _target(value: Any) -> Target:
    if isinstance(value, Iterable) and not isinstance(value, str):
        return _vector(value)
    label = _number(value)
    if label.denominator != 1 or label < 1:
        raise DeclarationError(
            "a label is a class, numbered from 1",
            found=repr(value),
            remedy="give a positive integer, or one number for each class",
        )
    return int(label)


def _check_shapes(point: NetworkPoint) -> None:
    wanted, *rest = point.widths
    fits = len(point.weights) == len(point.biases) > 0 and all(point.widths)
    for rows, width in zip(point.weights, rest, strict=False):
        fits = fits and len(rows) == width and all(len(row) == wanted for row in rows)
        wanted = width
    if not fits:
        shapes = [(len(rows), len(rows[0]) if rows else 0) for rows in point.weights]
        raise DeclarationError(
            "each layer has a row of weights and a bias for each unit, "
            "and a column for each unit below",
            found=f"weights {shapes}, biases {[len(b) for b in point.biases]}, "
            f"input {len(point.input)}",
            remedy="give matrices of the shapes (units, units below)",
        )
    classes = point.widths[-1]
    within = (
        point.target <= classes if isinstance(point.target, int) else len(point.target) == classes
    )
    if not within:
        raise DeclarationError(
            f"the target is a label from 1 to {classes}, or {classes} numbers",
            found=point.target,
            remedy="the last layer has one unit for each class",
        )
