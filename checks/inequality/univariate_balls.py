"""Signs from balls (Arb): raised in precision until certain, or left undecided.

Guarantees: a sign is returned only from a finite ball that excludes 0.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import arb, ctx

PRECISIONS = (64, 192, 512)
"""Bits tried, in turn, where a sign is to be read from a ball."""


class Undecided(Exception):
    """A step of a proof could not be decided; another step may."""


class Tangency(Undecided):
    """A function seems to touch 0 at a point that is not known exactly."""


def certified_sign(ball: Callable[[], arb]) -> int:
    """Return the sign of a number that is not 0, raising precision until its ball shows it."""
    for bits in PRECISIONS:
        with ctx.workprec(bits):
            sign = ball_sign(ball())
        if sign:
            return sign
    raise Undecided


def ball_sign(value: arb) -> int:
    """Return 1 or -1 if the ball excludes 0, else 0."""
    if not value.is_finite():
        return 0
    return 1 if value > 0 else -1 if value < 0 else 0
