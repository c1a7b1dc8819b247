"""Points at which implementations that take probabilities are audited.

Guarantees: the probabilities are numbers of the float format that sum to 1 exactly.
They are varied independently of each other: the gradient is that of the loss as a function of all
of them, not along the simplex.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from .grid import Grid
from .point import AuditPoint
from .regimes import SIZES, RegimePoint
from .targets import TargetMaker

_FINEST = 22
"""Probabilities are multiples of 2**-22 where the format allows it."""


@dataclass(frozen=True)
class ProbabilityRegimes:
    """Draws points of probabilities in several regimes.

    Attributes
    ----------
    grid
        The numbers.
    make_target
        Makes a target of a label.
    quick
        Whether to take few points.
    largest
        The largest number of classes.
    """

    grid: Grid
    make_target: TargetMaker
    quick: bool = False
    largest: int = 257

    def points(self) -> Iterator[RegimePoint]:
        """Yield the points of all regimes."""
        for n in (3,) if self.quick else (2, 3, 5, 10):
            for label in dict.fromkeys((0, n - 1)):
                for power in (1, 4, 8, 12, 16, 20):
                    yield from self._of(n, label, Fraction(1, 2**power))
        for n in () if self.quick else SIZES:
            if 1 < n <= min(self.largest, 2**self._places):
                yield self._point("sizes", self._even(n), n // 2)

    @property
    def _places(self) -> int:
        return min(_FINEST, self.grid.fmt.precision - 2)

    def _of(self, n: int, label: int, share: Fraction) -> Iterator[RegimePoint]:
        finest = self._places
        if share < Fraction(n, 2**finest):
            return
        rest = [share / 2 ** (k + 1) for k in range(n - 1)]
        rest = [max(v, Fraction(1, 2**finest)) for v in rest]
        if sum(rest) >= 1:
            return
        top = 1 - sum(rest)
        for regime, place in (("confident", label), ("misfit", (label + 1) % n)):
            values = list(rest)
            values.insert(place, top)
            yield self._point(regime, values, label)

    def _even(self, n: int) -> list[Fraction]:
        share = Fraction(2**self._places // n, 2**self._places)
        return [1 - share * (n - 1), *[share] * (n - 1)]

    def _point(self, regime: str, values: list[Fraction], label: int) -> RegimePoint:
        held: tuple[Fraction | None, ...] = tuple(values)
        return RegimePoint(regime, AuditPoint(held, self.make_target(held, label)))
