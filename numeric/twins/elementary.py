"""Values of elementary functions on the extended reals.

Guarantees: each function encloses the exact one; a value outside its domain is nan, a pole is the
infinity that IEEE 754 gives, and a ball that leaves this open raises `Undecided`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from flint import arb, fmpq

from ..elements import ONE, ZERO, Element
from . import extended
from .extended import INF, NAN, finite, is_nan, multiply, sign, subtract
from .run import Undecided

Value: TypeAlias = Callable[[Element], Element]
"""A function from an element to an element."""

HALF = fmpq(1, 2)


def ball(x: Element) -> arb:
    """Return a finite element as a ball."""
    return x if isinstance(x, arb) else arb(x)


def exp(x: Element) -> Element:
    """Return ``exp(x)``."""
    if type(x) is float:
        return ZERO if x == -INF else x
    return ONE if type(x) is fmpq and x == 0 else finite(ball(x).exp())


def expm1(x: Element) -> Element:
    """Return ``exp(x) - 1``, narrow also near 0."""
    if type(x) is float:
        return -ONE if x == -INF else x
    return ZERO if type(x) is fmpq and x == 0 else finite(ball(x).expm1())


def log(x: Element) -> Element:
    """Return ``log(x)``: -inf at 0, nan below."""
    if type(x) is float:
        return x if x > 0 or x != x else NAN
    below = sign(x)
    if below == 0:
        return -INF
    if below == -1:
        return NAN
    return ZERO if type(x) is fmpq and x == 1 else finite(ball(x).log())


def log1p(x: Element) -> Element:
    """Return ``log(1 + x)``, narrow also near 0."""
    if type(x) is float or sign(extended.add(ONE, x)) != 1:
        return log(extended.add(ONE, x))
    return ZERO if type(x) is fmpq and x == 0 else finite(ball(x).log1p())


def logarithm(base: int) -> Value:
    """Return the logarithm to a base, exact at its powers."""

    def value(x: Element) -> Element:
        plain = log(x)
        if type(plain) is float:
            return plain
        found = plain / arb(base).log()
        if type(x) is fmpq:
            near = round(float(arb(found).mid()))
            if fmpq(base) ** near == x:
                return fmpq(near)
        return found

    return value


def sqrt(x: Element) -> Element:
    """Return the square root: exact for squares of rationals, nan below 0."""
    if type(x) is float:
        return x if x > 0 or x != x else NAN
    below = sign(x)
    if below == 0:
        return ZERO
    if below == -1:
        return NAN
    if type(x) is fmpq and x.p.is_square() and x.q.is_square():
        return x.sqrt()
    return finite(ball(x).sqrt())


def with_limits(low: Element, high: Element, inside: Callable[[arb], arb], zero: Element) -> Value:
    """Return a function on the reals with its limits and its exact value at 0."""

    def value(x: Element) -> Element:
        if type(x) is float:
            return x if x != x else high if x > 0 else low
        return zero if type(x) is fmpq and x == 0 else finite(inside(ball(x)))

    return value


def between_poles(low: int | None, high: int | None, inside: Callable[[arb], arb]) -> Value:
    """Return a function on an open interval, with infinities at its ends and nan outside."""

    def value(x: Element) -> Element:
        if x != x:
            return NAN
        for end, outwards in ((low, -1), (high, 1)):
            if end is not None:
                beyond = sign(subtract(x, fmpq(end)))
                if beyond == 0:
                    return outwards * INF
                if beyond == outwards:
                    return NAN
        if type(x) is float:
            return x
        return ZERO if type(x) is fmpq and x == 0 else finite(inside(ball(x)))

    return value


def logistic(x: Element) -> Element:
    """Return ``1 / (1 + exp(-x))``."""
    if type(x) is float:
        return x if x != x else ONE if x > 0 else ZERO
    if type(x) is fmpq and x == 0:
        return HALF
    return finite(1 / (1 + (-ball(x)).exp()))


def softplus(x: Element) -> Element:
    """Return ``log(1 + exp(x))``."""
    if type(x) is float:
        return ZERO if x == -INF else x
    return finite(ball(x).exp().log1p())


sin = with_limits(NAN, NAN, arb.sin, ZERO)
cos = with_limits(NAN, NAN, arb.cos, ONE)
sinh = with_limits(-INF, INF, arb.sinh, ZERO)
cosh = with_limits(INF, INF, arb.cosh, ONE)


def on_unit_interval(inside: Callable[[arb], arb]) -> Value:
    """Return a function on [-1, 1], nan outside."""

    def value(x: Element) -> Element:
        if is_nan(x) or sign(subtract(ONE, multiply(x, x))) == -1:
            return NAN
        return finite(inside(ball(x)))

    return value


def atan(x: Element) -> Element:
    """Return the arc tangent."""
    if type(x) is float:
        return x if x != x else multiply(fmpq(1 if x > 0 else -1, 2), arb.pi())
    return ZERO if x == 0 else finite(ball(x).atan())


def acosh(x: Element) -> Element:
    """Return the inverse of the hyperbolic cosine, nan below 1."""
    if is_nan(x) or sign(subtract(x, ONE)) == -1:
        return NAN
    return x if type(x) is float else finite(ball(x).acosh())


def bell(x: Element) -> Element:
    """Return ``2 / sqrt(pi) exp(-x**2)``, the derivative of the error function."""
    if type(x) is float:
        return x if x != x else ZERO
    return finite(2 * (-ball(x) * ball(x)).exp() / arb.pi().sqrt())


def _is_pole(x: Element) -> bool:
    """Tell whether a finite element is an integer at which the gamma function has a pole."""
    if type(x) is fmpq:
        return bool(x.q == 1 and x <= 0)
    return bool(x.is_exact() and x.is_integer() and x <= 0)


def lgamma(x: Element) -> Element:
    """Return the logarithm of the gamma function's absolute value."""
    if type(x) is float:
        return x if x != x else INF
    if _is_pole(x):
        return INF
    if x > 0:
        return finite(ball(x).lgamma())
    return finite(-abs(ball(x).rgamma()).log())


def digamma(x: Element) -> Element:
    """Return the derivative of `lgamma`: -inf at 0, nan at the other poles."""
    if type(x) is float:
        return x if x > 0 else NAN
    if _is_pole(x):
        return -INF if x == 0 else NAN
    return finite(ball(x).digamma())


def trigamma(x: Element) -> Element:
    """Return the derivative of `digamma`: inf at its poles."""
    if type(x) is float:
        return ZERO if x > 0 else NAN
    if _is_pole(x):
        return INF
    if x > 0:
        return finite(arb(2).zeta(ball(x)))  # Hurwitz's zeta(2, x)
    share = arb.pi() / ball(x).sin_pi()
    return finite(share * share - arb(2).zeta(1 - ball(x)))


def integral(rounding: Callable[[Element], int]) -> Value:
    """Return a rounding of rationals to integers as a function of elements."""

    def value(x: Element) -> Element:
        if type(x) is float:
            return x
        if type(x) is fmpq:
            return fmpq(rounding(x))
        low, high = (rounding(x.lower().fmpq()), rounding(x.upper().fmpq()))
        if low != high:
            raise Undecided
        return fmpq(low)

    return value


def nearest(x: fmpq) -> int:
    """Return the nearest integer, the even one half way between two."""
    doubled = 2 * x
    below = int(x.floor())
    if doubled.q == 1 and int(doubled.p) % 2:  # half way between integers: to the even one
        return below + below % 2
    return int((x + HALF).floor())
