"""The oracles of networks: Taylor series forward, one-sided derivatives, difference quotients."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings, strategies as st
from mpmath import mpf

from gradproof.numeric import KinkError
from gradproof.numeric.network import kinks, network_gradient
from gradproof.numeric.network_oracle import (
    network_derivative,
    network_derivatives,
    network_difference,
    one_sided,
)
from gradproof.symbolic import DeclarationError, Loss
from gradproof.symbolic.losses import quadratic, softmax_cross_entropy
from gradproof.symbolic.network_point import NetworkPoint, Parameter
from gradproof.symbolic.network_polynomials import component

KINK = NetworkPoint([[[1, -2], [1, 1]], [[1, "1/2"], [-1, 1]]], [[0, 0], [0, 0]], (2, 1), 1)
DEEP_KINK = NetworkPoint(
    [[[1, -2], [1, 1]], [[1, -1], [2, 1]], [["1/2", -1], [1, "1/3"]]],
    [[2, 0], [1, 0], [0, 0]],
    (2, 1),
    2,
)
LOSSES = pytest.mark.parametrize("loss", [softmax_cross_entropy, quadratic], ids=lambda a: a.name)
_numbers = st.integers(-6, 6).map(lambda a: Fraction(a, 4))


@st.composite
def networks(draw: st.DrawFn) -> NetworkPoint:
    """Draw small networks with moderate weights."""
    widths = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))

    def vector(length: int) -> list[Fraction]:
        return draw(st.lists(_numbers, min_size=length, max_size=length))

    pairs = list(pairwise(widths))
    weights = [[vector(below) for _ in range(units)] for below, units in pairs]
    biases = [vector(units) for _, units in pairs]
    return NetworkPoint(weights, biases, vector(widths[0]), draw(st.integers(1, widths[-1])))


@LOSSES
@settings(max_examples=40)
@given(point=networks())
def test_backpropagation_and_series_give_the_same_balls(loss: Loss, point: NetworkPoint) -> None:
    """Off the kinks, every pair of balls is narrow and overlaps."""
    assume(not kinks(point))
    computed, expected = network_gradient(loss, point, 256), network_derivatives(loss, point, 256)
    for parameter in point.parameters():
        one, other = component(computed, parameter), component(expected, parameter)
        assert one.overlaps(other)
        assert max(float(one.rad()), float(other.rad())) < 1e-40


@LOSSES
@settings(max_examples=25)
@given(point=networks(), data=st.data())
def test_both_sides_agree_off_the_kinks(
    loss: Loss, point: NetworkPoint, data: st.DataObject
) -> None:
    """Where no pre-activation is 0, the one-sided derivatives are the derivative."""
    assume(not kinks(point))
    parameter = data.draw(st.sampled_from(list(point.parameters())))
    sides = one_sided(loss, point, parameter)
    derivative = network_derivative(loss, point, parameter)
    assert not sides.differ
    assert sides.left.overlaps(derivative)
    assert sides.right.overlaps(derivative)


@LOSSES
@settings(max_examples=15)
@given(point=networks(), data=st.data())
def test_differences_agree_with_series(
    loss: Loss, point: NetworkPoint, data: st.DataObject
) -> None:
    """A central difference, from fractions and mpmath alone, has the digits it promises."""
    assume(not kinks(point))
    parameter = data.draw(st.sampled_from(list(point.parameters())))
    quotient = network_difference(loss, point, parameter)
    ball = network_derivative(loss, point, parameter)
    assert abs(quotient - mpf(ball.mid().str(40, radius=False))) < mpf(10) ** -15


@LOSSES
@pytest.mark.parametrize("point", [KINK, DEEP_KINK], ids=["first layer", "second layer"])
def test_one_sided_derivatives_are_limits_of_quotients(loss: Loss, point: NetworkPoint) -> None:
    """At a kink both sides agree with forward and backward differences, and some differ."""
    assert kinks(point)
    apart = 0
    for parameter in point.parameters():
        sides = one_sided(loss, point, parameter)
        apart += sides.differ
        for ball, way in ((sides.left, -1), (sides.right, 1)):
            near = point.shifted(parameter, Fraction(way, 10**9))
            # Off the kink on that side, the derivative is within O(1e-9) of the limit.
            if not kinks(near):
                beside = network_derivative(loss, near, parameter)
                assert abs(float(ball.mid()) - float(beside.mid())) < 1e-6
    assert apart > 0


def test_the_kink_is_passed_in_the_right_direction() -> None:
    """max(0, b) has the slope 0 from the left and 1 from the right, and -1 and 0 for max(0, -b)."""
    linear = NetworkPoint([[[1]], [[1], [0]]], [[0], [0, 0]], (0,), 1)
    sides = one_sided(softmax_cross_entropy, linear, Parameter(1, 1))
    assert sides.left == 0
    assert abs(float(sides.right.mid()) + 0.5) < 1e-15
    turned = NetworkPoint([[[1]], [[-1]], [[1], [0]]], [[1], [1], [0, 0]], (0,), 1)
    sides = one_sided(softmax_cross_entropy, turned, Parameter(1, 1))
    assert abs(float(sides.left.mid()) - 0.5) < 1e-15
    assert sides.right == 0


def test_series_stop_at_a_kink() -> None:
    """A two-sided derivative is refused there, with the unit in the text."""
    point = NetworkPoint(
        [[[1, 0], [0, 1]], [[1, 0], [1, -1]], [[1, 1]]], [[0, 0], [0, 0], [0]], (1, 1), 1
    )
    with pytest.raises(KinkError, match="0 at unit 2 of hidden layer 2"):
        network_derivative(softmax_cross_entropy, point, Parameter(1, 1))


def test_a_parameter_that_is_not_there_is_refused() -> None:
    """An oracle moves a weight that exists."""
    with pytest.raises(DeclarationError, match="a weight or bias of the network"):
        network_derivative(quadratic, KINK, Parameter(1, 3))
