from __future__ import annotations

import mpmath
import pytest
from sympy import Abs, Dummy, Expr, Integer, exp, log

from gradproof.symbolic import K, class_sum, i, j, n, p, scalar, z
from gradproof.symbolic.normal_form import equal
from gradproof.symbolic.normaliser import Normaliser
from gradproof.symbolic.partial_fractions import split
from tests.symbolic.conftest import DIGITS, number, points

a, b = scalar("a"), scalar("b")
r = Dummy("r", integer=True, positive=True)
w = exp(z[r])

TERMS = [
    w * p[r] + a * p[r],
    1 / ((w + 1) * (w + 2)),
    1 / ((w + exp(z[i])) * (w + exp(z[j]) + 1) ** 2),
    w**3 / (w + 2),
    (w**2 + p[r]) / ((w + 2) ** 2 * (3 + n)),
    log(1 + w) * p[r] / (w + 5),
    1 / ((w + Abs(a) + 1) * (w + a**2 + 2)),
    1 / ((w**2 + p[r] + 1) * (w**2 + 3)),
]


@pytest.mark.parametrize("term", TERMS, ids=str)
def test_the_pieces_add_up_to_the_term(term: Expr) -> None:
    """At every point the sum of factor times inner is the term, and factors hold no class r."""
    normaliser = Normaliser()
    pieces = split(normaliser, normaliser.of(term), r)
    assert all(r not in factor.expr().free_symbols for factor, _ in pieces)
    assert all(inner == 1 or r in inner.free_symbols for _, inner in pieces)
    with mpmath.workdps(DIGITS):
        for at in points((), wanted=5):
            here = {**at, r: at[n], a: mpmath.mpf("0.7")}
            parts = [number(f.expr(), here) * number(e, here) for f, e in pieces]
            assert mpmath.almosteq(mpmath.fsum(parts), number(term, here), 1e-25, 1e-25)


def test_equal_sums_become_equal_atoms() -> None:
    """A quotient and its partial fractions have one normal form."""

    def over(first: Expr, second: Expr) -> Expr:
        return class_sum(lambda q: 1 / ((exp(z[q]) + first) * (exp(z[q]) + second)))

    def apart(first: Expr, second: Expr) -> Expr:
        single = class_sum(lambda q: 1 / (exp(z[q]) + first))
        return (single - class_sum(lambda q: 1 / (exp(z[q]) + second))) / (second - first)

    assert equal(over(Integer(1), Integer(3)), apart(Integer(1), Integer(3)))
    assert equal(over(K[i], K[i] + 1), apart(K[i], K[i] + 1))
    assert not equal(over(Integer(1), Integer(3)), apart(Integer(1), Integer(4)))
    assert not equal(over(Integer(1), Integer(3)), -apart(Integer(1), Integer(3)))


def test_no_quotient_by_what_may_vanish_on_an_open_set() -> None:
    """``|a| - a`` is 0 for positive a; dividing by it in passing would prove anything there."""
    term = 1 / ((w + Abs(a)) * (w + a))
    normaliser = Normaliser()
    (piece,) = split(normaliser, normaliser.of(term), r)
    assert piece[0].expr() == 1
    assert piece[1].has(Abs)
    total = class_sum(lambda q: term.xreplace({r: q}))
    assert not equal((Abs(a) + a) * total, 0)
    assert not equal(total, total + Abs(a) + a)
