"""Whether the derivatives in a formula exist at an exact point where branches of a loss meet.

Guarantees: SMOOTH rests on the branches in force on both sides of the point, along the variable of
the derivative, having exactly the value of the loss there and the same derivatives up to the order
asked for, by rational arithmetic (`exact_zero`); KINK on one-sided derivatives from the loss alone
whose balls exclude each other, or on a certain jump.
What it cannot see, and answers UNKNOWN: mixed derivatives, and branches that agree without an exact
proof of it. Kinks inside integrals are left aside.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial
from itertools import product

from sympy import (
    Abs,
    And,
    Expr,
    Gt,
    Heaviside,
    Integer,
    Integral,
    Max,
    Min,
    Not,
    Or,
    Piecewise,
    Rational,
    sign,
)
from sympy.core.basic import Basic
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanFalse, BooleanTrue

from ..numeric import decide
from ..numeric.branches import SIGNS
from ..numeric.one_sided import one_sided
from ..numeric.point import Point
from ..symbolic.calculus import LossTerm
from ..symbolic.cases import index_sizes
from ..symbolic.class_sums import bound_indices
from ..symbolic.errors import GradproofError, UndefinedValueError
from ..symbolic.kink_edges import KINKED
from ..symbolic.vocabulary import n
from .exact import exact_zero
from .explicit import classes_of, symbols_of, written_out

_BITS = 1024
_ORDERS = 4
"""Derivatives of what selects a branch that are looked at where it is 0."""

_Sign = Callable[[Expr], int]
"""The sign of an expression without branches: at a point, or just beside it."""


class Smoothness(Enum):
    """What is known of the derivatives in a formula at a point."""

    SMOOTH = "they exist"
    KINK = "one does not exist"
    UNKNOWN = "not known"


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
    if not loss.has(*KINKED):
        return Smoothness.SMOOTH
    variable = variables[0]
    order = next((k for k, v in enumerate(variables) if v != variable), len(variables))
    if order == len(variables) and _sides_agree(loss, variable, order, point):
        return Smoothness.SMOOTH
    return Smoothness.KINK if _sides_differ(loss, variable, order, point) else Smoothness.UNKNOWN


def _sides_agree(loss: Expr, variable: Expr, order: int, point: Point) -> bool:
    """Tell whether both sides certainly have the value of the loss and the same derivatives."""
    try:
        here = _branch(loss, partial(_sign_at, point))
        left, right = (
            _branch(loss, partial(_sign_beside, point, variable, way)) for way in (-1, 1)
        )
    except _UndecidedError:
        return False
    gaps = [left - here, *((left - right).diff(variable, k) for k in range(order + 1))]
    return all(gap == 0 or exact_zero(gap, point) is True for gap in gaps)


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


# -- branches --------------------------------------------------------------------------------------


class _UndecidedError(Exception):
    """It is not decided which branch is in force."""


def _sign_at(point: Point, expr: Expr) -> int:
    """Return the sign of an expression at a point."""
    if expr == 0 or exact_zero(expr, point) is True:
        return 0
    for way in (1, -1):
        try:
            if decide(Gt(way * expr, 0, evaluate=False), point, max_bits=_BITS) is True:
                return way
        except GradproofError:
            continue
    raise _UndecidedError


def _sign_beside(point: Point, variable: Expr, way: int, expr: Expr) -> int:
    """Return the sign of an expression just beside a point, below or above it in a variable."""
    for order in range(_ORDERS):
        if expr == 0:
            return 0
        found = _sign_at(point, expr)
        if found:
            return found * way**order
        expr = expr.diff(variable)
    raise _UndecidedError


def _branch(expr: Expr, sign_of: _Sign) -> Expr:
    """Return the formula without branches that is in force where signs are as told."""
    if isinstance(expr, Integral) or not expr.args or not expr.has(*KINKED):
        return expr
    if isinstance(expr, Piecewise):
        for value, condition in expr.args:
            if _holds(condition, sign_of):
                return _branch(value, sign_of)
        raise _UndecidedError
    args = [_branch(a, sign_of) for a in expr.args]
    if isinstance(expr, Abs):
        return args[0] if sign_of(args[0]) >= 0 else -args[0]
    if isinstance(expr, sign):
        return Integer(sign_of(args[0]))
    if isinstance(expr, Heaviside):
        return Rational(1 + sign_of(args[0]), 2)
    if isinstance(expr, (Max, Min)):
        best, way = args[0], 1 if isinstance(expr, Max) else -1
        for other in args[1:]:
            best = other if sign_of(other - best) == way else best
        return best
    return expr.func(*args)


def _holds(condition: Basic, sign_of: _Sign) -> bool:
    """Tell whether a condition holds where signs are as told."""
    if isinstance(condition, (BooleanTrue, BooleanFalse)):
        return bool(condition)
    if isinstance(condition, Relational) and type(condition) in SIGNS:
        left, right = (_branch(side, sign_of) for side in condition.args)
        return sign_of(left - right) in SIGNS[type(condition)]
    if isinstance(condition, (And, Or)):
        parts = [_holds(part, sign_of) for part in condition.args]
        return all(parts) if isinstance(condition, And) else any(parts)
    if isinstance(condition, Not):
        return not _holds(condition.args[0], sign_of)
    raise _UndecidedError
