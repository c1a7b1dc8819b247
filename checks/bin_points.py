"""Sums over bins at exact points: certified values for 8, 16, 32, ... bins against the limit.

Guarantees: every figure is a certified enclosure of the expression as stated; no step of the
derivation of its limit is used.
What it cannot see: a limit that is wrong by less than the last values are still away from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from random import Random

from flint import arb
from sympy import Basic, Expr

from ..numeric import Enclosure, evaluate
from ..numeric.point import Point
from ..symbolic.errors import EngineConflict, GradproofError, UndefinedValueError
from ..symbolic.kernel import instantiate
from ..symbolic.kernel_functions import KernelShape
from ..symbolic.kernels import gaussian
from ..symbolic.printing import to_text
from ..symbolic.vocabulary import bins, n
from .failing import fails_at
from .goals import Goal
from .sampling import domain_of
from .verdict import Counterexample

COUNTS = (8, 16, 32, 64)
BITS = 128
NARROW = arb(10) ** -20
"""A ball around 0 that is as wide as this shows that the limit is reached."""
DIGITS = 12
DRAWN, TRIED = 120, 6
"""Points drawn for a counterexample, and how many of them, the least spread first, are tried."""
POINTS, MOST = 3, 12
"""Points that must be met, and points drawn for them at most."""

_FLAT = Fraction(9, 10)
"""Errors that shrink by less than this from each number of bins to the next stay where they are."""


def approach(
    body: Expr, limit: Expr, given: Iterable[Basic], random: Random
) -> list[dict[str, str]]:
    """Return the certified values of `body` on its way to `limit`, at points where it is near.

    Raises
    ------
    EngineConflict
        If at a point the distance to the limit stays the same.
    """
    body, limit = _concrete(body), _concrete(limit)
    domain = domain_of([body, limit], list(given))
    met: list[dict[str, str]] = []
    for _ in range(MOST):
        point = domain.draw(random)
        if point is None:
            continue
        walk = _walk(body, limit, point)
        if walk is not None:
            met.append(walk)
        if len(met) == POINTS:
            break
    return met


def failing_point(goal: Goal, random: Random) -> Counterexample | None:
    """Return a point at which a goal is certified to fail, the least spread of some drawn."""
    domain = domain_of([goal.formula], goal.given)
    drawn = [point for _ in range(DRAWN) if (point := domain.draw(random, tries=5)) is not None]
    for point in sorted(drawn, key=_spread)[:TRIED]:
        try:
            if fails_at(goal, point):
                return _certified(goal, point)
        except UndefinedValueError:
            continue
    return None


def _certified(goal: Goal, point: Point) -> Counterexample:
    """Return a failing point, looked at again from its printed form, with both sides there."""
    again = Point.from_json(point.to_json(), list(point))
    if not fails_at(goal, again):
        raise EngineConflict(
            "a counterexample fails again when it is read from its printed form",
            found=str(point),
            remedy="report this: the search or the printing of points is wrong",
        )
    sides = zip(("left side", "right side"), goal.formula.args, strict=True)
    figures = tuple((name, _text(evaluate(side, again, BITS))) for name, side in sides)
    return Counterexample(again, to_text(goal.formula), figures)


def _spread(point: Point) -> tuple[bool, Fraction]:
    """Return what puts points with several classes and small values first.

    One class hides most mistakes, and integrals are slow where values are far apart.
    """
    values = (v if isinstance(v, tuple) else (v,) for _, v in point.items())
    return point[n] == 1, max(abs(Fraction(v)) for members in values for v in members)


def _concrete(expr: Expr) -> Expr:
    return instantiate(expr, gaussian) if expr.has(KernelShape) else expr


def _walk(body: Expr, limit: Expr, point: Point) -> dict[str, str] | None:
    """Return the values at a point; None if they are not seen to approach the limit."""
    try:
        goal = evaluate(limit, point, BITS)
        balls = [evaluate(body, point.replace({bins: count}), BITS) for count in COUNTS]
    except GradproofError:
        return None
    if not all(ball.is_finite() for ball in (goal, *balls)):
        return None
    errors = [ball - goal for ball in balls]
    if _stays(errors):
        raise EngineConflict(
            f"certified values approach the limit of {to_text(body)} for many bins",
            found=f"{[str(ball.str(10)) for ball in balls]} against {goal.str(10)} at {point}",
            remedy="report this: one of the two methods of gradproof is wrong",
        )
    arrived = errors[-1].contains(0) and bool(errors[-1].rad() < NARROW)
    if not arrived and not bool(4 * abs(errors[-1]) < 3 * abs(errors[0])):
        return None
    figures = {f"B = {count}": _text(ball) for count, ball in zip(COUNTS, balls, strict=True)}
    fixed = Point({key: value for key, value in point.items() if key != bins})
    return {"point": str(fixed), "limit": _text(goal), **figures}


def _stays(errors: list[arb]) -> bool:
    """Tell whether the distance is certain to be the same, up to a little, for all numbers."""
    ratio = arb(_FLAT.numerator) / _FLAT.denominator
    return all(
        bool(abs(after) > ratio * abs(before)) and bool(abs(before) > ratio * abs(after))
        for before, after in pairwise(errors)
    )


def _text(ball: arb) -> str:
    return "0 as far as certified" if ball.contains(0) else Enclosure.of(ball).text(DIGITS)
