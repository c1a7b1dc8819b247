"""Exact points of a statement's domain, drawn by Hypothesis or by a seeded generator.

Guarantees: every point drawn satisfies every assumption, each decided by certified arithmetic; a
point whose assumptions cannot be decided is not used.
What it cannot see: domains so thin that drawing never meets them; `draw` then returns None and the
method that asked says that it had no points.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from random import Random
from typing import Any

from hypothesis import reject, strategies as st
from sympy import And, Basic, Eq, Expr, Ge, Gt, IndexedBase, Le, Lt, Ne, Rational, Sum, Symbol
from sympy.core.relational import Relational
from sympy.tensor.indexed import Indexed

from ..numeric.point import Point
from ..symbolic.calculus import LossTerm
from ..symbolic.cases import SIZES, cases_of, index_sizes, size_bounds
from ..symbolic.errors import GradproofError
from ..symbolic.vocabulary import SLOT, n
from .goals import admits


class Source(ABC):
    """Where the choices that make a point come from: integers, and rationals made of them."""

    @abstractmethod
    def integer(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`."""

    def rational(self, sign: str) -> Fraction:
        """Return a rational that is "real", "nonnegative" or "positive".

        Small integers come first, then small fractions, then wide values, and take fewer choices:
        a search simplifies to fewer choices first.
        """
        kind = self.integer(0, 2)
        spread, parts = (3, 1) if kind == 0 else (30, 1) if kind == 2 else (12, self.integer(2, 6))
        if sign == "positive":
            return Fraction(1 + self.integer(0, spread), parts)
        size = Fraction(self.integer(0, spread), parts)
        return -size if sign == "real" and self.integer(0, 1) else size

    def is_zero_one(self) -> bool:
        """Tell whether the next family is made of zeros and ones."""
        return self.integer(0, 3) == 3


class RandomSource(Source):
    """Choices from a seeded generator."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def integer(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, all equally likely."""
        return self._random.randint(low, high)


class HypothesisSource(Source):
    """Choices drawn by Hypothesis, so that points shrink.

    Every choice is a row of booleans: other draws of Hypothesis prefer constants that it finds in
    the modules loaded, and the same seed would not give the same points everywhere.
    """

    def __init__(self, draw: Callable[[st.SearchStrategy[bool]], bool]) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, shrinking to `low`."""
        count, value = high - low + 1, 0
        for _ in range((count - 1).bit_length()):
            value = 2 * value + self._draw(st.booleans())
        return low + value % count


@dataclass(frozen=True)
class Domain:
    """The domain of a statement: its variables and its assumptions."""

    sizes: dict[Expr, tuple[int, int | None]]
    families: tuple[IndexedBase, ...]
    indices: dict[Expr, Expr]
    scalars: tuple[Symbol, ...]
    given: tuple[Basic, ...]

    def draw(self, random: Random, tries: int = 50) -> Point | None:
        """Return a point of the domain, or None if none was met in `tries` attempts."""
        for _ in range(tries):
            point = self._build(RandomSource(random))
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
        for size, (low, high) in self.sizes.items():
            values[size] = source.integer(low, low + 4 if high is None else high)
        for name, size in self.indices.items():
            choice = self._index(source, name, values, int(values[size]))
            if choice is None:
                return None
            values[name] = choice
        for scalar in self.scalars:
            values[scalar] = self._scalar(source, scalar, values)
        for base in self.families:
            values[base] = self._family(source, base, values)
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
        low, high = _interval(scalar, self.given, values)
        if low is not None and low == high:
            return low
        if low is not None and high is not None:
            parts = source.integer(2, 9)
            return low + (high - low) * Fraction(source.integer(1, parts - 1), parts)
        value = source.rational(_sign(scalar))
        if low is not None and value <= low:
            return low + abs(value) + Fraction(1, 2)
        if high is not None and value >= high:
            return high - abs(value) - Fraction(1, 2)
        return value

    def _family(
        self, source: Source, base: IndexedBase, values: dict[Any, Any]
    ) -> tuple[Fraction, ...]:
        size = int(values.get(base.shape[0], base.shape[0]))
        sign = _sign(base[1])
        if sign == "nonnegative" and source.is_zero_one():
            members = [Fraction(source.integer(0, 1)) for _ in range(size)]
        else:
            members = [source.rational(sign) for _ in range(size)]
        for fact in self.given:
            if isinstance(fact, Eq) and _is_total(fact.lhs, base) and fact.rhs.is_Rational:
                members = _scaled(members, Fraction(int(fact.rhs.p), int(fact.rhs.q)))
            if isinstance(fact, Eq) and isinstance(fact.lhs, Indexed) and fact.lhs.base == base:
                place = values.get(fact.lhs.indices[0], fact.lhs.indices[0])
                if fact.rhs.is_Rational and 1 <= int(place) <= size:
                    members[int(place) - 1] = Fraction(int(fact.rhs.p), int(fact.rhs.q))
        return tuple(members)


def _is_total(expr: Expr, base: IndexedBase) -> bool:
    return (
        isinstance(expr, Sum) and len(expr.limits) == 1 and expr.function == base[expr.limits[0][0]]
    )


def _scaled(members: Sequence[Fraction], total: Fraction) -> list[Fraction]:
    weights = [abs(m) for m in members]
    if not any(weights):
        weights[0] = Fraction(1)
    return [w * total / sum(weights) for w in weights]


def _sign(symbol: Expr) -> str:
    if symbol.is_positive:
        return "positive"
    return "nonnegative" if symbol.is_nonnegative else "real"


def _interval(
    scalar: Symbol, given: Iterable[Basic], values: dict[Any, Any]
) -> tuple[Fraction | None, Fraction | None]:
    """Return the numbers between which the assumptions put `scalar`."""
    low = Fraction(0) if scalar.is_nonnegative or scalar.is_positive else None
    high = None
    for fact in given:
        if not isinstance(fact, Relational) or isinstance(fact, Ne):
            continue
        for one, other, below in ((fact.lhs, fact.rhs, (Gt, Ge)), (fact.rhs, fact.lhs, (Lt, Le))):
            bound = _number(other, values)
            if one != scalar or bound is None:
                continue
            if isinstance(fact, (Eq, *below)):
                low = bound if low is None else max(low, bound)
            if isinstance(fact, Eq) or not isinstance(fact, below):
                high = bound if high is None else min(high, bound)
    if low == 0 and high is None:
        low = None  # the sign alone: the generator respects it already
    return low, high


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
    facts = [f for g in given for f in (g.args if isinstance(g, And) else (g,))]
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
    for case in cases_of([formula], [f for f in given if n not in f.args]):
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
