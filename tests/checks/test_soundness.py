"""Statements that invite a wrong verdict: each is false, or has no value, where nobody would look.

The points at which they fail are odd numbers that no search draws, so that only the provers stand
between these statements and PROVED.
"""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Abs, Max, Piecewise, Rational, sign, sqrt

from gradproof.checks.engine import prove
from gradproof.checks.failing import fails_at
from gradproof.checks.goals import Goal, admits
from gradproof.checks.verdict import Outcome
from gradproof.numeric import Point
from gradproof.symbolic import (
    And,
    DeclarationError,
    Eq,
    Ge,
    Gt,
    Implies,
    K,
    Le,
    Loss,
    Ne,
    Or,
    S,
    class_sum,
    differentiate,
    every,
    exists,
    exp,
    i,
    limit,
    log,
    n,
    oo,
    scalar,
    x,
    y,
    z,
)

ODD = Rational(17, 13)
a = scalar("a", positive=True)
c = scalar("c")
T = scalar("T", positive=True)


def ratio(shift: Any) -> Any:
    """Return the sum of K_j / (K_j + shift)."""
    return class_sum(lambda j: K[j] / (K[j] + shift))


PRODUCT = class_sum(lambda j: K[j] / ((K[j] + a) * (K[j] + ODD)))
SAME = Eq(ratio(a), ratio(ODD))

_u = a**2 - 2
_X = class_sum(lambda j: x[j] * K[j] / (_u * K[j] + 1))
_RISING = Ge(class_sum(lambda j: x[j]), class_sum(lambda j: x[j] / (_u * K[j] + 1)))
_AT_ROOT = (Ge(a**2, 2), _RISING)

_v = n * a - ODD
_Y = class_sum(lambda j: K[j] / (_v * K[j] + 1))
_W = class_sum(lambda j: x[j] * K[j] / (_v * K[j] + 1))
_STRICT = (Ge(n * a, ODD), Gt(_Y, 0))
_SIGNED = (
    Ge(n * a, ODD),
    Ge(class_sum(lambda j: x[j]), class_sum(lambda j: x[j] / (_v * K[j] + 1))),
)

GAPS = {
    # Terms of a sum divided by a - 17/13, which the equation among the assumptions allows to be 0.
    "equation": (Implies(SAME, Eq(PRODUCT, 0)), ()),
    "either": (Or(Ne(ratio(a), ratio(ODD)), Le(PRODUCT, 0)), ()),
    "limit": (Eq(limit(PRODUCT * (1 + 1 / T), T, oo), 0), (SAME,)),
    "existence": (exists(c, Eq(PRODUCT, c)), (SAME,)),
    # Terms divided by a^2 - 2, of which only the weak sign is known.
    "maximum": (Eq(Max(_X, 0), _X), _AT_ROOT),
    "modulus": (Eq(Abs(_X), _X), _AT_ROOT),
    "branch": (Eq(Piecewise((1, _X >= 0), (0, True)), 1), _AT_ROOT),
    "root": (Eq(sqrt(4 * _X), 2 * sqrt(_X)), _AT_ROOT),
    "limit of a sign": (Ge(limit(_X * (1 + exp(-T)), T, oo), 0), _AT_ROOT),
    # Terms divided by n a - 17/13, where n is split before the sign is asked for.
    "strict": (Gt(_v * (n - class_sum(lambda j: 1 / (_v * K[j] + 1))), 0), _STRICT),
    "sign": (Ge(sign(_W), 0), _SIGNED),
}


@pytest.mark.parametrize("name", GAPS)
def test_terms_are_not_divided_by_what_may_be_0(name: str) -> None:
    """What holds where a divisor of one's own making is not 0 is not proved where it may be."""
    statement, given = GAPS[name]
    assert prove(statement, given).outcome is not Outcome.PROVED


