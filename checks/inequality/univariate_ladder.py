"""The ladder: all zeros of a function of a tower, from those of simpler derivatives.

Guarantees: between two neighbouring points of the list of zeros of m and of (P/m)', the quotient
P/m is strictly monotone, so P has one zero there if its certified signs at the two ends differ,
and none if they agree.
Signs at the ends of the domain come from exact expansions, elsewhere from balls or, where P
vanishes at a rational point, from exact expansions on both sides.
The bottom of the ladder is a polynomial in the variable, whose zeros are isolated exactly.
What it cannot see: zeros of even order at irrational points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ...symbolic.field import factored
from .univariate_balls import Tangency, Undecided
from .univariate_functions import VARIABLE, Place, Poly, polynomial, quotient
from .univariate_tower import Tower
from .univariate_zeros import MOST_HALVINGS, Domain, Zero, polynomial_zeros

MOST_STEPS = 24
MOST_TERMS = 48
"""Larger polynomials are not followed: factoring them would cost more than they promise."""

HIGHEST_DEGREE = 24
DEEPEST = 14
FURTHEST = 60

Edge = tuple[Place | None, Fraction | None, int]
"""One end of a gap: an end of the domain or a rational point, and the sign of P beside it."""


@dataclass
class Step:
    """One rung: the function, what it was divided by, and what showed its zeros."""

    function: str
    rule: str
    facts: dict[str, Any]
    below: list[str]
    zeros: list[Zero]

    def to_json(self) -> dict[str, Any]:
        """Return the rung as JSON data."""
        zeros = [zero.to_json() for zero in self.zeros]
        return {"function": self.function, "rule": self.rule, **self.facts, "zeros": zeros}


@dataclass
class Ladder:
    """The search for zeros over one tower and domain, with the steps that succeeded."""

    tower: Tower
    domain: Domain
    steps: dict[str, Step] = field(default_factory=dict)
    spent: int = 0
    _failed: set[str] = field(default_factory=set)

    def zeros(self, poly: Poly, depth: int = 0) -> list[Zero]:
        """Return every zero in the open domain of a polynomial in the functions of the tower."""
        found: list[Zero] = []
        for factor in self.factors(poly):
            found += self._zeros_of_factor(factor, depth)
        return found

    def factors(self, poly: Poly) -> list[Poly]:
        """Return the irreducible factors that are not positive by their kind."""
        if poly.is_zero():
            raise Undecided
        return [factor for factor, _ in factored(poly)[1] if not self._positive(factor)]

    def _positive(self, factor: Poly) -> bool:
        return any(
            function.positive and factor.degrees()[k] == 1 and len(factor.to_dict()) == 1
            for k, function in enumerate(self.tower.functions, start=1)
        )

    def used(self, *polys: Poly) -> list[Step]:
        """Return the steps on which the zeros of polynomials rest, the polynomials first."""
        wanted = self._keys(*polys)
        for key in wanted:
            wanted += [below for below in self.steps[key].below if below not in wanted]
        return [self.steps[key] for key in wanted]

    def _zeros_of_factor(self, factor: Poly, depth: int) -> list[Zero]:
        # One zero may be narrowed for several uses: a copy each.
        key = str(factor)
        if key in self.steps:
            return [Zero(z.lower, z.upper, z.sign_below, z.function) for z in self.steps[key].zeros]
        if key in self._failed or depth > DEEPEST or self.spent > MOST_STEPS:
            raise Undecided
        self.spent += 1
        try:
            step = self._decide(factor, depth)
        except Undecided:
            self._failed.add(key)
            raise
        self.steps[key] = step
        return [Zero(z.lower, z.upper, z.sign_below, z.function) for z in step.zeros]

    def _decide(self, factor: Poly, depth: int) -> Step:
        text = self.tower.text(factor)
        if not self.tower.moves(factor):
            return Step(text, "constant", {"sign": self._constant_sign(factor)}, [], [])
        if not any(factor.degrees()[1:]):
            found = polynomial_zeros(factor, self.domain.holds)
            return Step(text, "zeros of a polynomial, isolated exactly", {}, [], found)
        for k, function in enumerate(self.tower.functions, start=1):
            if (
                function.kind in ("log", "atan")
                and len(factor.to_dict()) == 1 == (factor.degrees()[k])
            ):
                shift = function.argument.below if function.kind == "log" else polynomial(0)
                inner = function.argument.above - shift
                found = self.zeros(inner, depth + 1)
                return Step(text, "zero where its argument shows it", {}, self._keys(inner), found)
        for divisor, derivative, _ in sorted(self._rungs(factor), key=lambda rung: rung[2]):
            try:
                return self._climb(factor, divisor, derivative, depth)
            except Tangency:
                # Every rung has the point of contact among its special points.
                raise Undecided from None
            except Undecided:
                if self.spent > MOST_STEPS:
                    raise
        raise Undecided

    def _constant_sign(self, factor: Poly) -> int:
        at = self.domain.inner()
        sign = self.tower.sign_over(factor, at, at)
        if not sign:
            raise Undecided
        return sign

    def _keys(self, *polys: Poly) -> list[str]:
        return [str(f) for poly in polys if not poly.is_constant() for f in self.factors(poly)]

    def _rungs(self, poly: Poly) -> Iterator[tuple[Poly, Poly, Any]]:
        """Yield divisors m, the derivative of P/m up to factors without zeros, and its size."""
        slope = self.tower.derivative(poly)
        seen: set[str] = set()
        for divisor in _divisors(poly, self.tower):
            if str(divisor) in seen:
                continue
            seen.add(str(divisor))
            if len(slope.above.to_dict()) * len(divisor.to_dict()) > 4 * MOST_TERMS:
                continue
            own = self.tower.derivative(divisor)
            above = slope.above * own.below * divisor - poly * own.above * slope.below
            above = self.tower.reduce(above)
            size = len(above.to_dict())
            if not 0 < size <= MOST_TERMS or max(above.degrees()) > HIGHEST_DEGREE:
                continue
            above = quotient(above, divisor).above if not divisor.is_constant() else above
            sizes = sorted((self._size(f) for f in self.factors(above)), reverse=True)
            main = [self._size(f) for f in self.factors(divisor)] if self._size(divisor)[0] else []
            yield divisor, above, (sorted(sizes + main, reverse=True), str(divisor))

    def _size(self, poly: Poly) -> tuple[int, int, int, int]:
        degrees = [int(d) for d in poly.degrees()]
        pairs = zip(degrees[1:], self.tower.functions, strict=False)
        moving = [d for d, f in pairs if d and not f.constant]
        return len(moving), sum(moving), degrees[0], len(poly.to_dict())

    def _climb(self, poly: Poly, divisor: Poly, derivative: Poly, depth: int) -> Step:
        special = self.zeros(derivative, depth + 1)
        if not divisor.is_constant():
            special += self.zeros(divisor, depth + 1)
        facts: dict[str, Any] = {
            "divided by": self.tower.text(divisor),
            "derivative up to factors without zeros": self.tower.text(derivative),
            "signs": {},
        }
        found, edges = self._edges(poly, special, facts["signs"])
        for left, right in zip(edges[::2], edges[1::2], strict=True):
            if left[2] != right[2]:
                found.append(self._isolate(poly, left, right))
        found.sort(key=lambda zero: zero.lower)
        below = self._keys(derivative, divisor)
        return Step(self.tower.text(poly), "monotone between signs", facts, below, found)

    def _edges(
        self, poly: Poly, special: list[Zero], signs: dict[str, Any]
    ) -> tuple[list[Zero], list[Edge]]:
        """Return the exact zeros of P among the special points, and the two ends of every gap."""
        start, stop = self.domain.ends()
        found: list[Zero] = []
        edges: list[Edge] = [self._germ(poly, start, signs)]
        for lower, upper, sign in self._fenced(poly, special):
            if sign:
                edges += [(None, lower, sign), (None, upper, sign)]
                signs[f"[{lower}, {upper}]"] = sign
            else:
                found.append(Zero(lower, lower))
                edges += [self._germ(poly, Place(lower, side), signs) for side in (-1, 1)]
        edges.append(self._germ(poly, stop, signs))
        return found, edges

    def _germ(self, poly: Poly, place: Place, signs: dict[str, Any]) -> Edge:
        sign, text, _ = self.tower.leading(poly, place)
        signs[str(place)] = {"sign": sign, "first term": text}
        return place, place.point, sign

    def _fenced(self, poly: Poly, special: list[Zero]) -> list[tuple[Fraction, Fraction, int]]:
        """Return disjoint intervals that hold the special points, each with the sign of P on it."""
        pieces = sorted(self._signed(poly, zero) for zero in special)
        merged: list[tuple[Fraction, Fraction, int]] = []
        for lower, upper, sign in pieces:
            if merged and lower <= merged[-1][1]:
                last = merged.pop()
                if last[2] != sign:
                    raise Undecided
                lower, upper = last[0], max(last[1], upper)
            merged.append((lower, upper, sign))
        return merged

    def _signed(self, poly: Poly, zero: Zero) -> tuple[Fraction, Fraction, int]:
        for _ in range(MOST_HALVINGS):
            sign = self.tower.sign_over(poly, zero.lower, zero.upper)
            if sign:
                return zero.lower, zero.upper, sign
            if zero.exact:
                sign, _, vanishes = self.tower.leading(poly, Place(zero.lower, 1))
                return zero.lower, zero.upper, 0 if vanishes else sign
            zero.halve(self.tower)
        raise Tangency

    def _isolate(self, poly: Poly, left: Edge, right: Edge) -> Zero:
        """Return the one zero in a gap, between points with certified opposite signs."""
        lower = self._foot(poly, left, right, 1)
        upper = self._foot(poly, right, left, -1)
        zero = Zero(lower, upper, left[2], poly)
        zero.settle(self.tower)
        return zero

    def _foot(self, poly: Poly, edge: Edge, other: Edge, way: int) -> Fraction:
        place, point, sign = edge
        if place is None and point is not None:
            return point
        width = Fraction(1)
        if point is not None and other[1] is not None:
            width = abs(other[1] - point) / 3
        start = other[1] if other[1] is not None else Fraction(0)
        for k in range(FURTHEST):
            # Powers of powers: exponentials near an end show their sign only very close to it.
            reach = Fraction(2) ** k
            at = point + way * width / reach if point is not None else start - way * reach
            inside = other[1] is None or way * (other[1] - at) > 0
            if inside and self.tower.sign_over(poly, at, at) == sign:
                return at
        raise Undecided


def _divisors(poly: Poly, tower: Tower) -> Iterator[Poly]:
    """Yield what P may be divided by: 1, its coefficients, and their products with functions."""
    yield polynomial(1)
    parts: dict[tuple[int, ...], Poly] = {}
    moving = [k for k, f in enumerate(tower.functions, start=1) if not f.constant]
    for powers, value in poly.to_dict().items():
        key = tuple(int(powers[k]) for k in moving)
        rest = [int(p) for p in powers]
        for k in moving:
            rest[k] = 0
        ctx = poly.context()
        parts[key] = parts.get(key, polynomial(0)) + ctx.from_dict({tuple(rest): value})
    gens = VARIABLE.context().gens()
    for key, coefficient in parts.items():
        positive = polynomial(1)
        for k, power in zip(moving, key, strict=True):
            if tower.functions[k - 1].positive:
                positive *= gens[k] ** power
        yield positive
        yield positive * coefficient
    for k in reversed(moving):
        degree = int(poly.degrees()[k])
        if degree and tower.functions[k - 1].kind in ("log", "atan"):
            yield _coefficient(poly, k, degree)


def _coefficient(poly: Poly, index: int, degree: int) -> Poly:
    terms = {
        (*powers[:index], 0, *powers[index + 1 :]): value
        for powers, value in poly.to_dict().items()
        if powers[index] == degree
    }
    return poly.context().from_dict(terms)
