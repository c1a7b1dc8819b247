"""Arithmetic on the extended reals: exact rationals, balls, and the infinities of floats.

An element is an `fmpq`, a finite `arb`, or one of the Python floats inf, -inf and nan.
Guarantees: each operation encloses the exact result; where finite balls leave open which case
applies, `Undecided` is raised, so that a nan certainly means "no value".
The rules for infinities and for division by 0 are those of IEEE 754 with every 0 positive.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from ..elements import EXACT_BITS, ONE, ZERO, Element, rational
from .origins import is_same, shared
from .run import Undecided

INF, NAN = math.inf, math.nan


def is_special(value: Element) -> bool:
    """Tell whether an element is inf, -inf or nan."""
    return type(value) is float


def is_nan(value: Element) -> bool:
    """Tell whether an element is nan."""
    return type(value) is float and value != value


def finite(value: Element) -> Element:
    """Return `value`, too long a rational as a ball; an unbounded ball leaves the run open."""
    if type(value) is fmpq:
        return arb(value) if value.height_bits() > EXACT_BITS else value
    if not value.is_finite():
        raise Undecided
    return value


def sign(value: Element) -> int | None:
    """Return 1, 0 or -1, None for nan.

    Raises
    ------
    Undecided
        If the ball holds 0 and more.
    """
    if type(value) is float:
        return None if value != value else 1 if value > 0 else -1
    if value > 0:
        return 1
    if value < 0:
        return -1
    if type(value) is fmpq or value.is_zero():
        return 0
    raise Undecided


def _stand_in(value: Element) -> float:
    """Return a float that behaves as `value` does beside infinities."""
    return value if type(value) is float else float(sign(value) or 0)


def add(a: Element, b: Element) -> Element:
    """Return ``a + b``."""
    if type(a) is float or type(b) is float:
        return (a if type(a) is float else 0.0) + (b if type(b) is float else 0.0)
    return _shortened(shared("+", a + b, a, b))


def subtract(a: Element, b: Element) -> Element:
    """Return ``a - b``."""
    if type(a) is float or type(b) is float:
        return (a if type(a) is float else 0.0) - (b if type(b) is float else 0.0)
    return ZERO if is_same(a, b) else _shortened(shared("-", a - b, a, b))


def multiply(a: Element, b: Element) -> Element:
    """Return ``a * b``; 0 times an infinity is nan."""
    if type(a) is float or type(b) is float:
        return _stand_in(a) * _stand_in(b)
    return _shortened(shared("*", a * b, a, b))


def _shortened(value: Element) -> Element:
    return arb(value) if type(value) is fmpq and value.height_bits() > EXACT_BITS else value


def divide(a: Element, b: Element) -> Element:
    """Return ``a / b``; a nonzero number by 0 is an infinity of its sign, 0 / 0 is nan."""
    if type(a) is float or type(b) is float:
        if type(b) is not float:
            return _stand_in(a) * (1.0 if sign(b) == 0 else float(sign(b) or 0))
        return ZERO if type(a) is not float and b == b else NAN
    below = sign(b) if type(b) is fmpq or b.contains(0) else 1
    if below == 0:
        return _stand_in(a) * INF if sign(a) else NAN
    return finite(shared("/", a / b, a, b))


def negate(a: Element) -> Element:
    """Return ``-a``."""
    return shared("negative", -a, a)


def about(value: Element) -> float:
    """Return a float near an element; an infinity beyond the range of floats."""
    try:
        return value if type(value) is float else float(arb(value).mid())
    except OverflowError:
        return INF if value > 0 else -INF


def exact(value: Any) -> Element:
    """Return a number as an element without loss.

    Accepts Python and NumPy integers, floats and booleans, `Fraction`, and elements.
    """
    if isinstance(value, fmpq | arb):
        return value
    if isinstance(value, bool):
        return ONE if value else ZERO
    if isinstance(value, int):
        return fmpq(value)
    if isinstance(value, Fraction):
        return rational(value)
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, int):
        return fmpq(int(number))
    if isinstance(number, str | bytes):
        raise TypeError("a text is no number")
    if not hasattr(number, "as_integer_ratio"):
        number = float(number)
    # A longer float of NumPy stays as it is, so that nothing is lost.
    special = number != number or number in (INF, -INF)
    return float(number) if special else fmpq(*number.as_integer_ratio())


def power_of_integer(base: Element, exponent: int) -> Element:
    """Return ``base ** exponent``; anything to the power 0 is 1."""
    if exponent == 0:
        return ONE
    if exponent < 0:
        return divide(ONE, power_of_integer(base, -exponent))
    if type(base) is float:
        return base**exponent
    if type(base) is fmpq:
        if base.height_bits() * exponent <= EXACT_BITS:
            return base**exponent
        base = arb(base)
    return _power_of_ball(base, exponent)


def _power_of_ball(base: arb, exponent: int) -> arb:
    # Not python-flint's power, which is nan for a ball around 0.
    result = None
    while exponent:
        if exponent & 1:
            result = base if result is None else result * base
        base = base * base
        exponent >>= 1
    return finite(result)
