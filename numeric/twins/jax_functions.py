"""Functions of numbers that JAX has as primitives and the array API standard has not.

Guarantees: as in `functions`: exact values are enclosed, what has no value is nan, and what a ball
leaves open raises `Undecided`.
"""

from __future__ import annotations

from flint import arb, fmpq

from ..elements import ONE, ZERO, Element
from . import extended, functions
from .dual import Dual, compare
from .extended import INF, NAN, divide, finite, multiply, negate, sign
from .tangents import combine

_THIRD = Dual(fmpq(1, 3))
_HALF = fmpq(1, 2)


def cbrt(a: Dual) -> Dual:
    """Return the real cube root, also of a negative number."""
    below = sign(a.value)
    if below is None or type(a.value) is float:
        return a
    size = -a if below == -1 else a
    value, exact = size.value, None
    if type(value) is fmpq:
        exact = _root(value)
    root = functions.power(size, _THIRD)
    if exact is not None:
        root = Dual(exact, root.slope)
    return -root if below == -1 else root


def _root(value: fmpq) -> fmpq | None:
    """Return the cube root of a rational that has a rational one."""
    parts = [int(part.root(3)) for part in (value.p, value.q)]
    return fmpq(*parts) if fmpq(parts[0] ** 3, parts[1] ** 3) == value else None


def atan2(a: Dual, b: Dual) -> Dual:
    """Return the angle of the point (b, a), in (-pi, pi]."""
    value = _angle(a.value, b.value)
    if a.slope is None and b.slope is None:
        return Dual(value)
    square = extended.add(multiply(a.value, a.value), multiply(b.value, b.value))
    by_a, by_b = divide(b.value, square), negate(divide(a.value, square))
    return Dual(value, combine(((by_a, a.slope), (by_b, b.slope))))


def _angle(y: Element, x: Element) -> Element:
    if y != y or x != x:
        return NAN
    if type(y) is float or type(x) is float:
        # At infinity only the signs and which of the two is infinite count.
        inner = [(sign(v) or 0) if type(v) is float else 0 for v in (y, x)]
        if type(y) is not float:
            return ZERO if x > 0 else multiply(fmpq(-1 if sign(y) == -1 else 1), arb.pi())
        return finite(arb.atan2(arb(inner[0]), arb(inner[1])))
    if sign(y) == 0:
        return finite(arb.pi()) if sign(x) == -1 else ZERO
    return finite(arb.atan2(arb(y), arb(x)))


def remainder(a: Dual, b: Dual) -> Dual:
    """Return what a division rounded towards 0 leaves: it has the sign of `a`."""
    if type(b.value) is float and b.value == b.value and functions.is_finite(a):
        return a
    if type(b.value) is not float and sign(b.value) == 0:
        return Dual(NAN)
    return a - functions.apply("trunc", a / b) * b


def rounded_away(a: Dual) -> Dual:
    """Return the nearest integer, of two the one further from 0."""
    if not functions.is_finite(a):
        return a
    below = sign(a.value) == -1
    size = functions.apply("floor", (-a if below else a) + _HALF)
    return -size if below else size


def digamma(a: Dual) -> Dual:
    """Return the logarithmic derivative of the gamma function."""
    value = finite(arb(a.value).digamma()) if functions.is_finite(a) else _at_infinity(a)
    if a.slope is None:
        return Dual(value)
    return Dual(value, combine(((_zeta(fmpq(2), a.value), a.slope),)))


def _at_infinity(a: Dual) -> Element:
    return INF if a.value == INF else NAN


def _zeta(order: Element, x: Element) -> Element:
    return finite(arb.zeta(arb(order), arb(x)))


def polygamma(order: Dual, a: Dual) -> Dual:
    """Return the derivative of integer order of the digamma function."""
    count = int(fmpq(order.value).p)
    if count == 0:
        return digamma(a)
    value = _polygamma(count, a.value)
    if a.slope is None:
        return Dual(value)
    return Dual(value, combine(((_polygamma(count + 1, a.value), a.slope),)))


def _polygamma(count: int, x: Element) -> Element:
    factor = ONE
    for k in range(2, count + 1):
        factor = factor * k
    sign_of = 1 if count % 2 else -1
    return multiply(sign_of * factor, _zeta(fmpq(count + 1), x))


def logaddexp(a: Dual, b: Dual) -> Dual:
    """Return ``log(exp(a) + exp(b))``."""
    for first, second in ((a, b), (b, a)):
        if first.value == -INF:
            return second
        if first.value == INF:
            return first if second.value == second.value else second
    return a + functions.apply("softplus", b - a)


def float_to_integer(a: Dual, low: int, high: int) -> int:
    """Return the integer towards 0, kept between `low` and `high`; 0 for nan."""
    if functions.is_nan(a):
        return 0
    if functions.is_infinite(a):
        return high if a.value > 0 else low
    return min(max(int(functions.apply("trunc", a).value.p), low), high)


def is_truthy(a: Dual) -> bool:
    """Tell whether the number is not 0; nan is not."""
    return compare(a, Dual(ZERO)) != 0
