from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flint
import mpmath
import pytest
from flint import arb
from hypothesis import given, settings, strategies as st
from sympy import (
    Function,
    Rational,
    acos,
    atan,
    besseli,
    cos,
    cosh,
    erf,
    exp,
    log,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)

from gradproof.numeric import (
    Enclosure,
    Point,
    derivative,
    difference_quotient,
    evaluate,
    evaluate_vector,
    gradient,
    reference,
)
from gradproof.symbolic import (
    DeclarationError,
    K,
    Loss,
    PrecisionError,
    S,
    UndefinedValueError,
    UnsupportedError,
    class_sum,
    i,
    k,
    p,
    scalar,
    y,
    z,
)

t, s = scalar("t"), scalar("s")
LOSSES = [
    Loss("CE", -log(S(y))),
    Loss("soft CE", -class_sum(lambda q: p[q] * log(S(q)))),
    Loss("ALT", -log(S(y)) - class_sum(lambda q: log(1 - S(q)), but=[y])),
    Loss("KDE", -log(class_sum(lambda q: S(q) * K[q]))),
    Loss("QUAD", class_sum(lambda q: S(q) ** 2) / 2 - S(y)),
]
POINT = Point({z: (0, 3, "-1/2"), p: ("1/2", "1/3", "1/6"), K: (0, "1/7", 2), y: 1})


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_gradients_by_differentiation_agree_with_the_oracle(loss: Loss) -> None:
    """Taylor arithmetic on the loss and SymPy's derivative of it meet in narrow balls."""
    oracle = gradient(loss.value, z, POINT)
    formula = evaluate_vector(loss.gradient(i), i, POINT, 256)
    assert len(oracle) == 3
    for a, b in zip(oracle, formula, strict=True):
        assert a.overlaps(b)
        assert a.rad() < 1e-60


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_hessians_by_differentiation_agree_with_the_oracle(loss: Loss) -> None:
    """Second derivatives, mixed ones included, meet in narrow balls."""
    for a in (1, 2, 3):
        for b in (1, 2, 3):
            oracle = derivative(loss.value, POINT, z[a], z[b])
            formula = evaluate(loss.hessian(i, k), POINT.replace({i: a, k: b}), 256)
            assert oracle.overlaps(formula)
            assert oracle.rad() < 1e-50


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_difference_quotients_agree_with_the_oracle(loss: Loss, agree: Callable[..., bool]) -> None:
    """The third way, differences in mpmath, gives the same 25 digits."""
    quotient = difference_quotient(loss.value, POINT, z[2], digits=30)
    assert agree(derivative(loss.value, POINT, z[2]), quotient, 25)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_a_wrong_gradient_is_told_apart(loss: Loss) -> None:
    """The wrong twins, S_i and twice the gradient, do not overlap the oracle."""
    oracle = gradient(loss.value, z, POINT)
    for wrong in (S(i), 2 * loss.gradient(i)):
        balls = evaluate_vector(wrong, i, POINT, 256)
        assert not all(a.overlaps(b) for a, b in zip(oracle, balls, strict=True))


FUNCTIONS = [
    exp(t),
    log(t),
    sqrt(t),
    t ** Rational(-5, 3),
    t**t,
    t ** Rational(3, 2),
    cos(t) * sin(t),
    tan(t),
    tanh(t),
    cosh(t) / sinh(t),
    erf(t),
    atan(t),
    acos(t),
    besseli(0, t),
    besseli(2, t**2),
    abs(t - 1) ** 3,
    1 / (1 + t**2) ** 3,
]


@pytest.mark.parametrize("expr", FUNCTIONS, ids=str)
def test_every_function_is_differentiated_twice(expr: Any, agree: Callable[..., bool]) -> None:
    """First and second derivatives of each function are those of SymPy, valued by mpmath."""
    point = Point({t: "3/7"})
    plain = expr.subs(abs(t - 1), 1 - t)
    assert agree(derivative(expr, point, t), reference(plain.diff(t), point), 30)
    assert agree(derivative(expr, point, t, t), reference(plain.diff(t, 2), point), 30)


