from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flint import acb, arb
from hypothesis import given, settings, strategies as st
from sympy import (
    Abs,
    Function,
    Integral,
    Max,
    Min,
    Piecewise,
    Rational,
    Sum,
    cos,
    exp,
    log,
    oo,
    pi,
    sign,
    sqrt,
)

from gradproof.numeric import (
    Enclosure,
    Point,
    derivative,
    enclose,
    evaluate,
    evaluate_vector,
    reference,
    working_precision,
)
from gradproof.symbolic import (
    Loss,
    PrecisionError,
    S,
    UndefinedValueError,
    UnsupportedError,
    class_sum,
    i,
    n,
    scalar,
    x,
    z,
)
from gradproof.symbolic.kernels import KERNELS

t, a, h, kappa = (
    scalar("t"),
    scalar("a"),
    scalar("h", positive=True),
    scalar("kappa", positive=True),
)
EMPTY = Point({})


def integral(expr: Any, low: Any = 0, high: Any = 1) -> Any:
    """Return the integral of `expr` over the running variable t."""
    return Integral(expr, (t, low, high))


def test_the_integrator_alone_gives_a_tight_wrong_ball() -> None:
    """Arb's integrator, given a kink without its flag, answers 0.71132 +- 1e-15 for 13/18."""
    third = acb(arb(1) / 3)
    with working_precision(53):
        wrong = acb.integral(lambda u, _: 1 - (u - third).real_abs(), 0, 1).real
    assert abs(wrong - arb("0.71132")) < 1e-4
    assert wrong.rad() < 1e-14
    assert not wrong.overlaps(arb(13) / 18)


def test_a_kinked_integrand_is_split_at_its_kink() -> None:
    """The same integral here is 13/18 = 0.7222..., to fifty digits."""
    found = enclose(integral(1 - Abs(t - Rational(1, 3))), EMPTY, digits=50)
    assert found.contains(Rational(13, 18))
    assert found.text(8) == "0.72222222..."


CASES = [
    (exp(-(t**2) / 2) / sqrt(2 * pi), None),
    (cos(30 * t), None),
    (1 / (1 + 25 * t**2), None),
    (log(1 + t) * sqrt(1 + t), None),
    ((1 + t) ** Rational(1, 3), None),
    (Max(0, 1 - 3 * Abs(t - Rational(1, 2))), Rational(1, 3)),
    (Max(t, 1 - t), Rational(3, 4)),
    (Min(t, 1 - t, Rational(1, 4)), Rational(3, 16)),
    (sign(t - Rational(1, 3)), Rational(1, 3)),
    (Piecewise((1, t < Rational(2, 7)), (0, True)), Rational(2, 7)),
    (Piecewise((t, Abs(2 * t - 1) < Rational(1, 3)), (1, True)), Rational(5, 6)),
    (Abs(t**2 - Rational(1, 4)), Rational(1, 4)),
    (Max(0, 1 - (4 * t - 2) ** 2), Rational(1, 3)),
    (Abs(Abs(t - Rational(1, 2)) - Rational(1, 4)), Rational(1, 8)),
    (Piecewise((exp(t), t**2 * 2 < 1), (0, True)), None),
]


@pytest.mark.parametrize(("body", "exact"), CASES, ids=str)
def test_integrals_agree_with_what_is_known(
    body: Any, exact: Any, agree: Callable[..., bool]
) -> None:
    """Smooth, kinked and jumping integrands have their exact values, or those of mpmath."""
    if exact is None:
        assert agree(evaluate(integral(body), EMPTY), reference(integral(body), EMPTY, 25), 22)
    else:
        found = enclose(integral(body), EMPTY, digits=30)
        assert found.contains(exact)
        assert found.digits >= 30


@settings(max_examples=40)
@given(
    st.fractions(-2, 2, max_denominator=12),
    st.fractions(-2, 2, max_denominator=12),
    st.fractions(-2, 2, max_denominator=12),
)
def test_integrals_of_a_kink_anywhere(low: Any, high: Any, kink: Any) -> None:
    """The integral of |t - a| is exact wherever the kink lies, also at or beyond the ends."""
    found = evaluate(integral(Abs(t - a), *map(_rational, (low, high))), Point({a: kink}))
    primitive = [(e - kink) * abs(e - kink) / 2 for e in (low, high)]
    exact = primitive[1] - primitive[0]
    assert Enclosure(found).contains(exact)
    assert found.rad() < 1e-30


def _rational(value: Any) -> Rational:
    return Rational(value.numerator, value.denominator)


def test_reversed_limits_change_the_sign() -> None:
    """From 1 to 0 the integral is the negative; from a to a it is exactly 0."""
    assert enclose(integral(Abs(t), 1, -1), EMPTY).contains(-1)
    assert enclose(integral(exp(t), a, a), Point({a: 2})).exact == 0


def test_kinks_of_every_class_are_found() -> None:
    """Kinks under a class sum are split for every class, those that coincide too."""
    tents = class_sum(lambda q: Max(0, 1 - Abs(t - x[q]) / h))
    point = Point({x: ("1/4", "1/2", "3/4", "1/2"), h: "1/4"})
    assert enclose(integral(tents), point).contains(1)
    assert enclose(integral(tents), point).digits >= 30


