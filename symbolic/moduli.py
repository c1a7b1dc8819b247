"""Absolute values, signs, extremes and branches as fractions of the field.

Guarantees: each function returns a fraction equal to its argument; a branch is taken only where the
sign that selects it is known for every class.
What cannot be settled stays as one atom, an absolute value with the relation to its square.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sympy import Abs, And, Expr, Max, Not, Or, Piecewise, Rational, sign

from .errors import UnsupportedError
from .field import Fraction, Poly

if TYPE_CHECKING:
    from .normaliser import Normaliser

_DECIDED = {
    "<": (("<0",), (">0", ">=0", "==0")),
    "<=": (("<0", "<=0", "==0"), (">0",)),
    ">": ((">0",), ("<0", "<=0", "==0")),
    ">=": ((">0", ">=0", "==0"), ("<0",)),
    "==": (("==0",), (">0", "<0")),
    "!=": ((">0", "<0"), ("==0",)),
}
"""For each comparison with 0: the signs that make it true, and those that make it false."""


def absolute(normaliser: Normaliser, value: Fraction) -> Fraction:
    """Return ``|value|`` as a product over the factors."""
    if value.is_zero():
        return value
    field = normaliser.field
    result = field.constant(1)
    for part, direction in ((value.num, 1), (value.den, -1)):
        content, factors = field.factors(part)
        size = Rational(int(abs(content).p), int(abs(content).q))
        result = result * field.constant(size) ** direction
        for factor, multiplicity in factors:
            result = result * modulus(normaliser, factor) ** (multiplicity * direction)
    return result


def modulus(normaliser: Normaliser, factor: Poly) -> Fraction:
    """Return the absolute value of a factor: itself, its negative, or an atom."""
    field = normaliser.field
    value = field.whole(factor)
    known = normaliser.sign(factor)
    if known in (">0", ">=0"):
        return value
    if known in ("<0", "<=0"):
        return -value
    atom = Abs(value.expr(), evaluate=False)
    fresh = not field.knows(atom)
    result = field.atom(atom)
    if fresh:
        field.relate(atom, 2, value * value)
    return result


def sign_of(normaliser: Normaliser, value: Fraction) -> Fraction:
    """Return the sign function of `value`: 1, -1 or 0 if it is known, else an atom.

    Of what is not 0 it is ``|value| / value``.
    """
    known = {">0": 1, "<0": -1, "==0": 0}.get(normaliser.sign_of_fraction(value) or "")
    if known is not None:
        return normaliser.field.constant(known)
    if normaliser.is_nonzero(value):
        return absolute(normaliser, value) / value
    return normaliser.atom(sign(value.expr(), evaluate=False))


def extreme(normaliser: Normaliser, expr: Expr) -> Fraction:
    """Return a `Max` or `Min`: the argument that is it everywhere, or an atom."""
    values = [normaliser.of(a) for a in expr.args]
    wanted = (">0", ">=0", "==0") if isinstance(expr, Max) else ("<0", "<=0", "==0")
    for candidate in values:
        gaps = (candidate - value for value in values if value is not candidate)
        if all(normaliser.sign_of_fraction(gap) in wanted for gap in gaps):
            return candidate
    return normaliser.atom(expr.func(*(v.expr() for v in values), evaluate=False))


def branches(normaliser: Normaliser, expr: Piecewise) -> Fraction:
    """Return a `Piecewise`: the branch in force, or an atom of those that may be.

    Raises
    ------
    UnsupportedError
        If the branches leave a case without a value.
    """
    left: list[Any] = []
    for value, condition in expr.args:
        known = truth(normaliser, condition)
        if known is True and not left:
            return normaliser.of(value)
        if known is not False:
            left.append((normaliser.of(value).expr(), condition if known is None else True))
        if known is True:
            return normaliser.atom(Piecewise(*left, evaluate=False))
    raise UnsupportedError(
        "a Piecewise ends in a branch for all that is left",
        found=expr,
        remedy="write the last branch as (value, True)",
    )


def truth(normaliser: Normaliser, condition: Any) -> bool | None:
    """Decide a condition by the signs of the differences in it, or return None."""
    if condition in (True, False):
        return bool(condition)
    if isinstance(condition, Not):
        inner = truth(normaliser, condition.args[0])
        return None if inner is None else not inner
    if isinstance(condition, (And, Or)):
        parts = [truth(normaliser, part) for part in condition.args]
        settling = isinstance(condition, Or)
        if settling in parts:
            return settling
        return None if None in parts else not settling
    true, false = _DECIDED.get(getattr(condition, "rel_op", ""), ((), ()))
    if not true:
        return None
    known = normaliser.sign_of_fraction(normaliser.of(condition.lhs - condition.rhs))
    return True if known in true else False if known in false else None
