"""Networks at exact points: kinks, and the gradient by backpropagation in balls."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from sympy import Matrix, Max, Rational, diff, exp as sympy_exp, log as sympy_log, symbols

from gradproof.numeric import KinkError
from gradproof.numeric.network import (
    HiddenUnit,
    kinks,
    loss_point,
    network_gradient,
    target_of,
    trace_of,
)
from gradproof.numeric.point import Point
from gradproof.symbolic import Loss, S, UnsupportedError, log, n, p, scalar, y, z
from gradproof.symbolic.losses import (
    kde_cross_entropy,
    keras_cross_entropy,
    quadratic,
    softmax_cross_entropy,
    softmax_cross_entropy_soft,
)
from gradproof.symbolic.network_point import NetworkPoint
from gradproof.symbolic.network_polynomials import component

KINK = NetworkPoint(
    [[[1, -2], [1, 1]], [[1, 1], [1, -1]], [[1, 2], [3, 4]]],
    [[0, 0], [0, -3], [0, 0]],
    (2, 1),
    1,
)
PLAIN = NetworkPoint(
    [[["1/2", -1], [1, "1/4"]], [[1, -1], ["1/3", 2]]], [[1, 0], [0, 1]], (1, 1), 2
)


def test_pre_activations_are_exact() -> None:
    """They are rationals, so that a sum of thirds that is 0 is 0."""
    third = NetworkPoint([[["1/3", "1/3", "1/3"]], [[1]]], [[-1], [0]], (1, 1, 1), 1)
    assert trace_of(third).pre_activations == ((0,), (0,))
    assert kinks(third) == [HiddenUnit(1, 1)]


def test_every_kink_is_named_by_layer_and_unit() -> None:
    """Units with a pre-activation of exactly 0 are found in every hidden layer, none elsewhere."""
    assert trace_of(KINK).pre_activations == ((0, 3), (3, -6), (3, 9))
    assert kinks(KINK) == [HiddenUnit(1, 1)]
    deeper = NetworkPoint(KINK.weights, [[1, 0], [0, 2], [0, 0]], (2, 1), 1)
    assert kinks(deeper) == [HiddenUnit(2, 2)]
    assert str(HiddenUnit(2, 2)) == "unit 2 of hidden layer 2"
    assert kinks(NetworkPoint([[[1]]], [[0]], (0,), 1)) == []


def test_a_gradient_at_a_kink_is_refused() -> None:
    """The error names the unit; no subgradient is chosen."""
    with pytest.raises(KinkError, match="found 0 at unit 1 of hidden layer 1"):
        network_gradient(softmax_cross_entropy, KINK)


def test_the_gradient_is_that_of_sympy() -> None:
    """With Max in place of the ReLU, SymPy's derivative of the written-out network agrees."""
    w = Matrix(2, 2, symbols("w:4", real=True))
    v = Matrix(2, 2, symbols("v:4", real=True))
    hidden = (w * Matrix([1, 1]) + Matrix([1, 0])).applyfunc(lambda a: Max(0, a))
    logits = v * hidden + Matrix([0, 1])
    loss = -logits[1] + sympy_log(sympy_exp(logits[0]) + sympy_exp(logits[1]))
    at: dict[Any, Any] = {}
    for matrix, values in ((w, PLAIN.weights[0]), (v, PLAIN.weights[1])):
        numbers = [Rational(f.numerator, f.denominator) for row in values for f in row]
        at |= dict(zip(matrix, numbers, strict=True))
    found = network_gradient(softmax_cross_entropy, PLAIN)
    for layer, matrix in enumerate((w, v)):
        for row in range(2):
            for column in range(2):
                expected = diff(loss, matrix[row, column]).subs(at).evalf(30)
                ball = found.weights[layer][row][column]
                assert abs(float(ball.mid()) - float(expected)) < 1e-14


def test_the_gradient_has_the_shapes_of_the_network() -> None:
    """One ball for each weight and bias, each narrow."""
    found = network_gradient(quadratic, PLAIN, bits=200)
    assert [[len(row) for row in rows] for rows in found.weights] == [[2, 2], [2, 2]]
    assert [len(b) for b in found.biases] == [2, 2]
    assert all(float(component(found, q).rad()) < 1e-50 for q in PLAIN.parameters())


def test_a_target_is_a_label_or_a_family() -> None:
    """The target goes to whatever the loss is told beside the logits."""
    assert target_of(softmax_cross_entropy) == y
    assert target_of(softmax_cross_entropy_soft) == p
    assert target_of(Loss("FIRST", -log(S(1)))) is None
    assert loss_point(quadratic, PLAIN, (1, 2)) == Point({z: (1, 2), y: 2})
    soft = NetworkPoint(PLAIN.weights, PLAIN.biases, PLAIN.input, (Fraction(1, 2), 0))
    assert loss_point(softmax_cross_entropy_soft, soft, (1, 2))[n] == 2
    assert network_gradient(kde_cross_entropy, soft).biases[1][0] < 0


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (softmax_cross_entropy_soft, "one number for each class"),
        (keras_cross_entropy, "epsilon"),
        (Loss("T", -log(S(y)) * scalar("T")), "depends on T, y"),
    ],
    ids=str,
)
def test_a_loss_that_needs_more_is_refused(loss: Loss, message: str) -> None:
    """A target of the wrong kind, and a loss with further symbols, are errors."""
    with pytest.raises(UnsupportedError, match=message):
        network_gradient(loss, PLAIN)
