"""Expansions for a growing variable: against high-precision values, and what they refuse."""

from __future__ import annotations

import mpmath
import pytest
from hypothesis import given, settings, strategies as st
from mpmath import mp, mpf
from sympy import (
    Abs,
    Dummy,
    Expr,
    Max,
    Rational,
    asinh,
    atan,
    erf,
    exp,
    lambdify,
    log,
    sin,
    sqrt,
    tanh,
)

from gradproof.symbolic.cases import Case
from gradproof.symbolic.errors import UnsupportedError
from gradproof.symbolic.expansion import Expander
from gradproof.symbolic.growth import NoValueError, Series, TooShortError, UnresolvedError
from gradproof.symbolic.normaliser import Normaliser
from gradproof.symbolic.signs import Signs
from gradproof.symbolic.vocabulary import bins, n, scalar

t = Dummy("t", positive=True)
a, b = scalar("a", positive=True), scalar("b")


def expander(order: int = 3) -> Expander:
    """Return an expander without classes or assumptions."""
    case = Case({}, {n: (), bins: ()}, {n: 1, bins: 1}, "")
    return Expander(Normaliser({}, Signs(case)), t, order, ())


def remainder(expr: Expr, series: Series, values: dict[Expr, object], at: int) -> mpf:
    """Return the error of an expansion over the size of its remainder."""
    total = sum((c.expr() * scale.expr(t) for scale, c in series.terms), Rational(0))
    size = sum((scale.expr(t) for scale in series.rest), Rational(0))
    with mp.workdps(1500):
        places = {**values, t: at}
        difference = lambdify((), (expr - total).xreplace(places), "mpmath")()
        return abs(difference) / lambdify((), size.xreplace(places), "mpmath")()


FORMULAS = [
    log(1 + a * exp(-t)),
    1 / (a + exp(b / t)),
    exp(t + b) / (exp(t) + a),
    (1 + b / t) ** (t / 2),
    sqrt(t**2 + b * t + 1) - t,
    (1 - a ** (1 / t)) * t,
    log(exp(a * t) + exp(b) * t),
    tanh(b + 1 / t),
    atan(t + b),
    asinh(a + 1 / t),
    erf(b / t),
    sin(1 / t) * t,
    Abs(b - t) / t,
    Max(b, 1 / t, a),
    exp(-((t - b) ** 2) / (2 * a)) * t**3 + 1 / t**5,
    log(t + log(t)),
    t ** (1 / t),
]


@pytest.mark.parametrize("expr", FORMULAS, ids=str)
def test_an_expansion_is_off_by_its_remainder_at_most(expr: Expr) -> None:
    """The error over the size of the remainder stays bounded as t grows."""
    series = expander().of(expr)
    values = {a: Rational(3, 7), b: Rational(-5, 4)}
    if not series.rest:
        return
    errors = [remainder(expr, series, values, at) for at in (50, 100, 200)]
    assert max(errors) <= 100
    assert errors[2] <= 4 * errors[0] + 1


PARTS = [t, 1 / t, exp(-t), exp(t), log(t), a, b + 1]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(PARTS), min_size=2, max_size=3),
    st.sampled_from([lambda u: log(1 + u**2), lambda u: 1 / (1 + u**2)]),
)
def test_compositions_keep_their_remainder(parts: list[Expr], outer: object) -> None:
    """Sums and products of scales inside a function expand with a true remainder."""
    expr = outer(parts[0] * parts[1] + sum(parts[2:], Rational(1)))  # type: ignore[operator]
    try:
        series = expander().of(expr)
    except UnsupportedError:
        return
    if series.rest:
        values = {a: Rational(3, 7), b: Rational(-5, 4)}
        errors = [remainder(expr, series, values, at) for at in (60, 240)]
        assert errors[1] <= 4 * errors[0] + 1


def test_a_leading_coefficient_without_a_sign_is_no_denominator() -> None:
    """1 / (b + 1/t) has no expansion while b may be 0."""
    with pytest.raises(UnresolvedError):
        expander().of(1 / (b + 1 / t))


def test_terms_that_cancel_are_not_taken_for_zero() -> None:
    """Where all terms cancel, the remainder is not taken for the function."""
    expr = exp(1 / t) - 1 - 1 / t - 1 / (2 * t**2) - 1 / (6 * t**3)
    with pytest.raises(TooShortError):
        expander(2).of(1 / expr)
    assert expander(5).of(1 / expr).terms


def test_an_exponent_of_unknown_sign_decides_nothing() -> None:
    """exp(b t) neither grows nor decays while the sign of b is open."""
    with pytest.raises(UnresolvedError):
        expander().of(log(1 + exp(b * t)))


def test_what_has_no_value_is_found() -> None:
    """The logarithm of what is negative for all large t has no value."""
    with pytest.raises(NoValueError):
        expander().of(log(a - t))


def test_the_check_of_remainders_can_fail() -> None:
    """A wrong coefficient shows as an error that grows against the remainder."""
    right = expander().of(log(1 + a / t))
    wrong = Series(tuple((s, c + c) for s, c in right.terms), right.rest)
    values = {a: Rational(3, 7), b: Rational(0)}
    errors = [remainder(log(1 + a / t), wrong, values, at) for at in (50, 200)]
    assert errors[1] > 4 * errors[0] + 1
    assert mpmath.isfinite(errors[1])
