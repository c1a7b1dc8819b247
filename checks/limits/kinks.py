"""Where a loss has kinks: what vanishes there.

Guarantees: away from the zeros of these expressions every branch of the loss stays the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from sympy import Abs, Expr, Heaviside, Max, Min, Piecewise, sign
from sympy.core.relational import Relational


def edges(value: Expr) -> Iterable[Expr]:
    """Return what vanishes at the kinks of a loss."""
    kinked = value.atoms(Abs, Heaviside, Max, Min, Piecewise, sign)
    for node in sorted(kinked, key=str):
        if isinstance(node, Piecewise):
            tests = {r for _, condition in node.args for r in condition.atoms(Relational)}
            yield from (r.lhs - r.rhs for r in sorted(tests, key=str))
        elif isinstance(node, (Max, Min)):
            yield from (a - b for a, b in combinations(node.args, 2))
        else:
            yield node.args[0]
