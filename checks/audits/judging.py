"""Judges one call of an implementation against the certified gradient of the intended loss.

Guarantees: the truth is certified at exactly the numbers that the implementation receives.
Where the loss has no gradient nothing is judged; where its branches meet, every component may lie
anywhere between the derivatives on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flint import arb

from ...numeric.certified import CERTIFIED_BITS, Certified
from ...numeric.elements import working_precision
from ...numeric.floats import FORMATS
from ...numeric.implementations.call import Answer, Form
from ...numeric.one_sided import Sides
from ...symbolic.errors import EngineConflict, GradproofError, PrecisionError, UndefinedValueError
from .intended import Intended
from .point import AuditPoint
from .scoring import THRESHOLDS, coarse_score, score
from .subgradients import is_subgradient, sides_at

VALUE = -1
"""The place of the loss itself, where a component of the gradient has its number."""

OFFSET = "common offset"
"""The regime in which all logits are large and near each other."""

_LOSS, _LABEL, _OTHER = "the loss", "the label's component", "another component"

ACCURATE = 2.0
"""A number within so many units of its own rounding needs no condition; its score is at most that.
"""

_LATE = 6
"""After so many calls that took too long no further one is made."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One number of an implementation beside the truth.

    Attributes
    ----------
    regime, point, dtype
        Where.
    place
        The component of the gradient, counted from 0; `VALUE` for the loss.
    part
        ``"the loss"``, ``"the label's component"`` or ``"another component"``.
    score
        Its score.
    coarse
        Its score if a number of size 1 had been rounded on the way.
    found
        The float.
    truth
        What it should be.
    """

    regime: str
    point: AuditPoint
    dtype: str
    place: int
    part: str
    score: float
    coarse: float
    found: float
    truth: arb

    @property
    def fails(self) -> bool:
        """Whether the score is above the threshold."""
        return not self.score <= THRESHOLDS[self.dtype]

    @property
    def group(self) -> tuple[str, str]:
        """What it is alike: the place as seen from the label, and the way it fails."""
        return self.part, self.way

    @property
    def way(self) -> str:
        """How it fails: not a number, by cancellation of numbers up to 1, or by more."""
        if not math.isfinite(self.found):
            return "not finite"
        return "cancelled" if self.coarse <= THRESHOLDS[self.dtype] else "wrong"


@dataclass(frozen=True)
class Judged:
    """What one call showed.

    Attributes
    ----------
    answer
        What the implementation gave.
    observations
        The worst number of each part; empty where nothing was judged.
    undefined
        Whether the loss has no gradient there.
    kink
        Whether branches of the loss meet there, and the gradient is a valid subgradient.
    """

    answer: Answer
    observations: tuple[Observation, ...] = ()
    undefined: bool = False
    kink: bool = False

    @property
    def worst(self) -> float:
        """The largest score; 0 if nothing was judged."""
        return max((o.score for o in self.observations), default=0.0)

    @property
    def failing(self) -> list[Observation]:
        """The observations above the threshold."""
        return [o for o in self.observations if o.fails]


@dataclass
class Bench:
    """An implementation beside the loss it means to be; remembers what was certified.

    Attributes
    ----------
    runner
        Runs it.
    intended
        The loss.
    form
        How it takes its target.
    shifts
        Whether moving all logits by one number leaves the loss as it is. In the regime of a common
        offset the condition is then that of the logits moved back: the subtraction is exact.
    fast
        Another way to run it, by which it is judged; None if there is none.
    calls
        How many calls were made.
    """

    runner: Any
    intended: Intended
    form: Form
    shifts: bool = False
    fast: Any = None
    calls: int = 0
    _late: int = 0
    _truths: dict[AuditPoint, Certified | GradproofError] = field(default_factory=dict)
    _sides: dict[AuditPoint, list[Sides] | None] = field(default_factory=dict)

    @property
    def is_exhausted(self) -> bool:
        """Whether so many calls took too long that no further point is judged."""
        return self._late >= _LATE

    def run(self, point: AuditPoint, dtype: str, upstream: float = 1.0) -> Answer:
        """Call the implementation at a point."""
        self.calls += 1
        answer: Answer = self.runner.run(point.call(self.form, dtype, upstream))
        self._late += answer.failure_kind == "time"
        return answer

    def truth(self, point: AuditPoint) -> Certified:
        """Return the certified gradient at a point, masked classes included.

        Raises
        ------
        UndefinedValueError, PrecisionError
            If the loss has no gradient there.
        """
        if point not in self._truths:
            try:
                self._truths[point] = _with_masked(self.intended.at(point), point)
            except EngineConflict:
                raise
            except GradproofError as error:
                self._truths[point] = error
        held = self._truths[point]
        if isinstance(held, GradproofError):
            raise held
        return held

    def judge(self, regime: str, point: AuditPoint, dtype: str, upstream: float = 1.0) -> Judged:
        """Call the implementation at a point and score what it gives."""
        if self.is_exhausted:
            return Judged(Answer())
        try:
            self.truth(point)
        except (UndefinedValueError, PrecisionError):
            return Judged(Answer(), undefined=True)
        if self.fast is not None:
            self.calls += 1
            answer = self.fast.run(point.call(self.form, dtype, upstream))
        else:
            answer = self.run(point, dtype, upstream)
        return self.hold(answer, regime, point, dtype, upstream)

    def hold(
        self, answer: Answer, regime: str, point: AuditPoint, dtype: str, upstream: float = 1.0
    ) -> Judged:
        """Score an answer against the truth at a point."""
        if answer.failure:
            return Judged(answer)
        try:
            truth = self.truth(_moved_back(point) if self._is_offset(regime) else point)
        except (UndefinedValueError, PrecisionError):
            return Judged(answer, undefined=True)
        found = list(_observations(answer, truth, regime, point, dtype, upstream))
        sides = self.sides(point) if any(o.fails for o in found) else None
        if sides is not None and is_subgradient(answer, sides, truth, dtype, upstream):
            return Judged(answer, tuple(o for o in found if o.place == VALUE), kink=True)
        return Judged(answer, tuple(found))

    def _is_offset(self, regime: str) -> bool:
        return self.shifts and regime == OFFSET

    def sides(self, point: AuditPoint) -> list[Sides] | None:
        """Return the derivatives on both sides where branches meet; None where none do."""
        if not self.intended.has_branches:
            return None
        if point not in self._sides:
            self._sides[point] = sides_at(self.intended, point)
        return self._sides[point]


def _moved_back(point: AuditPoint) -> AuditPoint:
    """Return the point with its largest logit moved to 0, and the others with it."""
    top = max(v for v in point.logits if v is not None)
    return AuditPoint(tuple(None if v is None else v - top for v in point.logits), point.target)


def _with_masked(found: Certified, point: AuditPoint) -> Certified:
    if None not in point.logits:
        return found

    def spread(numbers: Sequence[arb]) -> tuple[arb, ...]:
        left = iter(numbers)
        return tuple(arb(0) if v is None else next(left) for v in point.logits)

    return Certified(
        found.value,
        spread(found.gradient),
        found.bits,
        (lambda: found.value_condition, lambda: spread(found.conditions)),
    )


def _observations(
    answer: Answer,
    truth: Certified,
    regime: str,
    point: AuditPoint,
    dtype: str,
    upstream: float,
) -> Iterator[Observation]:
    """Yield the worst observation of each part."""
    fmt = FORMATS[dtype]
    worst: dict[str, tuple[float, int, float, arb]] = {}

    def condition_of(place: int) -> arb:
        return truth.value_condition if place == VALUE else abs(upstream) * truth.conditions[place]

    def take(part: str, place: int, found: float, expected: arb) -> None:
        # A condition is at least the number itself, and takes far longer to compute.
        points = score(found, expected, abs(expected), fmt)
        if points > ACCURATE:
            points = score(found, expected, condition_of(place), fmt)
        if part not in worst or points > worst[part][0]:
            worst[part] = points, place, found, expected

    if answer.value is not None:
        take(_LOSS, VALUE, answer.value, truth.value)
    if answer.gradient is not None:
        label = point.label
        with working_precision(CERTIFIED_BITS):
            gradient = [upstream * g for g in truth.gradient]
        for place, found in enumerate(answer.gradient.ravel()):
            part = _LABEL if place == label else _OTHER
            take(part, place, float(found), gradient[place])
    for part, (points, place, found, expected) in worst.items():
        coarse = points
        if points > ACCURATE:
            coarse = coarse_score(found, expected, condition_of(place), fmt)
        yield Observation(regime, point, dtype, place, part, points, coarse, found, expected)
