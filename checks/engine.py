"""The engine: from a claim to its verdict, by the rules of trust.

Guarantees: PROVED comes only from a deciding method (the normal form with its replay, or certified
evaluation of one instance); REFUTED only from an exact point that was re-evaluated from its printed
form; a method that did not run says so in the evidence.
The engine reads the statement, the assumptions and the point of a claim, and nothing else of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from sympy.logic.boolalg import Boolean

from ..numeric.point import Point
from ..symbolic.errors import UnsupportedError
from ..symbolic.printing import to_text
from .claim import Claim
from .goals import Goal, concrete, goals_of, scope_of
from .identity import METHOD as IDENTITY, IdentityResult, prove_identity
from .instance import SCOPE as INSTANCE_SCOPE, decide_instance
from .mutants import METHOD as MUTANTS, try_mutants
from .replay import METHOD as REPLAY, replay_identity
from .search import METHOD as SEARCH, SearchResult, search_counterexample
from .support import METHOD as SUPPORT, gather_support
from .verdict import Evidence, Finding, Outcome, Verdict


@dataclass(frozen=True)
class Settings:
    """How hard the engine tries.

    Attributes
    ----------
    seed
        Seed of every search; the same seed gives the same verdicts.
    tries
        Points that the search for a counterexample may draw.
    points
        Points at which numerical support is gathered.
    digits
        Certified digits of the figures beside a counterexample.
    """

    seed: int = 0
    tries: int = 60
    points: int = 30
    digits: int = 12


def prove(
    statement: Claim | Boolean | Iterable[Boolean],
    given: Iterable[Boolean] = (),
    *,
    at: Point | Mapping[Any, Any] | None = None,
    seed: int = 0,
    digits: int = 12,
) -> Verdict:
    """Return the verdict on a claim, or on a statement under assumptions.

    Parameters
    ----------
    statement
        A `Claim`, or one or several formulas.
    given
        Assumptions, where the statement is not a claim.
    at
        One exact point, where the statement is about a single instance.
    seed
        Seed of the searches.
    digits
        Certified digits of the figures beside a counterexample.

    Raises
    ------
    EngineConflict
        If two methods disagree: then there is no verdict.

    >>> from gradproof.symbolic import Eq, S, class_sum
    >>> prove(Eq(class_sum(lambda j: S(j)), 1)).outcome.name
    'PROVED'
    """
    if not isinstance(statement, Claim):
        statement = Claim("statement", statement, given=given, at=at)
    return decide_claim(statement, Settings(seed=seed, digits=digits))


def decide_claim(claim: Claim, settings: Settings) -> Verdict:
    """Return the verdict on one claim."""
    start = perf_counter()
    goals = goals_of(claim.statement, claim.given)
    if claim.at is not None:
        verdict = _instance(goals, claim.at, settings)
    else:
        verdict = _general(goals, claim, settings)
    return replace(verdict, seconds=perf_counter() - start)


def _instance(goals: list[Goal], at: Point, settings: Settings) -> Verdict:
    evidence, where = decide_instance(goals, at, settings.digits)
    outcome = {
        Finding.PROVES: Outcome.PROVED,
        Finding.REFUTES: Outcome.REFUTED,
        Finding.UNDEFINED: Outcome.UNDEFINED,
    }.get(evidence.finding, Outcome.UNDECIDED)
    reason = "" if outcome is Outcome.PROVED else evidence.detail
    return Verdict(outcome, INSTANCE_SCOPE, evidence.method, (evidence,), where, reason)


def _general(goals: list[Goal], claim: Claim, settings: Settings) -> Verdict:
    scope = scope_of(claim.statement, claim.given)
    results = [prove_identity(goal) for goal in goals]
    evidence = tuple(result.evidence for result in results)
    proved = [concrete(g) for g, r in zip(goals, results, strict=True) if r.proved]
    replays = tuple(_attempt(REPLAY, replay_identity, goal, settings.seed) for goal in proved)
    evidence += replays
    if len(proved) == len(goals):
        twins = tuple(_attempt(MUTANTS, try_mutants, goal, settings.seed) for goal in proved)
        evidence += twins
        if all(e.finding is not Finding.DID_NOT_RUN for e in (*replays, *twins)):
            return Verdict(Outcome.PROVED, scope, IDENTITY, evidence)
    # What is proved needs no search; what is equal where it has a value may still lack one.
    left = [(concrete(g), r.equal) for g, r in zip(goals, results, strict=True) if not r.proved]
    share = max(settings.tries // max(len(left), 1), 30)
    for goal, equal in left:
        found = _attempt_search(goal, settings, share, undefined_only=equal)
        evidence += (found.evidence,)
        if found.counterexample is not None:
            return _from_search(found, evidence)
    missing = _missing(results)
    if missing or not left:
        return Verdict(Outcome.UNDECIDED, scope, "", evidence, None, missing or _no_points())
    supported = [
        _attempt(SUPPORT, gather_support, g, seed=settings.seed, points=settings.points)
        for g, _ in left
    ]
    evidence += tuple(supported)
    if all(one.finding is Finding.SUPPORTS for one in supported):
        least = min(supported, key=lambda one: int(one.scope.split()[0]))
        return Verdict(Outcome.SUPPORTED, least.scope, least.method, evidence, None, _why(evidence))
    return Verdict(Outcome.UNDECIDED, scope, "", evidence, None, _why(evidence))


def _attempt(name: str, method: Callable[..., Evidence], *args: Any, **options: Any) -> Evidence:
    """Return what a method finds; one that cannot treat the formula says so."""
    try:
        return method(*args, **options)
    except UnsupportedError as error:
        return Evidence(name, Finding.DID_NOT_RUN, "nothing", f"{error}.")


def _attempt_search(
    goal: Goal, settings: Settings, tries: int, *, undefined_only: bool
) -> SearchResult:
    try:
        return search_counterexample(
            goal,
            seed=settings.seed,
            tries=tries,
            digits=settings.digits,
            undefined_only=undefined_only,
        )
    except UnsupportedError as error:
        return SearchResult(Evidence(SEARCH, Finding.DID_NOT_RUN, "nothing", f"{error}."))


def _from_search(found: SearchResult, evidence: tuple[Evidence, ...]) -> Verdict:
    one = found.evidence
    outcome = Outcome.REFUTED if one.finding is Finding.REFUTES else Outcome.UNDEFINED
    return Verdict(outcome, one.scope, one.method, evidence, found.counterexample, one.detail)


def _missing(results: list[IdentityResult]) -> str:
    """Return the condition that keeps an equation from being proved, as a sentence."""
    conditions = [c for result in results for c in result.missing]
    if not conditions:
        return ""
    return (
        "The equation holds wherever both sides have a value; "
        f"add the assumption {to_text(conditions[0].shown)}, which was not shown everywhere."
    )


def _no_points() -> str:
    return "The proof could not be replayed: no point of the domain was met."


def _why(evidence: Iterable[Evidence]) -> str:
    unspoken = (Finding.PROVES, Finding.DID_NOT_RUN)
    spoken = [e.detail for e in evidence if e.finding not in unspoken]
    silent = [e.detail for e in evidence if e.finding is Finding.DID_NOT_RUN]
    return " ".join(dict.fromkeys(spoken or silent))
