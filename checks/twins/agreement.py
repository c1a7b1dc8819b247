"""Whether two numbers known by enclosures are equal, and how far.

Guarantees: DIFFERENT only where the enclosures exclude equality; agreement to D digits only where
they are that narrow; two wide balls that overlap decide nothing.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import Any, TypeAlias

from flint import arb, ctx, fmpq

from ...numeric.elements import Element, to_ball
from ...numeric.enclosure import Enclosure
from ...numeric.twins.run import LAST_BITS


class Outcome(Enum):
    """What a comparison of two exact twins found; each value is the sentence that is printed."""

    AGREES = "The two agree to the digits shown at every point tried, which proves nothing beyond."
    ROUNDED = "They differ, but no more than the rounding of the program's own constants explains."
    SUBGRADIENT = "Branches meet; the program's value lies between the one-sided derivatives."
    UNDEFINED = "There is no value or no derivative to compare with."
    UNDECIDED = "No precision tried tells whether they are equal."
    DIFFERENT = "They differ for certain at the exact point shown."

    @property
    def sentence(self) -> str:
        """The sentence to print."""
        return self.value


Measure: TypeAlias = tuple[Outcome, float]
"""An outcome, and the certified digits of an agreement."""

_PER_BIT = math.log10(2)


def compare_elements(a: Element, b: Element, digits: int, last: bool) -> Measure | None:
    """Return whether two elements are equal to `digits` digits; None if more precision may tell.

    Parameters
    ----------
    a, b
        What is expected and what was found: exact rationals, balls, infinities or nan.
        Where nothing is expected (nan), the outcome is UNDEFINED.
    digits
        Significant digits that make an agreement.
    last
        Whether the precision should be enough: then two balls around 0 agree to as many places as
        they are narrow, if these are at least twice the digits. Where one of the two is exactly 0,
        the highest precision is asked for first.
    """
    if isinstance(a, float) or isinstance(b, float):
        return _special(a, b)
    if isinstance(a, fmpq) and isinstance(b, fmpq):
        return (Outcome.AGREES, math.inf) if a == b else (Outcome.DIFFERENT, 0.0)
    left, right = to_ball(a), to_ball(b)
    if left.is_exact() and right.is_exact() and left == right:
        return Outcome.AGREES, math.inf
    gap = left - right
    if not gap.contains(0):
        return Outcome.DIFFERENT, 0.0
    size = max(left.abs_lower(), right.abs_lower())
    if size > 0:
        shared = _digits(gap.abs_upper() / size)
        if shared >= digits:
            return Outcome.AGREES, shared
    elif last and ctx.prec < LAST_BITS and left.is_zero() != right.is_zero():
        return None  # one is exactly 0, and the other may be a number far smaller than expected
    elif last:
        places = _digits(max(left.abs_upper(), right.abs_upper()))
        if places >= 2 * digits:
            return Outcome.AGREES, places
    return (Outcome.UNDECIDED, 0.0) if last else None


def _special(expected: Element, found: Element) -> Measure:
    """Compare where one of the two is no finite number."""
    if expected != expected and isinstance(expected, float):
        return Outcome.UNDEFINED, 0.0
    if isinstance(expected, float) and isinstance(found, float) and expected == found:
        return Outcome.AGREES, math.inf
    return Outcome.DIFFERENT, 0.0


def _digits(relative: arb) -> float:
    """Return how many digits an upper bound of a relative difference leaves."""
    if relative.is_zero():
        return math.inf
    mantissa, exponent = relative.mid().man_exp()
    return max(0.0, math.floor(-(int(exponent) + int(mantissa).bit_length()) * _PER_BIT))


def shared_digits(a: Element, b: Element) -> float:
    """Return how many significant digits two different numbers share, for certain."""
    if isinstance(a, float) or isinstance(b, float):
        return 0.0
    left, right = to_ball(a), to_ball(b)
    size = max(left.abs_lower(), right.abs_lower())
    return _digits((left - right).abs_upper() / size) if size > 0 else 0.0


def between(value: Element, one: Element, other: Element) -> bool | None:
    """Tell whether `value` lies between two elements, ends included; None if open."""
    if any(isinstance(e, float) for e in (value, one, other)):
        return None
    product = (value - one) * (value - other)
    if product > 0:
        return False
    return True if product <= 0 else None


def spell(value: Any, digits: int = 15) -> str:
    """Return an element with certified digits, or what it is instead of a number."""
    if isinstance(value, float):
        return "no value" if value != value else str(value)
    return Enclosure.of(value).text(digits)
