"""Derivatives from both sides of a kink, from the loss alone."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb
from hypothesis import given, settings, strategies as st
from sympy import Abs, Expr, Integer, Max, Min, Piecewise, exp, sign

from gradproof.checks.exact import exact_zero
from gradproof.numeric.one_sided import one_sided
from gradproof.numeric.oracle import derivative
from gradproof.numeric.point import Point
from gradproof.symbolic import S, class_sum, losses, n, p, scalar, y, z
from gradproof.symbolic.errors import PrecisionError, UndefinedValueError
from gradproof.symbolic.losses import epsilon

KERAS = losses.keras_cross_entropy_one_hot
t = scalar("t")


@pytest.mark.parametrize(
    ("loss", "left", "right"),
    [
        (Abs(t), -1, 1),
        (Max(t, 0), 0, 1),
        (Min(t, 2 * t), 2, 1),
        (Piecewise((exp(t) - 1, t < 0), (3 * t, True)), 1, 3),
        (Abs(t**2 - t), -1, 1),
        (Abs(t**3) + t, 1, 1),
        (Max(t**2, t), 0, 1),
    ],
)
def test_each_side_has_the_derivative_of_the_branch_in_force_there(
    loss: Expr, left: int, right: int
) -> None:
    """On each side the branch for small steps is differentiated, also after a double zero."""
    sides = one_sided(loss, Point({t: 0}), t)
    assert sides.left.overlaps(arb(left))
    assert sides.right.overlaps(arb(right))
    assert sides.differ == (left != right)


@settings(max_examples=25, deadline=None)
@given(st.fractions(-3, 3, max_denominator=9), st.fractions(-3, 3, max_denominator=9))
def test_away_from_kinks_both_sides_are_the_derivative(first: Fraction, second: Fraction) -> None:
    """Where the loss is smooth the two sides agree with the Taylor oracle."""
    loss = class_sum(lambda j: S(j) * Abs(z[j] - 5))
    point = Point({n: 2, z: (first, second)})
    sides = one_sided(loss, point, z[1])
    own = derivative(loss, point, z[1])
    assert not sides.differ
    assert sides.left.overlaps(own)
    assert sides.right.overlaps(own)


@pytest.mark.parametrize("classes", [3, 4])
def test_the_clip_of_keras_at_its_edge(classes: int) -> None:
    """Below the edge the slope is 0, above it that of cross-entropy, S_y - 1."""
    edge = Fraction(1, classes)
    point = Point({n: classes, z: (0,) * classes, epsilon: edge, y: 1})
    sides = one_sided(KERAS.value, point, z[1], is_zero=exact_zero)
    assert sides.left.is_zero()
    assert sides.right.overlaps(arb(1 - classes) / classes)
    assert sides.differ


def test_a_zero_that_is_not_certified_is_not_taken_for_one() -> None:
    """A difference whose ball holds 0 selects no branch unless it is certified to be 0."""
    point = Point({n: 3, z: (0, 0, 0), epsilon: Fraction(1, 3), y: 1})
    with pytest.raises(PrecisionError):
        one_sided(KERAS.value, point, z[1])


def test_ties_of_outputs_and_targets() -> None:
    """|S_i - p_i| at equality has slopes of opposite signs."""
    loss = class_sum(lambda j: Abs(S(j) - p[j]))
    half = Fraction(1, 2)
    sides = one_sided(loss, Point({n: 2, z: (0, 0), p: (half, half)}), z[1])
    assert (2 * sides.left + 1).is_zero()
    assert (2 * sides.right - 1).is_zero()


def test_a_jump_has_no_one_sided_derivatives() -> None:
    """A loss that is certain to jump is refused."""
    with pytest.raises(UndefinedValueError, match="does not jump"):
        one_sided(sign(t) + t, Point({t: 0}), t)
    with pytest.raises(UndefinedValueError, match="does not jump"):
        one_sided(Piecewise((Integer(0), t < 0), (t + 1, True)), Point({t: 0}), t)
