"""Numerical support: agreement with a claim at exact points, which is never a proof.

Guarantees: each point counted was decided by certified balls; for an equation the two sides agree
to the number of certified digits named.
"""

from __future__ import annotations

from math import log
from random import Random
from time import perf_counter

from sympy import Eq

from ..numeric import decide, evaluate
from ..numeric.point import Point
from ..symbolic.errors import GradproofError, UnsupportedError
from .exact import exact_zero
from .goals import Goal, ties_matter
from .sampling import domain_of
from .verdict import Evidence, Finding

METHOD = "certified evaluation at points"
BITS = 256
EXACT = 10**6
"""The digits counted where both sides are the same exact number."""
_LN_10 = log(10)


def gather_support(goal: Goal, *, seed: int, points: int) -> Evidence:
    """Count the points of a goal's domain at which it holds; say how far two sides agree."""
    start = perf_counter()
    domain = domain_of([goal.formula], goal.given)
    random = Random(seed)
    agreed: list[int] = []
    for _ in range(points):
        point = domain.draw(random)
        if point is None:
            continue
        try:
            digits = _agreement(goal, point)
        except UnsupportedError:
            raise
        except GradproofError:
            continue
        if digits is not None:
            agreed.append(digits)
    scope = f"{len(agreed)} points"
    if not agreed:
        detail = "No point was met at which the statement could be decided."
        return Evidence(METHOD, Finding.NOTHING, scope, detail, None, perf_counter() - start)
    detail = f"The statement holds at {len(agreed)} exact points"
    if isinstance(goal.formula, Eq):
        same = min(agreed) == EXACT
        detail += ", the two sides agreeing " + (
            "exactly" if same else f"to {min(agreed)} certified digits"
        )
    return Evidence(METHOD, Finding.SUPPORTS, scope, f"{detail}.", None, perf_counter() - start)


def _agreement(goal: Goal, point: Point) -> int | None:
    """Return the digits to which a goal holds (0: it is no equation), or None if it does not."""
    if not isinstance(goal.formula, Eq):
        hook = exact_zero if ties_matter(goal.formula) else None
        truth = decide(goal.formula, point, max_bits=1024 if hook else BITS, exact_zero=hook)
        return 0 if truth is True else None
    left, right = (evaluate(side, point, BITS) for side in goal.formula.args)
    difference = left - right
    if not difference.is_finite() or not difference.contains(0):
        return None
    size = max(1.0, abs(float(left.mid())), abs(float(right.mid())))
    radius = difference.rad() / size
    return int(-float(radius.log().mid()) / _LN_10) if radius != 0 else EXACT
