"""Confirmation of backpropagation at exact points."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from flint import arb

from gradproof.checks import network_points
from gradproof.checks.network_points import BITS, Confirmation, compare, confirm, confirm_at, draw
from gradproof.numeric.network import kinks, network_gradient
from gradproof.symbolic import EngineConflict
from gradproof.symbolic.backward import RULES, backward
from gradproof.symbolic.losses import kde_cross_entropy, quadratic, softmax_cross_entropy
from gradproof.symbolic.network_point import NetworkPoint
from gradproof.symbolic.network_polynomials import component

WIDTHS = (2, 3, 3, 2)


def test_drawn_networks_spread() -> None:
    """Draws differ, have no kink, and the first layer's weights matter."""
    random = Random(0)
    points = [draw(quadratic, WIDTHS, random) for _ in range(8)]
    assert len(set(points)) == 8
    for point in points:
        assert point is not None
        assert not kinks(point)
        first = network_gradient(quadratic, point).weights[0]
        assert any(not ball.contains(0) for row in first for ball in row)


def test_kernel_values_are_drawn_inside_the_domain() -> None:
    """A family of targets has the sign it was declared with, and the loss's assumptions hold."""
    point = draw(kde_cross_entropy, WIDTHS, Random(1))
    assert point is not None
    assert isinstance(point.target, tuple)
    assert sum(point.target) > 0


def test_every_weight_and_bias_is_compared() -> None:
    """A small network is compared by all its weights and biases, once by a difference."""
    total = confirm(softmax_cross_entropy, WIDTHS, 3, 2)
    assert total == Confirmation(points=2, derivatives=2 * (9 + 12 + 8), differences=1)
    assert "58 derivatives at 2 exact points agree" in str(total)


def test_of_a_large_network_a_part_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The part is spread over the network and never empty."""
    monkeypatch.setattr(network_points, "WORK", 29 * 5)
    assert 3 <= confirm(quadratic, WIDTHS, 0, 1).derivatives <= 5
    monkeypatch.setattr(network_points, "WORK", 0)
    assert 2 <= confirm(quadratic, WIDTHS, 0, 1).derivatives <= 3


@pytest.mark.parametrize("rule", ["gate", "bias", "weight", "through"])
def test_wrong_backpropagation_is_contradicted(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wrong rule is caught at points alone, by balls that are apart."""
    wrong = {
        "gate": replace(RULES, gate=lambda _slope, received: received),
        "bias": replace(RULES, bias=lambda error: 0 * error),
        "weight": replace(RULES, weight=lambda error, _activation: error),
        "through": replace(RULES, through=lambda _weight, error: error),
    }[rule]
    monkeypatch.setattr(
        "gradproof.numeric.network.backward", lambda *args: backward(*args, rules=wrong)
    )
    with pytest.raises(EngineConflict, match="agrees with the derivative of the network"):
        confirm(quadratic, WIDTHS, 0, 3)


def test_wide_balls_confirm_nothing() -> None:
    """Two balls that overlap only because they are wide are not counted."""
    point = draw(quadratic, (2, 2), Random(0))
    assert point is not None
    computed = network_gradient(quadratic, point, BITS[0])
    wide = {q: component(computed, q) + arb(0, 1) for q in point.parameters()}
    assert compare(computed, wide, point) == 0
    assert compare(computed, {q: component(computed, q) for q in wide}, point) == 6


def test_a_difference_that_disagrees_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The third path counts: a difference quotient that is off stops everything."""
    monkeypatch.setattr(network_points, "network_difference", lambda *_: 7)
    with pytest.raises(EngineConflict, match="against 7"):
        confirm(quadratic, WIDTHS, 0, 1)


def test_a_saturated_network_is_still_compared() -> None:
    """Logits thousands apart take more bits, not another verdict."""
    point = NetworkPoint([[[1000]], [[3], [-3]]], [[0], [0, 0]], (Fraction(3, 2),), 2)
    assert confirm_at(softmax_cross_entropy, point).derivatives == 6
