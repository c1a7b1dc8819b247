"""Exponentials, powers and logarithms as fractions of the field.

Guarantees: each function returns a fraction equal to the power or logarithm wherever that is
defined over the reals.
An exponential of a sum becomes a product, a logarithm of a product a sum; a root keeps the relation
to its radicand.
A logarithm is taken of the absolute value of each factor, since the product is positive where its
logarithm is defined; it is written so, lest SymPy combine it with powers of the factor itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sympy import Abs, Expr, Integer, Pow, Rational, exp, factorint, log

from .field import Fraction, Poly
from .moduli import modulus

if TYPE_CHECKING:
    from .normaliser import Normaliser


def exponential(normaliser: Normaliser, argument: Fraction) -> Fraction:
    """Return ``exp(argument)`` as a product over the monomials of the argument."""
    field, result = normaliser.field, normaliser.field.constant(1)
    for monomial, coefficient in field.terms(argument.num):
        rate = Rational(int(coefficient.p), int(coefficient.q))
        unit = field.make(field.from_terms({monomial: 1}), argument.den)
        result = result * _exponential_unit(normaliser, unit, rate)
    return result


def _exponential_unit(normaliser: Normaliser, unit: Fraction, rate: Rational) -> Fraction:
    """Return ``exp(rate * unit)`` for a monomial `unit` over a denominator."""
    field = normaliser.field
    used = field.used(unit.num)
    plain = len(used) == 1 and unit.num.total_degree() == 1 and unit.den.is_constant()
    if plain and used[0] in normaliser.arguments:
        return _power_of_positive(normaliser, field.whole(normaliser.arguments[used[0]]), rate)
    exponent = unit.expr()
    atom = exp(exponent / rate.q)
    result = normaliser.atom(atom)
    if not field.knows(atom):
        return result ** int(rate.p)
    number = normaliser.number(atom)
    if rate.q > 1 and number not in normaliser.exponents:
        field.relate(atom, int(rate.q), _exponential_unit(normaliser, unit, Rational(1)))
    normaliser.exponents[number] = (exponent, int(rate.q))
    return result ** int(rate.p)


def power(normaliser: Normaliser, base: Expr, exponent: Expr) -> Fraction:
    """Return ``base**exponent``."""
    if isinstance(exponent, Integer):
        return normaliser.of(base) ** int(exponent)
    if base == exp(1):
        return exponential(normaliser, normaliser.of(exponent))
    if isinstance(exponent, Rational):
        return _power_of_positive(normaliser, normaliser.of(base), exponent)
    times = normaliser.of(exponent)
    return exponential(normaliser, times * logarithm(normaliser, normaliser.of(base)))


def _power_of_positive(normaliser: Normaliser, value: Fraction, exponent: Rational) -> Fraction:
    """Return ``value**exponent`` for a value that is positive wherever it is defined.

    Uses ``(a b)^r = |a|^r |b|^r``, so that no factor needs a known sign; the only one of odd
    multiplicity has that of the number before it.
    """
    field = normaliser.field
    result, positive = field.constant(1), True
    parts = [(*field.factors(part), way) for part, way in ((value.num, 1), (value.den, -1))]
    odd = [factor for _, factors, _ in parts for factor, times in factors if times % 2]
    for content, _factors, direction in parts:
        positive = positive == (content > 0)
        result = result * _rational_power(normaliser, abs(content), exponent * direction)
    for _, factors, direction in parts:
        for factor, multiplicity in factors:
            alone = field.whole(factor if positive else -factor) if odd == [factor] else None
            times = exponent * multiplicity * direction
            result = result * _factor_power(normaliser, factor, times, alone)
    return result


def _factor_power(
    normaliser: Normaliser, factor: Poly, exponent: Rational, size: Fraction | None
) -> Fraction:
    """Return a power of the absolute value of a factor, which is `size` if that is known."""
    whole = exponent.p // exponent.q
    left = exponent - whole
    even = whole % 2 == 0 and not left
    if even or size is None:
        size = normaliser.field.whole(factor) if even else modulus(normaliser, factor)
    result = size**whole
    return result * _root(normaliser, size, left) if left else result


def _root(normaliser: Normaliser, size: Fraction, exponent: Rational) -> Fraction:
    field = normaliser.field
    number = field.single(size.num)
    if number in normaliser.exponents:
        inner, root = normaliser.exponents[number]
        return exponential(normaliser, normaliser.of(inner * exponent / root))
    atom = Pow(size.expr(), Rational(1, exponent.q))
    fresh = not field.knows(atom)
    result = field.atom(atom)
    if fresh:
        field.relate(atom, int(exponent.q), size)
    return result ** int(exponent.p)


def _rational_power(normaliser: Normaliser, value: Any, exponent: Rational) -> Fraction:
    field = normaliser.field
    result = field.constant(1)
    for part, direction in ((int(value.p), 1), (int(value.q), -1)):
        for prime, multiplicity in factorint(part).items():
            times = exponent * multiplicity * direction
            whole = times.p // times.q
            result = result * field.constant(prime) ** int(whole)
            if times - whole:
                result = result * _root(normaliser, field.constant(prime), times - whole)
    return result


def logarithm(normaliser: Normaliser, value: Fraction) -> Fraction:
    """Return ``log value = sum of log |factor|``, right wherever `value` is positive."""
    field = normaliser.field
    result = field.constant(0)
    for part, direction in ((value.num, 1), (value.den, -1)):
        content, factors = field.factors(part)
        for integer, way in ((int(abs(content).p), direction), (int(abs(content).q), -direction)):
            for prime, multiplicity in factorint(integer).items():
                one = _logarithm_of_factor(normaliser, field.constant(prime).num)
                result = result + one * field.constant(way * multiplicity)
        for factor, multiplicity in factors:
            times = field.constant(direction * multiplicity)
            result = result + _logarithm_of_factor(normaliser, factor) * times
    return result


def _logarithm_of_factor(normaliser: Normaliser, factor: Poly) -> Fraction:
    field = normaliser.field
    number = field.single(factor)
    if number in normaliser.exponents:
        exponent, root = normaliser.exponents[number]
        return normaliser.of(exponent) / field.constant(root)
    if number is not None and isinstance(field.atoms[number], Pow):  # the root of a radicand
        base, rate = field.atoms[number].args
        return logarithm(normaliser, normaliser.of(base)) * field.constant(rate)
    known = normaliser.sign(factor)
    if known in ("<0", "<=0"):
        factor = -factor
    inside = field.poly_expr(factor)
    atom = log(inside if known else Abs(inside), evaluate=False)
    result = field.atom(atom)
    normaliser.arguments[normaliser.number(atom)] = factor
    return result
