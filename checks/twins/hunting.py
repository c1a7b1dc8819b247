"""Searches exact points for one at which two programs differ, and makes it minimal.

Guarantees: a difference comes with a point at which it was judged certain; it is the simplest that
was found, and judged again.
Cannot see: a difference that shows at no point tried; agreement is never proof.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice, takewhile
from random import Random
from time import perf_counter

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample, Unsatisfiable

from ...numeric.stopwatch import Stopwatch
from ...symbolic.errors import EngineConflict, GradproofError, PrecisionError
from .agreement import Outcome
from .comparison import Comparison
from .crossings import Measure, crossing_points
from .inputs import Input, TwinPoint
from .points import drawn_points, regime_points
from .settling import PointVerdict
from .shrinking import Question, minimise_point, starting_point, starts_later
from .steering import steered_points

_STEERED = 400
_BASES = 12
_CROSSED = 400
_DRAWN = 60
_ONSETS = 24
_FIRST = 4
"""Points that are tried however long they take: agreement at fewer says next to nothing."""

_PATIENCE = 4
"""How many times the seconds of a hunt may pass before a point is taken as simple enough."""


@dataclass(frozen=True)
class Hunt:
    """A question about programs, and the points that it is put at.

    Attributes
    ----------
    question
        ``"backward"`` or ``"forward"``.
    judge
        Answers it at a point.
    watched
        Returns the constants that the programs compare with at a point.
    measures
        What each program compares at a point, and how far that is apart.
    remarks
        Returns what the twins read differently from floats at a point.
    inputs, sizes
        What the arguments are, and the numbers of classes.
    dtype
        The float dtype of the arguments.
    seed
        Of the points.
    regimes_only
        Whether to try the regimes alone.
    seconds
        After which no further point is tried; None for no limit.
    """

    question: str
    judge: Callable[[TwinPoint], PointVerdict]
    watched: Callable[[TwinPoint], dict[Fraction, str]]
    measures: tuple[Measure, ...]
    remarks: Callable[[TwinPoint], tuple[str, ...]]
    inputs: tuple[Input, ...]
    sizes: tuple[int, ...]
    dtype: str
    seed: int
    regimes_only: bool = False
    seconds: float | None = None

    def holds(self, point: TwinPoint) -> bool:
        """Tell whether the programs differ for certain at a point."""
        try:
            return self.judge(point).fails
        except EngineConflict:
            raise
        except GradproofError:  # a number of classes between those asked for may not suit
            return False


class _Tally:
    """Counts what points showed, and remembers the first difference."""

    def __init__(self, judge: Callable[[TwinPoint], PointVerdict]) -> None:
        self.judge = judge
        self.counts = dict.fromkeys(Outcome, 0)
        self.digits = math.inf
        self.rounded: tuple[TwinPoint, PointVerdict] | None = None

    def fails(self, point: TwinPoint) -> bool:
        """Judge a point, count it, and tell whether it shows a difference."""
        try:
            verdict = self.judge(point)
        except PrecisionError:
            self.counts[Outcome.UNDECIDED] += 1
            return False
        self.counts[verdict.outcome] += 1
        if verdict.outcome in (Outcome.AGREES, Outcome.ROUNDED):
            self.digits = min(self.digits, verdict.digits)
        if verdict.outcome is Outcome.ROUNDED and self.rounded is None:
            self.rounded = point, verdict
        return verdict.fails


def hunt(search: Hunt) -> Comparison:
    """Return what the regimes, the steered points and Hypothesis show."""
    start, watch = perf_counter(), Stopwatch()

    def over(times: int = 1) -> bool:
        return search.seconds is not None and watch.seconds > times * search.seconds

    def in_time(points: Iterable[TwinPoint]) -> Iterator[TwinPoint]:
        return takewhile(lambda _: not over(), points)

    def holds(point: TwinPoint) -> bool:
        return not over(_PATIENCE) and search.holds(point)

    tally, random = _Tally(search.judge), Random(search.seed)
    regimes = [p for _, p in regime_points(search.inputs, search.sizes, random)]
    order = regimes if search.seconds is None else _mixed(regimes, random)
    tried = chain(order[:_FIRST], in_time(order[_FIRST:]))
    failing = next((p for p in tried if tally.fails(p)), None)
    if failing is None and not search.regimes_only:
        constants = _constants(regimes, search, random, in_time)
        measures = tuple(_until(over, measure) for measure in search.measures)
        steered = chain(_steered(regimes, constants, search.dtype), _crossed(regimes, measures))
        failing = next((p for p in in_time(steered) if tally.fails(p)), None)
        if failing is None and not over():
            # What Hypothesis draws depends on how gradproof is installed: it looks for constants
            # in sources that it takes for the user's. So these points are not counted.
            drawn = _Tally(search.judge)
            failing = _find(search, constants, lambda p: not over() and drawn.fails(p))
            tally.rounded = tally.rounded or drawn.rounded
    remarks = search.remarks(regimes[0])
    if failing is None:
        return _agreed(search.question, tally, remarks, perf_counter() - start)
    minimal = minimise_point(failing, holds, search.sizes)
    return Comparison(
        search.question,
        Outcome.DIFFERENT,
        0.0,
        tally.counts[Outcome.AGREES],
        point=minimal,
        verdict=search.judge(minimal),
        onset=_onset(minimal, regimes, search, holds),
        remarks=remarks,
        seconds=perf_counter() - start,
    )


def _mixed(regimes: Sequence[TwinPoint], random: Random) -> list[TwinPoint]:
    """Return points in an order for short time, so that all regimes have their turn.

    One class comes last: there most losses are constant, and most gradients agree by being 0.
    """
    return sorted(random.sample(list(regimes), len(regimes)), key=lambda point: point.n == 1)


def _onset(
    minimal: TwinPoint, regimes: Sequence[TwinPoint], search: Hunt, holds: Question
) -> TwinPoint | None:
    """Return where a difference starts as the logits grow, if it is not there from the start."""

    def later(point: TwinPoint) -> bool:
        return starts_later(point, holds)

    larger = sorted((p for p in regimes if p.n > minimal.n), key=lambda p: (p.n, -p.range))
    found = next((p for p in (minimal, *larger[:_ONSETS]) if later(p)), None)
    if found is None:
        return None
    sizes = tuple(s for s in search.sizes if s >= min(found.n, 2))
    return starting_point(minimise_point(found, later, sizes), holds)


def _agreed(question: str, tally: _Tally, remarks: tuple[str, ...], seconds: float) -> Comparison:
    counts = tally.counts
    agreed = counts[Outcome.AGREES] + counts[Outcome.ROUNDED]
    outcome = Outcome.AGREES if agreed else Outcome.UNDECIDED
    if not agreed and counts[Outcome.UNDEFINED] and not counts[Outcome.UNDECIDED]:
        outcome = Outcome.UNDEFINED
    point, verdict = (None, None)
    if tally.rounded is not None:
        outcome, (point, verdict) = Outcome.ROUNDED, tally.rounded
    return Comparison(
        question,
        outcome,
        tally.digits,
        agreed,
        counts[Outcome.SUBGRADIENT],
        counts[Outcome.UNDEFINED],
        counts[Outcome.UNDECIDED],
        point,
        verdict,
        remarks=remarks,
        seconds=seconds,
    )


def _constants(
    regimes: Sequence[TwinPoint],
    search: Hunt,
    random: Random,
    in_time: Callable[[Iterable[TwinPoint]], Iterator[TwinPoint]],
) -> list[Fraction]:
    found: dict[Fraction, str] = {}
    for point in in_time(random.sample(list(regimes), min(len(regimes), 12))):
        found |= search.watched(point)
    return list(found)


def _steered(
    regimes: Sequence[TwinPoint], constants: Sequence[Fraction], dtype: str
) -> Iterator[TwinPoint]:
    by_size: dict[int, TwinPoint] = {}
    for point in regimes:
        by_size.setdefault(point.n, point)
    bases = [p for n, p in by_size.items() if n <= 3] or list(by_size.values())[:1]
    return islice(steered_points(bases[-2:], constants, dtype), _STEERED)


def _crossed(regimes: Sequence[TwinPoint], measures: Sequence[Measure]) -> Iterator[TwinPoint]:
    """Yield points at crossings, from the first point of each size and label."""
    bases: dict[object, TwinPoint] = {}
    for point in regimes:
        fixed = [v for spec, v in zip(point.inputs, point.values, strict=True) if not spec.is_float]
        bases.setdefault((point.n, *fixed), point)
    return islice(crossing_points(measures, list(bases.values())[:_BASES]), _CROSSED)


def _until(over: Callable[[], bool], measure: Measure) -> Measure:
    """Return a measure that finds nothing any more once the time is over."""
    return lambda point, direction: {} if over() else measure(point, direction)


def _find(search: Hunt, constants: Sequence[Fraction], question: Question) -> TwinPoint | None:
    options = settings(
        max_examples=_DRAWN,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    near = [c for c in constants if abs(c) < 2**20]
    points = drawn_points(search.inputs, search.sizes, near)
    try:
        return find(points, question, settings=options, random=Random(search.seed))
    except (NoSuchExample, Unsatisfiable):
        return None
