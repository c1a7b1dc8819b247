"""What each step of a tape computes, and what it hands back to its inputs.

Guarantees: every value is a ball, or a column of balls, that holds the true one; what a step hands
back is the adjoint of its inputs, by the chain rule; nothing else is used, but that a softmax sums
to 1.
Where a share is near 1 its distance to 1 is the sum of the others, so that no digits are lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, TypeAlias

from flint import arb
from sympy import Expr, IndexedBase, Symbol
from sympy.core.numbers import Exp1, Pi

from .columns import Column, scattered, uniform
from .shares_of_all import Shares
from .tape import Step

Value: TypeAlias = Any
"""An arb, or a `Column` of them."""


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
    """

    steps: Sequence[Step]
    families: Mapping[IndexedBase, Vector]
    scalars: Mapping[Symbol, arb]
    classes: Mapping[Symbol, int]
    sizes: Mapping[Symbol, int]
    values: dict[int, Value] = field(default_factory=dict)
    shares: dict[int, Shares] = field(default_factory=dict)

    def value(self, place: int) -> Value:
        """Return the value of a step."""
        if place not in self.values:
            step = self.steps[place]
            self.values[place] = RULES[step.rule].forward(self, step)
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

    def place(self, member: Any) -> int:
        """Return the place of a class, counted from 0."""
        return (member if isinstance(member, int) else self.classes[member]) - 1

    def shares_of(self, logits: int) -> Shares:
        """Return the softmax of the logits that a step makes."""
        if logits not in self.shares:
            size = self.steps[logits].size
            assert size is not None
            self.shares[logits] = Shares.of(as_column(self.value(logits), self.size(size)))
        return self.shares[logits]


Back: TypeAlias = Callable[[Sweep, Step, Value], list[Value]]


@dataclass(frozen=True)
class Rule:
    """A kind of step.

    Attributes
    ----------
    forward
        Returns its value.
    back
        Returns what each input receives of the step's adjoint; None for a step without inputs that
        are differentiated.
    """

    forward: Callable[[Sweep, Step], Value]
    back: Back | None = None


@dataclass
class Shares:
    """A softmax, by the exponentials and their total.

    Attributes
    ----------
    powers
        The exponentials of the logits.
    total
        Their sum.
    lead
        The place of the largest logit, if that is known.
    """

    powers: Vector
    total: arb
    lead: int | None = None

    @classmethod
    def of(cls, logits: Column) -> Shares:
        """Return the softmax of a column."""
        powers = logits.mapped(arb.exp).dense()
        known = len(logits.terms) == 1 and not logits.patches
        largest = [v.largest for v, f in logits.terms.items() if known and f > 0]
        return cls(powers, powers.sum_but(), next(iter(largest), None))

    @property
    def column(self) -> Column:
        """The shares."""
        return Column(self.powers.size, arb(0), {self.powers: 1 / self.total})

    def rest(self, place: int) -> arb:
        """Return 1 minus the share of a class: the shares of all others."""
        return self.powers.sum_but(frozenset({place})) / self.total

    @property
    def leading(self) -> int:
        """The class that has most of the total; if any has more than half, it is that one."""
        return self.powers.largest if self.lead is None else self.lead

    def rests(self) -> Column:
        """Return 1 minus the share of every class."""
        total, lead = self.total, self.leading
        base = Vector(self.powers.size, balls=list(map(total.__sub__, self.powers.balls)))
        return Column(
            self.powers.size, arb(0), {base: 1 / total}, {lead: self.rest(lead)}
        )

    def log(self, place: int) -> arb:
        """Return the logarithm of the share of a class: near 1 by its distance to 1."""
        share = self.powers[place] / self.total
        return (-self.rest(place)).log1p() if share > 0.5 else share.log()

    def pulled(self, adjoint: Column) -> Column:
        """Return the adjoint of the logits from that of the shares: ``S_i (a_i - sum_j S_j a_j)``.

        Where a class has a number of its own, or leads, it is ``S_i (a_i (1 - S_i) - sum of the
        others)``, in which nothing cancels that does not have to.
        """
        shares = self.column
        weighted = shares.by(adjoint)
        apart = set(adjoint.patches)
        if not adjoint.is_zero:
            apart.add(self.leading)
        patches = {
            k: shares.at(k) * (adjoint.at(k) * self.rest(k) - weighted.without({k: None}))
            for k in apart
        }
        return weighted.plus(shares.times(-weighted.total())).with_patches(patches)


