"""Findings that the exact twin makes by itself, at points that it was steered to.

Guarantees: the difference is certified; the float that is shown comes from a call at the point.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from ...symbolic.errors import EngineConflict, GradproofError
from ..twins.comparison import Comparison
from .finding import Finding, Kind
from .judging import VALUE, Bench
from .minimal import lead_at
from .twinning import TwinSide, differing

TWIN = "exact twin"
"""What stands in the place of a regime where a point comes from the exact twin."""

_PLACE = re.compile(r"\[(?:0, )?(\d+)\]|value (\d+)")


def certain_findings(
    comparisons: dict[str, Comparison], twin: TwinSide, bench: Bench, dtype: str
) -> list[Finding]:
    """Return a finding for each comparison that found a difference."""
    return [_finding(found, twin, bench, dtype) for found in differing(comparisons)]


def _finding(found: Comparison, twin: TwinSide, bench: Bench, dtype: str) -> Finding:
    assert found.verdict is not None
    assert found.point is not None
    point = twin.audit_point(found.point)
    of_loss = found.question == "forward" and twin.returns == "loss"
    place = VALUE if of_loss else _place(found.verdict.where)
    note = f"in exact arithmetic it is {found.verdict.found}"
    if found.question == "backward":
        note = (
            f"in exact arithmetic, for an upstream gradient of 7/4, it is {found.verdict.found} "
            f"where the derivative is {found.verdict.expected}"
        )
    made = Finding(
        Kind.ANOTHER_LOSS if of_loss else Kind.FORMULA,
        dtype,
        TWIN,
        "the loss" if of_loss else f"g[{place}]",
        found.verdict.expected,
        found.verdict.found,
        math.nan,
        point,
        True,
        note,
    )
    start = None if found.onset is None else lead_at(twin.audit_point(found.onset))
    if start is not None and start[1]:
        made = replace(made, margin_name=start[0], margin=start[1])
    return _with_floats(made, place, bench)


def _place(where: str) -> int:
    found = _PLACE.search(where)
    return 0 if found is None else int(next(g for g in found.groups() if g is not None))


def _with_floats(made: Finding, place: int, bench: Bench) -> Finding:
    """Return the finding with the float that the implementation gives, and what it should be."""
    assert made.point is not None
    try:
        judged = bench.judge(made.regime, made.point, made.dtype)
        truth = bench.truth(made.point)
    except EngineConflict:
        raise
    except GradproofError:
        return made
    answer = judged.answer
    if place == VALUE:
        value, right = answer.value, truth.value
    else:
        value = None if answer.gradient is None else float(answer.gradient.ravel()[place])
        right = truth.gradient[place]
    if value is None:
        return made
    score = max((o.score for o in judged.observations), default=math.nan)
    return replace(made, expected=right.str(9, radius=False), found=f"{value:.9g}", score=score)
