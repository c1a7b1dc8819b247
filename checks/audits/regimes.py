"""The regimes: kinds of logits at which implementations are audited.

Guarantees: every number is one of the float format asked for; the same seed gives the same points.
Cannot see: what happens only elsewhere; the search and the constants of the code go further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .grid import Grid
from .judging import OFFSET
from .point import AuditPoint
from .targets import TargetMaker

Logits = list[Fraction]

SMALL = (2, 3, 5, 10)
"""Numbers of classes in every regime."""

SIZES = (1, 4, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 255, 256, 257)
LARGE = (512, 513, 1000, 1024, 1025, 4097)
"""Powers of two and their neighbours, at which code changes its way."""

SPARSE = (1, 4, 8, 16, 17, 33, 64, 65, 257, 1000, 1025)
"""Those that are tried where every number of classes costs time to compile."""

FEW = 24
"""Above a hundred classes the logits take about this many values."""

_MANY = 100

LEADS = (2, 5, 8, 12, 15, 17, 20, 30, 38, 60)
"""By how much one class leads in the regimes of confident and wrong predictions."""


@dataclass(frozen=True, slots=True)
class RegimePoint:
    """A point and the regime that it is of."""

    regime: str
    point: AuditPoint


@dataclass(frozen=True)
class Regimes:
    """Draws the points of all regimes for one kind of target.

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
    masks
        Whether classes may be masked.
    sparse
        Whether to try few numbers of classes.
    only
        The numbers of classes to keep to; None for those of the regimes.
    """

    grid: Grid
    make_target: TargetMaker
    quick: bool = False
    largest: int = LARGE[-1]
    masks: bool = True
    sparse: bool = False
    only: tuple[int, ...] | None = None

    def points(self) -> Iterator[RegimePoint]:
        """Yield the points of all regimes."""
        for name, draw in self._draws().items():
            for n in self._sizes(name):
                for label in self._labels(n):
                    logits = draw(FEW if n > _MANY else n, label)
                    if logits is not None and n > _MANY:
                        logits = self.grid.from_few(n, logits)
                    if logits is not None:
                        yield self._point(name, logits, label)
        yield from self._leads()
        yield from self._of_sizes()
        yield from self._of_targets()
        if self.masks:
            yield from self._masked()

    def _point(self, regime: str, logits: Sequence[Fraction | None], label: int) -> RegimePoint:
        held = tuple(logits)
        return RegimePoint(regime, AuditPoint(held, self.make_target(held, label)))

    def _sizes(self, regime: str) -> tuple[int, ...]:
        few = (2, 5) if regime == "moderate" and not self.sparse else (3,)
        return self._chosen(few, tuple(n for n in SMALL if n <= self.largest))

    def _chosen(self, few: tuple[int, ...], many: tuple[int, ...]) -> tuple[int, ...]:
        """Return the numbers of classes to try, few or many of them."""
        if self.only is not None:
            return self.only[: len(few)] if self.quick else self.only
        return few if self.quick else many

    def _labels(self, n: int) -> tuple[int, ...]:
        if self.quick:
            return (self.grid.random.randrange(n),)
        return tuple(dict.fromkeys((0, n // 2, n - 1)))

    def _draws(self) -> dict[str, Callable[[int, int], Logits | None]]:
        grid = self.grid
        return {
            "moderate": lambda n, _: grid.normal(n),
            "wide": lambda n, _: grid.uniform(n, -30, 30),
            "extreme, 100": lambda n, _: grid.uniform(n, -100, 100),
            "extreme, 1000": lambda n, _: grid.uniform(n, -1000, 1000),
            "extreme, 10000": lambda n, _: grid.uniform(n, -10000, 10000),
            "all tied": lambda n, _: [grid.nearest(grid.random.gauss(0, 3))] * n,
            "tied at the top": lambda n, _: self._tied(n, top=True) if n > 1 else None,
            "tied below the top": lambda n, _: self._tied(n, top=False) if n > 2 else None,
            "the others tied": lambda n, label: self._others_tied(n, label) if n > 1 else None,
            "nearly tied": lambda n, _: self._nearly_tied(n) if n > 1 else None,
            OFFSET: lambda n, _: self._offset(n),
            "tiny": lambda n, _: grid.normal(n, 2.0**-20),
        }

    def _tied(self, n: int, top: bool) -> Logits:
        values = sorted(self.grid.normal(n))
        first, second = (n - 1, n - 2) if top else (n - 2, n - 3)
        values[second] = values[first]
        self.grid.random.shuffle(values)
        return values

    def _others_tied(self, n: int, label: int) -> Logits:
        one, other = self.grid.normal(2, 2.0)
        return [one if k == label else other for k in range(n)]

    def _nearly_tied(self, n: int) -> Logits:
        values = self.grid.normal(n, 2.0)
        one, other = self.grid.random.sample(range(n), 2)
        values[other] = self.grid.above(values[one], self.grid.random.choice((-2, -1, 1, 2)))
        return values

    def _offset(self, n: int) -> Logits:
        offset = self.grid.random.choice((-1e4, -100.0, 100.0, 1e3, 1e4))
        return self.grid.normal(n, 1.0, offset)

    def _normal(self, n: int, spread: float = 1.0) -> Logits:
        if n > _MANY:
            return self.grid.from_few(n, self.grid.normal(FEW, spread))
        return self.grid.normal(n, spread)

    def _leads(self) -> Iterator[RegimePoint]:
        """Yield points at which one class leads: the label, or another one."""
        for number, lead in enumerate(LEADS[:: 3 if self.quick else 1]):
            for n in self._chosen((3,), (2, 3, 10) if number % 3 == 0 else (2, 3)):
                for label in self._labels(n):
                    logits = self._normal(n)
                    top = max(logits)
                    logits[label] = self.grid.nearest(top + lead)
                    yield self._point("confident", logits, label)
                    if n > 1:
                        other = (label + 1) % n
                        logits = self._normal(n)
                        logits[other] = self.grid.nearest(max(logits) + lead)
                        yield self._point("misfit", logits, label)

    def _of_sizes(self) -> Iterator[RegimePoint]:
        few = () if self.sparse else (1, 7, 16, 33, 129)
        sizes = self._chosen(few, SPARSE if self.sparse else (*SIZES, *LARGE))
        for n in (n for n in sizes if n <= self.largest):
            labels = (0,) if n > _MANY or self.quick else (0, n - 1)
            for label in dict.fromkeys(labels):
                logits = self._normal(n, 2.0)
                chosen = label if n <= _MANY else self.grid.random.randrange(n)
                yield self._point("sizes", logits, chosen)

    def _of_targets(self) -> Iterator[RegimePoint]:
        """Yield moderate and wide points with every kind of target."""
        for kind in self.make_target.kinds[:: 2 if self.quick else 1]:
            for n in self._chosen((3,), (2, 3, 10)):
                for spread in (1.0,) if self.quick else (1.0, 20.0):
                    logits = tuple(self._normal(n, spread))
                    label = self.grid.random.randrange(n)
                    target = self.make_target(logits, label, kind)
                    yield RegimePoint(f"targets: {kind}", AuditPoint(logits, target))

    def _masked(self) -> Iterator[RegimePoint]:
        for n in (n for n in self._chosen((3,), (3, 5, 10)) if n > 2):
            for label in self._labels(n):
                logits: list[Fraction | None] = list(self._normal(n, 2.0))
                others = [k for k in range(n) if k != label]
                for gone in others[: max(1, n // 3)]:
                    logits[gone] = None
                yield self._point("masked", logits, label)
