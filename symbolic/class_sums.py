"""Class sums: canonical bound indices, expansion of softmax, collapse of Kronecker deltas.

Guarantees: each function returns an expression equal to its argument for every number of classes,
wherever the argument is defined.
No function evaluates numbers or uses a sign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from sympy import (
    Add,
    Dummy,
    Expr,
    Integer,
    KroneckerDelta,
    S as _S,
    Sum,
    Symbol,
    Tuple,
    expand_mul,
)
from sympy.core.basic import Basic
from sympy.tensor.indexed import Indexed, IndexedBase

from .errors import UnsupportedError
from .vocabulary import SLOT, Softmax, bins, bound, bound_level, is_bound, is_class, n


def bottom_up(expr: Expr, rule: Callable[[Expr], Expr]) -> Expr:
    """Apply `rule` to every node of `expr`, leaves first; the limits of sums are left alone."""
    if expr.args and not isinstance(expr, (Symbol, Indexed)) and type(expr) is not Tuple:
        new = [bottom_up(a, rule) if isinstance(a, Basic) else a for a in expr.args]
        if any(a is not b for a, b in zip(new, expr.args, strict=True)):
            expr = expr.func(*new)
    return rule(expr)


def set_apart(expr: Expr) -> Expr:
    """Give every bound index a name of its own, so that free symbols can be replaced.

    Raises
    ------
    UnsupportedError
        If a sum does not run from 1 to the number of classes or bins, or to a plain number.
    """

    def apart(node: Expr) -> Expr:
        if not isinstance(node, Sum):
            return node
        if any(len(limit) != 3 or limit[1] != 1 or not _is_size(limit[2]) for limit in node.limits):
            raise UnsupportedError(
                "a class sum runs over an index from 1 to the number of classes",
                found=node,
                remedy="leave classes out with class_sum(..., but=...)",
            )
        return _renamed(node, [Dummy(integer=True, positive=True) for _ in node.limits])

    # Inner sums come first: a sum may sit inside another that binds the same index.
    return bottom_up(expr, apart)


@lru_cache(maxsize=4096)
def canonical_bound(expr: Expr) -> Expr:
    """Rename every bound index to its nesting level, so that equal sums are equal objects.

    SymPy writes a sum whose terms are nothing but a sum as one `Sum` of several limits, innermost
    first; each of them is renamed.
    A name that occurs free in `expr` is given to no sum.

    Raises
    ------
    UnsupportedError
        If a sum does not run from 1 to the number of classes or bins, or to a plain number.
    """
    taken = {s for s in expr.free_symbols if is_bound(s)}
    if _is_canonical(expr, taken, frozenset()):
        return expr

    def number(node: Expr) -> Expr:
        return _renamed(node, _names(node, taken)) if isinstance(node, Sum) else node

    return bottom_up(set_apart(expr), number)


def _names(node: Sum, taken: set[Symbol]) -> list[Symbol]:
    """Return the canonical names of the running classes of a sum whose inner sums have theirs."""
    level = max([bound_level(s) for s in node.function.atoms(Sum)], default=0)
    names: list[Symbol] = []
    for _ in node.limits:
        level += 1
        while bound(level) in taken:
            level += 1
        names.append(bound(level))
    return names


def _is_canonical(expr: Expr, taken: set[Symbol], around: frozenset[Symbol]) -> bool:
    """Tell whether the names of the running classes are the canonical ones already."""
    if isinstance(expr, Sum):
        names = [limit[0] for limit in expr.limits]
        if any(len(limit) != 3 or limit[1] != 1 or not _is_size(limit[2]) for limit in expr.limits):
            return False
        if around.intersection(names) or names != _names(expr, taken):
            return False
        return _is_canonical(expr.function, taken, around.union(names))
    return all(_is_canonical(a, taken, around) for a in expr.args if a.args)


def replace_free(expr: Expr, new: Mapping[Expr, Expr]) -> Expr:
    """Replace symbols where they are free, a bound index of the same name left alone.

    >>> from gradproof.symbolic import i, z
    >>> from gradproof.symbolic.vocabulary import bound
    >>> replace_free(z[bound(1)] + Sum(z[bound(1)], (bound(1), 1, n)), {bound(1): i})
    z[i] + Sum(z[_1], (_1, 1, n))
    """
    return _replaced(expr, frozenset(new.items()))


@lru_cache(maxsize=4096)
def _replaced(expr: Expr, new: frozenset[tuple[Expr, Expr]]) -> Expr:
    involved = {s for side in new for e in side for s in e.free_symbols}
    if any(limit[0] in involved for node in expr.atoms(Sum) for limit in node.limits):
        expr = set_apart(expr)
    return canonical_bound(expr.xreplace(dict(new)))


def _is_size(last: Expr) -> bool:
    return last in (n, bins) or isinstance(last, Integer)


def _renamed(node: Sum, names: list[Symbol]) -> Sum:
    new = {limit[0]: name for limit, name in zip(node.limits, names, strict=True)}
    limits = [(new[running], first, last) for running, first, last in node.limits]
    return Sum(node.function.xreplace(new), *limits)


def spelled_out(body: Expr, limit: Tuple) -> Expr:
    """Return the sum over a limit that ends at a plain number, term by term."""
    running, _, last = limit
    return Add(*(body.xreplace({running: Integer(c)}) for c in range(1, int(last) + 1)))


@lru_cache(maxsize=4096)
def expand_softmax(expr: Expr) -> Expr:
    """Replace every `Softmax` by its definition as a quotient of exponentials."""

    def expand(node: Expr) -> Expr:
        return node.definition() if isinstance(node, Softmax) else node

    return canonical_bound(bottom_up(canonical_bound(expr), expand))


def split_delta(body: Expr, limit: Tuple) -> tuple[Expr, list[tuple[Expr, Expr]]]:
    """Split `body` into its part without deltas on the running class and its values at the deltas.

    Returns ``(rest, [(a, term), ...])`` with
    ``sum body = sum rest + sum_a term``, for any way the deltas enter `body`:
    where the running class is ``a`` the body differs from `rest` by ``term``.

    Raises
    ------
    UnsupportedError
        If a delta compares the running class with something that need not be one of its classes.
    """
    running, _, last = limit
    others = sorted(
        {
            (d.args[1] if d.args[0] == running else d.args[0])
            for d in body.atoms(KroneckerDelta)
            if running in d.args
        },
        key=str,
    )
    terms: list[tuple[Expr, Expr]] = []
    for other in others:
        if not is_class(other) and other != last:
            raise UnsupportedError(
                "a Kronecker delta in a class sum compares the running class with another class",
                found=KroneckerDelta(running, other),
                remedy="name the class by an index",
            )
        d = KroneckerDelta(running, other)
        without = body.xreplace({d: _S.Zero})
        at = (body.xreplace({d: _S.One}) - without).xreplace({running: other})
        terms.append((other, at))
        body = without
    return body, terms


def collapse(expr: Expr) -> Expr:
    """Evaluate the deltas inside sums and pull factors without the running class out of sums.

    ``sum_j delta(j, i) f(j)`` becomes ``f(i)``, ``sum_j c f(j)`` becomes ``c sum_j f(j)``, and a
    sum of several terms becomes several sums.
    """

    def step(node: Expr) -> Expr:
        if not isinstance(node, Sum):
            return node
        result = node.function
        for limit in node.limits:
            result = _sum_over(result, limit)
        return result

    return canonical_bound(bottom_up(expr, step))


def _sum_over(body: Expr, limit: Tuple) -> Expr:
    running, _, last = limit
    if isinstance(last, Integer):
        return spelled_out(body, limit)
    rest, terms = split_delta(body, limit)
    result = Add(*(collapse(term) for _, term in terms))
    for term in Add.make_args(expand_mul(rest)):
        factor, inner = term.as_independent(running, as_Add=False)
        result += factor * (last if inner == 1 else Sum(inner, limit))
    return result


def substitute_family(expr: Expr, base: IndexedBase, value: Callable[[Expr], Expr]) -> Expr:
    """Replace each member ``base[a]`` in `expr` by ``value(a)``.

    The logits inside a softmax are replaced too.
    """
    members = {a: value(a.indices[0]) for a in expr.atoms(Indexed) if a.base == base}
    return canonical_bound(expr.xreplace(members))


def bound_indices(expr: Expr) -> set[Symbol]:
    """Return the bound indices that occur free in `expr`."""
    return {s for s in expr.free_symbols if is_bound(s) and s != SLOT}


def collapse_deltas(expr: Expr) -> Expr:
    """Evaluate the deltas inside sums, and sums over plain numbers; leave the rest as it is."""

    def step(node: Expr) -> Expr:
        if not isinstance(node, Sum):
            return node
        result = node.function
        for limit in node.limits:
            if isinstance(limit[2], Integer):
                result = spelled_out(result, limit)
                continue
            rest, terms = split_delta(result, limit)
            total = Sum(rest, limit) if rest != 0 else _S.Zero
            result = Add(total, *(collapse_deltas(term) for _, term in terms))
        return result

    return canonical_bound(bottom_up(expr, step))
