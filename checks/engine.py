"""The engine: from a claim to its verdict, by the rules of trust.

Guarantees: PROVED comes only from a deciding method (the normal form with its replay, or certified
evaluation of one instance); REFUTED only from an exact point that was re-evaluated from its printed
form; a method that did not run says so in the evidence.
The engine reads the statement, the assumptions and the point of a claim, and nothing else of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from sympy import Le
from sympy.logic.boolalg import Boolean

from ..numeric.point import Point
from ..symbolic.existence import Exists
from ..symbolic.network import Backpropagation
from ..symbolic.vocabulary import n
from .claim import Claim
from .goals import Goal, concrete, goals_of, scope_of
from .instance import SCOPE as INSTANCE_SCOPE, decide_instance
from .judging import attempt, judge, proves
from .mutants import METHOD as MUTANTS, QUICK, try_mutants
from .search import SearchResult
from .special import decide_special, is_special
from .support import METHOD as SUPPORT, gather_support
from .taylor import confirm_derivatives
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
    alone = () if outcome is Outcome.UNDEFINED else confirm_derivatives(goals, at)
    return Verdict(outcome, INSTANCE_SCOPE, evidence.method, (evidence, *alone), where, reason)


def _general(goals: list[Goal], claim: Claim, settings: Settings) -> Verdict:
    plain = [goal for goal in goals if not is_special(goal.formula)]
    special = [goal for goal in goals if is_special(goal.formula)]
    decided = [decide_special(goal, settings.seed) for goal in special]
    evidence = tuple(one for one, _ in decided)
    for one, where in decided:
        if one.finding in _SETTLED:
            return Verdict(
                _SETTLED[one.finding], one.scope, one.method, evidence, where, one.detail
            )
    judged = judge(plain, settings)
    evidence += judged.evidence
    if judged.counterexample is not None:
        return _from_search(judged.counterexample, evidence)
    open_ones = [one for one in (e for e, _ in decided) if one.finding is not Finding.PROVES]
    scope = _scope(claim, plain, [e for e, _ in decided], judged.highest)
    if judged.proved and not open_ones:
        twins = _twins(goals, settings)
        methods = dict.fromkeys([*judged.methods, *(e.method for e, _ in decided)])
        proof = Verdict(Outcome.PROVED, scope, ", ".join(methods), evidence + twins)
        return proof if judged.highest is None else _partial(proof, judged.highest)
    if judged.missing or open_ones or not judged.left:
        reason = judged.missing or _why(open_ones) or _no_points()
        return Verdict(Outcome.UNDECIDED, scope, "", evidence, None, reason)
    supported = tuple(
        attempt(SUPPORT, gather_support, g, seed=settings.seed, points=settings.points)
        for g in judged.left
    )
    evidence += supported
    if all(one.finding is Finding.SUPPORTS for one in supported):
        least = min(supported, key=lambda one: int(one.scope.split()[0]))
        return Verdict(Outcome.SUPPORTED, least.scope, least.method, evidence, None, _why(evidence))
    return Verdict(Outcome.UNDECIDED, scope, "", evidence, None, _why(evidence))


_SETTLED = {Finding.REFUTES: Outcome.REFUTED, Finding.UNDEFINED: Outcome.UNDEFINED}


def _scope(
    claim: Claim, plain: list[Goal], special: Iterable[Evidence], highest: int | None
) -> str:
    """Return the scope of all goals together, for at most `highest` classes if that is a number."""
    limited = () if highest is None else (Le(n, highest, evaluate=False),)
    scopes = [scope_of(claim.statement, (*claim.given, *limited))] if plain else []
    return "; ".join(dict.fromkeys([*scopes, *(e.scope for e in special)]))


def _partial(proof: Verdict, highest: int) -> Verdict:
    """Return a proof that reaches fewer numbers of classes than the claim is about."""
    reason = (
        f"The proof reaches up to n = {highest}, and the claim is about more; if it is meant for "
        f"these n, add the assumption n <= {highest}."
    )
    return replace(proof, partial=True, reason=reason)


def _twins(goals: list[Goal], settings: Settings) -> tuple[Evidence, ...]:
    """Try the wrong twins of proved goals; existence and networks have controls of their own."""
    own = [g for g in goals if not g.formula.has(Exists, Backpropagation)]
    effort = QUICK.shared(len(own))
    found = []
    for goal in own:
        options = {"settle": lambda g: decide_special(g, settings.seed)[0].finding}
        found.append(
            attempt(
                MUTANTS,
                try_mutants,
                concrete(goal),
                settings.seed,
                proves,
                effort=effort,
                **options,
            )
        )
    return tuple(found)


def _from_search(found: SearchResult, evidence: tuple[Evidence, ...]) -> Verdict:
    one = found.evidence
    outcome = Outcome.REFUTED if one.finding is Finding.REFUTES else Outcome.UNDEFINED
    return Verdict(outcome, one.scope, one.method, evidence, found.counterexample, one.detail)


def _no_points() -> str:
    return "The proof could not be replayed: no point of the domain was met."


def _why(evidence: Iterable[Evidence]) -> str:
    unspoken = (Finding.PROVES, Finding.DID_NOT_RUN)
    spoken = [e.detail for e in evidence if e.finding not in unspoken]
    silent = [e.detail for e in evidence if e.finding is Finding.DID_NOT_RUN]
    return " ".join(dict.fromkeys(spoken or silent))
