"""Which shape a part of a formula has in print: a member, a fraction, something that extends right.

Guarantees: the answers follow from the expression alone, so that every notation agrees on them.
"""

from __future__ import annotations

from sympy import (
    Add,
    E,
    Expr,
    Integer,
    Integral,
    KroneckerDelta,
    Mul,
    Number,
    Pow,
    Rational,
    S as _S,
    Sum,
    Symbol,
    log,
)
from sympy.core.basic import Basic
from sympy.tensor.indexed import Indexed

from .limits import LimitTerm
from .operators import D
from .vocabulary import Softmax

_MANY_ZEROS = 10**6
"""From which power of ten on a denominator is written as one."""


def is_member(expr: Basic) -> bool:
    """Tell whether `expr` is printed as one letter with its indices."""
    return isinstance(expr, (Indexed, Softmax, KroneckerDelta))


def extends_right(expr: Basic) -> bool:
    """Tell whether the printed `expr` would swallow a factor written after it."""
    if isinstance(expr, log):
        return not isinstance(expr.args[0], (Add, Mul))
    return isinstance(expr, (Sum, Integral, D, LimitTerm))


def is_attached(expr: Basic) -> bool:
    """Tell whether `expr` is an operator printed with its operand on the fraction line."""
    return isinstance(expr, D) and (is_member(expr.operand) or expr.operand.is_Symbol)


def is_negative(expr: Expr) -> bool:
    """Tell whether `expr` is printed with a minus sign in front."""
    return bool(expr.as_coeff_Mul()[0].is_negative)


def over_and_under(term: Expr) -> tuple[list[Expr], list[Expr]]:
    """Return the factors of `term` above and below its fraction line, numbers included."""
    over: list[Expr] = []
    under: list[Expr] = []
    for factor in Mul.make_args(term):
        if isinstance(factor, Rational):
            over += [_S(factor.p)] if factor.p != 1 else []
            under += [_S(factor.q)] if factor.q != 1 else []
        elif isinstance(factor, Pow) and factor.base is not E and is_negative(factor.exp):
            under.append(factor.base**-factor.exp)
        else:
            over.append(factor)
    return over, under


def fraction_parts(term: Expr) -> tuple[list[Expr], list[Expr], list[Expr]]:
    """Return the factors of `term` above and below the fraction line, and those after it.

    Operators and integrals follow the fraction, ``(1/f) df``, and so do sums over one letter.
    """
    over, under = over_and_under(term)
    plain = all(isinstance(factor, (Number, Symbol)) for factor in under)

    def follows(factor: Expr) -> bool:
        return factor.has(D) or isinstance(factor, Integral) or (plain and extends_right(factor))

    after = [factor for factor in over if follows(factor)] if under else []
    return [f for f in over if f not in after], under, after


def is_fraction(expr: Expr) -> bool:
    """Tell whether `expr` is printed as one fraction and nothing beside it."""
    _, under, after = fraction_parts(expr)
    return bool(under) and not after and not is_negative(expr)


def left_out(body: Expr, running: Symbol) -> tuple[Expr, list[Expr]]:
    """Return `body` without its factors ``1 - delta(running, a)``, and the classes a."""
    kept, classes = [], []
    for factor in Mul.make_args(body):
        deltas = [d for d in factor.atoms(KroneckerDelta) if running in d.args]
        if len(deltas) == 1 and factor == 1 - deltas[0]:
            classes += [a for a in deltas[0].args if a != running]
        else:
            kept.append(factor)
    return (Mul(*kept), sorted(classes, key=str)) if classes else (body, [])


def with_power_of_ten(expr: Expr) -> Expr:
    """Return a large power of ten as a power, so that nobody has to count its zeros."""
    if not (isinstance(expr, Integer) and expr >= _MANY_ZEROS):
        return expr
    digits = str(expr)
    return expr if digits.strip("0") != "1" else Pow(10, len(digits) - 1, evaluate=False)
