"""Turns failing observations into findings: classified, at a simple point, with where they start.

Guarantees: a finding's numbers are those of a call at its point; the kind of each group of alike
observations is asked for at several points, so that a wrong formula does not hide behind rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from .classifying import Classified, classify
from .collecting import Collector
from .curves import Ladder
from .finding import Finding, Kind
from .grid import Grid
from .judging import VALUE, Bench, Observation
from .minimal import fewest, minimise, start_of
from .point import AuditPoint
from .scoring import relative_error
from .twinning import TwinSide

_ASKED, _ASKED_QUICK = 12, 4
_LARGE = 1100
"""Points of more classes are not made simple but for their number of classes."""

_SHORT = 4
"""Gradients of so many components are shown whole."""

_MANY = 12
"""A fault that needs more classes than these has to do with their number."""


@dataclass(frozen=True)
class Assembler:
    """Makes findings of what was collected in one dtype.

    Attributes
    ----------
    bench, twin
        The implementation, and its exact twin if there is one.
    collector
        What failed.
    ladders
        The judgements along margin and gap.
    dtypes
        All dtypes that are audited.
    grid
        The numbers of the dtype.
    quick
        Whether to ask fewer points.
    narrow
        Whether float64 input is computed in float32.
    sizes
        The numbers of classes to keep to; None for any.
    """

    bench: Bench
    twin: TwinSide | None
    collector: Collector
    ladders: Sequence[Ladder]
    dtypes: tuple[str, ...]
    grid: Grid
    quick: bool
    narrow: bool = False
    sizes: tuple[int, ...] | None = None

    def findings(self) -> Iterator[Finding]:
        """Yield the findings of all groups."""
        for (kind, text), (regime, point) in self.collector.failures.items():
            yield Finding(
                Kind.PROTOCOL,
                self.collector.dtype,
                regime,
                {"time": "time limit", "crash": "crash"}.get(kind, "no answer"),
                "a gradient or a loss",
                text,
                point=point,
            )
        for seen in self.collector.groups.values():
            yield from self._of_group(seen)

    def _of_group(self, group: Sequence[Observation]) -> Iterator[Finding]:
        ordered = sorted(group, key=lambda o: (o.point.n, o.regime not in ("margin", "gap")))
        by_kind: dict[Kind, tuple[Classified, list[Observation]]] = {}
        for seen in _spread(ordered, _ASKED_QUICK if self.quick else _ASKED):
            found = self._classified(seen)
            held = by_kind.setdefault(found.kind, (found, []))
            if found.certified and not held[0].certified:
                by_kind[found.kind] = held = (found, held[1])
            held[1].append(seen)
        for found, observations in by_kind.values():
            on_ladders = list(self._on_ladders(found, observations[0]))
            yield from on_ladders or [self._off_ladder(found, observations[0])]

    def _on_ladders(self, found: Classified, seen: Observation) -> Iterator[Finding]:
        """Yield a finding for each ladder on which the same happens."""
        if found.kind is Kind.PROTOCOL:
            return
        for ladder in self.ladders:
            held = [o for _, o in ladder.of_group(seen.group)]
            if not held:
                continue
            asked = {id(o) for o in (*_spread(held, _ASKED_QUICK), _most_telling(held))}
            alike = [o for o in held if id(o) in asked and self._is_same(found, o)]
            if alike:
                yield replace(
                    self._told(found, _most_telling(alike)),
                    margin=self._start(found, ladder, alike[-1]) or None,
                    margin_name=ladder.name,
                    stages=ladder.stages(seen.part),
                )

    def _start(self, found: Classified, ladder: Ladder, seen: Observation) -> float | None:
        """Return from which margin on the fault shows, as one of its kind."""
        group = seen.group
        if not found.certified or found.kind not in (Kind.FORMULA, Kind.ANOTHER_LOSS):
            return ladder.start(seen.part, lambda o: o.fails and o.group == group)
        return ladder.bisected(seen, lambda o: self._is_same(found, o))

    def _is_same(self, found: Classified, seen: Observation) -> bool:
        return self._classified(seen).kind is found.kind

    def _classified(self, seen: Observation) -> Classified:
        return classify(seen, self.bench, self.twin, self.dtypes, self.narrow)

    def _off_ladder(self, found: Classified, seen: Observation) -> Finding:
        if found.kind is Kind.PROTOCOL:
            return self._told(found, seen)

        def same(point: AuditPoint) -> Observation | None:
            if self.sizes is not None and point.n not in self.sizes:
                return None
            judged = self.bench.judge(seen.regime, point, seen.dtype)
            alike = [o for o in judged.failing if o.group == seen.group]
            return alike[0] if alike else None

        holds: Callable[[AuditPoint], bool] = lambda p: same(p) is not None  # noqa: E731
        simple = seen
        if seen.point.n <= _LARGE:
            simple = same(minimise(seen.point, holds)) or seen
        if not self._is_same(found, simple):
            simple = seen
        if simple.point.n > _MANY and self.sizes is None:
            smallest = same(fewest(simple.point, holds)) or simple
            if smallest.point.n > _MANY:
                return replace(
                    self._told(found, smallest), margin_name="n", margin=smallest.point.n
                )
        start = start_of(simple.point, holds, self.grid)
        told = self._told(found, simple)
        return told if start is None else replace(told, margin_name=start[0], margin=start[1])

    def _told(self, found: Classified, seen: Observation) -> Finding:
        return Finding(
            found.kind,
            seen.dtype,
            seen.regime,
            "the loss" if seen.place == VALUE else f"g[{seen.place}]",
            seen.truth.str(9, radius=False),
            spelled(seen.found),
            seen.score,
            seen.point,
            found.certified,
            "; ".join(filter(None, (found.note, self._whole(seen)))),
        )

    def _whole(self, seen: Observation) -> str:
        """Return the whole gradient beside the right one, if it is short."""
        if seen.place == VALUE or not 1 < seen.point.n <= _SHORT:
            return ""
        answer, truth = self.bench.run(seen.point, seen.dtype), self.bench.truth(seen.point)
        if answer.gradient is None:
            return ""
        found = ", ".join(f"{float(v):.6g}" for v in answer.gradient.ravel())
        right = ", ".join(g.str(6, radius=False) for g in truth.gradient)
        return f"the gradient is ({found}) where ({right}) is right"


def _spread(ordered: Sequence[Observation], count: int) -> list[Observation]:
    """Return some of the observations, from the first to the last."""
    if len(ordered) <= count:
        return list(ordered)
    step = (len(ordered) - 1) / (count - 1)
    return [ordered[round(k * step)] for k in range(count)]


def _most_telling(observations: Sequence[Observation]) -> Observation:
    """Return the first that is off by itself or more, or no number; else the one off by most."""
    return max(observations, key=lambda o: min(1.0, round(relative_error(o.found, o.truth), 2)))


def spelled(value: float) -> str:
    """Return a float with nine digits."""
    return f"{value:.9g}"
