"""Rewriting class sums: selection by a Kronecker delta, constants, the sum of a softmax.

Guarantees: each function returns an expression equal to its argument for every number of classes,
wherever the argument is defined and the assumptions handed in hold.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import (
    Add,
    Dummy,
    Eq,
    Expr,
    Integral,
    KroneckerDelta,
    Mul,
    Piecewise,
    S as _S,
    Sum,
    Symbol,
)
from sympy.core.basic import Basic

from .class_sums import bottom_up, canonical_bound, replace_free
from .vocabulary import Softmax


def sum_to_one(expr: Expr) -> Expr:
    """``sum_j S_j = 1``."""

    def total(node: Expr) -> Expr:
        if isinstance(node, Sum) and len(node.limits) == 1 and isinstance(node.function, Softmax):
            running, _, last = node.limits[0]
            if node.function.args[0] == running and last == node.function.size:
                return _S.One
        return node

    return bottom_up(expr, total)


def assume(expr: Expr, given: Iterable[Basic]) -> Expr:
    """Put the right side of each assumption ``sum = value`` for its left side."""
    known = {fact.lhs: fact.rhs for fact in given if isinstance(fact, Eq)}
    sums = {canonical_bound(a): value for a, value in known.items() if isinstance(a, Sum)}
    return expr.xreplace(sums)


def select(expr: Expr, member: Expr) -> Expr:
    """``sum_j (a_j delta_ij + b_j) = a_i + sum_j b_j``, for the class i = `member`."""

    def one(node: Expr) -> Expr:
        if not isinstance(node, Sum) or len(node.limits) != 1:
            return node
        running = node.limits[0][0]
        return _selected(node, KroneckerDelta(running, member))

    return canonical_bound(bottom_up(expr, one))


def select_rest(expr: Expr) -> Expr:
    """``sum_j a_j delta_jy = a_y``, where the delta is a factor of the whole term."""

    def one(node: Expr) -> Expr:
        if isinstance(node, Sum) and len(node.limits) == 1:
            for factor in Mul.make_args(node.function):
                if isinstance(factor, KroneckerDelta) and node.limits[0][0] in factor.args:
                    return _selected(node, factor)
        return node

    return canonical_bound(bottom_up(expr, one))


def _selected(node: Sum, delta: KroneckerDelta) -> Expr:
    body, (running, first, last) = node.function, node.limits[0]
    if not body.has(delta):
        return node
    other = delta.args[0] if delta.args[1] == running else delta.args[1]
    stand_in = Dummy()
    slope = body.xreplace({delta: stand_in}).diff(stand_in)
    if slope.has(stand_in):  # not linear in the delta: the difference of its two values will do
        slope = body.xreplace({delta: _S.One}) - body.xreplace({delta: _S.Zero})
    rest = pull_out(Sum(body.xreplace({delta: _S.Zero}), (running, first, last)))
    return replace_free(slope, {running: other}) + rest


def pull_out(node: Sum | Integral) -> Expr:
    """``sum_j (c a_j + b_j) = c sum_j a_j + sum_j b_j``, and so for an integral."""
    if len(node.limits) != 1 or len(node.limits[0]) != 3:
        return node
    running, first, last = node.limits[0]
    length = last - first + 1 if isinstance(node, Sum) else last - first
    result = _S.Zero
    for term in Add.make_args(node.function):
        factor, inner = _independent(term, running)
        result += factor * (length if inner == 1 else node.func(inner, (running, first, last)))
    return result


def _independent(term: Expr, running: Symbol) -> tuple[Expr, Expr]:
    """Split `term` into a factor without `running` and the rest, looking into a sole branch."""
    factor, inner = term.as_independent(running, as_Add=False)
    values = [value for value, _ in inner.args if value != 0] if inner.is_Piecewise else []
    if len(values) != 1:
        return factor, inner
    more, kept = values[0].as_independent(running, as_Add=False)
    branches = [(kept if value == values[0] else value, when) for value, when in inner.args]
    return factor * more, Piecewise(*branches)


def free_signs(expr: Expr) -> Expr:
    """``sum_j -a_j = -sum_j a_j``."""

    def free(node: Expr) -> Expr:
        if isinstance(node, Sum) and node.function.as_coeff_Mul()[0].is_negative:
            return -Sum(-node.function, *node.limits)
        return node

    return bottom_up(expr, free)


def leave_sums(expr: Expr) -> Expr:
    """Let factors without the running class leave sums and integrals.

    A sum of several terms is taken apart only if one of them leaves it altogether.
    """

    def leave(node: Expr) -> Expr:
        if not isinstance(node, (Sum, Integral)):
            return node
        terms = Add.make_args(node.function)
        running = node.limits[0][0]
        apart = len(terms) == 1 or any(not term.has(running) for term in terms)
        return pull_out(node) if apart else node

    return canonical_bound(bottom_up(expr, leave))
