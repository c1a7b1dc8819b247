"""Tells what kind of fault an observation shows: formula, another loss, or arithmetic.

Guarantees: where the exact twin has decided at the point, the kind rests on it alone; where not, a
wrong formula and rounding are told apart by precision: the error of a formula stays as the
precision grows, that of rounding falls with the unit roundoff.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flint import arb

from ...numeric.floats import FORMATS, round_to, unit_roundoff
from ...symbolic.errors import GradproofError
from .finding import Kind
from .judging import VALUE, Bench, Observation
from .point import AuditPoint
from .scoring import THRESHOLDS, absolute_error, is_held_by, relative_error
from .twinning import TwinSide

_STAYS = 2.0**-10
"""The error of a formula keeps more than this of itself in a wider dtype."""

_ALIKE = 1e-3
"""Relative errors that differ by less than this share are the same."""

_RATIO = 2.0**29
"""The unit roundoff of float32 in units of that of float64."""

_WIDER: dict[str, tuple[str, ...]] = {
    "float16": ("float32", "float64"),
    "bfloat16": ("float32", "float64"),
    "float32": ("float64",),
    "float64": (),
}


@dataclass(frozen=True)
class Classified:
    """The kind of an observation.

    Attributes
    ----------
    kind
        The kind.
    certified
        Whether the exact twin decided.
    note
        What it rests on, in one sentence; empty if the kind says it all.
    """

    kind: Kind
    certified: bool = False
    note: str = ""


def classify(
    seen: Observation,
    bench: Bench,
    twin: TwinSide | None,
    dtypes: tuple[str, ...],
    narrow: bool = False,
) -> Classified:
    """Return the kind of fault that an observation shows.

    Parameters
    ----------
    seen
        The observation.
    bench, twin
        The implementation, and its exact twin if there is one.
    dtypes
        The dtypes that are audited.
    narrow
        Whether the implementation computes float64 input in float32; see `computes_narrower`.
    """
    changed = _on_second_call(seen, bench)
    if changed:
        return Classified(Kind.PROTOCOL, note=f"a second call at the same point gives {changed}")
    exactly = twin.kinds_at(seen.point, seen.dtype) if twin is not None else None
    if exactly is not None:
        if exactly.get("backward") and seen.place != VALUE:
            return Classified(Kind.FORMULA, True)
        if exactly["forward"]:
            loss = twin is not None and twin.returns == "loss"
            return Classified(Kind.ANOTHER_LOSS if loss else Kind.FORMULA, True)
        return Classified(_arithmetic(seen, narrow), True)
    if not math.isfinite(seen.found):
        return Classified(_arithmetic(seen, narrow))
    return _by_precision(seen, bench, dtypes, narrow)


def _on_second_call(seen: Observation, bench: Bench) -> str:
    """Return what else a second call gives; empty if it fails alike, or gave nothing in time."""
    if bench.is_exhausted:
        return ""
    again = bench.judge(seen.regime, seen.point, seen.dtype)
    if again.answer.failure_kind == "time":
        return ""
    if again.answer.failure:
        return f"no answer: {again.answer.failure}"
    return "" if any(o.part == seen.part for o in again.failing) else "another result"


def _arithmetic(seen: Observation, narrow: bool) -> Kind:
    """Return the kind of an error that exact arithmetic does not have."""
    if not math.isfinite(seen.found):
        if None in seen.point.logits:
            return Kind.DOMAIN
        largest = max(abs(v) for v in seen.point.logits if v is not None)
        reach = math.log(float(FORMATS[seen.dtype].largest))
        return Kind.OVERFLOW if largest > reach else Kind.DOMAIN
    return Kind.DTYPE if narrow and _suits_float32(seen) else Kind.ROUNDING


def _suits_float32(seen: Observation) -> bool:
    """Tell whether a number in float64 is one that a right computation in float32 may give."""
    return seen.dtype == "float64" and seen.score <= THRESHOLDS["float32"] * _RATIO


def computes_narrower(bench: Bench, points: Sequence[AuditPoint]) -> bool:
    """Tell whether an implementation computes float64 input in float32.

    It says so by the dtype of what it hands back; or every number that it gives at every point is
    one of float32, and some are as far off as that.
    """
    off = False
    for point in points:
        judged = bench.judge("moderate", point, "float64")
        answer = judged.answer
        if "float32" in (answer.value_dtype, answer.gradient_dtype):
            return True
        numbers = [] if answer.gradient is None else [float(v) for v in answer.gradient.ravel()]
        numbers += [] if answer.value is None else [answer.value]
        if not numbers or not all(is_held_by(v, FORMATS["float32"]) for v in numbers):
            return False
        off = off or bool(judged.failing)
    return off


def _by_precision(
    seen: Observation, bench: Bench, dtypes: tuple[str, ...], narrow: bool
) -> Classified:
    """Compare the error with that of the same part at the same point in another dtype."""
    if narrow and _suits_float32(seen):
        return Classified(Kind.DTYPE)
    wider = next((d for d in reversed(_WIDER[seen.dtype]) if d in dtypes), None)
    if narrow and wider == "float64":
        wider = None  # which is no wider
    if wider is not None:
        there = _error(seen, bench, seen.point, wider, absolute_error)
        # Arithmetic that is as wide inside loses as much as the wider dtype does.
        finer = unit_roundoff(FORMATS[seen.dtype]) / unit_roundoff(FORMATS[wider])
        lost = seen.coarse * float(finer) <= THRESHOLDS[wider]
        stays = there > absolute_error(seen.found, seen.truth) * _STAYS and not lost
        note = f"compared with {wider}; there is no exact twin here"
        return Classified(Kind.FORMULA if stays else Kind.ROUNDING, note=note)
    if seen.dtype == "float64" and "float32" in dtypes:
        here = relative_error(seen.found, seen.truth)
        there = _error(seen, bench, _rounded(seen.point, "float32"), "float32", relative_error)
        note = "compared with float32; there is no exact twin here"
        return Classified(
            Kind.FORMULA if _is_persistent(seen, here, there) else Kind.ROUNDING, note=note
        )
    note = "there is neither an exact twin nor another dtype to compare with"
    return Classified(Kind.ROUNDING if seen.way == "cancelled" else Kind.FORMULA, note=note)


def _is_persistent(seen: Observation, here: float, there: float) -> bool:
    """Tell whether an error in float64 is more than what float32, too, may lose.

    Rounding errors differ between the two; one that is larger than what a number of size 1 loses
    in float64, and no smaller than in float32, is none. Below that, only the same relative error in
    both tells, unless both have lost everything.
    """
    if seen.way == "wrong":
        return here >= there * _STAYS  # both are infinite beside a truth that is as good as 0
    return abs(here - there) <= here * _ALIKE and not 0.99 < here < 1.01


def _error(
    seen: Observation,
    bench: Bench,
    point: AuditPoint,
    dtype: str,
    measure: Callable[[float, arb], float],
) -> float:
    """Return the error of the same number in another dtype; infinite if it is none."""
    answer = bench.run(point, dtype)
    try:
        truth = bench.truth(point)
    except GradproofError:
        return math.inf
    if seen.place == VALUE:
        return math.inf if answer.value is None else measure(answer.value, truth.value)
    if answer.gradient is None:
        return math.inf
    return measure(float(answer.gradient.ravel()[seen.place]), truth.gradient[seen.place])


def _rounded(point: AuditPoint, dtype: str) -> AuditPoint:
    fmt = FORMATS[dtype]
    logits = tuple(None if v is None else round_to(v, fmt) for v in point.logits)
    target = point.target
    if not isinstance(target, int):
        target = tuple(round_to(v, fmt) for v in target)
    return AuditPoint(logits, target)
