"""The inputs of a program: what each argument is, and which exact values it takes.

Guarantees: every value is a dyadic rational with few bits, so that a float holds it, unless a
caller steers it elsewhere; labels lie within the classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from ...numeric.twins import FixedArgument, FloatArgument
from ...symbolic.errors import DeclarationError

__all__ = [
    "KINDS",
    "Input",
    "Size",
    "TwinPoint",
    "label",
    "logits",
    "numbers",
    "one_hot",
    "probabilities",
    "targets",
]

Size: TypeAlias = int | str
"""A length; ``"n"`` is the number of classes."""

KINDS = {
    "logits": "any real numbers",
    "numbers": "any real numbers",
    "positive": "positive numbers",
    "targets": "nonnegative numbers that sum to 1 along the last axis",
    "one_hot": "a 1 and zeros along the last axis",
    "probabilities": "positive numbers that sum to 1 along the last axis",
    "unit": "numbers strictly between 0 and 1",
    "bits": "zeros and ones",
    "signs": "-1 and 1",
    "label": "an integer from 0 to n - 1",
}
"""What an argument may be."""

_INTEGERS = ("label",)


@dataclass(frozen=True, slots=True)
class Input:
    """An argument of a program.

    Attributes
    ----------
    kind
        One of `KINDS`.
    shape
        Its shape, with ``"n"`` for the number of classes; () for a single number.
    name
        What it is called in a point that is printed.
    array
        For a label: whether it is handed in as an integer array rather than a Python int.
    """

    kind: str
    shape: tuple[Size, ...] = ("n",)
    name: str = ""
    array: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DeclarationError(
                f"an input is one of {', '.join(KINDS)}",
                found=self.kind,
                remedy="name one of them",
            )
        wrong = [s for s in self.shape if s != "n" and not (isinstance(s, int) and s >= 0)]
        if wrong:
            raise DeclarationError(
                "a length is a number, or 'n' for the number of classes",
                found=", ".join(map(repr, wrong)),
                remedy="write it so",
            )

    @property
    def is_float(self) -> bool:
        """Whether the argument holds floats."""
        return self.kind not in _INTEGERS

    def shape_at(self, n: int) -> tuple[int, ...]:
        """Return the shape for n classes."""
        return tuple(n if s == "n" else int(s) for s in self.shape)

    def count(self, n: int) -> int:
        """Return how many numbers it has for n classes."""
        return int(np.prod(self.shape_at(n), dtype=int))

    def argument(self, n: int, values: Sequence[Fraction], dtype: str) -> Any:
        """Return what the program receives for these values."""
        shape = self.shape_at(n)
        if self.is_float:
            return FloatArgument(tuple(values), shape, dtype)
        if shape or self.array:
            return FixedArgument(np.array([int(v) for v in values], np.int64).reshape(shape))
        return FixedArgument(int(values[0]))


def logits(*shape: Size, name: str = "z") -> Input:
    """Return an argument of logits, by default one for each class."""
    return Input("logits", shape or ("n",), name)


def label(*shape: Size, name: str = "y", array: bool = False) -> Input:
    """Return an argument that is a class, counted from 0; with a shape, an array of classes."""
    return Input("label", shape, name, array)


def targets(*shape: Size, name: str = "p") -> Input:
    """Return an argument of soft targets."""
    return Input("targets", shape or ("n",), name)


def one_hot(*shape: Size, name: str = "t") -> Input:
    """Return an argument of one-hot targets."""
    return Input("one_hot", shape or ("n",), name)


def probabilities(*shape: Size, name: str = "q") -> Input:
    """Return an argument of positive probabilities."""
    return Input("probabilities", shape or ("n",), name)


def numbers(*shape: Size, name: str = "x") -> Input:
    """Return an argument of real numbers."""
    return Input("numbers", shape, name)


@dataclass(frozen=True, slots=True)
class TwinPoint:
    """An exact point: a number of classes and the values of each argument in row-major order."""

    inputs: tuple[Input, ...]
    n: int
    values: tuple[tuple[Fraction, ...], ...]

    def arguments(self, dtype: str) -> list[Any]:
        """Return the arguments of the program."""
        return [
            spec.argument(self.n, values, dtype)
            for spec, values in zip(self.inputs, self.values, strict=True)
        ]

    def floats(self, dtype: str) -> list[FloatArgument]:
        """Return the float arguments alone."""
        return [a for a in self.arguments(dtype) if isinstance(a, FloatArgument)]

    def replaced(self, argnum: int, values: Sequence[Fraction]) -> TwinPoint:
        """Return the point with other values of one argument."""
        changed = tuple(tuple(values) if k == argnum else v for k, v in enumerate(self.values))
        return TwinPoint(self.inputs, self.n, changed)

    def __str__(self) -> str:
        parts = [
            f"{spec.name or f'argument {k}'} = {_spelled(spec, values, self.n)}"
            for k, (spec, values) in enumerate(zip(self.inputs, self.values, strict=True))
        ]
        return ", ".join(parts)

    def about(self, digits: int = 9) -> str:
        """Return the point with its numbers as short decimals, where it lies between fractions."""
        parts = []
        for k, (spec, values) in enumerate(zip(self.inputs, self.values, strict=True)):
            shown = tuple(_Short(v, digits) if spec.is_float else v for v in values)
            parts.append(f"{spec.name or f'argument {k}'} = {_spelled(spec, shown, self.n)}")
        return ", ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Return the point as JSON data: each number as the fraction it is."""
        names = [s.name or f"argument {k}" for k, s in enumerate(self.inputs)]
        return {"n": self.n} | {
            name: [str(v) for v in values] if spec.shape else str(values[0])
            for name, spec, values in zip(names, self.inputs, self.values, strict=True)
        }

    @property
    def range(self) -> Fraction:
        """The largest distance between two values of one float argument, or of one from 0."""
        spans = [
            max(max(values), Fraction(0)) - min(min(values), Fraction(0))
            for spec, values in zip(self.inputs, self.values, strict=True)
            if spec.is_float and values
        ]
        return max(spans, default=Fraction(0))


class _Short:
    """A number that prints as a short decimal."""

    def __init__(self, value: Fraction, digits: int) -> None:
        self.text = f"{float(value):.{digits}g}"

    def __str__(self) -> str:
        return self.text


def _spelled(spec: Input, values: Sequence[Any], n: int) -> str:
    shape = spec.shape_at(n)
    if not shape:
        return str(values[0])
    array = np.array([*values, None], object)[:-1].reshape(shape)
    return _nested(array)


def _nested(array: Any) -> str:
    if array.ndim == 1:
        inside = ", ".join(str(v) for v in array)
        return f"({inside},)" if len(array) == 1 else f"({inside})"
    return f"({', '.join(_nested(part) for part in array)})"
