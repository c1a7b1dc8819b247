"""How much the rounding of the inputs moves a loss and its gradient.

Guarantees: a condition is ``|g_i| + sum_j |x_j dg_i/dx_j|`` over the logits and all other real
inputs that rounding may have touched; a target or kernel value that is 0 or 1 is taken as exact.
Its second derivatives are differentiated symbolically for any n; up to `WHOLE` classes all are
evaluated in balls; above, those by two different classes are put together from balls of one class
each in floats with exponents of their own, equal classes at once, where no digits are lost by that.
Cannot see: second derivatives that are infinite, which count as 0; so the first have to be narrow
at the working precision, by the same formulas.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb, fmpq
from sympy import IndexedBase, Symbol

from ..symbolic.calculus import LossTerm
from ..symbolic.loss import Loss
from . import elements
from .evaluator import Program, compile_expression, prepare
from .pairs import PairSums, compile_pairs
from .point import Point, is_index
from .run import Run

WHOLE = 16
"""Up to this many classes every second derivative is evaluated in balls."""

ROW = Symbol("row", integer=True, positive=True)
COLUMN = Symbol("column", integer=True, positive=True)


@dataclass(frozen=True)
class Touched:
    """A family or a symbol that rounding may have touched, and the derivatives by it.

    Attributes
    ----------
    key
        The family or the symbol.
    slope
        The derivative of the loss by it; by the class `ROW` of a family.
    mixed
        That of the gradient's component `ROW`; by the class `COLUMN` of a family.
    pairs
        The latter, ready to be summed over many classes; None where it cannot be taken apart.
    """

    key: Any
    slope: Program
    mixed: Program
    pairs: PairSums | None

    @property
    def is_family(self) -> bool:
        """Whether it has a number for each class."""
        return isinstance(self.key, IndexedBase)


@dataclass(frozen=True)
class Conditions:
    """The conditions of a loss; made by `compile_conditions`.

    Attributes
    ----------
    wrt
        The family that the gradient is taken by.
    inputs
        What rounding may touch.
    """

    wrt: IndexedBase
    inputs: tuple[Touched, ...]

    def _weighted(self, point: Point) -> Iterator[tuple[Touched, list[fmpq]]]:
        """Yield the inputs that rounding may have touched, with their values."""
        for given in self.inputs:
            weights = _weights(given, point, self.wrt)
            if any(w != 0 for w in weights):
                yield given, weights

    def of_value(self, run: Run, point: Point, value: arb, gradient: Sequence[arb]) -> arb:
        """Return the condition of the loss, of which the gradient is given."""
        total = abs(value)
        for given, weights in self._weighted(point):
            slopes = self._slopes(given, run, gradient)
            total += sum((abs(w * s) for w, s in _pairs(weights, slopes)), arb(0))
        return total

    def of_gradient(self, run: Run, point: Point, gradient: Sequence[arb]) -> list[arb]:
        """Return the condition of each component of the gradient."""
        conditions = list(map(abs, gradient))
        for given, weights in self._weighted(point):
            for place, term in enumerate(self._terms(given, run, point, weights)):
                conditions[place] += term
        return conditions

    def _slopes(self, given: Touched, run: Run, gradient: Sequence[arb]) -> list[arb]:
        if given.key == self.wrt:
            return list(gradient)
        if not given.is_family:
            return [elements.to_ball(given.slope(run))]
        return list(over_classes(given.slope, run, len(run.families[given.key])))

    def _terms(self, given: Touched, run: Run, point: Point, weights: Sequence[fmpq]) -> list[arb]:
        """Return ``sum_j |x_j dg_i/dx_j|`` for each i."""
        rows = len(point[self.wrt])
        if not given.is_family:
            return [abs(weights[0] * v) for v in over_classes(given.mixed, run, rows)]
        if max(rows, len(weights)) > WHOLE and given.pairs is not None:
            return given.pairs.sums(run, point, weights)
        found = []
        for row in range(1, rows + 1):
            run.classes[ROW] = row
            columns = [(c, w) for c, w in enumerate(weights, start=1) if w != 0]
            found.append(sum((abs(w * _at(given.mixed, run, c)) for c, w in columns), arb(0)))
        return found


def _at(program: Program, run: Run, column: int) -> arb:
    run.classes[COLUMN] = column
    value = elements.to_ball(program(run))
    return value if value.is_finite() else arb(0)


def over_classes(program: Program, run: Run, size: int) -> Iterator[arb]:
    """Yield the values of a program of the class `ROW` for all classes."""
    for member in range(1, size + 1):
        run.classes[ROW] = member
        yield elements.to_ball(program(run))


def _pairs(weights: Sequence[fmpq], slopes: Sequence[arb]) -> Iterator[tuple[fmpq, arb]]:
    return ((w, s) for w, s in zip(weights, slopes, strict=True) if w != 0 and s.is_finite())


def _weights(given: Touched, point: Point, wrt: IndexedBase) -> list[fmpq]:
    """Return the values by which second derivatives are weighted; 0 for what is exact."""
    held = point[given.key]
    values = held if given.is_family else (held,)
    every = given.key == wrt
    return [elements.rational(v) if every or v not in (0, 1) else elements.ZERO for v in values]


def compile_conditions(loss: Loss) -> Conditions:
    """Return the conditions of a loss.

    Raises
    ------
    UnsupportedError
        If a derivative of the loss has a part that cannot be enclosed.
    """
    value, wrt = loss.value, loss.wrt
    families = sorted(value.atoms(IndexedBase), key=lambda f: (f != wrt, str(f)))
    names = {str(f) for f in families}
    scalars = [
        s
        for s in sorted(prepare(value).free_symbols, key=str)
        if isinstance(s, Symbol) and not is_index(s) and str(s) not in names
    ]
    inputs = []
    for key in (*families, *scalars):
        column = key[COLUMN] if isinstance(key, IndexedBase) else key
        row = key[ROW] if isinstance(key, IndexedBase) else key
        mixed = LossTerm(loss.name, value, wrt[ROW], column)
        pairs = compile_pairs(mixed, ROW, COLUMN) if isinstance(key, IndexedBase) else None
        slope = compile_expression(LossTerm(loss.name, value, row))
        inputs.append(Touched(key, slope, compile_expression(mixed), pairs))
    return Conditions(wrt, tuple(inputs))
