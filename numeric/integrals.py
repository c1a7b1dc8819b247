"""Certified integrals over an interval, split at every point where branches meet.

Guarantees: the ball returned holds the integral.
Between two neighbouring breakpoints the integrand is one analytic formula, chosen at the middle of
the piece, and only such pieces are handed to Arb's integrator; the gaps around breakpoints, as wide
as their rounding, are bounded by width times range.
Cannot see: unbounded intervals, integrands unbounded near a breakpoint, breakpoints that move with
the variable of differentiation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

from flint import acb, arb

from . import elements
from .elements import NAN, ZERO, Element
from .kinks import Candidates, roots
from .run import Run


@dataclass(frozen=True, slots=True)
class Kink:
    """A difference whose sign selects a branch, and the class sums it stands in."""

    difference: Callable[[Run], Element]
    sums: tuple[tuple[Any, Callable[[Run], int]], ...]


@dataclass(frozen=True, slots=True)
class Quadrature:
    """A compiled integral."""

    body: Callable[[Run], Element]
    low: Callable[[Run], Element]
    high: Callable[[Run], Element]
    kinks: tuple[Kink, ...]

    def __call__(self, run: Run) -> Element:
        """Return the integral in `run`, non-finite if it is not shown to exist."""
        low, high = self.low(run), self.high(run)
        direction = elements.sign(high - low)
        if direction is None:
            return NAN
        if direction == 0:
            return ZERO
        if direction < 0:
            low, high = high, low
        total: Element = ZERO
        hulls = _hulls(low, high, _breakpoints(self, run))
        if hulls is None:
            return NAN
        for left, right in pairwise(hulls):
            total += _piece(self.body, run, left.upper(), right.lower())
        for hull in hulls:
            total += _gap(self.body, run, hull)
        return direction * total


def _breakpoints(quadrature: Quadrature, run: Run) -> list[arb]:
    found: list[arb] = []
    for kink in quadrature.kinks:
        for _ in _assignments(run, kink.sums):
            found.extend(roots(run.with_running(Candidates.variable(), kink.difference)))
    return found


def _assignments(run: Run, sums: tuple[tuple[Any, Callable[[Run], int]], ...]) -> Iterator[None]:
    """Let the running classes of `sums` take every value in turn."""
    names = [name for name, _ in sums]
    for classes in product(*(range(1, size(run) + 1) for _, size in sums)):
        run.classes.update(zip(names, classes, strict=True))
        yield None
    for name in names:
        run.classes.pop(name, None)


def _hulls(low: Element, high: Element, points: list[arb]) -> list[arb] | None:
    """Return disjoint balls, in order, that hold both ends and all breakpoints between them."""
    first, last = elements.to_ball(low), elements.to_ball(high)
    if not all(p.is_finite() for p in (first, last, *points)):
        return None
    inside = [p for p in points if not (p < first or p > last)]
    inside.sort(key=lambda p: elements.fraction(p.mid()))
    hulls = [first]
    for ball in (*inside, last):
        if ball > hulls[-1]:
            hulls.append(ball)
        else:
            hulls[-1] = hulls[-1].union(ball)
    return hulls


def _piece(body: Callable[[Run], Element], run: Run, left: arb, right: arb) -> Element:
    before = run.middle, run.analytic
    left, right = left.mid(), right.mid()
    run.middle = (left.fmpq() + right.fmpq()) / 2
    try:
        middle = run.with_running(run.middle, body)
        if not elements.is_finite(middle):
            return NAN
        if elements.is_series(middle):
            parts = [_integral(body, run, left, right, k) for k in range(middle.prec)]
            return type(middle)(parts, prec=middle.prec)
        return _integral(body, run, left, right, None)
    finally:
        run.middle, run.analytic = before


def _integral(
    body: Callable[[Run], Element], run: Run, left: arb, right: arb, order: int | None
) -> arb:
    def integrand(place: acb, analytic: bool) -> acb:
        run.analytic = bool(analytic)
        value = run.with_running(place, body)
        if order is not None:
            value = value[order] if elements.is_series(value) else (ZERO if order else value)
        return acb(value)

    result = acb.integral(integrand, acb(left), acb(right))
    return result.real if result.imag.contains(0) else NAN


def _gap(body: Callable[[Run], Element], run: Run, hull: arb) -> Element:
    """Bound the integral over whatever part of `hull` lies between the ends."""
    width = hull.upper() - hull.lower()
    if width.is_zero():
        return ZERO
    before = run.widen_ties
    run.widen_ties = True
    try:
        return run.with_running(hull, body) * width.union(arb(0))
    finally:
        run.widen_ties = before
