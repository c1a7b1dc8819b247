"""Whether derivatives exist where branches of a loss meet, and the points at which they do."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from sympy import Abs, Max, Min, Piecewise, Rational, exp, sign

from gradproof.checks import smoothness as module
from gradproof.checks.engine import prove
from gradproof.checks.goals import Goal, admits
from gradproof.checks.kink_points import kink_points
from gradproof.checks.smoothness import Smoothness, smoothness
from gradproof.checks.verdict import Outcome
from gradproof.numeric import Point
from gradproof.symbolic import Eq, Ge, Le, Loss, S, class_sum, delta, losses, n, y, z

KERAS = losses.keras_cross_entropy_one_hot
HUBER = Loss("HUB", Piecewise((z[y] ** 2 / 2, Abs(z[y]) <= 1), (Abs(z[y]) - Rational(1, 2), True)))
AT = {0: {n: 1, y: 1, z: (0,)}, 1: {n: 1, y: 1, z: (1,)}}


@pytest.mark.parametrize(
    ("value", "place", "order", "state"),
    [
        (Max(0, 1 - z[y]), 1, 1, "KINK"),
        (Max(0, 1 - z[y]) ** 2, 1, 1, "SMOOTH"),
        (Max(0, 1 - z[y]) ** 2, 1, 2, "KINK"),
        (Max(0, 1 - z[y]) ** 3, 1, 2, "SMOOTH"),
        (Abs(z[y]), 0, 1, "KINK"),
        (Abs(z[y]) * z[y], 0, 1, "SMOOTH"),
        (Abs(z[y]) * z[y], 0, 2, "KINK"),
        (Max(0, z[y]) - Max(0, -z[y]), 0, 1, "SMOOTH"),
        (HUBER.value, 1, 1, "SMOOTH"),
        (HUBER.value, 1, 2, "KINK"),
        (HUBER.value, 0, 2, "SMOOTH"),
        (Piecewise((0, z[y] < 0), (z[y] ** 2, True)), 0, 1, "SMOOTH"),
        (Piecewise((0, z[y] < 0), (z[y] + 1, True)), 0, 1, "KINK"),
        (sign(z[y]), 0, 1, "KINK"),
        (class_sum(lambda j: Abs(S(j) - delta(j, y))), 0, 1, "SMOOTH"),
        (Max(z[y], Min(0, z[y])), 0, 1, "SMOOTH"),
        (Piecewise((5, Eq(z[y], 0)), (z[y] ** 2, True)), 0, 1, "KINK"),
        (Max(0, z[y] ** 3) ** 2, 0, 2, "SMOOTH"),
    ],
)
def test_branches_that_agree_leave_a_derivative(
    value: Any, place: int, order: int, state: str
) -> None:
    """A derivative exists exactly if the branches in force on both sides have the same one."""
    loss = Loss("L", value)
    term = loss.gradient(y) if order == 1 else loss.hessian(y, y)
    assert smoothness(Eq(term, 0), Point(AT[place])) is Smoothness[state]


@settings(max_examples=40)
@given(
    st.lists(st.fractions(-3, 3, max_denominator=2), min_size=2, max_size=2),
    st.lists(st.fractions(-3, 3, max_denominator=2), min_size=2, max_size=2),
)
def test_a_kink_and_a_smooth_point_are_told_apart(
    left: list[Fraction], right: list[Fraction]
) -> None:
    """Two parabolas that meet in 0 have a derivative there exactly if their slopes agree."""
    below, above = (Rational(a) * z[1] + Rational(b) * z[1] ** 2 for a, b in (left, right))
    loss = Loss("L", exp(z[1]) + Piecewise((below, z[1] < 0), (above, True)))
    state = smoothness(Eq(loss.gradient(1), 0), Point({z: (0,)}))
    assert state is (Smoothness.SMOOTH if left[0] == right[0] else Smoothness.KINK)
    assert smoothness(Eq(loss.gradient(1), 0), Point({z: (1,)})) is Smoothness.SMOOTH


def test_what_is_not_known_certifies_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a proof that the branches agree the point settles nothing."""
    monkeypatch.setattr(module, "exact_zero", lambda *_: None)
    loss = Loss("SH", Max(0, 1 - z[y]) ** 2)
    assert prove(Eq(loss.gradient(y), 0), at=AT[1]).outcome is Outcome.UNDECIDED


@pytest.mark.parametrize(
    ("value", "at", "truth"),
    [
        (Max(0, 1 - z[y]) ** 2, 1, 0),
        (HUBER.value, 1, 1),
        (Abs(z[y]) * z[y], 0, 0),
    ],
)
def test_an_instance_where_branches_agree_is_decided(value: Any, at: int, truth: int) -> None:
    """At the edge of a smooth loss its derivative is proved, and a wrong one refuted."""
    gradient = Loss("L", value).gradient(y)
    assert prove(Eq(gradient, truth), at=AT[at]).outcome is Outcome.PROVED
    assert prove(Eq(gradient, truth + 1), at=AT[at]).outcome is Outcome.REFUTED


@pytest.mark.parametrize(
    "formula",
    [
        Le(Loss("H", Max(0, 1 - z[y])).gradient(y), 0),
        Le(Abs(Loss("A", Abs(z[y])).gradient(y)), 1),
        Ge(HUBER.hessian(y, y), 0),
        Ge(Loss("M", Max(z[1], z[2])).gradient(1), 0),
    ],
)
def test_a_bound_on_a_derivative_has_no_value_at_its_kink(formula: Any) -> None:
    """A kink is looked for where the statement holds beside it."""
    assert prove(formula).outcome is Outcome.UNDEFINED


@pytest.mark.parametrize(
    ("formula", "given"),
    [
        (Le(Abs(KERAS.gradient(y)), 1), KERAS.given),
        (Le(Loss("H", Max(0, 3 - 2 * z[y])).gradient(y), 0), ()),
        (Ge(HUBER.hessian(y, y), 0), (n >= 2,)),
    ],
)
def test_points_at_kinks_lie_there(formula: Any, given: tuple[Any, ...]) -> None:
    """At each point some branches meet, and the assumptions hold."""
    points = list(kink_points(Goal(formula, given), 0))
    assert points
    assert all(admits(given, point) for point in points)
    assert any(smoothness(formula, point) is Smoothness.KINK for point in points)
