"""Class sums split at the named classes, for the sign of a polynomial.

Guarantees: the polynomial returned has the sign of the one given, for the values that its new
variables stand for, and these are nonnegative numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from sympy import Dummy, Expr, Symbol

from .cases import SIZES, Case
from .field import Fraction, Poly
from .normaliser import Normaliser
from .ranges import named_classes
from .sign_rules import Sign

TermSign: TypeAlias = Callable[[Normaliser, int], Sign]
"""Returns the sign of the term of a sum, whatever its class is."""


class SumSplitter:
    """Splits the sums of one case; the same rest is the same variable every time."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._rests: dict[tuple[int, tuple[Expr, ...], bool], Dummy] = {}

    def split(
        self,
        normaliser: Normaliser,
        poly: Poly,
        others: Mapping[Expr, Iterable[Expr]],
        term_sign: TermSign,
    ) -> Poly:
        """Replace class sums by their named terms and a rest, sizes by their least value.

        The classes split off are those named in `poly` and `others`.
        """
        field = normaliser.field
        expr_of = {a: field.atoms[a] for a in field.used(poly)}
        named = named_classes(expr_of.values())
        for size, classes in others.items():
            named.setdefault(size, set()).update(classes)
        values: dict[int, Fraction] = {}
        for number, atom in expr_of.items():
            if atom in SIZES:
                more = Symbol(f"_{atom}+", integer=True, nonnegative=True)
                values[number] = field.constant(self._case.smallest[atom]) + field.atom(more)
            elif number in normaliser.sums:
                whole = self._split_sum(normaliser, number, named, term_sign)
                if whole is not None:
                    values[number] = whole
        return field.substitute(poly, values)

    def _split_sum(
        self,
        normaliser: Normaliser,
        number: int,
        named: dict[Expr, set[Expr]],
        term_sign: TermSign,
    ) -> Fraction | None:
        term, running, size = normaliser.sums[number]
        sign = term_sign(normaliser, number)
        if sign not in (">0", ">=0"):
            return None
        classes = sorted(named.get(size, set()), key=str)
        strict = sign == ">0" and self._case.smallest.get(size, 1) > len(classes)
        key = (number, tuple(classes), strict)
        if key not in self._rests:
            self._rests[key] = Dummy(**{"positive" if strict else "nonnegative": True})
        total = normaliser.field.atom(self._rests[key])
        for member in classes:
            value = normaliser.of(term.xreplace({running: member}))
            if not value.den.is_constant():
                return None
            total = total + value
        return total
