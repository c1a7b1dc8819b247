"""Whether an implementation gives one call the answer to another: caches whose keys are too coarse.

Guarantees: a finding is an answer that is bit for bit one to an earlier call, right there and wrong
where it is given; an implementation that is simply constant is not accused of this.
The pairs share what such caches go by: the shape, the label, one logit, the sum of the logits or
their order, all logits but for a little, or the logits without the target.
Cannot see: keys that none of the pairs share.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np

from ...numeric.implementations.call import Answer
from .grid import Grid
from .judging import Bench
from .point import AuditPoint
from .targets import TargetMaker

_NEAR = (12, 15)


def alike_points(
    grid: Grid, make_target: TargetMaker, n: int = 3
) -> Iterator[tuple[str, AuditPoint, AuditPoint]]:
    """Yield pairs of points of n classes, two at least, that differ, and what they share."""
    kind = "one-hot" if make_target.kinds else None

    def point(logits: list[Fraction], label: int, of: str | None = kind) -> AuditPoint:
        held: tuple[Fraction | None, ...] = tuple(logits)
        return AuditPoint(held, make_target(held, label, of))

    def fresh() -> list[Fraction]:
        return grid.normal(n)

    yield "the shape", point(fresh(), 0), point(fresh(), 1)
    yield "the shape and the target", point(fresh(), 0), point(fresh(), 0)
    z = fresh()
    yield "the logits", point(z, 0), point(z, 1)
    if make_target.kinds:
        yield "the logits", point(z, 0, make_target.kinds[1]), point(z, 0, make_target.kinds[-1])
    for place, name in ((0, "the first logit"), (n - 1, "the last logit")):
        one, other = fresh(), fresh()
        other[place] = one[place]
        yield f"{name} and the target", point(one, 0), point(other, 0)
    z = fresh()
    top = max(range(n), key=lambda k: z[k])
    moved = [v if k == top else grid.nearest(v - 1) for k, v in enumerate(z)]
    yield "the largest logit and the target", point(z, 0), point(moved, 0)
    yield "the logits but for their order", point(z, 0), point(z[::-1], 0)
    for power in _NEAR:
        z = fresh()
        near = [grid.nearest(z[0] + Fraction(1, 2**power)), *z[1:]]
        yield f"the logits but for 2**-{power}", point(z, 0), point(near, 0)


def remembered(
    bench: Bench,
    dtype: str,
    grid: Grid,
    make_target: TargetMaker,
    before: Mapping[AuditPoint, Answer],
    n: int = 3,
) -> tuple[str, AuditPoint, AuditPoint] | None:
    """Return what two points share of which the second gets the answer to the first; else None.

    Parameters
    ----------
    bench, dtype
        The implementation, and the dtype it is called in.
    grid, make_target
        Numbers and targets.
    before
        What was answered before, which may be what is given ever since.
    n
        The number of classes, two at least.
    """
    for shared, first, second in alike_points(grid, make_target, n):
        told = {**before, first: bench.run(first, dtype)}
        after = bench.run(second, dtype)
        if not bench.hold(after, "protocol", second, dtype).failing:
            continue
        for point, answer in told.items():
            right = not bench.hold(answer, "protocol", point, dtype).failing
            if right and _is_the_same(answer, after):
                return shared, point, second
    return None


def _is_the_same(one: Answer, other: Answer) -> bool:
    if one.gradient is None or other.gradient is None:
        return False
    return bool(np.array_equal(one.gradient, other.gradient))
