"""Zeros of functions of a tower: each in a rational point or in an interval with certified signs.

Guarantees: a zero is exact, or lies in an interval at whose ends the function has opposite signs,
shown by balls or exact arithmetic; refinement keeps that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, lcm
from typing import Any

from flint import ctx, fmpq, fmpz_poly

from .univariate_balls import Undecided
from .univariate_functions import Place, Poly
from .univariate_tower import Tower

HALVINGS_BEFORE_GUESS = 12
MOST_HALVINGS = 80
Bound = Fraction | None

SPLITS = (Fraction(1, 2), Fraction(2, 5), Fraction(5, 9), Fraction(3, 11))


@dataclass(frozen=True)
class Domain:
    """An open interval with rational or infinite ends (None)."""

    lower: Bound
    upper: Bound

    def holds(self, point: Fraction) -> bool:
        """Tell whether a point lies inside."""
        return (self.lower is None or self.lower < point) and (
            self.upper is None or point < self.upper
        )

    def inner(self) -> Fraction:
        """Return a simple point inside."""
        return _between(self.lower, self.upper)

    def ends(self) -> tuple[Place, Place]:
        """Return the two ends as places of expansions."""
        return (
            Place(self.lower, -1 if self.lower is None else 1),
            Place(self.upper, 1 if self.upper is None else -1),
        )


@dataclass
class Zero:
    """A zero, or an interval that holds one.

    Attributes
    ----------
    lower, upper
        Rational ends; equal for an exact zero.
    sign_below
        For an interval, the sign of the function at its lower end; opposite at the upper.
    function
        The function whose only zero in the interval this is.
    """

    lower: Fraction
    upper: Fraction
    sign_below: int = 0
    function: Poly = None

    @property
    def exact(self) -> bool:
        """Whether the zero is a known rational number."""
        return self.lower == self.upper

    def halve(self, tower: Tower) -> None:
        """Shrink the interval; undecided where no inner point has a certified sign."""
        for split in SPLITS:
            middle = simplest_inside(
                *(self.lower + (self.upper - self.lower) * (split + d) for d in _ABOUT)
            )
            sign = tower.sign_over(self.function, middle, middle)
            if sign:
                if sign == self.sign_below:
                    self.lower = middle
                else:
                    self.upper = middle
                return
        raise Undecided

    def settle(self, tower: Tower) -> None:
        """Shrink the interval, and make the zero exact if it is a simple rational number."""
        for _ in range(HALVINGS_BEFORE_GUESS):
            guess = simplest_inside(self.lower, self.upper)
            if not tower.sign_over(self.function, guess, guess) and _vanishes(
                tower, self.function, guess
            ):
                self.lower = self.upper = guess
                return
            self.halve(tower)

    def to_json(self) -> dict[str, str]:
        """Return the zero as JSON data."""
        return {"from": str(self.lower), "to": str(self.upper)}


_ABOUT = (Fraction(-1, 50), Fraction(1, 50))


def _vanishes(tower: Tower, function: Poly, point: Fraction) -> bool:
    try:
        return tower.leading(function, Place(point, 1))[2]
    except Undecided:
        return False


def simplest_inside(lower: Fraction, upper: Fraction) -> Fraction:
    """Return the fraction of least denominator strictly between two numbers."""
    if lower < 0 < upper:
        return Fraction(0)
    if upper <= 0:
        return -simplest_inside(-upper, -lower)
    whole = Fraction(floor(lower) + 1)
    if whole < upper:
        return whole
    base = whole - 1
    if lower == base:
        return base + Fraction(1, floor(1 / (upper - base)) + 1)
    return base + 1 / simplest_inside(1 / (upper - base), 1 / (lower - base))


def polynomial_zeros(poly: Poly, inside: Callable[[Fraction], bool]) -> list[Zero]:
    """Return the real zeros, within the domain, of an irreducible polynomial in s alone."""
    degree = int(poly.degrees()[0])
    if degree == 1:
        at = {int(powers[0]): value for powers, value in poly.to_dict().items()}
        root = -at.get(0, fmpq(0)) / at[1]
        exact = Fraction(int(root.p), int(root.q))
        return [Zero(exact, exact)] if inside(exact) else []
    dense = _dense(poly, degree)
    with ctx.workprec(128):
        # Pairs of root and multiplicity; a real root has an imaginary part that is exactly 0.
        roots: Any = dense.complex_roots()
    balls = [root.real for root, _ in roots if root.imag.is_zero()]
    zeros = []
    for ball in balls:
        middle, radius = (
            Fraction(int(x.p), int(x.q)) for x in (ball.mid().fmpq(), ball.rad().fmpq())
        )
        lower, upper = _clean(middle, radius)
        below, above = _sign_at(dense, lower), _sign_at(dense, upper)
        if not below or below != -above:
            raise Undecided
        if inside(lower) and inside(upper):
            zeros.append(Zero(lower, upper, below, poly))
        elif inside(lower) or inside(upper):
            raise Undecided
    # Each widened interval holds the zero of its ball; apart, none holds two.
    if any(a.upper >= b.lower for a, b in pairwise(sorted(zeros, key=lambda zero: zero.lower))):
        raise Undecided
    return zeros


def _clean(middle: Fraction, radius: Fraction) -> tuple[Fraction, Fraction]:
    """Return a slightly wider interval whose ends have short denominators."""
    scale = 2**40
    while radius * scale > 1:
        scale //= 2
    scale = max(scale, 1)
    return Fraction(floor((middle - radius) * scale) - 1, scale), Fraction(
        ceil((middle + radius) * scale) + 1, scale
    )


def _dense(poly: Poly, degree: int) -> fmpz_poly:
    values = [fmpq(0)] * (degree + 1)
    for powers, value in poly.to_dict().items():
        values[int(powers[0])] = value
    shared = lcm(*(int(value.q) for value in values))
    return fmpz_poly([int((value * shared).p) for value in values])


def _sign_at(dense: fmpz_poly, point: Fraction) -> int:
    value = dense(fmpq(point.numerator, point.denominator))
    return (value > 0) - (value < 0)


def disjoint(tower: Tower, zeros: list[Zero]) -> list[Zero]:
    """Return the zeros in order, narrowed until they are apart; exact ones that agree are one."""
    zeros = sorted(zeros, key=lambda zero: (zero.lower, zero.upper))
    apart: list[Zero] = []
    for zero in zeros:
        if apart and apart[-1].exact and zero.exact and apart[-1].lower == zero.lower:
            continue
        apart.append(zero)
    for left, right in pairwise(apart):
        for _ in range(MOST_HALVINGS):
            if left.upper < right.lower:
                break
            for one in (left, right):
                if not one.exact:
                    one.halve(tower)
    if any(left.upper >= right.lower for left, right in pairwise(apart)):
        raise Undecided
    return apart


def sample_points(domain: Domain, zeros: list[Zero]) -> list[Fraction]:
    """Return one point of the domain in each gap that the zeros leave."""
    lows = [domain.lower, *(zero.upper for zero in zeros)]
    highs = [*(zero.lower for zero in zeros), domain.upper]
    return [_between(low, high) for low, high in zip(lows, highs, strict=True)]


def _between(lower: Bound, upper: Bound) -> Fraction:
    if lower is None:
        return Fraction(0) if upper is None else min(Fraction(0), upper - 1)
    return lower + 1 if upper is None else simplest_inside(lower, upper)
