from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from gradproof.numeric import Enclosure, KinkError
from gradproof.numeric.twins import Twin, exact
from gradproof.symbolic.errors import DeclarationError, PrecisionError, UnsupportedError
from tests.numeric.twins.conftest import dyadics, number

Program = Callable[..., Any]


def loss(z: Any, y: int) -> Any:
    """Return the cross entropy, written without any care."""
    return np.log(np.sum(np.exp(z))) - z[y]


def hinge(x: Any) -> Any:
    """Return the positive part."""
    return np.maximum(x, 0)


def jump(x: Any) -> Any:
    """Return 1 above 0 and 0 elsewhere."""
    return np.where(x > 0, 1.0, 0.0)


def flat(x: Any) -> Any:
    """Return the third power above 0, as a square that is compared tells."""
    return np.where(x * x > 0, 3 * x, 5 * x)


def certain(enclosure: Any, value: Any, digits: int = 28) -> bool:
    """Tell whether an enclosure holds a number of mpmath, to a number of digits of it."""
    assert isinstance(enclosure, Enclosure)
    with mpmath.workdps(80):
        low, high = number(enclosure.lower), number(enclosure.upper)
        slack = abs(value) * mpmath.mpf(10) ** -digits
        return bool(low - slack <= value <= high + slack and high - low <= 2 * slack)


logits = st.lists(dyadics.map(lambda v: v * 8), min_size=1, max_size=4)


@settings(max_examples=30)
@given(logits, st.integers(0, 3))
def test_values_and_gradients_have_the_digits_asked_for(z: list[Fraction], y: int) -> None:
    """Value and gradient of the cross entropy are those of mpmath, however far apart logits are."""
    label = y % len(z)
    twin = exact(loss)
    value, gradient = twin.value(z, label), twin.gradient(z, label)
    with mpmath.workdps(150):
        powers = [mpmath.exp(number(v)) for v in z]
        total = mpmath.fsum(powers)
        rest = mpmath.fsum(p for k, p in enumerate(powers) if k != label)
        expected = mpmath.log1p(rest / powers[label])
        shares = [(-rest if k == label else p) / total for k, p in enumerate(powers)]
    if len(z) > 1:
        assert certain(value, expected)
        assert all(certain(g, s) for g, s in zip(gradient, shares, strict=True))
    else:
        assert abs(value.mid) <= value.rad
    if len(z) > 1:
        assert value.digits >= 30
        assert all(g.digits >= 30 for g in gradient)


def test_a_wrong_program_would_be_noticed() -> None:
    """The wrong twin, off in the sixteenth digit, is told apart from the right one."""
    right, wrong = exact(loss), exact(lambda z, y: loss(z, y) * (1 + 2.0**-52))
    one, other = (t.value([1.0, 2.0], 0) for t in (right, wrong))
    assert one.upper < other.lower


@given(dyadics, st.integers(-3, 3))
def test_a_derivative_is_the_gradient_along_the_direction(x: Fraction, speed: int) -> None:
    """One pass forward and one back tell the same fraction."""
    twin = exact(lambda z: np.sum(z * z * z))
    value, slope = twin.derivative([x, 1], direction=[speed, 2])
    assert value.exact == x**3 + 1
    assert slope.exact == 3 * x**2 * speed + 6
    assert [g.exact for g in twin.gradient([x, Fraction(1)])] == [3 * x**2, 3]


def test_several_arguments_and_outputs() -> None:
    """A gradient by several arguments is a tuple; several outputs come as one; integers stay."""
    twin = exact(lambda x, w: np.sum(x * w))
    by_x, by_w = twin.gradient([1.0, 2.0], [3.0, 4.0], argnums=(0, 1))
    assert [[g.exact for g in part] for part in (by_x, by_w)] == [[3, 4], [1, 2]]
    assert twin.gradient(2.0, [[3.0, 4.0]], argnums=1).shape == (1, 2)
    pair = exact(lambda x: (x * 2, np.argmax(x))).value([1.0, 2.0])
    assert [v.exact for v in pair[0]] == [2, 4]
    assert pair[1] == 1


def test_special_values_are_told_as_floats() -> None:
    """An infinity or nan is no enclosure."""
    assert exact(lambda x: np.log(x)).value(0.0) == -math.inf
    assert math.isnan(exact(lambda x: np.log(x)).value(-1.0))
    assert exact(lambda x: np.sqrt(x)).gradient(0.0)[()] == math.inf


def test_at_a_kink_there_is_no_gradient() -> None:
    """Where both sides differ, or jump, or are open, the error tells the line and both sides."""
    with pytest.raises(KinkError, match=r"0 from below and 1 from above, at test_twin\.py:\d+"):
        exact(hinge).gradient(0.0)
    with pytest.raises(KinkError, match="from below"):
        exact(jump).gradient(0.0)
    with pytest.raises(KinkError, match="from below"):
        exact(flat).gradient(0.0)
    with pytest.raises(KinkError, match="a tie at"):
        exact(hinge).derivative(0.0, direction=[1])
    assert exact(hinge).gradient(0.5)[()].exact == 1


