"""Batches of an audited implementation, held against their rows.

Guarantees: each row is judged by the score against its own certified gradient, times its share.
Rows that are wrong also when they are called alone are left to other checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb

from ...numeric.floats import FORMATS
from ...numeric.implementations.call import Answer, Call, Reduction
from .judging import Bench
from .point import AuditPoint
from .scoring import THRESHOLDS, score

_FAR = 500
"""How far one row of a batch is moved from the others."""

Fault = tuple[str, str, str, AuditPoint | None]
"""Where, what is expected, what was found, and the row."""


@dataclass(frozen=True)
class Batches:
    """Calls an implementation with batches.

    Attributes
    ----------
    bench
        The implementation.
    dtype
        The dtype.
    reduction
        How it makes one number of the losses of a batch.
    """

    bench: Bench
    dtype: str
    reduction: Reduction

    def faults(self, points: Sequence[AuditPoint]) -> Iterator[Fault]:
        """Yield what is wrong with batches of these points."""
        for n in dict.fromkeys(p.n for p in points):
            rows = [p for p in points if p.n == n]
            if len(rows) > 1:
                yield from self._of(rows)
                if self.bench.shifts:
                    yield from self._of([*rows[:-1], _moved(rows[-1])])

    def _of(self, rows: Sequence[AuditPoint]) -> Iterator[Fault]:
        call = Call(
            np.stack([p.floats() for p in rows]),
            np.array([p.formed(self.bench.form) for p in rows]),
            self.dtype,
        )
        answer: Answer = self.bench.runner.run(call)
        if answer.failure or answer.gradient is None:
            yield "batch", "a gradient for each row", answer.failure or "none", None
            return
        share = 1 / len(rows) if self.reduction == "mean" else 1.0
        fmt, limit = FORMATS[self.dtype], THRESHOLDS[self.dtype]
        told = f"in a batch of {len(rows)} reduced by {self.reduction}"
        alone = [self.bench.judge("protocol", p, self.dtype) for p in rows]
        if any(judged.failing or judged.undefined for judged in alone):
            return
        truths = [self.bench.truth(p) for p in rows]
        for number, (point, truth) in enumerate(zip(rows, truths, strict=True)):
            for place, found in enumerate(answer.gradient[number]):
                expected = truth.gradient[place] * arb(share)
                if not score(float(found), expected, truth.conditions[place] * share, fmt) <= limit:
                    where, right = f"batch, row {number}", expected.str(9, radius=False)
                    yield where, f"g[{place}] = {right}", f"{float(found)!r} {told}", point
        total = sum((t.value for t in truths), arb(0)) * share
        condition = sum((t.value_condition for t in truths), arb(0)) * share
        value = answer.value
        if value is not None and not score(value, total, condition, fmt) <= limit:
            yield "batch, the loss", total.str(9, radius=False), f"{value!r} {told}", None


def _moved(point: AuditPoint) -> AuditPoint:
    """Return the point with all logits moved far up, to whole numbers."""
    return AuditPoint(
        tuple(None if v is None else Fraction(round(v) + _FAR) for v in point.logits), point.target
    )
