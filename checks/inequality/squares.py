"""Completed squares: ``4A (A x^2 + B x + C) = (2 A x + B)^2 + (4 A C - B^2)``.

Guarantees: a node that is returned is a combination whose multiplier and terms are nonnegative.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import fmpq

from .combination import by_coefficients
from .question import Node, Poly, Question, monomial, poly_data, terms

Certify = Callable[[Question, int], Node | None]


def by_square(question: Question, depth: int, certify: Certify) -> Node | None:
    """Complete the square in an unknown of degree 2: 4A(Ax^2+Bx+C) = (2Ax+B)^2 + (4AC-B^2)."""
    context = question.context
    for number, degree in enumerate(question.goal.degrees()):
        if degree != 2:
            continue
        parts = _by_power(question.goal, number)
        a, b, c = (parts.get(e, context.constant(0)) for e in (2, 1, 0))
        if b.is_zero() or by_coefficients(question.of(a, strict=True)) is None:
            continue
        rest = certify(question.of(4 * a * c - b * b, strict=question.strict), depth - 1)
        if rest is not None and rest["rule"] == "combination":
            square = 2 * a * context.gens()[number] + b
            return _with_square(question, 4 * a, square, rest)
    return None


def _by_power(poly: Poly, number: int) -> dict[int, Poly]:
    context = poly.context()
    parts: dict[int, dict[Any, Any]] = {}
    for exponents, coefficient in terms(poly):
        rest = (*exponents[:number], 0, *exponents[number + 1 :])
        parts.setdefault(exponents[number], {})[rest] = coefficient
    return {e: context.from_dict(part) for e, part in parts.items()}


def _with_square(question: Question, factor: Poly, square: Poly, rest: Node) -> Node:
    """Return ``m factor goal = m square^2 + ...`` where `rest` proves ``m (4AC - B^2) = ...``."""
    context = question.context
    names = context.names()
    multiplier = context.constant(0)
    for coefficient, powers in rest["multiplier"]:
        exponents = [powers.get(name, 0) for name in names]
        multiplier += fmpq(*map(int, coefficient.split("/"))) * monomial(context, exponents)
    squares = [
        {
            "coefficient": coefficient,
            "variables": dict(powers),
            "hypotheses": {},
            "square": poly_data(square),
        }
        for coefficient, powers in rest["multiplier"]
    ]
    return {
        "rule": "combination",
        "multiplier": poly_data(multiplier * factor),
        "terms": [*squares, *rest["terms"]],
    }