def as_column(value: Value, size: int) -> Column:
    """Return a column, one number being that of every class."""
    return value if isinstance(value, Column) else uniform(size, value)


def _number(_: Sweep, step: Step) -> arb:
    if isinstance(step.data, Pi):
        return arb.pi()
    if isinstance(step.data, Exp1):
        return arb(1).exp()
    return arb(int(step.data.p)) / int(step.data.q)


def _at(sweep: Sweep, step: Step) -> arb:
    return sweep.at(step.inputs[0], sweep.place(step.data))


def _at_back(sweep: Sweep, step: Step, adjoint: arb) -> list[Value]:
    size = sweep.steps[step.inputs[0]].size
    assert size is not None
    return [scattered(sweep.size(size), {sweep.place(step.data): adjoint})]


def _log_softmax(sweep: Sweep, step: Step) -> Column:
    shares = sweep.shares_of(step.inputs[0])
    logs = sweep.value(step.inputs[0])
    assert step.size is not None
    return as_column(logs, sweep.size(step.size)).plus(
        uniform(shares.powers.size, -shares.total.log())
    )


def _log_softmax_back(sweep: Sweep, step: Step, adjoint: Column) -> list[Value]:
    shares = sweep.shares_of(step.inputs[0])
    column = shares.column
    apart = set(adjoint.patches)
    if not adjoint.is_zero:
        apart.add(shares.leading)
    patches = {
        k: adjoint.at(k) * shares.rest(k) - column.at(k) * adjoint.without({k: None})
        for k in apart
    }
    return [adjoint.plus(column.times(-adjoint.total())).with_patches(patches)]


def _sum(sweep: Sweep, step: Step) -> Value:
    values = [sweep.value(k) for k in step.inputs]
    if step.size is None:
        return sum(values, arb(0))
    size = sweep.size(step.size)
    return reduce(Column.plus, (as_column(v, size) for v in values))


def _sum_back(sweep: Sweep, step: Step, adjoint: Value) -> list[Value]:
    return [_fitting(sweep, k, adjoint) for k in step.inputs]


def _fitting(sweep: Sweep, place: int, adjoint: Value) -> Value:
    """Return the adjoint of an input: the sum over all classes, if it is one number for all."""
    if isinstance(adjoint, Column) and sweep.steps[place].size is None:
        return adjoint.total()
    return adjoint


def _product_of(values: Sequence[Value], size: int | None) -> Value:
    """Return a product, factors that are 0 for most classes first."""
    numbers = [v for v in values if not isinstance(v, Column)]
    factor = reduce(arb.__mul__, numbers, arb(1))
    columns = [v for v in values if isinstance(v, Column)]
    if size is None:
        return factor
    if not columns:
        return uniform(size, factor)
    return reduce(Column.by, columns).times(factor)


def _ordered(sweep: Sweep, step: Step) -> list[int]:
    """Return the inputs, those that may select classes first."""
    return sorted(step.inputs, key=lambda k: sweep.steps[k].depends)


def _product(sweep: Sweep, step: Step) -> Value:
    size = None if step.size is None else sweep.size(step.size)
    found: list[Value] = []
    for k in _ordered(sweep, step):
        found.append(sweep.value(k))
    return _product_of(found, size)


def _product_back(sweep: Sweep, step: Step, adjoint: Value) -> list[Value]:
    size = None if step.size is None else sweep.size(step.size)
    found: list[Value] = []
    for number, k in enumerate(step.inputs):
        if not sweep.steps[k].depends:
            found.append(None)
            continue
        others = [sweep.value(o) for at, o in enumerate(step.inputs) if at != number]
        found.append(_fitting(sweep, k, _product_of([*others, adjoint], size)))
    return found


def _each(function: Callable[[arb], arb], value: Value) -> Value:
    return value.mapped(function) if isinstance(value, Column) else function(value)


