"""Powers and logarithms of factors of unknown sign."""

from __future__ import annotations

import pytest
from sympy import Abs, Expr, Pow, Rational, log, sqrt

from gradproof.symbolic import Gt, exp
from gradproof.symbolic.cases import cases_of
from gradproof.symbolic.normal_form import compare, normalise, normaliser_for
from gradproof.symbolic.vocabulary import scalar

a, b, c = (scalar(name) for name in "abc")
HALF = Rational(1, 2)


def root(inside: Expr) -> Expr:
    """Return a square root that SymPy has not taken apart."""
    return Pow(inside, HALF, evaluate=False)


EQUAL = {
    "a root squared": (root(a + b) ** 2, a + b),
    "a root of a power": (root(a**3), root(a) * a),
    "logarithms of products": (exp(log(a * b) / 2 + log(a * c) / 2), Abs(a) * sqrt(b * c)),
    "a square": (root(a**2), Abs(a)),
    "over a square": (root(a / c**2), root(a) / Abs(c)),
}

DIFFERENT = {
    "logarithms of products": (exp(log(a * b) / 2 + log(a * c) / 2), a * sqrt(b * c)),
    "a square": (root(a**2), a),
    "a factor that may be 0": (root(a * b**2) ** 2, root(a) ** 2 * b * Abs(b)),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal(name: str) -> None:
    """Both forms have the same value wherever they have one."""
    left, right = EQUAL[name]
    assert compare(left, right).equal


@pytest.mark.parametrize("name", DIFFERENT)
def test_different(name: str) -> None:
    """A sign that is not known is not assumed."""
    left, right = DIFFERENT[name]
    assert not compare(left, right).equal


def form(expr: Expr, *given: Gt) -> Expr:
    """Return the normal form under assumptions."""
    (case,) = cases_of([expr], given)
    return normalise(case, normaliser_for(case, given), expr).expr()


def test_the_sign_of_a_radicand_is_that_of_its_only_open_factor() -> None:
    """A factor needs no modulus where no other one can be 0; where one can, it keeps it."""
    assert form(root(-2 * a - 2 * b)) == sqrt(2) * sqrt(-a - b)
    assert form(root(a * b), Gt(b, 0)) == sqrt(a) * sqrt(b)
    assert form(root(a * b)) == sqrt(Abs(a)) * sqrt(Abs(b))
    assert form(root(a * b**2)) == sqrt(Abs(a)) * Abs(b)
    assert form(root(a * b**2), Gt(b, 0)) == sqrt(a) * b
    assert form(root(a / c**2)) == sqrt(a) / Abs(c)
