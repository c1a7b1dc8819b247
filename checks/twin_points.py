"""The exact points at which the twins of one goal are tried, and what is certified there.

Guarantees: a point kept satisfies every assumption of the twin; "false" and "no value" are certain,
from balls of Arb that exclude the relation, or from an exact zero.
What it cannot see: a twin that fails only elsewhere.

The points of the goal serve all twins with its assumptions, and the value of a side at a point is
computed once: most twins share a side.
Half of the points are corners (all members 0 or 1, one member 1, one far ahead, opposite signs):
there bounds are sharp, denominators vanish and classes tie. Integrals have only few points, which
are none: in a corner too many twins of an equation agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from random import Random

from flint import arb, fmpq
from sympy import Add, Expr, IndexedBase, Integral
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from ..numeric import decide, evaluate
from ..numeric.branches import holds
from ..numeric.point import Point
from ..symbolic.errors import GradproofError, UndefinedValueError
from .failing import QUICK_BITS, differentiable, fails_at
from .goals import Goal, admits, instances, ties_matter
from .mutations import Mutant
from .sampling import Domain, patterned_domains

_HEAVY_BITS = 64
_HEAVIER = 4


class Truth(Enum):
    """What is certified of a statement at a point."""

    HOLDS = "holds"
    FAILS = "fails"
    NO_VALUE = "has no value"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Failure:
    """A point at which a twin is false, or else has no value."""

    truth: Truth
    point: Point


class TwinPoints:
    """Where the twins of one goal are tried.

    Parameters
    ----------
    goal
        The goal.
    seed
        Seed of the points.
    count
        The most points for a twin; fewer where a point takes seconds.
    at
        The one point that the claim is about, if it is about a single instance.
    """

    def __init__(self, goal: Goal, seed: int, count: int, at: Point | None = None) -> None:
        self._goal, self._at = goal, at
        self._random = Random(seed)
        # Quadrature of a sum of logarithms takes a second a point.
        self._heavy = goal.formula.has(Integral)
        self._bits = _HEAVY_BITS if self._heavy else QUICK_BITS
        self._count = -(-count // _HEAVIER) if self._heavy else count
        self._drawn: list[Point] = []
        self._more = self._draw(goal, ())
        self._balls: dict[tuple[Expr, Point], arb] = {}

    def of(self, mutant: Mutant) -> Iterator[Point]:
        """Yield the points at which a twin is tried; each is drawn when it is asked for."""
        twin = mutant.goal
        if self._at is not None:
            yield from (p for p in instances([twin], self._at) if admits(twin.given, p))
        elif twin.given != self._goal.given:
            yield from self._draw(twin, mutant.where)
        else:
            yield from self._drawn
            for point in self._more:
                self._drawn.append(point)
                yield point

    def failure(self, mutant: Mutant) -> Failure | None:
        """Return a point at which a twin is false, else one at which it has no value, or None."""
        without_value = None
        for point in self.of(mutant):
            truth = self._truth(mutant.goal.formula, point)
            if truth is Truth.FAILS:
                return Failure(truth, point)
            if truth is Truth.NO_VALUE and without_value is None:
                without_value = Failure(truth, point)
        return without_value

    def holds_everywhere(self, mutant: Mutant) -> bool:
        """Tell whether a twin about a single instance is certified to hold there."""
        truths = [self._slowly(mutant.goal.formula, point) for point in self.of(mutant)]
        return bool(truths) and all(truth is Truth.HOLDS for truth in truths)

    def _draw(self, goal: Goal, where: tuple[Boolean, ...]) -> Iterator[Point]:
        facts = (*goal.given, *where)
        tight = patterned_domains(goal.formula, facts)
        loose = patterned_domains(goal.formula, goal.given) if where else tight
        for number in range(1 if self._heavy and where else self._count):
            point = tight[number % len(tight)].draw(self._random, tries=4) if tight else None
            if number % 2 == 0 and loose and not self._heavy:
                point = self._cornered(loose[number % len(loose)], facts, point) or point
            if point is not None:
                yield point

    def _cornered(
        self, domain: Domain, facts: tuple[Boolean, ...], point: Point | None
    ) -> Point | None:
        """Return a point with every family in a corner of its range, if the assumptions allow."""
        start = point or domain.draw(self._random, tries=4)
        if start is None:
            return None
        try:
            corner = _corner(start, domain, self._random)
            return corner if admits(facts, corner) else None
        except GradproofError:
            return None

    def _truth(self, formula: Boolean, point: Point) -> Truth:
        if isinstance(formula, Relational):
            gap = self._ball(formula.lhs, point) - self._ball(formula.rhs, point)
            truth = holds(type(formula), gap)
            if truth is False:
                return self._beside_kinks(formula, point)
            if truth is not None:
                return Truth.HOLDS
            if gap.is_finite() and not ties_matter(formula):
                return Truth.UNDECIDED
        return self._slowly(formula, point)

    def _beside_kinks(self, formula: Boolean, point: Point) -> Truth:
        try:
            return Truth.FAILS if differentiable(formula, point) else Truth.UNDECIDED
        except UndefinedValueError:
            return Truth.NO_VALUE

    def _ball(self, side: Expr, point: Point) -> arb:
        """Return a ball for one side, term by term: twins share most of their terms."""
        number, rest = side.as_coeff_Mul()
        if isinstance(rest, Add):
            total = sum((self._ball(term, point) for term in rest.args), arb(0))
        else:
            total = self._term(rest, point)
        return total * fmpq(int(number.p), int(number.q)) if number.is_Rational else arb("nan")

    def _term(self, term: Expr, point: Point) -> arb:
        key = term, point
        if key not in self._balls:
            try:
                self._balls[key] = evaluate(term, point, self._bits)
            except GradproofError:
                self._balls[key] = arb("nan")
        return self._balls[key]

    def _slowly(self, formula: Boolean, point: Point) -> Truth:
        try:
            if fails_at(Goal(formula, ()), point, self._bits):
                return Truth.FAILS
            if self._at is None:
                return Truth.UNDECIDED
            certain = decide(formula, point, max_bits=self._bits) is True
            return Truth.HOLDS if certain else Truth.UNDECIDED
        except UndefinedValueError:
            return Truth.NO_VALUE
        except GradproofError:
            return Truth.UNDECIDED


def _corner(point: Point, domain: Domain, random: Random) -> Point:
    """Return a point with every family moved into a corner of its range.

    Now and then families of one length move alike, since some formulas fail where they agree.
    """
    values = dict(point.items())
    alike = random.randrange(3) == 0
    moved: dict[tuple[bool, int], Sequence[Fraction]] = {}
    for base in domain.families:
        size = len(values[base])
        corner = random.choice(_corners(base, size, random))
        if alike:
            corner = moved.setdefault((bool(base[1].is_nonnegative), size), corner)
        values[base] = corner
    return Point(values)


def _corners(base: IndexedBase, size: int, random: Random) -> list[Sequence[Fraction]]:
    """Return the corners of the range of a family; the sign declared for it is kept."""
    place = random.randrange(size)
    one, none = Fraction(1), Fraction(0)

    def lone(value: Fraction, others: Fraction) -> list[Fraction]:
        return [value if place == position else others for position in range(size)]

    even: list[list[Fraction]] = [[one] * size, [Fraction(1, size)] * size]
    if base[1].is_positive:
        return [*even, lone(Fraction(10), one), lone(Fraction(1, 10), one)]
    zeros: list[list[Fraction]] = [[none] * size, lone(one, none), lone(Fraction(10), none)]
    if base[1].is_nonnegative:
        return [*even, *zeros]
    opposite = [one if position == place else none for position in range(size)]
    opposite[(place + 1) % size] -= 1
    return [*zeros, opposite, lone(Fraction(-10), none)]
