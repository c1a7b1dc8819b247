"""Limits at exact points: certified values along the path, against the limit that was derived.

Guarantees: every figure is a certified enclosure of the expression as stated, at an exact point of
the assumptions with the variable at an exact place; no step of the derivation is used.
What it cannot see: a limit that is wrong by less than the expression is still away from it at the
last place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from random import Random
from typing import Any

from flint import arb
from sympy import Basic, Eq, Expr, Ge, IndexedBase, Integer, Ne, Symbol, oo

from ...numeric import Enclosure, enclose, evaluate
from ...numeric.point import Point
from ...symbolic import kernels
from ...symbolic.errors import EngineConflict, GradproofError, UnsupportedError
from ...symbolic.kernel import instantiate
from ...symbolic.kernel_functions import KernelShape
from ...symbolic.limits import LimitTerm
from ...symbolic.printing import to_text
from ...symbolic.remaining import Division
from ...symbolic.vocabulary import bins, is_class, n
from ..sampling import domain_of

BITS = (320, 2**14)
"""Working precisions, the second where the first gives no finite value."""

PLACES = tuple(Fraction(2) ** k for k in (4, 8, 12, 24, 128, 1024, 2**13))
"""The values of t at which an expression is evaluated, the later ones only while it is far off."""

FAR = Fraction(2) ** 12
"""A walk that does not get this far says nothing."""

NEAR = arb(2) ** -24
"""A distance, relative to 1 and the limit, that counts as near."""


_DIGITS = 12
"""Certified digits of the figures."""

_WRITTEN_OUT = 2**11
"""Numbers with binary exponents beyond this are printed by Arb, not written out as fractions."""


@dataclass(frozen=True)
class Walk:
    """An expression at one exact point with its variable on the way.

    Attributes
    ----------
    term
        The limit as stated.
    point
        The exact values of what is held fixed.
    figures
        Pairs of a place of the variable and the certified value of the expression there, as text.
    limit
        The certified value of the limit at the point, as text.
    """

    term: LimitTerm
    point: Point
    figures: tuple[tuple[str, str], ...]
    limit: str


def points_of(
    division: Division,
    exprs: Sequence[Basic],
    given: Sequence[Basic],
    random: Random,
    count: int,
    *,
    patterned: bool = False,
) -> Iterator[Point]:
    """Yield exact points of the assumptions in one case, at most `count`.

    Patterned points go through those where members are equal, or far apart, one after the other.
    """
    same = division.case.substitution
    names = [a for a in same if is_class(a)]
    facts: list[Basic] = [
        (Eq if same[a] == same[b] else Ne)(a, b, evaluate=False) for a, b in combinations(names, 2)
    ]
    facts += [Eq(a, same[a], evaluate=False) for a in names if isinstance(same[a], Integer)]
    facts += [
        Ne(a, number, evaluate=False)
        for alike in division.case.classes.values()
        for number in alike
        for a in names
        if isinstance(number, Integer) and same[a] in alike and same[a] != number
    ]
    least = len(division.named) + division.least
    if n in same:
        facts.append(Eq(n, same[n], evaluate=False))
    else:
        facts.append((Ge if division.least else Eq)(n, least, evaluate=False))
    domain = domain_of([concrete_kernel(expr) for expr in exprs], [*given, *facts])
    for tour in range(count):
        point = domain.draw(random, tour=tour if patterned else None)
        if point is not None and _belongs(division, point):
            yield point


def _belongs(division: Division, point: Point) -> bool:
    """Tell whether the classes named in a case are as many at a point, and further ones remain."""
    same = division.case.substitution
    names = {a: point[a] for a in same if is_class(a) and a in point}
    alike = all(
        (value == point[b]) == (same[a] == same[b])
        for (a, value), b in product(names.items(), names)
    )
    numbers = [_number(name, division, point) for name in division.named]
    known = [number for number in numbers if number is not None]
    left = int(point[n]) - len(numbers)
    return alike and len(set(known)) == len(known) and left >= division.least


def divided_point(division: Division, point: Point) -> Point:
    """Return the point in the variables of a division: named members and remaining classes."""
    numbers = [_number(name, division, point) for name in division.named]
    left = [c for c in range(1, int(point[n]) + 1) if c not in numbers]
    if len(left) == 1 and None in numbers:
        numbers[numbers.index(None)] = left.pop()
    values: dict[Any, Any] = {n: len(left)} if left else {}
    for key, value in point.items():
        if isinstance(key, IndexedBase) and isinstance(value, tuple):
            if left and key.shape != (bins,):
                values[key] = tuple(value[c - 1] for c in left)
        elif key != n and not (isinstance(key, Symbol) and is_class(key)):
            values[key] = value
    for symbol, member in division.members.items():
        (name,) = member.indices
        place = int(name) if isinstance(name, Integer) else numbers[division.named.index(name)]
        family = next((f for f in point if str(f) == str(member.base)), None)
        if family is not None and place is not None:
            values[symbol] = point[family][place - 1]
    return Point(values)


def _number(name: Expr, division: Division, point: Point) -> int | None:
    if isinstance(name, Integer):
        return int(name)
    same = division.case.substitution
    own = next((a for a in (name, *same) if a in point and same.get(a, a) == name), None)
    return None if own is None else int(point[own])


def concrete_kernel(expr: Expr) -> Expr:
    """Return an expression with a Gaussian in place of a kernel left open."""
    return instantiate(expr, kernels.gaussian) if expr.has(KernelShape) else expr


def placed(term: LimitTerm, point: Point, t: Fraction) -> tuple[Fraction, Point]:
    """Return the place of the variable for t, and the point with the variable there."""
    place, variable = _place(term, point, t), term.variable
    if isinstance(variable, Symbol):
        return place, point.replace({variable: place})
    (name,) = variable.indices
    number = int(name) if isinstance(name, Integer) else int(point[name])
    members = list(point[variable.base])
    members[number - 1] = place
    return place, point.replace({variable.base: tuple(members)})


def _place(term: LimitTerm, point: Point, t: Fraction) -> Fraction:
    if term.target in (oo, -oo):
        return t if term.target == oo else -t
    start = enclose(term.target, point).exact
    if start is None:
        raise UnsupportedError(
            "a path is walked from a rational target",
            found=to_text(term.target),
            remedy="state the limit at a rational number",
        )
    return start + (1 / t if term.side == "+" else -1 / t)


def _value(term: LimitTerm, point: Point, t: Fraction) -> tuple[Fraction, arb] | None:
    """Return the place for t and the certified value of the body there, or None."""
    try:
        place, there = placed(term, point, t)
        for bits in BITS:
            ball = evaluate(concrete_kernel(term.body), there, bits)
            if ball.is_finite() and bool(ball.rad() < NEAR * (1 + abs(ball))):
                return place, ball
    except GradproofError:
        pass
    return None


def walk(term: LimitTerm, limit: Expr, division: Division, point: Point) -> Walk | None:
    """Compare an expression on its way with its limit; None if it could not be followed far.

    Raises
    ------
    EngineConflict
        If the expression stays away from the limit.
    """
    goal = None
    if limit not in (oo, -oo):
        goal = evaluate(concrete_kernel(limit), divided_point(division, point), BITS[0])
        if not goal.is_finite():
            return None
    found: list[tuple[Fraction, arb]] = []
    arrived = reached = False
    for t in PLACES:
        value = _value(term, point, t)
        if value is not None:
            found.append(value)
            reached = t >= FAR
            arrived = _arrived(value[1], goal)
        if reached and arrived:
            break
    if len(found) < 2 or not reached:
        return None
    before, last = (ball for _, ball in found[-2:])
    wrong = not arrived and (
        _stays_away(before - goal, last - goal)
        if goal is not None
        else _fails_to_grow(*((before, last) if limit == oo else (-before, -last)))
    )
    variable = to_text(term.variable)
    figures = tuple((f"{variable} = {_place_text(place)}", _text(ball)) for place, ball in found)
    shown = to_text(limit) if goal is None else _text(goal)
    if wrong:
        raise EngineConflict(
            f"certified evaluation agrees with the limit of {to_text(term.body)}",
            found=f"{shown} against {dict(figures)} at {point}",
            remedy="report this: one of the two methods of gradproof is wrong",
        )
    return Walk(term, point, figures, shown)


def _text(ball: arb) -> str:
    if ball.contains(0) and not ball.is_exact():
        return "0 as far as certified"
    far = abs(int(ball.mid().man_exp()[1])) > _WRITTEN_OUT
    return str(ball.str(_DIGITS)) if far else Enclosure.of(ball).text(_DIGITS)


def _place_text(place: Fraction) -> str:
    size = max(abs(place.numerator), place.denominator)
    if size < _WRITTEN_OUT * 2**14:
        return str(place)
    nearest = round(place) if place.denominator > 1 else 0
    gap = place - nearest
    power = f"2^{size.bit_length() - 1}"
    far = power if gap.denominator == 1 else f"1/{power}"
    return f"{nearest or ''}{'-' if gap < 0 else '+' if nearest else ''}{far}"


def _arrived(value: arb, goal: arb | None) -> bool:
    """Tell whether a value is near the limit; one near infinity says nothing of its growth."""
    return goal is not None and bool(abs(value - goal) < NEAR * (1 + abs(goal)))


def _stays_away(before: arb, last: arb) -> bool:
    """Tell whether the distance to the limit is certain not to shrink from place to place."""
    return bool(10 * abs(last) > 8 * abs(before))


def _fails_to_grow(before: arb, last: arb) -> bool:
    """Tell whether what should grow beyond every bound is certain not to."""
    return bool(last < 1) or bool(10 * last < 12 * before)
