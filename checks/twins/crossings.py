"""Points at which two numbers that a program compares are equal, or lie just on either side.

Guarantees: none; each point is judged on its own. A crossing is sought by Newton's method along a
line, from the distance of the two numbers and the speed at which it changes, both computed exactly.
Cannot see: comparisons that no run on the way made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, zip_longest
from typing import Any, TypeAlias

from flint import fmpq

from ...numeric.twins import FloatArgument, Twin
from ...numeric.twins.arrays import from_numbers
from ...numeric.twins.dual import Dual
from ...numeric.twins.run import FIRST_BITS, Run, TieMet, Undecided, running
from ...symbolic.errors import GradproofError
from .inputs import TwinPoint

Direction: TypeAlias = tuple[tuple[Fraction, ...], ...]
"""A speed for each number of each argument."""

Key: TypeAlias = tuple[str, int]
"""A comparison: its line and constant, and how many of the same came before it."""

Gaps: TypeAlias = dict[Key, tuple[float, float]]
"""How far the sides of comparisons are apart, and how fast that changes."""

Measure: TypeAlias = Callable[[TwinPoint, Direction], Gaps]

Task: TypeAlias = tuple[TwinPoint, Direction, Key]

_STEPS = 24
_LONGEST = 32.0
_FARTHEST = 2.0**12
_BESIDE = (Fraction(0), *(s * Fraction(1, 2**k) for k in (10, 24) for s in (1, -1)))
_RUNS = 400


def gaps_of(twin: Twin, arguments: Sequence[Any], speeds: Direction) -> Gaps:
    """Return the comparisons that a program makes at a point, seen along a direction.

    Parameters
    ----------
    twin
        The program.
    arguments
        What it is run at.
    speeds
        The direction, for each of the float arguments.
    """
    run = Run()
    run.gaps = []
    inputs = [a for a in arguments if isinstance(a, FloatArgument)]
    try:
        executable = twin.trace(arguments)
        with running(run, 2 * FIRST_BITS):
            executable([_moving(a, s) for a, s in zip(inputs, speeds, strict=True)])
    except (Undecided, TieMet, GradproofError):
        pass  # what was met before that is of use
    seen: dict[str, count[int]] = {}
    return {(p, next(seen.setdefault(p, count()))): (d, s) for p, d, s in run.gaps}


def _moving(argument: FloatArgument, speeds: Sequence[Fraction]) -> Any:
    cells = [
        Dual(d.value, fmpq(s.numerator, s.denominator) if s else None)
        for d, s in zip(argument.duals().ravel(), speeds, strict=True)
    ]
    return from_numbers(cells, argument.shape)


def directions(point: TwinPoint) -> Iterator[Direction]:
    """Yield directions within the domain: all numbers at speeds of their own, then one alone."""
    alone: list[Direction] = []
    mixed: list[tuple[Fraction, ...]] = []
    for argnum, (spec, values) in enumerate(zip(point.inputs, point.values, strict=True)):
        still = (Fraction(0),) * len(values)
        mixed.append(still)
        if spec.kind in ("logits", "numbers", "positive", "unit"):
            mixed[-1] = tuple(Fraction(3 - 7 * (k % 3), 4 + k) for k in range(len(values)))
            alone += [
                _only(point, argnum, _with(still, k, Fraction(1)))
                for k in dict.fromkeys((0, len(values) - 1))
            ]
        elif spec.kind in ("targets", "probabilities") and len(values) > 1:
            pair = _with(_with(still, 0, Fraction(1)), 1, Fraction(-1))
            mixed[-1] = pair
            alone.append(_only(point, argnum, pair))
    if any(s for speeds in mixed for s in speeds):
        yield tuple(mixed)
        yield from alone


def _only(point: TwinPoint, argnum: int, speeds: tuple[Fraction, ...]) -> Direction:
    return tuple(
        speeds if k == argnum else (Fraction(0),) * len(v) for k, v in enumerate(point.values)
    )


def _with(values: tuple[Fraction, ...], place: int, value: Fraction) -> tuple[Fraction, ...]:
    return (*values[:place], value, *values[place + 1 :])


def moved(point: TwinPoint, direction: Direction, time: Fraction) -> TwinPoint | None:
    """Return the point after a time; None if it has left the domain of an input."""
    for argnum, (spec, speeds) in enumerate(zip(point.inputs, direction, strict=True)):
        if not any(speeds):
            continue
        values = [v + time * s for v, s in zip(point.values[argnum], speeds, strict=True)]
        least, open_ = min(values), spec.kind in ("positive", "unit", "probabilities")
        if spec.kind not in ("logits", "numbers") and (least < 0 or (open_ and least == 0)):
            return None
        if spec.kind == "unit" and max(values) >= 1:
            return None
        point = point.replaced(argnum, values)
    return point


@dataclass
class _Search:
    """Follows one comparison along a line, as long as runs are left."""

    measure: Measure
    runs: int = _RUNS

    def gap(self, point: TwinPoint | None, direction: Direction, key: Key) -> Any:
        """Return distance and speed of a comparison; None if it is not made there."""
        if point is None or self.runs <= 0:
            return None
        self.runs -= 1
        return self.measure(point, direction).get(key)

    def crossing(self, point: TwinPoint, direction: Direction, key: Key) -> Fraction | None:
        """Return a time at which the two sides are equal, about."""
        time, below, above = 0.0, -math.inf, math.inf
        for _ in range(_STEPS):
            place = Fraction(round(time * 2**40), 2**40)
            found = self.gap(moved(point, direction, place), direction, key)
            if found is None or not all(map(math.isfinite, found)) or not found[1]:
                return None
            distance, speed = found
            if distance == 0:
                return place
            if distance * speed < 0:
                below = time
            else:
                above = time
            step = max(-_LONGEST, min(_LONGEST, -distance / speed))
            if not below < time + step < above and math.isfinite(above - below):
                step = (below + above) / 2 - time
            time += step
            if abs(time) > _FARTHEST:
                return None
            if abs(step) < 2.0**-36:
                return place
        return None


def crossing_points(measures: Sequence[Measure], bases: Sequence[TwinPoint]) -> Iterator[TwinPoint]:
    """Yield points at and beside the crossings that are found from `bases`, nearest first."""
    for measure in measures:
        search = _Search(measure)
        for point, direction, key in _tasks(measure, bases):
            time = search.crossing(point, direction, key)
            if time is not None:
                beside = (moved(point, direction, time + offset) for offset in _BESIDE)
                yield from (p for p in beside if p is not None)


def _tasks(measure: Measure, bases: Sequence[TwinPoint]) -> list[Task]:
    """Return what to follow, like comparisons in turn; among these each one once, then again."""
    alike: dict[tuple[int, str], dict[Key, list[tuple[float, Task]]]] = {}
    for base in bases:
        for direction in directions(base):
            for key, (distance, speed) in measure(base, direction).items():
                if speed and math.isfinite(distance):
                    own = alike.setdefault((base.n, key[0]), {}).setdefault(key, [])
                    own.append((abs(distance / speed), (base, direction, key)))
    rows = []
    for group in alike.values():
        nearest = [sorted(own, key=lambda entry: entry[0]) for own in group.values()]
        nearest.sort(key=lambda own: own[0][0])
        rows.append([e for turn in zip_longest(*nearest) for e in turn if e is not None])
    return [e[1] for turn in zip_longest(*rows) for e in turn if e is not None]
