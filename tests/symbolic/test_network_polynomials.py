"""Backpropagation and the derivative as polynomials, for networks of any widths."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from gradproof.symbolic.backward import RULES
from gradproof.symbolic.network_polynomials import (
    by_rules,
    first_difference,
    is_small,
    unknowns,
    wrong_twins,
)

WIDTHS = [(1, 1), (3, 2), (1, 1, 1), (2, 3, 2), (3, 4, 4, 3), (2, 3, 3, 3, 2), (2, 1, 3, 2)]
TWINS = [(widths, name) for widths in WIDTHS for name in wrong_twins(widths)]


@pytest.mark.parametrize("widths", WIDTHS, ids=str)
def test_backpropagation_is_the_derivative(widths: tuple[int, ...]) -> None:
    """By every weight and bias the two are one polynomial."""
    assert first_difference(unknowns(widths), by_rules(RULES)) is None


@settings(max_examples=25)
@given(st.lists(st.integers(1, 4), min_size=2, max_size=5).map(tuple))
def test_backpropagation_is_the_derivative_for_any_widths(widths: tuple[int, ...]) -> None:
    """The law holds for networks of random depth and width, and every wrong twin breaks it."""
    network = unknowns(widths)
    assert first_difference(network, by_rules(RULES)) is None
    assert all(first_difference(network, twin) for twin in wrong_twins(widths).values())


@pytest.mark.parametrize(("widths", "name"), TWINS, ids=str)
def test_a_wrong_pass_is_caught(widths: tuple[int, ...], name: str) -> None:
    """Each pass that is wrong on purpose differs by some weight or bias, and both are shown."""
    found = first_difference(unknowns(widths), wrong_twins(widths)[name])
    assert found is not None
    assert found.derivative != found.backpropagated


def test_the_twins_break_what_people_get_wrong() -> None:
    """A square, deep network has a twin for each mistake."""
    assert set(wrong_twins((2, 3, 3, 2))) == {
        "the derivative by a bias is 0",
        "a weight ignores the activation below it",
        "no mask",
        "the sign of an error is turned",
        "an error passes a connection without its weight",
        "activations are taken before the ReLU",
        "the mask of the next unit",
        "the mask of another layer",
        "weights are transposed",
    }


def test_the_sum_of_logits_has_a_term_for_each_path() -> None:
    """In a network 2-3-2 there are 2*3*2 paths from the input, 3*2 from biases, and 2."""
    assert len(unknowns((2, 3, 2)).linear) == 12 + 6 + 2


def test_large_networks_are_not_written_out() -> None:
    """What would take too many terms is left to the induction."""
    assert is_small((5, 10, 10, 10))
    assert not is_small((784, 512, 10))
