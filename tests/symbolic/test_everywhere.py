"""Families that assumptions fix at every class, or at every class but some."""

from __future__ import annotations

import pytest
from sympy import Expr, Implies, Ne
from sympy.logic.boolalg import Boolean

from gradproof.symbolic import Eq, S, class_sum, delta, every, exp, i, k, log, n, p, y, z
from gradproof.symbolic.normal_form import compare
from gradproof.symbolic.vocabulary import K, family, scalar

v, w = family("v"), family("w")
a = scalar("a")

SAME = every(lambda j: Eq(z[j], z[k]))
OTHERS = every(lambda j: Implies(Ne(j, y), Eq(z[j], a)))
SHARES = every(lambda j: Eq(p[j], S(j)))
SCALED = every(lambda j: Eq(w[j], class_sum(lambda r: K[r]) * z[j]))
ENTROPY = class_sum(lambda j: -S(j) * log(S(j)))

EQUAL: dict[str, tuple[Expr, Expr, list[Boolean]]] = {
    "all the same": (S(i), 1 / n, [SAME]),
    "entropy": (ENTROPY, log(n), [SAME]),
    "one of two": (
        class_sum(lambda j: p[j] * z[j]),
        class_sum(lambda j: z[j]) * a,
        [every(lambda j: Eq(p[j], a))],
    ),
    "another family": (class_sum(lambda j: p[j]), 1 + 0 * a, [SHARES]),
    "nested": (
        class_sum(lambda j: p[j] * class_sum(lambda r: p[r] * z[r])),
        class_sum(lambda j: S(j) * z[j]),
        [SHARES],
    ),
    "a sum of another family": (
        class_sum(lambda j: w[j] * z[j]),
        class_sum(lambda r: K[r]) * class_sum(lambda j: z[j] ** 2),
        [SCALED],
    ),
    "all but one": (S(y), exp(z[y]) / (exp(z[y]) + (n - 1) * exp(a)), [OTHERS]),
    "one of the others": (S(i), (1 - S(y)) / (n - 1), [OTHERS, Ne(i, y), n >= 2]),
    "squares of the others": (
        class_sum(lambda j: (S(j) - delta(j, y)) ** 2),
        (1 - S(y)) ** 2 * n / (n - 1),
        [OTHERS, n >= 2],
    ),
    "a chain": (v[i], z[i], [every(lambda j: Eq(v[j], w[j])), every(lambda j: Eq(w[j], z[j]))]),
}

OPEN: dict[str, tuple[Expr, Expr, list[Boolean]]] = {
    "no assumption": (S(i), 1 / n, []),
    "the excepted class": (S(i), (1 - S(y)) / (n - 1), [OTHERS, n >= 2]),
    "one too many": (S(y), exp(z[y]) / (exp(z[y]) + n * exp(a)), [OTHERS]),
    "another family of the same length": (class_sum(lambda j: v[j]), n * z[k], [SAME]),
}


@pytest.mark.parametrize("name", EQUAL)
def test_what_is_fixed_is_put_in(name: str) -> None:
    """Under assumptions that fix a family, both sides are the same for every number of classes."""
    left, right, given = EQUAL[name]
    assert compare(left, right, given).equal
    assert not compare(left, right, []).equal


@pytest.mark.parametrize("name", OPEN)
def test_what_is_not_fixed_stays(name: str) -> None:
    """An assumption on other classes, another size or another family changes nothing."""
    left, right, given = OPEN[name]
    assert not compare(left, right, given).equal


def test_families_fixed_by_each_other() -> None:
    """Two families given by each other are put in once, which ends."""
    given = [every(lambda j: Eq(v[j], w[j])), every(lambda j: Eq(w[j], v[j]))]
    assert compare(class_sum(lambda j: v[j]), class_sum(lambda j: w[j]), given).equal
    assert not compare(v[i], z[i], given).equal
