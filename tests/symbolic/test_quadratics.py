"""Signs of quadratic polynomials, against values and against the eigenvalues of their forms."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, strategies as st
from sympy import Matrix, Rational, symbols

from gradproof.symbolic.field import Field, Poly
from gradproof.symbolic.quadratics import quadratic_sign

NAMES = symbols("a b c", real=True)
SMALL = st.integers(-3, 3)


def made(rows: list[list[int]]) -> tuple[Field, Poly]:
    """Return the polynomial v^T R v for v = (a, b, c, 1)."""
    field = Field()
    one = field.constant(1)
    vector = [*(field.atom(name) for name in NAMES), one]
    total = field.constant(0)
    for row, x in zip(rows, vector, strict=True):
        for entry, y in zip(row, vector, strict=True):
            total = total + field.constant(entry) * x * y
    return field, total.num


@given(st.lists(st.lists(SMALL, min_size=4, max_size=4), min_size=4, max_size=4))
def test_nonnegativity_is_decided(rows: list[list[int]]) -> None:
    """A sign is found exactly if the symmetric form has no eigenvalue of the other sign."""
    field, poly = made(rows)
    if max((sum(m) for m, _ in field.terms(poly)), default=0) != 2:
        return
    form = Matrix(rows) + Matrix(rows).T
    minors = [form.extract(list(s), list(s)).det() for s in _subsets()]
    found = quadratic_sign(field, poly, lambda _: False)
    assert (found in (">0", ">=0")) == all(minor >= 0 for minor in minors)


def _subsets() -> list[tuple[int, ...]]:
    return [tuple(k for k in range(4) if mask >> k & 1) for mask in range(1, 16)]


@given(
    st.lists(st.lists(SMALL, min_size=4, max_size=4), min_size=2, max_size=3),
    st.lists(st.fractions(-2, 2, max_denominator=3), min_size=3, max_size=3),
)
def test_a_strict_sign_holds_everywhere(factors: list[list[int]], at: list[Fraction]) -> None:
    """Sums of squares are never negative, and where they are called positive they are not 0."""
    rows = [[sum(f[r] * f[s] for f in factors) for s in range(4)] for r in range(4)]
    field, poly = made(rows)
    found = quadratic_sign(field, poly, lambda _: False)
    values = {x: Rational(v.numerator, v.denominator) for x, v in zip(NAMES, at, strict=True)}
    value = field.poly_expr(poly).xreplace(values)
    assert value >= 0
    assert found != ">0" or value > 0


@pytest.mark.parametrize(
    ("rows", "nonzero", "sign"),
    [
        ([[1, -1, 0, 0], [-1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]], {2}, ">0"),  # (a-b)^2 + c^2
        ([[1, -1, 0, 0], [-1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]], {0}, ">=0"),
        ([[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]], set(), ">0"),  # a^2 + 1
        ([[-1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, -1]], set(), "<0"),
        ([[1, 2, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], set(), ">=0"),  # (a+b)^2
        ([[1, 3, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], set(), None),
        ([[0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], set(), None),  # a + b^2
    ],
)
def test_strictness(rows: list[list[int]], nonzero: set[int], sign: str | None) -> None:
    """What is bounded below by the square of something that is not 0 is positive."""
    field, poly = made(rows)
    assert quadratic_sign(field, poly, lambda number: number in nonzero) == sign
