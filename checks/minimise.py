"""Simplify an exact point, one value at a time, as long as a question is answered with yes.

Guarantees: in the point returned no single value can be replaced by a simpler one of the list below
with the same answer.
Simpler means a smaller denominator, then a smaller size, then no minus sign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from sympy import IndexedBase

from ..numeric.point import Point
from ..symbolic.cases import SIZES
from ..symbolic.errors import GradproofError

_SIMPLE = [Fraction(v) for v in (0, 1, -1, 2, -2, 3, -3, 4, -4, 6, -6, 8, -8, 12, -12)]
_SIMPLE += [Fraction(sign, parts) for parts in (2, 3, 4) for sign in (1, -1)]


def minimise(point: Point, holds: Callable[[Point], bool]) -> Point:
    """Return a simpler point at which `holds` still answers True.

    Parameters
    ----------
    point
        Where it answers True.
    holds
        The question; an error of gradproof counts as no.
    """
    simplified = True
    while simplified:
        simplified = False
        for candidate in _simpler(point):
            if candidate is not None and _answers(holds, candidate):
                point, simplified = candidate, True
                break
    return point


def _answers(holds: Callable[[Point], bool], point: Point) -> bool:
    try:
        return holds(point)
    except GradproofError:
        return False


def _simpler(point: Point) -> Iterator[Point | None]:
    """Yield the points that differ from `point` in one simpler value."""
    for key, value in point.items():
        if isinstance(key, IndexedBase):
            for place, member in enumerate(value):  # type: ignore[arg-type]
                for simple in _below(member):
                    members = (*value[:place], simple, *value[place + 1 :])  # type: ignore[index]
                    yield _with(point, key, members)
        elif isinstance(value, Fraction):
            for simple in _below(value):
                yield _with(point, key, simple)
        elif key not in SIZES:
            for smaller in range(1, value):  # type: ignore[arg-type]
                yield _with(point, key, smaller)


def _below(value: Fraction) -> Iterator[Fraction]:
    rounded = Fraction(round(value))
    yield from (v for v in (*_SIMPLE, rounded) if _rank(v) < _rank(value))


def _rank(value: Fraction) -> tuple[int, int, bool]:
    return value.denominator, abs(value.numerator), value < 0


def _with(point: Point, key: Any, value: Any) -> Point | None:
    try:
        return point.replace({key: value})
    except GradproofError:
        return None
