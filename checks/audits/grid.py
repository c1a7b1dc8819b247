"""Numbers of a float format, drawn and rounded, as exact fractions.

Guarantees: every number returned is one that the format holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from ...numeric.floats import FORMATS, FloatFormat, round_to, ulp


@dataclass(frozen=True, slots=True)
class Grid:
    """The numbers of a format, and a source of random ones.

    Attributes
    ----------
    fmt
        The format.
    random
        Where randomness comes from.
    """

    fmt: FloatFormat
    random: Random

    @classmethod
    def of(cls, dtype: str, seed: int) -> Grid:
        """Return the grid of a dtype by its name."""
        return cls(FORMATS[dtype], Random(seed))

    def nearest(self, value: float | Fraction) -> Fraction:
        """Return the number of the format nearest to a value, the largest one for one beyond."""
        exact = Fraction(value)
        largest = self.fmt.largest
        return round_to(min(max(exact, -largest), largest), self.fmt)

    def normal(self, n: int, spread: float = 1.0, centre: float = 0.0) -> list[Fraction]:
        """Return n numbers of a normal distribution."""
        return [self.nearest(self.random.gauss(centre, spread)) for _ in range(n)]

    def uniform(self, n: int, low: float, high: float) -> list[Fraction]:
        """Return n numbers between two others."""
        return [self.nearest(self.random.uniform(low, high)) for _ in range(n)]

    def from_few(self, n: int, kinds: Sequence[Fraction]) -> list[Fraction]:
        """Return n numbers out of a few, so that many are equal."""
        return [self.random.choice(kinds) for _ in range(n)]

    def above(self, value: Fraction, steps: int = 1) -> Fraction:
        """Return the number that lies `steps` steps above another; below, for a negative count."""
        return self.nearest(value + steps * ulp(value, self.fmt))
