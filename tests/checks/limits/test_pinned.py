"""Limits at one exact point: numbers in place of all but the variable on its way."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sympy import Expr, log, oo

from gradproof.checks.goals import Goal
from gradproof.checks.limits.pinned import certified_sign, decide_at
from gradproof.numeric.point import Point
from gradproof.symbolic import (
    Eq,
    Le,
    LimitTerm,
    S,
    class_sum,
    every,
    exp,
    i,
    k,
    limit,
    m,
    n,
    scalar,
    softmax,
    y,
    z,
)
from gradproof.symbolic.errors import UndefinedValueError
from gradproof.symbolic.normaliser import Normaliser

T = scalar("T", positive=True)
w = scalar("w")
COLD = limit(softmax(i, lambda c: z[c] / T), T, 0)
LEVEL = limit(T * log(class_sum(lambda j: exp(z[j] / T))), T, 0)
TIED = Point({z: (2, 2, 1), i: 1, k: 3, m: 2, y: 3, T: 1, w: Fraction(1, 2)})


@pytest.mark.parametrize(
    ("term", "value", "holds"),
    [
        (COLD, Fraction(1, 2), True),
        (COLD, 1, False),
        (LEVEL, z[m], True),
        (LEVEL, z[k], False),
        (limit(S(y), z[y], -oo), 0, True),
        (limit(exp(w * z[y]), z[y], oo), oo, True),
        (limit(exp(w * z[y]), z[y], oo), 0, False),
        (limit(log(exp(1) + exp(-z[y])) / w, z[y], oo), 2, True),
    ],
)
def test_a_limit_at_a_point_is_compared_with_a_value(
    term: LimitTerm, value: Expr, holds: bool
) -> None:
    """Ties count as they are, and a right value holds exactly where it is right."""
    decided = decide_at(Goal(Eq(term, value), ()), TIED)
    assert decided is not None
    assert decided.holds is holds
    assert decided.walks


def test_an_assumption_that_fails_on_the_way_leaves_it_open() -> None:
    """The variable leaves the assumption, so the point says nothing."""
    given = (every(lambda j: Le(z[j], z[m])),)
    goal = Goal(Eq(limit(S(y), z[y], oo), 0), given)
    assert decide_at(goal, TIED.replace({y: 1})) is None
    assert decide_at(Goal(goal.formula, ()), TIED.replace({y: 1})) is not None


def test_a_side_without_a_value_is_no_failure() -> None:
    """A logarithm of 0 beside a limit is reported as having no value."""
    goal = Goal(Eq(limit(S(y), z[y], oo), log(z[y] - z[y] + S(y) - S(y) + n - 3)), ())
    with pytest.raises(UndefinedValueError):
        decide_at(goal, TIED)


@pytest.mark.parametrize(
    ("expr", "sign"),
    [(exp(1) - 2, ">0"), (exp(1) - 3, "<0"), (log(2) - exp(-1), ">0"), (w - 1, None)],
)
def test_the_sign_of_a_number_is_certified(expr: Expr, sign: str | None) -> None:
    """A number has its sign, an expression with a symbol has none."""
    normaliser = Normaliser(None, certified_sign)
    assert normaliser.sign_of_fraction(normaliser.of(expr)) == sign
