from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st
from sympy import Rational, exp

from gradproof.numeric import Point, evaluate, evaluate_vector, reference
from gradproof.numeric.evaluator import prepare
from gradproof.numeric.shares import find_share
from gradproof.symbolic import K, S, class_sum, delta, i, k, scalar, y, z

t = scalar("t")

SHARES = [
    S(i) - 1,
    1 - S(i),
    S(i) - delta(i, y),
    3 - 3 * S(i) + t,
    Rational(1, 2) * delta(i, y) - S(i) / 2 + z[i],
    S(i) * K[i] / class_sum(lambda q: S(q) * K[q]) - delta(i, k),
    z[i] / class_sum(lambda q: z[q]) - 1,
]


@pytest.mark.parametrize("expr", SHARES, ids=str)
@given(st.lists(st.fractions(-3, 3, max_denominator=9), min_size=2, max_size=4), st.data())
def test_the_rewriting_changes_no_value(
    expr: Any, members: list[Fraction], data: st.DataObject
) -> None:
    """One minus a share has the value of mpmath's plain subtraction, for every class."""
    size = len(members)
    place = st.integers(1, size)
    weights = data.draw(st.lists(st.fractions(1, 3), min_size=size, max_size=size))
    values = {z: members, K: weights, y: data.draw(place), k: data.draw(place), t: 2}
    if expr == SHARES[-1] and sum(members) == 0:
        return
    balls = evaluate_vector(expr, i, Point(values), 128)
    for label, ball in enumerate(balls, start=1):
        value = reference(expr, Point(values | {i: label}), 40)
        assert abs(float(ball.mid()) - float(value)) <= 1e-12 * max(1, abs(float(value)))
        assert ball.rad() < 1e-25


@pytest.mark.parametrize("expr", SHARES, ids=str)
def test_shares_are_recognised(expr: Any) -> None:
    """Each of the shapes above is seen as one minus a share."""
    assert find_share(prepare(expr).args) is not None


@pytest.mark.parametrize(
    "expr",
    [
        S(i) + 1,
        S(i) - 2,
        2 * S(i) - 1,
        exp(z[i]) / class_sum(lambda q: exp(2 * z[q])) - 1,
        S(i) - K[i],
    ],
    ids=str,
)
def test_what_is_no_complement_is_left_alone(expr: Any) -> None:
    """Another sign, factor, total or subtrahend is not rewritten."""
    assert find_share(prepare(expr).args) is None


def test_the_complement_keeps_its_digits() -> None:
    """At a gap of 1000 the complement has full relative precision at 64 bits."""
    point = Point({z: (1000, 0, 0), y: 1})
    assert evaluate(1 - S(y), point, 64).rel_accuracy_bits() > 40
