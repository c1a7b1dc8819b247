"""Simplify an exact point, step by step, as long as a question is answered with yes.

Guarantees: in the point that `minimise` returns no single value can be replaced by a simpler one
that it tries with the same answer: small numbers, the value rounded, and whole numbers below it.
Nor can equal members of a family be replaced together, a family be moved by one of its members, or
shares of 1 by shares of few parts.
Simpler means a smaller denominator, then a smaller size, then no minus sign, summed over what is
replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any, TypeAlias

from sympy import IndexedBase

from ..numeric.point import Point
from ..symbolic.cases import SIZES
from ..symbolic.errors import GradproofError
from ..symbolic.vocabulary import n

_SIMPLE = [Fraction(v) for v in (0, 1, -1, 2, -2, 3, -3, 4, -4, 6, -6, 8, -8, 12, -12)]
_SIMPLE_SIZE = 12
_SINGLE = 8
"""With more classes single ones stay."""
_SIMPLE += [Fraction(sign, parts) for parts in (2, 3, 4) for sign in (1, -1)]
_Members: TypeAlias = tuple[Fraction, ...]

_PARTS, _SHARED = 3, 4
"""Shares of 1 have at most so many parts each, in families of at most so many members."""


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


def fewer_classes(point: Point, holds: Callable[[Point], bool], least: int) -> Point:
    """Return a point with classes left out at which `holds` still answers True.

    The last classes are left out first, the fewest kept if more of them never turn the answer to
    no; then single ones, where there are few. Classes that have a name stay.
    """
    first = _named_first(point)
    point = first if first is not None and _answers(holds, first) else point
    low, high = max(least, *_named(point), 1), int(point[n])
    while low < high:
        middle = (low + high) // 2
        shorter = _without(point, set(range(middle + 1, int(point[n]) + 1)))
        if shorter is not None and _answers(holds, shorter):
            point, high = shorter, middle
        else:
            low = middle + 1
    while point[n] > least:
        places = range(1, int(point[n]) + 1 if point[n] <= _SINGLE else 1)
        shorter_ones = (_without(point, {c}) for c in places)
        found = (p for p in shorter_ones if p is not None and _answers(holds, p))
        shorter = next(found, None)
        if shorter is None:
            break
        point = shorter
    return point


def _named(point: Point) -> list[int]:
    return [int(v) for k, v in point.items() if isinstance(v, int) and k not in SIZES]


def _named_first(point: Point) -> Point | None:
    """Return the point with the classes that have a name moved to the front."""
    named = sorted(set(_named(point)))
    order = [*named, *(c for c in range(1, int(point[n]) + 1) if c not in named)]
    changes: dict[Any, Any] = {}
    for key, value in point.items():
        if isinstance(key, IndexedBase) and key.shape[0] == n:
            changes[key] = tuple(value[c - 1] for c in order)  # type: ignore[index]
        elif isinstance(value, int) and key not in SIZES:
            changes[key] = order.index(value) + 1
    return _with_all(point, changes)


def _without(point: Point, classes: set[int]) -> Point | None:
    """Return the point without some classes, the others numbered anew; None if one has a name."""
    changes: dict[Any, Any] = {n: int(point[n]) - len(classes)}
    for key, value in point.items():
        if isinstance(key, IndexedBase) and key.shape[0] == n:
            changes[key] = tuple(v for c, v in enumerate(value, 1) if c not in classes)  # type: ignore[arg-type]
        elif isinstance(value, int) and key not in SIZES:
            if value in classes:
                return None
            changes[key] = value - sum(c < value for c in classes)
    return _with_all(point, changes)


def _answers(holds: Callable[[Point], bool], point: Point) -> bool:
    try:
        return holds(point)
    except GradproofError:
        return False


def _simpler(point: Point) -> Iterator[Point | None]:
    """Yield the points that differ from `point` in one simpler value, or in a simpler family."""
    for key, value in point.items():
        if isinstance(value, tuple):
            for members in (*_one_simpler(value), *_together(value)):
                yield _with(point, key, members)
        elif isinstance(value, Fraction):
            for simple in simpler_numbers(value):
                yield _with(point, key, simple)
        elif key not in SIZES:
            for smaller in range(1, value):
                yield _with(point, key, smaller)


def _one_simpler(members: _Members) -> Iterator[_Members]:
    for place, member in enumerate(members):
        for simple in simpler_numbers(member):
            yield *members[:place], simple, *members[place + 1 :]


def _together(members: _Members) -> Iterator[_Members]:
    """Yield simpler families that differ in several members at once."""
    values = list(dict.fromkeys(members))
    for value in values:
        if members.count(value) > 1:
            for simple in simpler_numbers(value):
                yield tuple(simple if member == value else member for member in members)
    found = [tuple(member - value for member in members) for value in values if value != 0]
    if sum(members) == 1 and len(members) <= _SHARED:
        found += _shares(len(members))
    yield from (other for other in found if _rank_of(other) < _rank_of(members))


@cache
def _shares(count: int) -> list[_Members]:
    """Return the shares of 1 that are made of few equal parts, simpler ones first."""
    parts = [p for p in product(range(_PARTS + 1), repeat=count) if any(p)]
    found = {tuple(Fraction(k, sum(p)) for k in p) for p in parts}
    return sorted(found, key=lambda shares: (_rank_of(shares), [-share for share in shares]))


def _rank_of(members: Sequence[Fraction]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*map(_rank, members), strict=True)))


def simpler_numbers(value: Fraction) -> Iterator[Fraction]:
    """Yield numbers simpler than `value`: small ones, the value rounded, whole ones towards 0."""
    rounded = Fraction(round(value))
    size = abs(rounded.numerator)
    nearer = [size - size // 2**step for step in range(1, size.bit_length())]
    sizes = [Fraction(v if value > 0 else -v) for v in nearer if v > _SIMPLE_SIZE]
    yield from (v for v in (*_SIMPLE, rounded, *sizes) if _rank(v) < _rank(value))


def _rank(value: Fraction) -> tuple[int, int, bool]:
    return value.denominator, abs(value.numerator), value < 0


def _with(point: Point, key: Any, value: Any) -> Point | None:
    return _with_all(point, {key: value})


def _with_all(point: Point, changes: dict[Any, Any]) -> Point | None:
    try:
        return point.replace(changes)
    except GradproofError:
        return None
