"""Whether an implementation gives one call the answer to another: caches whose keys are too coarse.

Guarantees: a finding is an answer that is bit for bit the one to the call before, wrong where it
is given, and right where it comes from or not.
The pairs share what such caches go by: the shape, the label, one logit, the sum of the logits or
their order, all logits but for a little, or the logits without the target.
Cannot see: keys that none of the pairs share.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from .grid import Grid
from .judging import Bench
from .point import AuditPoint
from .targets import TargetMaker

_CLASSES = 3
_NEAR = (12, 15)


def alike_points(
    grid: Grid, make_target: TargetMaker
) -> Iterator[tuple[str, AuditPoint, AuditPoint]]:
    """Yield pairs of points that differ, and what they share."""
    kind = "one-hot" if make_target.kinds else None

    def point(logits: list[Fraction], label: int, of: str | None = kind) -> AuditPoint:
        held: tuple[Fraction | None, ...] = tuple(logits)
        return AuditPoint(held, make_target(held, label, of))

    def fresh() -> list[Fraction]:
        return grid.normal(_CLASSES)

    yield "the shape", point(fresh(), 0), point(fresh(), 1)
    yield "the shape and the target", point(fresh(), 0), point(fresh(), 0)
    z = fresh()
    yield "the logits", point(z, 0), point(z, 1)
    if make_target.kinds:
        yield "the logits", point(z, 0, make_target.kinds[1]), point(z, 0, make_target.kinds[-1])
    for place, name in ((0, "the first logit"), (_CLASSES - 1, "the last logit")):
        one, other = fresh(), fresh()
        other[place] = one[place]
        yield f"{name} and the target", point(one, 0), point(other, 0)
    z = fresh()
    top = max(range(_CLASSES), key=lambda k: z[k])
    moved = [v if k == top else grid.nearest(v - 1) for k, v in enumerate(z)]
    yield "the largest logit and the target", point(z, 0), point(moved, 0)
    yield "the logits but for their order", point(z, 0), point(z[::-1], 0)
    for power in _NEAR:
        z = fresh()
        near = [grid.nearest(z[0] + Fraction(1, 2**power)), *z[1:]]
        yield f"the logits but for 2**-{power}", point(z, 0), point(near, 0)


def remembered(
    bench: Bench, dtype: str, grid: Grid, make_target: TargetMaker
) -> tuple[str, AuditPoint, AuditPoint] | None:
    """Return what two points share of which the second gets the answer to the first; else None."""
    for shared, first, second in alike_points(grid, make_target):
        before = bench.run(first, dtype)
        after = bench.run(second, dtype)
        if before.gradient is None or after.gradient is None:
            continue
        if not (before.gradient == after.gradient).all():
            continue
        if bench.hold(after, "protocol", second, dtype).failing:
            return shared, first, second
    return None
