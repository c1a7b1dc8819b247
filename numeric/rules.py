"""What each step of a tape computes, and what it hands back to its inputs.

Guarantees: every value is a ball, or a column of balls, that holds the true one; what a step hands
back is the adjoint of its inputs, by the chain rule alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TypeAlias

from flint import arb
from sympy.core.numbers import Exp1, Pi

from ..symbolic.errors import DeclarationError
from .columns import Column, scattered, uniform
from .sweep import Forward, Sweep, Value, as_column
from .tape import Step

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

    forward: Forward
    back: Back | None = None


def _number(_: Sweep, step: Step) -> arb:
    if isinstance(step.data, Pi):
        return arb.pi()
    if isinstance(step.data, Exp1):
        return arb(1).exp()
    return arb(int(step.data.p)) / int(step.data.q)


def _at(sweep: Sweep, step: Step) -> arb:
    return sweep.at(step.inputs[0], _place(sweep, step))


def _place(sweep: Sweep, step: Step) -> int:
    """Return the place of the class that a step asks for, counted from 0."""
    size, number = sweep.steps[step.inputs[0]].size, sweep.number(step.data)
    if size is None or number > sweep.size(size):
        raise DeclarationError(
            "the members of a family are numbered from 1 on, one for each class",
            found=f"class {number} of {size}",
            remedy="choose a class in that range",
        )
    return number - 1


def _at_back(sweep: Sweep, step: Step, adjoint: arb) -> list[Value]:
    size = sweep.steps[step.inputs[0]].size
    assert size is not None
    return [scattered(sweep.size(size), {_place(sweep, step): adjoint})]


def _log_softmax(sweep: Sweep, step: Step) -> Column:
    shares = sweep.shares_of(step.inputs[0])
    logs = as_column(sweep.value(step.inputs[0]), shares.size)
    return logs.plus(uniform(shares.size, -shares.total.log()))


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
    """Return the product of numbers and columns."""
    numbers = [v for v in values if not isinstance(v, Column)]
    factor = reduce(arb.__mul__, numbers, arb(1))
    columns = [v for v in values if isinstance(v, Column)]
    if size is None:
        return factor
    if not columns:
        return uniform(size, factor)
    return reduce(Column.by, columns).times(factor)


def _product(sweep: Sweep, step: Step) -> Value:
    size = None if step.size is None else sweep.size(step.size)
    return _product_of([_factor(sweep, k) for k in step.inputs], size)


def _factor(sweep: Sweep, place: int) -> Value:
    """Return a factor; one made of Kronecker deltas and numbers selects classes where it is 0."""
    value = sweep.value(place)
    selects = sweep.steps[place].selects and isinstance(value, Column)
    return value.selecting() if selects else value


def _product_back(sweep: Sweep, step: Step, adjoint: Value) -> list[Value]:
    size = None if step.size is None else sweep.size(step.size)
    found: list[Value] = []
    for number, k in enumerate(step.inputs):
        if not sweep.steps[k].depends:
            found.append(None)
            continue
        others = [_factor(sweep, o) for at, o in enumerate(step.inputs) if at != number]
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


def _exponential_back(sweep: Sweep, step: Step, adjoint: Value) -> list[Value]:
    return [_times(_each(arb.exp, sweep.value(step.inputs[0])), adjoint)]


def _delta(sweep: Sweep, step: Step) -> Value:
    if step.size is None:
        one, other = (sweep.number(member) for member in step.data)
        return arb(int(one == other))
    size, number = sweep.size(step.size), sweep.number(step.data[0])
    return scattered(size, {number - 1: arb(1)} if number <= size else {})


def _choice(sweep: Sweep, step: Step) -> Value:
    chosen, first, second = step.inputs
    selector = sweep.value(chosen)
    if not isinstance(selector, Column):
        return sweep.value(first if selector == 1 else second)
    if not selector.patches:
        return sweep.value(second)
    (place,) = selector.patches
    return sweep.value(second).with_patches({place: sweep.at(first, place)})


def _choice_back(sweep: Sweep, step: Step, adjoint: Value) -> list[Value]:
    selector = sweep.value(step.inputs[0])
    if not isinstance(selector, Column):
        both = (adjoint, arb(0)) if selector == 1 else (arb(0), adjoint)
        return [None, *both]
    apart = dict.fromkeys(selector.patches)
    chosen = {place: adjoint.cell(place) for place in apart}
    return [None, scattered(adjoint.size, chosen), adjoint.with_patches(apart)]


RULES: dict[str, Rule] = {
    "number": Rule(_number),
    "size": Rule(lambda sweep, step: arb(sweep.sizes[step.data])),
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
    "log-softmax": Rule(
        _log_softmax,
        lambda sweep, step, adjoint: [sweep.shares_of(step.inputs[0]).pulled_by_logs(adjoint)],
    ),
    "sum": Rule(_sum, _sum_back),
    "product": Rule(_product, _product_back),
    "power": Rule(lambda sweep, step: _raised(sweep.value(step.inputs[0]), step.data), _power_back),
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
        lambda _sweep, _step, adjoint: [adjoint.total()],
    ),
    "choice": Rule(_choice, _choice_back),
}
"""By their names; see `gradproof.numeric.tape.Step`."""
