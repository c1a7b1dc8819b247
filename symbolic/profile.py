"""Exact analysis of a real function of one variable that is analytic in pieces.

Guarantees: breakpoints are exact numbers, found by solving for the zeros inside `Abs`, `sign` and
`Max`/`Min` and for the edges of `Piecewise` conditions; on each side of a breakpoint the function
is replaced by the one formula in force there, and one-sided derivatives are taken of that formula.
Cannot see: a kink that a formula hides without any of these functions, in a fractional power such
as ``(u**2 * (u + 1)**2)**(3/2)``; and whether two formulas that agree in `ORDERS` derivatives,
without being polynomials, differ in a later one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

from sympy import (
    Abs,
    Expr,
    FiniteSet,
    Heaviside,
    Integer,
    Interval,
    Max,
    Min,
    Piecewise,
    S as _S,
    Set,
    Symbol,
    Union,
    limit,
    oo,
    sign,
    simplify,
    solveset,
)
from sympy.core.relational import Relational

from .errors import DeclarationError

ORDERS = 8
"""Formulas that are not polynomials are compared up to this derivative."""


def breakpoints(expr: Expr, variable: Symbol, low: Expr, high: Expr) -> tuple[Expr, ...]:
    """Return the points strictly between `low` and `high` where the formula may change, in order.

    Raises
    ------
    DeclarationError
        If the points are not finitely many exact numbers.
    """
    inside = Interval.open(low, high)
    points: set[Expr] = set()
    for zero_of in _switches(expr, variable):
        found = _flatten(solveset(zero_of, variable, inside))
        if found is None:
            raise DeclarationError(
                "a kernel has finitely many kinks, at points that can be computed exactly",
                found=f"the zeros of {zero_of}",
                remedy="write it as a Piecewise with explicit edges",
            )
        points |= found
    return tuple(sorted(points))


def _switches(expr: Expr, variable: Symbol) -> Iterator[Expr]:
    """Yield the expressions whose zeros are the only places where the formula changes."""
    for node in expr.atoms(Abs, sign, Heaviside):
        yield node.args[0]
    for node in expr.atoms(Max, Min):
        yield from (a - b for a, b in combinations(node.args, 2))
    for node in expr.atoms(Piecewise):
        for _, condition in node.args:
            yield from (r.lhs - r.rhs for r in condition.atoms(Relational) if r.has(variable))


def _flatten(solutions: Set) -> set[Expr] | None:
    if solutions is _S.EmptySet:
        return set()
    if isinstance(solutions, FiniteSet) and all(a.is_real for a in solutions):
        return set(solutions)
    if isinstance(solutions, Union):
        parts = [_flatten(part) for part in solutions.args]
        return None if None in parts else set().union(*(a for a in parts if a is not None))
    return None


def formula_at(expr: Expr, variable: Symbol, point: Expr) -> Expr:
    """Return the formula in force around `point`, which is not a breakpoint."""

    def resolve(node: Expr) -> Expr:
        if not node.args or not node.has(variable):
            return node
        if isinstance(node, Piecewise):
            return next(resolve(e) for e, c in node.args if c.subs(variable, point) == True)  # noqa: E712
        if isinstance(node, (Max, Min)):
            value = node.subs(variable, point)
            return next(resolve(a) for a in node.args if a.subs(variable, point) == value)
        if isinstance(node, (Abs, sign, Heaviside)):
            side = sign(node.args[0].subs(variable, point))
            inner = resolve(node.args[0])
            return {Abs: side * inner, sign: side, Heaviside: (1 + side) / 2}[node.func]
        return node.func(*(resolve(a) for a in node.args))

    return resolve(expr)


def pieces(
    expr: Expr, variable: Symbol, low: Expr, high: Expr
) -> tuple[tuple[Expr, Expr, Expr], ...]:
    """Return ``(formula, from, to)`` for each piece of `expr` between `low` and `high`."""
    edges = (low, *breakpoints(expr, variable, low, high), high)
    return tuple((formula_at(expr, variable, inner_point(a, b)), a, b) for a, b in pairwise(edges))


def inner_point(low: Expr, high: Expr) -> Expr:
    """Return a point strictly between `low` and `high`, either of which may be infinite."""
    if low == -oo:
        return _S.Zero if high == oo else high - 1
    return low + 1 if high == oo else (low + high) / 2


def smoothness_at(left: Expr, right: Expr, variable: Symbol, point: Expr) -> Expr | None:
    """Tell how smoothly the formulas `left` and `right` meet at `point`.

    Returns
    -------
    The largest k for which all derivatives of order 0..k agree, -1 for a jump, oo if they agree in
    every order compared; None if both are one formula, so that nothing happens at `point`.
    """
    gap = simplify(right - left)
    if gap == 0:
        return None
    last = gap.as_poly(variable).degree() if gap.is_polynomial(variable) else ORDERS
    for order in range(last + 1):
        before = _limit(left, variable, point, order, "-")
        after = _limit(right, variable, point, order, "+")
        if before != after or not before.is_finite:
            return Integer(order - 1)
    return oo


def _limit(formula: Expr, variable: Symbol, point: Expr, order: int, side: str) -> Expr:
    """Return the one-sided limit of a derivative."""
    slope = formula.diff(variable, order)
    value = slope.subs(variable, point)
    return simplify(value if value.is_finite else limit(slope, variable, point, side))
