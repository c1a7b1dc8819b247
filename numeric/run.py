"""The state of one evaluation at one point and one precision.

Holds the values of the symbols, what was computed already, and what went wrong on the way: where a
subexpression is certainly undefined, and which conditions could not be decided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from flint import arb_series, fmpq
from sympy import Expr, IndexedBase, Integer, Symbol

from ..symbolic.errors import DeclarationError, UndefinedValueError
from . import elements
from .elements import Element
from .point import Point, is_index

Onward: TypeAlias = Callable[[Expr], bool]
"""Whether an expression without a certified sign is certified to be 0."""


class KinkError(UndefinedValueError):
    """A derivative was asked for at a point where two branches of the loss meet."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that went wrong at a node, with the classes it went wrong for."""

    reason: str
    node: Expr
    classes: tuple[tuple[Symbol, int], ...]

    def __str__(self) -> str:
        return f"{self.reason}: {self.place}"

    @property
    def place(self) -> str:
        """The subexpression with its running classes filled in."""
        return str(self.node.xreplace({s: Integer(v) for s, v in self.classes}))


class Run:
    """One evaluation: symbol values, memo, and notes on what is undefined or undecided."""

    __slots__ = (
        "analytic",
        "classes",
        "decisions",
        "families",
        "memo",
        "middle",
        "onward",
        "running",
        "running_memo",
        "scalars",
        "ties",
        "undefined",
        "widen_ties",
    )

    def __init__(self, point: Point) -> None:
        self.families: dict[IndexedBase, list[Element]] = {}
        self.scalars: dict[Symbol, Element] = {}
        self.classes: dict[Symbol, int] = {}
        for key, value in point.items():
            if isinstance(value, tuple):
                self.families[key] = [elements.rational(v) for v in value]
            else:
                self.scalars[key] = elements.rational(value)
                if is_index(key):
                    self.classes[key] = int(value)
        self.memo: dict[Any, Element] = {}
        self.running_memo: dict[Any, Element] = {}
        self.running: Element = None
        self.middle: fmpq | None = None
        self.decisions: dict[Any, Element] = {}
        self.analytic = False
        self.onward: Onward | None = None
        self.widen_ties = False
        self.undefined: list[Note] = []
        self.ties: list[Note] = []

    def perturb(self, variable: Expr, weight: int, length: int) -> None:
        """Turn the value of `variable` into the Taylor series ``value + weight * h``.

        Raises
        ------
        DeclarationError
            If `variable` is neither a member of a family of the point nor a scalar of it.
        """
        if isinstance(variable, Symbol) and variable in self.scalars:
            value = self.scalars[variable]
            self.scalars[variable] = _series(value, weight, length)
            return
        base = getattr(variable, "base", None)
        if base not in self.families:
            raise DeclarationError(
                "a derivative is taken by a member of a family, or a scalar, that the point has",
                found=variable,
                remedy="write z[2], z[y] or a scalar of the point",
            )
        place = self.class_of(variable.indices[0])
        members = self.families[base]
        members[place - 1] = _series(members[place - 1], weight, length)

    def class_of(self, index: Expr) -> int:
        """Return the class that `index`, an integer or an index of the point, stands for."""
        return int(index) if isinstance(index, Integer) else self.classes[index]

    def with_running(self, value: Element, compute: Callable[[Run], Element]) -> Element:
        """Evaluate `compute` with the running variable of an integral at `value`."""
        before = self.running, self.running_memo
        self.running, self.running_memo = value, {}
        try:
            return compute(self)
        finally:
            self.running, self.running_memo = before

    def note_undefined(self, reason: str, node: Expr, indices: tuple[Symbol, ...]) -> None:
        """Record that `node` certainly has no value."""
        if isinstance(self.running, fmpq):
            reason = f"under the integral, at {self.running}, {reason}"
        self.undefined.append(Note(reason, node, self._snapshot(indices)))

    def note_tie(self, node: Expr, indices: tuple[Symbol, ...]) -> None:
        """Record that the sign of `node`, on which a branch depends, is not decided."""
        self.ties.append(Note("undecided sign", node, self._snapshot(indices)))

    def _snapshot(self, indices: tuple[Symbol, ...]) -> tuple[tuple[Symbol, int], ...]:
        return tuple((s, self.classes[s]) for s in indices if s in self.classes)


def _series(value: Element, weight: int, length: int) -> Element:
    if elements.is_series(value):
        return value + arb_series([0, weight], prec=length)
    return arb_series([elements.to_ball(value), weight], prec=length)
