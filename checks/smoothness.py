"""Whether the derivatives in a formula exist at an exact point where branches of a loss meet.

Guarantees: SMOOTH rests on all branches that meet there having exactly the same value and the same
derivatives up to the order asked for, by rational arithmetic (`exact_zero`); KINK on one-sided
derivatives from the loss alone whose balls exclude each other, or on a certain jump.
Near the point the loss is always one of the branches that meet there, so that branches which agree
leave one derivative.
What it cannot see, and answers UNKNOWN: mixed derivatives, and branches that agree without an exact
proof of it. Kinks inside integrals are left aside.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from itertools import product

from sympy import Abs, Expr, Heaviside, Integer, Integral, Max, Min, Piecewise, Rational, sign
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from ..numeric import decide
from ..numeric.one_sided import one_sided
from ..numeric.point import Point
from ..symbolic.calculus import LossTerm
from ..symbolic.cases import index_sizes
from ..symbolic.class_sums import bound_indices
from ..symbolic.errors import GradproofError, UndefinedValueError
from ..symbolic.vocabulary import n
from .exact import exact_zero
from .explicit import classes_of, symbols_of, written_out

_MOST = 16
"""With more branches it stays unknown."""
_BITS = 1024
_KINKED = (Abs, Heaviside, Max, Min, Piecewise, sign)
_JUMPS = (Heaviside, Piecewise, sign)


class Smoothness(Enum):
    """What is known of the derivatives in a formula at a point."""

    SMOOTH = "they exist"
    KINK = "one does not exist"
    UNKNOWN = "not known"


class _UndecidedError(Exception):
    """It is not decided which branches meet."""


def smoothness(formula: Boolean, point: Point) -> Smoothness:
    """Tell whether every derivative of a loss in a formula exists at a point.

    >>> from sympy import Eq
    >>> from gradproof.symbolic import Loss, scalar, z
    >>> for power in (1, 2):
    ...     hinge = Loss("H", Max(0, 1 - z[1]) ** power)
    ...     print(smoothness(Eq(hinge.gradient(1), 0), Point({z: (1,)})).name)
    KINK
    SMOOTH
    """
    found = {_of_term(term, point) for term in formula.atoms(LossTerm) if term.variables}
    worst = (Smoothness.KINK, Smoothness.UNKNOWN)
    return next((state for state in worst if state in found), Smoothness.SMOOTH)


def _of_term(term: LossTerm, point: Point) -> Smoothness:
    """Return what is known of one derivative, for every class of a sum it stands in."""
    inner = sorted(bound_indices(term), key=str)
    sizes = index_sizes([term])
    ranges = [range(1, int(point[sizes.get(name, n)]) + 1) for name in inner]
    states = set()
    for places in product(*ranges):
        classes = {**classes_of(point), **dict(zip(inner, places, strict=True))}
        loss = written_out(term.value, classes)
        variables = [written_out(variable, classes) for variable in term.variables]
        states.add(_of_loss(loss, variables, symbols_of(point)))
    worst = (Smoothness.KINK, Smoothness.UNKNOWN)
    return next((state for state in worst if state in states), Smoothness.SMOOTH)


def _of_loss(loss: Expr, variables: list[Expr], point: Point) -> Smoothness:
    try:
        first, *others = _branches(loss, point)
    except _UndecidedError:
        return Smoothness.UNKNOWN
    gaps = [other - first for other in others]
    if not gaps:
        return Smoothness.SMOOTH
    if len(set(variables)) == 1 and all(_vanishes(gap, variables, point) for gap in gaps):
        return Smoothness.SMOOTH
    same = next((k for k, v in enumerate(variables) if v != variables[0]), len(variables))
    return Smoothness.KINK if _sides_differ(loss, variables[0], same, point) else Smoothness.UNKNOWN


def _vanishes(gap: Expr, variables: list[Expr], point: Point) -> bool:
    """Tell whether a difference and its derivatives are exactly 0 at a point."""
    for variable in (None, *variables):
        gap = gap if variable is None else gap.diff(variable)
        if exact_zero(gap, point) is not True:
            return False
    return True


def _sides_differ(loss: Expr, variable: Expr, order: int, point: Point) -> bool:
    """Tell whether a derivative of at most an order is certain to differ from side to side."""
    try:
        return any(
            one_sided(loss, point, variable, order=k, is_zero=exact_zero).differ
            for k in range(1, order + 1)
        )
    except UndefinedValueError:  # the loss jumps
        return True
    except GradproofError:
        return False


def _branches(expr: Expr, point: Point) -> list[Expr]:
    """Return the formulas without branches, one of which the expression is near the point."""
    if isinstance(expr, Integral) or not expr.args or not expr.has(*_KINKED):
        return [expr]
    found = list(dict.fromkeys(_own_branches(expr, point)))
    if len(found) > _MOST:
        raise _UndecidedError
    return found


def _own_branches(expr: Expr, point: Point) -> Iterator[Expr]:
    if isinstance(expr, Piecewise):
        yield from _pieces(expr, point)
        return
    for args in product(*(_branches(a, point) for a in expr.args)):
        if isinstance(expr, Abs):
            yield from (s * args[0] for s in _signs(args[0], point, zero=(1, -1)))
        elif isinstance(expr, sign):
            yield from map(Integer, _signs(args[0], point, zero=(-1, 0, 1)))
        elif isinstance(expr, Heaviside):
            steps = {-1: Integer(0), 0: Rational(1, 2), 1: Integer(1)}
            yield from (steps[s] for s in _signs(args[0], point, zero=(-1, 0, 1)))
        elif isinstance(expr, (Max, Min)):
            yield from _extremes(args, 1 if isinstance(expr, Max) else -1, point)
        else:
            yield expr.func(*args)


def _signs(expr: Expr, point: Point, zero: tuple[int, ...]) -> tuple[int, ...]:
    """Return the signs that an expression takes near a point, `zero` where it is 0 there."""
    if exact_zero(expr, point) is True:
        return zero
    for way in (1, -1):
        try:
            if decide(way * expr > 0, point, max_bits=_BITS) is True:
                return (way,)
        except GradproofError:
            continue
    raise _UndecidedError


def _extremes(args: tuple[Expr, ...], way: int, point: Point) -> Iterator[Expr]:
    """Yield the arguments that are largest at a point (smallest, if `way` is -1)."""
    for one in args:
        gaps = (way * (one - other) for other in args if other is not one)
        if all(_signs(gap, point, zero=(0,)) != (-1,) for gap in gaps):
            yield one


def _pieces(expr: Piecewise, point: Point) -> Iterator[Expr]:
    """Yield the values of the branches whose condition holds at some points near by."""
    for value, condition in expr.args:
        relations = condition.atoms(Relational)
        if any(side.has(*_JUMPS) for r in relations for side in r.args):
            raise _UndecidedError
        tied = any(_signs(r.lhs - r.rhs, point, zero=(0,)) == (0,) for r in relations)
        holds = True if condition == True else decide(condition, point, max_bits=_BITS)  # noqa: E712
        if holds or tied:
            yield from _branches(value, point)
        if holds and not tied:
            return