@pytest.mark.parametrize("name", KERNELS)
def test_kernels_have_mass_one(name: str) -> None:
    """Each kernel of compact support, or on the circle, integrates to 1; others to less."""
    kernel = KERNELS[name]
    point = Point({h: "1/2", kappa: 3})
    if kernel.circular:
        mass = enclose(integral(kernel(t), -pi, pi), point, digits=20)
    elif kernel.compact:
        mass = enclose(integral(kernel(t), -1, 1), point, digits=20)
    else:
        mass = enclose(integral(kernel(t), -1, 1), point, digits=20)
        assert mass.upper < 1
        return
    assert mass.contains(1)


@pytest.mark.parametrize("name", ["gaussian", "triangular", "uniform", "von_mises"])
def test_the_integral_loss_is_differentiated_under_the_integral(name: str) -> None:
    """The oracle and the derivative under the integral agree for each kind of kernel."""
    kernel = KERNELS[name]
    point = Point({z: ("3/10", "-1/2"), x: ("1/10", "1/2"), h: "3/4", kappa: 3})
    loss = Loss("KDE", -integral(log(class_sum(lambda q: S(q) * kernel(t - x[q])))))
    oracle = derivative(loss.value, point, z[2], bits=96)
    formula = evaluate_vector(loss.gradient(i), i, point, 96)[1]
    assert oracle.overlaps(formula)
    assert oracle.rad() < 1e-20
    assert not oracle.overlaps(formula * 2)


def test_second_derivatives_go_under_the_integral() -> None:
    """The second derivative of the integral of exp(a t) by a is that of t**2 exp(a t)."""
    point = Point({a: "1/3"})
    second = derivative(integral(exp(a * t)), point, a, a)
    assert second.overlaps(evaluate(integral(t**2 * exp(a * t)), point, 256))
    assert second.rad() < 1e-50


def test_a_sum_of_integrals_and_an_integral_of_sums_agree() -> None:
    """Class sums and integrals may be exchanged."""
    point = Point({x: ("1/4", "1/2"), z: (1, 2)})
    inside = integral(class_sum(lambda q: exp(-z[q] * Abs(t - x[q]))))
    outside = Sum(integral(exp(-z[i] * Abs(t - x[i]))), (i, 1, n))
    assert evaluate(inside, point).overlaps(evaluate(outside, point))


@pytest.mark.parametrize(
    "body",
    [
        Abs(cos(9 * t) - Rational(1, 2)),
        Piecewise((1, exp(t) < 2), (0, True)),
        Abs(t**3 - t + Rational(1, 5)),
        Abs(1 / (1 + t) - Rational(2, 3)),
        Function("f")(t),
        integral(t * a, 0, 1).function * Integral(a * t, (a, 0, t)),
    ],
    ids=str,
)
def test_what_cannot_be_certified_is_refused(body: Any) -> None:
    """Kinks that are not roots of low degree, unknown functions, integrals in integrals."""
    with pytest.raises(UnsupportedError):
        evaluate(integral(body), Point({a: 1}))


def test_unbounded_intervals_are_refused() -> None:
    """A limit of integrals is not an integral here."""
    with pytest.raises(UnsupportedError, match="bounded interval"):
        evaluate(integral(exp(-(t**2)), -oo, oo), EMPTY)


class Real(Function):
    """A function enclosed at real balls alone."""

    def _arb_(self, args: list[arb]) -> arb:
        return abs(args[0])


def test_a_ball_at_real_arguments_is_no_integrand() -> None:
    """A custom ball without _analytic_ is data under an integral, not an integrand."""
    assert enclose(integral(t * Real(a)), Point({a: -2})).contains(1)
    with pytest.raises(UnsupportedError, match="_analytic_"):
        evaluate(integral(Real(t)), EMPTY)


def test_an_integrand_without_a_value_is_named() -> None:
    """Where no kernel reaches, log 0 is found, with the place."""
    point = Point({z: (0, 1), x: ("1/8", "7/8"), h: "1/8"})
    loss = integral(log(class_sum(lambda q: S(q) * KERNELS["triangular"](t - x[q]))))
    with pytest.raises(UndefinedValueError, match="under the integral, at 1/2, logarithm of 0"):
        enclose(loss, point)


@pytest.mark.parametrize(
    "body", [log(t - 2), sqrt(t - 2), sqrt(t - 2) * sqrt(t - 3), log(t - 2) ** 2], ids=str
)
def test_an_integrand_that_is_not_real_has_no_integral(body: Any) -> None:
    """Complex values on the way to the integral are not taken for real ones."""
    with pytest.raises(UndefinedValueError, match="negative number"):
        enclose(integral(body), EMPTY)
    assert not evaluate(integral(body, 0, 4), EMPTY).is_finite()


def test_an_integrand_unbounded_at_a_breakpoint_is_given_up() -> None:
    """The integral of log(t) from 0 exists, but no ball bounds log near 0: no number is given."""
    with pytest.raises(PrecisionError):
        enclose(integral(log(Abs(t))), EMPTY, max_bits=512)


def test_breakpoints_that_move_are_refused() -> None:
    """The derivative by the place of a kink is not read off the pieces."""
    with pytest.raises(UnsupportedError, match="moves with the variable"):
        derivative(integral(Abs(t - a)), Point({a: "1/3"}), a)
