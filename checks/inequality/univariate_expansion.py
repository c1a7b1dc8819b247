"""Expansions of the functions of a tower at an end of the domain or beside a rational point.

Guarantees: the first term that is returned is exact and is the first; with exponentials that
outgrow every power, it is the first term beside the largest of them.
What it cannot see: ends at which two scales of exponentials cancel; those stay undecided.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import Any

from flint import fmpq

from . import univariate_series as series
from .univariate_balls import Undecided
from .univariate_constants import Constant, number, pi
from .univariate_functions import Function, Place, Poly, Quotient
from .univariate_series import ONE, Series, monomial

ORDERS = (4, 10, 24)
"""How far expansions go, in turn."""

Swelling = frozenset[tuple[Fraction, frozenset[Any]]]


@dataclass
class Expansions:
    """The expansions of a growing list of functions, each kept once made."""

    functions: list[Function]
    _values: dict[Any, list[tuple[Series, Series]]] = field(default_factory=dict)

    def leading(self, poly: Poly, place: Place) -> tuple[int, str, bool]:
        """Return sign, text and whether the limit is 0, of the first term at a place."""
        for order in ORDERS:
            try:
                classes = self._classes(poly, self._function_series(place, order))
                swelling, value = _dominant(classes)
                exponent, lead = value.leading()
                sign = lead.sign()
            except Undecided:
                continue
            vanishes = exponent > 0 and not swelling
            text = f"({lead})*t^({exponent})" + ("*exp(...)" if swelling else "")
            return sign, text, vanishes
        raise Undecided

    def _function_series(self, place: Place, order: int) -> list[tuple[Series, Series]]:
        values = self._values.setdefault((place, order), [])
        if not values:
            values.append((Series({}), _variable_series(place)))
        for function in self.functions[len(values) - 1 :]:
            values.append(self._one_series(function, values, order))
        return values

    def _one_series(
        self, function: Function, values: list[tuple[Series, Series]], order: int
    ) -> tuple[Series, Series]:
        none = Series({})
        if function.kind == "pi":
            return none, series.constant(pi())
        swelling, value = self._single(function.argument, values, order)
        match function.kind:
            case "log":
                return none, swelling + series.logarithm(value, order)
            case "root":
                part = Fraction(1, function.degree)
                return swelling.scaled(fmpq(1, function.degree)), series.power(value, part, order)
        if swelling.terms:
            if swelling.leading()[1].sign() > 0:
                raise Undecided
            # Smaller than every power of t: nothing is left of it but the error.
            value = Series({}, Fraction(order))
        if function.kind == "exp":
            return series.exponential(value, order)
        if not value.terms and value.order == series.EXACT:
            return none, none
        return none, series.arctangent(value, order)

    def _single(
        self, value: Quotient, values: list[tuple[Series, Series]], order: int
    ) -> tuple[Series, Series]:
        """Return e^p * x for a quotient, leaving out what is smaller than every power beside it."""
        above = self._dominant_part(value.above, values, order)
        if value.below.is_constant():
            return above[0], above[1].scaled(1 / value.below.leading_coefficient())
        below = self._dominant_part(value.below, values, order)
        inverse = series.power(below[1], Fraction(-1), order)
        return above[0] + below[0].scaled(fmpq(-1)), above[1] * inverse

    def _dominant_part(
        self, poly: Poly, values: list[tuple[Series, Series]], order: int
    ) -> tuple[Series, Series]:
        classes = self._classes(poly, values)
        if not classes:
            return Series({}), Series({})
        swelling, value = _dominant(classes)
        if len(classes) > 1:
            # The other classes are smaller than every power of t: an error of any order.
            value = Series(value.terms, min(value.order, value.least + order))
        return Series({e: Constant(dict(key)) for e, key in swelling}), value

    def _classes(self, poly: Poly, values: list[tuple[Series, Series]]) -> dict[Swelling, Series]:
        powers: dict[tuple[int, int], Series] = {}
        classes: dict[Swelling, Series] = {}
        for exponents, coefficient in poly.to_dict().items():
            swelling, product = Series({}), ONE
            for k, exponent in enumerate(exponents):
                if exponent:
                    if (k, exponent) not in powers:
                        powers[k, exponent] = reduce(lambda x, y: x * y, [values[k][1]] * exponent)
                    product = product * powers[k, exponent]
                    swelling = swelling + values[k][0].scaled(fmpq(exponent))
            key = frozenset((e, c.key) for e, c in swelling.terms.items())
            term = product.scaled(coefficient)
            classes[key] = classes[key] + term if key in classes else term
        exact = series.EXACT
        return {k: v for k, v in classes.items() if v.terms or v.order < exact}


def _dominant(classes: dict[Swelling, Series]) -> tuple[Swelling, Series]:
    """Return the class that outgrows the others; undecided where their order is not certain."""
    best: Swelling | None = None
    for key in classes:
        if best is None or _outgrows(key, best):
            best = key
    if best is None:
        raise Undecided
    return best, classes[best]


def _outgrows(left: Swelling, right: Swelling) -> bool:
    """Tell whether e^left outgrows e^right: the difference is unbounded by a power of 1/t."""
    difference = Series({e: Constant(dict(c)) for e, c in left}) + Series(
        {e: Constant(dict(c)) for e, c in right}
    ).scaled(fmpq(-1))
    _, lead = difference.leading()
    return lead.sign() > 0


def _variable_series(place: Place) -> Series:
    if place.point is None:
        return monomial(-1, number(place.side))
    return series.constant(number(place.point)) + monomial(1, number(place.side))
