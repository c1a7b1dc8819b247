"""Polynomials in B and 1/B, B the number of bins, that are linear in named sums over the bins.

Guarantees: the coefficients returned add up to the expression, by the ring operations alone.
What it cannot see: that a coefficient vanishes, or anything inside one.
"""

from __future__ import annotations

from typing import NoReturn

from sympy import Add, Expr, Integer, Mul, Pow

from .errors import UnsupportedError
from .vocabulary import bins

Laurent = dict[tuple[int, Expr], Expr]
"""The coefficient of each power of B and each named sum, 1 standing for none."""


def laurent(expr: Expr, names: set[Expr]) -> Laurent:
    """Return the coefficients of an expression.

    Parameters
    ----------
    expr
        The expression, with a symbol for each sum over the bins.
    names
        These symbols.

    Raises
    ------
    UnsupportedError
        If the expression is no such polynomial, or holds a product of two of the sums.

    >>> a = Add(2, bins) / bins
    >>> laurent(a, set())
    {(-1, 1): 2, (0, 1): 1}
    """
    one = Integer(1)
    if not expr.has(bins, *names):
        return {(0, one): expr}
    if expr == bins:
        return {(1, one): one}
    if expr in names:
        return {(0, expr): one}
    if isinstance(expr, Add):
        return _added([laurent(a, names) for a in expr.args])
    if isinstance(expr, Mul):
        result: Laurent = {(0, one): one}
        for arg in expr.args:
            result = _multiplied(result, laurent(arg, names), expr)
        return result
    if isinstance(expr, Pow) and isinstance(expr.exp, Integer):
        base = laurent(expr.base, names)
        if expr.exp > 0:
            result = base
            for _ in range(int(expr.exp) - 1):
                result = _multiplied(result, base, expr)
            return result
        if len(base) == 1 and next(iter(base))[1] == one:
            (((power, _), factor),) = base.items()
            return {(power * int(expr.exp), one): factor**expr.exp}
    return _refuse("something else of B", expr)


def _added(parts: list[Laurent]) -> Laurent:
    total: Laurent = {}
    for part in parts:
        for key, factor in part.items():
            total[key] = total.get(key, Integer(0)) + factor
    return total


def _multiplied(a: Laurent, b: Laurent, expr: Expr) -> Laurent:
    total: list[Laurent] = []
    for (p, x), f in a.items():
        for (q, y), g in b.items():
            if x != 1 and y != 1:
                _refuse("a product of sums over the bins", expr)
            total.append({(p + q, x if y == 1 else y): f * g})
    return _added(total)


def _refuse(found: str, expr: Expr) -> NoReturn:
    raise UnsupportedError(
        "an expression is expanded in B if it is a polynomial in B, 1/B and sums over the bins, "
        "linear in the sums",
        found=f"{found}: {expr}",
        remedy="state the limit of a single sum over the bins",
    )
