"""Expansions of functions of one argument: near a finite limit of it, and where it grows.

Guarantees: each function returns an expansion of the function of the argument's expansion, for all
large t: Taylor's formula near a finite limit; where the argument grows, the function's own
expansion, its remainder of the order of the first term left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import (
    Dummy,
    Expr,
    Rational,
    asinh,
    atan,
    besseli,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    pi,
    sin,
    sinh,
    tanh,
)
from sympy.core.function import Function

from .errors import UnsupportedError
from .field import Fraction
from .growth import Series, UnresolvedError
from .kernel_functions import KernelShape

if TYPE_CHECKING:
    from .expansion import Expander

_SMOOTH = (sin, cos, atan, asinh, erf, erfc, besseli, KernelShape)
"""Functions of their last argument that are analytic, or at least smooth, on the whole line."""


def function(expander: Expander, expr: Function) -> Series:
    """Return a function of an argument that depends on t.

    Raises
    ------
    UnsupportedError
        If there is no rule for the function.
    """
    if isinstance(expr, (sinh, cosh, tanh)):
        return expander.of(expr.rewrite(exp))
    moving = [a for a in expr.args if expander.moves(a)]
    if not isinstance(expr, _SMOOTH) or moving != [expr.args[-1]]:
        raise UnsupportedError(
            "a limit is taken of functions whose growth is known",
            found=expr,
            remedy="use exp, log, powers, sin, cos, tanh, atan or erf",
        )
    calculus = expander.calculus
    series = expander.of(expr.args[-1])
    sizes = [calculus.grows(scale) for scale, _ in series.terms]
    if all(size <= 0 for size in sizes):
        return _taylor(expander, expr, series, sizes)
    return _far(expander, expr, series)


def _taylor(expander: Expander, expr: Function, series: Series, sizes: list[int]) -> Series:
    """Return the function near the limit of its argument, by Taylor's formula."""
    calculus = expander.calculus
    calculus.vanishing(series.rest)
    centre = calculus.field.constant(0)
    for (_, coefficient), size in zip(series.terms, sizes, strict=True):
        centre = centre + coefficient if size == 0 else centre
    small = [term for term, size in zip(series.terms, sizes, strict=True) if size < 0]
    place = Dummy(real=True)
    shape = expr.func(*expr.args[:-1], place)
    factorial = Rational(1)
    coefficients = []
    for k in range(calculus.order + 1):
        factorial *= max(k, 1)
        value = (shape / factorial).xreplace({place: centre.expr()})
        coefficients.append(expander.normaliser.of(value))
        shape = shape.diff(place)
    return calculus.compose(lambda k: coefficients[k], Series(tuple(small), series.rest))


def _far(expander: Expander, expr: Function, series: Series) -> Series:
    """Return the function of an argument that grows without bound."""
    calculus = expander.calculus
    if isinstance(expr, (sin, cos)):
        return Series((), (calculus.one,))
    if isinstance(expr, (erf, erfc)):
        side = calculus.sign(series)
        square = calculus.times(series, series)
        tail = calculus.exp(calculus.negated(square))
        limit = side if isinstance(expr, erf) else 1 - side
        rest = [*(scale for scale, _ in tail.terms), *tail.rest]
        return calculus.collect(calculus.number(limit).terms, rest)
    if isinstance(expr, besseli):
        return _bessel(expander, expr.order, series)
    if isinstance(expr, atan):
        place = Dummy(real=True)
        quarter = calculus.constant(expander.normaliser.of(pi * calculus.sign(series) / 2))
        turned = calculus.inverse(series)
        angle = _taylor(expander, atan(place), turned, [-1] * len(turned.terms))
        return calculus.add(quarter, calculus.negated(angle))
    raise UnresolvedError(
        "the growth of a function is known where its argument grows",
        found=expr,
        remedy="put a formula in its place",
    )


def _bessel(expander: Expander, order: Expr, series: Series) -> Series:
    """Return the modified Bessel function of a whole order and a large positive argument.

    I_v(x) = e^x / sqrt(2 pi x) (1 - a_1 / x + a_2 / x^2 - ...), to as many terms as wanted, with
    a_k = (4 v^2 - 1) ... (4 v^2 - (2 k - 1)^2) / (k! 8^k).
    Source: NIST Digital Library of Mathematical Functions, 10.40(i).
    """
    calculus = expander.calculus
    if not order.is_Integer or calculus.sign(series) <= 0:
        raise UnresolvedError(
            "the growth of a Bessel function is known for whole orders and positive arguments",
            found=f"order {order}",
            remedy="put a formula in its place",
        )

    def coefficient(k: int) -> Fraction:
        value = Rational(1)
        for step in range(1, k + 1):
            value *= -(4 * order**2 - (2 * step - 1) ** 2) / Rational(8 * step)
        return calculus.field.constant(value)

    near = calculus.compose(coefficient, calculus.inverse(series))
    circle = calculus.constant(expander.normaliser.of(2 * pi))
    below = calculus.power(calculus.times(circle, series), calculus.field.constant(Rational(-1, 2)))
    return calculus.times(calculus.times(calculus.exp(series), below), near)
