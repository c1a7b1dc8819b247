"""Exact zeros at exact points: the normal form with every class and every value written out.

Guarantees: True means that the expression is exactly zero at the point, by rational arithmetic in
which exponentials and logarithms of different rationals are unknowns.
It answers None where the normal form does not vanish: that is no proof of a difference.
It does not ask whether the expression has a value at the point: `decide` evaluates it first.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import Expr, IndexedBase, Integer, Rational

from ..numeric.point import Point
from ..symbolic.cases import Case
from ..symbolic.class_sums import collapse_deltas
from ..symbolic.errors import UnsupportedError
from ..symbolic.normal_form import prepare
from ..symbolic.normaliser import Normaliser
from ..symbolic.signs import Signs
from ..symbolic.vocabulary import bins, n


def exact_zero(expr: Expr, point: Point) -> bool | None:
    """Tell whether `expr` is exactly zero at `point`, or None.

    >>> from gradproof.symbolic import S, class_sum, z
    >>> exact_zero(class_sum(lambda j: S(j)) - 1, Point({z: (1, 2)}))
    True
    """
    values = {k: _number(v) for k, v in point.items() if not isinstance(k, IndexedBase)}
    classes = {
        size: tuple(Integer(c) for c in range(1, int(point.get(size, 0)) + 1)) for size in (n, bins)
    }
    case = Case(values, classes, {size: len(same) for size, same in classes.items()}, "the point")
    members = {
        case.apply(key[place]): _number(member)  # the case writes the size into the shape
        for key, value in point.items()
        if isinstance(key, IndexedBase)
        for place, member in enumerate(value, start=1)  # type: ignore[arg-type]
    }
    normaliser = Normaliser(members, Signs(case), restricted=True)
    try:
        value = normaliser.of(case.apply(collapse_deltas(case.apply(prepare(expr)))))
    except (UnsupportedError, ZeroDivisionError):
        return None
    return True if value.is_zero() else None


def _number(value: Any) -> Rational:
    exact = Fraction(value)
    return Rational(exact.numerator, exact.denominator)
