"""What verdicts say of points without a value: both sides of a kink, 0/0, log 0."""

from __future__ import annotations

from fractions import Fraction

from sympy import Abs, Max

from gradproof.checks.engine import prove
from gradproof.checks.kink_sides import sides_at, undefined_form
from gradproof.checks.verdict import Outcome
from gradproof.numeric.point import Point
from gradproof.symbolic import Eq, K, Loss, S, class_sum, losses, n, p, y, z
from gradproof.symbolic.losses import epsilon

KDE, KERAS = losses.kde_cross_entropy, losses.keras_cross_entropy_one_hot
_EDGE = {n: 4, z: (0, 0, 0, 0), epsilon: Fraction(1, 4), y: 1}


def test_the_edge_of_the_clip_is_undefined_with_both_sides() -> None:
    """Neither side's derivative is taken for the gradient; both are given."""
    for value in (0, Fraction(-3, 4), Fraction(-3, 8)):
        verdict = prove(Eq(KERAS.gradient(y), value), at=_EDGE)
        assert verdict.outcome is Outcome.UNDEFINED
        assert verdict.counterexample is not None
        assert verdict.counterexample.figures == (
            ("∂KERAS/∂z_1 from the left", "0"),
            ("∂KERAS/∂z_1 from the right", "-3/4"),
        )
        assert "∂KERAS/∂z_1 from the left is 0" in verdict.reason


def test_ties_in_absolute_values_and_maxima() -> None:
    """|S_i - p_i| at equality and a tied maximum have two one-sided derivatives."""
    half = Fraction(1, 2)
    away = Loss("A", class_sum(lambda j: Abs(S(j) - p[j])))
    verdict = prove(Eq(away.gradient(1), 0), at={n: 2, z: (0, 0), p: (half, half)})
    assert verdict.outcome is Outcome.UNDEFINED
    assert [v for _, v in verdict.counterexample.figures] == ["-1/2", "1/2"]
    top = Loss("M", Max(z[1], z[2]))
    verdict = prove(Eq(top.gradient(2), half), at={n: 2, z: (1, 1)})
    assert [v for _, v in verdict.counterexample.figures] == ["0", "1"]


def test_beside_the_kink_nothing_is_said_of_sides() -> None:
    """A point off the edge has no one-sided figures, and the statement is decided."""
    point = {**_EDGE, epsilon: Fraction(1, 5)}
    assert sides_at(Eq(KERAS.gradient(y), 0), Point(point)) == ()
    assert prove(Eq(KERAS.gradient(y), Fraction(-3, 4)), at=point).outcome is Outcome.PROVED


def test_no_match_is_named_log_0_and_0_over_0() -> None:
    """With all K = 0 the loss is a log 0 and its gradient a 0/0."""
    point = Point({n: 2, z: (0, 1), K: (0, 0)})
    assert undefined_form(Eq(KDE.term, 0), point) == "log 0"
    assert undefined_form(Eq(KDE.gradient(1), 0), point) == "log 0 and 0/0"
    assert undefined_form(Eq(KDE.gradient(1), 0), point.replace({K: (0, 1)})) == ""
