"""Points steered at the branches of a program: the constants that it compares with.

Guarantees: every constant that something depending on the inputs was compared with, in the runs
made, is among those returned.
Cannot see: constants behind branches that no run took.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import zip_longest
from math import log
from typing import Any

from flint import fmpq

from ...numeric.elements import Element
from ...numeric.floats import FORMATS, ulp
from ...numeric.twins import FloatArgument, Twin
from ...numeric.twins.arrays import from_numbers
from ...numeric.twins.dual import Dual
from ...numeric.twins.run import FIRST_BITS, Run, TieMet, Undecided, running
from ...symbolic.errors import GradproofError
from .inputs import TwinPoint

_LARGEST = Fraction(2**20)
"""Constants beyond are those that keep infinities away."""


def thresholds(twin: Twin, arguments: Sequence[object]) -> dict[Fraction, str]:
    """Return the constants that a program compares with, and where it does so.

    Parameters
    ----------
    twin
        The program.
    arguments
        What it is run at.
    """
    inputs = [a for a in arguments if isinstance(a, FloatArgument)]
    run = Run()
    try:
        executable = twin.trace(arguments)  # type: ignore[arg-type]
        with running(run, 4 * FIRST_BITS):
            executable([_moving(a, k) for k, a in enumerate(inputs)])
    except (Undecided, TieMet, GradproofError):
        pass  # what was met before that is of use
    return run.thresholds


def _moving(argument: FloatArgument, number: int) -> Any:
    """Return an argument whose numbers all move, each at a speed of its own."""
    cells = []
    for place, dual in enumerate(argument.duals().ravel()):
        speed: Element = fmpq(2 * place + 3, 2 * number + 5)
        cells.append(Dual(dual.value, speed))
    return from_numbers(cells, argument.shape)


def targets_of(constant: Fraction, dtype: str) -> list[Fraction]:
    """Return where an input, or the gap of two, may put a compared quantity on a constant.

    The constant itself and its neighbours in the dtype; numbers beyond; for a constant between 0
    and 1 also the logits at which a sigmoid has that value, about.
    """
    if abs(constant) > _LARGEST:
        return []
    step = ulp(constant, FORMATS[dtype]) if constant else Fraction(1, 2**20)
    found = [constant, constant - step, constant + step, constant + 1, constant - 1, 2 * constant]
    size = abs(constant)
    if 0 < size < 1:
        centre = _rounded(log(size / (1 - size)))
        found += [centre, centre + 1, centre - 1, -centre, -centre + 1, -centre - 1]
    if size:
        near = _rounded(log(size))
        found += [near - 1, near + 1]
    if constant > 0:
        root = _rounded(float(constant) ** 0.5)
        found += [root, root + 1]
    return list(dict.fromkeys([*found, *(-v for v in found)]))


def _rounded(value: float) -> Fraction:
    return Fraction(round(value * 4), 4)


def steered_points(
    base: Sequence[TwinPoint], constants: Sequence[Fraction], dtype: str
) -> Iterator[TwinPoint]:
    """Yield points at which one number, or the gap of two, lies on a constant or near it.

    The constants take turns, so that the first points are about all of them.
    """
    turns = [_steered(base, targets_of(constant, dtype)) for constant in constants]
    for points in zip_longest(*turns):
        yield from (point for point in points if point is not None)


def _steered(base: Sequence[TwinPoint], goals: Sequence[Fraction]) -> Iterator[TwinPoint]:
    for goal in goals:
        for point in base:
            for argnum, spec in enumerate(point.inputs):
                if spec.kind not in ("logits", "numbers"):
                    continue
                values = point.values[argnum]
                for place in range(min(len(values), 3)):
                    yield point.replaced(argnum, _with(values, place, goal))
                if len(values) > 1:
                    yield point.replaced(argnum, _with(values, 0, values[1] + goal))
                    yield point.replaced(argnum, _with(values, 1, values[0] + goal))


def _with(values: Sequence[Fraction], place: int, value: Fraction) -> tuple[Fraction, ...]:
    return (*values[:place], value, *values[place + 1 :])
