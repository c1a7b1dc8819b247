"""Exact points far out in a statement's domain: many classes, and values of the size it speaks of.

Guarantees: every assumption holds at each point.
A statement with the constant 200, or true for few classes only, fails where nothing near is tried.
What it cannot see: what fails only between the sizes tried here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

from sympy import Expr, IndexedBase, Integral, Rational, Sum

from ..numeric.point import Point
from ..symbolic.errors import GradproofError
from ..symbolic.normal_form import prepare
from ..symbolic.vocabulary import n
from .goals import Goal, admits
from .patterns import sign_of
from .sampling import Domain, patterned_domains

_COUNTS = (10, 30, 100, 1000)
_FEW = 100
"""Up to this many classes several patterns are tried."""
_MOST = 2500
"""The most classes, and terms of the inner sums together."""
_SCALE = 1000
_LARGEST = 10**7
_DOMAINS = 3
_TOURS = 4


def far_points(goal: Goal, seed: int) -> Iterator[Point]:
    """Yield points of a goal's domain with many classes, then with large values."""
    if goal.formula.has(Integral):  # a point of many classes takes minutes
        return
    random = Random(seed)
    domains = patterned_domains(goal.formula, goal.given)[:_DOMAINS]
    yield from _of_many_classes(goal, domains, random)
    for scale, domain, tour in product(_scales(goal), domains, range(_TOURS)):
        start = domain.draw(random, tries=3, tour=tour)
        if start is not None:
            yield from (p for p in _scaled(start, domain, scale) if admits(goal.given, p))


def _of_many_classes(goal: Goal, domains: list[Domain], random: Random) -> Iterator[Point]:
    """Yield points whose members are all alike, then some in the patterns of other points."""
    drawn: list[Point] = []
    for domain, count in product(domains, _counts(goal, domains)):
        many = replace(domain, sizes={**domain.sizes, n: (count, count)})
        tours = range(_TOURS if count <= _FEW else 1)
        points = [p for t in tours if (p := many.draw(random, 1, tour=t)) is not None]
        drawn += points
        level = _level(points[0]) if points else None
        if level is not None and admits(goal.given, level):
            yield level
    yield from drawn


def _counts(goal: Goal, domains: list[Domain]) -> list[int]:
    if not domains or not (goal.formula.has(n) or any(d.families for d in domains)):
        return []
    low, high = domains[0].sizes[n]
    depth = max((_depth(prepare(side)) for side in goal.formula.args), default=0)
    above = int(2 * _largest(goal)) + 1
    counts = sorted({*_COUNTS, *([above] if above <= _MOST else [])})
    counts = [c for c in counts if c ** max(depth - 1, 1) <= _MOST]
    return [c for c in counts if low < c <= (high or c)]


def _depth(expr: Expr) -> int:
    """Return how deep sums are nested."""
    inner = max((_depth(a) for a in expr.args if isinstance(a, Expr)), default=0)
    return inner + len(expr.limits) if isinstance(expr, Sum) else inner


def _level(point: Point) -> Point | None:
    """Return the point with all members of each family alike: 0, or 1 for positive ones."""
    try:
        return point.replace(
            {
                key: (1 if key[1].is_positive else 0,) * len(value)  # type: ignore[arg-type]
                for key, value in point.items()
                if isinstance(key, IndexedBase) and not key[1].is_nonnegative
            }
        )
    except GradproofError:
        return None


def _largest(goal: Goal) -> Rational:
    """Return the largest constant of a statement, or one over its smallest."""
    numbers = {abs(c) for c in goal.formula.atoms(Rational)}
    return max([Rational(1), *(max(c, 1 / c) for c in numbers if c != 0)])


def _scales(goal: Goal) -> list[int]:
    """Return the sizes of values to try: a large one, and above the constants of the statement."""
    largest = _largest(goal)
    return sorted({_SCALE, *([int(2 * largest) + 1] if largest < _LARGEST else [])})


def _scaled(point: Point, domain: Domain, scale: int) -> Iterator[Point]:
    """Yield the point with its real families, then its real scalars, of a size and either sign."""
    families: dict[Any, Any] = {}
    for base in domain.families:
        if sign_of(base) == "real":
            members = point[base] if any(point[base]) else (Fraction(1), *point[base][1:])
            size = max(map(abs, members))
            families[base] = tuple(scale * member / size for member in members)
    opposite = {base: tuple(-member for member in row) for base, row in families.items()}
    scalars = {s: _of_size(point[s], scale) for s in domain.scalars if sign_of(s) == "real"}
    for changes in (c for c in (families, opposite, scalars) if c):
        try:
            yield point.replace(changes)
        except GradproofError:
            continue


def _of_size(value: Fraction, scale: int) -> Fraction:
    return Fraction(-scale if value < 0 else scale)
