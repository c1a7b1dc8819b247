"""Subgradients where branches of the intended loss meet.

Guarantees: the derivatives on both sides are certified; a component counts as a subgradient only
between them, or where it rounds to one of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from flint import arb

from ...numeric.certified import Certified
from ...numeric.elements import working_precision
from ...numeric.evaluator import compile_expression
from ...numeric.floats import FORMATS
from ...numeric.implementations.call import Answer
from ...numeric.one_sided import Sides, one_sided
from ...numeric.point import Point
from ...numeric.run import Run
from ...symbolic.errors import PrecisionError, UndefinedValueError
from ...symbolic.loss import Loss
from .intended import Intended
from .point import AuditPoint
from .scoring import THRESHOLDS, score

_BITS = 256

_MOST = 100
"""So many classes that differ are looked at for whether branches meet."""


def sides_at(intended: Intended, point: AuditPoint) -> list[Sides] | None:
    """Return the derivatives by each logit on both sides; None where no branches meet.

    Classes that are alike have the same ones. If too many differ, it is not looked for branches.
    """
    loss, at = intended.loss, intended.point(point)
    kinds = [_kind(point, k) for k, v in enumerate(point.logits) if v is not None]
    found: dict[tuple[Fraction, Fraction | bool], Sides] = {}
    if len(set(kinds)) > _MOST or not _branches_meet(loss, at):
        return None
    try:
        for place, kind in enumerate(kinds, start=1):
            if kind not in found:
                found[kind] = one_sided(loss.value, at, loss.wrt[place])
    except (UndefinedValueError, PrecisionError):
        return None
    return [found[kind] for kind in kinds] if any(s.differ for s in found.values()) else None


def _branches_meet(loss: Loss, at: Point) -> bool:
    """Tell whether branches may meet: along a line through the point that moves all logits apart.

    One evaluation of the loss, where the derivatives take one for each kind of class.
    """
    run = Run(at)
    for place in range(1, len(at[loss.wrt]) + 1):
        run.perturb(loss.wrt[place], place, 2)
    with working_precision(_BITS):
        compile_expression(loss.value)(run)
    return bool(run.ties)


def _kind(point: AuditPoint, k: int) -> tuple[Fraction, Fraction | bool]:
    """Return what tells a class from others: its logit, and its part in the target."""
    logit, target = point.logits[k], point.target
    assert logit is not None
    return logit, k == target if isinstance(target, int) else target[k]


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
