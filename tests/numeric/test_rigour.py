"""Random formulas at random points: the ball must hold the value whatever the precision."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings, strategies as st
from sympy import Abs, Integer, Max, Min, Rational, arg, cos, erf, exp, log, sqrt, tanh

from gradproof.numeric import Point, evaluate, reference
from gradproof.numeric.enclosure import significant_digits
from gradproof.symbolic import S, UndefinedValueError, class_sum, delta, i, scalar, y, z

t = scalar("t")

small = st.fractions(-4, 4, max_denominator=8)
leaves = st.one_of(
    small.map(lambda v: Rational(v.numerator, v.denominator)),
    st.sampled_from([z[1], z[i], z[y], t, S(i), S(y), delta(i, y)]),
)


def grow(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return formulas made of `parts` by one operation more."""
    pairs = st.tuples(parts, parts)
    return st.one_of(
        pairs.map(lambda ab: ab[0] + ab[1]),
        pairs.map(lambda ab: ab[0] - ab[1]),
        pairs.map(lambda ab: ab[0] * ab[1]),
        pairs.map(lambda ab: ab[0] / (1 + ab[1] ** 2)),
        pairs.map(lambda ab: Max(*ab)),
        pairs.map(lambda ab: Min(*ab)),
        parts.map(lambda a: exp(tanh(a))),
        parts.map(lambda a: log(1 + a**2)),
        parts.map(lambda a: sqrt(1 + Abs(a))),
        parts.map(cos),
        parts.map(erf),
        parts.map(lambda a: class_sum(lambda q: a * S(q) + z[q])),
        parts.map(lambda a: 1 - exp(z[i]) * a / class_sum(lambda q: exp(z[q]))),
    )


formulas = st.recursive(leaves, grow, max_leaves=6)
# SymPy writes some moduli with the argument of a number that it takes for complex.
formulas = formulas.filter(lambda expr: not expr.has(arg))


@st.composite
def points(draw: st.DrawFn) -> Point:
    """Draw a point of one to four classes."""
    members = draw(st.lists(small, min_size=1, max_size=4))
    size = st.integers(1, len(members))
    return Point({z: members, i: draw(size), y: draw(size), t: draw(small)})


@settings(max_examples=150)
@given(formulas, points())
def test_a_coarse_ball_holds_the_fine_value(expr: Any, point: Point) -> None:
    """The ball of 53 bits contains that of 400 bits, and is no wider than the work explains."""
    coarse, fine = evaluate(expr, point, 53), evaluate(expr, point, 400)
    assume(fine.is_finite())
    assert coarse.overlaps(fine)
    assert coarse.contains(fine.mid())


@settings(max_examples=100)
@given(formulas, points())
def test_the_ball_holds_mpmaths_value(expr: Any, point: Point) -> None:
    """The ball of 200 bits holds the value that mpmath finds with 80 digits, to 30 digits."""
    ball = evaluate(expr, point, 200)
    assume(ball.is_finite())
    value = reference(expr, point, 80)
    negative, mantissa, exponent, _ = value._mpf_
    exact = (-1) ** negative * Fraction(int(mantissa)) * Fraction(2) ** exponent
    middle, radius = ball.mid().fmpq(), ball.rad().fmpq()
    distance = abs(exact - Fraction(int(middle.p), int(middle.q)))
    slack = max(abs(exact), 1) * Fraction(1, 10**60)
    assert distance <= Fraction(int(radius.p), int(radius.q)) + slack
    assert ball.rad() < 1e-25


def test_a_ball_that_forgot_a_rounding_is_noticed() -> None:
    """The wrong twin of a ball, its bare centre, does not hold the fine value."""
    point = Point({t: "1/3"})
    coarse, fine = evaluate(exp(t), point, 53), evaluate(exp(t), point, 400)
    assert coarse.contains(fine.mid())
    assert not coarse.mid().contains(fine.mid())


def test_precision_buys_digits() -> None:
    """Each doubling of the precision about doubles the certified digits."""
    point = Point({t: "1/3"})
    digits = [significant_digits(evaluate(exp(t), point, bits)) for bits in (64, 128, 256)]
    assert digits[0] >= 17
    assert digits[1] >= 2 * digits[0]
    assert digits[2] >= 2 * digits[1]


@given(st.integers(1, 6))
def test_undefined_and_merely_imprecise_are_told_apart(size: int) -> None:
    """A sum of n equal shares minus 1 is exactly 0 in rationals, and 1 over it is undefined."""
    point = Point({z: [0] * size})
    gap = class_sum(lambda q: Rational(1, size) + 0 * z[q]) - Integer(1)
    assert not evaluate(1 / gap, point).is_finite()
    with pytest.raises(UndefinedValueError):
        reference(1 / gap, point)
