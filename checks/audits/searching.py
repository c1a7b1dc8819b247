"""Searches for the worst points beyond the regimes, with Hypothesis climbing on the score.

Guarantees: the same seed searches the same points, for one installation of Hypothesis and gradproof
(Hypothesis looks for constants in sources that it takes for the user's).
Where a part is known to lose digits by cancellation, its coarse score is climbed on instead, so
that a fault of another kind is not hidden behind a known one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, find, settings, strategies as st, target
from hypothesis.errors import Flaky, NoSuchExample, Unsatisfiable

from .grid import Grid
from .judging import Judged
from .point import AuditPoint
from .targets import TargetMaker

_HIGHEST = 1e6
_STEPS = 64
"""How many steps there are from 0 to the largest logit."""


def search(
    judge: Callable[[AuditPoint], Judged],
    known: set[tuple[str, str]],
    grid: Grid,
    make_target: TargetMaker,
    constants: list[float],
    examples: int,
    sizes: Sequence[int],
) -> None:
    """Judge points that are drawn so as to raise the score; `judge` keeps what it finds.

    Parameters
    ----------
    judge
        Judges a point.
    known
        The groups of faults that were found already.
    grid
        The numbers of a format.
    make_target
        Makes a target of a label.
    constants
        Numbers of the code, which logits and their gaps take now and then.
    examples
        How many points to draw.
    sizes
        The numbers of classes to draw from.
    """

    def objective(point: AuditPoint) -> bool:
        judged = judge(point)
        best = 0.0
        for seen in judged.observations:
            dull = (seen.part, "cancelled") in known
            best = max(best, seen.coarse if dull else seen.score)
        target(math.log2(min(best, _HIGHEST) + 2.0**-20))
        return any(o.group not in known for o in judged.failing)

    options = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.target),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    try:
        find(
            points(grid, make_target, constants, sizes),
            objective,
            settings=options,
            random=Random(grid.random.randrange(2**32)),
        )
    except (NoSuchExample, Unsatisfiable, Flaky):
        return  # what was judged was kept; the protocol checks speak of what is not repeatable


def points(
    grid: Grid, make_target: TargetMaker, constants: list[float], sizes: Sequence[int]
) -> st.SearchStrategy[AuditPoint]:
    """Return a strategy of points: classes, logits of many scales, ties, labels and targets."""
    near = [c for c in constants if abs(c) <= 20000] or [0.0]

    @st.composite
    def drawn(draw: Any) -> AuditPoint:
        n = draw(st.sampled_from([n for n in sizes if n <= 6] or sizes) | st.sampled_from(sizes))
        scale = draw(st.sampled_from((1.0, 0.01, 10.0, 40.0, 300.0, 5000.0)))
        # Whole numbers of steps and a part of one, since Hypothesis climbs by adding whole numbers.
        steps = [draw(st.integers(-_STEPS, _STEPS)) for _ in range(n)]
        parts = _parts(draw(st.integers(0, 255)), n)
        logits = [grid.nearest(scale * (k + v) / _STEPS) for k, v in zip(steps, parts, strict=True)]
        for _ in range(draw(st.integers(0, 2))):
            logits = _changed(draw, logits, grid, near)
        label = draw(st.integers(0, n - 1))
        kinds = make_target.kinds
        # A source of its own, so that Hypothesis draws the same target again.
        own = Grid(grid.fmt, Random(draw(st.integers(0, 255)) if kinds else 0))
        kind = draw(st.sampled_from((None, *kinds))) if kinds else None
        held: tuple[Fraction | None, ...] = tuple(logits)
        return AuditPoint(held, TargetMaker(own, make_target.shape)(held, label, kind))

    return drawn()


def _parts(source: int, n: int) -> list[float]:
    """Return parts of steps; 0 for one source, so that round numbers are drawn too."""
    random = Random(source)
    return [random.uniform(-0.5, 0.5) if source else 0.0 for _ in range(n)]


def _changed(draw: Any, logits: list[Fraction], grid: Grid, near: list[float]) -> list[Fraction]:
    """Tie two logits, put their gap or one of them on a constant, or move all."""
    n = len(logits)
    one, other = draw(st.integers(0, n - 1)), draw(st.integers(0, n - 1))
    how = draw(st.sampled_from(("tie", "near", "gap", "value", "offset")))
    changed = list(logits)
    if how == "tie":
        changed[other] = logits[one]
    elif how == "near":
        changed[other] = grid.above(logits[one], draw(st.integers(-3, 3)))
    elif how == "offset":
        offset = draw(st.sampled_from((-1e4, -50.0, 50.0, 1e3)))
        changed = [grid.nearest(v + Fraction(offset)) for v in logits]
    else:
        constant = Fraction(draw(st.sampled_from(near)) + draw(st.floats(-1, 1)))
        changed[other] = grid.nearest(constant + (logits[one] if how == "gap" else 0))
    return changed
