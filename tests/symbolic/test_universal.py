"""Statements about every class: equal, printed, put in, and used as assumptions."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from sympy import Sum, Symbol

from gradproof.symbolic import (
    Abs,
    And,
    DeclarationError,
    Eq,
    Every,
    Ge,
    Gt,
    Implies,
    Le,
    Lt,
    Ne,
    Or,
    class_sum,
    delta,
    every,
    family,
    i,
    k,
    log,
    m,
    n,
    to_latex,
    to_text,
    y,
    z,
)
from gradproof.symbolic.cases import index_sizes
from gradproof.symbolic.domain import undischarged
from gradproof.symbolic.normal_form import equal
from gradproof.symbolic.vocabulary import bins, bound

h = family("h", size=bins)
q = family("q")
LARGEST = every(lambda j: Le(z[j], z[m]))


def test_equal_statements_are_equal_objects() -> None:
    """The name of the running class does not matter, and pickling keeps the statement."""
    same = every(lambda another: Le(z[another], z[m]))
    assert same == LARGEST
    assert hash(same) == hash(LARGEST)
    assert pickle.loads(pickle.dumps(LARGEST)) == LARGEST
    assert every(lambda j: Lt(z[j], z[m])) != LARGEST


def test_the_running_class_is_not_free() -> None:
    """Neither among the free symbols nor among the named classes of a statement."""
    assert {s for s in LARGEST.free_symbols if isinstance(s, Symbol) and s.is_integer} == {m, n}
    assert index_sizes([LARGEST]) == {m: n}
    assert index_sizes([every(lambda b: Ge(h[b], h[i]), size=bins)]) == {i: bins}


@pytest.mark.parametrize(
    ("formula", "text", "latex"),
    [
        (LARGEST, "z_j ≤ z_m for every j", r"z_{j} \le z_{m}\ \forall j"),
        (every(lambda a: And(Ge(q[a], 0), Le(q[a], 1))), "0 ≤ q_j ≤ 1 for every j", None),
        (And(Ge(n, 2), LARGEST), "n ≥ 2 and (z_j ≤ z_m for every j)", None),
        (every(lambda b: Ge(h[b], 0), size=bins), "h_j ≥ 0 for every j = 1..B", None),
        (
            every(lambda a: Ge(z[a], class_sum(lambda b: z[b]) / n)),
            "z_j ≥ (1/n) Σ_k z_k for every j",
            None,
        ),
    ],
)
def test_statements_print(formula: Every, text: str, latex: str | None) -> None:
    """The class gets a letter of its own, and a size other than n shows."""
    assert to_text(formula) == text
    if latex is not None:
        assert to_latex(formula) == latex


def test_putting_a_class_in_captures_nothing() -> None:
    """A running class of a sum around stays apart from the sums inside the statement."""
    above_mean = every(lambda a: Ge(z[a], class_sum(lambda b: z[b] * delta(a, b))))
    outer = bound(1)
    side = above_mean.at(outer).rhs
    (inner,) = side.atoms(Sum)
    assert inner.limits[0][0] != outer
    assert outer in side.free_symbols
    nested = every(lambda a: every(lambda b: Le(z[a] - z[b], 1)))
    assert nested.at(i).at(k) == Le(z[i] - z[k], 1)
    assert nested.at(nested.formula.running).free_symbols >= {nested.formula.running}


def test_relations_stay_as_written() -> None:
    """SymPy does not answer a relation that it could."""
    assert every(lambda j: Ge(Abs(z[j]), 0)).at(y) == Ge(Abs(z[y]), 0)


def test_what_is_no_statement_about_a_class_is_refused() -> None:
    """No formula, no class in it, or a class of another size."""
    with pytest.raises(DeclarationError, match="depends on the class"):
        every(lambda _: Le(z[m], z[k]))
    with pytest.raises(DeclarationError, match="depends on the class"):
        every(lambda j: z[j])
    with pytest.raises(DeclarationError, match="name the size"):
        every(lambda j: Ge(h[j], 0))


def test_facts_about_every_class_discharge_conditions() -> None:
    """They hold at named classes and inside sums; one class alone does not speak for the others."""
    positive = every(lambda j: Gt(q[j], 0))
    everywhere = class_sum(lambda j: log(q[j]))
    assert undischarged(log(q[i]) + everywhere, [positive]) == []
    assert undischarged(everywhere, [Gt(q[i], 0)])
    assert undischarged(1 / q[i], [every(lambda j: Ne(q[j], 0))]) == []
    assert undischarged(log(class_sum(lambda j: q[j])), [positive]) == []
    assert undischarged(log(class_sum(lambda j: q[j])), [every(lambda j: Ge(q[j], 0))])


def test_equations_about_every_class_are_used_at_named_classes() -> None:
    """Each named class may be rewritten; nothing is said of what the equation does not cover."""
    same = every(lambda j: Eq(q[j], z[j]))
    assert equal(q[i] * q[k], z[i] * z[k], [same])
    assert not equal(q[i], q[k], [same])


@pytest.mark.parametrize(
    "formula",
    [
        lambda j: Implies(Ne(j, m), Lt(z[j], z[m]), evaluate=False),
        lambda j: Or(Eq(j, m), Lt(z[j], z[m]), evaluate=False),
        lambda j: Implies(And(Ne(m, j)), Lt(z[j], z[m]), evaluate=False),
    ],
)
def test_what_holds_for_every_other_class_is_read(formula: Any) -> None:
    """An implication and a disjunction with one class are a relation for all others."""
    ((relation, but),) = every(formula).parts()
    assert relation.func is Lt(z[i], z[m]).func
    assert but == {m}


def test_a_fact_about_the_others_says_nothing_of_the_one() -> None:
    """It holds at named classes that differ from it, and at no other ones."""
    others = every(lambda j: Implies(Ne(j, m), Gt(q[j], 0), evaluate=False))
    assert undischarged(log(q[i]), [others, Ne(i, m)]) == []
    assert undischarged(log(q[m]), [others])
    assert undischarged(log(q[i]), [others])
    assert undischarged(class_sum(lambda j: log(q[j])), [others])


def test_what_is_no_guard_is_left_as_it_is() -> None:
    """Conditions on values are no exceptions of classes."""
    lower = every(lambda j: Implies(Gt(z[j], 0), Lt(z[j], z[m]), evaluate=False))
    ((formula, but),) = lower.parts()
    assert formula == lower.formula
    assert not but
