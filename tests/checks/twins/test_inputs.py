from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from gradproof.checks.twins import (
    Input,
    TwinPoint,
    label,
    logits,
    numbers,
    one_hot,
    probabilities,
    targets,
)
from gradproof.numeric.twins import FixedArgument, FloatArgument
from gradproof.symbolic.errors import DeclarationError

POINT = TwinPoint(
    (logits(), label(), Input("numbers", (2, "n"), "w"), numbers(name="s")),
    2,
    (
        (Fraction(1, 2), Fraction(-3)),
        (Fraction(1),),
        tuple(Fraction(k) for k in range(4)),
        (Fraction(1, 3),),
    ),
)


def test_arguments_are_what_the_program_receives() -> None:
    """Floats as exact arguments of the dtype, a label as an int, shapes filled in."""
    z, y, w, s = POINT.arguments("float32")
    assert isinstance(z, FloatArgument)
    assert (z.values, z.shape, z.dtype) == (POINT.values[0], (2,), "float32")
    assert isinstance(y, FixedArgument)
    assert y.value == 1
    assert type(y.value) is int
    assert w.shape == (2, 2)
    assert s.shape == ()
    assert POINT.floats("float32") == [z, w, s]


@pytest.mark.parametrize(
    ("spec", "shape"), [(label("n"), (3,)), (label(2), (2,)), (label(array=True), ())]
)
def test_labels_may_be_arrays(spec: Input, shape: tuple[int, ...]) -> None:
    """Of integers, in the shape that is asked for."""
    values = (Fraction(1),) * spec.count(3)
    value = spec.argument(3, values, "float32").value
    assert isinstance(value, np.ndarray)
    assert (value.shape, value.dtype) == (shape, np.int64)


@pytest.mark.parametrize(
    ("spec", "kind", "shape", "name"),
    [
        (logits(), "logits", ("n",), "z"),
        (logits(4, "n", name="a"), "logits", (4, "n"), "a"),
        (label(), "label", (), "y"),
        (targets(), "targets", ("n",), "p"),
        (one_hot(), "one_hot", ("n",), "t"),
        (probabilities(), "probabilities", ("n",), "q"),
        (numbers(), "numbers", (), "x"),
        (numbers(3), "numbers", (3,), "x"),
    ],
)
def test_kinds_have_shorthands(spec: Input, kind: str, shape: Any, name: str) -> None:
    """Each with its usual name and shape."""
    assert (spec.kind, spec.shape, spec.name) == (kind, shape, name)
    assert spec.is_float is (kind != "label")


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Input("logit"), "logits, numbers"),
        (lambda: Input("logits", ("m",)), "'m'"),
        (lambda: Input("logits", (-1,)), "-1"),
        (lambda: logits("n", "k"), "'k'"),
    ],
)
def test_what_is_no_input_is_refused(make: Any, text: str) -> None:
    """An unknown kind or length is one error, with what is possible."""
    with pytest.raises(DeclarationError, match=text):
        make()


def test_a_point_prints_itself() -> None:
    """As fractions in full, as short decimals, and as JSON that holds every number."""
    assert str(POINT) == "z = (1/2, -3), y = 1, w = ((0, 1), (2, 3)), s = 1/3"
    assert POINT.about(3) == "z = (0.5, -3), y = 1, w = ((0, 1), (2, 3)), s = 0.333"
    data = json.loads(json.dumps(POINT.to_json()))
    assert data == {"n": 2, "z": ["1/2", "-3"], "y": "1", "w": ["0", "1", "2", "3"], "s": "1/3"}
    assert str(TwinPoint((Input("numbers"),), 1, ((Fraction(2),),))) == "argument 0 = (2,)"


def test_a_point_is_replaced_in_one_argument() -> None:
    """The others stay, and so does the point itself."""
    moved = POINT.replaced(0, [Fraction(7), Fraction(8)])
    assert moved.values == ((7, 8), *POINT.values[1:])
    assert POINT.values[0] == (Fraction(1, 2), -3)


def test_the_range_is_the_widest_of_an_argument_and_zero() -> None:
    """Of the float arguments; labels do not count."""
    assert POINT.range == Fraction(7, 2)
    far = TwinPoint((logits(), label()), 2, ((Fraction(5), Fraction(7)), (Fraction(1),)))
    assert far.range == 7
    assert TwinPoint((label(),), 9, ((Fraction(8),),)).range == 0
