"""The search for counterexamples: a quick draw, then Hypothesis; certified by Arb, simplified.

Guarantees: a counterexample returned is an exact point of the domain at which certified balls
exclude the statement; it was re-evaluated from its printed form, and mpmath agrees with the balls.
Points where the statement has no value are kept apart.
What it cannot see: a failure that no drawn point meets; finding nothing proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import cycle, islice
from random import Random
from time import perf_counter

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample, Unsatisfiable
from sympy import Integral

from ..numeric.point import Point
from ..symbolic.errors import PrecisionError, UndefinedValueError
from ..symbolic.vocabulary import n
from .failing import certify, fails_at, has_no_value, undefined_at
from .far_points import far_points
from .goals import Goal
from .kink_points import kink_points
from .minimise import fewer_classes, minimise
from .sampling import Domain, domain_of, patterned_domains
from .verdict import Counterexample, Evidence, Finding

METHOD = "counterexample search"
FEWER_TRIES = 40
_MANY = 8
"""Points of more classes are not made simpler value by value, which would take minutes."""
PATIENCE = 10
"""How many times the points are drawn again where no proof and no counterexample was found."""


@dataclass(frozen=True)
class SearchResult:
    """What the search found: a failing point, an undefined point, or neither."""

    evidence: Evidence
    counterexample: Counterexample | None = None


class _Watch:
    """The question put to Hypothesis at each point; remembers where there is no value."""

    def __init__(self, goal: Goal, *, undefined: bool) -> None:
        self.goal, self.undefined = goal, undefined
        self.tried = self.without_value = 0

    def __call__(self, point: Point) -> bool:
        self.tried += 1
        try:
            if self.undefined:
                return has_no_value(self.goal, point)
            return fails_at(self.goal, point)
        except UndefinedValueError:
            self.without_value += 1
            return False
        except PrecisionError:
            return False


def fails_quickly(goal: Goal, seed: int, tries: int = 15) -> bool:
    """Tell whether the goal fails or has no value at one of a few exact points."""
    watch = _Watch(goal, undefined=False)
    failing = _first_failing(goal, watch, seed, tries) is not None
    return failing or watch.without_value > 0


def search_counterexample(
    goal: Goal,
    *,
    seed: int,
    tries: int,
    digits: int,
    undefined_only: bool = False,
    thorough: bool = True,
) -> SearchResult:
    """Search the domain of a goal for the minimal point at which it fails, else has no value.

    Parameters
    ----------
    goal
        What must hold, and where.
    seed, tries
        Seed and number of points of the search.
    digits
        Certified digits of the figures of a counterexample.
    undefined_only
        Whether the goal is known to hold wherever it has a value.
    thorough
        Whether to draw many more points where none of the first fails, also far out.
    """
    start = perf_counter()
    domain = domain_of([goal.formula], goal.given)

    def found(finding: Finding, scope: str, detail: str) -> Evidence:
        return Evidence(METHOD, finding, scope, detail, None, perf_counter() - start)

    watch = _Watch(goal, undefined=undefined_only)
    patient = thorough and not _is_dear(goal)
    point = (
        _first_failing(goal, watch, seed, tries)
        or _find(domain, watch, seed, tries)
        or _first_failing(goal, watch, seed + 1, PATIENCE * tries if patient else 0)
    )
    if point is None and not watch.without_value:
        point = _at_kinks(goal, watch, seed)
    if thorough and point is None and not (undefined_only or watch.without_value):
        point = next((p for p in far_points(goal, seed) if watch(p)), None)
    point = _fewest_classes(domain, goal, point, watch, seed)
    if point is not None and not undefined_only:
        failing, alone = certify(goal, point, digits)
        detail = f"{failing.failing} is false at {point}.{alone}"
        return SearchResult(found(Finding.REFUTES, _place(point), detail), failing)
    if point is None and watch.without_value:
        watch = _Watch(goal, undefined=True)
        point = _find(domain, watch, seed, tries) or _at_kinks(goal, watch, seed)
        point = _fewest_classes(domain, goal, point, watch, seed)
    if point is not None:
        failing = undefined_at(goal, point)
        detail = f"The statement has no value at {point}: {failing.failing}."
        return SearchResult(found(Finding.UNDEFINED, _place(point), detail), failing)
    if not watch.tried:
        detail = "No point of the domain was met."
        return SearchResult(found(Finding.DID_NOT_RUN, "no points", detail))
    what = "point without a value" if undefined_only else "counterexample"
    detail = (
        f"No {what} was met at {watch.tried} exact points, which does not show that there is none."
    )
    return SearchResult(found(Finding.NOTHING, f"{watch.tried} points", detail))


def _at_kinks(goal: Goal, watch: _Watch, seed: int) -> Point | None:
    """Return a point asked for among those where branches meet, up to one without a value."""
    for point in kink_points(goal, seed):
        if watch(point):
            return point
        if not watch.undefined and has_no_value(goal, point):
            watch.without_value += 1
            return None
    return None


def _fewest_classes(
    domain: Domain, goal: Goal, point: Point | None, watch: _Watch, seed: int
) -> Point | None:
    """Return the simplest point found, looking for fewer classes: shrinking seldom drops one."""
    if point is None:
        return None
    low, _high = domain.sizes[n]
    if point[n] > _MANY:
        return fewer_classes(point, watch, low)
    for count in range(low, int(point[n])):
        fewer = replace(domain, sizes={**domain.sizes, n: (count, count)})
        smaller = _find(fewer, _Watch(goal, undefined=watch.undefined), seed, FEWER_TRIES)
        if smaller is not None:
            return minimise(smaller, watch)
    return minimise(fewer_classes(point, watch, low), watch)


def _place(point: Point) -> str:
    return f"one exact point, n = {point[n]}"


def _is_dear(goal: Goal) -> bool:
    """Tell whether a point of the goal takes seconds."""
    return bool(goal.formula.has(Integral))


def _first_failing(goal: Goal, watch: _Watch, seed: int, tries: int) -> Point | None:
    """Return the first failing point of a quick draw that meets every coincidence of classes."""
    random = Random(seed)
    domains = islice(cycle(patterned_domains(goal.formula, goal.given)), tries)
    for number, domain in enumerate(domains):
        # Two of three points go through the patterns, in which most of what is wrong fails.
        tour = None if number % 3 == 2 else number - number // 3
        point = domain.draw(random, tries=3, tour=tour)
        if point is not None and watch(point):
            return point
    return None


def _find(domain: Domain, watch: _Watch, seed: int, tries: int) -> Point | None:
    options = settings(
        max_examples=tries,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,  # one is enough, and shrinking may begin at once
        suppress_health_check=list(HealthCheck),
    )
    try:
        return find(domain.points(), watch, settings=options, random=Random(seed))
    except (NoSuchExample, Unsatisfiable):
        return None