def test_branches_may_meet_without_a_kink() -> None:
    """Where both sides have the same derivative, that is the gradient."""
    twin = exact(lambda x: np.where(x > 0, x * x, -x * x))
    assert twin.gradient(0.0)[()].exact == 0
    assert exact(lambda x: np.maximum(x, x)).gradient(1.0)[()].exact == 1


def test_numbers_that_differ_by_a_tiny_amount_are_told_apart() -> None:
    """A difference of about 2**-3000 decides a branch."""

    def program(x: Any) -> Any:
        return np.where(np.log(1 + np.exp(-x)) > 0, 1.0, 2.0)

    assert exact(program).value(2079.0).exact == 1

    def other(x: Any, tiny: Any) -> Any:
        return np.where(np.sqrt(x + tiny) > np.sqrt(x), 1.0, 2.0)

    assert exact(other).value(2.0, Fraction(1, 2**3000)).exact == 1
    assert exact(other).value(2.0, -Fraction(1, 2**3000)).exact == 2


def test_equal_irrational_numbers_are_not_guessed() -> None:
    """Their comparison ends in an error."""
    program = exact(lambda x: np.where(np.sqrt(8 * x) > 2 * np.sqrt(2 * x), 1.0, 0.0))
    with pytest.raises(PrecisionError, match="no precision separates"):
        program.value(1.0)


def test_traces_of_other_arguments_are_kept_apart() -> None:
    """A label, a shape, a dtype or an option of its own is never served another's trace."""
    twin = exact(loss)
    first = [twin.value([1.0, 2.0], y) for y in (0, 1, 0)]
    assert first[0] == first[2]
    assert first[0].lower > first[1].upper
    program = exact(lambda x, table: x * table["w"][1500])
    tables = [{"w": np.where(np.arange(3000) == 1500, k, 0)} for k in (2, 3)]
    assert [program.value(1.0, t).exact for t in tables] == [2, 3]


def test_an_option_that_changes_is_read_again() -> None:
    """An object that is handed in is not remembered as what it was."""

    class Options:
        scale = 2

    options = Options()
    program = exact(lambda x, o: x * o.scale)
    assert program.value(1.0, options).exact == 2
    options.scale = 3
    assert program.value(1.0, options).exact == 3


def test_the_dtype_rounds_constants_and_nothing_else() -> None:
    """In float32 the constant 0.1 is the nearest such float; the inputs stay what they are."""
    third = Fraction(1, 3)
    for dtype, constant in (("float64", 0.1), ("float32", float(np.float32(0.1)))):
        value = exact(lambda x: x * 0.1, dtype=dtype).value(third)
        assert value.exact == third * Fraction(constant)


def test_the_gradient_by_hand_is_the_backward_program() -> None:
    """It takes the upstream gradient in front."""
    twin = exact(lambda x: np.sum(x * x), gradient=lambda g, x: g * 2 * x)
    assert [v.exact for v in twin.backward().value(3.0, [1.0, 2.0])] == [6, 12]
    with pytest.raises(UnsupportedError):
        exact(lambda x: np.sum(x * x)).backward()


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (lambda t: t.gradient([1.0], 0, argnums=1), "argument 1 of 2"),
        (lambda t: t.gradient([1.0], 0, argnums=2), "argument 2 of 2"),
        (lambda t: t.gradient([1.0], 0, argnums=-1), "argument -1 of 2"),
        (lambda t: t.derivative([1.0, 2.0], 0, direction=[1]), "1 for 2"),
        (lambda t: t.value([1.0, math.inf], 0), "inf"),
        (lambda t: t.value([1.0, 2.0], 5), "IndexError"),
        (lambda t: t.gradient([1, 2], 0), "argument 0 of 2"),
    ],
)
def test_mistakes_are_one_error(ask: Callable[[Twin], Any], text: str) -> None:
    """An argument that does not fit is told by what was found, with a remedy."""
    with pytest.raises(DeclarationError, match=text) as raised:
        ask(exact(loss))
    assert raised.value.remedy


def test_what_cannot_be_a_program_is_refused() -> None:
    """A program is a callable of a framework that is known."""
    not_callable: Any = 3
    with pytest.raises(DeclarationError, match="callable"):
        exact(not_callable)
    with pytest.raises(UnsupportedError, match="fortran"):
        exact(loss, framework="fortran")
    with pytest.raises(DeclarationError, match="float12"):
        exact(loss, dtype="float12").value([1.0], 0)


def test_remarks_are_those_of_the_run() -> None:
    """A program that reads nothing differently has none; one left open tells what it met."""
    assert exact(loss).remarks([1.0, 2.0], 0) == ()
    assert exact(lambda x: np.where(np.sqrt(8 * x) > 2 * np.sqrt(2 * x), x, 0)).remarks(1.0) == ()
