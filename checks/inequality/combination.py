"""Certificates by linear combination: the goal as a sum of products that are nonnegative.

Guarantees: a node that is returned is an identity of polynomials with rational coefficients, found
by exact linear programming, each of whose terms is nonnegative (one of them positive, where the
goal is strict).
What it cannot see: goals that need squares of longer polynomials than those offered here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations, combinations_with_replacement, islice
from typing import Any

from sympy import exp
from sympy.tensor.indexed import Indexed

from .linear import nonnegative_solution
from .question import Node, Poly, Question, monomial, poly_data, terms

_PRODUCTS = 1500
_MONOMIALS = 400
"""Larger linear programs are left alone: they seldom succeed and take minutes."""


@dataclass(frozen=True)
class Product:
    """A product that is known to be nonnegative: variables, hypotheses and a square."""

    poly: Poly
    variables: tuple[int, ...]
    hypotheses: tuple[int, ...] = ()
    square: Poly | None = None
    negative: bool = field(default=False)

    def data(self, coefficient: Any, names: tuple[str, ...]) -> Node:
        """Return the term of a certificate."""
        used: dict[str, int] = {}
        for number in self.hypotheses:
            used[str(number)] = used.get(str(number), 0) + 1
        node: Node = {
            "coefficient": str(-coefficient if self.negative else coefficient),
            "variables": {names[a]: e for a, e in enumerate(self.variables) if e},
            "hypotheses": used,
        }
        if self.square is not None:
            node["square"] = poly_data(self.square)
        return node


def by_coefficients(question: Question) -> Node | None:
    """Return the certificate of a goal all of whose terms have the sign asked for."""
    signs = [u.sign for u in question.unknowns]
    positive = False
    node: list[Node] = []
    names = question.context.names()
    for exponents, coefficient in terms(question.goal):
        if coefficient < 0 or not _nonnegative(exponents, signs):
            return None
        positive = positive or _positive(exponents, signs)
        node.append(Product(question.goal, exponents).data(coefficient, names))
    if question.strict and not positive:
        return None
    return {"rule": "combination", "multiplier": [["1", {}]], "terms": node}


def _nonnegative(exponents: tuple[int, ...], signs: list[str]) -> bool:
    return all(e % 2 == 0 or s != "real" for e, s in zip(exponents, signs, strict=True))


def _positive(exponents: tuple[int, ...], signs: list[str]) -> bool:
    return all(not e or s == ">0" for e, s in zip(exponents, signs, strict=True))


def by_combination(question: Question, multiplier: Poly | None = None) -> Node | None:
    """Return the certificate of a goal as a nonnegative combination of products, if there is one.

    Parameters
    ----------
    question
        The goal and its hypotheses.
    multiplier
        A polynomial that is positive term by term; the certificate is for the goal times it.
    """
    context = question.context
    one = context.constant(1)
    multiplier = one if multiplier is None else multiplier
    goal = question.goal * multiplier
    if len(terms(goal)) > _MONOMIALS:
        return None
    question.work.spend(20)
    shape = _Shape(question, goal)
    if shape.is_large():
        return None
    products = list(islice(_products(question, shape), _PRODUCTS + 1))
    if len(products) > _PRODUCTS:
        return None
    question.work.spend(len(products) / 5)
    columns = [dict(terms(-p.poly if p.negative else p.poly)) for p in products]
    target = dict(terms(goal))
    if question.strict:
        found = _strictly(question, products, columns, target)
    else:
        found = nonnegative_solution(columns, target, question.work)
    if found is None:
        return None
    names = context.names()
    return {
        "rule": "combination",
        "multiplier": poly_data(multiplier),
        "terms": [products[c].data(value, names) for c, value in found.items()],
    }


def _strictly(
    question: Question, products: list[Product], columns: list[dict[Any, Any]], target: Any
) -> dict[int, Any] | None:
    """Return a combination with a positive part: the sum of all positive products has weight 1."""
    signs = [u.sign for u in question.unknowns]
    positive = [
        c
        for c, p in enumerate(products)
        if p.square is None
        and not p.negative
        and _positive(p.variables, signs)
        and all(question.hypotheses[h].relation == ">0" for h in p.hypotheses)
    ]
    # In homogeneous form: the goal times q >= 0 is the sum, the positive products having weight 1.
    wide = [dict(column) for column in columns]
    for c in positive:
        wide[c]["scale"] = 1
    wide.append({row: -value for row, value in target.items()})
    found = nonnegative_solution(wide, {"scale": 1}, question.work)
    if found is None:
        return None
    factor = found.pop(len(columns), None)
    if not factor:  # the hypotheses contradict each other, or a sum of products is 0
        return None
    return {c: value / factor for c, value in found.items()}


def _products(question: Question, shape: _Shape) -> Iterator[Product]:
    """Yield products that may occur: those whose grades and degrees the goal has."""
    context, signs = question.context, [u.sign for u in question.unknowns]
    for exponents in shape.monomials():
        if _nonnegative(exponents, signs):
            yield Product(monomial(context, exponents), exponents)
    for chosen, poly, negative in _hypothesis_products(question):
        for exponents in shape.cofactors(poly):
            product = monomial(context, exponents)
            if negative or _nonnegative(exponents, signs):
                yield Product(product * poly, exponents, chosen)
            if negative:
                yield Product(product * poly, exponents, chosen, negative=True)
    for square, cofactor in shape.squares():
        if _nonnegative(cofactor, signs):
            yield Product(monomial(context, cofactor) * square * square, cofactor, (), square)


def _hypothesis_products(question: Question) -> Iterator[tuple[tuple[int, ...], Poly, bool]]:
    known = question.hypotheses
    for number, one in enumerate(known):
        yield (number,), one.poly, one.relation == "==0"
    plain = [k for k, h in enumerate(known) if h.relation != "==0"]
    if len(plain) <= 8:
        for a, b in combinations_with_replacement(plain, 2):
            if a != b or known[a].relation == ">0":
                yield (a, b), known[a].poly * known[b].poly, False


class _Shape:
    """Which monomials can take part: bounded by the grades and the degree of the goal.

    A grade counts one base factor: a sum of w^2 K has grade 2 in w.
    """

    def __init__(self, question: Question, goal: Poly) -> None:
        self._context = question.context
        self._work = question.work
        self._rows = _grades(question)
        support = [m for m, _ in terms(goal)]
        self._bounds = [_range(row, support) for row in self._rows]
        degrees = [sum(m) for m in support] or [0]
        self._degree = max(degrees)
        self._used = sorted(
            {a for m in support for a, e in enumerate(m) if e}
            | {
                a
                for h in question.hypotheses
                for m, _ in terms(h.poly)
                for a, e in enumerate(m)
                if e
            }
        )
        self._found: dict[int, list[tuple[int, ...]]] = {}

    def _fits(self, exponents: tuple[int, ...]) -> bool:
        return all(
            low <= sum(g * e for g, e in zip(row, exponents, strict=True)) <= high
            for row, (low, high) in zip(self._rows, self._bounds, strict=True)
        )

    def monomials(self) -> list[tuple[int, ...]]:
        """Return the monomials within the bounds of the goal."""
        return [m for m in self._some(self._degree) if self._fits(m)]

    def is_large(self) -> bool:
        """Tell whether there are too many monomials to be looked at."""
        return not self._some(self._degree)

    def _some(self, degree: int) -> list[tuple[int, ...]]:
        """Return all monomials of the unknowns used up to a degree, or none if they are many."""
        if degree not in self._found:
            found = list(islice(self._all(degree), _MONOMIALS + 1))
            self._work.spend(len(found) / 4)
            self._found[degree] = found if len(found) <= _MONOMIALS else []
        return self._found[degree]

    def _all(self, degree: int) -> Iterator[tuple[int, ...]]:
        width = len(self._rows[0])

        def grow(place: int, left: int, so_far: list[int]) -> Iterator[tuple[int, ...]]:
            if place == len(self._used):
                yield tuple(so_far)
                return
            number = self._used[place]
            for exponent in range(left + 1):
                so_far[number] = exponent
                if all(
                    sum(g * e for g, e in zip(row, so_far, strict=True)) <= high
                    for row, (_, high) in zip(self._rows, self._bounds, strict=True)
                ):
                    yield from grow(place + 1, left - exponent, so_far)
            so_far[number] = 0

        yield from grow(0, degree, [0] * width)

    def cofactors(self, poly: Poly) -> list[tuple[int, ...]]:
        """Return the monomials whose product with `poly` stays within the bounds."""
        inner = [m for m, _ in terms(poly)]
        degree = self._degree - max((sum(m) for m in inner), default=0)
        if degree < 0:
            return []
        return [
            m for m in self._some(degree) if all(self._fits(_plus(m, other)) for other in inner)
        ]

    def squares(self) -> Iterator[tuple[Poly, tuple[int, ...]]]:
        """Yield differences and sums of two monomials with the cofactors of their squares."""
        half = [m for m in self._some(self._degree // 2) if any(m)]
        half.append((0,) * len(self._rows[0]))
        if len(half) > 60:
            half = [m for m in half if sum(m) <= 1]
        for a, b in combinations(half, 2):
            if any(x and y for x, y in zip(a, b, strict=True)):
                continue
            sides = monomial(self._context, a), monomial(self._context, b)
            for square in (sides[0] - sides[1], sides[0] + sides[1]):
                for cofactor in self.cofactors(square * square):
                    yield square, cofactor


def _grades(question: Question) -> list[tuple[int, ...]]:
    """Return for each base factor how often it counts in each unknown, plus the plain degree.

    A logit whose exponential occurs is not counted: facts on logarithms mix its grades.
    """
    names = sorted({f for u in question.unknowns for f in u.powers}, key=str)
    exponents = {m for f in names if isinstance(f, exp) for m in f.args[0].atoms(Indexed)}
    rows: list[tuple[int, ...]] = []
    for factor in (f for f in names if f not in exponents):
        row = [u.powers.get(factor, 0) for u in question.unknowns]
        if all(int(e) == e for e in row) and all(e >= 0 for e in row):
            rows.append(tuple(int(e) for e in row))
    rows.append((0,) * len(question.unknowns))
    return rows


def _range(row: tuple[int, ...], support: Iterable[tuple[int, ...]]) -> tuple[int, int]:
    values = [sum(g * e for g, e in zip(row, m, strict=True)) for m in support] or [0]
    return min(values), max(values)


def _plus(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(x + y for x, y in zip(a, b, strict=True))
