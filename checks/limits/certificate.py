"""A derived limit as data and sentences for a reader.

Guarantees: the text follows from what was derived; sums are shown over the classes they run over in
the statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Integer, oo

from ...numeric.point import Point
from ...symbolic.limits import LimitTerm
from ...symbolic.printing import to_text
from ..goals import Goal
from ..verdict import Counterexample
from .decision import Decided, limits_in
from .path import Found

_WALKS = 2
"""How many walks a certificate keeps of each case."""


def certificate(decided: Sequence[Decided]) -> dict[str, Any]:
    """Return the proof case by case: path, leading terms, limit, certified values."""
    return {
        case.division.label: [_steps(case, term, found) for term, found in case.limits.items()]
        for case in decided
        if case.limits
    }


def _steps(case: Decided, term: LimitTerm, found: Found) -> dict[str, Any]:
    walks = [one for one in case.walks if one.term == term][:_WALKS]
    return {
        "limit of": to_text(term.body),
        "path": f"{to_text(term.variable)} = {found.path}, {found.letter} → ∞",
        "along the path": found.along,
        "leading terms": found.growth,
        "limit": limit_text(case, found),
        "values": [
            {"point": str(one.point), "limit": one.limit, "at": dict(one.figures)} for one in walks
        ],
    }


def limit_text(case: Decided, found: Found) -> str:
    """Return a derived limit as text."""
    finite = found.value not in (oo, -oo)
    return to_text(case.division.restore(found.value) if finite else found.value)


def refutation(goal: Goal, case: Decided, point: Point) -> tuple[Counterexample, str]:
    """Return the point at which a goal fails with its figures, and the sentence that says so."""
    figures: list[tuple[str, str]] = []
    for one in (walk for walk in case.walks if walk.point == point):
        name = to_text(one.term.body)
        figures.append((f"limit of {name}", one.limit))
        figures += [(f"{name} at {place}", value) for place, value in one.figures]
    failing = to_text(goal.formula)
    derived = "; ".join(
        f"the limit of {to_text(term.body)} is {limit_text(case, case.limits[term])}"
        for term in limits_in(goal)
    )
    fixed = held_fixed(goal, point)
    detail = f"In the case {case.division.label} {derived}; {failing} is false at {fixed}."
    return Counterexample(fixed, failing, tuple(figures)), detail


def held_fixed(goal: Goal, point: Point) -> Point:
    """Return a point without the scalars that move: their value at the point means nothing."""
    moving = {term.variable for term in limits_in(goal)}
    outside = goal.formula.xreplace({term: Integer(0) for term in limits_in(goal)}).free_symbols
    return Point({key: value for key, value in point.items() if key not in moving - outside})
