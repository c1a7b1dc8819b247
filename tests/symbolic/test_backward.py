"""The passes forward and backward through a network."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from gradproof.symbolic.backward import RULES, Affine, backward, forward


def test_the_passes_compute_a_network_by_hand() -> None:
    """One hidden unit off, one on: the errors pass the one that is on."""
    layers = (
        Affine(((1, 2), (1, -1)), (0, 0)),
        Affine(((3, 5),), (7,)),
    )
    trace = forward(layers, (1, 1), lambda _layer, _unit, a: max(a, 0))
    assert trace.pre_activations == ((3, 0), (16,))
    found = backward(layers, trace.inputs, [(1, 0)], (10,))
    assert found.weights == (((30, 30), (0, 0)), ((30, 0),))
    assert found.biases == ((30, 0), (10,))


def test_a_pass_runs_on_any_numbers() -> None:
    """The same code runs on fractions, and follows the local rules it is given."""
    layers = (Affine(((Fraction(1, 2),),), (Fraction(1, 3),)), Affine(((Fraction(2),),), (0,)))
    trace = forward(layers, (Fraction(1),), lambda _layer, _unit, a: a)
    assert trace.logits == (Fraction(5, 3),)
    found = backward(layers, trace.inputs, [(1,)], (1,), replace(RULES, bias=lambda e: -e))
    assert found.biases == ((-2,), (-1,))
    assert found.weights == (((2,),), ((Fraction(5, 6),),))
