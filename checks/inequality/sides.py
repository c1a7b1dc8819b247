"""Two sides of a relation, compared by the sign of their difference or of what stands for it.

Guarantees: certificates that are returned prove the comparison in every case of coinciding classes,
wherever both sides have a value.
The ways, in turn: logarithms of two positive sides, a square that cannot vanish, squares of
nonnegative sides, factors with a bound for every class, the difference itself, and either order of
two numbers that an assumption says differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from sympy import Eq, Expr, Gt, Lt, Ne, Sum, exp, log
from sympy.core.basic import Basic

from ...symbolic.cases import SIZES, cases_of, index_sizes
from ...symbolic.printing import to_text
from .bounded_factors import prove_by_bounds
from .data import Part
from .signs_in_cases import prove_sign
from .some_square import differing_numbers, is_product_of_roots, prove_some_square
from .work import Work


def differ(left: Expr, right: Expr, given: Sequence[Basic], work: Work) -> list[Part] | None:
    """Prove that two sides differ: in each case of coinciding classes one is the larger."""
    parts: list[Part] = []
    for facts in _coincidences([left, right], given):
        found = None
        for side in (left - right, right - left):
            found = found or prove_sign(side, [*given, *facts], strict=True, work=work)
        if found is None:
            return None
        parts += found
    return parts or None  # no case is left, for one number of classes perhaps


def _coincidences(exprs: Sequence[Expr], given: Sequence[Basic]) -> Iterator[list[Basic]]:
    """Yield for each way in which named classes coincide the facts that say so."""
    sizes = index_sizes([*exprs, *given])
    for case in cases_of(exprs, given):
        same = case.substitution
        pairs = combinations([a for a in same if a in sizes and a not in SIZES], 2)
        yield [
            (Eq if same[a] == same[b] else Ne)(a, b, evaluate=False)
            for a, b in pairs
            if sizes[a] == sizes[b]
        ]


def at_least(
    big: Expr, small: Expr, given: Sequence[Basic], work: Work, *, strict: bool
) -> list[Part] | None:
    """Prove ``big >= small``, or ``big > small``."""
    found = _by_logarithms(big, small, given, work, strict=strict)
    if strict and found is None:
        found = prove_some_square(big - small, given, work)
    if found is None and is_product_of_roots(big) and is_product_of_roots(small):
        squares = _nonnegative(big**2 - small**2, given, work, strict=strict)
        step = "both sides are nonnegative, so that their squares are compared"
        found = squares and [{**part, "steps": [step, *part["steps"]]} for part in squares]
    return _nonnegative(big - small, given, work, strict=strict) if found is None else found


def _by_logarithms(
    big: Expr, small: Expr, given: Sequence[Basic], work: Work, *, strict: bool
) -> list[Part] | None:
    """Compare an exponential with a positive number by their logarithms.

    Exponentials of class sums are meant: those of logits are treated as unknowns.
    """
    sides = (big, small)
    if not any(isinstance(side, exp) and side.has(Sum) for side in sides):
        return None
    plain = [side for side in sides if not isinstance(side, exp)]
    parts: list[Part] = []
    for side in plain:
        found = prove_sign(side, given, strict=True, work=work)
        if found is None:
            return None
        parts += found
    left, right = (side.args[0] if isinstance(side, exp) else log(side) for side in sides)
    compared = at_least(left, right, given, work, strict=strict)
    if compared is None:
        return None
    step = "both sides are positive, so that their logarithms are compared"
    return parts + [{**part, "steps": [step, *part["steps"]]} for part in compared]


def _nonnegative(
    expr: Expr, given: Sequence[Basic], work: Work, *, strict: bool
) -> list[Part] | None:
    found = prove_by_bounds(expr, given, work, strict=strict)
    if found is None:
        found = prove_sign(expr, given, strict=strict, work=work)
    return _in_either_order(expr, given, work) if found is None and strict else found


def _in_either_order(expr: Expr, given: Sequence[Basic], work: Work) -> list[Part] | None:
    """Prove that an expression is positive where two numbers differ, for either order of them."""
    for differing, rest in differing_numbers(given):
        parts: list[Part] = []
        for order in (Gt, Lt):
            fact = order(*differing.args, evaluate=False)
            found = prove_sign(expr, [*rest, fact], strict=True, work=work)
            if found is None:
                break
            parts += [{**p, "steps": [f"where {to_text(fact)}", *p["steps"]]} for p in found]
        else:
            return parts
    return None
