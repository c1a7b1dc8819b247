"""Integrals over intervals that join, and sums and integrals of powers."""

from __future__ import annotations

import pytest
from sympy import Expr, Integral, Rational, Sum, Symbol, log

from gradproof.symbolic import class_sum, exp, n, x
from gradproof.symbolic.field import Field
from gradproof.symbolic.integral_paths import sum_of_powers
from gradproof.symbolic.normal_form import compare
from gradproof.symbolic.vocabulary import bound, scalar

a, b, c, d = (scalar(name) for name in "abcd")
t = Symbol("t", real=True)
J = bound(1)
FIELD = Field()


def over(low: Expr, high: Expr, power: int = 2) -> Expr:
    """Return the integral of a loss of a position, which has no closed form."""
    return Integral(log(class_sum(lambda j: exp(-((t - x[j]) ** power)))), (t, low, high))


EQUAL = {
    "two parts": (over(a, b) + over(b, c), over(a, c)),
    "a part taken away": (over(a, c) - over(a, b), over(b, c)),
    "turned": (over(a, b), -over(b, a)),
    "around": (over(a, b) + over(b, c) + over(c, a), 0 * a),
    "a detour": (over(a, b) + over(b, c) + over(c, d), over(a, d)),
    "a power": (Integral(t**3, (t, a, b)), (b**4 - a**4) / 4),
    "a polynomial": (Integral((t - a) ** 2, (t, a, b)), (b - a) ** 3 / 3),
    "numbers of classes": (Sum(J, (J, 1, n)), n * (n + 1) / 2),
    "squares": (Sum((J - Rational(1, 2)) ** 2, (J, 1, n)), n * (4 * n**2 - 1) / 12),
}

DIFFERENT = {
    "no common end": (over(a, b) + over(c, d), over(a, d)),
    "another integrand": (over(a, b) + over(b, c, 4), over(a, c)),
    "a sign": (over(a, b) - over(b, c), over(a, c)),
    "a power": (Integral(t**3, (t, a, b)), (b**3 - a**3) / 4),
    "numbers of classes": (Sum(J, (J, 1, n)), n * (n - 1) / 2),
    "a reciprocal": (Integral(1 / (t**2 + 1), (t, a, b)), b - a),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal(name: str) -> None:
    """Integrals over joining intervals add up, whatever the order they are met in."""
    left, right = EQUAL[name]
    assert compare(left, right).equal
    assert compare(right, left).equal


@pytest.mark.parametrize("name", DIFFERENT)
def test_different(name: str) -> None:
    """Intervals that do not join, other integrands and wrong formulas stay different."""
    left, right = DIFFERENT[name]
    assert not compare(left, right).equal


@pytest.mark.parametrize("k", range(1, 9))
def test_sums_of_powers(k: int) -> None:
    """Faulhaber's formula gives the sum that adding up gives."""
    for size in range(1, 6):
        found = sum_of_powers(FIELD, FIELD.constant(size), k)
        assert found.rational() == sum(m**k for m in range(1, size + 1))
