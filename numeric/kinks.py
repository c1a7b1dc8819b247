"""Where the branches inside an integrand meet: exact breakpoints in the running variable.

Guarantees: every zero, in the running variable, of a difference that selects a branch lies in one
of the balls returned; further points may be among them, which costs time but not truth.
Differences must be piecewise polynomials of degree at most 2 in the running variable; anything else
is an `UnsupportedError`, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from flint import arb, fmpq

from ..symbolic.errors import UnsupportedError
from . import elements
from .elements import ZERO, Element

Polynomial: TypeAlias = tuple[Element, ...]
"""Coefficients, constant first."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The polynomials in the running variable that a piecewise polynomial may be equal to.

    Each is a tuple of coefficients, constant first.
    """

    polynomials: tuple[Polynomial, ...]

    @classmethod
    def variable(cls) -> Candidates:
        """Return the running variable itself."""
        return cls(((ZERO, elements.ONE),))

    def combine(
        self, other: Any, rule: Callable[[Polynomial, Polynomial], Polynomial]
    ) -> Candidates:
        """Apply `rule` to every pair of polynomials."""
        others = other.polynomials if isinstance(other, Candidates) else ((other,),)
        return Candidates(tuple(rule(a, b) for a in self.polynomials for b in others))

    def __add__(self, other: Any) -> Candidates:
        return self.combine(other, _add)

    def __mul__(self, other: Any) -> Candidates:
        return self.combine(other, _multiply)

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self) -> Candidates:
        return self * fmpq(-1)

    def __sub__(self, other: Any) -> Candidates:
        return self + (-other)

    def __pow__(self, exponent: int) -> Candidates:
        result: Candidates = self
        for _ in range(exponent - 1):
            result = result * self
        return result

    def absolute(self) -> Candidates:
        """Return what the absolute value may be equal to."""
        return Candidates(self.polynomials + (-self).polynomials)

    def __rtruediv__(self, other: Any) -> NoReturn:
        _refuse("a quotient")

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        # Whatever else an element can do, a polynomial cannot.
        _refuse(name)


def _refuse(operation: str) -> NoReturn:
    raise UnsupportedError(
        "branches inside an integral meet where polynomials of degree 1 or 2 vanish",
        found=f"{operation} of the running variable in a condition",
        remedy="write the condition with the running variable itself, as in Abs(t - x) <= h",
    )


def any_of(values: list[Element]) -> Candidates:
    """Return the union of the candidates among `values`."""
    return Candidates(
        tuple(p for v in values for p in (v.polynomials if isinstance(v, Candidates) else ((v,),)))
    )


def _add(a: Polynomial, b: Polynomial) -> Polynomial:
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    return tuple(c + shorter[k] if k < len(shorter) else c for k, c in enumerate(longer))


def _multiply(a: Polynomial, b: Polynomial) -> Polynomial:
    result: list[Element] = [ZERO] * (len(a) + len(b) - 1)
    for k, c in enumerate(a):
        for m, d in enumerate(b):
            result[k + m] += c * d
    return tuple(result)


def roots(value: Element) -> list[arb]:
    """Return balls that hold every isolated real zero of every candidate.

    A ball that is not finite says that the precision does not separate the cases.
    """
    if not isinstance(value, Candidates):
        return []
    found: list[arb] = []
    for polynomial in value.polynomials:
        found.extend(_roots(list(polynomial)))
    return found


def _roots(coefficients: list[Element]) -> list[arb]:
    while coefficients and elements.sign(coefficients[-1]) == 0:
        coefficients.pop()
    if any(elements.is_series(c) for c in coefficients):
        raise UnsupportedError(
            "the points where branches inside an integral meet stay where they are",
            found="a breakpoint that moves with the variable of differentiation",
            remedy="take the derivative by a variable the breakpoints do not depend on",
        )
    if len(coefficients) <= 1:
        return []
    if len(coefficients) > 3:
        raise UnsupportedError(
            "branches inside an integral meet where polynomials of degree 1 or 2 vanish",
            found=f"degree {len(coefficients) - 1}",
            remedy="split the integral by hand, or write the condition in the distance itself",
        )
    if len(coefficients) == 2:
        return [elements.to_ball(elements.divide(-coefficients[0], coefficients[1]))]
    return _quadratic(*coefficients)


def _quadratic(c: Element, b: Element, a: Element) -> list[arb]:
    square = b * b - 4 * a * c
    if elements.sign(square) == -1:
        return []
    # Where the sign is not decided, the non-negative part still holds the square of any real root.
    root = elements.sqrt(square) if elements.sign(square) is not None else _upper_root(square)
    return [elements.to_ball(elements.divide(-b + s * root, 2 * a)) for s in (1, -1)]


def _upper_root(square: arb) -> arb:
    return square.nonnegative_part().sqrt()
