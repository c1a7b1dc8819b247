"""Powers of numbers with their derivatives.

Guarantees: as in `functions`; anything to the power 0 is 1, as in IEEE 754, and a negative number
has powers with integer exponents alone.
"""

from __future__ import annotations

from flint import fmpq

from ..elements import ONE, ZERO, Element
from . import extended
from .dual import Dual
from .elementary import exp, log, sqrt
from .extended import INF, NAN, multiply, negate, power_of_integer, sign, subtract
from .run import Undecided
from .tangents import combine


def power(base: Dual, exponent: Dual) -> Dual:
    """Return ``base ** exponent``; a negative base needs an integer exponent.

    Anything to the power 0 is 1, as in IEEE 754.
    """
    count = _small_integer(exponent.value)
    if exponent.slope is None and count is not None:
        return integer_power(base, count)
    value = _real_power(base.value, exponent.value)
    if base.slope is None and exponent.slope is None:
        return Dual(value)
    by_base: Element = NAN
    by_exponent: Element = NAN
    if not extended.is_nan(value):
        lower = subtract(exponent.value, ONE)
        by_base = ZERO if count == 0 else multiply(exponent.value, _real_power(base.value, lower))
        by_exponent = _by_exponent(base.value, exponent.value, value)
    return Dual(value, combine(((by_base, base.slope), (by_exponent, exponent.slope))))


def _by_exponent(base: Element, exponent: Element, value: Element) -> Element:
    if type(base) is not float and sign(base) == 0:
        # 0 ** t is 0 for t > 0, 1 at t = 0 and infinite below.
        return ZERO if sign(exponent) == 1 else NAN
    return multiply(value, log(base))


def integer_power(base: Dual, exponent: int) -> Dual:
    """Return ``base ** exponent``."""
    value = power_of_integer(base.value, exponent)
    if base.slope is None or exponent == 0:
        return Dual(value)
    by_base = multiply(fmpq(exponent), power_of_integer(base.value, exponent - 1))
    return Dual(value, combine(((by_base, base.slope),)))


def _small_integer(value: Element) -> int | None:
    """Return an element that is an integer for certain, and small enough to multiply so often."""
    if type(value) is float or not -(2**16) < value < 2**16:
        return None
    if type(value) is fmpq:
        return int(value.p) if value.q == 1 else None
    return int(value.fmpq().p) if value.is_exact() and value.is_integer() else None


def _real_power(base: Element, exponent: Element) -> Element:
    count = _small_integer(exponent)
    if count is not None:
        return power_of_integer(base, count)
    if type(base) is float or type(exponent) is float:
        if type(exponent) is fmpq and exponent.q == 1:  # its sign and whether it is odd decide
            return power_of_integer(base, (1 if exponent > 0 else -1) * (2 + int(exponent.p) % 2))
        return extended.exact(float(_approximate(base)) ** float(_approximate(exponent)))
    below = sign(base)
    if below == -1:
        return _power_of_negative(base, exponent)
    if below == 0:
        return ZERO if sign(exponent) == 1 else INF
    if type(exponent) is fmpq and exponent.q == 2 and abs(exponent.p) < 2**16:
        return power_of_integer(sqrt(base), int(exponent.p))
    return exp(multiply(exponent, log(base)))


def _power_of_negative(base: Element, exponent: Element) -> Element:
    if type(exponent) is fmpq and exponent.q == 1:
        size = exp(multiply(exponent, log(negate(base))))
        return negate(size) if int(exponent.p) % 2 else size
    if type(exponent) is not fmpq and exponent.contains_integer():
        raise Undecided
    return NAN


def _approximate(value: Element) -> float:
    """Return a float in place of a finite number beside an infinity: its side of 0 and of 1."""
    if type(value) is float:
        return value
    below = sign(value) or 0
    return below * (1.0 + 0.5 * (sign(subtract(multiply(value, value), ONE)) or 0))
