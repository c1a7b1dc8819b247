"""Makes the point of a finding simple, and finds where the fault starts on the way to it.

Guarantees: the fault is of the same group at every point returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from .grid import Grid
from .point import AuditPoint

Holds = Callable[[AuditPoint], bool]
Logits = tuple[Fraction | None, ...]

_TRIES = 80
_HALVINGS = 24
_ENOUGH = Fraction(1, 2**11)


def minimise(point: AuditPoint, holds: Holds) -> AuditPoint:
    """Return a point with fewer classes and simpler numbers at which `holds` is still true."""
    budget = iter(range(_TRIES))
    simplified = True
    while simplified:
        simplified = False
        for candidate in _simpler(point):
            if next(budget, None) is None:
                return point
            if holds(candidate):
                point, simplified = candidate, True
                break
    return point


def _simpler(point: AuditPoint) -> Iterator[AuditPoint]:
    yield from _fewer(point)
    if point.n > 20:
        return
    whole = tuple(v if v is None else Fraction(round(v)) for v in point.logits)
    if whole != point.logits:
        yield AuditPoint(whole, point.target)
    for k, value in enumerate(point.logits):
        if value is None:
            continue
        for simple in dict.fromkeys((Fraction(0), Fraction(round(value)), _short(value))):
            if _weight(simple) < _weight(value):
                yield AuditPoint(_with(point.logits, k, simple), point.target)


def _short(value: Fraction) -> Fraction:
    """Return the nearest multiple of 1/4."""
    return Fraction(round(value * 4), 4)


def _weight(value: Fraction) -> tuple[int, int]:
    return value.denominator, abs(value.numerator)


def _with(values: Logits, place: int, value: Fraction) -> Logits:
    return (*values[:place], value, *values[place + 1 :])


def _fewer(point: AuditPoint) -> Iterator[AuditPoint]:
    """Yield the point with half its classes, then without one of them."""
    label = point.target if isinstance(point.target, int) else None
    if point.n > 8:
        for kept in (range(point.n // 2), range(point.n // 2, point.n)):
            yield from _of(point, tuple(kept), label)
    if point.n <= 20:
        for gone in range(point.n - 1, -1, -1):
            if point.n > 2:
                yield from _of(point, tuple(k for k in range(point.n) if k != gone), label)
    elif point.n > 2:
        yield from _of(point, tuple(range(point.n - 1)), label)


def _of(point: AuditPoint, kept: tuple[int, ...], label: int | None) -> Iterator[AuditPoint]:
    logits = tuple(point.logits[k] for k in kept)
    if isinstance(point.target, int):
        if label in kept:
            yield AuditPoint(logits, kept.index(label))
        return
    target = tuple(point.target[k] for k in kept)
    if sum(point.target) != 1 or sum(target) == 1:
        yield AuditPoint(logits, target)


def fewest(point: AuditPoint, holds: Holds) -> AuditPoint:
    """Return the first classes of a point, as few as there are with the fault.

    Bisected: with one class fewer the fault is gone, but it may be there again with fewer still.
    """
    low, high = 1, point.n
    while high - low > 1:
        middle = (low + high) // 2
        if holds(_first(point, middle)):
            high = middle
        else:
            low = middle
    return _first(point, high)


def _first(point: AuditPoint, n: int) -> AuditPoint:
    if isinstance(point.target, int):
        return AuditPoint(point.logits[:n], min(point.target, n - 1))
    return AuditPoint(point.logits[:n], point.target[:n])


def start_of(point: AuditPoint, holds: Holds, grid: Grid) -> tuple[str, float] | None:
    """Return the name and the size of the quantity from which on the fault shows.

    Tried in turn: the lead of the largest logit over the others, the mean of all logits, and their
    scale; None where the fault does not go away on any of these ways.
    """
    if None in point.logits:
        return None
    logits = tuple(v for v in point.logits if v is not None)
    for name, way, size in _ways(point, logits):
        if size == 0 or holds(_at(point, way, Fraction(0), grid)):
            continue
        low, high = Fraction(0), Fraction(1)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if holds(_at(point, way, middle, grid)):
                high = middle
            else:
                low = middle
            if high - low <= high * _ENOUGH:
                break
        return name, float(size * high)
    return None


def _ways(
    point: AuditPoint, logits: tuple[Fraction, ...]
) -> Iterator[tuple[str, Callable[[Fraction], tuple[Fraction, ...]], Fraction]]:
    top = max(range(len(logits)), key=lambda k: logits[k])
    rest = [v for k, v in enumerate(logits) if k != top]
    if rest:
        lead = logits[top] - max(rest)

        def leading(time: Fraction) -> tuple[Fraction, ...]:
            return tuple(max(rest) + lead * time if k == top else v for k, v in enumerate(logits))

        yield ("margin" if top == point.label else "gap"), leading, lead
    mean = sum(logits, Fraction(0)) / len(logits)

    def shifted(time: Fraction) -> tuple[Fraction, ...]:
        return tuple(v - mean * (1 - time) for v in logits)

    yield "offset", shifted, abs(mean)

    def scaled(time: Fraction) -> tuple[Fraction, ...]:
        return tuple(v * time for v in logits)

    yield "scale", scaled, max(map(abs, logits))


def _at(
    point: AuditPoint,
    way: Callable[[Fraction], tuple[Fraction, ...]],
    time: Fraction,
    grid: Grid,
) -> AuditPoint:
    return AuditPoint(tuple(grid.nearest(v) for v in way(time)), point.target)


def lead_at(point: AuditPoint) -> tuple[str, float] | None:
    """Return by how much the label leads at a point, or another class over it; None if neither."""
    own = point.logits[point.label]
    others = [v for k, v in enumerate(point.logits) if k != point.label and v is not None]
    if own is None or not others:
        return None if own is None else ("scale", abs(float(own)))
    lead = own - max(others)
    return ("margin" if lead >= 0 else "gap"), abs(float(lead))
