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
        inside = field.whole(normaliser.arguments[used[0]])
        return _power_of_positive(normaliser, inside, rate, is_modulus=True)
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


def _power_of_positive(
    normaliser: Normaliser, value: Fraction, exponent: Rational, *, is_modulus: bool = False
) -> Fraction:
    """Return ``value**exponent`` for a value that is not negative wherever that is defined.

    Uses ``(a b)^r = |a|^r |b|^r``, so that no factor needs a known sign; the sign of one follows
    from those of all others, unless the power is one of ``|value|``.
    """
    field = normaliser.field
    result = field.constant(1)
    parts = [(*field.factors(part), way) for part, way in ((value.num, 1), (value.den, -1))]
    last, positive = (None, True) if is_modulus else _last_factor(normaliser, parts)
    for content, factors, direction in parts:
        result = result * _rational_power(normaliser, abs(content), exponent * direction)
        for factor, multiplicity in factors:
            size = field.whole(factor if positive else -factor) if factor == last else None
            times = exponent * multiplicity * direction
            result = result * _factor_power(normaliser, factor, times, size)
    return result


def _last_factor(normaliser: Normaliser, parts: list[Any]) -> tuple[Poly | None, bool]:
    """Return the only factor of unknown sign of a value that is not negative, and whether it is.

    All others must be known not to be 0: where one is, the value is 0 whatever the sign of this.
    """
    unknown, positive = [], True
    for content, factors, direction in parts:
        positive = positive == (content > 0)
        for factor, multiplicity in factors:
            known = normaliser.sign(factor)
            if known in (">0", "<0"):
                positive = positive == (known == ">0" or multiplicity % 2 == 0)
            elif direction > 0 or multiplicity % 2:
                unknown.append((factor, multiplicity))
    alone = len(unknown) == 1 and unknown[0][1] % 2 == 1
    return (unknown[0][0] if alone else None), positive


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
