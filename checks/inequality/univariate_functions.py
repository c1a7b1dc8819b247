"""The functions that a tower is made of, and the polynomial ring that they live in.

Guarantees: exact polynomials with rational coefficients in the variable and up to eleven functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx

Poly = Any
MOST_FUNCTIONS = 11
RING = fmpq_mpoly_ctx.get(("s", *(f"g{k}" for k in range(1, MOST_FUNCTIONS + 1))), Ordering.lex)
VARIABLE: Poly = RING.gens()[0]


def polynomial(value: fmpq | int) -> Poly:
    """Return a rational number as a polynomial of the ring."""
    return RING.constant(value)


@dataclass(frozen=True, slots=True)
class Quotient:
    """A quotient of two polynomials; the divisor has no zero in the open domain."""

    above: Poly
    below: Poly

    def __add__(self, other: Quotient) -> Quotient:
        return quotient(
            self.above * other.below + other.above * self.below, self.below * other.below
        )

    def __mul__(self, other: Quotient) -> Quotient:
        return quotient(self.above * other.above, self.below * other.below)


def quotient(above: Poly, below: Poly) -> Quotient:
    """Return a quotient in lowest terms."""
    shared = above.gcd(below)
    if shared != 1 and not shared.is_zero():
        above, below = above / shared, below / shared
    return Quotient(above, below)


@dataclass(frozen=True)
class Function:
    """One function of a tower.

    Attributes
    ----------
    kind
        "log", "exp", "root", "atan" or "pi".
    argument
        What it is taken of; for a root a polynomial over 1.
    degree
        Which root it is.
    text
        How it prints.
    derivative
        Its derivative.
    constant
        Whether it does not depend on the variable.
    """

    kind: str
    argument: Quotient
    degree: int
    text: str
    derivative: Quotient
    constant: bool

    @property
    def positive(self) -> bool:
        """Whether it is positive wherever it is defined, by its kind."""
        return self.kind in ("exp", "root", "pi") or (self.kind == "log" and self.constant)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expansion is taken: beside a rational point, or towards infinity.

    Attributes
    ----------
    point
        The rational point, None for infinity.
    side
        1 for s = point + t or s = 1/t, -1 for s = point - t or s = -1/t.
    """

    point: Fraction | None
    side: int

    def __str__(self) -> str:
        if self.point is None:
            return "oo" if self.side > 0 else "-oo"
        return f"{self.point}{'+' if self.side > 0 else '-'}"
