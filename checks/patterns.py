"""The members of one family at a drawn point: spread, or in a pattern where formulas often fail.

Guarantees: every member has the sign declared for its family.
The patterns: all members equal; one member apart from the rest, far now and then; two opposite
members among zeros; two values only; and what another family of the point has, also shifted by a
constant, or but for one member.
Bounds are sharp there, differences vanish, and one class takes all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sympy import IndexedBase, Symbol

from ..symbolic.cases import SIZES
from .sources import Source

_GAPS = (1, 2, 5, 10, 30, 100)

Members = list[Fraction]


@lru_cache(maxsize=1024)
def sign_of(symbol: Symbol | IndexedBase) -> str:
    """Return "positive", "nonnegative" or "real", as a scalar or the members were declared."""
    if isinstance(symbol, IndexedBase):
        symbol = symbol[1]
    if symbol.is_positive:
        return "positive"
    return "nonnegative" if symbol.is_nonnegative else "real"


def spread_members(source: Source, sign: str, size: int) -> Members:
    """Return members drawn one by one."""
    if sign == "nonnegative" and source.is_zero_one():
        return [Fraction(source.integer(0, 1)) for _ in range(size)]
    return [source.rational(sign) for _ in range(size)]


def patterned_members(
    source: Source, base: IndexedBase, size: int, values: Mapping[Any, Any]
) -> Members:
    """Return members in a pattern.

    Parameters
    ----------
    source
        Where choices come from.
    base, size
        The family and the number of its members.
    values
        What the point has so far: named classes, and the families drawn before.
    """
    sign = sign_of(base)
    others = [row for other, row in values.items() if _alike(other, row, base, size)]
    start = list(others[source.integer(0, len(others) - 1)]) if others else []
    return _Pattern(source, sign, size, _place(source, size, values), start).members()


def _alike(other: Any, row: Any, base: IndexedBase, size: int) -> bool:
    if not isinstance(other, IndexedBase) or len(row) != size or other.shape != base.shape:
        return False
    return sign_of(other) == sign_of(base)


def _signed(value: Fraction, sign: str) -> Fraction:
    if sign == "real" or value > 0:
        return value
    return 1 / (1 - value) if sign == "positive" else -value


def _place(source: Source, size: int, values: Mapping[Any, Any]) -> int:
    """Return a class, counted from 0; mostly one that has a name."""
    named = sorted(
        {
            int(value) - 1
            for name, value in values.items()
            if isinstance(name, Symbol) and isinstance(value, int)
            if name not in SIZES and value <= size
        }
    )
    if named and source.integer(0, 3) < 3:
        return named[source.integer(0, len(named) - 1)]
    return source.integer(0, size - 1)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Draws the members of one family; `place` is the class apart, `start` another family's."""

    source: Source
    sign: str
    size: int
    place: int
    start: Members

    def members(self) -> Members:
        kinds = [self.constant, self.lone, self.opposite, self.two_valued]
        if self.start:
            kinds.append(self.related)
        kind = kinds[self.source.option(len(kinds))]
        return [_signed(value, self.sign) for value in kind()]

    def constant(self) -> Members:
        plain = Fraction(self.sign == "positive")
        return [self.source.rational(self.sign) if self.source.integer(0, 1) else plain] * self.size

    def lone(self) -> Members:
        members = self.constant()
        members[self.place] += self.gap()
        return members

    def opposite(self) -> Members:
        members = [Fraction(0)] * self.size
        members[self.place] += 1
        after = 1 + self.source.integer(0, max(self.size - 2, 0))
        members[(self.place + after) % self.size] -= 1
        return members

    def two_valued(self) -> Members:
        low = self.source.rational(self.sign)
        pair = low, low + self.gap()
        return [pair[self.source.integer(0, 1)] for _ in range(self.size)]

    def related(self) -> Members:
        kinds = (self.copy, self.shifted, self.but_one)
        return kinds[self.source.integer(0, 2)]()

    def copy(self) -> Members:
        return self.start

    def shifted(self) -> Members:
        """Add a constant to members of any sign; multiply those that have one."""
        if self.sign == "real":
            constant = self.source.rational("real") or Fraction(1)
            return [member + constant for member in self.start]
        factor = self.source.rational("positive")
        return [member * factor for member in self.start]

    def but_one(self) -> Members:
        members = list(self.start)
        members[self.place] += self.gap()
        return members

    def gap(self) -> Fraction:
        size = Fraction(_GAPS[self.source.integer(0, len(_GAPS) - 1)])
        return -size if self.source.integer(0, 1) else size
