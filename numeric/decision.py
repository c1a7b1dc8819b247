"""The truth of a statement at an exact point, in three-valued logic.

Guarantees: True and False are certain; balls that overlap decide nothing, and None is returned when
no precision up to the limit separates them.
Cannot see: equalities between transcendental numbers, unless the caller's `exact_zero` certifies
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sympy import Add, Expr, Integer, sympify
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean, BooleanFalse, BooleanTrue

from ..symbolic.errors import DeclarationError, UndefinedValueError, UnsupportedError
from ..symbolic.universal import Every
from . import elements
from .branches import CONNECTIVES, Truth, holds
from .elements import ZERO, Element
from .enclosure import undefined_error
from .evaluator import compile_expression
from .point import Point
from .run import Run

ExactZero = Callable[[Expr, Point], bool | None]

EXACT_ZERO_BITS = 512
"""Where a difference still holds 0 at this precision, `exact_zero` is asked."""


def decide(
    statement: Any,
    point: Point,
    max_bits: int = 4096,
    exact_zero: ExactZero | None = None,
) -> bool | None:
    """Return whether `statement` holds at `point`; None if `max_bits` bits do not decide it.

    Parameters
    ----------
    statement
        A relation, or relations joined by And, Or, Not, Implies, Equivalent, Xor or ITE, or such a
        formula for every class.
    point
        A value for each symbol of the statement.
    max_bits
        The precision is doubled from 64 bits until decided, at most up to this.
    exact_zero
        May certify that a difference (left minus right) is exactly 0 at the point: True for yes,
        anything else for "not shown".

    Raises
    ------
    UndefinedValueError
        If a side of a relation certainly has no value, and no other operand decides the statement.
    DeclarationError
        If the point leaves a symbol without a value.
    UnsupportedError
        If the statement is not made of relations and connectives.
    """
    judge = _Judge(point, exact_zero)
    statement = sympify(statement)
    _check(statement, point)
    bits = min(64, max_bits)
    while True:
        verdict = judge.truth(statement, bits)
        if isinstance(verdict, UndefinedValueError):
            raise verdict
        if verdict is not None or bits >= max_bits:
            return verdict
        bits = min(2 * bits, max_bits)


def _parts(statement: Boolean, point: Point) -> tuple[Boolean, ...]:
    """Return the operands of a connective; what holds for every class is said of each class."""
    if not isinstance(statement, Every):
        return tuple(statement.args)
    size = statement.size
    count = int(size) if isinstance(size, Integer) else point.get(size)
    if count is None:
        raise DeclarationError(
            "a point fixes the number of classes", found=str(point), remedy=f"give {size} a value"
        )
    return tuple(statement.at(Integer(place)) for place in range(1, int(count) + 1))


def _relations(statement: Boolean, point: Point) -> Iterator[Relational]:
    if isinstance(statement, Relational):
        yield statement
    elif type(statement) in CONNECTIVES or isinstance(statement, Every):
        for part in _parts(statement, point):
            yield from _relations(part, point)
    elif not isinstance(statement, BooleanTrue | BooleanFalse):
        raise UnsupportedError(
            "a statement is made of relations joined by And, Or, Not, Implies, Equivalent, ...",
            found=f"{type(statement).__name__}: {statement}",
            remedy="state limits and quantifiers as what they are",
        )


def _check(statement: Boolean, point: Point) -> None:
    for relation in _relations(statement, point):
        for side in relation.args:
            compile_expression(side).check(point)


def difference(relation: Relational) -> Expr:
    """Return the left side minus the right side."""
    return Add(relation.lhs, -relation.rhs)


@dataclass(slots=True)
class _Judge:
    """Decides one statement at rising precision; remembers what was settled for good."""

    point: Point
    exact_zero: ExactZero | None
    _settled: dict[Boolean, bool] = field(default_factory=dict)
    _asked: dict[Expr, bool] = field(default_factory=dict)

    def truth(self, statement: Boolean, bits: int) -> Truth | UndefinedValueError:
        """Return the truth, None if undecided, or the error that makes it undefined."""
        if isinstance(statement, BooleanTrue | BooleanFalse):
            return bool(statement)
        if statement not in self._settled:
            verdict = (
                self._relation(statement, bits)
                if isinstance(statement, Relational)
                else self._connective(statement, bits)
            )
            if not isinstance(verdict, bool):
                return verdict
            self._settled[statement] = verdict
        return self._settled[statement]

    def _connective(self, statement: Boolean, bits: int) -> Truth | UndefinedValueError:
        parts = [self.truth(part, bits) for part in _parts(statement, self.point)]
        errors = [p for p in parts if isinstance(p, UndefinedValueError)]
        join = And if isinstance(statement, Every) else type(statement)
        verdict = CONNECTIVES[join](
            [None if isinstance(p, UndefinedValueError) else p for p in parts]
        )
        undecided = any(p is None for p in parts)
        # An operand that is still undecided may yet settle the whole.
        return errors[0] if errors and verdict is None and not undecided else verdict

    def _relation(self, relation: Relational, bits: int) -> Truth | UndefinedValueError:
        with elements.working_precision(bits):
            run = Run(self.point)
            # The sides are looked at first: what cancels between them may still be undefined.
            left, right = (compile_expression(side)(run) for side in relation.args)
            if elements.is_finite(left) and elements.is_finite(right):
                verdict = holds(type(relation), left - right)
                if verdict is not None:
                    return verdict
            # As one formula the difference may be narrower than the difference of two balls.
            gap = difference(relation)
            value = compile_expression(gap)(run)
            if not all(map(elements.is_finite, (left, right, value))):
                return undefined_error(run, self.point) if run.undefined else None
            verdict = holds(type(relation), value)
        if verdict is None and bits >= EXACT_ZERO_BITS and self._is_zero(gap, value):
            return holds(type(relation), ZERO)
        return verdict

    def _is_zero(self, gap: Expr, value: Element) -> bool:
        if self.exact_zero is None or not value.contains(0):
            return False
        if gap not in self._asked:
            self._asked[gap] = self.exact_zero(gap, self.point) is True
        return self._asked[gap]
