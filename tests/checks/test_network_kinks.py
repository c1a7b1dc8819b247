"""What is said at a kink."""

from __future__ import annotations

import pytest

from gradproof.checks import network_kinks
from gradproof.checks.network_kinks import at_kink
from gradproof.checks.verdict import Evidence, Finding
from gradproof.numeric.network import kinks
from gradproof.symbolic import PrecisionError
from gradproof.symbolic.losses import softmax_cross_entropy
from gradproof.symbolic.network_point import NetworkPoint

KINK = NetworkPoint([[[1, -2], [1, 1]], [[1, 0], [-1, 2]]], [[0, 0], [0, 1]], (2, 1), 1)
UNUSED = NetworkPoint((KINK.weights[0], ((0, 0), (0, 2))), KINK.biases, KINK.input, 1)
BEHIND = NetworkPoint([[[1], [1]], [[1, -1]], [[1], [-1]]], [[0, 0], [0], [0, 0]], (1,), 2)


def said(point: NetworkPoint) -> Evidence:
    """Return the evidence at a point."""
    return at_kink("m", "s", softmax_cross_entropy, point, kinks(point))


def test_a_kink_of_the_loss_has_two_derivatives() -> None:
    """Balls that are apart show that the loss is not differentiable."""
    found = said(KINK)
    assert found.finding is Finding.UNDEFINED
    assert "is 0 from the left and" in found.detail
    assert found.detail.endswith("so that the loss is not differentiable there.")


def test_a_unit_in_a_later_layer_is_named() -> None:
    """A pre-activation may be 0 by cancellation in any hidden layer."""
    found = said(BEHIND)
    assert found.detail.startswith("The pre-activation is 0 at unit 1 of hidden layer 2.")
    assert "by b2[1]" in found.detail


def test_a_unit_that_nothing_uses_is_no_kink_of_the_loss() -> None:
    """Where both sides agree, the loss is not said to be without a derivative."""
    found = said(UNUSED)
    assert found.finding is Finding.UNDEFINED
    assert "not differentiable" not in found.detail
    assert "none was found whose two sides differ" in found.detail


def test_sides_that_are_not_certified_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without certified figures only the pre-activation is reported."""

    def never(*_: object) -> None:
        raise PrecisionError("no ball", found="nan", remedy="more bits")

    monkeypatch.setattr(network_kinks, "one_sided", never)
    found = said(KINK)
    assert found.detail == (
        "The pre-activation is 0 at unit 1 of hidden layer 1. "
        "Its one-sided derivatives were not certified."
    )
