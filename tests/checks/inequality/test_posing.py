"""Questions posed of a case: what the assumptions become, and what they never become."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Basic, Eq as SymPyEq, Expr, Ge, Gt, Le, Lt, Ne

from gradproof.checks.inequality.posing import Posed, pose
from gradproof.checks.inequality.scene import scene_of
from gradproof.checks.inequality.splitting import Splitting
from gradproof.checks.inequality.work import Work
from gradproof.symbolic import S, class_sum, every, i, n, y, z
from gradproof.symbolic.cases import cases_of
from gradproof.symbolic.normal_form import prepare
from gradproof.symbolic.vocabulary import K, family, p, scalar, x

v = family("v", positive=True)
T = scalar("T", positive=True)
A = class_sum(lambda j: x[j] / ((K[j] + 1) * (K[j] + T)))


def posed(expr: Expr, *given: Basic, strict: bool = False) -> list[Posed]:
    """Return the questions of all cases."""
    found = []
    for case in cases_of([prepare(expr), *given], given):
        scene = scene_of(case, given, Work())
        splitting = Splitting(case, scene.normaliser)
        value = scene.of(prepare(expr))
        found.append(pose(splitting, value, scene.facts, strict=strict, work=Work()))
    return found


def known(expr: Expr, *given: Basic) -> list[tuple[str, str]]:
    """Return the hypotheses of the only case."""
    (one,) = posed(expr, *given)
    return [(str(h.poly), h.relation) for h in one.question.hypotheses]


@pytest.mark.parametrize(
    ("fact", "poly", "relation"),
    [
        (Le(K[y], 2), "-K_y + 2", ">=0"),
        (Lt(K[y], 2), "-K_y + 2", ">0"),
        (Ge(x[y], T), "-T + x_y", ">=0"),
        (Gt(x[y] * K[y], T), "x_y*K_y - T", ">0"),
    ],
)
def test_assumptions_become_hypotheses(fact: Basic, poly: str, relation: str) -> None:
    """A relation is put in the unknowns, the larger side first."""
    assert (poly, relation) in known(K[y] + x[y] + T, fact)


@pytest.mark.parametrize(
    "fact",
    [Gt(K[y], 0), Ge(v[y], 0), Ge(n, 3), Ne(x[y], 0), Ge(K[y] * v[y], 0), SymPyEq(K[y], K[y] + 0)],
)
def test_what_the_signs_say_already_is_left_out(fact: Basic) -> None:
    """What is plain from the signs of the unknowns, or about classes alone, is no hypothesis."""
    assert known(K[y] + v[y] - 1, fact) == []


@pytest.mark.parametrize("fact", [SymPyEq(p[i], 0), SymPyEq(K[y], 0), SymPyEq(x[y], 0)])
def test_a_value_of_zero_says_nothing_false(fact: Basic) -> None:
    """What an equation fixes to 0 is not negative: no hypothesis says that -1 is not."""
    for one in posed(z[y] - 1, fact):
        for hypothesis in one.question.hypotheses:
            assert not hypothesis.poly.is_constant()


def test_what_an_equation_fixes_keeps_its_sign() -> None:
    """With p_y solved for, that it is not negative stays known; so do the rests of fixed sums."""
    assert known(p[y] - K[i] / 2 + K[y], SymPyEq(p[i], 1 - K[i]), SymPyEq(i, y)) != []
    (one,) = posed(p[y], SymPyEq(class_sum(lambda j: p[j]), 1))
    assert ("-p_y + 1", ">=0") in [(str(h.poly), h.relation) for h in one.question.hypotheses]


def test_under_an_assumption_terms_are_not_divided_by_what_may_be_0() -> None:
    """Partial fractions would divide by T - 1; then at T = 1 the fact would say nothing."""
    (one,) = posed(T - 1, Gt(A, 0), strict=True)
    assert not any("T" in str(h.poly) for h in one.question.hypotheses)


def test_positive_factors_are_dropped() -> None:
    """K_y v_y > v_y says K_y > 1, whatever the positive v_y."""
    assert known(K[y] + v[y], Gt(K[y] * v[y], v[y])) == [("K_y - 1", ">0")]


def test_even_powers_are_dropped_with_care() -> None:
    """x^2 (K - 1) > 0 says K > 1; with >= it says nothing where x is 0, and is kept whole."""
    assert known(K[y] + x[y], Gt(x[y] ** 2 * (K[y] - 1), 0)) == [("K_y - 1", ">0")]
    ((poly, relation),) = known(K[y] + x[y], Ge(x[y] ** 2 * (K[y] - 1), 0))
    assert relation == ">=0"
    assert "x_y" in poly


def test_the_negative_of_a_positive_factor_turns_the_sign() -> None:
    """-v_y (K_y - 1) >= 0 says K_y <= 1."""
    assert known(K[y] + v[y], Ge(-v[y] * (K[y] - 1), 0)) == [("-K_y + 1", ">=0")]


def test_moments_come_with_their_lemmas() -> None:
    """The sums over the remaining classes have the relations of the lemmas, and their number."""
    (one,) = posed(n * class_sum(lambda j: x[j] ** 2) - class_sum(lambda j: x[j]) ** 2)
    assert {h.lemma for h in one.question.hypotheses} == {"Cauchy-Schwarz"}
    assert any(not u.powers for u in one.question.unknowns)


def test_facts_about_every_class() -> None:
    """Each named class, and the sum over the rest, know what holds for every class."""
    texts: list[Any] = []
    for one in posed(S(y) - S(i), every(lambda j: Le(x[j], 1))):
        texts += [h.text for h in one.question.hypotheses]
        assert all(h.relation in (">=0", ">0") for h in one.question.hypotheses)
    (one,) = posed(n - class_sum(lambda j: K[j]), every(lambda j: Le(K[j], 1)))
    assert any("summed over the rest" in h.text for h in one.question.hypotheses)


def test_a_case_of_its_own_for_each_coincidence() -> None:
    """Facts on two classes are about one where the classes are the same."""
    cases = posed(K[i] + K[y], Ge(K[i], 2 * K[y]))
    assert len(cases) == 2
