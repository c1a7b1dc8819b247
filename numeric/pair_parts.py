"""Second derivatives by two different classes, taken apart into what depends on one class each.

Guarantees: `OneProduct` gives balls that hold the true sums, in a number of steps that grows as the
classes do; a `Matrix` gives floats with exponents of their own, with how large they were on the
way.
Both are about classes that differ from each other and are no labels: `between_others`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, TypeAlias

from flint import arb
from sympy import Add, Expr, Integer, KroneckerDelta, Mul, Piecewise, Pow, Symbol, exp

from ..symbolic.errors import UnsupportedError
from ..symbolic.vocabulary import is_bound, is_class
from . import elements
from .evaluator import Program, compile_expression
from .run import Run
from .scaled import Sized

Matrix: TypeAlias = Callable[[Run, Sequence[int], Sequence[int]], Sized]
"""The values of an expression for some rows and columns, broadcast against each other."""


def between_others(expr: Expr, row: Symbol, column: Symbol) -> Expr:
    """Return `expr` for a row and a column that differ, and that no index of a class stands for.

    Their Kronecker deltas, also those with such an index, are 0.
    """

    def chooses(delta: KroneckerDelta) -> bool:
        ends = set(delta.args[:2])
        rest = ends - {row, column}
        return bool(ends & {row, column}) and all(map(is_label, rest))

    deltas = [delta for delta in expr.atoms(KroneckerDelta) if chooses(delta)]
    return expr.xreplace(dict.fromkeys(deltas, Integer(0)))


def is_label(index: Any) -> bool:
    """Tell whether an index is a class that a point gives, such as the label."""
    return isinstance(index, Symbol) and is_class(index) and not is_bound(index)


def values_of(program: Program, run: Run, over: Symbol, members: Sequence[int]) -> list[arb]:
    """Return the values of a program for some classes; 0 where it is not finite."""
    balls = []
    for member in members:
        run.classes[over] = member
        ball = elements.to_ball(program(run))
        balls.append(ball if ball.is_finite() else arb(0))
    return balls


@dataclass(frozen=True)
class OneProduct:
    """A second derivative that is a number of the row times a number of the column.

    Attributes
    ----------
    of_row, of_column
        The two factors.
    row, column
        The classes they depend on.
    """

    of_row: Program
    of_column: Program
    row: Symbol
    column: Symbol

    def sums(
        self, run: Run, members: Sequence[int], counts: Sequence[int], weights: Sequence[arb]
    ) -> list[arb]:
        """Return ``sum_j |w_j h(i, j)|`` for each class i, over all others.

        Parameters
        ----------
        run
            The point.
        members
            A class of each kind.
        counts
            How many classes of each kind there are.
        weights
            The weight of each kind.
        """
        factors = values_of(self.of_row, run, self.row, members)
        columns = values_of(self.of_column, run, self.column, members)
        terms = [abs(v * w) for v, w in zip(columns, weights, strict=True)]
        whole = [term * count for term, count in zip(terms, counts, strict=True)]
        before = accumulate(whole, initial=arb(0))
        after = [*accumulate(reversed(whole), initial=arb(0))][-2::-1]
        others = (
            b + a + term * (count - 1)
            for b, a, term, count in zip(before, after, terms, counts, strict=False)
        )
        return [abs(factor) * other for factor, other in zip(factors, others, strict=True)]


def one_product(expr: Expr, row: Symbol, column: Symbol) -> OneProduct | None:
    """Return an expression as one product; None if it is none."""
    factors: dict[bool, list[Expr]] = {False: [], True: []}
    for part in Mul.make_args(expr):
        split = [exp(a) for a in Add.make_args(part.exp)] if isinstance(part, exp) else [part]
        for factor in split:
            if {row, column} <= factor.free_symbols:
                return None
            factors[column in factor.free_symbols].append(factor)
    of_row, of_column = (compile_expression(Mul(*factors[k])) for k in (False, True))
    return OneProduct(of_row, of_column, row, column)


@dataclass(frozen=True)
class Parts:
    """Takes an expression of two classes apart into expressions of one."""

    row: Symbol
    column: Symbol

    def matrix(self, expr: Expr) -> Matrix:
        """Return the values of `expr`, as `between_others` makes it, for rows and columns."""
        on = {self.row, self.column} & expr.free_symbols
        if len(on) < 2:
            return self._vector(expr, self.column if on == {self.column} else self.row, bool(on))
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
            found = Sized.of(values_of(program, run, over, members))
            return found.reshape(-1, 1) if over == self.row else found.reshape(1, -1)

        return matrix


def _folded(parts: Sequence[Matrix], adds: bool) -> Matrix:
    def matrix(run: Run, rows: Sequence[int], columns: Sequence[int]) -> Sized:
        found = parts[0](run, rows, columns)
        for part in parts[1:]:
            other = part(run, rows, columns)
            found = found + other if adds else found * other
        return found

    return matrix
