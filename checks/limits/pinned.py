"""Limits at one exact point: every family and scalar but the variable on its way is a number.

Guarantees: a limit that is returned is that of the expression as written at the point, by the same
calculus of growth, every sign in it being that of a certified number; it says nothing of any other
point, so it refutes a statement and proves none.
What it cannot see: a coefficient that is 0 for a reason that the normal form does not know; no
precision tells it from a small number, and no limit is returned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Basic, Expr, Ge, Integer, Rational, Symbol, oo

from ...numeric import decide, evaluate
from ...numeric.point import Point
from ...symbolic.cases import Case
from ...symbolic.class_sums import replace_free
from ...symbolic.errors import GradproofError, UndefinedValueError, UnsupportedError
from ...symbolic.field import Poly
from ...symbolic.growth import UnresolvedError
from ...symbolic.limits import LimitTerm
from ...symbolic.normaliser import Normaliser
from ...symbolic.printing import to_text
from ...symbolic.ranges import index_sizes
from ...symbolic.remaining import Division
from ...symbolic.sign_rules import Sign
from ...symbolic.universal import Every, replace_in
from ...symbolic.vocabulary import bins, n
from ..goals import Goal
from .decision import SHOWN_BY, Decided, compare_infinite, limits_in
from .path import Found, Path
from .points import walk

_BITS = (128, 1024)
"""Working precisions at which the sign of a number is asked for."""


_NOWHERE = Point({n: 1})
"""Where numbers without a symbol are evaluated."""


@dataclass(frozen=True)
class Pinned(Division):
    """The division at a point: each class is named by its number, and members are numbers.

    Attributes
    ----------
    values
        The point.
    variable
        The variable of the limit, which keeps its name.
    """

    values: Point = _NOWHERE
    variable: Expr | None = None

    def apply(self, expr: Expr) -> Expr:
        """Return `expr` in numbers and the variable of the limit."""
        divided = super().apply(expr)
        moving = None if self.variable is None else self.member(self.variable)
        numbers = {s: self._number(s) for s in divided.free_symbols if s != moving}
        return replace_free(divided, {s: v for s, v in numbers.items() if v is not None})

    def _number(self, symbol: Basic) -> Rational | None:
        value = self.values.get(symbol)
        if symbol in self.members:
            member = self.members[symbol]
            family = next((f for f in self.values if str(f) == str(member.base)), None)
            value = None if family is None else self.values[family][int(member.indices[0]) - 1]
        return Rational(value.numerator, value.denominator) if _is_number(value) else None


def _is_number(value: Any) -> bool:
    return value is not None and not isinstance(value, tuple)


class PinnedPath(Path):
    """The way to a limit at a point, where signs are those of certified numbers."""

    def _normaliser(self) -> Normaliser:
        return Normaliser(None, certified_sign, restricted=True)

    def _check_constants(self, expander: Any) -> None:
        for constant in expander.constants:
            if not evaluate(constant, _NOWHERE, _BITS[0]).is_finite():
                raise UnresolvedError(
                    "every part of a limit that is held fixed has a value",
                    found=to_text(constant),
                    remedy="add the assumption that it has one",
                )


def certified_sign(normaliser: Normaliser, poly: Poly) -> Sign:
    """Return the sign of a polynomial in numbers such as exp(1/2); None if it is not certified."""
    expr = normaliser.field.poly_expr(poly)
    if expr.free_symbols:
        return None
    for bits in _BITS:
        try:
            ball = evaluate(expr, _NOWHERE, bits)
        except GradproofError:
            return None
        if bool(ball > 0) or bool(ball < 0):
            return ">0" if bool(ball > 0) else "<0"
    return None


def pin(goal: Goal, point: Point, variable: Expr) -> Pinned:
    """Return the division of a goal at a point, for a limit in `variable`."""
    count = int(point[n])
    sizes = index_sizes([goal.formula, *goal.given])
    classes = {a: Integer(point[a]) for a in sizes if isinstance(a, Symbol) and a in point}
    named = tuple(Integer(c) for c in range(1, count + 1))
    case = Case(
        {n: Integer(count), **classes},
        {n: named, bins: ()},
        {n: count, bins: 1},
        ", ".join(f"{a} = {value}" for a, value in {n: count, **classes}.items()),
    )
    return Pinned(case, named, 0, {}, point, variable)


def decide_at(goal: Goal, point: Point) -> Decided | None:
    """Return a goal decided at a point: `holds`, or that it fails; None if it is not decided.

    Raises
    ------
    UndefinedValueError
        If a side that the limits are compared with certainly has no value at the point.
    EngineConflict
        If certified values along the path contradict a derived limit.
    """
    try:
        limits = {term: _limit(goal, point, term) for term in limits_in(goal)}
    except (UnsupportedError, UndefinedValueError, ZeroDivisionError):
        return None
    division = pin(goal, point, next(iter(limits)).variable)
    walks = [walk(term, found.value, division, point) for term, found in limits.items()]
    kept = [one for one in walks if one is not None]
    sides: Any = tuple(_side(side, limits) for side in goal.formula.args)
    if len(kept) < len(walks) or any(side is None for side in sides):
        return None
    holds = _truth(goal, sides, point)
    return None if holds is None else Decided(division, limits, sides, holds, walks=kept)


def _limit(goal: Goal, point: Point, term: LimitTerm) -> Found:
    division = pin(goal, point, term.variable)
    path = PinnedPath(division, list(_explicit(goal.given, point)), term)
    path.admit()
    return path.limit()


def _explicit(given: Sequence[Basic], point: Point) -> Iterator[Basic]:
    """Yield the assumptions, those about every class written out for each of them."""
    for fact in given:
        if not isinstance(fact, Every) or fact.size != n:
            yield fact
            continue
        for formula, but in fact.parts():
            excepted = {int(a) if isinstance(a, Integer) else int(point[a]) for a in but}
            for c in set(range(1, int(point[n]) + 1)) - excepted:
                yield replace_in(formula, {fact.running: Integer(c)})


def _side(side: Expr, limits: dict[LimitTerm, Found]) -> Expr | None:
    """Return a side with the limits put in, or None if an infinite one stands in a larger one."""
    if side in limits:
        return limits[side].value
    values = {term: found.value for term, found in limits.items() if side.has(term)}
    return None if any(v in (oo, -oo) for v in values.values()) else side.xreplace(values)


def _truth(goal: Goal, sides: tuple[Expr, Expr], point: Point) -> bool | None:
    kind = type(goal.formula)
    finite = [side for side in sides if side not in (oo, -oo)]
    if len(finite) < len(sides):
        # An infinite limit differs from a side only if that side has a value at all.
        if any(decide(Ge(side**2, 0, evaluate=False), point) is not True for side in finite):
            return None
        return compare_infinite(*sides) in SHOWN_BY[kind]
    return decide(kind(*sides, evaluate=False), point)
