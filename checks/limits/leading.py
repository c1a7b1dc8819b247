"""The terms of an expansion by their growth, and the limit that follows from the leading ones.

Guarantees: a limit that is returned follows from the expansion, at every point of the assumptions.
Arithmetic is exact.
"""

from __future__ import annotations

from functools import cmp_to_key

from sympy import Add, Dummy, Expr, Integer, oo

from ...symbolic.asymptotics import Calculus
from ...symbolic.growth import Series, Term, UnresolvedError, nonzero_sign

TIME = Dummy("t", positive=True)
"""The variable that grows."""


def largest_first(calculus: Calculus, series: Series) -> list[Term]:
    """Return the terms, a term that is known to be small against another one after it."""

    def compare(a: Term, b: Term) -> int:
        try:
            return -calculus.grows(a[0].over(b[0]))
        except UnresolvedError:
            return 0

    return sorted(series.terms, key=cmp_to_key(compare))


def limit_of(calculus: Calculus, series: Series) -> Expr:
    """Return the limit of what has the expansion `series`.

    Raises
    ------
    UnresolvedError
        If it does not follow from what is known.
    """
    sizes = [calculus.grows(scale) for scale, _ in series.terms]
    if all(size <= 0 for size in sizes):
        calculus.vanishing(series.rest)
        constants = [c.expr() for (_, c), size in zip(series.terms, sizes, strict=True) if not size]
        return Add(*constants) if constants else Integer(0)
    lead = calculus.leading(series)
    assert lead is not None
    if calculus.grows(lead[0]) <= 0:
        raise UnresolvedError(
            "the leading term of an expansion grows or settles",
            found=str(lead[0].expr(TIME)),
            remedy="state the limit of a simpler expression",
        )
    return oo if nonzero_sign(calculus.normaliser, lead[1]) > 0 else -oo
