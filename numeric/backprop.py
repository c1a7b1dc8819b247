"""The gradient of a loss for all classes at once, by the chain rule in balls.

Guarantees: wherever the loss has a value, every component is a ball that holds the true derivative,
or is not finite.
The value is a ball that is finite only where the loss has one; it is made when it is asked for.
Arithmetic: Arb, one vector of FLINT for all classes; the cost is that of an exponential for each
class and a few steps more, the memory a few vectors.
It differentiates the declared loss by its own rules and uses no formula of a gradient; so it is a
second way beside the symbolic derivative.
Cannot read: what `gradproof.numeric.tape` cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flint import arb
from sympy import IndexedBase, Symbol

from ..symbolic.loss import Loss
from .columns import Column, uniform
from .point import Point, is_index
from .rules import RULES
from .sweep import Sweep
from .tape import Tape, read_tape
from .vectors import Balls, Vector


@dataclass(frozen=True)
class Values:
    """The values of a point as balls, exact ones.

    Attributes
    ----------
    families, scalars, classes, sizes
        As `gradproof.numeric.rules.Sweep` has them.
    """

    families: dict[IndexedBase, Vector]
    scalars: dict[Symbol, arb]
    classes: dict[Symbol, int]
    sizes: dict[Symbol, int]

    @classmethod
    def of(cls, point: Point) -> Values:
        """Return the values of a point, at the working precision where they are no dyadics."""
        families: dict[IndexedBase, Vector] = {}
        scalars: dict[Symbol, arb] = {}
        classes: dict[Symbol, int] = {}
        for key, value in point.items():
            if isinstance(value, tuple):
                balls = [_ball(v) for v in value]
                families[key] = Vector(len(balls), balls=balls)
            elif is_index(key):
                classes[key] = int(value)
            else:
                scalars[key] = _ball(value)
        sizes = {k: int(v) for k, v in point.items() if isinstance(v, int)}
        return cls(families, scalars, classes, sizes)


def _ball(value: Any) -> arb:
    return arb(value.numerator) / value.denominator


@dataclass(frozen=True)
class Backprop:
    """A loss at a point, with the gradient by all members of its family.

    Attributes
    ----------
    tape
        The loss.
    values
        The point.
    """

    tape: Tape
    values: Values

    @cached_property
    def sweep(self) -> Sweep:
        """The evaluation."""
        given = self.values
        return Sweep(
            self.tape.steps,
            given.families,
            given.scalars,
            given.classes,
            given.sizes,
            {name: rule.forward for name, rule in RULES.items()},
        )

    @property
    def value(self) -> arb:
        """The loss."""
        return self.sweep.value(len(self.tape.steps) - 1)

    @cached_property
    def column(self) -> Column:
        """The gradient."""
        sweep, steps = self.sweep, self.tape.steps
        adjoints: dict[int, Any] = {len(steps) - 1: arb(1)}
        family = self.tape.family()
        assert family is not None
        for place in range(len(steps) - 1, family, -1):
            adjoint, step = adjoints.pop(place, None), steps[place]
            if adjoint is None or not step.depends:
                continue
            back = RULES[step.rule].back
            assert back is not None
            for k, part in zip(step.inputs, back(sweep, step, adjoint), strict=True):
                if part is None or not steps[k].depends:
                    continue
                held = adjoints.get(k)
                adjoints[k] = part if held is None else _plus(held, part)
        size = steps[family].size
        assert size is not None
        return adjoints.get(family) or uniform(sweep.size(size), arb(0))

    @property
    def gradient(self) -> Balls:
        """The gradient as a sequence of balls."""
        return Balls(self.column.dense())


def _plus(one: Any, other: Any) -> Any:
    return one.plus(other) if isinstance(one, Column) else one + other


def backprop(loss: Loss, values: Values | Point) -> Backprop:
    """Return a loss at a point; its value and its gradient are made when they are asked for.

    Raises
    ------
    UnsupportedError
        If the loss has a part that is not read.
    """
    given = values if isinstance(values, Values) else Values.of(values)
    return Backprop(read_tape(loss.value, loss.wrt), given)
