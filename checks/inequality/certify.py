"""Certificates for polynomial questions: the methods in the order of their cost.

Guarantees: a node that is returned proves the question by exact arithmetic.
The methods: signs of the terms, factors, linear combinations of products, ordering cones
(successive difference substitution), completed squares, and combinations after a multiplication.
What it cannot see: positivity that needs none of these; it answers None.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from random import Random
from typing import Any

from flint import fmpq

from .combination import by_coefficients, by_combination
from .question import (
    Hypothesis,
    Node,
    Poly,
    Question,
    Unknown,
    context_of,
    monomial,
    poly_data,
    terms,
)

_DEPTH = 2
_CONE_VARIABLES = 6
_SAMPLES = 100
_TERMS = 1500
"""Longer goals are only looked at term by term."""


def certify(question: Question, depth: int = _DEPTH) -> Node | None:
    """Return a proof of the question as data, or None."""
    if question.goal.is_zero():
        return None if question.strict else _nothing()
    question.work.spend(len(question.goal) / 20)
    direct = by_coefficients(question)
    if direct is not None:
        return direct
    if depth < 0 or len(question.goal) > _TERMS or _fails_somewhere(question):
        return None
    known = bool(question.hypotheses)
    methods = (_combined, by_cones) if known else (by_cones, _combined)
    for method in (by_factors, *methods, by_square, by_multiplier):
        node = method(question, depth)
        if node is not None:
            return node
    return None


def _combined(question: Question, _depth: int) -> Node | None:
    return by_combination(question)


def _nothing() -> Node:
    return {"rule": "combination", "multiplier": [["1", {}]], "terms": []}


def _fails_somewhere(question: Question) -> bool:
    """Tell whether the goal fails at values that satisfy the hypotheses: no proof can exist."""
    random = Random(0)
    signs = [u.sign for u in question.unknowns]
    for _ in range(_SAMPLES):
        values = [_draw(random, sign) for sign in signs]
        value = question.goal(*values)
        if (value < 0 or (question.strict and value == 0)) and _satisfies(question, values):
            return True
    return False


def _satisfies(question: Question, values: list[fmpq]) -> bool:
    for known in question.hypotheses:
        value = known.poly(*values)
        if known.relation == "==0":
            return False  # random values never meet an equation
        if value < 0 or (known.relation == ">0" and value == 0):
            return False
    return True


def _draw(random: Random, sign: str) -> fmpq:
    value = fmpq(random.choice((1, 1, 2, 3, 5, 9)), random.choice((1, 1, 2, 3, 7, 10)))
    if sign == ">=0" and random.random() < 0.2:
        return fmpq(0)
    if sign == "real" and random.random() < 0.5:
        return -value
    return value


# -- factors ---------------------------------------------------------------------------------------


def by_factors(question: Question, depth: int) -> Node | None:
    """Prove the sign of each irreducible factor by itself."""
    content, factors = question.goal.factor()
    if len(factors) == 1 and factors[0][1] == 1:
        return None
    negative = content < 0
    found: list[Node] = []
    for factor, power in factors:
        node = _signed(question, factor, int(power), depth)
        if node is None:
            return None
        found.append(node)
        negative ^= node["sign"].startswith("<") and bool(power % 2)
    if negative:
        return None
    return {"rule": "factors", "constant": str(content), "factors": found}


def _signed(question: Question, factor: Poly, power: int, depth: int) -> Node | None:
    """Return a factor with a proof of its sign."""
    data: Node = {"polynomial": poly_data(factor), "power": power}
    if power % 2 == 0 and not question.strict:
        return {**data, "sign": "any", "proof": None}
    for side, poly in ((">", factor), ("<", -factor)):
        proof = certify(question.of(poly, strict=question.strict), depth - 1)
        if proof is not None:
            return {**data, "sign": side + ("0" if question.strict else "=0"), "proof": proof}
    return None


# -- ordering cones --------------------------------------------------------------------------------


def by_cones(question: Question, depth: int) -> Node | None:
    """Order some of the unknowns in every way and write each as a sum of differences."""
    for chosen in _comparable(question):
        node = _in_cones(question, chosen, depth)
        if node is not None:
            return node
    return None


def _comparable(question: Question) -> list[list[int]]:
    """Return the sets of unknowns worth ordering: those of one grade that the goal holds."""
    used = [a for a, d in enumerate(question.goal.degrees()) if d > 0]
    groups: dict[Any, list[int]] = {}
    for a in used:
        unknown = question.unknowns[a]
        if unknown.sign != "real":
            groups.setdefault(frozenset(unknown.powers.items()), []).append(a)
    several = [g for g in groups.values() if 2 <= len(g) <= _CONE_VARIABLES]
    return sorted(several, key=len)


def _in_cones(question: Question, chosen: list[int], depth: int) -> Node | None:
    symmetric = _symmetric(question, chosen)
    names = question.context.names()
    fresh = [f"{'t' * (_level(names) + 1)}{k + 1}" for k in range(len(chosen))]
    cases: list[Node] = []
    for order in permutations(chosen):
        if not all(_in_order(order, group) for group in symmetric):
            continue
        inner = _cone(question, order, fresh)
        proof = certify(inner, 0 if len(chosen) <= 3 and depth > 0 else -1)
        if proof is None:
            return None
        cases.append({"order": [names[a] for a in order], "names": fresh, "proof": proof})
    return {
        "rule": "order",
        "variables": [names[a] for a in chosen],
        "symmetric": [[names[a] for a in group] for group in symmetric],
        "cases": cases,
    }


def _level(names: tuple[str, ...]) -> int:
    """Return how often the unknowns were ordered before, so that new names are fresh."""
    return max((len(name.rstrip("0123456789")) for name in names if set(name) <= set("t0123456789")),
               default=0)


def _in_order(order: tuple[int, ...], group: list[int]) -> bool:
    places = [order.index(a) for a in group]
    return places == sorted(places)


def _cone(question: Question, order: tuple[int, ...], fresh: list[str]) -> Question:
    """Return the question where the unknowns have this order, the largest first."""
    old = question.unknowns
    kept = [u for a, u in enumerate(old) if a not in order]
    all_positive = all(old[a].sign == ">0" for a in order)
    grade = old[order[0]].powers
    added = [
        Unknown(name, ">0" if all_positive and k == len(fresh) - 1 else ">=0", "difference", grade)
        for k, name in enumerate(fresh)
    ]
    context = context_of([u.name for u in (*kept, *added)])
    gens = dict(zip(context.names(), context.gens(), strict=True))
    values: list[Poly] = []
    for a, unknown in enumerate(old):
        if a in order:
            tail = fresh[order.index(a) :]
            values.append(sum((gens[name] for name in tail), context.constant(0)))
        else:
            values.append(gens[unknown.name])

    def put(poly: Poly) -> Poly:
        return poly.compose(*values, ctx=context)

    known = tuple(replace(h, poly=put(h.poly)) for h in question.hypotheses)
    return Question((*kept, *added), put(question.goal), question.strict, known, question.work)


def _symmetric(question: Question, chosen: list[int]) -> list[list[int]]:
    """Return groups of the chosen unknowns that may be exchanged."""
    groups: list[list[int]] = []
    for a in chosen:
        for group in groups:
            if _exchangeable(question, group[-1], a):
                group.append(a)
                break
        else:
            groups.append([a])
    return [g for g in groups if len(g) > 1]


def _exchangeable(question: Question, a: int, b: int) -> bool:
    if question.unknowns[a].sign != question.unknowns[b].sign:
        return False
    gens = list(question.context.gens())
    gens[a], gens[b] = gens[b], gens[a]

    def swap(poly: Poly) -> Poly:
        return poly.compose(*gens, ctx=question.context)

    known = {(str(h.poly), h.relation) for h in question.hypotheses}
    swapped = {(str(swap(h.poly)), h.relation) for h in question.hypotheses}
    return swap(question.goal) == question.goal and known == swapped


# -- completed squares -----------------------------------------------------------------------------


def by_square(question: Question, depth: int) -> Node | None:
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


def by_multiplier(question: Question, depth: int) -> Node | None:
    """Multiply the goal by the sum of its positive unknowns, then combine (Polya)."""
    if depth < 1:
        return None
    used = [a for a, d in enumerate(question.goal.degrees()) if d > 0]
    positive = [a for a in used if question.unknowns[a].sign == ">0"]
    if not positive:
        return None
    gens = question.context.gens()
    total = sum((gens[a] for a in positive), question.context.constant(0))
    return by_combination(question, total)


def hypothesis(poly: Poly, relation: str, lemma: str, text: str, **of: Any) -> Hypothesis:
    """Return a hypothesis with the data of its instance."""
    return Hypothesis(poly, relation, lemma, text, of)
