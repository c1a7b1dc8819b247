"""Exact networks: shapes, numbers, parameters."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from sympy import Rational

from gradproof.symbolic import DeclarationError
from gradproof.symbolic.network_point import NetworkPoint, Parameter, spell_widths

GOOD: dict[str, Any] = {
    "weights": [[[1, -2], ["1/3", 0.5]], [[1, Rational(2, 7)]]],
    "biases": [[0, 1], [2]],
    "input": (3, 4),
    "target": 1,
}


def test_numbers_are_taken_exactly() -> None:
    """Integers, strings, floats and SymPy rationals become the fractions they spell."""
    point = NetworkPoint(**GOOD)
    assert point.weights[0][1] == (Fraction(1, 3), Fraction(1, 2))
    assert point.weights[1][0][1] == Fraction(2, 7)
    assert point.widths == (2, 2, 1)
    assert spell_widths(point.widths) == "2-2-1"


def test_every_weight_and_bias_is_a_parameter_once() -> None:
    """A network 2-2-1 has 6 weights and 3 biases, each with a text of its own."""
    parameters = list(NetworkPoint(**GOOD).parameters())
    assert len({*map(str, parameters)}) == len(parameters) == 9
    assert str(parameters[0]) == "W1[1,1]"
    assert str(parameters[-1]) == "b2[1]"


def test_a_shift_moves_one_number() -> None:
    """Shifting every parameter in turn, and back, gives the network again."""
    point = NetworkPoint(**GOOD)
    shifted = {point.shifted(p, Fraction(1, 9)) for p in point.parameters()}
    assert len(shifted) == 9
    for parameter in point.parameters():
        there = point.shifted(parameter, Fraction(1, 9))
        assert there != point
        assert there.shifted(parameter, Fraction(-1, 9)) == point


def test_a_network_survives_json() -> None:
    """The JSON data build the same network again."""
    point = NetworkPoint(**GOOD)
    assert NetworkPoint(**point.to_json()) == point
    soft = replace(point, target=(Fraction(1, 2),))
    assert NetworkPoint(**soft.to_json()) == soft


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": [[[1, -2]], [[1, 1]]]}, "each layer has a row of weights and a bias"),
        ({"weights": [[[1], [2]], [[1, 1]]]}, "each layer has a row of weights and a bias"),
        ({"biases": [[0, 1]]}, "each layer has a row of weights and a bias"),
        ({"weights": [], "biases": []}, "each layer has a row of weights and a bias"),
        ({"input": (3, float("nan"))}, "finite rational numbers"),
        ({"input": (3, True)}, "finite rational numbers"),
        ({"target": 2}, "the target is a label from 1 to 1"),
        ({"target": 0}, "a label is a class"),
        ({"target": "1/2"}, "a label is a class"),
        ({"target": (1, 2)}, "the target is a label from 1 to 1"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], message: str) -> None:
    """Shapes, numbers and targets that mean nothing are errors that say what is wrong."""
    with pytest.raises(DeclarationError, match=message):
        NetworkPoint(**(GOOD | change))


def test_a_parameter_that_is_not_there_is_refused() -> None:
    """A derivative is asked for by a weight that exists."""
    with pytest.raises(DeclarationError, match=r"W3\[1,1\] in a network 2-2-1"):
        NetworkPoint(**GOOD).shifted(Parameter(3, 1, 1), Fraction(1))
