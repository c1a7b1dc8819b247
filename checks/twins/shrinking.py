"""Makes a point at which two programs differ as simple as it can be, and finds where that starts.

Guarantees: the question is answered with yes at every point returned; no single value of a minimal
point can be replaced by a simpler one that was tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice

from ..minimise import simpler_numbers
from .inputs import TwinPoint

Question = Callable[[TwinPoint], bool]

_TRIES = 600
_SIMPLEX = ("targets", "probabilities", "one_hot")
_HALVINGS = 40


def minimise_point(point: TwinPoint, holds: Question, sizes: tuple[int, ...]) -> TwinPoint:
    """Return a simpler point, with fewer classes if possible, at which `holds` is still true.

    Parameters
    ----------
    point
        Where it is true.
    holds
        The question.
    sizes
        The numbers of classes that are allowed.
    """
    budget = iter(range(_TRIES))
    simplified = True
    while simplified:
        simplified = False
        for candidate in _simpler(point, sizes):
            if next(budget, None) is None:
                return point
            if holds(candidate):
                point, simplified = candidate, True
                break
    return point


def _simpler(point: TwinPoint, sizes: tuple[int, ...]) -> Iterator[TwinPoint]:
    yield from _fewer(point, sizes)
    yield from _together(point)
    for argnum, (spec, values) in enumerate(zip(point.inputs, point.values, strict=True)):
        if spec.kind == "label":
            for place, value in enumerate(values):
                for smaller in range(int(value)):
                    yield point.replaced(argnum, _with(values, place, Fraction(smaller)))
        elif spec.kind in ("logits", "numbers", "positive", "unit"):
            for place, value in enumerate(values):
                for simple in islice(simpler_numbers(value), 24):
                    if _allowed(spec.kind, simple) and not simple.denominator & (
                        simple.denominator - 1
                    ):  # a float
                        yield point.replaced(argnum, _with(values, place, simple))


def _together(point: TwinPoint) -> Iterator[TwinPoint]:
    """Yield the point with all logits moved by one number, or made zero but for one."""
    for argnum, (spec, values) in enumerate(zip(point.inputs, point.values, strict=True)):
        if spec.kind in ("logits", "numbers") and len(values) > 1:
            for offset in dict.fromkeys(values):
                if offset:
                    moved = tuple(v - offset for v in values)
                    if _weight(moved) < _weight(values):
                        yield point.replaced(argnum, moved)


def _weight(values: tuple[Fraction, ...]) -> tuple[int, Fraction]:
    return sum(v != 0 for v in values), sum(map(abs, values), Fraction(0))


def _allowed(kind: str, value: Fraction) -> bool:
    return kind in ("logits", "numbers") or (value > 0 and (kind == "positive" or value < 1))


def _with(values: tuple[Fraction, ...], place: int, value: Fraction) -> tuple[Fraction, ...]:
    return (*values[:place], value, *values[place + 1 :])


def _fewer(point: TwinPoint, sizes: tuple[int, ...]) -> Iterator[TwinPoint]:
    """Yield the point without one class, the labels numbered anew."""
    if point.n - 1 < min(sizes) or any("n" in s.shape[:-1] for s in point.inputs):
        return
    for gone in range(point.n - 1, -1, -1):
        found = _without(point, gone)
        if found is not None:
            yield found


def _without(point: TwinPoint, gone: int) -> TwinPoint | None:
    changed = []
    for spec, values in zip(point.inputs, point.values, strict=True):
        if spec.kind == "label":
            if any(v == gone for v in values):
                return None
            changed.append(tuple(v - 1 if v > gone else v for v in values))
        elif spec.shape and spec.shape[-1] == "n":
            kept = tuple(v for k, v in enumerate(values) if k % point.n != gone)
            if spec.kind in _SIMPLEX and not _sums_to_1(kept, point.n - 1):
                return None
            changed.append(kept)
        else:
            changed.append(values)
    return TwinPoint(point.inputs, point.n - 1, tuple(changed))


def _sums_to_1(values: tuple[Fraction, ...], width: int) -> bool:
    rows = [values[k : k + width] for k in range(0, len(values), width)]
    return all(sum(row) == 1 for row in rows)


def starts_later(point: TwinPoint, holds: Question) -> bool:
    """Tell whether there is a difference at the point and none with its logits all made 0."""
    moves = any(s.kind in ("logits", "numbers") for s in point.inputs)
    return moves and holds(point) and not holds(_scaled(point, Fraction(0)))


def starting_point(point: TwinPoint, holds: Question) -> TwinPoint | None:
    """Return about where a difference starts on the way from logits all 0 to the point.

    The logits and numbers of `point` are multiplied by a factor between 0, where `holds` is false,
    and 1; the interval is halved again and again, and its upper end is returned.
    None where the difference is there as soon as the logits are not 0.
    """
    low, high = Fraction(0), Fraction(1)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if holds(_scaled(point, middle)):
            high = middle
        else:
            low = middle
    return _scaled(point, high) if low else None


def _scaled(point: TwinPoint, factor: Fraction) -> TwinPoint:
    for argnum, spec in enumerate(point.inputs):
        if spec.kind in ("logits", "numbers"):
            scaled = tuple(v * factor for v in point.values[argnum])
            point = point.replaced(argnum, scaled)
    return point
