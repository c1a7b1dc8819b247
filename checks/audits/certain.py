"""Findings that the exact twin makes by itself, at points that it was steered to.

Guarantees: the difference is certified; the float that is shown comes from a call at the point.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from ...symbolic.errors import EngineConflict, GradproofError
from ..twins.comparison import Comparison
from ..twins.judging import UPSTREAM
from ..twins.settling import PointVerdict
from .finding import Finding, Kind
from .judging import VALUE, Bench
from .minimal import lead_at
from .point import AuditPoint
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
    if found.question == "backward":
        plain = twin.kinds_at(point, dtype)
        if plain is not None and not plain["backward"]:
            return _of_upstream(found.verdict, point, place, bench, dtype)
    note = f"in exact arithmetic it is {found.verdict.found}"
    if found.question == "backward":
        note = (
            f"in exact arithmetic, for an upstream gradient of {UPSTREAM}, it is "
            f"{found.verdict.found} "
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


def _of_upstream(
    verdict: PointVerdict, point: AuditPoint, place: int, bench: Bench, dtype: str
) -> Finding:
    """Return the finding of a gradient that is right only for an upstream gradient of 1."""
    upstream = float(UPSTREAM)
    expected, found = verdict.expected, verdict.found
    answer = bench.run(point, dtype, upstream)
    if answer.gradient is not None:
        found = repr(float(answer.gradient.ravel()[place]))
    return Finding(
        Kind.PROTOCOL,
        dtype,
        TWIN,
        "upstream gradient",
        f"g[{place}] = {expected}",
        f"{found} for an upstream gradient of {upstream:g}",
        point=point,
        certified=True,
        note="for an upstream gradient of 1 it is right here",
        upstream=upstream,
    )


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
