"""Changes of variable that make a function of one variable simpler to decide.

Guarantees: each change is a strictly monotone map of the new open interval onto the old one, so
that a function keeps a sign in one variable if and only if it does in the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from flint import fmpz
from sympy import (
    Dummy,
    E,
    Expr,
    Pow,
    Symbol,
    cosh,
    exp,
    expand,
    log,
    preorder_traversal,
    sinh,
    tanh,
)

from .univariate_zeros import Bound, Domain


@dataclass(frozen=True)
class Reading:
    """One way to put the question: a formula in a variable on an open interval.

    `change` is the new variable as text in the old one; `conditions` are what must be positive
    beside what the formula itself shows.
    """

    expr: Expr
    variable: Symbol
    domain: Domain
    change: str
    conditions: tuple[Expr, ...] = ()


def conditions(expr: Expr) -> list[tuple[Expr, str]]:
    """Return what has to hold for every part of a formula to have a value, as sign relations.

    A change of variable or a collection of terms may drop a part; what it asks for stays.
    """
    found: dict[tuple[Expr, str], None] = {}
    for node in preorder_traversal(expr):
        if isinstance(node, log):
            found[node.args[0], ">0"] = None
        elif node.is_Pow and node.base != E:
            base, exponent = node.args
            if not exponent.is_Rational or (not exponent.is_Integer and exponent < 0):
                found[base, ">0"] = None
            elif exponent < 0:
                found[base**2, ">0"] = None
            elif not exponent.is_Integer:
                found[base, ">=0"] = None
    return list(found)


def _changed(expr: Expr, variable: Symbol, by: Expr) -> tuple[Expr, tuple[Expr, ...]]:
    """Return a formula and its conditions with the variable replaced."""
    asked = tuple(condition.subs(variable, by) for condition, _ in conditions(expr))
    return expr.subs(variable, by), asked


def to_exponentials(expr: Expr) -> Expr:
    """Return a formula with hyperbolic functions written by exponentials."""
    return expr.replace(
        lambda node: isinstance(node, sinh | cosh | tanh), lambda node: node.rewrite(exp)
    )


def readings(expr: Expr, variable: Symbol, domain: Domain) -> list[Reading]:
    """Return the ways to put a question, the most promising first."""
    plain = to_exponentials(expr)
    found = [Reading(plain, variable, domain, str(variable))]
    by_exponential = _by_exponential(plain, variable, domain)
    if by_exponential is not None:
        found.insert(0 if _nested(plain, variable) else 1, by_exponential)
    by_root = _by_root(plain, variable, domain)
    by_logarithm = _by_logarithm(plain, variable, domain)
    if by_logarithm is not None:
        found.append(by_logarithm)
    return found if by_root is None else [by_root, *found]


def _nested(expr: Expr, variable: Symbol) -> bool:
    """Tell whether an exponential stands inside a logarithm or a fractional power."""
    inside = [node.args[0] for node in expr.atoms(log)]
    inside += [n.base for n in expr.atoms(Pow) if not n.exp.is_Integer]
    return any(e.has(variable) for part in inside for e in part.atoms(exp))


def _by_exponential(expr: Expr, variable: Symbol, domain: Domain) -> Reading | None:
    """Put u = exp(s/q) where exponents are linear in s."""
    coefficients = [
        expand(node.exp).coeff(variable, 1) for node in expr.atoms(exp) if node.has(variable)
    ]
    rational = [c for c in coefficients if c.is_Rational and c != 0]
    ends = {None, Fraction(0)}
    if not rational or domain.lower not in ends or domain.upper not in ends:
        return None
    degree = lcm(*(int(c.q) for c in rational))
    new = Dummy("u", positive=True)
    lower = Fraction(0) if domain.lower is None else Fraction(1)
    upper = None if domain.upper is None else Fraction(1)
    changed, asked = _changed(expr, variable, degree * log(new))
    return Reading(changed, new, Domain(lower, upper), f"exp({variable}/{degree})", asked)


def _by_logarithm(expr: Expr, variable: Symbol, domain: Domain) -> Reading | None:
    """Put y = log(s), in which extremes at powers of e become rational."""
    places: dict[Bound, Bound] = {Fraction(0): None, Fraction(1): Fraction(0), None: None}
    powers = [n for n in expr.atoms(Pow) if n.base == variable and not n.exp.is_Rational]
    if not (powers or expr.has(log(variable))) or domain.lower is None or domain.lower < 0:
        return None
    if domain.lower not in places or domain.upper not in places:
        return None
    new = Dummy("y", real=True)
    ends = Domain(places[domain.lower], places[domain.upper])
    changed, asked = _changed(expr, variable, exp(new))
    return Reading(changed, new, ends, f"log({variable})", asked)


def _by_root(expr: Expr, variable: Symbol, domain: Domain) -> Reading | None:
    """Put w = s^(1/q) where fractional powers of s occur."""
    powers = [n.exp for n in expr.atoms(Pow) if n.base == variable and n.exp.is_Rational]
    degree = lcm(*(int(power.q) for power in powers), 1)
    if degree == 1 or domain.lower is None or domain.lower < 0:
        return None
    try:
        lower, upper = (_exact_root(end, degree) for end in (domain.lower, domain.upper))
    except ValueError:
        return None
    new = Dummy("w", positive=True)
    changed, asked = _changed(expr, variable, new**degree)
    return Reading(changed, new, Domain(lower, upper), f"{variable}^(1/{degree})", asked)


def _exact_root(value: Bound, degree: int) -> Bound:
    """Return the rational root; ValueError where there is none."""
    if value is None:
        return None
    parts = [int(fmpz(part).root(degree)) for part in (value.numerator, value.denominator)]
    root = Fraction(*parts)
    if root**degree != value:
        raise ValueError(value)
    return root
