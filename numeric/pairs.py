"""Sums of second derivatives over many classes: ``sum_j |w_j h(i, j)|`` for every i.

Guarantees: each ``h(i, i)``, and each h that has the label as one of its two classes, is evaluated
in balls; the others are put together from balls that depend on one class alone, in float64 with
exponents of their own, unless so much cancels between their products that a sum would lose its
digits: those are evaluated in balls as well.
Classes that are alike in all inputs are done at once, so that the cost is the square of the number
of classes that differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, fmpq
from sympy import Add, Expr, Integer, KroneckerDelta, Mul, Piecewise, Pow, Symbol, exp

from ..symbolic.errors import UnsupportedError
from ..symbolic.vocabulary import is_class
from . import elements
from .evaluator import Program, compile_expression, prepare
from .point import Point
from .run import Run
from .scaled import Floats, Scaled, Sized

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


Matrix = Callable[[Run, Sequence[int], Sequence[int]], Sized]
"""The values of an expression for some rows and columns, broadcast against each other."""


@dataclass(frozen=True)
class PairSums:
    """A second derivative, ready to be summed; made by `compile_pairs`."""

    exact: Program
    apart: Matrix
    row: Symbol
    column: Symbol

    def sums(self, run: Run, point: Point, weights: Sequence[fmpq]) -> list[arb]:
        """Return ``sum_j |w_j h(i, j)|`` for each class i, about."""
        classes = _alike(point)
        special = [c for c in classes.members if c in _labels(point)]
        others = [k for k, c in enumerate(classes.members) if c not in special]
        by_kind: dict[int, arb] = {}
        for start in range(0, len(others), _BLOCK):
            block = others[start : start + _BLOCK]
            by_kind |= self._block(run, classes, block, others, weights)
        for kind in by_kind:
            here = classes.members[kind]
            by_kind[kind] += sum((self._term(run, here, c, weights) for c in special), arb(0))
        for label in special:
            by_kind[classes.kind_of[label - 1]] = sum(
                (
                    self._term(run, label, c, weights) * count
                    for c, count in zip(classes.members, classes.counts, strict=True)
                ),
                arb(0),
            )
        return [by_kind[k] for k in classes.kind_of]

    def _block(
        self,
        run: Run,
        classes: _Classes,
        block: Sequence[int],
        others: Sequence[int],
        weights: Sequence[fmpq],
    ) -> dict[int, arb]:
        rows = [classes.members[k] for k in block]
        columns = [classes.members[k] for k in others]
        counts = _counts(classes, block, others)
        scale = Scaled.of([abs(arb(weights[c - 1])) for c in columns]).reshape(1, -1)
        scale = scale * Scaled(counts, np.zeros(counts.shape, np.int64))
        found = self.apart(run, rows, columns)
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
        return {
            kind: value + self._term(run, row, row, weights)
            for kind, row, value in zip(block, rows, sums, strict=True)
        }

    def _term(self, run: Run, row: int, column: int, weights: Sequence[fmpq]) -> arb:
        run.classes[self.row], run.classes[self.column] = row, column
        value = elements.to_ball(self.exact(run))
        return abs(value * weights[column - 1]) if value.is_finite() else arb(0)


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
    try:
        return PairSums(
            compile_expression(prepared), _Parts(row, column).matrix(prepared), row, column
        )
    except UnsupportedError:
        return None


@dataclass(frozen=True)
class _Parts:
    """Takes an expression of two classes apart into expressions of one."""

    row: Symbol
    column: Symbol

    def matrix(self, expr: Expr) -> Matrix:
        """Return the values of `expr` at a row and a column that differ."""
        on = {self.row, self.column} & expr.free_symbols
        if len(on) < 2:
            return self._vector(expr, self.column if on == {self.column} else self.row, bool(on))
        if isinstance(expr, KroneckerDelta):
            return _nothing
        if isinstance(expr, Add | Mul):
            return _folded([self.matrix(a) for a in self._sorted(expr)], isinstance(expr, Add))
        if isinstance(expr, Pow) and isinstance(expr.exp, Integer) and expr.exp > 0:
            return _folded([self.matrix(expr.base)] * int(expr.exp), adds=False)
        if isinstance(expr, Piecewise) and not any(
            {self.row, self.column} & condition.free_symbols for _, condition in expr.args
        ):
            return self._chosen(expr)
        if isinstance(expr, exp) and isinstance(expr.exp, Add):
            return _folded([self.matrix(exp(a)) for a in expr.exp.args], adds=False)
        raise UnsupportedError(
            "a second derivative is a polynomial in what depends on one class each",
            found=expr,
            remedy="use fewer classes",
        )

    def _chosen(self, expr: Piecewise) -> Matrix:
        """Return the values of the branch in force, which is the same for all classes."""
        branches = [self.matrix(value) for value, _ in expr.args]
        conditions = [condition for _, condition in expr.args]
        number = compile_expression(Piecewise(*enumerate(conditions)))

        def matrix(run: Run, rows: Sequence[int], columns: Sequence[int]) -> Sized:
            chosen = elements.to_ball(number(run))
            if not chosen.is_exact():
                return Sized.of([arb(0)]).reshape(1, 1)
            return branches[int(elements.fraction(chosen))](run, rows, columns)

        return matrix

    def _sorted(self, expr: Expr) -> list[Expr]:
        """Return the arguments, those that depend on the same one class as one expression."""
        groups: dict[frozenset[Symbol], list[Expr]] = {}
        for part in expr.args:
            on = frozenset({self.row, self.column} & part.free_symbols)
            groups.setdefault(on, []).append(part)
        both = groups.pop(frozenset({self.row, self.column}), [])
        return [*(expr.func(*parts) for parts in groups.values()), *both]

    def _vector(self, expr: Expr, over: Symbol, varies: bool) -> Matrix:
        program = compile_expression(expr)

        def matrix(run: Run, rows: Sequence[int], columns: Sequence[int]) -> Sized:
            members = (rows if over == self.row else columns) if varies else [1]
            balls = []
            for member in members:
                run.classes[over] = member
                ball = elements.to_ball(program(run))
                balls.append(ball if ball.is_finite() else arb(0))
            found = Sized.of(balls)
            return found.reshape(-1, 1) if over == self.row else found.reshape(1, -1)

        return matrix


def _nothing(_run: Run, _rows: Sequence[int], _columns: Sequence[int]) -> Sized:
    """Return 0, the delta of a row and a column that differ."""
    return Sized.of([arb(0)]).reshape(1, 1)


def _folded(parts: Sequence[Matrix], adds: bool) -> Matrix:
    def matrix(run: Run, rows: Sequence[int], columns: Sequence[int]) -> Sized:
        found = parts[0](run, rows, columns)
        for part in parts[1:]:
            other = part(run, rows, columns)
            found = found + other if adds else found * other
        return found

    return matrix
