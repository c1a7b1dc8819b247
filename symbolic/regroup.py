"""Rewriting without derivatives: definitions, selection by a Kronecker delta, collecting terms.

Guarantees: each function returns an expression equal to its argument for every number of classes,
wherever the argument is defined and the stated assumption holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sympy import (
    Add,
    Dummy,
    Eq,
    Expr,
    Integral,
    KroneckerDelta,
    Mul,
    Piecewise,
    Pow,
    S as _S,
    Sum,
    Symbol,
    exp,
    log,
    piecewise_fold,
)
from sympy.core.basic import Basic
from sympy.tensor.indexed import Indexed

from .class_sums import bottom_up, canonical_bound
from .operators import D, Sigmoid
from .vocabulary import SLOT, Softmax, n


def only_in_logarithms(expr: Expr) -> bool:
    """Tell whether every softmax of `expr` is the argument of a logarithm."""
    inside = {node for node in expr.atoms(log) if isinstance(node.args[0], Softmax)}
    without = expr.xreplace({node: Dummy() for node in inside})
    return bool(inside) and not without.has(Softmax)


def define_softmax(expr: Expr) -> Expr:
    """``S_i = e^(z_i) / sum_j e^(z_j)``, if only the logarithm of softmax occurs."""
    if not only_in_logarithms(expr):
        return expr
    return bottom_up(expr, lambda node: node.definition() if isinstance(node, Softmax) else node)


def name_sigmoid(expr: Expr) -> Expr:
    """``1 / (1 + e^(-u)) = sigma(u)``."""

    def name(node: Expr) -> Expr:
        if isinstance(node, Pow) and node.exp.is_Integer and node.exp < 0:
            exponent = node.base - 1
            if isinstance(exponent, exp):
                return Sigmoid(-exponent.args[0]) ** -node.exp
        return node

    return bottom_up(expr, name)


def split_logarithm(expr: Expr) -> Expr:
    """``log(e^u / s) = u - log s``, for a sum s of exponentials."""

    def split(node: Expr) -> Expr:
        if not isinstance(node, log) or not isinstance(node.args[0], Mul):
            return node
        factors = node.args[0].args
        positive = all(_sum_of_exponentials(f) or isinstance(f, exp) for f in factors)
        return Add(*(_log(f) for f in factors)) if positive else node

    return bottom_up(expr, split)


def _log(factor: Expr) -> Expr:
    base, power = factor.as_base_exp() if not isinstance(factor, exp) else (factor, _S.One)
    return power * log(base)


def _sum_of_exponentials(factor: Expr) -> bool:
    base, power = factor.as_base_exp()
    return power.is_Integer and isinstance(base, Sum) and isinstance(base.function, exp)


def fold_branches(expr: Expr) -> Expr:
    """``f({a if c; b otherwise}) = {f(a) if c; f(b) otherwise}``, up to the sum around it."""

    def fold(node: Expr) -> Expr:
        whole = isinstance(node, (Add, Sum, Integral, Piecewise, D))
        return node if whole or not node.has(Piecewise) else _fold_outside_sums(node)

    return bottom_up(expr, fold)


def fold_result(expr: Expr) -> Expr:
    """Do the same unless the result is a sum of terms, which is easier to read as it stands."""
    return expr if expr.is_Add else fold_branches(expr)


def _fold_outside_sums(node: Expr) -> Expr:
    if not any(isinstance(argument, Piecewise) for argument in node.args):
        return node
    held = {part: Dummy() for part in node.atoms(Sum, Integral, D)}
    folded = piecewise_fold(node.xreplace(held))
    return folded.xreplace({dummy: part for part, dummy in held.items()})


def name_softmax(expr: Expr) -> Expr:
    """``e^(z_i) / sum_j e^(z_j) = S_i``."""
    return _named(expr, _take)


def draw_in_softmax(expr: Expr) -> Expr:
    """``(1 / sum_k e^(z_k)) sum_j a_j e^(z_j) = sum_j a_j S_j``."""
    return _named(expr, _take_inside)


def _named(expr: Expr, take: Callable[[Expr, Expr], Expr | None]) -> Expr:
    def name(node: Expr) -> Expr:
        if not isinstance(node, Mul):
            return node
        for total, logit in _totals(node):
            for place, factor in enumerate(node.args):
                named = take(factor, logit)
                if named is not None:
                    rest = (*node.args[:place], *node.args[place + 1 :])
                    return name(Mul(named, total, *rest))
        return node

    return canonical_bound(bottom_up(expr, name))


def _totals(node: Mul) -> Iterator[tuple[Expr, Expr]]:
    """Yield each sum of exponentials below the fraction line and the logits it normalises."""
    for factor in node.args:
        base, power = factor.as_base_exp()
        if not (_sum_of_exponentials(factor) and power.is_negative and len(base.limits) == 1):
            continue
        running, first, size = base.limits[0]
        logit = base.function.args[0].xreplace({running: SLOT})
        members = [a for a in logit.atoms(Indexed) if SLOT in a.indices]
        if first == 1 and members and all(a.base.shape == (size,) for a in members):
            yield base, logit


def _take(factor: Expr, logit: Expr) -> Expr | None:
    """Return an exponential over the sum of exponentials, written with the softmax of `logit`."""
    if not isinstance(factor, exp):
        return None
    bases = {a.base for a in logit.atoms(Indexed)}
    for member in sorted(factor.args[0].atoms(Indexed), key=str):
        exponent = logit.xreplace({SLOT: member.indices[0]})
        terms = set(Add.make_args(exponent))
        if member.base in bases and terms <= set(Add.make_args(factor.args[0])):
            return Softmax(member.indices[0], logit) * exp(factor.args[0] - exponent)
    return None


def _take_inside(factor: Expr, logit: Expr) -> Expr | None:
    """Do the same for an exponential in the terms of a class sum."""
    if not isinstance(factor, Sum):
        return None
    parts = list(Mul.make_args(factor.function))
    for place, inner in enumerate(parts):
        named = _take(inner, logit)
        if named is not None:
            parts[place] = named
            return Sum(Mul(*parts), *factor.limits)
    return None


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
    return slope.xreplace({running: other}) + rest


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
    """Split `term` into a factor without `running` and the rest, looking into a last branch."""
    factor, inner = term.as_independent(running, as_Add=False)
    if isinstance(inner, Piecewise) and all(value == 0 for value, _ in inner.args[:-1]):
        value, condition = inner.args[-1]
        more, kept = value.as_independent(running, as_Add=False)
        return factor * more, Piecewise(*inner.args[:-1], (kept, condition))
    return factor, inner


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
