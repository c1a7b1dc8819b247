"""Certified gradients of losses, with how much the rounding of the inputs moves them.

Guarantees: every component of a gradient, and the loss, is a ball with at least 110 correct bits;
one that is exactly 0 may instead be a ball around 0 of radius below 2**-1200, far below the least
number of any float format here.
Conditions have 20 correct bits.
Arithmetic: Arb; the precision is raised until that holds.
From a few classes on the gradient comes from the chain rule in columns (`backprop`), the first time
held against the symbolic derivative; up to that, and where that cannot be read, it is the latter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from flint import arb

from ..symbolic.calculus import LossTerm
from ..symbolic.errors import EngineConflict, PrecisionError, UnsupportedError
from ..symbolic.loss import Loss
from . import elements
from .backprop import Backprop, Values
from .conditions import ROW, WHOLE, Conditions, compile_conditions, over_classes
from .elements import Element
from .enclosure import spell, undefined_error
from .evaluator import Program, compile_expression
from .point import Point
from .run import Run
from .tape import Tape, read_tape

CERTIFIED_BITS = 110
"""Correct bits of every number that is not 0."""

CONDITION_BITS = 20
"""Correct bits of every condition."""

_FIRST_BITS = 192
_LAST_BITS = 2**17
_NEGLIGIBLE = -1200
"""A radius below 2 to this power is as good as none."""


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
class CertifiedLoss:
    """A loss with its compiled derivatives; made by `certified_loss`."""

    loss: Loss
    value: Program
    gradient: Program
    conditions: Conditions
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
                        lambda bits=bits: self._value_condition(point, bits),
                        lambda bits=bits: self._conditions(point, bits),
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
        return self._by_formula(run, point)

    def _by_formula(self, run: Run, point: Point) -> tuple[arb, list[arb]]:
        value = elements.to_ball(self.value(run))
        return value, list(over_classes(self.gradient, run, len(point[self.loss.wrt])))

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

    def _conditions(self, point: Point, bits: int) -> tuple[arb, ...]:
        return tuple(self._narrow(self._of_gradient, point, self._bits_of_formula(point, bits)))

    def _value_condition(self, point: Point, bits: int) -> arb:
        # By the logits alone the slopes are the gradient, which is narrow already.
        if len(self.conditions.inputs) > 1:
            bits = self._bits_of_formula(point, bits)
        return self._narrow(self._of_value, point, bits)[0]

    def _of_value(self, run: Run, point: Point) -> list[arb]:
        return [self.conditions.of_value(run, point, *self._numbers(run, point))]

    def _of_gradient(self, run: Run, point: Point) -> list[arb]:
        return self.conditions.of_gradient(run, point, self._numbers(run, point)[1])

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

    def _bits_of_formula(self, point: Point, bits: int) -> int:
        """Return a precision at which the symbolic derivative is narrow, as conditions need it.

        Where ``1 - S`` cancels it takes more bits than the columns do.
        """
        size = len(point[self.loss.wrt])
        while size > WHOLE and bits < _LAST_BITS:
            with elements.working_precision(bits):
                if all(map(_is_narrow, over_classes(self.gradient, Run(point), size))):
                    break
            bits *= 2
        return bits


def _is_narrow(ball: Element, bits: int = CERTIFIED_BITS) -> bool:
    if not ball.is_finite():
        return False
    if ball.rel_accuracy_bits() >= bits or ball.is_exact():
        return True
    mantissa, exponent = ball.rad().man_exp()
    top = int(exponent) + int(mantissa).bit_length()
    return bool(ball.contains(0)) and top < _NEGLIGIBLE


@lru_cache(maxsize=64)
def certified_loss(loss: Loss) -> CertifiedLoss:
    """Return a loss with its derivatives, ready to be evaluated at points.

    Raises
    ------
    UnsupportedError
        If the loss or a derivative of it has a part that cannot be enclosed.
    """
    value = compile_expression(loss.value)
    slope = compile_expression(LossTerm(loss.name, loss.value, loss.wrt[ROW]))
    return CertifiedLoss(loss, value, slope, compile_conditions(loss), _tape_of(loss))


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
