"""Making twins: every kind of change on every kind of goal, none twice, evenly spread."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st
from sympy import Abs, Basic, Max, Min, oo

from gradproof.checks.goals import Goal
from gradproof.checks.mutations import mutants_of
from gradproof.checks.sites import Kind
from gradproof.symbolic import (
    And,
    Eq,
    Equivalent,
    Ge,
    Gt,
    Implies,
    Le,
    Lt,
    Ne,
    Not,
    Or,
    S,
    class_sum,
    delta,
    exists,
    exp,
    i,
    k,
    limit,
    log,
    losses,
    n,
    p,
    scalar,
    sqrt,
    to_text,
    y,
    z,
)

CE = losses.softmax_cross_entropy
GRADIENT = Goal(Eq(CE.gradient(i), S(i) - delta(i, y)), ())
TOTAL = class_sum(lambda j: p[j])
ALL = 10**6

GOALS = {
    "equation": GRADIENT,
    "assumed": Goal(Eq(S(i), S(k)), (n >= 3, Ne(i, y), Eq(TOTAL, 1), Gt(p[i], 0))),
    "bound": Goal(Le(4 * class_sum(lambda j: z[j] ** 2), n * sqrt(p[y])), ()),
    "left out": Goal(Ge(class_sum(lambda j: exp(z[j]), but=(y,)), log(n)), ()),
    "strict": Goal(Lt(Max(z[i], z[y]), Abs(z[i]) + Min(p[i], 1)), ()),
    "different": Goal(Ne(S(i), 1), ()),
    "either": Goal(Or(Lt(z[i], 1), Gt(z[i], 0)), ()),
    "negated": Goal(Not(Or(Gt(S(i), 1), Lt(S(i), 0))), ()),
    "equivalent": Goal(Equivalent(Gt(z[i], z[y]), Gt(S(i), S(y))), ()),
    "limit": Goal(Eq(limit(S(y), z[y], oo), 1), (n >= 2,)),
    "divergence": Goal(Eq(limit(CE.term, z[y], -oo), oo), (n >= 2,)),
    "from above": Goal(
        Eq(limit(log(scalar("t", positive=True)), scalar("t", positive=True), 0), -oo), ()
    ),
}


def _changes(goal: Goal, kind: Kind | None = None) -> dict[str, Basic]:
    return {m.change: m.goal.formula for m in mutants_of(goal, ALL) if kind in (None, m.kind)}


@pytest.mark.parametrize("name", GOALS)
def test_twins_differ_from_the_goal_and_from_one_another(name: str) -> None:
    """No twin is the goal, and no twin is made twice."""
    goal = GOALS[name]
    twins = [(m.goal.formula, frozenset(m.goal.given)) for m in mutants_of(goal, ALL)]
    assert len(twins) >= 4
    assert len(set(twins)) == len(twins)
    assert (goal.formula, frozenset(goal.given)) not in twins


@pytest.mark.parametrize("name", GOALS)
def test_making_twins_is_deterministic(name: str) -> None:
    """The same goal has the same twins in the same order."""
    first, second = (mutants_of(GOALS[name]) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", GOALS)
def test_each_change_is_put_in_words(name: str) -> None:
    """A change is named for a reader, without the internal names of running classes."""
    for mutant in mutants_of(GOALS[name], ALL):
        assert mutant.change
        assert "_1" not in mutant.change.replace("S_1", "").replace("z_1", "").replace("p_1", "")


@given(name=st.sampled_from(sorted(GOALS)), most=st.integers(min_value=0, max_value=40))
@settings(max_examples=30)
def test_the_number_of_twins_is_bounded(name: str, most: int) -> None:
    """There are at most as many twins as asked for, and fewer are a part of more."""
    few, all_of_them = mutants_of(GOALS[name], most), mutants_of(GOALS[name], ALL)
    assert len(few) == min(most, len(all_of_them))
    assert few == all_of_them[: len(few)]


def test_kinds_take_turns() -> None:
    """No kind has a second twin before every kind that the goal has one of has its first."""
    kinds = [m.kind for m in mutants_of(GOALS["bound"], ALL)]
    assert len(kinds) > len(set(kinds))
    assert len(set(kinds[: len(set(kinds))])) == len(set(kinds))


def test_every_kind_of_change_is_made() -> None:
    """The goals of this file have twins of every kind."""
    assert {m.kind for goal in GOALS.values() for m in mutants_of(goal, ALL)} == set(Kind)


@pytest.mark.parametrize(
    ("name", "kind", "words", "twin"),
    [
        ("equation", Kind.SIGN, "sign of −δ_iy", "∂CE/∂z_i = S_i + δ_iy"),
        ("equation", Kind.TERM, "without −δ_iy", "∂CE/∂z_i = S_i"),
        ("equation", Kind.CLASS, "S_i becomes S_y", "∂CE/∂z_i = S_y − δ_iy"),
        ("equation", Kind.CLASS, "i and y exchanged in S_i − δ_iy", "∂CE/∂z_i = S_y − δ_iy"),
        ("equation", Kind.OFFSET, "plus 1 on the right", "∂CE/∂z_i = 1 + S_i − δ_iy"),
        ("equation", Kind.DELTA, "without δ_iy", "∂CE/∂z_i = S_i − 1"),
        ("equation", Kind.FACTOR, "1/2 times S_i − δ_iy", "∂CE/∂z_i = S_i/2 − δ_iy/2"),
        ("bound", Kind.CONSTANT, "4 becomes 5", "5 Σ_j z_j² ≤ n √(p_y)"),
        ("bound", Kind.EXPONENT, "exponent 1/2 of p_y becomes 3/2", "4 Σ_j z_j² ≤ n p_y^(3/2)"),
        ("bound", Kind.OFF_BY_ONE, "n becomes n − 1", "4 Σ_j z_j² ≤ √(p_y) (n − 1)"),
        ("bound", Kind.STRICT, "strict", "4 Σ_j z_j² < n √(p_y)"),
        ("bound", Kind.DIRECTION, "direction reversed", "4 Σ_j z_j² ≥ n √(p_y)"),
        ("bound", Kind.RANGE, "Σ_j z_j² without its first class", "4 Σ_(j≠1) z_j² ≤ n √(p_y)"),
        ("left out", Kind.RANGE, "without the factor 1 − δ_jy", "Σ_j exp(z_j) ≥ log n"),
        ("left out", Kind.ARGUMENT, "sign inside exp(z_j)", "Σ_(j≠y) exp(−z_j) ≥ log n"),
        ("different", Kind.DIRECTION, "equal instead of different", "S_i = 1"),
        ("negated", Kind.CONNECTIVE, "without the negation", "S_i > 1 or S_i < 0"),
        ("limit", Kind.LIMIT, "z_y to −∞", None),
        ("divergence", Kind.CONSTANT, "∞ becomes 0", None),
        ("from above", Kind.LIMIT, "from the other side of 0", None),
    ],
)
def test_a_change_gives_the_twin_it_names(
    name: str, kind: Kind, words: str, twin: str | None
) -> None:
    """The words of a change say what was done to the goal."""
    formulas = [to_text(f) for w, f in _changes(GOALS[name], kind).items() if w == words]
    known = _changes(GOALS[name])
    if words not in known:  # the same twin may have been made under another name first
        assert twin in [to_text(f) for f in known.values()]
    elif twin is not None:
        assert formulas == [twin]


def test_assumptions_are_dropped_and_weakened() -> None:
    """Each assumption is dropped once; bounds on n and strict signs are also weakened."""
    goal = GOALS["assumed"]
    made = [m for m in mutants_of(goal, ALL) if m.kind is Kind.ASSUMPTION]
    assert [m.change for m in made] == [
        "n ≥ 3 becomes n ≥ 2",
        "without the assumption n ≥ 3",
        "without the assumption i ≠ y",
        "without the assumption Σ_j p_j = 1",
        "p_i > 0 becomes p_i ≥ 0",
        "without the assumption p_i > 0",
    ]
    assert all(m.goal.formula == goal.formula for m in made)


def test_an_inequality_is_not_given_slack() -> None:
    """An offset makes an inequality say more: less would follow from it."""
    assert list(_changes(GOALS["bound"], Kind.OFFSET)) == ["minus 1 on the right"]
    assert list(_changes(GOALS["left out"], Kind.OFFSET)) == ["plus 1 on the right"]


def test_the_inside_of_a_named_loss_is_left_alone() -> None:
    """A twin speaks of the same loss: only the class of the derivative changes."""
    twins = _changes(GRADIENT).values()
    values = {term.value for f in twins for term in f.atoms(type(CE.term))}
    assert values == {CE.term.value}


def test_an_existence_statement_has_no_twins() -> None:
    """What holds for some values is not refuted by a point."""
    c = scalar("c", positive=True)
    assert mutants_of(Goal(exists(c, Gt(S(y), c)), (n >= 2,))) == []


def test_implications_are_reversed_inside_a_formula() -> None:
    """An implication that is no goal of its own is reversed, a conjunction made an alternative."""
    inner = Implies(Gt(z[i], 1), And(Gt(z[i], 0), Lt(z[y], 9)))
    words = _changes(Goal(Or(inner, Gt(z[k], 0)), ()), Kind.CONNECTIVE)
    assert {"the implication reversed", "and becomes or", "or becomes and"} <= set(words)
