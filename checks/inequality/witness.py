"""Exact points of a polynomial question: where its hypotheses hold, where its goal fails.

Guarantees: every point returned has the stated signs and obeys every hypothesis, by rational
arithmetic; the same seed gives the same points.
It searches among small fractions, and solves an equation only for an unknown that occurs in it
linearly: finding no point proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from math import prod
from random import Random
from typing import TypeAlias

from .smtlib import Hypothesis, Polynomial, Terms, exact_terms

Point: TypeAlias = dict[str, Fraction]
Equation: TypeAlias = tuple[Terms, str]

TRIES = 200
WHOLE = (1, 2, 3, 5, 7, 10, 100)
SIZES = (*map(Fraction, WHOLE), *(Fraction(1, size) for size in WHOLE), Fraction(3, 2))
DENOMINATORS = (1, 2, 3, 10, 100, 10**4, 10**8)


def hypothesis_points(
    variables: Mapping[str, str], hypotheses: Sequence[Hypothesis], seed: int = 0
) -> Iterator[Point]:
    """Yield the exact points, among 200 tried, that obey the signs and the hypotheses.

    Parameters
    ----------
    variables
        The sign of each unknown: ">0", ">=0" or "real".
    hypotheses
        Polynomials with their relations to zero.
    seed
        Where the search starts.

    Raises
    ------
    DeclarationError
        If a polynomial is not one in these variables (see `smtlib.exact_terms`).

    Examples
    --------
    >>> sum_is_one = [("1", {"a": 1}), ("1", {"b": 1}), ("-1", {})]
    >>> point = next(hypothesis_points({"a": ">0", "b": ">0"}, [(sum_is_one, "==0")]))
    >>> sum(point.values()) == 1 and min(point.values()) > 0
    True
    """
    tried = islice(_tried(variables, Random(seed)), TRIES)
    return _obedient(tried, variables, hypotheses)


def points_near(
    point: Mapping[str, Fraction],
    variables: Mapping[str, str],
    hypotheses: Sequence[Hypothesis],
) -> Iterator[Point]:
    """Yield exact points of the hypotheses among the roundings of a point.

    Parameters
    ----------
    point
        Values that need not be exact; a variable without one is taken as 1.
    variables, hypotheses
        As in `hypothesis_points`.
    """
    whole = {name: point.get(name, Fraction(1)) for name in variables}
    rounded = (
        {name: value.limit_denominator(most) for name, value in whole.items()}
        for most in DENOMINATORS
    )
    return _obedient((whole, *rounded), variables, hypotheses)


def holds_at(polynomial: Polynomial, relation: str, point: Mapping[str, Fraction]) -> bool:
    """Tell whether a polynomial is ">=0", ">0" or "==0" at an exact point.

    >>> holds_at([("1", {"a": 2}), ("-2", {})], ">0", {"a": Fraction(3, 2)})
    True
    """
    signs = dict.fromkeys(point, "real")
    return _related(_value(exact_terms(polynomial, signs), point), relation)


def _obedient(
    points: Iterator[Point] | Sequence[Point],
    variables: Mapping[str, str],
    hypotheses: Sequence[Hypothesis],
) -> Iterator[Point]:
    stated = [(exact_terms(poly, variables), relation) for poly, relation in hypotheses]
    equations = _solvable([terms for terms, relation in stated if relation == "==0"])
    for tried in points:
        point = _on_equations(tried, equations)
        if all(sign == "real" or _related(point[x], sign) for x, sign in variables.items()) and all(
            _related(_value(terms, point), relation) for terms, relation in stated
        ):
            yield point


def _tried(variables: Mapping[str, str], random: Random) -> Iterator[Point]:
    yield dict.fromkeys(variables, Fraction(1))
    while True:
        yield {name: _size(sign, random) for name, sign in variables.items()}


def _size(sign: str, random: Random) -> Fraction:
    if sign != ">0" and random.random() < 0.2:
        return Fraction(0)
    size = random.choice(SIZES)
    return -size if sign == "real" and random.random() < 0.5 else size


def _solvable(equations: Sequence[Terms]) -> list[Equation]:
    """Pair each equation with an unknown linear in it that no earlier equation contains."""
    paired: list[Equation] = []
    used: set[str] = set()
    for terms in equations:
        powers = [power for monomial in terms for power in monomial]
        linear = {x for x, _ in powers} - {x for x, power in powers if power > 1} - used
        if linear:
            paired.append((terms, min(linear)))
        used |= {x for x, _ in powers}
    return paired


def _on_equations(tried: Point, equations: Sequence[Equation]) -> Point:
    point = dict(tried)
    for terms, unknown in equations:
        at_zero = _value(terms, point | {unknown: Fraction(0)})
        slope = _value(terms, point | {unknown: Fraction(1)}) - at_zero
        if slope:
            point[unknown] = -at_zero / slope
    return point


def _value(terms: Terms, point: Mapping[str, Fraction]) -> Fraction:
    values = (c * prod(point[x] ** power for x, power in m) for m, c in terms.items())
    return sum(values, Fraction(0))


def _related(value: Fraction, relation: str) -> bool:
    return {">=0": value >= 0, ">0": value > 0, "==0": value == 0}[relation]
