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
from mpmath import mp, mpf
from sympy import Implies
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from ..numeric import decide, enclose, evaluate, reference
from ..numeric.point import Point
from ..symbolic.domain import conditions
from ..symbolic.errors import (
    EngineConflict,
    GradproofError,
    PrecisionError,
    UndefinedValueError,
    UnsupportedError,
)
from ..symbolic.printing import to_text
from ..symbolic.vocabulary import n
from .exact import exact_zero
from .explicit import classes_of, symbols_of, written_out
from .goals import Goal, admits, instances, ties_matter
from .minimise import minimise
from .sampling import Domain, domain_of, patterned_domains
from .verdict import Counterexample, Evidence, Finding

METHOD = "counterexample search"
QUICK_BITS = 192
FEWER_TRIES = 40
UNCONFIRMED = " Explicit classes in mpmath were not able to confirm it."
FULL_BITS = 8192


@dataclass(frozen=True)
class SearchResult:
    """What the search found: a failing point, an undefined point, or neither."""

    evidence: Evidence
    counterexample: Counterexample | None = None


def fails_at(goal: Goal, point: Point, max_bits: int = QUICK_BITS) -> bool:
    """Tell whether the goal is certified to fail at a point of its domain."""
    if not admits(goal.given, point):
        return False
    hook = exact_zero if ties_matter(goal.formula) else None
    bits = max(max_bits, 1024) if hook else max_bits
    return decide(goal.formula, point, max_bits=bits, exact_zero=hook) is False


class _Watch:
    """The question put to Hypothesis at each point; remembers where there is no value."""

    def __init__(self, goal: Goal, *, undefined: bool) -> None:
        self.goal, self.undefined = goal, undefined
        self.tried = self.without_value = 0

    def __call__(self, point: Point) -> bool:
        self.tried += 1
        try:
            return fails_at(self.goal, point) and not self.undefined
        except UndefinedValueError:
            self.without_value += 1
            return self.undefined
        except PrecisionError:
            return False


def fails_quickly(goal: Goal, seed: int, tries: int = 15) -> bool:
    """Tell whether the goal fails or has no value at one of a few exact points."""
    watch = _Watch(goal, undefined=False)
    failing = _first_failing(goal, watch, seed, tries) is not None
    return failing or watch.without_value > 0