def _times(one: Value, other: Value) -> Value:
    if isinstance(one, Column):
        return one.by(other) if isinstance(other, Column) else one.times(other)
    return other.times(one) if isinstance(other, Column) else one * other


def _raised(value: Value, exponent: int) -> Value:
    if exponent < 0:
        inverse = value.inverted() if isinstance(value, Column) else 1 / value
        return _raised(inverse, -exponent)
    if not isinstance(value, Column):
        return value**exponent
    found = value
    for _ in range(exponent - 1):
        found = found.by(value)
    return found if exponent else uniform(value.size, arb(1))


def _power_back(sweep: Sweep, step: Step, adjoint: Value) -> list[Value]:
    value = sweep.value(step.inputs[0])
    slope = _times(_raised(value, step.data - 1), arb(step.data))
    return [_times(slope, adjoint)]


def _logarithm_back(sweep: Sweep, step: Step, adjoint: Value) -> list[Value]:
    return [_times(_raised(sweep.value(step.inputs[0]), -1), adjoint)]


def _exponential_back(sweep: Sweep, step: Step, adjoint: Value, ) -> list[Value]:
    return [_times(_each(arb.exp, sweep.value(step.inputs[0])), adjoint)]


def _delta(sweep: Sweep, step: Step) -> Value:
    places = [sweep.place(member) for member in step.data]
    if step.size is None:
        return arb(int(places[0] == places[1]))
    return scattered(sweep.size(step.size), {places[0]: arb(1)})


def _choice(sweep: Sweep, step: Step) -> Value:
    chosen, first, second = step.inputs
    selector = sweep.value(chosen)
    if not isinstance(selector, Column):
        return sweep.value(first if selector == 1 else second)
    (place,) = selector.patches
    return sweep.value(second).with_patches({place: sweep.at(first, place)})


def _choice_back(sweep: Sweep, step: Step, adjoint: Value) -> list[Value]:
    selector = sweep.value(step.inputs[0])
    if not isinstance(selector, Column):
        both = (adjoint, arb(0)) if selector == 1 else (arb(0), adjoint)
        return [None, *both]
    (place,) = selector.patches
    return [
        None,
        scattered(adjoint.size, {place: adjoint.at(place)}),
        adjoint.with_patches({place: arb(0)}),
    ]


RULES: dict[str, Rule] = {
    "number": Rule(_number),
    "scalar": Rule(lambda sweep, step: sweep.scalars[step.data]),
    "family": Rule(lambda sweep, step: Column.of(sweep.families[step.data])),
    "delta": Rule(_delta),
    "at": Rule(_at, _at_back),
    "softmax": Rule(
        lambda sweep, step: sweep.shares_of(step.inputs[0]).column,
        lambda sweep, step, adjoint: [sweep.shares_of(step.inputs[0]).pulled(adjoint)],
    ),
    "complement": Rule(
        lambda sweep, step: sweep.shares_of(step.inputs[0]).rests(),
        lambda sweep, step, adjoint: [
            sweep.shares_of(step.inputs[0]).pulled(adjoint.times(arb(-1)))
        ],
    ),
    "log-softmax": Rule(_log_softmax, _log_softmax_back),
    "sum": Rule(_sum, _sum_back),
    "product": Rule(_product, _product_back),
    "power": Rule(
        lambda sweep, step: _raised(sweep.value(step.inputs[0]), step.data), _power_back
    ),
    "exponential": Rule(
        lambda sweep, step: _each(arb.exp, sweep.value(step.inputs[0])), _exponential_back
    ),
    "logarithm": Rule(
        lambda sweep, step: _each(arb.log, sweep.value(step.inputs[0])), _logarithm_back
    ),
    "total": Rule(
        lambda sweep, step: sweep.value(step.inputs[0]).total(),
        lambda sweep, step, adjoint: [
            uniform(sweep.size(sweep.steps[step.inputs[0]].size or 0), adjoint)
        ],
    ),
    "repeated": Rule(
        lambda sweep, step: uniform(sweep.size(step.size or 0), sweep.value(step.inputs[0])),
        lambda sweep, step, adjoint: [adjoint.total()],
    ),
    "choice": Rule(_choice, _choice_back),
}
"""By their names; see `gradproof.numeric.tape.Step`."""
