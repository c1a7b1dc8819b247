"""Single instances: a statement at one exact point, decided by certified balls.

Guarantees: PROVES and REFUTES rest on balls that exclude the contrary, or on an exact zero of the
normal form with every value written out; mpmath must not contradict.
"""

from __future__ import annotations

from time import perf_counter

from ..numeric import decide
from ..numeric.point import Point
from .exact import exact_zero
from .failing import (
    FULL_BITS,
    UNCONFIRMED,
    certify,
    confirm_by_explicit_classes,
    differentiable,
    has_no_value,
    undefined_at,
)
from .goals import Goal, admits, instances
from .verdict import Counterexample, Evidence, Finding

METHOD = "certified evaluation"
SCOPE = "this instance"


def decide_instance(
    goals: list[Goal], at: Point, digits: int
) -> tuple[Evidence, Counterexample | None]:
    """Decide a statement at one exact point."""
    start = perf_counter()

    def found(finding: Finding, detail: str) -> Evidence:
        return Evidence(METHOD, finding, SCOPE, detail, None, perf_counter() - start)

    open_at: Point | None = None
    confirmed = True
    points = list(instances(goals, at))
    inside = [(goal, point) for point in points for goal in goals if admits(goal.given, point)]
    for goal, point in inside:
        if has_no_value(goal, point):
            where = undefined_at(goal, point)
            return found(Finding.UNDEFINED, f"No value: {where.failing}."), where
        truth = decide(goal.formula, point, max_bits=FULL_BITS, exact_zero=exact_zero)
        truth = truth if differentiable(goal.formula, point) else None
        if truth is False:
            where, alone = certify(goal, point, digits)
            return found(Finding.REFUTES, f"{where.failing} is false there.{alone}"), where
        if truth is None:
            open_at = point
        else:
            confirmed = confirm_by_explicit_classes(goal.formula, point) and confirmed
    if open_at is not None:
        detail = f"Balls of {FULL_BITS} bits leave it open at {open_at}."
        return found(Finding.NOTHING, detail), None
    if not inside:
        return found(Finding.NOTHING, "The point does not satisfy the assumptions."), None
    detail = "Certified balls decide the statement"
    detail += f" for all {len(points)} classes" if len(points) > 1 else ""
    detail += "; explicit classes in mpmath agree." if confirmed else f".{UNCONFIRMED}"
    return found(Finding.PROVES, detail), None
