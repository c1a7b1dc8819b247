"""Where the choices that make a point come from: a seeded generator, or Hypothesis.

Guarantees: the same choices give the same point; where choices are simplified, the least integer
comes first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from fractions import Fraction
from random import Random

from hypothesis import strategies as st

_BIT = st.booleans()


class Source(ABC):
    """Where the choices that make a point come from: integers, and rationals made of them."""

    @abstractmethod
    def integer(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`."""

    def option(self, count: int) -> int:
        """Return which of so many patterns comes next."""
        return self.integer(0, count - 1)

    def is_patterned(self) -> bool:
        """Tell whether the point is made of patterns."""
        return bool(self.integer(0, 1))

    def rational(self, sign: str) -> Fraction:
        """Return a rational that is "real", "nonnegative" or "positive".

        Small integers come first, then small fractions, then wide values, and take fewer choices:
        a search simplifies to fewer choices first.
        """
        kind = self.integer(0, 2)
        spread, parts = (3, 1) if kind == 0 else (30, 1) if kind == 2 else (12, self.integer(2, 6))
        if sign == "positive":
            return Fraction(1 + self.integer(0, spread), parts)
        size = Fraction(self.integer(0, spread), parts)
        return -size if sign == "real" and self.integer(0, 1) else size

    def is_zero_one(self) -> bool:
        """Tell whether the next family is made of zeros and ones."""
        return self.integer(0, 3) == 3


class RandomSource(Source):
    """Choices from a seeded generator.

    With the number of a tour, the patterns are not drawn: tours 0, 1, 2, ... meet each combination
    of them in turn.
    """

    def __init__(self, random: Random, tour: int | None = None) -> None:
        self._random, self._tour = random, tour

    def option(self, count: int) -> int:
        """Return which of so many patterns comes next: on a tour, each in its turn."""
        if self._tour is None:
            return super().option(count)
        self._tour, chosen = divmod(self._tour, count)
        return chosen

    def is_patterned(self) -> bool:
        """Tell whether the point is made of patterns: on a tour always."""
        return self._tour is not None or super().is_patterned()

    def integer(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, all equally likely."""
        return self._random.randint(low, high)


class HypothesisSource(Source):
    """Choices drawn by Hypothesis, so that points shrink.

    Every choice is a row of booleans: other draws of Hypothesis prefer constants that it finds in
    the modules loaded, and the same seed would not give the same points everywhere.
    """

    def __init__(self, draw: Callable[[st.SearchStrategy[bool]], bool]) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, shrinking to `low`."""
        count, value = high - low + 1, 0
        for _ in range((count - 1).bit_length()):
            value = 2 * value + self._draw(_BIT)
        return low + value % count
