"""Exact points of a statement's domain at which branches of its losses meet.

Guarantees: at each point yielded a difference that selects a branch is exactly 0, and every
assumption holds.
What it cannot see: ties at numbers that are not rational, and those that need several values moved
at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import islice
from random import Random
from typing import Any

from sympy import Expr, IndexedBase, Integer, Rational, Symbol

from ..numeric.point import Point
from ..symbolic.domain import conditions
from ..symbolic.errors import GradproofError
from .explicit import classes_of, plain_symbol, symbols_of, written_out
from .goals import Goal, admits, instances
from .sampling import patterned_domains

_STARTS = 6
"""Points that are moved onto a kink."""
_SIMPLE = tuple(Fraction(v) for v in ("0", "1", "-1", "1/2", "2", "-2"))


def kink_points(goal: Goal, seed: int) -> Iterator[Point]:
    """Yield points of a goal's domain at which branches of a loss in it meet.

    >>> from sympy import Abs, Eq
    >>> from gradproof.symbolic import Loss, y, z
    >>> far = Loss("A", Abs(2 * z[y] - 1))
    >>> print(next(kink_points(Goal(Eq(far.gradient(y), 2), ()), 0)))
    n = 2, y = 2, z = (0, 1/2)
    """
    edges = [c.shown.lhs for c in conditions(goal.formula) if c.reason == "kink"]
    yield from points_at_zeros(goal, edges, seed)


def points_at_zeros(goal: Goal, edges: list[Expr], seed: int) -> Iterator[Point]:
    """Yield points of a goal's domain at which one of several differences is 0."""
    for start in _starts(goal, seed) if edges else ():
        for edge in edges:
            for place in instances([Goal(edge > 0, ())], start):
                for point in _moved(edge, place):
                    back = Point({key: point[key] for key in start})
                    if admits(goal.given, back):
                        yield back


def _starts(goal: Goal, seed: int) -> Iterator[Point]:
    """Yield a few points, with all members 0 first: there softmax is rational."""
    random = Random(seed)
    domains = patterned_domains(goal.formula, goal.given)
    for number in range(_STARTS):
        point = domains[number % len(domains)].draw(random, tries=10) if domains else None
        if point is None:
            continue
        level = {
            key: (0,) * len(value)  # type: ignore[arg-type]
            for key, value in point.items()
            if isinstance(key, IndexedBase) and not key[1].is_positive
        }
        with suppress(GradproofError):  # a family may be declared to hold no 0
            yield point.replace(level)
        yield point


def _moved(edge: Expr, point: Point) -> Iterator[Point]:
    """Yield the points that differ from a point in one value, with which a difference is 0."""
    plain = written_out(edge, classes_of(point))
    values: dict[Any, Rational] = {key: Rational(v) for key, v in symbols_of(point).items()}
    if not plain.free_symbols:
        return
    for key, member, symbol in _variables(point):
        if symbol not in plain.free_symbols:
            continue
        others = {s: v for s, v in values.items() if s != symbol}
        for value in islice(_zeros(plain.xreplace(others), symbol), 3):
            try:
                yield point.replace({key: _put(point[key], member, value)})
            except GradproofError:
                continue


def _variables(point: Point) -> Iterator[tuple[Any, int | None, Symbol]]:
    for key, value in point.items():
        if isinstance(key, IndexedBase):
            for place in range(len(value)):  # type: ignore[arg-type]
                yield key, place, plain_symbol(key, place + 1)
        elif isinstance(value, Fraction):
            yield key, None, key


def _put(value: Any, member: int | None, new: Fraction) -> Any:
    return new if member is None else (*value[:member], new, *value[member + 1 :])


def _zeros(expr: Expr, symbol: Symbol) -> Iterator[Fraction]:
    """Yield rational numbers at which an expression in one symbol is exactly 0."""
    slope, rest = expr.diff(symbol), expr.xreplace({symbol: Integer(0)})
    if slope.is_Rational and slope != 0 and rest.is_Rational:
        zero = -rest / slope
        yield Fraction(int(zero.p), int(zero.q))
        return
    for value in _SIMPLE:
        if expr.xreplace({symbol: Rational(value)}) == 0:
            yield value
