"""Rewriting by definitions: softmax, sigmoid, logarithm of a quotient, case distinctions.

Guarantees: each function returns an expression equal to its argument for every number of classes,
wherever the argument is defined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy import (
    Add,
    Dummy,
    Expr,
    Gt,
    Integral,
    Lt,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    S as _S,
    Sum,
    default_sort_key,
    exp,
    log,
    piecewise_fold,
)
from sympy.tensor.indexed import Indexed

from .class_sums import bottom_up, bound_indices, canonical_bound
from .operators import D, Sigmoid
from .vocabulary import SLOT, Softmax


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


def write_out_extremes(expr: Expr, wanted: Callable[[Expr], bool]) -> Expr:
    """``max(a, b) = {a if a > b; b otherwise}``, and so for the minimum, where `wanted`.

    SymPy draws branches out of nested sums and integrals, past the index that they speak about;
    there the extremes are left as they are.
    """

    def write_out(node: Expr) -> Expr:
        if not isinstance(node, (Max, Min)) or not wanted(node):
            return node
        first, *others = sorted(node.args, key=lambda a: (a.is_number, default_sort_key(a)))
        rest = write_out(node.func(*others))
        ahead = Gt(first, rest) if isinstance(node, Max) else Lt(first, rest)
        return Piecewise((first, ahead), (rest, True))

    new = bottom_up(expr, write_out)
    return expr if new.has(Integral) or bound_indices(new) != bound_indices(expr) else new


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
