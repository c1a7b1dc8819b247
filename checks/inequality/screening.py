"""Exact points that keep a proof attempt from chasing what is false.

Guarantees: a value is dismissed only where certified balls show the wrong sign at a point of the
case; what is dismissed wrongly would cost a proof, never make one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import cycle, islice
from random import Random
from typing import Any

from sympy import Expr, Ge
from sympy.core.basic import Basic

from ...numeric import evaluate
from ...numeric.point import Point
from ...symbolic.cases import Case
from ...symbolic.errors import GradproofError
from ..goals import admits
from ..sampling import patterned_domains

_TRIES = 80
_POINTS = 12
_BITS = 128


def points_of(expr: Expr, given: Sequence[Basic], case: Case) -> tuple[Point, ...]:
    """Return exact points of one case that satisfy the assumptions."""
    random = Random(0)
    found: list[Point] = []
    try:
        domains = patterned_domains(Ge(expr, 0, evaluate=False), given)
        for domain in islice(cycle(domains), _TRIES):
            point = domain.draw(random, tries=3)
            if point is not None and _belongs(point, case):
                found.append(point)
            if len(found) == _POINTS:
                break
    except GradproofError:
        return ()
    return tuple(found)


def _belongs(point: Point, case: Case) -> bool:
    """Tell whether classes coincide at a point as they do in a case."""

    def place(name: Expr) -> int | None:
        if name in point:
            value: Any = point[name]
            return int(value)
        return int(name) if name.is_Integer else None

    if any(place(a) != place(b) for a, b in case.substitution.items()):
        return False
    for size, classes in case.classes.items():
        places = [place(c) for c in classes]
        if None in places or len(set(places)) < len(places):
            return False
        if size in point and place(size) < case.smallest.get(size, 1):  # type: ignore[operator]
            return False
    return True


def within(points: Iterable[Point], fact: Basic) -> tuple[Point, ...]:
    """Return the points at which a fact holds."""
    kept = []
    for point in points:
        try:
            if admits([fact], point):
                kept.append(point)
        except GradproofError:
            continue
    return tuple(kept)


def is_dismissed(points: Iterable[Point], expr: Expr, *, strict: bool) -> bool:
    """Tell whether the sign asked for is certified not to hold at one of the points."""
    for point in points:
        try:
            value = evaluate(expr, point, _BITS)
        except GradproofError:
            continue
        if value.is_finite() and (value < 0 or (strict and value == 0)):
            return True
    return False
