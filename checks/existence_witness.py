"""Existence statements proved by a witness: an exact point, or exact constants.

Guarantees: an exact point was certified and re-evaluated from its printed form; for constants, what
is left after they are put in is proved for everything else, by the normal form or by certificates
that the separate checker accepts, and it holds at exact points of its domain.
What it cannot see: witnesses that are no small rational numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, product
from random import Random
from typing import Any

from sympy import Add, Basic, Eq, Expr, IndexedBase, Integer, Not, Rational, Sum, sympify
from sympy.logic.boolalg import Boolean, BooleanAtom

from ..numeric.point import Point
from ..symbolic.cases import SIZES, size_bounds
from ..symbolic.class_sums import substitute_family
from ..symbolic.domain import undischarged
from ..symbolic.errors import EngineConflict, GradproofError, UnsupportedError
from ..symbolic.normal_form import prepare
from ..symbolic.universal import replace_in
from ..symbolic.vocabulary import delta, n
from .existence_question import Question, holds_at, mapped
from .goals import Goal, concrete, goals_of
from .identity import prove_identity
from .inequality.prover import negation, prove_inequality
from .replay import replay_identity
from .sampling import domain_of
from .search import SearchResult, fails_quickly, search_counterexample
from .verdict import Evidence, Finding

VALUES = tuple(Rational(a) for a in ("1", "2", "1/2", "4", "1/4", "0", "-1", "3", "10", "1/10"))
"""Values tried for a chosen scalar, in turn."""
ATTEMPTS = 3
"""How many candidates that no quick point contradicts are handed to the provers."""
CANDIDATES = 60
"""How many candidates are screened by quick points."""
SIZES_TRIED = 4
"""Numbers of classes tried where one may be chosen."""
CONFIRMING = 6
"""Exact points at which what was proved must hold as well."""


# -- all variables chosen --------------------------------------------------------------------------


def witness_point(question: Question, seed: int, *, tries: int) -> SearchResult:
    """Search for an exact point at which the formula holds: one at which its negation fails."""
    goal = Goal(opposite(question.formula), question.given)
    return search_counterexample(goal, seed=seed, tries=tries, digits=12)


def met_quickly(question: Question, seed: int) -> bool:
    """Tell whether a few exact points show the formula, or have no value for it."""
    return fails_quickly(Goal(opposite(question.formula), question.given), seed, tries=40)


def opposite(formula: Boolean) -> Boolean:
    """Return the negation of a formula, a relation where it is one."""
    turned = negation(formula)
    return Not(formula, evaluate=False) if turned is None else turned


# -- constants for all the rest --------------------------------------------------------------------


def witness_constants(question: Question, seed: int) -> tuple[dict[str, str], list[Evidence]]:
    """Return exact values of the chosen variables with the proofs that they serve; else nothing."""
    attempts = 0
    for values in islice(_candidates(question), CANDIDATES):
        goals = _remaining(question, values)
        if goals is None or any(_contradicted(goal, seed) for goal in goals):
            continue
        proofs = _proofs(goals, seed)
        if proofs is not None:
            return {str(a): _spelled(v) for a, v in values.items()}, proofs
        attempts += 1
        if attempts == ATTEMPTS:
            break
    return {}, []


def _spelled(value: Any) -> str:
    return f"({', '.join(map(str, value))})" if isinstance(value, tuple) else str(value)


def _candidates(question: Question) -> Iterator[dict[Any, Any]]:
    """Yield values of the chosen variables that obey the facts on the choice."""
    for sizes in product(*(_sizes(question, s) for s in question.names if s in SIZES)):
        fixed = dict(zip((s for s in question.names if s in SIZES), sizes, strict=True))
        names = [a for a in question.names if a not in SIZES]
        ranges = [range(1, _classes(question, fixed, a) + 1) for a in names]
        members = [_members(_count(question, fixed, base)) for base in question.families]
        constants = [VALUES] * len(question.scalars)
        keys = (*names, *question.families, *question.scalars)
        # The last one runs fastest, so that small candidates of all come first.
        for values in product(*ranges, *members, *constants):
            found = {**fixed, **dict(zip(keys, values, strict=True))}
            if _admitted(question, found):
                yield found


def _sizes(question: Question, size: Expr) -> range:
    low, high = size_bounds(question.given, size)
    return range(low, min(high or low + SIZES_TRIED - 1, low + SIZES_TRIED - 1) + 1)


def _classes(question: Question, fixed: dict[Any, Any], name: Expr) -> int:
    """Return how many classes a chosen index has for certain."""
    size = question.inside.indices[name]
    return int(fixed[size]) if size in fixed else question.inside.sizes[size][0]


def _count(question: Question, fixed: dict[Any, Any], base: Any) -> int:
    """Return how many members a chosen family has."""
    (size,) = base.shape
    if isinstance(size, Integer):
        return int(size)
    return int(fixed[size]) if size in fixed else question.inside.sizes[size][0]


def _members(count: int) -> list[tuple[Rational, ...]]:
    same = [(v,) * count for v in (Integer(1), Integer(0), Rational(1, count))]
    first = (Integer(1), *[Integer(0)] * (count - 1))
    return list(dict.fromkeys([*same, first]))


def _admitted(question: Question, values: dict[Any, Any]) -> bool:
    pairs = [(a[1] if isinstance(a, IndexedBase) else a, v) for a, v in values.items()]
    if not all(_has_kind(a, v) for a, v in pairs):
        return False
    try:
        point = Point({a: _exact(v) for a, v in values.items()})
    except GradproofError:
        return False
    return question.admits_choice(point)


def _has_kind(symbol: Expr, value: Any) -> bool:
    """Tell whether a value has every property its symbol was declared with."""
    several = value if isinstance(value, tuple) else (sympify(value),)
    declared = symbol.assumptions0.items()
    return all(getattr(v, f"is_{name}") is known for v in several for name, known in declared)


def _exact(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_exact, value))
    return Fraction(int(value.p), int(value.q)) if isinstance(value, Rational) else int(value)


def _remaining(question: Question, values: dict[Any, Any]) -> list[Goal] | None:
    """Return what is left to show once values are put in; None if it is false at once.

    That the formula has a value is asked before: a value put in may make a part of it vanish.
    """
    numbers = {a: Integer(v) if isinstance(v, int) else v for a, v in values.items()}
    plain = {a: v for a, v in numbers.items() if not isinstance(v, tuple) and a not in SIZES}
    formulas = [condition.shown for condition in undischarged(question.formula, question.given)]
    formulas = [replace_in(formula, plain) for formula in (question.formula, *formulas)]
    given = tuple(replace_in(fact, plain) for fact in question.inner)
    for base, members in ((a, v) for a, v in numbers.items() if isinstance(v, tuple)):
        given = tuple(_put(fact, base, members) for fact in given)
        formulas = [_put(formula, base, members) for formula in formulas]
    facts = [Eq(s, v, evaluate=False) for s, v in numbers.items() if s in SIZES]
    left = []
    for one in goals_of(formulas, (*given, *facts)):
        settled = _settled(one)
        if settled is False:
            return None
        if settled is None:
            left.append(Goal(one.formula, tuple(f for f in one.given if not _is_true(f))))
    return left


def _put(formula: Basic, base: Any, members: tuple[Expr, ...]) -> Basic:
    """Return a formula with the members of a family as numbers."""

    def member(place: Expr) -> Expr:
        if isinstance(place, Integer):
            return members[int(place) - 1]
        return Add(*(delta(place, c) * v for c, v in enumerate(members, start=1)))

    return mapped(formula, lambda side: substitute_family(prepare(side), base, member))


def _settled(goal: Goal) -> bool | None:
    """Tell whether a goal without variables holds, None if there is more to show."""
    if any(_ground(fact) is False for fact in goal.given):
        return True
    return _ground(goal.formula)


def _is_true(fact: Basic) -> bool:
    return _ground(fact) is True


def _ground(formula: Basic) -> bool | None:
    if isinstance(formula, BooleanAtom):
        return bool(formula)
    if formula.free_symbols or formula.has(Sum):
        return None
    return holds_at(formula, Point({n: 1}))


def _contradicted(goal: Goal, seed: int) -> bool:
    try:
        return fails_quickly(concrete(goal), seed)
    except UnsupportedError:
        return False


def _proofs(goals: list[Goal], seed: int) -> list[Evidence] | None:
    """Return a proof of each goal, or None; each also holds at exact points of its domain."""
    found = []
    for goal in goals:
        proof = _proof(goal, seed)
        if proof is None:
            return None
        found.append(proof)
    return found


def _proof(goal: Goal, seed: int) -> Evidence | None:
    try:
        if isinstance(goal.formula, Eq):
            identity = prove_identity(goal)
            if identity.proved:
                replayed = replay_identity(concrete(goal), seed)
                return identity.evidence if replayed.finding is Finding.CONFIRMS else None
        proof = prove_inequality(goal)
        if proof.finding is not Finding.PROVES:
            return None
        return proof if holds_at_points(concrete(goal), seed) else None
    except UnsupportedError:
        return None


def holds_at_points(goal: Goal, seed: int) -> bool:
    """Tell whether points of the domain were met, at which the proved goal holds.

    Raises
    ------
    EngineConflict
        If it is certified to fail at one of them.
    """
    domain, random = domain_of([goal.formula], goal.given), Random(seed)
    drawn = (domain.draw(random) for _ in range(CONFIRMING))
    points = [point for point in drawn if point is not None]
    found = [holds_at(goal.formula, point) for point in points]
    if False in found:
        raise EngineConflict(
            "what is proved for everything holds at exact points",
            found=f"{goal.formula} is false at {points[found.index(False)]}",
            remedy="report this: the prover or the evaluation is wrong",
        )
    return True in found


def certificate_of(proofs: list[Evidence], statement: str) -> dict[str, Any]:
    """Return the certificates of several proofs as one, in the format that a replay reads.

    Where a proof has no certificate of that format, the proofs are told in words.
    """
    several = [p.certificate for p in proofs if p.certificate and "parts" in p.certificate]
    if not several or len(several) < len(proofs):
        steps = {f"step {number}": p.detail for number, p in enumerate(proofs, start=1)}
        return {"statement": statement, **steps}
    parts = [part for one in several for part in one["parts"]]
    return {**several[0], "statement": statement, "parts": parts}
