"""Towers: one variable and the functions above it, each with its derivative, balls and expansion.

Guarantees: polynomials in the functions of a tower are differentiated exactly; every value is a
ball (Arb) or an exact expansion.
A function stands in a tower only where it is analytic on the whole open domain: the builder shows
that arguments of logarithms and roots are positive there and that divisors do not vanish.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq

from .univariate_balls import PRECISIONS, Undecided, ball_sign
from .univariate_expansion import Expansions
from .univariate_functions import (
    MOST_FUNCTIONS,
    RING,
    Function,
    Place,
    Poly,
    Quotient,
    polynomial,
    quotient,
)


@dataclass
class Tower:
    """The variable on an open domain, and the functions above it in the order of their making."""

    functions: list[Function] = field(default_factory=list)
    _balls: dict[Any, list[arb]] = field(default_factory=dict)
    _expansions: Expansions = field(init=False)

    def __post_init__(self) -> None:
        self._expansions = Expansions(self.functions)

    def push(self, function: Function) -> Poly:
        """Put a function on top and return it as a polynomial."""
        if len(self.functions) == MOST_FUNCTIONS:
            raise Undecided
        self.functions.append(function)
        return RING.gens()[len(self.functions)]

    def derivative(self, poly: Poly) -> Quotient:
        """Return the derivative of a polynomial in the functions."""
        total = Quotient(poly.derivative(0), polynomial(1))
        for k, function in enumerate(self.functions, start=1):
            if not function.constant:
                inner = poly.derivative(k)
                if not inner.is_zero():
                    total = total + Quotient(inner, polynomial(1)) * function.derivative
        return quotient(self.reduce(total.above), self.reduce(total.below))

    def reduce(self, poly: Poly) -> Poly:
        """Replace powers of a root by what it is the root of."""
        for k in range(len(self.functions), 0, -1):
            function = self.functions[k - 1]
            if function.kind == "root":
                poly = _reduced(poly, k, function.degree, function.argument.above)
        return poly

    def moves(self, poly: Poly) -> bool:
        """Tell whether a polynomial depends on the variable at all."""
        degrees = poly.degrees()
        moving = (d for d, f in zip(degrees[1:], self.functions, strict=False) if not f.constant)
        return bool(degrees[0] or any(moving))

    def text(self, poly: Poly) -> str:
        """Return a polynomial as text in the names of the functions."""
        names = ["s", *(f.text for f in self.functions)]
        terms = []
        for powers, coefficient in sorted(poly.to_dict().items(), reverse=True):
            factors = [
                n if p == 1 else f"{n}^{p}" for n, p in zip(names, powers, strict=False) if p
            ]
            if coefficient != 1 or not factors:
                factors.insert(0, str(coefficient))
            terms.append("*".join(factors))
        return " + ".join(terms).replace("+ -1*", "- ").replace("+ -", "- ") or "0"

    def ball(self, poly: Poly, lower: Fraction, upper: Fraction) -> arb:
        """Return an enclosure of a polynomial over [lower, upper] at the working precision."""
        values = self._function_balls(lower, upper)
        return _evaluate(poly, values)

    def sign_over(self, poly: Poly, lower: Fraction, upper: Fraction) -> int:
        """Return the certified sign over [lower, upper], 0 if no ball excludes 0."""
        for bits in PRECISIONS:
            with ctx.workprec(bits):
                sign = ball_sign(self.ball(poly, lower, upper))
            if sign or (lower < upper and bits > PRECISIONS[0]):
                return sign
        return 0

    def _function_balls(self, lower: Fraction, upper: Fraction) -> list[arb]:
        key = (lower, upper, ctx.prec)
        values = self._balls.setdefault(key, [])
        if not values:
            low, high = (arb(fmpq(x.numerator, x.denominator)) for x in (lower, upper))
            values.append(low if lower == upper else low.union(high))
        for function in self.functions[len(values) - 1 :]:
            values.append(_function_ball(function, values))
        return values

    def leading(self, poly: Poly, place: Place) -> tuple[int, str, bool]:
        """Return sign, text and whether the limit is 0, of the first term at a place."""
        return self._expansions.leading(poly, place)


def _reduced(poly: Poly, index: int, degree: int, base: Poly) -> Poly:
    if poly.degrees()[index] < degree:
        return poly
    total = polynomial(0)
    for powers, coefficient in poly.to_dict().items():
        whole, rest = divmod(powers[index], degree)
        kept = RING.from_dict({(*powers[:index], rest, *powers[index + 1 :]): coefficient})
        total += kept * base**whole
    return total


def _evaluate(poly: Poly, values: list[arb]) -> arb:
    total = arb(0)
    for powers, coefficient in poly.to_dict().items():
        term = arb(coefficient)
        for value, power in zip(values, powers, strict=False):
            if power:
                term *= value ** int(power)
        total += term
    return total


def _function_ball(function: Function, values: list[arb]) -> arb:
    if function.kind == "pi":
        return arb.pi()
    above = _evaluate(function.argument.above, values)
    inner = above / _evaluate(function.argument.below, values)
    match function.kind:
        case "log":
            return inner.log()
        case "exp":
            return inner.exp()
        case "root":
            return inner.root(function.degree)
        case _:
            return inner.atan()
