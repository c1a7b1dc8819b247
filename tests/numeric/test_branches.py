from __future__ import annotations

from typing import Any

import pytest
from flint import arb
from hypothesis import given, strategies as st
from sympy import Abs, And, Eq, Max, Min, Not, Or, Piecewise, exp, log, sign, sqrt

from gradproof.numeric import KinkError, Point, derivative, enclose, evaluate
from gradproof.numeric.branches import CONNECTIVES, conjunction, disjunction, negation
from gradproof.symbolic import DeclarationError, UnsupportedError, i, scalar, y, z

t = scalar("t")
HIDDEN_ZERO = log(t + 5) - log(2) - log(3)
"""Exactly 0 at t = 1, though no ball shows it."""


@given(st.fractions(-3, 3, max_denominator=4))
def test_branches_of_exact_values(value: Any) -> None:
    """At rational points every branching function is exact, ties included."""
    point = Point({t: value})
    assert enclose(Abs(t - 1), point).exact == abs(value - 1)
    assert enclose(sign(t - 1), point).exact == (value > 1) - (value < 1)
    assert enclose(Max(t, 1 - t, 0), point).exact == max(value, 1 - value, 0)
    assert enclose(Min(t, 1 - t, 0), point).exact == min(value, 1 - value, 0)
    clipped = Piecewise((-1, t < -1), (1, t > 1), (t, True))
    assert enclose(clipped, point).exact == max(-1, min(1, value))


@pytest.mark.parametrize(
    ("expr", "possible"),
    [
        (Abs(HIDDEN_ZERO), (0,)),
        (sign(HIDDEN_ZERO), (-1, 0, 1)),
        (Max(HIDDEN_ZERO, 0), (0,)),
        (Min(1 + HIDDEN_ZERO, 1), (1,)),
    ],
    ids=str,
)
def test_an_undecided_sign_gives_every_possibility(expr: Any, possible: tuple[int, ...]) -> None:
    """Abs, Max, Min and sign of a ball that may have either sign enclose all that may be."""
    ball = evaluate(expr, Point({t: 1}), 64)
    assert ball.is_finite()
    assert all(ball.contains(value) for value in possible)
    assert not any(ball.contains(value) for value in (-2, 2, 0.5) if len(possible) == 1)


def test_the_first_branch_that_holds_is_taken() -> None:
    """Order matters, and conditions on classes are exact."""
    expr = Piecewise((1, Eq(i, y)), (2, i < y), (3, True))
    values = [enclose(expr, Point({z: (0, 0, 0), y: 2, i: k})).exact for k in (1, 2, 3)]
    assert values == [2, 1, 3]


def test_a_branch_that_is_not_taken_is_not_looked_at() -> None:
    """An undefined branch does no harm where it is not in force."""
    expr = Piecewise((log(t), t > 0), (0, True))
    assert enclose(expr, Point({t: -1})).exact == 0


def test_connectives_in_conditions() -> None:
    """And, Or and Not select branches."""
    expr = Piecewise((1, And(t > 0, Not(t > 2))), (2, Or(t < -1, t > 5)), (3, True))
    values = [enclose(expr, Point({t: v})).exact for v in (1, 3, 6, -2, 0)]
    assert values == [1, 3, 2, 2, 3]


def test_a_condition_of_another_kind_is_refused() -> None:
    """What is no relation or connective cannot select a branch."""
    from sympy import Symbol

    with pytest.raises((UnsupportedError, DeclarationError)):
        evaluate(Piecewise((1, Symbol("flag")), (2, True)), Point({t: 1}))


truths = st.sampled_from([True, False, None])


@given(st.lists(truths, min_size=1, max_size=3), st.data())
def test_kleene_logic_is_what_every_completion_agrees_on(parts: list[Any], data: Any) -> None:
    """A connective is decided exactly as all ways to decide the open parts agree."""
    kind = data.draw(st.sampled_from([k for k in CONNECTIVES if k.__name__ in ("And", "Or")]))
    classical = all if kind is And else any
    completions = [[]]
    for part in parts:
        choices = [part] if part is not None else [True, False]
        completions = [[*c, choice] for c in completions for choice in choices]
    results = {classical(c) for c in completions}
    expected = results.pop() if len(results) == 1 else None
    assert CONNECTIVES[kind](parts) is expected


def test_de_morgan() -> None:
    """Negation exchanges conjunction and disjunction in all nine cases."""
    for a in (True, False, None):
        for b in (True, False, None):
            assert negation(conjunction([a, b])) is disjunction([negation(a), negation(b)])


KINKS = [
    (Abs(t), 0),
    (Abs(t) ** 3, 0),
    (Max(t, 0), 0),
    (Min(t, 1 - t), "1/2"),
    (sign(t), 0),
    (sqrt(t**2 + 0 * exp(t)), 0),
    (sqrt(t), 0),
    (Piecewise((0, t < 1), (t - 1, True)), 1),
    (Piecewise((t, t**2 > 1), (2 * t, True)), -1),
    (Abs(exp(t) - 1), 0),
]


@pytest.mark.parametrize(("expr", "place"), KINKS, ids=str)
def test_a_derivative_at_a_kink_is_an_error(expr: Any, place: Any) -> None:
    """Where two branches meet there is no number, and the tie is named."""
    with pytest.raises(KinkError, match=r"a tie of .* at t = "):
        derivative(expr, Point({t: place}), t)


@pytest.mark.parametrize(("expr", "place"), KINKS, ids=str)
def test_beside_a_kink_there_is_a_derivative(expr: Any, place: Any) -> None:
    """The wrong twin: a quarter to the right of each kink the derivative is a number."""
    point = Point({t: Point({t: place})[t] + Point({t: "1/4"})[t]})
    assert isinstance(derivative(expr, point, t), arb)


def test_a_branch_on_something_else_is_no_kink() -> None:
    """A tie that does not move with the variable leaves the derivative alone."""
    point = Point({z: (1, 1, 5), t: 0})
    expr = Piecewise((z[3] ** 2, t <= 0), (0, True)) + Abs(t) + Max(z[1], z[2])
    assert derivative(expr, point, z[3]) == 10
