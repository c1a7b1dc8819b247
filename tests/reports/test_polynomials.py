r"""Laws of polynomials as formulas."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from hypothesis import given, strategies as st

from gradproof.reports.polynomials import (
    LONGEST,
    equation,
    lines,
    poly_latex,
    product,
    relation_latex,
    unknown_latex,
)

NAMES = ("a", "w_y", "R1")
VALUES = {"a": Fraction(2, 3), "w_y": Fraction(-5), "R1": Fraction(7, 2)}

coefficients = st.fractions(-9, 9, max_denominator=7).filter(bool)
exponents = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 4))
polynomials = st.lists(st.tuples(coefficients.map(str), exponents), max_size=6)


def value_of(latex: str) -> Fraction:
    """Return the value of LaTeX at `VALUES`, read by rules of its own."""
    text = re.sub(r"\\frac\{(\d+)\}\{(\d+)\}", r"F(\1,\2)", latex)
    for name in NAMES:
        text = text.replace(unknown_latex(name), f"V['{name}']")
    text = re.sub(r"\^\{(\d+)\}", r"**\1", text)
    text = re.sub(r"(?<=[\])\d]) (?=[VF(])", "*", text)
    text = re.sub(r"(?<![\w,(*])(\d+)(?![\w,)'\]])", r"F(\1)", text)
    return Fraction(eval(text, {"F": Fraction, "V": VALUES}))  # noqa: S307 - made here


def value(poly: Any) -> Fraction:
    """Return the value of a polynomial at `VALUES`."""
    total = Fraction(0)
    for coefficient, powers in poly:
        term = Fraction(coefficient)
        for name, power in powers.items():
            term *= VALUES[name] ** power
        total += term
    return total


@given(polynomials)
def test_a_formula_has_the_value_of_its_polynomial(poly: Any) -> None:
    """What is printed is the polynomial: both have one value."""
    assert value_of(poly_latex(poly, NAMES)) == value(poly)


@given(polynomials)
def test_the_two_sides_of_a_relation_differ_by_the_polynomial(poly: Any) -> None:
    """The left side minus the right side is the polynomial, and neither has a minus."""
    text = relation_latex(poly, ">=0", NAMES)
    left, right = text.split(r" \ge ")
    assert value_of(left) - value_of(right) == value(poly)
    assert "-" not in text


@given(polynomials, st.randoms())
def test_the_order_of_the_terms_does_not_show(poly: Any, random: Any) -> None:
    """Terms of different monomials are printed in one order, whatever order they come in."""
    different = list({tuple(sorted(e.items())): (c, e) for c, e in poly}.values())
    shuffled = list(different)
    random.shuffle(shuffled)
    assert poly_latex(shuffled, NAMES) == poly_latex(different, NAMES)


def test_the_highest_degree_comes_first() -> None:
    """Terms of higher degree stand before others."""
    poly = [["-1", {}], ["2", {"R1": 1}], ["1/2", {"a": 2}]]
    assert poly_latex(poly, NAMES) == r"\frac{1}{2} a^{2} + 2 R_{1} - 1"


def test_a_long_polynomial_is_cut_and_shows_it() -> None:
    """Dots stand for what is left out, and only then."""
    poly = [["1", {"a": k}] for k in range(1, LONGEST + 1)]
    assert r"\cdots" not in equation("P", poly, NAMES)
    assert r"\cdots" in equation("P", [*poly, ["1", {}]], NAMES)


def test_lines_break_between_terms() -> None:
    """A formula of several lines has all its terms."""
    terms = [product("3", [("x", k)], signed=True) for k in range(2, 30)]
    text = lines("P", terms)
    assert text.count(r"\\") > 1
    assert text.count("x^") == len(terms)
