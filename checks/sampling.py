"""Exact points of a statement's domain, drawn by Hypothesis or by a seeded generator.

Guarantees: every point drawn satisfies every assumption, each decided by certified arithmetic; a
point whose assumptions cannot be decided is not used.
What it cannot see: domains so thin that drawing never meets them; `draw` then returns None and the
method that asked says that it had no points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from random import Random
from typing import Any

from hypothesis import reject, strategies as st
from sympy import Basic, Eq, Expr, Ge, Gt, IndexedBase, Le, Lt, Ne, Rational, Sum, Symbol
from sympy.core.relational import Relational
from sympy.tensor.indexed import Indexed

from ..numeric.point import Point
from ..symbolic.calculus import LossTerm
from ..symbolic.cases import SIZES, cases_of, index_sizes, size_bounds
from ..symbolic.errors import GradproofError
from ..symbolic.vocabulary import SLOT, n
from .bounds import Bounds, bounds_of, extreme_of, limits_of
from .goals import admits, conjuncts
from .patterns import patterned_members, sign_of, spread_members
from .sources import HypothesisSource, RandomSource, Source


@dataclass(frozen=True)
class Domain:
    """The domain of a statement: its variables and its assumptions."""

    sizes: dict[Expr, tuple[int, int | None]]
    families: tuple[IndexedBase, ...]
    indices: dict[Expr, Expr]
    scalars: tuple[Symbol, ...]
    given: tuple[Basic, ...]

    def draw(self, random: Random, tries: int = 50, tour: int | None = None) -> Point | None:
        """Return a point of the domain, or None if none was met in `tries` attempts.

        Tours 0, 1, 2, ... go through the patterns of the families instead of drawing them.
        """
        for _ in range(tries):
            point = self._build(RandomSource(random, tour))
            if point is not None:
                return point
        return None

    def points(self) -> st.SearchStrategy[Point]:
        """Return a Hypothesis strategy for points of the domain."""

        @st.composite
        def build(draw: Callable[[st.SearchStrategy[bool]], bool]) -> Point:
            point = self._build(HypothesisSource(draw))
            if point is None:
                reject()
            return point

        return build()

    def _build(self, source: Source) -> Point | None:
        values: dict[Any, Any] = {}
        if any(high is not None and high < low for low, high in self.sizes.values()):
            return None
        patterned = source.is_patterned()
        for size, (low, high) in self.sizes.items():
            values[size] = _count(source, low, high, patterned=patterned)
        for name, size in self.indices.items():
            choice = self._index(source, name, values, int(values.get(size, size)))
            if choice is None:
                return None
            values[name] = choice
        for scalar in self.scalars:
            values[scalar] = self._scalar(source, scalar, values)
        for base in self.families:
            values[base] = self._family(source, base, values, patterned=patterned)
        try:
            point = Point(values)
            return point if admits(self.given, point) else None
        except GradproofError:
            return None

    def _index(self, source: Source, name: Expr, values: dict[Any, Any], size: int) -> int | None:
        allowed = list(range(1, size + 1))
        for fact in self.given:
            if isinstance(fact, (Eq, Ne)) and name in fact.args:
                other = fact.rhs if fact.lhs == name else fact.lhs
                value = int(other) if other.is_Integer else values.get(other)
                if value is not None:
                    allowed = [c for c in allowed if (c == value) == isinstance(fact, Eq)]
        return allowed[source.integer(0, len(allowed) - 1)] if allowed else None

    def _scalar(self, source: Source, scalar: Symbol, values: dict[Any, Any]) -> Fraction:
        bounds = _interval(scalar, self.given, values)
        low, high = bounds.low, bounds.high
        if low is not None and low == high:
            return low
        if low is not None and high is not None:
            if source.integer(0, 3) == 3:
                return bounds.nearest((low, high)[source.integer(0, 1)])
            parts = source.integer(2, 9)
            return low + (high - low) * Fraction(source.integer(1, parts - 1), parts)
        value = source.rational(sign_of(scalar))
        if low is None and high is None:
            return value
        near = source.integer(0, 3)
        end: Any = low if low is not None else high
        if near == 3:
            return bounds.nearest(end)
        if near == 2 or not bounds.holds(value):
            step = Fraction(1, 1 + source.integer(1, 4)) if near == 2 else abs(value) + _HALF
            return end + step if low is not None else end - step
        return value

    def _family(
        self, source: Source, base: IndexedBase, values: dict[Any, Any], *, patterned: bool
    ) -> tuple[Fraction, ...]:
        size = int(values.get(base.shape[0], base.shape[0]))
        members = (
            patterned_members(source, base, size, values)
            if patterned
            else spread_members(source, sign_of(base), size)
        )
        limits = limits_of(self.given)
        members = self._put(base, members, values)
        intervals = [bounds_of(base, place + 1, limits, values) for place in range(size)]
        members = [
            _within(source, value, bounds) for value, bounds in zip(members, intervals, strict=True)
        ]
        for name, largest in extreme_of(base, limits):
            place = values.get(name, name)
            if 1 <= int(place) <= size:
                best = members.index((max if largest else min)(members))
                here = int(place) - 1
                members[here], members[best] = members[best], members[here]
        return tuple(members)

    def _put(self, base: IndexedBase, members: list[Fraction], values: Any) -> list[Fraction]:
        """Give the members the sum, and single ones the values, that the assumptions fix."""
        for fact in self.given:
            if not isinstance(fact, Eq) or not fact.rhs.is_Rational:
                continue
            right = Fraction(int(fact.rhs.p), int(fact.rhs.q))
            if _is_total(fact.lhs, base):
                members = _summing_to(members, right, sign_of(base))
            if isinstance(fact.lhs, Indexed) and fact.lhs.base == base:
                place = values.get(fact.lhs.indices[0], fact.lhs.indices[0])
                if 1 <= int(place) <= len(members):
                    members[int(place) - 1] = right
        return members


_HALF = Fraction(1, 2)


def _count(source: Source, low: int, high: int | None, *, patterned: bool) -> int:
    """Return a number of classes; in patterns mostly two or three, where they are sharp."""
    if high is not None:
        return source.integer(low, high)
    if not patterned:
        return source.integer(low, low + 4)
    least = low if source.integer(0, 3) == 0 else max(low, 2)
    more = source.option(2)
    return least + (more and source.integer(1, 3))


def _within(source: Source, value: Fraction, bounds: Bounds) -> Fraction:
    """Return a value in its bounds: one beyond goes to the end, or now and then inside."""
    low, high = bounds.low, bounds.high
    if low is None or high is None or bounds.holds(value) or source.integer(0, 3) < 3:
        return bounds.nearest(value)
    return low + (high - low) * Fraction(source.integer(1, 7), 8)


def _is_total(expr: Expr, base: IndexedBase) -> bool:
    return (
        isinstance(expr, Sum) and len(expr.limits) == 1 and expr.function == base[expr.limits[0][0]]
    )


def _summing_to(members: Sequence[Fraction], total: Fraction, sign: str) -> list[Fraction]:
    if sign == "real":
        excess = (sum(members) - total) / len(members)
        return [member - excess for member in members]
    weights = list(members)
    if not any(weights):
        weights[0] = Fraction(1)
    return [weight * total / sum(weights) for weight in weights]


def _interval(scalar: Symbol, given: Iterable[Basic], values: dict[Any, Any]) -> Bounds:
    """Return the numbers between which the assumptions put `scalar`."""
    signed = scalar.is_nonnegative or scalar.is_positive
    known = own = Bounds(Fraction(0), None, bool(scalar.is_positive)) if signed else Bounds()
    for fact in given:
        if not isinstance(fact, Relational) or isinstance(fact, Ne):
            continue
        for one, other, below in ((fact.lhs, fact.rhs, (Gt, Ge)), (fact.rhs, fact.lhs, (Lt, Le))):
            bound = _number(other, values)
            if one != scalar or bound is None:
                continue
            strict = isinstance(fact, (Gt, Lt))
            if isinstance(fact, (Eq, *below)):
                known = known.tightened(bound, above=False, strict=strict)
            if isinstance(fact, Eq) or not isinstance(fact, below):
                known = known.tightened(bound, above=True, strict=strict)
    # The sign alone: the generator respects it already.
    return Bounds() if known == own else known


def _number(expr: Expr, values: dict[Any, Any]) -> Fraction | None:
    if isinstance(expr, Rational):
        return Fraction(int(expr.p), int(expr.q))
    known = values.get(expr)
    return Fraction(known) if isinstance(known, (int, Fraction)) else None


def domain_of(statement: Iterable[Basic], given: Iterable[Basic] = ()) -> Domain:
    """Return the domain of a statement's free symbols under its assumptions.

    Parameters
    ----------
    statement
        Formulas or expressions.
    given
        Assumptions; a conjunction counts as several.
    """
    facts = list(conjuncts(given))
    exprs = [*statement, *facts]
    families: set[IndexedBase] = set()
    free: set[Expr] = set()
    for expr in exprs:
        families |= _families(expr)
        free |= {s for s in expr.free_symbols if isinstance(s, Symbol)}
    indices = {a: s for a, s in index_sizes(exprs).items() if isinstance(a, Symbol)}
    labels = {base.label for base in families} | {Symbol(str(base)) for base in families}
    names = {str(base) for base in families}
    sizes = {s: size_bounds(facts, s) for s in SIZES if s == n or s in free}
    numbers = [int(a) for a in index_sizes(exprs) if not isinstance(a, Symbol)]
    if numbers:
        low, high = sizes[n]
        sizes[n] = (max(low, *numbers), high)
    scalars = sorted(
        (s for s in free - set(indices) - set(SIZES) - {SLOT} - labels if str(s) not in names),
        key=str,
    )
    return Domain(sizes, tuple(sorted(families, key=str)), indices, tuple(scalars), tuple(facts))


def patterned_domains(formula: Basic, given: Iterable[Basic]) -> list[Domain]:
    """Return the domain of a formula once for each way in which its named classes coincide.

    Points drawn at random seldom meet rare coincidences, and those are where formulas differ.
    """
    given = list(given)
    sizes = index_sizes([formula, *given])
    names = [a for a in sizes if isinstance(a, Symbol)]
    patterns = []
    free = [f for f in given if not isinstance(f, Relational) or n not in f.args]
    for case in cases_of([formula], free):
        same = case.substitution
        facts = [
            (Eq if same.get(a, a) == same.get(b, b) else Ne)(a, b, evaluate=False)
            for a, b in combinations([a for a in names if a in same], 2)
            if sizes[a] == sizes[b]
        ]
        patterns.append(domain_of([formula], [*given, *facts]))
    return patterns


def _families(expr: Basic) -> set[IndexedBase]:
    found = {a.base for a in expr.atoms(Indexed)}
    for term in expr.atoms(LossTerm):
        found |= _families(term.value)
    return found
