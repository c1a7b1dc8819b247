"""Numerical support: agreement with a claim at exact points, which is never a proof.

Guarantees: each point counted was decided by certified balls; for an equation the two sides agree
to the number of certified digits named.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import log
from random import Random
from time import perf_counter

from sympy import Eq

from ..numeric import decide, evaluate
from ..numeric.point import Point
from ..symbolic.errors import GradproofError
from .exact import exact_zero
from .goals import Goal
from .sampling import Domain
from .verdict import Evidence, Finding

METHOD = "certified evaluation at points"
BITS = 256
_LN_10 = log(10)


def gather_support(goals: Iterable[Goal], domain: Domain, *, seed: int, points: int = 40) -> Evidence:
    """Count the points at which every goal holds; return how far the sides of equations agree."""
    start = perf_counter()
    goals = list(goals)
    random = Random(seed)
    held, digits = 0, None
    for _ in range(points):
        point = domain.draw(random)
        if point is None:
            continue
        try:
            agreed = [_agreement(goal, point) for goal in goals]
        except GradproofError:
            continue
        if None not in agreed:
            held += 1
            figures = [a for a in agreed if a]
            digits = min([*figures, digits] if digits is not None else figures, default=None)
    scope = f"{held} points"
    if not held:
        detail = "No point was met at which the statement could be decided."
        return Evidence(METHOD, Finding.NOTHING, scope, detail, None, perf_counter() - start)
    detail = f"The statement holds at {held} exact points"
    detail += f"; the sides of equations agree to {digits} certified digits." if digits else "."
    return Evidence(METHOD, Finding.SUPPORTS, scope, detail, None, perf_counter() - start)


def _agreement(goal: Goal, point: Point) -> int | None:
    """Return the digits to which a goal holds (0: it is no equation), or None if it does not."""
    if any(decide(f, point, max_bits=1024, exact_zero=exact_zero) is not True for f in goal.given):
        return 0
    if not isinstance(goal.formula, Eq):
        truth = decide(goal.formula, point, max_bits=2048, exact_zero=exact_zero)
        return 0 if truth is True else None
    left, right = (evaluate(side, point, BITS) for side in goal.formula.args)
    difference = left - right
    if not difference.is_finite() or not difference.contains(0):
        return None
    size = max(1, abs(left.mid()), abs(right.mid()))
    radius = difference.rad() / size
    return int(-float(radius.log().mid()) / _LN_10) if radius != 0 else 10**6


