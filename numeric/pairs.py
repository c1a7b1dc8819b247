"""Sums of second derivatives over many classes: ``sum_j |w_j h(i, j)|`` for every i.

Guarantees: each ``h(i, i)``, and each h that has the label as one of its two classes, is evaluated
in balls, and so are the others where they are one product of numbers of one class each.
If not, they are put together from balls that depend on one class alone, in float64 with exponents
of their own, unless so much cancels between their products that a sum would lose its digits: those
are evaluated in balls as well.
Classes that are alike in all inputs are done at once; where there is more than one product the cost
is the square of the number of classes that differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, fmpq
from sympy import Symbol

from ..symbolic.errors import UnsupportedError
from ..symbolic.vocabulary import is_class
from . import elements
from .evaluator import Program, compile_expression, prepare
from .pair_parts import Matrix, OneProduct, Parts, between_others, is_label, one_product, values_of
from .point import Point
from .run import Run
from .scaled import Floats, Scaled

_BLOCK = 512
"""Rows that are done at once, which bounds the memory."""

_LOST = -24
"""A sum has lost digits if it is below its size without cancellation by so many binary places."""


@dataclass(frozen=True)
class _Classes:
    """Which classes stand for the others: alike in every family, and in being a label."""

    members: tuple[int, ...]
    """The first class of each kind."""
    partners: tuple[int, ...]
    """The second class of each kind; where there is none, the first again."""
    counts: tuple[int, ...]
    """How many classes of each kind there are."""
    kind_of: tuple[int, ...]
    """For each class, the place of its kind."""


@dataclass(frozen=True)
class PairSums:
    """A second derivative, ready to be summed; made by `compile_pairs`.

    Attributes
    ----------
    exact
        It, for any two classes.
    diagonal
        It, by one class that is no label twice.
    beside
        For each index of a class: it, with that class as the column, and with that class as the
        row, the other class being no label.
    apart
        It, by two classes that differ and are no labels.
    row, column
        The two classes.
    """

    exact: Program
    diagonal: Program
    beside: Mapping[Symbol, tuple[Program, Program]]
    apart: OneProduct | Matrix
    row: Symbol
    column: Symbol

    def sums(self, run: Run, point: Point, weights: Sequence[fmpq]) -> list[arb]:
        """Return ``sum_j |w_j h(i, j)|`` for each class i, about."""
        classes = _alike(point)
        special = [c for c in classes.members if c in _labels(point)]
        others = [k for k, c in enumerate(classes.members) if c not in special]
        members = [classes.members[k] for k in others]
        counts = [classes.counts[k] for k in others]
        kept = [arb(weights[c - 1]) for c in members]
        if isinstance(self.apart, OneProduct):
            sums = self.apart.sums(run, members, counts, kept)
        else:
            sums = []
            for start in range(0, len(others), _BLOCK):
                block = others[start : start + _BLOCK]
                sums += self._block(self.apart, run, classes, block, others, weights)
        _add(sums, values_of(self.diagonal, run, self.row, members), kept)
        of_labels = []
        for label in special:
            as_column, as_row = self._beside(run, point, label, members)
            _add(sums, as_column, [arb(weights[label - 1])] * len(members))
            own = sum((self._term(run, label, c, weights) for c in special), arb(0))
            of_labels.append(own + _dot(as_row, kept, counts))
        by_kind = dict(zip(others, sums, strict=True))
        by_kind |= {classes.kind_of[c - 1]: v for c, v in zip(special, of_labels, strict=True)}
        return [by_kind[k] for k in classes.kind_of]

    def _beside(
        self, run: Run, point: Point, label: int, members: Sequence[int]
    ) -> tuple[list[arb], list[arb]]:
        """Return the second derivatives with a label as the column, and as the row."""
        known = [s for s in self.beside if point.get(s) == label]
        if known:
            as_column, as_row = self.beside[known[0]]
            return (
                values_of(as_column, run, self.row, members),
                values_of(as_row, run, self.column, members),
            )
        run.classes[self.column] = label
        rows = values_of(self.exact, run, self.row, members)
        run.classes[self.row] = label
        return rows, values_of(self.exact, run, self.column, members)

    def _block(
        self,
        apart: Matrix,
        run: Run,
        classes: _Classes,
        block: Sequence[int],
        others: Sequence[int],
        weights: Sequence[fmpq],
    ) -> list[arb]:
        rows = [classes.members[k] for k in block]
        columns = [classes.members[k] for k in others]
        counts = _counts(classes, block, others)
        scale = Scaled.of([abs(arb(weights[c - 1])) for c in columns]).reshape(1, -1)
        scale = scale * Scaled(counts, np.zeros(counts.shape, np.int64))
        found = apart(run, rows, columns)
        terms, sizes = abs(found.values) * scale, found.sizes * scale
        totals = terms.sum()
        sums = totals.balls()
        for number in map(int, np.flatnonzero(sizes.sum().times_power(_LOST) > totals)):
            parts = terms.row(number).balls()
            cancelled = sizes.row(number).times_power(_LOST) > terms.row(number)
            for at in map(int, np.flatnonzero(cancelled)):
                # Two classes of a kind still differ from each other: the diagonal is added below.
                alike = others[at] == block[number]
                column = classes.partners[others[at]] if alike else columns[at]
                term = self._term(run, rows[number], column, weights)
                parts[at] = term * float(counts[number, at])
            sums[number] = sum(parts, arb(0))
        return sums

    def _term(self, run: Run, row: int, column: int, weights: Sequence[fmpq]) -> arb:
        run.classes[self.row], run.classes[self.column] = row, column
        value = elements.to_ball(self.exact(run))
        return abs(value * weights[column - 1]) if value.is_finite() else arb(0)


def _add(sums: list[arb], values: Sequence[arb], weights: Sequence[arb]) -> None:
    """Add absolute values times weights to sums."""
    for place, (value, weight) in enumerate(zip(values, weights, strict=True)):
        sums[place] += abs(value * weight)


def _dot(values: Sequence[arb], weights: Sequence[arb], counts: Sequence[int]) -> arb:
    terms = zip(values, weights, counts, strict=True)
    return sum((abs(value * weight) * count for value, weight, count in terms), arb(0))


def _labels(point: Point) -> set[int]:
    return {
        v for k, v in point.items() if isinstance(k, Symbol) and is_class(k) and isinstance(v, int)
    }


def _alike(point: Point) -> _Classes:
    families = [v for v in (v for _, v in point.items()) if isinstance(v, tuple)]
    size = max(map(len, families))
    labels = _labels(point)
    seen: dict[Any, int] = {}
    members: list[int] = []
    partners: list[int] = []
    counts: list[int] = []
    kind_of: list[int] = []
    for place in range(size):
        key = (*(f[place] for f in families if place < len(f)), place + 1 in labels and place + 1)
        kind = seen.setdefault(key, len(members))
        if kind == len(members):
            members.append(place + 1)
            partners.append(place + 1)
            counts.append(0)
        elif counts[kind] == 1:
            partners[kind] = place + 1
        counts[kind] += 1
        kind_of.append(kind)
    return _Classes(tuple(members), tuple(partners), tuple(counts), tuple(kind_of))


def _counts(classes: _Classes, block: Sequence[int], others: Sequence[int]) -> Floats:
    """Return how many classes of each kind are other than one of the row's kind."""
    place = {k: number for number, k in enumerate(others)}
    counts = np.tile([float(classes.counts[k]) for k in others], (len(block), 1))
    for number, kind in enumerate(block):
        counts[number, place[kind]] -= 1
    return counts


def compile_pairs(expr: Any, row: Symbol, column: Symbol) -> PairSums | None:
    """Return a second derivative ready to be summed; None if it cannot be taken apart."""
    prepared = prepare(expr)
    others = between_others(prepared, row, column)

    def of_one(new: dict[Symbol, Symbol]) -> Program:
        return compile_expression(between_others(prepared.xreplace(new), row, column))

    try:
        apart = one_product(others, row, column) or Parts(row, column).matrix(others)
    except UnsupportedError:
        return None
    labels = [s for s in prepared.free_symbols - {row, column} if is_label(s)]
    beside = {s: (of_one({column: s}), of_one({row: s})) for s in labels}
    return PairSums(compile_expression(prepared), of_one({column: row}), beside, apart, row, column)
