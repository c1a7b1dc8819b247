"""Sums of squares over the classes that are positive, since not all terms can vanish.

Guarantees: for two classes i and k, of which the assumptions say that something differs, it is
shown that the term of k is not 0 where that of i is 0; then the sum of the squares is positive.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from sympy import Abs, Eq, Expr, Gt, Integral, Lt, Mul, Ne, Pow, Rational, Sum, exp
from sympy.core.basic import Basic

from ...symbolic.cases import index_sizes
from ...symbolic.class_sums import replace_free
from ...symbolic.printing import to_text
from ...symbolic.vocabulary import Softmax, is_class
from .data import Part
from .signs_in_cases import prove_sign
from .work import Work


def prove_some_square(expr: Expr, given: Sequence[Basic], work: Work) -> list[Part] | None:
    """Return certificates that a class sum of even powers is positive, or None."""
    if not isinstance(expr, Sum) or len(expr.limits) != 1:
        return None
    term, (running, _first, size) = expr.function, expr.limits[0]
    if not isinstance(term, Pow) or not term.exp.is_even or not term.exp.is_positive:
        return None
    names = [a for a, s in index_sizes([expr, *given]).items() if s == size]
    for i, k in permutations(names, 2):
        first, second = (replace_free(term.base, {running: a}) for a in (i, k))
        found = _not_both_zero(first, second, given, work)
        if found is not None:
            step = f"where the term of class {i} is 0, that of class {k} is not"
            return [{**part, "steps": [step, *part["steps"]]} for part in found]
    return None


def is_product_of_roots(expr: Expr) -> bool:
    """Tell whether an expression is a product of things that are never negative, with a root."""
    factors = Mul.make_args(expr)
    roots = [f for f in factors if isinstance(f, Pow) and f.exp == Rational(1, 2)]
    others = [f for f in factors if f not in roots]
    plain = (Softmax, Abs, exp)
    return bool(roots) and all(
        isinstance(f, plain) or (not f.has(Sum, Integral) and bool(f.is_nonnegative))
        for f in others
    )


def _not_both_zero(
    first: Expr, second: Expr, given: Sequence[Basic], work: Work
) -> list[Part] | None:
    """Show that `second` is not 0 where `first` is, for each order of what differs."""
    for differing, rest in differing_numbers(given):
        parts: list[Part] = []
        for order in (Gt, Lt):
            facts = [*rest, order(*differing.args, evaluate=False), Eq(first, 0, evaluate=False)]
            found = None
            for side in (second, -second):
                found = found or prove_sign(
                    side, facts, strict=True, work=work, by_size=False, beside=False
                )
            if found is None:
                break
            parts += ({**p, "steps": [f"where {to_text(facts[-2])}", *p["steps"]]} for p in found)
        else:
            return parts
    return None


def differing_numbers(given: Sequence[Basic]) -> Iterator[tuple[Ne, list[Basic]]]:
    """Yield each assumption that two numbers differ, with the others."""
    for fact in given:
        if isinstance(fact, Ne) and not all(is_class(a) for a in fact.args):
            yield fact, [f for f in given if f is not fact]
