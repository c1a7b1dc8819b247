"""Exact values at closed ends of a domain.

Guarantees: a value is found only where every part of the formula has one: a divisor is shown not
to be 0 and the argument of a logarithm to be positive, so that 0 * log(0) has none.
"""

from __future__ import annotations

from fractions import Fraction

from flint import fmpq
from sympy import E, Expr, Rational, Symbol, atan, exp, log, pi

from . import univariate_constants as constants
from .univariate_balls import Undecided
from .univariate_changes import to_exponentials
from .univariate_constants import Constant, number

HIGHEST_POWER = 40


def closed_end(
    expr: Expr, variable: Symbol, point: Rational, sign: int, strict: bool
) -> dict[str, str]:
    """Return the value at an end as JSON data; undecided unless it has the sign asked for."""
    value = exact_value(to_exponentials(expr), variable, point)
    found = value.sign()
    if found != sign and (strict or found != 0):
        raise Undecided
    return {"at": str(point), "value": str(value)}


def exact_value(expr: Expr, variable: Symbol, point: Rational) -> Constant:
    """Return the value of a formula at a rational point."""
    if expr == variable:
        expr = point
    if expr.is_Rational:
        return number(fmpq(int(expr.p), int(expr.q)))
    if expr in (E, pi):
        return constants.pi() if expr == pi else constants.exponential(number(1))
    parts = [exact_value(arg, variable, point) for arg in expr.args]
    if expr.is_Add or expr.is_Mul:
        total = number(0 if expr.is_Add else 1)
        for part in parts:
            total = total + part if expr.is_Add else total * part
        return total
    if isinstance(expr, exp):
        return constants.exponential(parts[0])
    if isinstance(expr, log):
        return _logarithm(parts[0])
    if isinstance(expr, atan):
        return constants.arctangent(parts[0])
    if expr.is_Pow:
        return _power(*parts)
    raise Undecided


def _logarithm(value: Constant) -> Constant:
    if value.sign() <= 0:
        raise Undecided
    return constants.logarithm(value)


def _power(base: Constant, exponent: Constant) -> Constant:
    rational = exponent.rational()
    if rational is None:
        return constants.exponential(exponent * _logarithm(base))
    power = Fraction(int(rational.p), int(rational.q))
    if abs(power) > HIGHEST_POWER:
        raise Undecided
    sign = base.sign()
    if sign == 0 and power > 0:
        return base
    if sign == 0 or (sign < 0 and power.denominator != 1):
        raise Undecided
    return constants.power(base, power)
