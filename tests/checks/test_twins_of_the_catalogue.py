"""All twins of all claims of the catalogue: no wrong one is proved, no true one refuted.

Every false twin is put to the prover, and every twin that is proved is put to an evaluation that
shares nothing with the prover: explicit classes in mpmath.
The last tests break a prover and an evaluation on purpose, to show that the tests can fail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from mpmath import mp, mpf
from sympy import Basic, Eq, Expr, Ge, Gt, Integral, Le, Lt, Ne
from sympy.core.relational import Relational

from gradproof.checks import twin_points
from gradproof.checks.catalogue import catalogue
from gradproof.checks.claim import Claim
from gradproof.checks.explicit import classes_of, symbols_of, written_out
from gradproof.checks.failing import fails_at
from gradproof.checks.goals import Goal, admits, concrete, goals_of, instances
from gradproof.checks.judging import proves
from gradproof.checks.mutants import FULL, Fate, Prove, Twin, by_normal_form, settle_mutants
from gradproof.checks.mutations import mutants_of
from gradproof.checks.sampling import domain_of
from gradproof.checks.sites import Kind
from gradproof.checks.special import decide_special
from gradproof.checks.verdict import Finding
from gradproof.numeric import Point, reference
from gradproof.symbolic import (
    EngineConflict,
    Exists,
    LimitTerm,
    S,
    UndefinedValueError,
    UnsupportedError,
    i,
    to_text,
    y,
    z,
)
from gradproof.symbolic.network import Backpropagation

DIGITS = 40
SEED = 20
CLAIMS = {claim.id: claim for claim in catalogue()}
OF_EACH_KIND = ("ce-gradient", "ce-smooth", "softmax-range", "kde-sign", "ce-epsilon-logits")


def _goals(claim: Claim) -> list[Goal]:
    goals = goals_of(claim.statement, claim.given)
    return [concrete(goal) for goal in goals if not goal.formula.has(Exists, Backpropagation)]


def _settle(goal: Goal) -> Finding:
    return decide_special(goal, SEED)[0].finding


def _twins(goal: Goal, at: Point | None, prove: Prove = proves) -> list[Twin]:
    return settle_mutants(goal, SEED, prove, settle=_settle, at=at, effort=FULL)


def _holds(formula: Relational, point: Point) -> bool | None:
    """Tell by explicit classes in mpmath whether a relation holds; None where that is not known."""
    digits = 20 if formula.has(Integral) else DIGITS + 10
    classes, values = classes_of(point), symbols_of(point)
    try:
        left, right = (
            reference(written_out(side, classes), values, digits=digits) for side in formula.args
        )
    except (UnsupportedError, UndefinedValueError):  # a root of what rounds below 0
        return None
    with mp.workdps(digits):
        near = abs(left - right) <= mpf(10) ** (10 - digits) * max(1, abs(left), abs(right))
    kind = type(formula)
    if near:
        return True if kind in (Eq, Le, Ge) else None
    return {Eq: False, Ne: True, Le: left < right, Lt: left < right}.get(kind, left > right)


def _points(goal: Goal, at: Point | None) -> Iterator[Point]:
    if at is not None:
        yield from instances([goal], at)
        return
    domain, random = domain_of([goal.formula], goal.given), Random(SEED)
    drawn = (domain.draw(random) for _ in range(1 if goal.formula.has(Integral) else 4))
    yield from (point for point in drawn if point is not None)


def _check_false(twin: Twin) -> None:
    """Check that a false twin fails again in its own domain, at the point read back."""
    assert twin.point is not None
    again = Point.from_json(twin.point.to_json(), list(twin.point))
    assert admits(twin.mutant.goal.given, again)
    assert fails_at(Goal(twin.mutant.goal.formula, ()), again, 1024)


def _check_true(twin: Twin, at: Point | None) -> None:
    """Check that a proved twin does not fail at random points, with every class written out."""
    goal = twin.mutant.goal
    if isinstance(goal.formula, Relational):
        for point in _points(goal, at):
            assert _holds(goal.formula, point) is not False, f"{to_text(goal.formula)} at {point}"


def _check_limits(twins: list[Twin]) -> None:
    """Check that of the twins that differ in the value of a limit only one was proved."""
    values: dict[tuple[Basic, frozenset[Basic]], set[Expr]] = {}
    for twin in twins:
        left, right = twin.mutant.goal.formula.args
        if twin.fate is Fate.TRUE:
            values.setdefault((left, frozenset(twin.mutant.goal.given)), set()).add(right)
    assert all(len(of_one) == 1 for of_one in values.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", CLAIMS)
def test_no_twin_is_settled_wrongly(name: str) -> None:
    """No false twin is proved, each fails again, and no proved twin fails by explicit classes."""
    claim = CLAIMS[name]
    for goal in _goals(claim):
        twins = _twins(goal, claim.at)
        if goal.formula.has(LimitTerm):
            _check_limits(twins)
            continue
        for twin in twins:
            if twin.fate is Fate.FALSE:
                _check_false(twin)
            elif twin.fate is Fate.TRUE:
                _check_true(twin, claim.at)
        if isinstance(goal.formula, Eq) and by_normal_form(goal):
            # What is left of a proof without one of its assumptions may be true for another reason.
            fates = Counter(t.fate for t in twins if t.mutant.kind is not Kind.ASSUMPTION)
            assert fates[Fate.FALSE] > fates[Fate.OPEN]


@pytest.mark.slow
def test_the_catalogue_has_twins_of_every_kind() -> None:
    """There are more than a thousand twins, and every kind that has a use here is among them."""
    kinds = Counter(
        mutant.kind
        for claim in CLAIMS.values()
        for goal in _goals(claim)
        for mutant in mutants_of(goal)
    )
    assert kinds.total() > 1000
    assert set(kinds) == set(Kind)


@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_a_prover_that_proves_everything_is_caught(name: str) -> None:
    """The tests can fail: a prover that is always content meets a refuted twin."""
    with pytest.raises(EngineConflict, match="twin that is not true"):
        _twins(_goals(CLAIMS[name])[0], None, lambda _: True)


def test_an_evaluation_that_refutes_everything_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests can fail: a true twin that is refuted by mistake meets the prover."""
    monkeypatch.setattr(twin_points, "holds", lambda *_: False)
    with pytest.raises(EngineConflict, match="twin that is not true"):
        _twins(_goals(CLAIMS["ce-hessian"])[0], None)


def test_explicit_classes_contradict_what_is_false() -> None:
    """The tests can fail: the independent evaluation denies relations that do not hold."""
    point = Point({z: (0, 1), i: 1, y: 2})
    assert _holds(Eq(S(i), S(y), evaluate=False), point) is False
    assert _holds(Lt(S(y), S(i), evaluate=False), point) is False
    assert _holds(Ge(S(i), S(y), evaluate=False), point) is False
    assert _holds(Gt(S(y), S(i), evaluate=False), point) is True
    assert _holds(Le(S(i), S(i), evaluate=False), point) is True
