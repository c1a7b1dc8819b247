"""Existence statements: true ones, their false twins, and the order of quantifiers."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings, strategies as st
from sympy import Expr, Rational, Symbol, sqrt

from gradproof import Loss, losses
from gradproof.checks.checker import check
from gradproof.checks.existence import Decision, applies, decide_existence
from gradproof.checks.existence_families import Family, T, families_of
from gradproof.checks.existence_growth import fails_along
from gradproof.checks.existence_question import question_of
from gradproof.checks.failing import fails_at
from gradproof.checks.goals import Goal, admits, goals_of
from gradproof.checks.verdict import Finding
from gradproof.numeric.point import Point
from gradproof.symbolic import (
    Abs,
    And,
    Eq,
    Equivalent,
    Ge,
    Gt,
    Implies,
    Le,
    Lt,
    Ne,
    Or,
    S,
    class_sum,
    delta,
    every,
    exists,
    exp,
    family,
    i,
    limit,
    log,
    n,
    oo,
    p,
    scalar,
    softmax,
    to_latex,
    to_text,
    y,
    z,
)
from gradproof.symbolic.calculus import LossTerm

CE, QUAD = losses.softmax_cross_entropy, losses.quadratic
MAE = Loss("MAE", class_sum(lambda a: Abs(S(a) - delta(a, y))))
BRIER = Loss("B", class_sum(lambda a: (S(a) - delta(a, y)) ** 2))
ENTROPY = Loss("H", -class_sum(lambda a: S(a) * log(S(a))))
c, d, T_ = (scalar(name, positive=True) for name in ("c", "d", "T"))
r, w = scalar("r"), scalar("w")
u = family("u")
whole = scalar("e", positive=True, integer=True)
t = scalar("t", positive=True)

PROVES, REFUTES, NOTHING = Finding.PROVES, Finding.REFUTES, Finding.NOTHING


def norm(term: Callable[[Expr], Expr]) -> Expr:
    """Return the Euclidean norm of a vector."""
    return sqrt(class_sum(lambda a: term(a) ** 2))


def decided(statement: Any, facts: Any = (), seed: int = 0) -> Decision:
    """Return evidence and point for a statement that is one goal."""
    facts = facts if isinstance(facts, tuple) else (facts,)
    (goal,) = goals_of([statement], facts)
    return decide_existence(goal, seed)


FORM = class_sum(lambda a: u[a] ** 2 * S(a)) - class_sum(lambda a: u[a] * S(a)) ** 2
"""The Hessian of the cross-entropy as a quadratic form."""
SQUARES = class_sum(lambda a: u[a] ** 2)
ACROSS = (Eq(class_sum(lambda a: u[a]), 0), n >= 2)

CONSTANTS = {
    "curvature across": (exists(c, Ge(FORM, c * SQUARES)), ACROSS, REFUTES),
    "curvature, from above": (exists(c, Le(FORM, c * SQUARES)), ACROSS, PROVES),
    "upper bound": (exists(c, Le(BRIER.term, c)), (), PROVES),
    "upper bound below the supremum": (exists(c, Le(BRIER.term, c)), Lt(c, 2), REFUTES),
    "the same in the formula": (exists(c, And(Lt(c, 2), Le(BRIER.term, c))), (), REFUTES),
    "no upper bound": (exists(c, Le(CE.term, c)), (), REFUTES),
    "norms from above": (exists(c, Le(norm(QUAD.gradient), c * norm(CE.gradient))), (), PROVES),
    "norms from below": (exists(c, Ge(norm(QUAD.gradient), c * norm(CE.gradient))), (), REFUTES),
    "real and 0 serves": (exists(r, Ge(BRIER.term, r * MAE.term)), (), PROVES),
    "real, made positive": (exists(r, Ge(BRIER.term, r * MAE.term)), Gt(r, 0), REFUTES),
    "proportional": (exists(r, Eq(BRIER.term, r * MAE.term)), (), REFUTES),
    "proportional with one class": (exists(r, Eq(BRIER.term, r * MAE.term)), Eq(n, 1), PROVES),
    "bounded for few classes": (exists(c, Implies(n <= 3, Le(ENTROPY.term, c))), (), PROVES),
    "unbounded in the classes": (exists(c, Le(ENTROPY.term, c)), (), REFUTES),
    "no floor": (exists(c, Implies(n >= 2, Ge(ENTROPY.term, c))), (), REFUTES),
    "strict, one class": (exists(c, Lt(S(y), c)), c <= 1, REFUTES),
    "strict, several": (exists(c, Lt(S(y), c)), (c <= 1, n >= 2), PROVES),
    "two constants": (exists((c, d), Le(BRIER.term, c * CE.term + d)), (), PROVES),
    "two, too few": (exists((c, d), Le(CE.term, c * BRIER.term + d)), (), REFUTES),
    "a temperature": (
        exists(T_, Ge(softmax(y, lambda a: z[a] / T_), Rational(1, 10))),
        (),
        REFUTES,
    ),
    "below any real": (exists(r, Ge(log(class_sum(lambda a: exp(z[a]))), r)), (), REFUTES),
    "whole numbers": (exists(whole, Le(whole * S(y), 3)), (), PROVES),
    "facts inside": (exists(c, Ge(S(y), c)), every(lambda a: Le(z[a], z[y])), REFUTES),
    "facts inside, few classes": (exists(c, Le(1 / w, c)), Gt(w, 1), PROVES),
    "facts inside, at the edge": (exists(c, Le(1 / w, c)), Gt(w, 0), REFUTES),
    "a scalar of the name t": (exists(c, Ge(S(y), c * exp(-t))), (), REFUTES),
    "either": (exists(c, Or(Le(CE.term, c), Ge(S(y), Rational(1, 2)))), (), REFUTES),
    "exactly where": (exists(c, Equivalent(Ge(S(y), c), Ge(z[y], 0))), (), REFUTES),
    "hessian": (exists(c, Ge(CE.hessian(i, i), c * S(i))), n >= 2, REFUTES),
    "distributions": (
        exists(c, Ge(class_sum(lambda a: p[a] * S(a)), c)),
        Eq(class_sum(lambda a: p[a]), 1),
        REFUTES,
    ),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants(name: str) -> None:
    """A constant that serves is shown with a proof, and where none does a family rules out all."""
    statement, facts, expected = CONSTANTS[name]
    evidence, point = decided(statement, facts)
    assert evidence.finding is expected, evidence.detail
    assert (point is not None) == (expected is REFUTES)
    json.dumps(evidence.to_json())


POINTS = {
    "attained": (exists((n, y, z), Eq(CE.term, 0)), (), PROVES),
    "not attained by several": (exists((n, y, z), Eq(CE.term, 0)), n >= 2, REFUTES),
    "the same in the formula": (exists((n, y, z), And(n >= 2, Eq(CE.term, 0))), (), REFUTES),
    "below zero": (exists((n, y, z), Lt(CE.term, 0)), (), REFUTES),
    "large": (exists((n, y, z), Gt(CE.term, 5)), (), PROVES),
    "negative square": (exists(w, Lt(w**2, 0)), (), REFUTES),
    "an interval": (exists(w, And(Gt(w, 1), Lt(w**2, 3))), (), PROVES),
    "an irrational number": (exists(w, Eq(w**2, 2)), (), NOTHING),
    "contradictory facts": (exists(w, Lt(w**2, 0)), (Gt(w, 1), Lt(w, 0)), NOTHING),
}


@pytest.mark.parametrize("name", POINTS)
def test_points(name: str) -> None:
    """Where everything is chosen, a certified point proves, and the negation for all refutes."""
    statement, facts, expected = POINTS[name]
    evidence, point = decided(statement, facts)
    assert evidence.finding is expected, evidence.detail
    assert point is None


MIXED = {
    "one class": (exists(n, Le(CE.term, 0)), (), PROVES),
    "one class is excluded": (exists(n, Le(CE.term, 0)), n >= 2, REFUTES),
    "a target": (exists((n, p), Eq(class_sum(lambda a: p[a] * CE.gradient(a)), 0)), (), PROVES),
    "a label for every logits": (exists((n, y), Ge(S(y), Rational(1, 2))), (), PROVES),
    "a label that always leads": (exists(y, Ge(S(y), Rational(1, 2))), n >= 2, NOTHING),
}


@pytest.mark.parametrize("name", MIXED)
def test_mixed(name: str) -> None:
    """Sizes, classes and families are chosen before the rest varies."""
    statement, facts, expected = MIXED[name]
    assert decided(statement, facts)[0].finding is expected


def test_constants_do_not_depend_on_the_rest() -> None:
    """For every w there is a larger number; no number is larger than every w."""
    evidence, point = decided(exists(r, Gt(r, w)))
    assert evidence.finding is REFUTES
    assert not fails_at(Goal(Gt(r, w), ()), point.point.replace({r: point.point[w] + 1}))


def test_logits_of_an_open_size_are_not_chosen() -> None:
    """Logits for every number of classes cannot be chosen at once."""
    evidence, _ = decided(exists(z, Eq(CE.term, 0)))
    assert evidence.finding is Finding.DID_NOT_RUN
    assert "choose n as well" in evidence.detail


def test_a_derivative_by_a_chosen_scalar_is_refused() -> None:
    """A number in place of the variable of a derivative has no meaning."""
    slope = LossTerm("", S(y) / T_, T_)
    assert decided(exists(T_, Le(slope, 1)))[0].finding is Finding.DID_NOT_RUN


def test_only_plain_existence_applies() -> None:
    """Nested quantifiers and limits are for other methods."""
    assert applies(exists(c, Ge(S(y), c)))
    assert not applies(Ge(S(y), c))
    assert not applies(exists(c, Eq(limit(S(y), z[y], oo), c)))
    nested = exists(c, exists(d, Ge(S(y), c * d)))
    evidence, _ = decide_existence(Goal(nested, ()), 0)
    assert evidence.finding is Finding.DID_NOT_RUN


def test_the_refutation_is_told() -> None:
    """Family, limit, figures and the exact point are all there."""
    evidence, point = decided(CONSTANTS["norms from below"][0])
    assert "For every c > 0 it fails along n = 2, y = 1, z = (0, t), t → ∞" in evidence.detail
    assert "→ 0" in evidence.detail
    assert point.point == Point({z: (0, 10), y: 1, c: Fraction(1, 1000)})
    names = [name for name, _ in point.figures]
    assert names[:2] == ["left side", "right side"]
    assert [name.split(" at ")[1] for name in names[2:]] == ["t = 10", "t = 20", "t = 40"]


def test_certificates_are_replayed() -> None:
    """The certificate of a witness and that of a negation stand alone."""
    for statement in (
        exists(c, Le(BRIER.term, c)),
        exists((n, y, z), Lt(CE.term, 0)),
    ):
        evidence, _ = decided(statement)
        assert check(json.loads(json.dumps(evidence.certificate))).accepted


def test_a_family_fails_for_every_constant_or_is_not_used() -> None:
    """A family along which large constants serve refutes nothing."""
    question = question_of(Goal(exists(c, Le(BRIER.term, c)), ()))
    family = Family(((n, Rational(2)), (y, Rational(1)), (z, (Rational(0), T))))
    assert not fails_along(question, family)
    assert fails_along(question.narrowed(Lt(c, 2)), family)
    assert not fails_along(question.narrowed(Le(c, 2)), family)


def test_a_family_without_values_is_not_used() -> None:
    """Where the formula has no value it does not fail."""
    question = question_of(Goal(exists(c, Ge(log(S(y) - Rational(1, 2)), -c)), ()))
    family = Family(((n, Rational(2)), (y, Rational(1)), (z, (Rational(0), T))))
    assert not fails_along(question, family)


def test_a_family_outside_the_facts_is_not_used() -> None:
    """A family has to obey the facts on what varies from some t on."""
    family = Family(((n, Rational(2)), (y, Rational(1)), (z, (Rational(0), T))))
    for fact, obeyed in ((Le(z[y], 0), True), (Lt(z[y], 0), False), (Le(CE.term, 5), False)):
        question = question_of(Goal(exists(c, Ge(S(y), c)), (fact,)))
        assert fails_along(question, family) is obeyed


FUZZED = [statement for statement, _, _ in CONSTANTS.values()][:12]


@given(st.sampled_from(FUZZED), st.data())
@settings(max_examples=15)
def test_families_that_fail_do_so_in_numbers(statement: Any, data: Any) -> None:
    """Along a family that refutes, an exact point fails for constants drawn at random.

    Several are tried: near ones may still hold, and of far ones the balls may be too wide.
    """
    question = question_of(Goal(statement, ()))
    family = data.draw(st.sampled_from(list(families_of(question))[:80]))
    if not fails_along(question, family):
        return
    size = data.draw(st.fractions(Fraction(1, 4), 4, max_denominator=9))
    values = dict.fromkeys(question.scalars, size)
    places = (16, 64) if family.grows else (2**6, 2**10, 2**20)
    points = [Point({**family.at(place), **values}) for place in places]
    assume(admits(question.choice, points[0]))
    goal = Goal(question.formula, question.given)
    assert any(fails_at(goal, point, 4096) for point in points)


@pytest.mark.parametrize(
    ("statement", "text", "latex"),
    [
        (exists(c, Ge(S(y), c)), "for some c > 0: S_y ≥ c", r"\exists\ c > 0: S_{y} \ge c"),
        (exists((n, y, z), Lt(CE.term, 0)), "for some n, y, z: CE < 0", None),
        (And(exists(c, Ge(S(y), c)), Ne(w, 0)), "w ≠ 0 and (for some c > 0: S_y ≥ c)", None),
    ],
)
def test_printing(statement: Any, text: str, latex: str | None) -> None:
    """What is chosen stands first, with the sign of a scalar."""
    assert to_text(statement) == text
    assert latex is None or to_latex(statement) == latex


def test_letters_do_not_clash() -> None:
    """The number that grows is printed with a letter that the statement leaves free."""
    evidence, point = decided(CONSTANTS["a scalar of the name t"][0])
    assert "s → ∞" in evidence.detail
    assert Symbol("s") not in point.point


def test_catalogue() -> None:
    """The existence claims of the documents are decided as their notes say."""
    from gradproof.checks.catalogue import existence, networks

    hidden = next(one for one in networks.CLAIMS if one.id == "quad-hidden-ratio")
    for claim in (
        existence.CE_RANGE_ATTAINED,
        existence.CE_BELOW_ZERO,
        existence.QUAD_LOWER,
        hidden,
    ):
        (goal,) = goals_of(claim.statement, claim.given)
        assert decide_existence(goal, 0)[0].finding is REFUTES, claim.id


def test_unused_names_stay_out() -> None:
    """Classes that a statement does not name are no part of its families."""
    assert "n =" not in decided(exists(c, Le(Abs(w), c * w**2)))[0].detail
