from __future__ import annotations

from fractions import Fraction as Exact

import pytest
from hypothesis import given, strategies as st
from sympy import Abs, Rational, Symbol, symbols

from gradproof.symbolic.field import HIGH, Field, Fraction, factored

a, b, c = symbols("a b c", real=True)


@st.composite
def fractions(draw: st.DrawFn, field: Field) -> tuple[Fraction, Exact]:
    """Return a fraction of the field with its value at a = 2, b = 3, c = 5."""
    kind = draw(st.sampled_from("abc1+*/"))
    if kind in "abc":
        value = {"a": 2, "b": 3, "c": 5}[kind]
        return field.atom({"a": a, "b": b, "c": c}[kind]), Exact(value)
    if kind == "1":
        number = draw(st.fractions(-3, 3, max_denominator=4))
        return field.constant(Rational(number.numerator, number.denominator)), number
    left, x = draw(fractions(field))
    right, y = draw(fractions(field))
    if kind == "+":
        return left + right, x + y
    if kind == "/" and not right.is_zero() and y:
        return left / right, x / y
    return left * right, x * y


@given(st.data())
def test_arithmetic_is_that_of_the_rationals(data: st.DataObject) -> None:
    """Sums, products and quotients take the values of their parts."""
    found, value = data.draw(fractions(Field()))
    expected = Rational(value.numerator, value.denominator)
    assert found.expr().xreplace({a: 2, b: 3, c: 5}) == expected


@given(st.data())
def test_the_laws_of_a_field_hold(data: st.DataObject) -> None:
    """Distributive law, differences, quotients and powers."""
    field = Field()
    x, y, w = (data.draw(fractions(field))[0] for _ in range(3))
    assert (x * (y + w) - (x * y + x * w)).is_zero()
    assert (x - x).is_zero()
    assert (x + -x).is_zero()
    if not x.is_zero():
        assert (x / x - field.constant(1)).is_zero()
        assert (x**-2 * x**2 - field.constant(1)).is_zero()


def test_atoms_come_as_they_are_met() -> None:
    """More atoms than the field began with; earlier fractions stay what they were."""
    field = Field(capacity=2)
    first = field.atom(a)
    many = [field.atom(Symbol(f"x{number}")) for number in range(9)]
    total = first
    for atom in many:
        total = total + atom
    assert (total - sum(many[1:], many[0]) - field.atom(a)).is_zero()
    assert field.knows(a)
    assert not field.knows(b)


def test_different_atoms_are_never_equal() -> None:
    """The wrong twins: another atom, another coefficient, another power, a dropped term."""
    field = Field()
    x, y = field.atom(a), field.atom(b)
    for twin in (y, x + x, x * x, x + field.constant(1), -x):
        assert not (x - twin).is_zero()


def test_a_relation_is_used_in_sums_products_and_quotients() -> None:
    """With r^2 = a + 1 every even power of r is gone."""
    field = Field()
    r = field.atom(Symbol("r"))
    field.relate(Symbol("r"), 2, field.atom(a) + field.constant(1))
    one = field.constant(1)
    assert ((r + one) * (r - one) - field.atom(a)).is_zero()
    assert (r**5 / r**3 - field.atom(a) - one).is_zero()
    assert not (r - one).is_zero()


def test_division_by_what_is_zero_by_a_relation_is_refused() -> None:
    """``1 / (|a|^2 - a^2)`` has no value at all."""
    field = Field()
    size, x = field.atom(Abs(a)), field.atom(a)
    field.relate(Abs(a), 2, x * x)
    with pytest.raises(ZeroDivisionError):
        field.constant(1) / (size * size - x * x)


def test_only_polynomials_without_related_atoms_are_free() -> None:
    """``|a| - a`` is zero for half of all a, so it must not be divided by in passing."""
    field = Field()
    size, x = field.atom(Abs(a)), field.atom(a)
    assert field.is_free((size - x).num)
    field.relate(Abs(a), 2, x * x)
    assert not field.is_free((size - x).num)
    assert field.is_free((x - field.atom(b)).num)


def test_a_polynomial_tells_its_parts() -> None:
    """Coefficients by power, factors with leading coefficient 1, and single atoms."""
    field = Field()
    x, y = field.atom(a), field.atom(b)
    value = field.constant(6) * (x + y) ** 2 * y
    content, factors = field.factors(value.num)
    assert int(content) == 6
    assert sorted(e for _, e in factors) == [1, 2]
    assert set(field.by_power(value.num, 0)) == {0, 1, 2}
    assert field.single(y.num) == 1
    assert field.single(value.num) is None
    assert field.constant(Rational(2, 3)).rational() == Rational(2, 3)


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=5), st.integers(1, 3))
def test_factors_multiply_to_the_polynomial(coefficients: list[int], power: int) -> None:
    """Also where the degree is too high to split it into irreducible factors."""
    field = Field()
    number = field.atom(a)
    poly = field.constant(0)
    for exponent, coefficient in enumerate(coefficients):
        poly = poly + field.constant(coefficient) * number ** (exponent * HIGH)
    whole = (poly * poly * number**power).num
    if whole.is_zero():
        return
    content, factors = factored(whole)
    product = field.constant(1).num * content
    for factor, exponent in factors:
        product = product * factor**exponent
    assert product == whole