def test_mixed_derivatives_of_scalars() -> None:
    """The derivative of s**2 t**3 by s and t is 6 s t**2, in either order."""
    point = Point({s: 2, t: 5})
    assert derivative(s**2 * t**3, point, s, t).contains(300)
    assert derivative(s**2 * t**3, point, t, s).contains(300)
    assert not derivative(s**2 * t**3, point, t, t).contains(300)


def test_a_member_may_be_named_by_an_index() -> None:
    """z[y] is the member whose class the point says."""
    loss = LOSSES[0].value
    by_index, by_class = (Enclosure(derivative(loss, POINT, v)) for v in (z[y], z[1]))
    assert by_index == by_class
    twice = (Enclosure(derivative(loss, POINT, v, z[1])) for v in (z[y], z[1]))
    assert len(set(twice)) == 1


def test_a_variable_that_does_not_matter_has_derivative_zero() -> None:
    """The derivative by a variable the loss does not depend on is exactly 0."""
    assert derivative(p[1], POINT, z[1]).is_zero()
    assert derivative(z[2] ** 2, POINT, z[1], z[2]).is_zero()


@settings(max_examples=40)
@given(st.lists(st.fractions(-5, 5, max_denominator=7), min_size=2, max_size=4), st.data())
def test_the_gradient_of_cross_entropy_is_softmax_minus_one_hot(
    members: list[Any], data: st.DataObject
) -> None:
    """At random points the oracle encloses S_i - delta_iy, computed by mpmath."""
    label = data.draw(st.integers(1, len(members)))
    point = Point({z: members, y: label})
    for place, ball in enumerate(gradient(LOSSES[0].value, z, point), start=1):
        share = reference(S(place), point, 60)
        with mpmath.workdps(60):
            expected = share - (place == label)
        assert abs(float(ball.mid()) - float(expected)) < 1e-14
        assert ball.rad() < 1e-60


class Custom(Function):
    """A function with a ball but no derivative."""

    def _arb_(self, args: list[arb]) -> arb:
        return args[0].exp()


def test_what_has_no_derivative_in_balls_is_refused() -> None:
    """A custom ball at real arguments is constant data, never differentiated."""
    assert derivative(Custom(s) * t, Point({s: 0, t: 1}), t).contains(1)
    with pytest.raises(UnsupportedError, match="_analytic_"):
        derivative(Custom(t), Point({t: 1}), t)


@pytest.mark.parametrize(
    ("expr", "variables", "error", "part"),
    [
        (log(t), (t,), UndefinedValueError, "logarithm of 0: t"),
        (1 / t, (t,), UndefinedValueError, "division by 0: t"),
        (t / t**2, (t,), UndefinedValueError, "division by 0: t"),
        (t, (t, t, t), UnsupportedError, "3 variables"),
        (t, (), UnsupportedError, "0 variables"),
        (t, (z[1],), DeclarationError, "found z[1]"),
        (z[1], (t,), DeclarationError, "no value for z"),
        (log(log(6) - log(2) - log(3) + t), (t,), PrecisionError, "no finite ball"),
    ],
    ids=str,
)
def test_errors_of_the_oracle(
    expr: Any, variables: tuple[Any, ...], error: type[Exception], part: str
) -> None:
    """Each way to have no derivative has its error, which names what was found."""
    with pytest.raises(error) as caught:
        derivative(expr, Point({t: 0}), *variables)
    assert part in str(caught.value)


def test_the_oracle_takes_no_gradient_formula() -> None:
    """A derivative handed in as the loss is refused: the oracle must not use it."""
    with pytest.raises(UnsupportedError, match="not a derivative of one"):
        derivative(LOSSES[0].gradient(i), POINT.replace({i: 1}), z[1])
    values = (LOSSES[0].term, LOSSES[0].value)
    assert len({Enclosure(derivative(value, POINT, z[1])) for value in values}) == 1


def test_a_gradient_needs_its_family() -> None:
    """Without values of the family there is no gradient."""
    with pytest.raises(DeclarationError, match="z not in t = 1"):
        gradient(t, z, Point({t: 1}))


def test_a_small_cap_on_series_does_no_harm() -> None:
    """python-flint's global cap on series is set aside and put back."""
    before = flint.ctx.cap
    try:
        flint.ctx.cap = 1
        assert derivative(t**3, Point({t: 2}), t, t).contains(12)
        assert flint.ctx.cap == 1
    finally:
        flint.ctx.cap = before
