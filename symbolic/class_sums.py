"""Class sums: canonical bound indices, expansion of softmax, collapse of Kronecker deltas.

Guarantees: each function returns an expression equal to its argument for every number of classes,
wherever the argument is defined.
No function evaluates numbers or uses a sign.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Add, Dummy, Expr, KroneckerDelta, S as _S, Sum, Symbol, Tuple, expand_mul
from sympy.core.basic import Basic
from sympy.tensor.indexed import Indexed, IndexedBase

from .errors import UnsupportedError
from .vocabulary import SLOT, Softmax, bound, bound_level, is_bound


def bottom_up(expr: Expr, rule: Callable[[Expr], Expr]) -> Expr:
    """Apply `rule` to every node of `expr`, leaves first; the limits of sums are left alone."""
    if expr.args and not isinstance(expr, (Symbol, Indexed)) and type(expr) is not Tuple:
        new = [bottom_up(a, rule) if isinstance(a, Basic) else a for a in expr.args]
        if any(a is not b for a, b in zip(new, expr.args, strict=True)):
            expr = expr.func(*new)
    return rule(expr)


def canonical_bound(expr: Expr) -> Expr:
    """Rename every bound index to its nesting level, so that equal sums are equal objects.

    SymPy writes a sum whose terms are nothing but a sum as one `Sum` of several limits, innermost
    first; each of them is renamed.

    Raises
    ------
    UnsupportedError
        If a sum does not start at 1.
    """

    def set_apart(node: Expr) -> Expr:
        if not isinstance(node, Sum):
            return node
        if any(len(limit) != 3 or limit[1] != 1 for limit in node.limits):
            raise UnsupportedError(
                "a class sum runs over an index from 1 to the number of classes",
                found=node,
                remedy="leave classes out with class_sum(..., but=...)",
            )
        return _renamed(node, [Dummy(integer=True, positive=True) for _ in node.limits])

    def number(node: Expr) -> Expr:
        if not isinstance(node, Sum):
            return node
        level = max([bound_level(s.function) for s in node.function.atoms(Sum)], default=0)
        names = []
        for _ in node.limits:
            level += 1
            while bound(level) in node.function.free_symbols:
                level += 1
            names.append(bound(level))
        return _renamed(node, names)

    # Inner sums are set apart first: a sum may sit inside another that binds the same index.
    return bottom_up(bottom_up(expr, set_apart), number)


def _renamed(node: Sum, names: list[Symbol]) -> Sum:
    new = {limit[0]: name for limit, name in zip(node.limits, names, strict=True)}
    limits = [(new[running], first, last) for running, first, last in node.limits]
    return Sum(node.function.xreplace(new), *limits)


def expand_softmax(expr: Expr) -> Expr:
    """Replace every `Softmax` by its definition as a quotient of exponentials."""

    def expand(node: Expr) -> Expr:
        return node.definition() if isinstance(node, Softmax) else node

    return canonical_bound(bottom_up(canonical_bound(expr), expand))


def split_delta(body: Expr, running: Symbol) -> tuple[Expr, list[tuple[Expr, Expr]]]:
    """Split `body` into its part without deltas on `running` and its values at the deltas.

    Returns ``(rest, [(a, term), ...])`` with
    ``sum_running body = sum_running rest + sum_a term``, for any way the deltas enter `body`:
    where ``running = a`` the body differs from `rest` by ``term``.
    """
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
    rest, terms = split_delta(body, running)
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
    """Evaluate the deltas inside sums and leave everything else as it is."""

    def step(node: Expr) -> Expr:
        if not isinstance(node, Sum) or not node.function.has(KroneckerDelta):
            return node
        result = node.function
        for limit in node.limits:
            rest, terms = split_delta(result, limit[0])
            total = Sum(rest, limit) if rest != 0 else _S.Zero
            result = Add(total, *(collapse_deltas(term) for _, term in terms))
        return result

    return canonical_bound(bottom_up(expr, step))
