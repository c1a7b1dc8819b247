"""Expansions of branches, and of logarithms and powers of products and sums.

Guarantees: each function returns an expansion of what it is named for, for all large t; a sign that
selects a branch is used only if it is known for all large t.
Where the sign of a leading coefficient is not known, an absolute value and a root keep one term,
by ``| |a| - |b| | <= |a - b|`` and ``|a^r - b^r| <= |a - b|^r`` for 0 < r < 1 and a, b >= 0.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any

from sympy import (
    Add,
    And,
    Expr,
    Max,
    Mul,
    Not,
    Or,
    Pow,
    Rational,
    Sum,
    exp,
    log,
)

from . import moduli
from .domain import conditions
from .errors import UnsupportedError
from .growth import NoValueError, Series, TooShortError, UnresolvedError

if TYPE_CHECKING:
    from .expansion import Expander

_DECIDED = {
    "<": (-1,),
    "<=": (-1, 0),
    ">": (1,),
    ">=": (1, 0),
    "==": (0,),
    "!=": (-1, 1),
}
"""For each comparison with 0: the signs of the difference that make it true."""


def absolute(expander: Expander, series: Series) -> Series:
    """Return the absolute value."""
    calculus = expander.calculus
    try:
        return series if calculus.sign(series) >= 0 else calculus.negated(series)
    except UnresolvedError:
        pass
    try:
        lead = calculus.leading(series)
    except UnresolvedError:
        return calculus.collect((), [*(scale for scale, _ in series.terms), *series.rest])
    scale, coefficient = lead or (calculus.one, calculus.field.constant(0))
    rest = [other for other, _ in series.terms if other is not scale]
    term = (scale, moduli.absolute(calculus.normaliser, coefficient))
    return calculus.collect([term], [*rest, *series.rest])


def sign_of(expander: Expander, series: Series) -> Series:
    """Return the sign function, a number for all large t."""
    calculus = expander.calculus
    lead = calculus.leading(series)
    if lead is None:
        return calculus.number(0)
    if not calculus.normaliser.is_nonzero(lead[1]):
        return calculus.number(calculus.sign(series))
    return calculus.constant(moduli.sign_of(calculus.normaliser, lead[1]))


def extreme(expander: Expander, expr: Expr) -> Series:
    """Return a `Max` or `Min`, two arguments at a time."""
    calculus, largest = expander.calculus, isinstance(expr, Max)

    def of_two(a: Series, b: Series) -> Series:
        gap = calculus.add(a, calculus.negated(b))
        try:
            return a if (calculus.sign(gap) >= 0) == largest else b
        except UnresolvedError:
            size = absolute(expander, gap)
        size = size if largest else calculus.negated(size)
        return calculus.scaled(calculus.add(a, b, size), calculus.field.constant(Rational(1, 2)))

    return reduce(of_two, (expander.of(a) for a in expr.args))


def eventually(expander: Expander, condition: Any) -> bool:
    """Tell whether a condition holds for all large t; it does, or its negation does.

    Raises
    ------
    UnresolvedError
        If neither is known.
    """
    if condition in (True, False):
        return bool(condition)
    if isinstance(condition, Not):
        return not eventually(expander, condition.args[0])
    if isinstance(condition, And):
        return all(eventually(expander, part) for part in condition.args)
    if isinstance(condition, Or):
        return any(eventually(expander, part) for part in condition.args)
    signs = _DECIDED.get(getattr(condition, "rel_op", ""))
    if signs is None:
        raise UnsupportedError(
            "a condition is made of relations joined by and, or, not",
            found=condition,
            remedy="write it with such relations",
        )
    calculus = expander.calculus
    left, right = expander.of(condition.lhs), expander.of(condition.rhs)
    return calculus.sign(calculus.add(left, calculus.negated(right))) in signs


def is_root_of_nonnegative(base: Expr, exponent: Expr) -> bool:
    """Tell whether a power is a root of what is nonnegative by its form."""
    return isinstance(exponent, Rational) and 0 < exponent < 1 and _is_nonnegative(base)


def _is_nonnegative(expr: Expr) -> bool:
    if isinstance(expr, (Add, Mul)):
        return all(_is_nonnegative(a) for a in expr.args)
    if isinstance(expr, Sum):
        return _is_nonnegative(expr.function)
    if isinstance(expr, Pow) and expr.exp.is_even:
        return True
    return isinstance(expr, exp) or bool(expr.is_number and expr.is_nonnegative)


def log_of_product(expander: Expander, base: Expr) -> Series | None:
    """Return the logarithm of a product or power of positive numbers, factor by factor.

    None if a factor is not known to be positive, or the base is no product.
    """
    factors = [factor.as_base_exp() for factor in Mul.make_args(base)]
    if len(factors) < 2 and factors[0][1] == 1:
        return None
    calculus = expander.calculus
    total = calculus.number(0)
    for inside, exponent in factors:
        if expander.moves(exponent) and inside != exp(1):
            return None
        try:
            if inside == exp(1):
                part = expander.of(exponent)
            else:
                part = calculus.scaled(expander.of(log(inside)), expander.fixed(exponent))
        except (UnresolvedError, NoValueError):
            return None
        total = calculus.add(total, part)
    return total


def log_of_sum(expander: Expander, base: Expr) -> Series | None:
    """Return the logarithm of a sum of the order of one of its terms, the others nonnegative.

    Such is a sum of exponentials in which the largest may be there several times.
    """
    calculus = expander.calculus
    return _by_one_term(
        base, lambda term: calculus.log_of_order(expander.of(term), expander.of(base))
    )


def inverse_of_sum(expander: Expander, base: Expr, exponent: int) -> Series | None:
    """Return a negative power of a sum that is at least one of its terms."""
    calculus = expander.calculus
    try:
        expander.of(base)
    except UnresolvedError:
        if conditions(base):  # of a part of it it is not known whether it has a value
            return None
    return _by_one_term(base, lambda term: calculus.inverse_of_order(expander.of(term), exponent))


def _by_one_term(base: Expr, of_term: Callable[[Expr], Series]) -> Series | None:
    """Return what follows from one term of a sum of nonnegative ones; None if from none."""
    terms = Add.make_args(base)
    if len(terms) == 1 or not all(_is_nonnegative(term) for term in terms):
        return None
    for term in terms:
        try:
            return of_term(term)
        except (UnresolvedError, NoValueError):  # a term may be 0
            continue
    return None


def root(expander: Expander, series: Series, exponent: Rational) -> Series:
    """Return a root of a nonnegative function, to one term at most."""
    calculus = expander.calculus
    power = calculus.field.constant(exponent)
    try:
        lead = calculus.leading(series)
    except TooShortError:
        lead = None
    rest = [scale for scale, _ in series.terms if lead is None or scale is not lead[0]]
    sizes = [scale.to(power) for scale in (*rest, *series.rest)]
    if lead is None:
        return calculus.collect((), sizes)
    value = calculus.normaliser.of(Pow(lead[1].expr(), exponent))
    return calculus.collect([(lead[0].to(power), value)], sizes)
