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
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

from flint import acb, arb, fmpq

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
        hulls = _hulls(low, high, _breakpoints(self, run))
        if hulls is None:
            return NAN
        total: Element = ZERO
        for hull in hulls:
            total += _gap(self.body, run, hull)
        pieces = [_Piece.between(left, right) for left, right in pairwise(hulls)]
        # What is cheap to look at comes first: an integrand that is unbounded at an end would keep
        # the integrator busy for nothing.
        for check in (_Piece.has_value, _Piece.is_bounded):
            if not all(check(piece, self.body, run) for piece in pieces):
                return NAN
        if not elements.is_finite(total):
            return NAN
        for piece in pieces:
            total += piece.integral(self.body, run)
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


@dataclass(frozen=True, slots=True)
class _Piece:
    """An interval on which the integrand is one analytic formula: that at its middle."""

    left: arb
    right: arb
    middle: fmpq

    @classmethod
    def between(cls, before: arb, after: arb) -> _Piece:
        """Return what lies between two neighbouring breakpoints."""
        left, right = before.upper(), after.lower()
        return cls(left, right, (left.fmpq() + right.fmpq()) / 2)

    def has_value(self, body: Callable[[Run], Element], run: Run) -> bool:
        """Tell whether the integrand is finite at the middle; what is undefined is noted."""
        with self._formula(run):
            return elements.is_finite(run.with_running(self.middle, body))

    def is_bounded(self, body: Callable[[Run], Element], run: Run) -> bool:
        """Tell whether the integrand is finite at the ends, by continuation."""
        with self._formula(run):
            ends = [run.with_running(acb(end), body) for end in (self.left, self.right)]
        return all(elements.is_finite(value) for value in ends)

    def integral(self, body: Callable[[Run], Element], run: Run) -> Element:
        """Return the integral over the piece, coefficient by coefficient for a series."""
        with self._formula(run):
            middle = run.with_running(self.middle, body)
            if not elements.is_series(middle):
                return _integral(body, run, self.left, self.right, None)
            parts = [_integral(body, run, self.left, self.right, k) for k in range(middle.prec)]
            return type(middle)(parts, prec=middle.prec)

    @contextmanager
    def _formula(self, run: Run) -> Iterator[None]:
        """Let branches be those at the middle."""
        before = run.middle, run.decisions, run.analytic
        run.middle, run.decisions, run.analytic = self.middle, {}, False
        try:
            yield
        finally:
            run.middle, run.decisions, run.analytic = before


def _integral(
    body: Callable[[Run], Element], run: Run, left: arb, right: arb, order: int | None
) -> arb:
    raised: list[Exception] = []

    def integrand(place: acb, analytic: bool) -> acb:
        run.analytic = bool(analytic)
        try:
            value = run.with_running(place, body)
        except Exception as error:  # python-flint loses track of what a callback raises
            raised.append(error)
            return acb(NAN)
        if order is not None:
            value = value[order] if elements.is_series(value) else (ZERO if order else value)
        return acb(value)

    result = acb.integral(integrand, acb(left), acb(right))
    if raised:
        raise raised[0]
    return result.real if result.imag.contains(0) else NAN


def _gap(body: Callable[[Run], Element], run: Run, hull: arb) -> Element:
    """Bound the integral over whatever part of `hull` lies between the ends."""
    width = hull.upper() - hull.lower()
    if width.is_zero():
        return ZERO
    before = run.widen_ties
    run.widen_ties = True
    try:
        return elements.multiply(run.with_running(hull, body), width.union(arb(0)))
    finally:
        run.widen_ties = before
