"""The members of one family at a drawn point: spread, or in a pattern where formulas often fail.

Guarantees: every member has the sign declared for its family.
The patterns: all members equal; one member apart from the rest, far now and then; two opposite
members among zeros; two values only; and what another family of the point has, also shifted by a
constant, or but for one member.
Bounds are sharp there, differences vanish, and one class takes all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import Expr, IndexedBase, Symbol

from ..symbolic.cases import SIZES
from .sources import Source

_GAPS = (1, 2, 5, 10, 30, 100)

Members = list[Fraction]


def sign_of(symbol: Expr) -> str:
    """Return "positive", "nonnegative" or "real", as a scalar or member was declared."""
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
    sign = sign_of(base[1])
    others = [row for other, row in values.items() if _alike(other, row, base, size)]
    kinds = (_constant, _lone, _opposite, _two_valued, *((_copy, _shifted, _but_one) * bool(others)))
    kind = kinds[source.integer(0, len(kinds) - 1)]
    start = list(others[source.integer(0, len(others) - 1)]) if others else []
    members = kind(source, sign, size, _place(source, size, values), start)
    return [_signed(value, sign) for value in members]


def _alike(other: Any, row: Any, base: IndexedBase, size: int) -> bool:
    if not isinstance(other, IndexedBase) or len(row) != size or other.shape != base.shape:
        return False
    return sign_of(other[1]) == sign_of(base[1])


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


def _constant(source: Source, sign: str, size: int, place: int, start: Members) -> Members:
    value = source.rational(sign) if source.integer(0, 1) else Fraction(sign == "positive")
    return [value] * size


def _lone(source: Source, sign: str, size: int, place: int, start: Members) -> Members:
    members = _constant(source, sign, size, place, start)
    members[place] += _gap(source)
    return members


def _opposite(source: Source, sign: str, size: int, place: int, start: Members) -> Members:
    members = [Fraction(0)] * size
    members[place] += 1
    members[(place + 1 + source.integer(0, max(size - 2, 0))) % size] -= 1
    return members


def _two_valued(source: Source, sign: str, size: int, place: int, start: Members) -> Members:
    low = source.rational(sign)
    pair = low, low + _gap(source)
    return [pair[source.integer(0, 1)] for _ in range(size)]


def _copy(source: Source, sign: str, size: int, place: int, start: Members) -> Members:
    return start


def _shifted(source: Source, sign: str, size: int, place: int, start: Members) -> Members:
    """Add a constant to members of any sign; multiply positive ones."""
    if sign == "real":
        constant = source.rational("real") or Fraction(1)
        return [member + constant for member in start]
    factor = source.rational("positive")
    return [member * factor for member in start]


def _but_one(source: Source, sign: str, size: int, place: int, start: Members) -> Members:
    changed: Sequence[Fraction] = start
    return [m + _gap(source) if place == at else m for at, m in enumerate(changed)]


def _gap(source: Source) -> Fraction:
    size = Fraction(_GAPS[source.integer(0, len(_GAPS) - 1)])
    return -size if source.integer(0, 1) else size
