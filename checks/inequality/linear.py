"""Nonnegative solutions of linear equations over the rationals, by the simplex method.

Guarantees: a solution that is returned satisfies the equations exactly; None means that there is
none, or that the limit of steps was met.
Arithmetic is exact (FLINT's rationals).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from flint import fmpq

from .work import Work

Column = Mapping[Any, Any]
"""The entries of a column by row."""

_STEPS = 4000
_ZERO = fmpq(0)


def nonnegative_solution(
    columns: Sequence[Column], target: Column, work: Work | None = None
) -> dict[int, fmpq] | None:
    """Return numbers ``x_c >= 0`` with ``sum_c x_c column_c == target``, those that are not 0.

    >>> nonnegative_solution([{"a": 1}, {"a": 1, "b": 2}], {"a": 3, "b": 2})
    {0: 2, 1: 1}
    """
    kept = _presolved(columns, target)
    if kept is None:
        return None
    tableau = _Tableau([columns[c] for c in kept], target)
    if not tableau.solve(work or Work()):
        return None
    return {kept[c]: value for c, value in sorted(tableau.solution().items())}


def _presolved(columns: Sequence[Column], target: Column) -> list[int] | None:
    """Return the columns that may be used; None if some row cannot be met."""
    rows: dict[Hashable, dict[int, Any]] = {}
    for number, column in enumerate(columns):
        for row, value in column.items():
            if value:
                rows.setdefault(row, {})[number] = value
    if any(value and row not in rows for row, value in target.items()):
        return None
    kept = set(range(len(columns)))
    changed = True
    while changed:
        changed = False
        for row, entries in rows.items():
            wanted = target.get(row, 0)
            left = {c: v for c, v in entries.items() if c in kept}
            signs = {v > 0 for v in left.values()}
            if not wanted and len(signs) == 1:  # nothing can cancel them
                kept -= left.keys()
                changed = True
            elif wanted and (wanted > 0) not in signs:
                return None
    return sorted(kept)


class _Tableau:
    """Phase one of the simplex method on sparse rows; artificial variables are kept implicit."""

    def __init__(self, columns: Sequence[Column], target: Column) -> None:
        names = {row for column in columns for row in column} | {r for r, v in target.items() if v}
        self.rows: list[dict[int, fmpq]] = []
        self.right: list[fmpq] = []
        self.basis: list[int | None] = []
        place = {row: number for number, row in enumerate(sorted(names, key=repr))}
        self.rows = [{} for _ in place]
        self.right = [_ZERO for _ in place]
        for row, value in target.items():
            if row in place:
                self.right[place[row]] = fmpq(value)
        for number, column in enumerate(columns):
            for row, value in column.items():
                if value:
                    self.rows[place[row]][number] = fmpq(value)
        for number, value in enumerate(self.right):
            if value < 0:
                self.right[number] = -value
                self.rows[number] = {c: -v for c, v in self.rows[number].items()}
        self.basis = [None] * len(self.rows)
        self.cost: dict[int, fmpq] = {}
        for entries in self.rows:
            for c, v in entries.items():
                self.cost[c] = self.cost.get(c, _ZERO) + v
        self.missing = sum(self.right, _ZERO)

    def solve(self, work: Work) -> bool:
        """Drive the sum of the artificial variables to 0; tell whether that succeeded."""
        idle = 0
        for _ in range(_STEPS):
            if self.missing == 0:
                return True
            entering = self._entering(careful=idle > 20)
            if entering is None:
                return False
            leaving = self._leaving(entering)
            before = self.missing
            work.spend(sum(map(len, self.rows)) / 400)
            self._pivot(leaving, entering)
            idle = idle + 1 if self.missing == before else 0
        return False

    def _entering(self, *, careful: bool) -> int | None:
        """Return the column that gains most; by Bland's rule while nothing is gained."""
        gains = [(c, v) for c, v in self.cost.items() if v > 0]
        if not gains:
            return None
        return min(c for c, _ in gains) if careful else max(gains, key=lambda g: (g[1], -g[0]))[0]

    def _leaving(self, entering: int) -> int:
        best, least = -1, None
        for number, entries in enumerate(self.rows):
            value = entries.get(entering, _ZERO)
            if value <= 0:
                continue
            ratio = self.right[number] / value
            own = self.basis[number]
            key = (ratio, -1 if own is None else own)
            if least is None or key < least:
                best, least = number, key
        return best

    def _pivot(self, leaving: int, entering: int) -> None:
        row = self.rows[leaving]
        pivot = row[entering]
        row = {c: v / pivot for c, v in row.items()}
        right = self.right[leaving] / pivot
        self.rows[leaving], self.right[leaving] = row, right
        for number, entries in enumerate(self.rows):
            factor = entries.get(entering)
            if number != leaving and factor:
                _subtract(entries, row, factor)
                self.right[number] = self.right[number] - factor * right
        factor = self.cost.get(entering, _ZERO)
        _subtract(self.cost, row, factor)
        self.missing = self.missing - factor * right
        self.basis[leaving] = entering

    def solution(self) -> dict[int, fmpq]:
        """Return the values of the basic columns."""
        return {
            c: self.right[number]
            for number, c in enumerate(self.basis)
            if c is not None and self.right[number] != 0
        }


def _subtract(entries: dict[int, fmpq], row: Mapping[int, fmpq], factor: fmpq) -> None:
    for c, v in row.items():
        value = entries.get(c, _ZERO) - factor * v
        if value != 0:
            entries[c] = value
        else:
            entries.pop(c, None)
