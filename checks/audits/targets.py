"""Targets of every kind: labels, soft targets, kernel values.

Guarantees: every number is one of the float format; targets of classes that exclude each other sum
to 1 exactly, and are 0 for a masked class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp

from .grid import Grid

Target = int | tuple[Fraction, ...]

_SOFT = ("one-hot", "soft", "smoothed", "even", "near the softmax")
_APART = ("one-hot", "several ones", "all-zero", "soft", "all ones")
_KERNEL = ("moderate", "near each other", "equal", "one-hot", "far", "underflowing", "some zero")
_MANY = 100
"""Above so many classes the numbers take few values, so that many classes are alike."""

_PLACES = 8
"""Soft targets are multiples of 2**-8, which every format holds exactly, and sums too."""


@dataclass(frozen=True)
class TargetMaker:
    """Makes targets of labels.

    Attributes
    ----------
    grid
        The numbers.
    shape
        ``"label"``, ``"soft"`` for targets that sum to 1, ``"apart"`` for one in 0..1 for each
        class, ``"kernel"`` for kernel values.
    """

    grid: Grid
    shape: str

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of targets there are."""
        return {"label": (), "soft": _SOFT, "apart": _APART, "kernel": _KERNEL}[self.shape]

    def __call__(
        self, logits: Sequence[Fraction | None], label: int, kind: str | None = None
    ) -> Target:
        """Return a target for the label, of a kind that is drawn if none is named."""
        if self.shape == "label":
            return label
        chosen = kind or self._usual()
        values = self._values(chosen, logits, label)
        if self.shape == "soft":
            values = self._without_masked(values, logits, label)
        return tuple(values)

    def _usual(self) -> str:
        """Return a kind for a point of a regime of logits: mostly the label alone."""
        draw = self.grid.random.random()
        if self.shape == "kernel":
            return "moderate" if draw < 0.5 else "far"
        return "one-hot" if draw < 0.6 else "soft"

    def _values(self, kind: str, logits: Sequence[Fraction | None], label: int) -> list[Fraction]:
        n = len(logits)
        one_hot = [Fraction(int(k == label)) for k in range(n)]
        if kind == "one-hot":
            return one_hot
        if self.shape == "kernel":
            return self._kernel(kind, n, label)
        if kind == "several ones":
            return [Fraction(self.grid.random.randrange(2)) for _ in range(n)]
        if kind in ("all-zero", "all ones"):
            return [Fraction(int(kind == "all ones"))] * n
        if self.shape == "apart":
            parts = 256 if n <= _MANY else 4
            return [Fraction(self.grid.random.randrange(parts + 1), parts) for _ in range(n)]
        return self._shares(self._weights(kind, logits, label))

    def _weights(self, kind: str, logits: Sequence[Fraction | None], label: int) -> list[float]:
        n = len(logits)
        if kind == "even":
            return [1.0] * n
        if kind == "smoothed":
            return [0.9 + 0.1 / n if k == label else 0.1 / n for k in range(n)]
        if kind == "near the softmax":
            top = max(v for v in logits if v is not None)
            return [0.0 if v is None else exp(float(v - top)) for v in logits]
        return [self.grid.random.expovariate(1.0) for _ in range(n)]

    def _shares(self, weights: Sequence[float]) -> list[Fraction]:
        """Return multiples of 2**-8 in about these proportions that sum to 1."""
        total, whole = sum(weights), 2**_PLACES
        counts = [int(w / total * whole) for w in weights]
        counts[weights.index(max(weights))] += whole - sum(counts)
        return [Fraction(c, whole) for c in counts]

    def _without_masked(
        self, values: list[Fraction], logits: Sequence[Fraction | None], label: int
    ) -> list[Fraction]:
        for k, logit in enumerate(logits):
            if logit is None:
                values[label] += values[k]
                values[k] = Fraction(0)
        return values

    def _kernel(self, kind: str, n: int, label: int) -> list[Fraction]:
        if n > _MANY:
            return self.grid.from_few(n, self._kernel(kind, 8, label % 8))
        grid = self.grid
        if kind == "equal":
            return [grid.nearest(grid.random.uniform(0.1, 3.0))] * n
        if kind == "near each other":
            start = grid.nearest(grid.random.uniform(0.5, 1.0))
            return [grid.above(start, grid.random.randrange(-3, 4)) for _ in range(n)]
        if kind == "far":
            return [grid.nearest(exp(-grid.random.uniform(0, 30))) for _ in range(n)]
        if kind == "underflowing":
            least = grid.fmt.smallest
            values = [grid.nearest(least * grid.random.randrange(1, 2**10)) for _ in range(n)]
            return values if grid.random.random() < 0.5 else [grid.nearest(0.5), *values[1:]]
        values = [grid.nearest(exp(grid.random.gauss(0, 1))) for _ in range(n)]
        if kind == "some zero":
            return [v if k == label or k % 2 else Fraction(0) for k, v in enumerate(values)]
        return values
