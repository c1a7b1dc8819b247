"""One evaluation of a tape: the values of its steps, made when they are asked for.

Guarantees: a value is made once; of what is asked for one class alone, no other is computed where
that can be helped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, TypeAlias

from flint import arb
from sympy import Expr, IndexedBase, Symbol

from .class_shares import Shares
from .columns import Column, uniform
from .tape import Step
from .vectors import Vector

Value: TypeAlias = Any
"""An arb, or a `Column` of them."""

Forward: TypeAlias = "Callable[[Sweep, Step], Value]"
"""Returns the value of a step."""


@dataclass
class Sweep:
    """One evaluation of a tape: its values, made when they are asked for.

    Attributes
    ----------
    steps
        The steps.
    families
        The members of each family.
    scalars
        The value of each symbol.
    classes
        The class, counted from 1, that each index stands for.
    sizes
        The number that each size stands for.
    forward
        For each rule, what makes its values.
    """

    steps: Sequence[Step]
    families: Mapping[IndexedBase, Vector]
    scalars: Mapping[Symbol, arb]
    classes: Mapping[Symbol, int]
    sizes: Mapping[Symbol, int]
    forward: Mapping[str, Forward]
    values: dict[int, Value] = field(default_factory=dict)
    shares: dict[int, Shares] = field(default_factory=dict)

    def value(self, place: int) -> Value:
        """Return the value of a step."""
        if place not in self.values:
            step = self.steps[place]
            self.values[place] = self.forward[step.rule](self, step)
        return self.values[place]

    def at(self, place: int, member: int) -> arb:
        """Return the value of a step for a class, counted from 0, without the other classes."""
        step = self.steps[place]
        if place in self.values or step.rule not in ("complement", "log-softmax", "product"):
            value = self.value(place)
            return value.at(member) if isinstance(value, Column) else value
        if step.rule == "product":
            return reduce(arb.__mul__, (self.at(k, member) for k in step.inputs))
        shares = self.shares_of(step.inputs[0])
        return shares.rest(member) if step.rule == "complement" else shares.log(member)

    def size(self, size: Expr) -> int:
        """Return the number that a size stands for."""
        return self.sizes[size] if isinstance(size, Symbol) else int(size)

    def number(self, member: Any) -> int:
        """Return the number of a class, counted from 1."""
        return member if isinstance(member, int) else self.classes[member]

    def shares_of(self, logits: int) -> Shares:
        """Return the softmax of the logits that a step makes."""
        if logits not in self.shares:
            size = self.steps[logits].size
            assert size is not None
            column = as_column(self.value(logits), self.size(size))
            named = {number - 1 for number in self.classes.values() if number <= column.size}
            self.shares[logits] = Shares.of(column, named, whole=self._wants_all(logits))
        return self.shares[logits]

    def _wants_all(self, logits: int) -> bool:
        """Tell whether a step takes the shares of all classes, not of single ones."""
        made = {k for k, step in enumerate(self.steps) if step.inputs == (logits,)}
        return any(step.rule != "at" and made.intersection(step.inputs) for step in self.steps)


def as_column(value: Value, size: int) -> Column:
    """Return a column, one number being that of every class."""
    return value if isinstance(value, Column) else uniform(size, value)
