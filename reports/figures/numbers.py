"""Certified values for curves, and their texts.

Guarantees: a value is a ball of Arb that holds the true number, either with at least `BITS` correct
bits or, where the number may be 0, of a radius below 2**-150; a text is that number correctly
rounded, since both ends of the ball round to it.
Arithmetic: balls of Arb.
Cannot see: that a number is exactly 0 where no rational arithmetic shows it; its text is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import arb
from sympy import Expr

from ...numeric import Enclosure, Point, enclose, evaluate
from ...symbolic.errors import PrecisionError

BITS = 48
"""Correct bits of every value that is not 0."""

_NEGLIGIBLE = arb(2) ** -150
_FIRST, _LAST = 64, 4096


def value(expr: Expr, point: Point) -> arb:
    """Return the value of an expression at an exact point.

    Raises
    ------
    UndefinedValueError
        If it has none there.
    KinkError
        If a branch of it is not decided there.
    PrecisionError
        If no precision tried is enough.
    """
    ball = attempt(expr, point, _LAST)
    return enclose(expr, point, digits=15).ball if ball is None else ball


def attempt(expr: Expr, point: Point, most: int) -> arb | None:
    """Return the value of an expression, or None if `most` bits do not show that it has one."""
    bits = _FIRST
    while bits <= most:
        ball = evaluate(expr, point, bits)
        if _is_narrow(ball):
            return ball
        bits *= 2
    return None


def _is_narrow(ball: arb) -> bool:
    """Tell whether a ball is as small as this module promises."""
    if not ball.is_finite():
        return False
    return bool(ball.rel_accuracy_bits() >= BITS or ball.rad() < _NEGLIGIBLE)


def decimal(ball: arb, places: int = 3) -> str:
    """Return a number rounded to a number of decimal places; more where it would round to a tie.

    Raises
    ------
    PrecisionError
        If the ball is too wide for that.

    >>> decimal(arb(2).sqrt()), decimal(-arb(2).sqrt(), 1), decimal(arb(1) / 16)
    ('1.414', '−1.4', '0.0625')
    """
    bounds = Enclosure.of(ball)
    for count in range(places, places + 4):
        low, high = (end * 10**count for end in (bounds.lower, bounds.upper))
        if round(low) == round(high) and low % 1 != Fraction(1, 2):
            return _fixed(round(low), count)
    raise PrecisionError(
        "a rounded number is certain",
        found=f"{ball.str(20)} to {places} places",
        remedy="evaluate it with more bits",
    )


def scientific(ball: arb, digits: int = 3) -> str:
    """Return a number other than 0 rounded to significant digits.

    >>> scientific(arb(2) / 3 / 10**7), scientific(arb("9.9999e4")), scientific(arb(-2))
    ('6.67e-8', '1.00e5', '−2.00')
    """
    exponent = _exponent(Enclosure.of(ball).mid)
    if -3 <= exponent < digits:
        return decimal(ball, digits - 1 - exponent)
    mantissa = decimal(ball / arb(10) ** exponent, digits - 1)
    if mantissa.removeprefix("−").startswith("10"):  # 9.999 rounds to 10.00
        return f"{mantissa.replace('10', '1', 1)}e{exponent + 1}"
    return f"{mantissa}e{exponent}"


def _exponent(number: Fraction) -> int:
    """Return the power of ten that a number other than 0 begins with."""
    exponent = len(str(abs(number.numerator))) - len(str(number.denominator))
    while abs(number) < Fraction(10) ** exponent:
        exponent -= 1
    while abs(number) >= Fraction(10) ** (exponent + 1):
        exponent += 1
    return exponent


def _fixed(units: int, places: int) -> str:
    figures = str(abs(units)).rjust(places + 1, "0")
    whole, rest = figures[: len(figures) - places], figures[len(figures) - places :]
    return ("−" if units < 0 else "") + whole + (f".{rest}" if rest else "")


def slope(errors: Sequence[arb], sizes: Sequence[Fraction]) -> arb:
    """Return the slope in a log-log plot between the last two points.

    >>> decimal(slope([arb(4), arb(1)], [Fraction(1), Fraction(2)]), 1)
    '−2.0'
    """
    (before, last), (small, large) = errors[-2:], sizes[-2:]
    ratio = large / small
    step = arb(ratio.numerator) / ratio.denominator
    return (abs(last) / abs(before)).log() / step.log()