def search_counterexample(
    goal: Goal, *, seed: int, tries: int, digits: int, undefined_only: bool = False
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
    """
    start = perf_counter()
    domain = domain_of([goal.formula], goal.given)

    def found(finding: Finding, scope: str, detail: str) -> Evidence:
        return Evidence(METHOD, finding, scope, detail, None, perf_counter() - start)

    watch = _Watch(goal, undefined=undefined_only)
    point = _first_failing(goal, watch, seed, tries) or _find(domain, watch, seed, tries)
    point = _fewest_classes(domain, goal, point, watch, seed)
    if point is not None and not undefined_only:
        failing, alone = certify(goal, point, digits)
        detail = f"{failing.failing} is false at {point}.{alone}"
        return SearchResult(found(Finding.REFUTES, _place(point), detail), failing)
    if point is None and watch.without_value:
        watch = _Watch(goal, undefined=True)
        point = _fewest_classes(domain, goal, _find(domain, watch, seed, tries), watch, seed)
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


def _fewest_classes(
    domain: Domain, goal: Goal, point: Point | None, watch: _Watch, seed: int
) -> Point | None:
    """Return the simplest point found, looking for fewer classes: shrinking seldom drops one."""
    if point is None:
        return None
    low, _high = domain.sizes[n]
    for count in range(low, int(point[n])):
        fewer = replace(domain, sizes={**domain.sizes, n: (count, count)})
        smaller = _find(fewer, _Watch(goal, undefined=watch.undefined), seed, FEWER_TRIES)
        if smaller is not None:
            return minimise(smaller, watch)
    return minimise(point, watch)


def _place(point: Point) -> str:
    return f"one exact point, n = {point[n]}"


def _first_failing(goal: Goal, watch: _Watch, seed: int, tries: int) -> Point | None:
    """Return the first failing point of a quick draw that meets every coincidence of classes."""
    random = Random(seed)
    for domain in islice(cycle(patterned_domains(goal.formula, goal.given)), tries):
        point = domain.draw(random, tries=3)
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


def certify(goal: Goal, point: Point, digits: int) -> tuple[Counterexample, str]:
    """Re-evaluate a counterexample from its printed form and return it with certified figures.

    The text returned says so where explicit classes could not be asked to confirm it.

    Raises
    ------
    EngineConflict
        If the point does not refute the goal when read back, or explicit classes disagree.
    """
    again = Point.from_json(point.to_json(), list(point))
    if not fails_at(goal, again, FULL_BITS):
        raise EngineConflict(
            "a counterexample fails again when it is read from its printed form",
            found=str(point),
            remedy="report this: the search or the printing of points is wrong",
        )
    parts = _relations(goal.formula)
    failing = next((r for r in parts if fails_at(Goal(r, ()), again, FULL_BITS)), None)
    shown = failing if failing is not None else goal.formula
    alone = "" if confirm_by_explicit_classes(shown, again) else UNCONFIRMED
    return Counterexample(again, to_text(shown), figures_at(shown, again, digits)), alone


def _relations(formula: Boolean) -> list[Relational]:
    if isinstance(formula, Relational):
        return [formula]
    if isinstance(formula, Implies):
        return _relations(formula.args[1])
    return []


def figures_at(formula: Boolean, point: Point, digits: int) -> tuple[tuple[str, str], ...]:
    """Return the certified values of the two sides of a relation."""
    if not isinstance(formula, Relational):
        return ()
    found = []
    for name, side in (("left side", formula.lhs), ("right side", formula.rhs)):
        try:
            found.append((name, enclose(side, point, digits=digits).text(digits)))
        except PrecisionError:
            zero = exact_zero(side, point) is True
            found.append((name, "0" if zero else "0 as far as certified"))
    return tuple(found)


def confirm_by_explicit_classes(formula: Boolean, point: Point) -> bool:
    """Check both sides by explicit classes, SymPy's plain derivative and mpmath's numbers.

    Returns False where that cannot be done: for what is no relation, or not supported there.

    Raises
    ------
    EngineConflict
        If the two evaluations of a side differ.
    """
    if not isinstance(formula, Relational):
        return False
    classes, values = classes_of(point), symbols_of(point)
    for side in formula.args:
        try:
            expected = reference(written_out(side, classes), values, digits=50)
        except UnsupportedError:
            return False
        found = evaluate(side, point, 256)
        with mp.workdps(60):
            error = abs(expected - mpf(found.mid().str(60, radius=False)))
            close = error <= mpf(10) ** -40 * max(1, abs(expected))
        if not close:
            raise EngineConflict(
                "explicit classes agree with certified balls",
                found=f"{expected} against {found} for {to_text(side)} at {point}",
                remedy="report this: one of the two evaluations is wrong",
            )
    return True


def undefined_at(goal: Goal, point: Point) -> Counterexample:
    """Return the point at which a statement has no value, and what is undefined there."""
    try:
        fails_at(goal, point)
    except UndefinedValueError as error:
        what = broken_condition(goal.formula, point) or f"{error.invariant}: {error.found}"
        return Counterexample(point, what, ())
    raise EngineConflict(
        "an undefined point is undefined again when it is re-evaluated",
        found=str(point),
        remedy="report this: the search is wrong",
    )


def broken_condition(formula: Boolean, point: Point) -> str:
    """Return in words the condition of definedness that fails at a point, or nothing."""
    for condition in conditions(formula):
        for place in instances([Goal(condition.shown, ())], point):
            try:
                holds = decide(condition.shown, place, max_bits=1024, exact_zero=exact_zero)
            except GradproofError:
                continue
            if holds is False:
                return f"{_NEEDS[condition.reason]} {to_text(condition.shown)}, which fails there"
    return ""


_NEEDS = {
    "logarithm": "a logarithm needs",
    "division": "a division needs",
    "root": "a root needs",
    "power": "a power needs",
    "kink": "a derivative needs",
}