def test_the_gaps_are_real() -> None:
    """The statements do fail in the gap, at points that satisfy the assumptions."""
    point = Point({K: (1,), a: "17/13"})
    assert admits([SAME], point)
    assert fails_at(Goal(Le(PRODUCT, 0), (SAME,)), point)
    signed = Point({K: (1,), x: (-1,), a: "17/13"})
    assert admits(_SIGNED, signed)
    assert fails_at(Goal(Ge(_W, 0), _SIGNED), signed)


def test_a_witness_in_the_gap_is_not_denied() -> None:
    """What exists only in the gap is not refuted."""
    statement = exists((n, K, a), And(SAME, Gt(PRODUCT, 0)))
    assert prove(statement).outcome is not Outcome.REFUTED


@pytest.mark.parametrize(
    "statement",
    [
        Eq(limit(1 / log(1 - S(y)), z[y], oo), 0),
        Eq(limit(S(y) / (1 + 1 / (n - 1)), z[y], oo), (n - 1) / n),
        Eq(limit(Max(1 / (n - 1), S(y)), z[y], oo), 1),
    ],
)
def test_a_part_without_a_value_is_not_simplified_away(statement: Any) -> None:
    """With one class these are 1/log 0 and 1/(1 + 1/0), which SymPy writes as 0."""
    verdict = prove(statement)
    assert verdict.outcome is Outcome.UNDEFINED
    assert verdict.counterexample is not None
    assert verdict.counterexample.point[n] == 1


@pytest.mark.parametrize(
    ("statement", "given"),
    [
        (exists(c, Eq(c * log(K[y]), 0)), ()),
        (exists(c, Le(c / z[y], 1)), ()),
        (exists(z, Eq(z[y] * log(K[y]), 0)), (Eq(n, 2),)),
    ],
)
def test_a_witness_gives_the_formula_a_value(statement: Any, given: tuple[Any, ...]) -> None:
    """0 times what has no value is no witness."""
    assert prove(statement, given).outcome is not Outcome.PROVED


@pytest.mark.parametrize(
    "statement",
    [
        every(lambda j: exists(c, Le(j, c))),
        every(lambda j: exists(c, Le(class_sum(lambda k: z[k]) + j, c))),
    ],
)
def test_what_exists_for_each_class_may_differ(statement: Any) -> None:
    """For every class there is a number: not one number for all of them."""
    assert prove(statement).outcome is not Outcome.REFUTED


def test_the_scope_keeps_an_assumption_that_compares_n() -> None:
    """That n <= c is no range of n, and the scope says it."""
    assert prove(Ge(c, 1), [Le(n, c)]).scope == "all n, n ≤ c"


def test_a_kink_in_another_variable_is_none() -> None:
    """|c| z_y has a derivative by z_y at c = 0 too, where it is 0."""
    loss = Loss("L", Abs(c) * z[y])
    verdict = prove(Ne(loss.gradient(y), 0))
    assert verdict.outcome is Outcome.REFUTED
    assert verdict.counterexample is not None
    assert verdict.counterexample.point[c] == 0
    assert prove(Eq(loss.gradient(y), Abs(c))).outcome is Outcome.PROVED


def test_an_irrational_number_is_not_rounded_to_a_point() -> None:
    """At log 2 the softmax is 2/3 exactly; a float near it would prove that it is less."""
    with pytest.raises(DeclarationError, match="finite rational numbers"):
        prove(Le(S(1), Rational(2, 3)), at={n: 2, z: (log(2), 0)})


@pytest.mark.parametrize(
    ("loss", "given"),
    [
        (class_sum(lambda j: Abs(z[j]) * z[y]), (Ne(z[y], 0),)),
        (class_sum(lambda j: Abs(z[j] - ODD) * z[y]), (Ne(z[y], ODD),)),
        (z[y] * Max(z[i], 0), ()),
    ],
)
def test_a_mixed_derivative_meets_the_kinks_of_both_variables(loss: Any, given: Any) -> None:
    """The second differentiation meets kinks that the first one does not move."""
    own = Loss("M", loss)
    after = own.gradient(y).doit()
    statement = Eq(own.hessian(y, i), differentiate(after, z[i]))
    assert prove(statement, [Ne(i, y), *given]).outcome is not Outcome.PROVED
