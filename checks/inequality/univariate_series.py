"""Expansions at an end of an interval: sums of c * t^e * log(1/t)^k, with an exact error order.

Guarantees: with s = a + t, a - t, 1/t or -1/t and t falling to 0, a series stands for its terms
plus an error smaller than t^(order - h) for every h > 0; coefficients are exact.
The first term that is not 0 therefore fixes the sign close to the end.
What it cannot see: a function whose terms up to the order all vanish.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

from flint import fmpq

from . import univariate_constants as constants
from .univariate_balls import Undecided
from .univariate_constants import Constant, number

EXACT = Fraction(10**9)
"""The order of a series without an error; no expansion comes near it."""

MOST_TERMS = 80


@dataclass(frozen=True, slots=True)
class Series:
    """Terms by exponent of t, and the order from which on nothing is known."""

    terms: Mapping[Fraction, Constant]
    order: Fraction = EXACT

    @property
    def least(self) -> Fraction:
        """A bound from below for the exponents of everything in the series."""
        return min(self.terms, default=self.order)

    def __add__(self, other: Series) -> Series:
        order = min(self.order, other.order)
        terms = dict(self.terms)
        for exponent, value in other.terms.items():
            terms[exponent] = terms[exponent] + value if exponent in terms else value
        return _cut(terms, order)

    def __mul__(self, other: Series) -> Series:
        order = EXACT
        if self.order < EXACT:
            order = min(order, self.order + min(other.least, other.order))
        if other.order < EXACT:
            order = min(order, other.order + min(self.least, self.order))
        terms: dict[Fraction, Constant] = {}
        for e, a in self.terms.items():
            for f, b in other.terms.items():
                if e + f < order:
                    value = a * b
                    terms[e + f] = terms[e + f] + value if e + f in terms else value
        return _cut(terms, order)

    def scaled(self, factor: fmpq) -> Series:
        """Return the series times a rational number other than 0."""
        return Series({e: c.scaled(factor) for e, c in self.terms.items()}, self.order)

    def leading(self) -> tuple[Fraction, Constant]:
        """Return the first term; undecided if none is known."""
        if not self.terms:
            raise Undecided
        first = min(self.terms)
        return first, self.terms[first]


def _cut(terms: dict[Fraction, Constant], order: Fraction) -> Series:
    kept = {e: c for e, c in terms.items() if e < order and not c.zero}
    if len(kept) > MOST_TERMS:
        raise Undecided
    return Series(kept, order)


def constant(value: Constant) -> Series:
    """Return a constant as a series."""
    return Series({} if value.zero else {Fraction(0): value})


def monomial(exponent: int | Fraction, value: Constant) -> Series:
    """Return one term as a series."""
    return Series({Fraction(exponent): value})


ONE = constant(number(1))


def logarithm(value: Series, order: int) -> Series:
    """Return the logarithm of a series that is positive for small t."""
    exponent, lead, rest = _normalised(value)
    start = constants.logarithm(lead) + constants.growth() * number(-exponent)
    weights = [fmpq((-1) ** (k + 1), k) for k in range(1, 4 * order + 2)]
    return constant(start) + _compose(rest, weights, order)


def power(value: Series, exponent: Fraction, order: int) -> Series:
    """Return a rational power of a series; positive for small t unless the power is an integer."""
    if exponent.denominator == 1 and exponent >= 0:
        return reduce(lambda done, _: done * value, range(int(exponent)), ONE)
    first, lead, rest = _normalised(value)
    weights: list[fmpq] = []
    binomial = fmpq(1)
    for k in range(1, 4 * order + 2):
        binomial *= (fmpq(exponent.numerator, exponent.denominator) - (k - 1)) / k
        weights.append(binomial)
    head = monomial(first * exponent, constants.power(lead, exponent))
    return head * (ONE + _compose(rest, weights, order))


def exponential(value: Series, order: int) -> tuple[Series, Series]:
    """Return the exponential as (p, x): e^p * x, with p the terms that grow without bound."""
    if value.order <= 0:
        raise Undecided
    polar = {e: c for e, c in value.terms.items() if e < 0}
    middle = value.terms.get(Fraction(0), Constant())
    small = {e: c for e, c in value.terms.items() if e > 0}
    slope = middle.part(1).leading().rational() if not middle.part(1).zero else fmpq(0)
    if slope is None or middle.grows() > 1:
        raise Undecided
    shift = Fraction(int(-slope.p), int(slope.q))
    head = monomial(shift, constants.exponential(middle.part(0)))
    weights: list[fmpq] = []
    factorial = fmpq(1)
    for k in range(1, 4 * order + 2):
        factorial /= k
        weights.append(factorial)
    return Series(polar), head * (ONE + _compose(Series(small, value.order), weights, order))


def arctangent(value: Series, order: int) -> Series:
    """Return the arc tangent of a series that tends to 0 or grows without bound."""
    exponent, lead = value.leading()
    if exponent > 0:
        return _compose(value, _atan_weights(order), order)
    if exponent == 0:
        return _arctangent_beside(value, order)
    half = constants.pi().scaled(fmpq(lead.sign(), 2))
    inverse = power(value, Fraction(-1), order)
    return constant(half) + _compose(inverse, _atan_weights(order), order).scaled(fmpq(-1))


def _arctangent_beside(value: Series, order: int) -> Series:
    """Use atan(c + d) = atan(c) + atan(d / (1 + c * (c + d))), which holds for small d."""
    centre = value.terms[Fraction(0)]
    if centre.grows():
        raise Undecided
    difference = value + constant(centre.scaled(-1))
    below = power(ONE + constant(centre) * value, Fraction(-1), order)
    return constant(constants.arctangent(centre)) + _compose(
        difference * below, _atan_weights(order), order
    )


def _atan_weights(order: int) -> list[fmpq]:
    return [fmpq((-1) ** (k // 2), k) if k % 2 else fmpq(0) for k in range(1, 4 * order + 2)]


def _normalised(value: Series) -> tuple[Fraction, Constant, Series]:
    """Return e, c and d with the series equal to c * t^e * (1 + d), d tending to 0."""
    exponent, lead = value.leading()
    if lead.grows():
        raise Undecided
    inverse = constants.power(lead, Fraction(-1))
    rest = {e - exponent: c * inverse for e, c in value.terms.items() if e != exponent}
    order = value.order - exponent if value.order < EXACT else EXACT
    return exponent, lead, Series(rest, order)


def _compose(value: Series, weights: list[fmpq], order: int) -> Series:
    """Return the power series without constant term, taken at a series that tends to 0."""
    least = min(value.least, value.order)
    if least <= 0:
        raise Undecided
    if not value.terms and value.order == EXACT:
        return Series({})
    known = min(value.order, Fraction(order), least * (len(weights) + 1))
    total = Series({}, known)
    step = Series({e: c for e, c in value.terms.items() if e < known}, known)
    current = ONE
    for weight in weights:
        current = Series((current * step).terms, known)
        current = _cut(dict(current.terms), known)
        if not current.terms:
            break
        if weight != 0:
            total = total + current.scaled(weight)
    return total
