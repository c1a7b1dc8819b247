"""Settling twins: false, undefined, true and open ones; a prover that lies is caught."""

from __future__ import annotations

import json

import pytest
from sympy import Integer, Rational, asin, oo

from gradproof.checks import explicit, mutants, twin_points
from gradproof.checks.failing import fails_at
from gradproof.checks.goals import Goal, admits
from gradproof.checks.mutants import (
    FULL,
    QUICK,
    Effort,
    Fate,
    by_normal_form,
    evidence_of,
    settle_mutants,
    try_mutants,
)
from gradproof.checks.sites import Kind
from gradproof.checks.verdict import Finding
from gradproof.numeric import Point
from gradproof.symbolic import (
    EngineConflict,
    Eq,
    Equivalent,
    Ge,
    Gt,
    K,
    Le,
    Lt,
    Ne,
    Not,
    Or,
    S,
    UnsupportedError,
    class_sum,
    delta,
    family,
    i,
    k,
    limit,
    log,
    losses,
    n,
    p,
    scalar,
    y,
    z,
)

CE, KDE = losses.softmax_cross_entropy, losses.kde_cross_entropy
v = family("v")
GRADIENT = Goal(Eq(CE.gradient(i), S(i) - delta(i, y)), ())
SQUARES, MODULI = class_sum(lambda j: v[j] ** 2), class_sum(lambda j: abs(v[j]))
TRUE = {
    "equation": GRADIENT,
    "soft": Goal(
        Eq(losses.softmax_cross_entropy_soft.gradient(i), S(i) - p[i]),
        (Eq(class_sum(lambda j: p[j]), 1),),
    ),
    "kernel": Goal(Eq(class_sum(KDE.gradient), 0), (Gt(class_sum(lambda j: K[j]), 0),)),
    "at most": Goal(Le(S(i), 1), ()),
    "less": Goal(Lt(S(i), 1), (n >= 2,)),
    "at least": Goal(Ge(MODULI**2, SQUARES), ()),
    "greater": Goal(Gt(CE.gradient(i), 0), (Ne(i, y),)),
    "different": Goal(Ne(S(i), 0), ()),
    "either": Goal(Or(Lt(z[i], 1), Gt(z[i], 0)), ()),
    "negated": Goal(Not(Or(Gt(S(i), 1), Lt(S(i), 0))), ()),
    "equivalent": Goal(Equivalent(Gt(z[i], z[y]), Gt(S(i), S(y))), ()),
}


def _never(_: Goal) -> bool:
    return False


def _always(_: Goal) -> bool:
    return True


def _fates(goal: Goal, **options: object) -> dict[str, Fate]:
    twins = settle_mutants(goal, 0, **options)  # type: ignore[arg-type]
    return {twin.mutant.change: twin.fate for twin in twins}


@pytest.mark.parametrize("name", TRUE)
def test_false_twins_fail_at_a_point_of_their_own_domain(name: str) -> None:
    """The point of a false twin, read back from its printed form, satisfies what it assumes."""
    twins = settle_mutants(TRUE[name], 0)
    false = [twin for twin in twins if twin.fate is Fate.FALSE]
    assert false
    for twin in false:
        assert twin.point is not None
        again = Point.from_json(twin.point.to_json(), list(twin.point))
        assert admits(twin.mutant.goal.given, again)
        assert fails_at(twin.mutant.goal, again)


@pytest.mark.parametrize("name", TRUE)
def test_a_prover_that_proves_everything_is_caught(name: str) -> None:
    """A twin that is refuted and proved is a conflict, for every kind of goal."""
    with pytest.raises(EngineConflict, match="twin that is not true"):
        try_mutants(TRUE[name], 0, _always)


