"""Certified gradients of losses, with how much the rounding of the inputs moves them.

Guarantees: every component of a gradient, and the loss, is a ball with at least 110 correct bits;
one that is exactly 0 may instead be a ball around 0 of radius below 2**-1200, far below the least
number of any float format here.
Conditions have 20 correct bits.
Arithmetic: Arb; the precision is raised until that holds.
A condition is ``|g_i| + sum_j |x_j dg_i/dx_j|`` over the logits and all other real inputs that
rounding may have touched; a target or kernel value that is 0 or 1 is taken as exact.
Its second derivatives are differentiated symbolically for any n; up to `WHOLE` classes all are
evaluated in balls; above, those by two different classes are put together from balls of one class
each in floats with exponents of their own, equal classes at once, where no digits are lost by that.
Cannot see: second derivatives that are infinite, which count as 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from flint import arb, fmpq
from sympy import IndexedBase, Symbol

from ..symbolic.calculus import LossTerm
from ..symbolic.errors import EngineConflict, PrecisionError, UnsupportedError
from ..symbolic.loss import Loss
from . import elements
from .backprop import Backprop, Values
from .elements import Element
from .enclosure import spell, undefined_error
from .evaluator import Program, compile_expression, prepare
from .pairs import PairSums, compile_pairs
from .point import Point, is_index
from .run import Run
from .tape import Tape, read_tape

CERTIFIED_BITS = 110
"""Correct bits of every number that is not 0."""

CONDITION_BITS = 20
"""Correct bits of every condition."""

WHOLE = 16
"""Up to this many classes every second derivative is evaluated in balls."""

_FIRST_BITS = 192
_LAST_BITS = 2**17
_NEGLIGIBLE = -1200
"""A radius below 2 to this power is as good as none."""

ROW = Symbol("row", integer=True, positive=True)
COLUMN = Symbol("column", integer=True, positive=True)


@dataclass(frozen=True, eq=False)
class Certified:
    """A loss and its gradient at a point; conditions are computed when they are asked for.

    Attributes
    ----------
    value
        The loss.
    gradient
        The derivative by each member of the family it is taken by.
    bits
        The working precision.
    deferred
        Compute the condition of the loss, and those of the gradient.
    """

    value: arb
    gradient: tuple[arb, ...]
    bits: int
    deferred: tuple[Callable[[], arb], Callable[[], tuple[arb, ...]]]

    @cached_property
    def value_condition(self) -> arb:
        """``|L| + sum_j |x_j dL/dx_j|``."""
        return self.deferred[0]()

    @cached_property
    def conditions(self) -> tuple[arb, ...]:
        """For each component of the gradient, ``|g_i| + sum_j |x_j dg_i/dx_j|``."""
        return self.deferred[1]()


@dataclass(frozen=True)
class _Input:
    """A family or a symbol that rounding may have touched, and the derivatives by it."""

    key: Any
    slope: Program
    mixed: Program
    pairs: PairSums | None

    @property
    def is_family(self) -> bool:
        return isinstance(self.key, IndexedBase)


@dataclass(frozen=True)
class CertifiedLoss:
    """A loss with its compiled derivatives; made by `certified_loss`."""

    loss: Loss
    value: Program
    gradient: Program
    inputs: tuple[_Input, ...]
    tape: Tape | None = None
    compared: list[int] = field(default_factory=list)

    def at(self, point: Point) -> Certified:
        """Return the loss and its gradient at a point.

        Raises
        ------
        UndefinedValueError
            If the loss or its gradient has no value there.
        PrecisionError
            If no precision tried is enough.
        DeclarationError
            If the point leaves a symbol without a value.
        """
        self.gradient.check(point, but=frozenset({ROW}))
        self.value.check(point)
        bits = _FIRST_BITS
        while True:
            with elements.working_precision(bits):
                run = Run(point)
                value, gradient = self._numbers(run, point)
                if all(map(_is_narrow, (value, *gradient))):
                    deferred = (
                        lambda bits=bits: self._narrow(self._value_condition, point, bits)[0],
                        lambda bits=bits: tuple(self._narrow(self._conditions, point, bits)),
                    )
                    return Certified(value, tuple(gradient), bits, deferred)
                if run.undefined and not all(v.is_finite() for v in (value, *gradient)):
                    raise undefined_error(run, point)
            if bits >= _LAST_BITS:
                raise PrecisionError(
                    f"a gradient has {CERTIFIED_BITS} correct bits within {_LAST_BITS} bits",
                    found=f"{self.loss.name} at {spell(point)}",
                    remedy="move the point off where the loss has no gradient",
                )
            bits *= 2

    def _numbers(self, run: Run, point: Point) -> tuple[arb, list[arb]]:
        size = len(point[self.loss.wrt])
        if size > WHOLE and self.tape is not None:
            swept = Backprop(self.tape, Values.of(point))
            value, gradient = swept.value, list(swept.gradient)
            if value.is_finite() and all(map(arb.is_finite, gradient)):
                self._compare(run, size, gradient)
                return value, gradient
        value = elements.to_ball(self.value(run))
        return value, list(_over_classes(self.gradient, run, size))

    def _compare(self, run: Run, size: int, gradient: Sequence[arb]) -> None:
        """Hold two components against the symbolic derivative, the first time that there are many.

        Raises
        ------
        EngineConflict
            If they contradict each other.
        """
        if self.compared:
            return
        for member in (1, size):
            run.classes[ROW] = member
            formula, swept = elements.to_ball(self.gradient(run)), gradient[member - 1]
            if not formula.overlaps(swept):
                raise EngineConflict(
                    "the chain rule in columns and the symbolic derivative give one gradient",
                    found=f"{swept} and {formula} for class {member} of {self.loss.name}",
                    remedy="report this, with the loss and the point: one of them is wrong",
                )
        self.compared.append(size)

    def _narrow(
        self, compute: Callable[[Run, Point], list[arb]], point: Point, bits: int
    ) -> list[arb]:
        """Return conditions, narrow if any precision tried makes them so."""
        while True:
            with elements.working_precision(bits):
                found = compute(Run(point), point)
            if bits >= _LAST_BITS or all(_is_narrow(c, CONDITION_BITS) for c in found):
                return found
            bits *= 2

    def _weighted(self, point: Point) -> Iterator[tuple[_Input, list[fmpq]]]:
        """Yield the inputs that rounding may have touched, with their values."""
        for given in self.inputs:
            weights = _weights(given, point, self.loss.wrt)
            if any(w != 0 for w in weights):
                yield given, weights

    def _value_condition(self, run: Run, point: Point) -> list[arb]:
        value, gradient = self._numbers(run, point)
        total = abs(value)
        for given, weights in self._weighted(point):
            slopes = self._slopes(given, run, gradient)
            total += sum((abs(w * s) for w, s in _pairs(weights, slopes)), arb(0))
        return [total]

    def _conditions(self, run: Run, point: Point) -> list[arb]:
        conditions = [abs(g) for g in self._numbers(run, point)[1]]
        for given, weights in self._weighted(point):
            for place, term in enumerate(self._terms(given, run, point, weights)):
                conditions[place] += term
        return conditions

    def _slopes(self, given: _Input, run: Run, gradient: Sequence[arb]) -> list[arb]:
        if given.key == self.loss.wrt:
            return list(gradient)
        if not given.is_family:
            return [elements.to_ball(given.slope(run))]
        return list(_over_classes(given.slope, run, len(run.families[given.key])))

    def _terms(self, given: _Input, run: Run, point: Point, weights: Sequence[fmpq]) -> list[arb]:
        """Return ``sum_j |x_j dg_i/dx_j|`` for each i."""
        rows = len(point[self.loss.wrt])
        if not given.is_family:
            return [abs(weights[0] * v) for v in _over_classes(given.mixed, run, rows)]
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


def _over_classes(program: Program, run: Run, size: int) -> Iterator[arb]:
    for member in range(1, size + 1):
        run.classes[ROW] = member
        yield elements.to_ball(program(run))


def _pairs(weights: Sequence[fmpq], slopes: Sequence[arb]) -> Iterator[tuple[fmpq, arb]]:
    return ((w, s) for w, s in zip(weights, slopes, strict=True) if w != 0 and s.is_finite())


def _is_narrow(ball: Element, bits: int = CERTIFIED_BITS) -> bool:
    if not ball.is_finite():
        return False
    if ball.rel_accuracy_bits() >= bits or ball.is_exact():
        return True
    mantissa, exponent = ball.rad().man_exp()
    top = int(exponent) + int(mantissa).bit_length()
    return bool(ball.contains(0)) and top < _NEGLIGIBLE


def _weights(given: _Input, point: Point, wrt: IndexedBase) -> list[fmpq]:
    """Return the values by which second derivatives are weighted; 0 for what is exact."""
    held = point[given.key]
    values = held if given.is_family else (held,)
    every = given.key == wrt
    return [elements.rational(v) if every or v not in (0, 1) else elements.ZERO for v in values]


@lru_cache(maxsize=64)
def certified_loss(loss: Loss) -> CertifiedLoss:
    """Return a loss with its derivatives, ready to be evaluated at points.

    Raises
    ------
    UnsupportedError
        If the loss or a derivative of it has a part that cannot be enclosed.
    """
    value, wrt = loss.value, loss.wrt
    families = sorted(value.atoms(IndexedBase), key=lambda f: (f != wrt, str(f)))
    names = {str(f) for f in families}
    scalars = [
        s
        for s in sorted(prepare(value).free_symbols, key=str)
        if isinstance(s, Symbol) and not is_index(s) and str(s) not in names
    ]

    def derivative(*variables: Any) -> Program:
        return compile_expression(LossTerm(loss.name, value, *variables))

    inputs = []
    for key in (*families, *scalars):
        column = key[COLUMN] if isinstance(key, IndexedBase) else key
        row = key[ROW] if isinstance(key, IndexedBase) else key
        mixed = LossTerm(loss.name, value, wrt[ROW], column)
        pairs = compile_pairs(mixed, ROW, COLUMN) if isinstance(key, IndexedBase) else None
        inputs.append(_Input(key, derivative(row), compile_expression(mixed), pairs))
    program, slope = compile_expression(value), derivative(wrt[ROW])
    return CertifiedLoss(loss, program, slope, tuple(inputs), _tape_of(loss))


def _tape_of(loss: Loss) -> Tape | None:
    try:
        return read_tape(loss.value, loss.wrt)
    except UnsupportedError:
        return None


def magnitude(ball: arb) -> float:
    """Return log2 of the size of a ball's midpoint, about; -infinity for 0."""
    mantissa, exponent = ball.mid().man_exp()
    size = abs(int(mantissa))
    return -math.inf if size == 0 else int(exponent) + math.log2(size)
