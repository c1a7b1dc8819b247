"""The score against the margin: one class ahead of the others, step by step.

Guarantees: the points are whole numbers, so that every dtype sees the same ones; a start is
bisected between two of them, to three digits.
The logits are (m, 0, -3): the margin m of the label over the others where the label is class 0, the
gap of another class over the label where it is class 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from .finding import Stage
from .grid import Grid
from .judging import Bench, Judged, Observation
from .point import AuditPoint
from .result import Curve
from .scoring import relative_error

MARGINS = (*range(41), 50, 60, 80, 100, 200, 500, 1000)
_QUICK = (0, 4, 8, 12, 15, 17, 20, 30, 38, 60, 100, 1000)
NAMES = ("margin", "gap")
_HALVINGS = 10

_AWAY = (
    ("1 % off", lambda o: relative_error(o.found, o.truth) >= 0.01),
    ("10 % off", lambda o: relative_error(o.found, o.truth) >= 0.1),
    ("exactly 0", lambda o: o.found == 0 and o.truth.mid() != 0),
    ("off by more than itself", lambda o: relative_error(o.found, o.truth) > 1.01),
    ("not a number", lambda o: math.isnan(o.found)),
    ("infinite", lambda o: math.isinf(o.found)),
)
"""What becomes of a number, and how that is told of an observation."""


@dataclass(frozen=True)
class Ladder:
    """The judgements along one row of margins in one dtype.

    Attributes
    ----------
    name
        ``"margin"`` or ``"gap"``.
    dtype
        The dtype.
    steps
        Margin and judgement, ascending.
    bench
        The implementation.
    """

    name: str
    dtype: str
    steps: tuple[tuple[float, Judged], ...]
    bench: Bench

    def point(self, margin: float) -> AuditPoint:
        """Return the point at a margin."""
        return ladder_point(self.bench, self.name, margin, self.dtype)

    @property
    def curve(self) -> Curve:
        """The score at each margin at which something was judged."""
        kept = [(m, j) for m, j in self.steps if j.observations]
        return Curve(
            self.name, self.dtype, tuple(m for m, _ in kept), tuple(j.worst for _, j in kept)
        )

    def of_group(self, group: tuple[str, str]) -> list[tuple[float, Observation]]:
        """Return the failing observations of a group, by margin."""
        return [(m, o) for m, j in self.steps for o in j.failing if o.group == group]

    def start(self, part: str, fails: Callable[[Observation], bool]) -> float | None:
        """Return from which margin on something is so of a part; None if it never is.

        0 where it is so at the first margin.
        """
        held = [(m, [o for o in j.observations if o.part == part]) for m, j in self.steps]
        for number, (margin, seen) in enumerate(held):
            if any(fails(o) for o in seen):
                return self._between(held[number - 1][0], margin, part, fails) if number else 0.0
        return None

    def bisected(self, seen: Observation, holds: Callable[[Observation], bool]) -> float:
        """Return from which margin on something that takes long to tell is so.

        It is so of `seen`, and of what is like it from somewhere before it on.
        """
        held = self.of_group(seen.group)
        low, high = -1, next(k for k, (_, o) in enumerate(held) if o is seen)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if holds(held[middle][1]) else (middle, high)
        start = held[high][0]
        earlier = [m for m, _ in self.steps if m < start]
        if not earlier:
            return 0.0
        return self._between(earlier[-1], start, held[high][1].part, lambda o: o.fails and holds(o))

    def _between(
        self, low: float, high: float, part: str, fails: Callable[[Observation], bool]
    ) -> float:
        for _ in range(_HALVINGS):
            middle = float(Fraction(low + high) / 2)
            point = ladder_point(self.bench, self.name, middle, self.dtype)
            judged = self.bench.judge(self.name, point, self.dtype)
            if any(fails(o) for o in judged.observations if o.part == part):
                high = middle
            else:
                low = middle
        return high

    def stages(self, part: str) -> tuple[Stage, ...]:
        """Return how a part goes wrong along the margins; what underflows does not."""
        found = [(what, self.start(part, _failing(is_so))) for what, is_so in _AWAY]
        return tuple(Stage(what, start) for what, start in found if start is not None)


def _failing(is_so: Callable[[Observation], bool]) -> Callable[[Observation], bool]:
    return lambda o: o.fails and is_so(o)


def ladder_point(bench: Bench, name: str, margin: float, dtype: str) -> AuditPoint:
    """Return the point at a margin."""
    top = Grid.of(dtype, 0).nearest(margin)
    label = NAMES.index(name)
    return AuditPoint((top, Fraction(0), Fraction(-3)), _target(bench, label))


def _target(bench: Bench, label: int) -> int | tuple[Fraction, ...]:
    if bench.form == "kernel":
        values = [Fraction(1, 2**10), Fraction(1, 2**20)]
        values.insert(label, Fraction(1))
        return tuple(values)
    if bench.intended.has_label or bench.intended.target is None:
        return label
    return tuple(Fraction(int(k == label)) for k in range(3))


def ladders(bench: Bench, dtype: str, quick: bool) -> Iterator[Ladder]:
    """Yield the judgements along the margin and along the gap."""
    for name in NAMES:
        steps = []
        for margin in _QUICK if quick else MARGINS:
            point = ladder_point(bench, name, margin, dtype)
            steps.append((float(margin), bench.judge(name, point, dtype)))
        yield Ladder(name, dtype, tuple(steps), bench)
