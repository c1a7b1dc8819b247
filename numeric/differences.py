"""Difference quotients at high precision: the plainest check on a derivative.

Guarantees: none; it agrees to the digits asked for wherever the loss is smooth on the scale of the
steps, which is what makes it a check on what is certified.
Arithmetic: mpmath, by way of the reference evaluator; no balls and no derivative formulas.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

from mpmath import mp, mpf
from sympy import Expr, Integer, Symbol

from ..symbolic.errors import DeclarationError
from .high_precision import reference
from .point import Point

_LEVELS = 6


def difference_quotient(value: Any, point: Point, variable: Expr, digits: int = 30) -> mpf:
    """Return the derivative of `value` by `variable` from central differences.

    Steps ``h, h/2, h/4, ...`` are extrapolated to 0 by Richardson's scheme, which removes the
    powers ``h**2, h**4, ...`` of the error; the values are computed with three times `digits`.

    Parameters
    ----------
    value
        The loss, smooth around the point.
    point
        A value for each of its symbols.
    variable
        A member of a family of the point, such as ``z[2]`` or ``z[y]``, or a scalar of it.
    digits
        Correct digits aimed at.

    Raises
    ------
    DeclarationError
        If the point has no value for `variable`.
    """
    # With _LEVELS levels the error is of order h**(2 * _LEVELS).
    step = Fraction(1, 10 ** (digits // (2 * _LEVELS) + 2))
    with mp.workdps(3 * digits):
        table = [_central(value, point, variable, step / 2**k, digits) for k in range(_LEVELS)]
        for order in range(1, _LEVELS):
            weight = mpf(4) ** order
            table = [(weight * fine - coarse) / (weight - 1) for coarse, fine in pairwise(table)]
        return table[0]


def _central(value: Any, point: Point, variable: Expr, step: Fraction, digits: int) -> mpf:
    ahead, behind = (
        reference(value, shifted(point, variable, s), 3 * digits) for s in (step, -step)
    )
    return (ahead - behind) / (2 * mpf(step.numerator) / step.denominator)


def shifted(point: Point, variable: Expr, step: Fraction) -> Point:
    """Return `point` with `step` added to `variable`.

    Raises
    ------
    DeclarationError
        If the point has no value for `variable`.
    """
    if isinstance(variable, Symbol) and variable in point:
        return point.replace({variable: point[variable] + step})
    base = getattr(variable, "base", None)
    if base is None or base not in point:
        raise DeclarationError(
            "a derivative is taken by a member of a family, or a scalar, that the point has",
            found=variable,
            remedy="write z[2], z[y] or a scalar of the point",
        )
    index = variable.indices[0]
    place = int(index) if isinstance(index, Integer) else int(point[index])
    members = list(point[base])
    members[place - 1] += step
    return point.replace({base: members})
