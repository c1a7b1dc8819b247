"""Arithmetic of signs: what is known of a negative, product, power or sum of signed numbers.

Guarantees: the sign returned holds for all numbers of the given signs; None says that nothing is
known.
"""

from __future__ import annotations

from sympy import Expr

Sign = str | None
"""One of ``">0"``, ``">=0"``, ``"<0"``, ``"<=0"``, ``"==0"``, or None where it is not known."""

_FLIP = {">0": "<0", "<0": ">0", ">=0": "<=0", "<=0": ">=0", "==0": "==0"}


def negated(sign: Sign) -> Sign:
    """Return the sign of the negative."""
    return _FLIP[sign] if sign else None


def times(a: Sign, b: Sign) -> Sign:
    """Return the sign of a product."""
    if a is None or b is None:
        return None
    if "==0" in (a, b):
        return "==0"
    direction = ">" if a[0] == b[0] else "<"
    return direction + ("=0" if "=" in a + b else "0")


def plus(a: Sign, b: Sign) -> Sign:
    """Return the sign of a sum."""
    if "==0" in (a, b):
        return b if a == "==0" else a
    if a is None or b is None or a[0] != b[0]:
        return None
    return a[0] + ("0" if "=" not in a or "=" not in b else "=0")


def weakest(a: Sign, b: Sign) -> Sign:
    """Return what is known of a number that has sign `a` in one case and `b` in another."""
    if a is None or b is None:
        return None
    if a == b:
        return a
    if "==0" in (a, b):
        return (b if a == "==0" else a)[0] + "=0"
    return a[0] + "=0" if a[0] == b[0] else None


def to_power(sign: Sign, exponent: int) -> Sign:
    """Return the sign of a power with a positive integer as exponent."""
    if exponent % 2:
        return sign
    if sign in (">0", "<0", "==0"):
        return "==0" if sign == "==0" else ">0"
    return ">=0"


def declared_sign(expr: Expr) -> Sign:
    """Return the sign that an expression has by the declarations of its symbols."""
    known = {
        ">0": expr.is_positive,
        "<0": expr.is_negative,
        ">=0": expr.is_nonnegative,
        "<=0": expr.is_nonpositive,
    }
    return next((sign for sign, holds in known.items() if holds), None)
