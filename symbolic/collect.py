"""Collecting terms: the shortest of several ways to write the same sum of products.

Guarantees: `collect` returns an expression equal to its argument; class sums, members and functions
are opaque to it, so no rule but those of commutative rings and of powers is used.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import (
    Add,
    Expr,
    Integral,
    Mul,
    Piecewise,
    Pow,
    Sum,
    Symbol,
    default_sort_key,
    expand_mul,
    factor_terms,
    log,
)


def collect(expr: Expr) -> Expr:
    """Return `expr` with like terms collected and common factors taken out where that is shorter.

    >>> from gradproof.symbolic import S, delta, i, y
    >>> collect(S(i) * (1 - delta(i, y)) - (1 - S(i)) * delta(i, y))
    -KroneckerDelta(i, y) + Softmax(i, z[_])
    """
    if isinstance(expr, Piecewise):
        return Piecewise(*((collect(value), condition) for value, condition in expr.args))
    expr = expr.xreplace({a: _collected_inside(a) for a in _atoms(expr) if _is_big(a)})
    names = {a: Symbol(f"a{number:04d}") for number, a in enumerate(_atoms(expr))}
    named = expr.xreplace(names)
    best = min(_ways(named), key=_length)
    return _turned(best.xreplace({stand_in: atom for atom, stand_in in names.items()}))


def _is_big(atom: Expr) -> bool:
    return isinstance(atom, (Sum, Integral))


def _collected_inside(atom: Expr) -> Expr:
    inner = collect(atom.function)
    return atom.func(inner, *atom.limits) if _length(inner) < _length(atom.function) else atom


def _turned(expr: Expr) -> Expr:
    """Exchange the signs of two brackets if one of them would begin with a minus."""
    brackets = [factor for factor in Mul.make_args(expr) if factor.is_Add]
    if len(brackets) != 2 or not any(map(_begins_negative, brackets)):
        return expr
    turned = [Add(*(-term for term in bracket.args)) for bracket in brackets]
    return Mul(*turned, *(factor for factor in Mul.make_args(expr) if not factor.is_Add))


def _begins_negative(bracket: Expr) -> bool:
    closed = [term for term in bracket.args if not term.has(log, Sum)]
    return all(term.as_coeff_Mul()[0].is_negative for term in closed)


def _atoms(expr: Expr) -> list[Expr]:
    """Return what is no sum, product or power, in an order that hashes do not decide."""
    found: set[Expr] = set()

    def visit(node: Expr) -> None:
        if isinstance(node, (Add, Mul)) or (isinstance(node, Pow) and node.exp.is_Integer):
            for argument in node.args:
                visit(argument)
        elif isinstance(node, Pow):
            visit(node.base)
        elif not node.is_Number:
            found.add(node)

    visit(expr)
    return sorted(found, key=default_sort_key)


def _ways(expr: Expr) -> Iterator[Expr]:
    """Yield ways to write `expr`, the preferred one first among those of one length."""
    distributed = Add(*(_distributed(term) for term in Add.make_args(expr)))
    expanded = expand_mul(expr)
    yield from (distributed, expanded, expr)
    yield from (_over(expr, bracket) for bracket in _denominators(expr))
    yield from (factor_terms(way) for way in (distributed, expanded, expr))


def _denominators(expr: Expr) -> list[Expr]:
    found = {p.base for p in expr.atoms(Pow) if p.exp == -1 and p.base.is_Add}
    return sorted(found, key=default_sort_key)


def _over(expr: Expr, bracket: Expr) -> Expr:
    """Multiply out with `bracket` as one letter, so that it cancels: ``(b - a)/(b - a) = 1``."""
    letter = Symbol("bracket")
    last = max(bracket.args, key=default_sort_key)
    sign, name = last.as_coeff_Mul()
    if not name.is_Symbol or abs(sign) != 1:
        return expr
    named = expr.xreplace({bracket: letter})
    return expand_mul(named.xreplace({name: sign * (letter - bracket + last)})).xreplace(
        {letter: bracket}
    )


def _distributed(term: Expr) -> Expr:
    """Multiply out a product with exactly one bracket above the fraction line."""
    brackets = [factor for factor in Mul.make_args(term) if factor.is_Add]
    if len(brackets) != 1:
        return term
    rest = term / brackets[0]
    return Add(*(rest * inner for inner in brackets[0].args))


def _length(expr: Expr) -> int:
    """Return how many letters a reader meets; signs and fraction lines count nothing."""
    if isinstance(expr, Mul):
        return sum(_length(factor) for factor in expr.args if factor != -1)
    if isinstance(expr, Pow):
        return _length(expr.base) + (0 if expr.exp == -1 else _length(expr.exp))
    return sum(_length(argument) for argument in expr.args) if expr.args else 1
