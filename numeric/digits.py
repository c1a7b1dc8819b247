"""Decimal text in which every printed digit is certain.

Guarantees: a text ``d.ddd...`` is the truncation of every number between the two bounds.
Arithmetic: integers only.
"""

from __future__ import annotations

from fractions import Fraction


def certified_text(lower: Fraction, upper: Fraction, digits: int) -> str:
    """Return the digits that all numbers in ``[lower, upper]`` share, at most `digits` of them.

    >>> certified_text(Fraction("0.36402"), Fraction("0.36407"), 15)
    '0.3640...'
    >>> certified_text(Fraction("0.9999"), Fraction("1.0001"), 15)
    '[1 ± 1e-4]'
    >>> certified_text(Fraction("0.249999999"), Fraction("0.250000001"), 15)
    '[0.25 ± 1e-9]'
    """
    if lower == upper == 0:
        return "0"
    if lower > 0 or upper < 0:
        small, large = sorted((abs(lower), abs(upper)))
        exponent = _floor_log10(large)
        # Bounds on both sides of a short decimal share few digits, however close they are; then
        # the ball says more.
        known = exponent - _floor_log10(upper - lower) if upper > lower else digits
        fewest = max(min(digits, known) - 2, 1)
        for count in range(digits, fewest - 1, -1):
            shown = _truncate(small, exponent - count + 1)
            if shown and shown == _truncate(large, exponent - count + 1):
                return ("-" if upper < 0 else "") + _layout(shown, exponent, count)
    return _ball_text(lower, upper, digits)


def _floor_log10(value: Fraction) -> int:
    bits = value.numerator.bit_length() - value.denominator.bit_length()
    # 30103/100000 is log10(2) to seven digits; the loops correct what is left.
    guess = bits * 30103 // 100000
    while Fraction(10) ** guess > value:
        guess -= 1
    while Fraction(10) ** (guess + 1) <= value:
        guess += 1
    return guess


def _truncate(value: Fraction, place: int) -> int:
    """Return how many whole units of ``10**place`` fit into `value`."""
    return int(value / Fraction(10) ** place)


def _layout(shown: int, exponent: int, count: int) -> str:
    figures = str(shown)
    if -5 <= exponent < 0:
        return "0." + "0" * (-exponent - 1) + figures + "..."
    if 0 <= exponent < count - 1:
        return figures[: exponent + 1] + "." + figures[exponent + 1 :] + "..."
    mantissa = figures[0] + ("." + figures[1:] if count > 1 else "")
    return f"{mantissa}...e{exponent:+d}" if exponent else f"{mantissa}..."


def _ball_text(lower: Fraction, upper: Fraction, digits: int) -> str:
    middle, radius = (lower + upper) / 2, (upper - lower) / 2
    place = _floor_log10(radius)
    if middle:
        place = max(place, _floor_log10(abs(middle)) - digits + 1)
    rounded = round(middle / Fraction(10) ** place) * Fraction(10) ** place
    # The shift of the centre by rounding is added to the radius, which is then rounded up.
    widened = radius + abs(middle - rounded)
    place = _floor_log10(widened)
    unit = -int(-widened / Fraction(10) ** place // 1)
    centre = str(rounded.numerator) if rounded.denominator == 1 else _decimal(rounded)
    return f"[{centre} ± {unit}e{place}]"


def _decimal(value: Fraction) -> str:
    """Return a fraction with a finite decimal expansion as that expansion."""
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    figures = str(abs(int(value * 10**places))).rjust(places + 1, "0")
    return ("-" if value < 0 else "") + figures[:-places] + "." + figures[-places:]
