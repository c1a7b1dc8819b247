"""The limit prover: limits and rates for every number of classes, by growth.

Guarantees: PROVES only if in every case of coinciding classes, with no class beside the named ones
and with any number of further ones, each limit in the goal is derived by the exact calculus of
growth, the expression has a value for all large t, and the relation holds for the limits; each
derived limit was then compared with certified values along the path at exact points.
REFUTES only with a derived limit and an exact point at which the relation is certified to fail; a
goal that stays open in general is tried at such points, where its limits are those of one variable.
What it cannot see: limits that need integrals along the path, or the sign of a coefficient that the
sign rules do not find.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from time import perf_counter
from typing import Any

from ...numeric.point import Point
from ...symbolic.cases import cases_of
from ...symbolic.errors import UndefinedValueError, UnsupportedError
from ...symbolic.growth import Effort, UnresolvedError
from ...symbolic.limits import LimitTerm
from ...symbolic.printing import to_text
from ...symbolic.remaining import divisions
from ...symbolic.vocabulary import n
from ..goals import Goal, concrete, scope_of
from ..verdict import Counterexample, Evidence, Finding
from .certificate import certificate, held_fixed, refutation
from .decision import SHOWN_BY, Decided, check_sides, decide_cases, fails_at, limits_in, parts_of
from .pinned import decide_at
from .points import points_of, walk

METHOD = "growth"

_POINTS = 4
"""How many points of each case a limit is walked at."""

_POINTS_IN_DOUBT = 12
"""How many where the relation is not shown for the limit."""

_TRIED = (12, 6)
"""How many patterned and how many other points of each case an open goal is tried at."""


@dataclass(frozen=True)
class LimitResult:
    """What the prover found for one goal: the evidence, and the point that settles it otherwise.

    The point is exact; at it the derived limits fail the relation, or an expression has no value
    however far its variable has gone.
    """

    evidence: Evidence
    counterexample: Counterexample | None = None


def applies(goal: Goal) -> bool:
    """Tell whether a goal is about limits."""
    return bool(goal.formula.has(LimitTerm))


def prove_limit(goal: Goal, seed: int) -> Evidence:
    """Return what the growth of both sides says of a goal; see `decide_limit`."""
    return decide_limit(goal, seed).evidence


def decide_limit(goal: Goal, seed: int) -> LimitResult:
    """Decide a relation between limits and class-sum expressions for every number of classes.

    Parameters
    ----------
    goal
        ``Eq``, ``Ne``, ``Le``, ``Lt``, ``Ge`` or ``Gt`` of two sides, each a limit (which may be
        stated to be ``oo`` or ``-oo``) or an expression that holds finite limits.
        Assumptions on the variable of a limit must hold all the way.
    seed
        Seed of the exact points at which the result is checked.

    Raises
    ------
    EngineConflict
        If certified values along the path contradict a derived limit.
    """
    judge = _Judge(goal)
    problem = _problem(goal)
    if problem:
        return judge.found(Finding.DID_NOT_RUN, problem)
    try:
        cases = list(decide_cases(goal, Effort()))
        result = judge.judge(cases, Random(seed))
    except UnresolvedError as error:
        result = judge.found(Finding.NOTHING, f"{error}.")
    except (UnsupportedError, ZeroDivisionError) as error:
        result = judge.found(Finding.DID_NOT_RUN, f"{error}.")
    if result.evidence.finding in _OPEN:
        return judge.at_points(result, Random(seed))
    return result


_OPEN = (Finding.NOTHING, Finding.DID_NOT_RUN)


def _problem(goal: Goal) -> str:
    """Return why a goal cannot be treated, or nothing."""
    if type(goal.formula) not in SHOWN_BY or not applies(goal):
        return "The goal is no relation between limits."
    if any(fact.has(LimitTerm) for fact in goal.given):
        return "An assumption holds a limit."
    if any(term.body.has(LimitTerm) for term in limits_in(goal)):
        return "A limit holds another limit."
    return ""


def _some_points(goal: Goal, random: Random) -> Iterator[Point]:
    """Yield points of every case, those of few classes first."""
    parts = parts_of(goal)
    for patterned, count in zip((True, False), _TRIED, strict=True):
        for case in cases_of(parts, goal.given):
            for division in divisions(case):
                yield from points_of(
                    division, parts, goal.given, random, count, patterned=patterned
                )


class _Judge:
    """Compares the derived limits with points, and makes the evidence."""

    def __init__(self, goal: Goal) -> None:
        self._goal, self._start, self._met = goal, perf_counter(), 0
        self._scope = scope_of([goal.formula], goal.given)

    def found(
        self, finding: Finding, detail: str, data: Any = None, point: Counterexample | None = None
    ) -> LimitResult:
        """Return a result."""
        seconds = perf_counter() - self._start
        scope = f"one exact point, n = {point.point[n]}" if point is not None else self._scope
        return LimitResult(Evidence(METHOD, finding, scope, detail, data, seconds), point)

    def judge(self, cases: list[Decided], random: Random) -> LimitResult:
        """Return what the cases say, each compared with exact points."""
        for case in cases:
            open_relation = bool(case.limits) and not case.holds
            count = _POINTS_IN_DOUBT if open_relation else _POINTS
            for point in points_of(
                case.division, parts_of(self._goal), self._goal.given, random, count
            ):
                result = self._at(case, point)
                if result is not None:
                    return result
        return self._summary(cases)

    def _at(self, case: Decided, point: Point) -> LimitResult | None:
        """Walk the limits of a case at a point; return a result if that settles the goal."""
        if case.without_value:
            fixed = held_fixed(self._goal, point)
            detail = f"The statement has no value at {fixed}: {case.problem}"
            failing = to_text(self._goal.formula)
            return self.found(Finding.UNDEFINED, detail, None, Counterexample(fixed, failing, ()))
        if case.limits:
            check_sides(self._goal, case, point)
        walks = [walk(term, f.value, case.division, point) for term, f in case.limits.items()]
        case.walks.extend(one for one in walks if one is not None)
        complete = bool(walks) and all(one is not None for one in walks)
        self._met += complete
        if not complete or case.holds or not fails_at(self._goal, case, point):
            return None
        counterexample, detail = refutation(self._goal, case, point)
        return self.found(Finding.REFUTES, detail, certificate([case]), counterexample)

    def at_points(self, result: LimitResult, random: Random) -> LimitResult:
        """Return what exact points say of a goal that is open for all of them, else `result`."""
        goal, without = concrete(self._goal), None
        for point in _some_points(goal, random):
            try:
                case = decide_at(goal, point)
            except UndefinedValueError as error:
                without = without or (point, error)
                continue
            if case is not None and not case.holds:
                counterexample, detail = refutation(goal, case, point)
                return self.found(Finding.REFUTES, detail, certificate([case]), counterexample)
        if without is None:
            return result
        fixed = held_fixed(goal, without[0])
        detail = f"The statement has no value at {fixed}: {without[1]}."
        nowhere = Counterexample(fixed, to_text(goal.formula), ())
        return self.found(Finding.UNDEFINED, detail, None, nowhere)

    def _summary(self, cases: list[Decided]) -> LimitResult:
        if not cases:
            return self.found(Finding.NOTHING, "The assumptions leave no case.")
        problem = next((case for case in cases if case.problem), None)
        if problem is not None:
            where = f"In the case {problem.division.label}: " if len(cases) > 1 else ""
            return self.found(Finding.NOTHING, where + problem.problem, certificate(cases) or None)
        unmet = next((case for case in cases if not case.walks), None)
        if unmet is not None:
            where = f" in the case {unmet.division.label}" if len(cases) > 1 else ""
            detail = f"The limit was derived, but no point was met at which to check it{where}."
            return self.found(Finding.NOTHING, detail)
        where = f" in each of {len(cases)} cases of coinciding and further classes"
        detail = (
            f"The limit follows from leading terms{where if len(cases) > 1 else ''}; certified "
            f"values along the path agreed at {self._met} exact points."
        )
        return self.found(Finding.PROVES, detail, certificate(cases))
