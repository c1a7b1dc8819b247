"""Subgradients where branches of the intended loss meet.

Guarantees: the derivatives on both sides are certified; a component counts as a subgradient only
between them, or where it rounds to one of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from flint import arb

from ...numeric.certified import Certified
from ...numeric.floats import FORMATS
from ...numeric.implementations.call import Answer
from ...numeric.one_sided import Sides, one_sided
from ...symbolic.errors import PrecisionError, UndefinedValueError
from .intended import Intended
from .point import AuditPoint
from .scoring import THRESHOLDS, score


def sides_at(intended: Intended, point: AuditPoint) -> list[Sides] | None:
    """Return the derivatives by each logit on both sides; None where no branches meet."""
    loss, at = intended.loss, intended.point(point)
    kept = sum(v is not None for v in point.logits)
    try:
        found = [one_sided(loss.value, at, loss.wrt[k]) for k in range(1, kept + 1)]
    except (UndefinedValueError, PrecisionError):
        return None
    return found if any(s.differ for s in found) else None


def is_subgradient(
    answer: Answer, sides: Sequence[Sides], truth: Certified, dtype: str, upstream: float
) -> bool:
    """Tell whether every component lies between the derivatives on both sides, or rounds to one."""
    if answer.gradient is None:
        return False
    fmt, limit = FORMATS[dtype], THRESHOLDS[dtype]
    for found, side, condition in zip(answer.gradient, sides, truth.conditions, strict=False):
        ends = [upstream * side.left, upstream * side.right]
        inside = (arb(float(found)) - ends[0]) * (arb(float(found)) - ends[1])
        near = min(score(float(found), e, abs(upstream * condition), fmt) for e in ends)
        if not (math.isfinite(found) and (not inside > 0 or near <= limit)):
            return False
    return True
