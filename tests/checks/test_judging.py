"""Plain goals judged: which method comes first, and what each finding leads to."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Rational

from gradproof.checks import judging
from gradproof.checks.engine import Settings, prove
from gradproof.checks.failing import fails_at
from gradproof.checks.goals import Goal
from gradproof.checks.inequality.sizes import prove_some_sizes
from gradproof.checks.judging import Judgement, attempt, judge, proves
from gradproof.checks.verdict import Evidence, Finding, Outcome
from gradproof.numeric import Point
from gradproof.symbolic import Eq, Ge, Gt, Le, Lt, S, class_sum, log, n, y, z
from gradproof.symbolic.errors import UnsupportedError
from gradproof.symbolic.vocabulary import K, scalar

SETTINGS = Settings()
TOTAL = class_sum(lambda j: S(j))
T = scalar("T", positive=True)
c = scalar("c")

IDENTITY = Goal(Eq(TOTAL, 1), ())
INEQUALITY = Goal(Le(S(y), 1), ())
FALSE = Goal(Lt(S(y), 1), ())


def findings(result: Judgement) -> list[tuple[str, Finding]]:
    """Return which method found what."""
    return [(e.method, e.finding) for e in result.evidence]


def test_an_identity_by_the_normal_form_and_its_replay() -> None:
    """An equation needs no certificate of a sign."""
    result = judge([IDENTITY], SETTINGS)
    assert result.proved
    assert result.methods == (judging.IDENTITY,)
    assert findings(result) == [
        (judging.IDENTITY, Finding.PROVES),
        (judging.REPLAY, Finding.CONFIRMS),
    ]


def test_an_inequality_by_certificates_and_points() -> None:
    """A sign is certified for every n, and the goal met at exact points."""
    result = judge([INEQUALITY], SETTINGS)
    assert result.proved
    assert result.methods == (judging.SIGNS,)
    assert findings(result)[-2:] == [
        (judging.SIGNS, Finding.PROVES),
        (judging.SUPPORT, Finding.CONFIRMS),
    ]


def test_a_counterexample_ends_it() -> None:
    """What is false is refuted; goals behind it are not looked at."""
    result = judge([FALSE, Goal(Lt(S(y), Rational(1, 2)), ())], SETTINGS)
    assert not result.proved or result.counterexample is not None
    assert result.counterexample is not None
    searches = [f for m, f in findings(result) if m == judging.SEARCH]
    assert searches == [Finding.REFUTES]


def test_an_equation_whose_sides_need_a_certificate_to_have_a_value() -> None:
    """Equal sides with a denominator that only a certificate shows to be positive are proved."""
    below = c**4 - c**2 * T**2 + T**4
    goal = Goal(Eq(c / below + T / below, (c + T) / below), ())
    result = judge([goal], SETTINGS)
    assert result.proved
    assert result.methods == (judging.IDENTITY, judging.SIGNS)


def test_equal_sides_without_a_value_are_no_proof() -> None:
    """A logarithm of what may be 0 keeps an equation from being proved, whatever holds of a class.

    The fact is about class j alone, and the condition about every class.
    """
    logs = class_sum(lambda j: log(K[j]))
    goal = Goal(Eq(2 * logs - logs, class_sum(lambda j: log(K[j])) * 1), (Gt(K[y], 0),))
    result = judge([goal], SETTINGS)
    assert not result.proved or result.counterexample is not None


@pytest.mark.parametrize("finding", [Finding.DID_NOT_RUN, Finding.NOTHING])
def test_certificates_without_a_point_are_no_proof(
    finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Contradictory assumptions certify everything: a point of the domain must be met."""
    none = Evidence(judging.SUPPORT, finding, "no points", "No point was met.")
    monkeypatch.setattr(judging, "gather_support", lambda *_, **__: none)
    result = judge([INEQUALITY], SETTINGS)
    assert not result.proved
    assert none in result.evidence
    assert result.left == [INEQUALITY]


def test_what_is_left() -> None:
    """Contradictory assumptions leave the goal, with no method that proved it."""
    total = class_sum(lambda j: K[j])
    goal = Goal(Le(total, Rational(1, 2)), (Eq(total, 1), Eq(total, 2)))
    result = judge([goal], SETTINGS)
    assert not result.proved
    assert result.methods == ()


def test_no_goals_are_proved() -> None:
    """Nothing is left where there is nothing to show: the engine asks for goals."""
    assert judge([], SETTINGS) == Judgement()
    assert judge([], SETTINGS).proved


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        (IDENTITY, True),
        (INEQUALITY, True),
        (FALSE, False),
        (Goal(Lt(S(y), 1), (Ge(n, 2),)), True),
        (Goal(Eq(TOTAL, 2), ()), False),
        (Goal(Ge(S(y), 1), ()), False),
    ],
)
def test_proves(goal: Goal, expected: bool) -> None:
    """Twins are asked with little work, equations by the normal form alone."""
    assert proves(goal) is expected


def test_a_method_that_cannot_says_so() -> None:
    """An error about what is supported becomes evidence that the method did not run."""

    def refuse(*_: Any) -> Evidence:
        raise UnsupportedError("formulas are short", found="a long one", remedy="shorten it")

    found = attempt("some method", refuse, 1)
    assert found.finding is Finding.DID_NOT_RUN
    assert found.method == "some method"
    assert "a long one" in found.detail


def test_a_proof_for_some_numbers_of_classes_is_partial(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is proved up to n = 6 only is no proof of a claim about every n; bounded n is one."""
    statement = Le(class_sum(lambda j: S(j) * S(j)), 1)
    proof = prove_some_sizes(Goal(statement, ()))
    nothing = Evidence(judging.SIGNS, Finding.NOTHING, "all n", "No certificate was found.")
    monkeypatch.setattr(judging, "prove_inequality", lambda *_, **__: nothing)
    monkeypatch.setattr(judging, "prove_some_sizes", lambda _: proof)
    verdict = prove(statement)
    assert verdict.outcome is Outcome.PROVED
    assert (verdict.scope, verdict.partial) == ("n = 1..6", True)
    assert verdict.reason.endswith("if it is meant for these n, add the assumption n <= 6.")
    assert not verdict.meets(Outcome.PROVED)
    assert verdict.meets(Outcome.SUPPORTED)
    whole = prove(statement, given=n <= 6)
    assert (whole.scope, whole.partial) == ("n = 1..6", False)


@pytest.mark.parametrize(
    ("statement", "given", "point"),
    [
        (Le(log(n), 3), (), {n: 21}),
        (Ge(class_sum(lambda j: S(j) ** 2), Rational(1, 10)), (), {n: 11, z: (0,) * 11}),
        (Le(log(1 / S(y)), 200), (), {n: 2, y: 1, z: (-201, 0)}),
    ],
)
def test_what_holds_near_by_is_refuted_far_out(
    statement: Any, given: tuple[Any, ...], point: dict[Any, Any]
) -> None:
    """Large numbers of classes and large values are tried before a proof of a few n counts."""
    verdict = prove(statement, given)
    assert verdict.outcome is Outcome.REFUTED
    assert verdict.counterexample is not None
    found = verdict.counterexample.point
    assert found[n] == point[n]
    assert fails_at(Goal(statement, ()), Point(point))