def test_an_evaluation_that_refutes_everything_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A true twin that is certified false by mistake is proved, and that is a conflict."""
    monkeypatch.setattr(twin_points, "holds", lambda *_: False)
    symmetric = Goal(Eq(CE.hessian(i, k), S(i) * delta(i, k) - S(i) * S(k)), ())
    with pytest.raises(EngineConflict, match="proved but false at"):
        try_mutants(symmetric, 0, effort=FULL)


def test_a_refutation_is_confirmed_by_explicit_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """An evaluation that shares nothing with the balls is asked, and its disagreement raises."""
    monkeypatch.setattr(explicit, "written_out", lambda *_: Integer(99))
    with pytest.raises(EngineConflict, match="explicit classes agree"):
        try_mutants(GRADIENT, 0)


def test_all_twins_of_an_equation_are_settled() -> None:
    """Of the gradient of cross-entropy every wrong twin is refuted."""
    evidence = try_mutants(GRADIENT, 0, effort=FULL)
    assert evidence.finding is Finding.CONFIRMS
    assert evidence.certificate is not None
    count = evidence.certificate["refuted"]
    assert evidence.detail == f"{count} of {count} wrong twins refuted."
    assert count >= 12


def test_a_true_twin_is_recognised() -> None:
    """Classes exchanged in a symmetric formula leave it true."""
    fates = _fates(Goal(Eq(CE.hessian(i, k), S(i) * delta(i, k) - S(i) * S(k)), ()))
    exchanged = [f for change, f in fates.items() if change.startswith("i and k exchanged")]
    assert exchanged == [Fate.TRUE]


def test_a_needless_assumption_gives_a_true_twin() -> None:
    """An identity that holds for all n stays proved when n ≥ 3 is weakened or dropped."""
    goal = Goal(Eq(class_sum(S), 1), (n >= 3,))
    fates = [t.fate for t in settle_mutants(goal, 0) if t.mutant.kind is Kind.ASSUMPTION]
    assert fates == [Fate.TRUE, Fate.TRUE]


def test_a_needed_assumption_gives_a_false_twin() -> None:
    """Points that break the dropped assumption are looked for, where drawing seldom meets them."""
    goal = Goal(Eq(CE.gradient(i), S(i)), (Ne(i, y),))
    twin = next(t for t in settle_mutants(goal, 0) if t.mutant.kind is Kind.ASSUMPTION)
    assert twin.fate is Fate.FALSE
    assert twin.point is not None
    assert twin.point[i] == twin.point[y]


def test_a_twin_without_a_value_is_no_wrong_twin() -> None:
    """Without the assumption that some kernel value is positive there is a division by 0."""
    twins = settle_mutants(TRUE["kernel"], 0)
    dropped = [t for t in twins if t.mutant.change.startswith("without the assumption")]
    assert [t.fate for t in dropped] == [Fate.UNDEFINED]
    assert dropped[0].point is not None
    assert set(dropped[0].point[K]) == {0}
    assert "no value somewhere" in evidence_of(twins).detail


def test_a_sharp_constant_is_found_sharp() -> None:
    """The norms meet where one member is not 0: no factor above 1 holds."""
    fates = _fates(Goal(Le(SQUARES, MODULI**2), ()), effort=FULL)
    assert fates["1/2 times (Σ_j |v_j|)²"] is Fate.FALSE
    assert fates["strict"] is Fate.FALSE


def test_ties_refute_a_strict_twin() -> None:
    """A bound that is met exactly fails when it is made strict, by an exact zero."""
    assert _fates(Goal(Le(S(i), 1), ()))["strict"] is Fate.FALSE


def test_what_is_neither_refuted_nor_proved_is_listed() -> None:
    """A true twin that no prover proves stays open and keeps the control from confirming."""
    evidence = try_mutants(TRUE["at most"], 0, _never)
    assert evidence.finding is Finding.NOTHING
    assert "neither refuted nor proved: S_i becomes S_1; 1 becomes 2" in evidence.detail
    assert "of at most" in evidence.detail


def test_the_prover_passed_in_is_asked() -> None:
    """A prover of inequalities settles the twins that the normal form cannot."""

    def knows(goal: Goal) -> bool:
        return goal.formula in (Le(S(1), 1), Le(S(i), 2))

    evidence = try_mutants(TRUE["at most"], 0, knows)
    assert evidence.certificate is not None
    assert evidence.certificate["true"] == 2
    assert evidence.finding is Finding.CONFIRMS


def test_a_prover_that_cannot_treat_a_twin_proves_nothing() -> None:
    """An unsupported formula is no proof and no crash."""

    def unsupported(_: Goal) -> bool:
        raise UnsupportedError("it is treated", found="it", remedy="none")

    assert Fate.TRUE not in _fates(GRADIENT, prove=unsupported).values()


def test_a_formula_that_cannot_be_evaluated_is_not_refuted() -> None:
    """Without a ball for a function nothing fails; every twin stays open."""
    goal = Goal(Le(class_sum(lambda j: asin(z[j])), 7), ())
    assert set(_fates(goal).values()) == {Fate.OPEN}


def test_an_instance_is_tried_at_its_point_alone() -> None:
    """Twins of a claim about one sample are true or false there, by evaluation."""
    at = Point({z: (1, 2, "1/2"), y: 2})
    goal = Goal(Le(abs(S(1) - Rational(23, 100)), Rational(1, 200)), ())
    twins = settle_mutants(goal, 0, _always, at=at)
    assert {t.fate for t in twins} == {Fate.TRUE, Fate.FALSE}
    assert {t.point for t in twins if t.fate is Fate.FALSE} == {at}


def test_limits_are_settled_by_what_is_passed_in() -> None:
    """A twin about a limit has no value at a point: the prover of limits tells its fate."""
    goal = Goal(Eq(limit(S(y), z[y], oo), 1), (n >= 2,))

    def settle(twin: Goal) -> Finding:
        return Finding.REFUTES if twin.formula.rhs != 1 else Finding.PROVES  # type: ignore[attr-defined]

    twins = settle_mutants(goal, 0, _always, settle=settle, effort=FULL)
    assert {t.fate for t in twins} == {Fate.FALSE, Fate.TRUE}
    assert {t.fate for t in settle_mutants(goal, 0)} == {Fate.OPEN}


def test_a_limit_prover_that_refutes_nothing_is_seen() -> None:
    """Twins of a limit that stay open keep the control from confirming."""
    goal = Goal(Eq(limit(log(S(y)), z[y], oo), 0), ())
    evidence = try_mutants(goal, 0, settle=lambda _: Finding.NOTHING)
    assert evidence.finding is Finding.NOTHING


def test_the_evidence_is_data() -> None:
    """The certificate counts by kind, lists every twin with its fate and point, and is JSON."""
    evidence = try_mutants(TRUE["kernel"], 0)
    data = json.loads(json.dumps(evidence.to_json()))["certificate"]
    assert sum(sum(row.values()) for row in data["kinds"].values()) == len(data["twins"])
    assert all(
        ("point" in t) == (t["fate"] in ("false", "has no value somewhere")) for t in data["twins"]
    )
    assert data["refuted"] == sum(t["fate"] == "false" for t in data["twins"])


def test_twins_are_seeded() -> None:
    """The same seed gives the same twins, fates and points."""
    assert settle_mutants(TRUE["soft"], 7) == settle_mutants(TRUE["soft"], 7)


def test_the_control_rotates_with_the_seed() -> None:
    """Which refuted twin is put to the prover depends on the seed; all of them come up."""
    asked: set[str] = set()

    def remember(goal: Goal) -> bool:
        asked.add(str(goal.formula))
        return False

    for seed in range(40):
        settle_mutants(TRUE["equation"], seed, remember, effort=Effort(twins=4))
    false = settle_mutants(TRUE["equation"], 0, _never, effort=Effort(twins=4))
    assert asked == {str(t.mutant.goal.formula) for t in false}


def test_a_claim_of_several_goals_shares_its_effort() -> None:
    """The effort for each goal falls with the number of goals, and never to nothing."""
    assert QUICK.shared(1) == QUICK
    assert 0 < QUICK.shared(100).twins < QUICK.twins


def test_the_search_finds_what_the_points_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A twin left open by the points is searched for."""
    monkeypatch.setattr(mutants.TwinPoints, "of", lambda *_: iter(()))
    fates = _fates(GRADIENT, prove=by_normal_form, effort=Effort(twins=4, search=30))
    assert set(fates.values()) == {Fate.FALSE}


def test_a_weaker_twin_is_searched_where_it_says_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an assumption excluded is where a twin without it can fail, however seldom drawn."""
    monkeypatch.setattr(mutants.TwinPoints, "of", lambda *_: iter(()))
    c = scalar("c")
    goal = Goal(Le(c, 10**6), (Le(c, 10**6),))
    twins = settle_mutants(goal, 0, _never, effort=Effort(search=1))
    fates = {t.mutant.change: t.fate for t in twins if t.mutant.kind is Kind.ASSUMPTION}
    assert fates == {"without the assumption c ≤ 1000000": Fate.FALSE}
