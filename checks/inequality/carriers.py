"""What carries a logarithm in the normal form: logarithms, logits, and sums with one in each term.

Guarantees: an exponent found here is one whose exponential occurs as well, so that it is the
logarithm of something in the expression.
"""

from __future__ import annotations

from math import lcm

from sympy import Expr, Gt, Integer, Mul, Piecewise, Sum, exp, log
from sympy.tensor.indexed import Indexed

from ...symbolic.field import Fraction
from ...symbolic.normaliser import Normaliser


def factors_of(term: Expr) -> tuple[Expr, ...]:
    """Return the factors of a product."""
    return Mul.make_args(term)


def is_carrier(normaliser: Normaliser, atom: Expr) -> bool:
    """Tell whether an atom is a logarithm, a logit, or a sum whose terms hold one."""
    if isinstance(atom, log):
        return True
    if isinstance(atom, Sum):
        return any(is_logarithm(normaliser, f) or vanishing(f) for f in factors_of(atom.function))
    return is_exponent(normaliser, atom)


def is_logarithm(normaliser: Normaliser, factor: Expr) -> bool:
    """Tell whether a factor is a logarithm or an exponent."""
    return isinstance(factor, log) or is_exponent(normaliser, factor)


def is_exponent(normaliser: Normaliser, atom: Expr) -> bool:
    """Tell whether an atom is a member of a family whose exponentials occur, such as a logit."""
    return isinstance(atom, Indexed) and rate_of(normaliser, atom) is not None


def rate_of(normaliser: Normaliser, member: Indexed) -> Expr | None:
    """Return the c of an exponential ``exp(c v)`` that occurs for members v of the same family."""
    for atom in normaliser.field.atoms:
        if not isinstance(atom, exp):
            continue
        own = [m for m in atom.atoms(Indexed) if m.base == member.base]
        if len(own) == 1:
            rate = atom.args[0] / own[0]
            if not rate.has(Indexed):
                return rate
    return None


def raised(normaliser: Normaliser, factor: Expr) -> tuple[Expr, Expr]:
    """Return ``(c, u)`` with ``factor = c log u``, for a logarithm or an exponent."""
    if isinstance(factor, log):
        return Integer(1), factor.args[0]
    rate = rate_of(normaliser, factor)
    assert rate is not None
    return 1 / rate, exp(rate * factor)


def vanishing(factor: Expr) -> tuple[Expr, Expr] | None:
    """Return ``(c, u)`` of a branch ``c u log u`` for u > 0 that is 0 else, as in an entropy."""
    if not isinstance(factor, Piecewise) or len(factor.args) != 2:
        return None
    (value, condition), (other, _) = factor.args
    logs = [f for f in factors_of(value) if isinstance(f, log)]
    if other != 0 or len(logs) != 1:
        return None
    inside = logs[0].args[0]
    rate = value / logs[0] / inside
    if not rate.is_Rational or not inside.is_nonnegative:
        return None
    if not isinstance(condition, Gt) or condition.args != (inside, Integer(0)):
        return None
    return rate, inside


def exponential_of(normaliser: Normaliser, value: Fraction) -> Fraction | None:
    """Return ``exp(c value)``, c > 0, for a linear combination of logarithms and logits.

    The c makes the coefficients of logarithms integers, and the exponentials those that occur;
    None if the value is no such combination.
    """
    field = normaliser.field
    if any(isinstance(field.atoms[a], Sum) for a in field.used(value.num)):
        return None
    logs = [a for a in field.used(value.num) if isinstance(field.atoms[a], log)]
    if not logs:
        return _of_exponents(normaliser, value)
    parts = [field.by_power(value.num, a) for a in logs]
    if any(set(p) - {0, 1} for p in parts):
        return None
    slopes = [field.make(p[1], value.den) for p in parts]
    unit = slopes[0]
    if normaliser.sign_of_fraction(unit) == "<0":
        unit = -unit
    rates = [slope / unit for slope in slopes]
    if normaliser.sign_of_fraction(unit) != ">0" or not all(r.is_constant() for r in rates):
        return None
    scale = lcm(*(int(r.rational().q) for r in rates))
    return normaliser.of(exp((value / unit * field.constant(scale)).expr()))


def _of_exponents(normaliser: Normaliser, value: Fraction) -> Fraction | None:
    """Return the exponential of logits with rational coefficients, at the rate that occurs."""
    field = normaliser.field
    scale, rate = 1, None
    for exponents, coefficient in field.terms(value.num):
        numbers = [a for a, e in enumerate(exponents) if e]
        atoms = [field.atoms[a] for a in numbers if isinstance(field.atoms[a], Indexed)]
        rates = [r for r in (rate_of(normaliser, a) for a in atoms) if r is not None]
        rate = rates[0] if rates else rate
        scale = lcm(scale, int(coefficient.q))
    if rate is None or not value.den.is_constant():
        return None
    if normaliser.sign_of_fraction(normaliser.of(rate)) != ">0":
        return None
    whole = value * field.constant(scale) * normaliser.of(rate)
    return normaliser.of(exp(whole.expr()))
