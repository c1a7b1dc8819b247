"""Plain goals, from the cheapest method to the dearest: which are proved, refuted or left.

Guarantees: a goal counts as proved only by the normal form with its replay, or by sign certificates
that the separate checker accepted, and only if a point of its domain was met at which it holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Eq

from ..symbolic.cases import size_bounds
from ..symbolic.errors import UnsupportedError
from ..symbolic.printing import to_text
from ..symbolic.vocabulary import n
from .branch_identity import applies, prove_by_branches
from .goals import Goal, concrete
from .identity import METHOD as IDENTITY, IdentityResult, prove_identity
from .inequality.prover import METHOD as SIGNS, prove_defined, prove_inequality
from .inequality.sizes import prove_some_sizes
from .inequality.solvers import available
from .inequality.work import CONTROL
from .replay import METHOD as REPLAY, replay_identity
from .search import METHOD as SEARCH, SearchResult, fails_quickly, search_counterexample
from .support import METHOD as SUPPORT, gather_support
from .verdict import Evidence, Finding

QUESTIONS = 3
"""Polynomial questions of a goal that solvers are asked."""

CONFIRMING_POINTS = 8
"""Exact points at which a goal that certificates prove must hold as well."""


@dataclass
class Judgement:
    """What the methods found of the plain goals of a claim.

    `highest` is the largest number of classes that the proofs reach, None for all.
    """

    evidence: tuple[Evidence, ...] = ()
    methods: tuple[str, ...] = ()
    left: list[Goal] = field(default_factory=list)
    missing: str = ""
    counterexample: SearchResult | None = None
    unmet: bool = False
    highest: int | None = None

    @property
    def proved(self) -> bool:
        """Whether all goals are proved."""
        return not self.left and not self.missing and not self.unmet


def proves(goal: Goal) -> bool:
    """Tell whether the normal form or, with little work, sign certificates prove a goal."""
    if isinstance(goal.formula, Eq):
        return _identity(goal).proved
    return prove_inequality(goal, CONTROL).finding is Finding.PROVES


def _identity(goal: Goal) -> IdentityResult:
    """Return what the normal form finds of a goal, in every way its branches can lie if need be."""
    plain = prove_identity(goal)
    if plain.proved or not applies(goal):
        return plain
    by_branches = prove_by_branches(goal)
    return IdentityResult(by_branches) if by_branches.finding is Finding.PROVES else plain


def attempt(name: str, method: Callable[..., Evidence], *args: Any, **options: Any) -> Evidence:
    """Return what a method finds; one that cannot treat the formula says so."""
    try:
        return method(*args, **options)
    except UnsupportedError as error:
        return Evidence(name, Finding.DID_NOT_RUN, "nothing", f"{error}.")


def judge(goals: list[Goal], settings: Any) -> Judgement:
    """Decide plain goals; the first counterexample ends it."""
    result = Judgement()
    identities = [(goal, _identity(goal)) for goal in goals]
    for goal, identity in identities:
        result.evidence += (identity.evidence,)
        if identity.proved:
            _replay(result, goal, settings)
    share = max(settings.tries // max(sum(not r.proved for _, r in identities), 1), 30)
    for goal, identity in identities:
        if not identity.proved and result.counterexample is None:
            _judge_one(result, goal, identity, settings, share)
    return result


def _replay(result: Judgement, goal: Goal, settings: Any) -> None:
    replay = attempt(REPLAY, replay_identity, concrete(goal), settings.seed)
    result.evidence += (replay,)
    result.methods = (*result.methods, IDENTITY)
    result.unmet |= replay.finding is Finding.DID_NOT_RUN


def _judge_one(
    result: Judgement, goal: Goal, identity: IdentityResult, settings: Any, tries: int
) -> None:
    """Refute by a quick draw, else prove, else search in earnest."""
    plain = concrete(goal)
    quick = _quickly(plain, settings.seed)
    if not quick and _proved(result, goal, identity, settings):
        return
    found = _search(plain, settings, tries, undefined_only=identity.equal)
    result.evidence += (found.evidence,)
    if found.counterexample is not None:
        result.counterexample = found
        return
    if not quick and not identity.equal and _otherwise(result, goal, settings):
        return
    result.left.append(plain)
    if identity.missing and not result.missing:
        result.missing = (
            "The equation holds wherever both sides have a value; add the assumption "
            f"{to_text(identity.missing[0].shown)}, which was not shown everywhere."
        )


def _proved(result: Judgement, goal: Goal, identity: IdentityResult, settings: Any) -> bool:
    """Try sign certificates; where the sides are equal, only for that they have a value."""
    evidence = prove_defined(goal) if identity.equal else prove_inequality(goal)
    result.evidence += (evidence,)
    if evidence.finding is not Finding.PROVES:
        return False
    if identity.equal:
        _replay(result, goal, settings)
        result.methods = (*result.methods, SIGNS)
        return True
    return _confirmed(result, goal, settings)


def _confirmed(result: Judgement, goal: Goal, settings: Any) -> bool:
    """Check what certificates prove at exact points of the domain, of which there must be one."""
    points = attempt(
        SUPPORT, gather_support, concrete(goal), seed=settings.seed, points=CONFIRMING_POINTS
    )
    if points.finding is not Finding.SUPPORTS:
        result.evidence += (points,)
        return False
    confirmed = Evidence(SUPPORT, Finding.CONFIRMS, points.scope, points.detail)
    result.evidence += (confirmed,)
    result.methods = (*result.methods, SIGNS)
    return True


def _otherwise(result: Judgement, goal: Goal, settings: Any) -> bool:
    """Try some numbers of classes, then the solvers if they are installed."""
    highest, found = prove_some_sizes(goal)
    if highest is not None:
        result.evidence += (found,)
        if highest != size_bounds(goal.given, n)[1]:
            result.highest = min(highest, result.highest or highest)
        return _confirmed(result, goal, settings)
    if not available():
        return False
    asked = prove_inequality(goal, solvers=QUESTIONS)
    result.evidence += (replace(asked, method=f"{SIGNS} with z3 and cvc5"),)
    return asked.finding is Finding.PROVES and _confirmed(result, goal, settings)


def _quickly(goal: Goal, seed: int) -> bool:
    """Tell whether a quick draw meets a point at which the goal fails or has no value."""
    try:
        return fails_quickly(goal, seed)
    except UnsupportedError:
        return False


def _search(goal: Goal, settings: Any, tries: int, *, undefined_only: bool) -> SearchResult:
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
