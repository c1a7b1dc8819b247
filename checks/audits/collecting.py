"""Collects what single calls showed: worst scores, failing observations, calls without an answer.

Guarantees: nothing that failed is dropped before it was classified or counted; of each group, the
observations kept are from as many regimes and sizes as there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .judging import Judged, Observation
from .point import AuditPoint
from .result import Worst

_KEPT = 24


@dataclass
class Collector:
    """What was seen so far in one dtype.

    Attributes
    ----------
    dtype
        The dtype.
    groups
        The failing observations by group, each from another regime and number of classes.
    failures
        The first point at which there was no answer, by the text that says why.
    kinks
        At how many points a valid subgradient was given where branches meet.
    """

    dtype: str
    groups: dict[tuple[str, str], list[Observation]] = field(default_factory=dict)
    failures: dict[tuple[str, str], tuple[str, AuditPoint]] = field(default_factory=dict)
    kinks: int = 0
    _scores: dict[str, float] = field(default_factory=dict)
    _points: dict[str, int] = field(default_factory=dict)
    _undefined: dict[str, int] = field(default_factory=dict)
    _seen: set[tuple[object, ...]] = field(default_factory=set)

    def add(self, regime: str, point: AuditPoint, judged: Judged) -> Judged:
        """Take in what a call at a point showed."""
        if judged.answer.failure:
            key = judged.answer.failure_kind, judged.answer.failure
            self.failures.setdefault(key, (regime, point))
            self._count(regime, float("inf"))
            return judged
        if judged.answer.gradient is None and judged.answer.value is None and not judged.undefined:
            return judged  # no call was made
        if judged.undefined:
            self._undefined[regime] = self._undefined.get(regime, 0) + 1
            return judged
        self.kinks += judged.kink
        self._count(regime, judged.worst)
        for seen in judged.failing:
            self._keep(seen)
        return judged

    def _count(self, regime: str, score: float) -> None:
        self._scores[regime] = max(self._scores.get(regime, 0.0), score)
        self._points[regime] = self._points.get(regime, 0) + 1

    def _keep(self, seen: Observation) -> None:
        held = self.groups.setdefault(seen.group, [])
        kind = (*seen.group, seen.regime, seen.point.n)
        if kind not in self._seen and len(held) < _KEPT:
            self._seen.add(kind)
            held.append(seen)

    def worst(self) -> Iterable[Worst]:
        """Yield the worst score of each regime."""
        for regime in dict.fromkeys((*self._points, *self._undefined)):
            yield Worst(
                regime,
                self.dtype,
                self._scores.get(regime, 0.0),
                self._points.get(regime, 0),
                self._undefined.get(regime, 0),
            )
