"""The letters of bound indices, and names of several letters, in print.

Guarantees: a letter never names anything else in the formula, and which one is taken depends on the
formula's names alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, count

from sympy import Symbol
from sympy.core.basic import Basic

from .vocabulary import is_bound

LETTERS = "jklmrstuv"
"""Letters for bound indices, in the order they are taken."""


def names_in(expr: Basic) -> frozenset[str]:
    """Return the names of the symbols and families that occur free in `expr`."""
    return frozenset(a.name for a in expr.free_symbols if isinstance(a, Symbol) and not is_bound(a))


def letters(taken: Iterable[str]) -> Iterator[str]:
    """Yield letters for bound indices that are not in `taken`: j, k, l, ..., then j1, j2, ..."""
    reserved = frozenset(taken)
    numbered = (f"j{number}" for number in count(1))
    return (letter for letter in chain(LETTERS, numbered) if letter not in reserved)


def upright(name: str) -> str:
    r"""Return a name of several letters in LaTeX.

    >>> print(upright("my_loss"), upright("KDE[one-hot]"))
    \mathrm{my\_loss} \text{KDE[one-hot]}
    """
    # \mathrm drops spaces and takes a hyphen for a minus sign.
    command = "text" if set(name) & set(" -") else "mathrm"
    return rf"\{command}{{{name}}}".replace("_", r"\_")
