"""Certificates for polynomial questions: the methods in the order of their cost.

Guarantees: a node that is returned proves the question by exact arithmetic.
The methods: signs of the terms, factors, linear combinations of products, ordering cones
(successive difference substitution), completed squares, and combinations after a multiplication.
What it cannot see: positivity that needs none of these; it answers None.
"""

from __future__ import annotations

from random import Random

from flint import fmpq

from ...symbolic.field import HIGH, factored
from .combination import by_coefficients, by_combination
from .cones import by_cones, by_differences
from .question import Node, Poly, Question, poly_data
from .squares import by_square

_DEPTH = 2
_SAMPLES = 100
_TERMS = 1500
"""Goals that are longer, or of a `HIGH` degree, are only looked at term by term."""


def certify(question: Question, depth: int = _DEPTH) -> Node | None:
    """Return a proof of the question as data, or None."""
    if question.goal.is_zero():
        return None if question.strict else _nothing()
    question.work.spend(len(question.goal) / 20)
    direct = by_coefficients(question)
    if direct is not None:
        return direct
    if depth < 0 or len(question.goal) > _TERMS or max(question.goal.degrees(), default=0) > HIGH:
        return None
    if _fails_somewhere(question):
        return None
    known = bool(question.hypotheses)
    methods = (_combined, _ordered) if known else (_ordered, _combined)
    for method in (_by_known_order, by_factors, *methods, _squared, by_multiplier):
        node = method(question, depth)
        if node is not None:
            return node
    return None


def _combined(question: Question, _depth: int) -> Node | None:
    return by_combination(question)


def _by_known_order(question: Question, depth: int) -> Node | None:
    return by_differences(question, depth, certify)


def _ordered(question: Question, depth: int) -> Node | None:
    return by_cones(question, depth, certify)


def _squared(question: Question, depth: int) -> Node | None:
    return by_square(question, depth, certify)


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
    content, factors = factored(question.goal)
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


def by_multiplier(question: Question, depth: int) -> Node | None:
    """Multiply the goal by something positive, then combine: a count, or a sum of unknowns."""
    if depth < 1:
        return None
    used = [a for a, d in enumerate(question.goal.degrees()) if d > 0]
    positive = [a for a in used if question.unknowns[a].sign == ">0"]
    gens = question.context.gens()
    tried = [m for m in question.multipliers if by_coefficients(question.of(m, strict=True))]
    if positive:
        tried.append(sum((gens[a] for a in positive), question.context.constant(0)))
    for multiplier in tried:
        node = by_combination(question, multiplier)
        if node is not None:
            return node
    return None
