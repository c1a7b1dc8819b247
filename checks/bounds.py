"""What assumptions about every class say of the single members of a family: bounds and an order.

Guarantees: a bound returned follows from the assumptions at the values given; what is not linear
in one member gives none, and is left to the certified test of the whole point.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from sympy import Abs, Basic, Eq, Expr, Ge, Gt, IndexedBase, Integer, Le, Lt, Max, Rational, Sum
from sympy.core.relational import Relational
from sympy.tensor.indexed import Indexed

from ..symbolic.universal import Every


@dataclass(frozen=True, slots=True)
class Limit:
    """That `gap` is at most 0, or below 0, whatever class `running` is, but for some classes."""

    gap: Expr
    running: Expr
    strict: bool = False
    but: frozenset[Expr] = frozenset()


@dataclass(frozen=True, slots=True)
class Bounds:
    """The interval in which a member lies; None where it has no end."""

    low: Fraction | None = None
    high: Fraction | None = None
    open_low: bool = False
    open_high: bool = False

    def holds(self, value: Fraction) -> bool:
        """Tell whether a value lies within."""
        above = self.low is None or value > self.low or (value == self.low and not self.open_low)
        below = (
            self.high is None or value < self.high or (value == self.high and not self.open_high)
        )
        return above and below

    def tightened(self, end: Fraction, *, above: bool, strict: bool) -> Bounds:
        """Return the interval cut off at one more end."""
        if above:
            if self.high is None or end < self.high or (end == self.high and strict):
                return Bounds(self.low, end, self.open_low, strict)
        elif self.low is None or end > self.low or (end == self.low and strict):
            return Bounds(end, self.high, strict, self.open_high)
        return self

    def nearest(self, value: Fraction) -> Fraction:
        """Return the value, or what lies within nearest to it: an end, or a little inside."""
        if self.holds(value):
            return value
        low, high = self.low, self.high
        room = (high - low) / 8 if low is not None and high is not None else Fraction(1, 2)
        if low is not None and value <= low:
            return low + room if self.open_low else low
        if high is None:
            return value
        return high - room if self.open_high else high


def limits_of(given: Iterable[Basic]) -> list[Limit]:
    """Return what assumptions say of every class, moduli and maxima resolved."""
    found: list[Limit] = []
    for fact in given:
        if isinstance(fact, Every):
            for formula, but in fact.parts():
                found += _of_relation(formula, fact.running, but)
        elif isinstance(fact, Eq) and fact.rhs == 0 and isinstance(fact.lhs, Sum):
            found += _of_excess(fact.lhs)
    return found


def _of_relation(formula: Basic, running: Expr, but: frozenset[Expr]) -> list[Limit]:
    if not isinstance(formula, Relational):
        return []
    strict = isinstance(formula, (Gt, Lt))
    gaps = []
    if isinstance(formula, (Le, Lt, Eq)):
        gaps.append(formula.lhs - formula.rhs)
    if isinstance(formula, (Ge, Gt, Eq)):
        gaps.append(formula.rhs - formula.lhs)
    return [limit for gap in gaps for limit in _resolved(Limit(gap, running, strict, but))]


def _of_excess(total: Sum) -> list[Limit]:
    """Read a sum of ``Max(0, f)`` that is 0: f is nowhere above 0."""
    body = total.function
    if len(total.limits) != 1 or not isinstance(body, Max) or 0 not in body.args:
        return []
    running = total.limits[0][0]
    return [a for f in body.args if f != 0 for a in _resolved(Limit(f, running))]


def _resolved(limit: Limit) -> list[Limit]:
    """Split a modulus or a maximum with a positive factor: each of its sides is below the bound."""
    for node in sorted(limit.gap.atoms(Abs, Max), key=str):
        factor = limit.gap.coeff(node)
        rest = limit.gap - factor * node
        if factor.is_positive and not rest.has(node):
            sides = node.args if isinstance(node, Max) else (node.args[0], -node.args[0])
            parts = (replace(limit, gap=factor * s + rest) for s in sides)
            return [a for part in parts for a in _resolved(part)]
    return [limit]


def bounds_of(
    base: IndexedBase, place: int, limits: Sequence[Limit], values: Mapping[Any, Any]
) -> Bounds:
    """Return the interval that the limits leave for the member of `base` at class `place`."""
    found = Bounds()
    for limit in limits:
        if any(values.get(a, a) == place for a in limit.but):
            continue
        member = base[limit.running]
        factor = _number(limit.gap.coeff(member), limit, place, values)
        rest = limit.gap - limit.gap.coeff(member) * member
        own = _number(rest, limit, place, values) if factor else None
        if factor and own is not None:
            found = found.tightened(-own / factor, above=factor > 0, strict=limit.strict)
    return found


def extreme_of(base: IndexedBase, limits: Sequence[Limit]) -> list[tuple[Expr, bool]]:
    """Return the named classes whose members of `base` are the largest (True) or the smallest."""
    found = []
    for limit in limits:
        member = base[limit.running]
        factor = limit.gap.coeff(member)
        rest = -limit.gap / factor + member if factor.is_number and factor != 0 else None
        if isinstance(rest, Indexed) and rest.base == base and rest.indices[0] != limit.running:
            found.append((rest.indices[0], bool(factor > 0)))
    return found


def _number(expr: Expr, limit: Limit, place: int, values: Mapping[Any, Any]) -> Fraction | None:
    """Return the value of `expr` for one class, or None if something in it has none yet."""
    known = {**values, limit.running: place}
    new: dict[Expr, Expr] = {}
    for member in expr.atoms(Indexed):
        row = known.get(member.base)
        name = member.indices[0]
        where = int(name) if isinstance(name, Integer) else known.get(name)
        if row is None or where is None or not 1 <= where <= len(row):
            return None
        new[member] = _rational(row[where - 1])
    for symbol in expr.free_symbols:
        if isinstance(known.get(symbol), (int, Fraction)):
            new[symbol] = _rational(known[symbol])
    value = expr.xreplace(new)
    return Fraction(int(value.p), int(value.q)) if isinstance(value, Rational) else None


def _rational(value: int | Fraction) -> Rational:
    exact = Fraction(value)
    return Rational(exact.numerator, exact.denominator)
