"""Slopes of numbers: first-order changes, carried forward as values or backward as linear maps.

Guarantees: a slope encloses the exact directional derivative, or the linear map the exact gradient;
a slope is None exactly for what does not depend on the inputs.
Arithmetic: rationals as long as they stay exact, Arb balls after that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from flint import fmpq

from ..elements import ONE, ZERO, Element
from .extended import add, multiply
from .run import Run, current_run


class Linear:
    """A linear function of the inputs, as a place on the tape of a reverse accumulation."""

    __slots__ = ("place",)

    def __init__(self, terms: tuple[tuple[Element, int], ...], run: Run) -> None:
        self.place = len(run.tape)
        run.tape.append(terms)


Slope: TypeAlias = Any
"""An element (forward), a `Linear` (reverse), or None (constant)."""


def combine(pairs: Iterable[tuple[Element, Slope]]) -> Slope:
    """Return the sum of weight times slope over those pairs whose slope is not None."""
    kept = [pair for pair in pairs if pair[1] is not None]
    if not kept:
        return None
    if isinstance(kept[0][1], Linear):
        if len(kept) == 1 and kept[0][0] is ONE:
            return kept[0][1]
        return Linear(tuple((weight, slope.place) for weight, slope in kept), current_run())
    total = None
    for weight, slope in kept:
        term = slope if weight is ONE else multiply(weight, slope)
        total = term if total is None else add(total, term)
    return total


def leaves(count: int, run: Run) -> list[Linear]:
    """Return the linear functions that pick one of `count` inputs each."""
    return [Linear((), run) for _ in range(count)]


def sweep(slope: Slope, inputs: list[Linear], run: Run) -> list[Element]:
    """Return the coefficients of `slope` by each of `inputs`, in one pass back over the tape."""
    weights: dict[int, Element] = {}
    if slope is not None:
        weights[slope.place] = ONE
        for place in range(slope.place, -1, -1):
            weight = weights.get(place)
            if weight is None or not run.tape[place]:
                continue
            for factor, parent in run.tape[place]:
                term = multiply(weight, factor)
                before = weights.get(parent)
                weights[parent] = term if before is None else add(before, term)
    return [weights.get(leaf.place, ZERO) for leaf in inputs]


def is_zero(value: Element) -> bool:
    """Tell whether an element is exactly 0."""
    return bool(value == 0) if isinstance(value, fmpq | float) else bool(value.is_zero())
