"""Class sums with nonnegative terms that are positive because another one is.

Guarantees: where the sum said to be positive has a positive term, so has the one asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from sympy import Expr, Sum, Symbol

if TYPE_CHECKING:
    from .normaliser import Normaliser

_Sum = tuple[Expr, Symbol, Expr]
"""The term, running class and size of a sum."""


def is_positive(normaliser: Normaliser, number: int, positive: Iterable[_Sum]) -> bool:
    """Tell whether a sum with nonnegative terms is positive since a positive one is.

    Parameters
    ----------
    normaliser
        What knows the sum, and the assumptions.
    number
        The number of the sum, whose terms are nonnegative.
    positive
        Sums known to be positive, beside those that an assumption fixes.
    """
    return any(_weighs(normaliser, number, s) for s in [*positive, *_fixed(normaliser)])


def _fixed(normaliser: Normaliser) -> Iterator[_Sum]:
    """Yield the sums that an assumption fixes to a positive number."""
    for fixed, value in normaliser.rewrite.items():
        if isinstance(fixed, Sum) and len(fixed.limits) == 1 and value.is_positive:
            running, _first, size = fixed.limits[0]
            yield fixed.function, running, size


def _weighs(normaliser: Normaliser, number: int, positive: _Sum) -> bool:
    """Tell whether a sum's term vanishes only where the term of a positive sum does."""
    term, running, size = normaliser.sums[number]
    other, own, own_size = positive
    if size != own_size:
        return False
    ratio = normaliser.of(term) / normaliser.of(other.xreplace({own: running}))
    return normaliser.sign_of_fraction(ratio) == ">0"
