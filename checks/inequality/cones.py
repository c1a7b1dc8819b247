"""Ordering cones: successive difference substitution.

Guarantees: the questions made here together are the question asked, since some order always holds.
In the order x_1 >= ... >= x_k the unknowns are sums of differences that are not negative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from typing import Any

from .question import Node, Poly, Question, Unknown, context_of, terms

_MOST = 6
"""Unknowns that are ordered at once."""

Certify = Callable[[Question, int], Node | None]


def by_differences(question: Question, depth: int, certify: Certify) -> Node | None:
    """Where a hypothesis says x >= y for two unknowns, write x as y and a difference."""
    found = _known_order(question)
    if found is None:
        return None
    number, large, small = found
    names = question.context.names()
    new = next(f"d{k}" for k in range(1, len(names) + 2) if f"d{k}" not in names)
    known = question.hypotheses[number]
    unknown = Unknown(new, known.relation, "difference", question.unknowns[large].powers)
    unknowns = tuple(unknown if a == large else u for a, u in enumerate(question.unknowns))
    context = context_of([u.name for u in unknowns])
    gens = context.gens()
    values = [g + gens[small] if a == large else g for a, g in enumerate(gens)]

    def put(poly: Poly) -> Poly:
        return poly.compose(*values, ctx=context)

    inner = replace(
        question,
        unknowns=unknowns,
        goal=put(question.goal),
        hypotheses=tuple(replace(h, poly=put(h.poly)) for h in question.hypotheses),
        multipliers=(),
    )
    proof = certify(inner, depth)
    if proof is None:
        return None
    node = {"rule": "difference", "larger": names[large], "smaller": names[small]}
    return {**node, "hypothesis": number, "name": new, "proof": proof}


def _known_order(question: Question) -> tuple[int, int, int] | None:
    """Return a hypothesis x - y >= 0 with x in the goal, and the places of x and y."""
    used = question.goal.degrees()
    for number, known in enumerate(question.hypotheses):
        if known.relation == "==0" or len(known.poly) != 2 or known.poly.total_degree() != 1:
            continue
        places = {int(c): m.index(1) for m, c in terms(known.poly) if any(m) and c in (1, -1)}
        if set(places) != {1, -1} or used[places[1]] == 0:
            continue
        if question.unknowns[places[1]].sign != "real":
            return number, places[1], places[-1]
    return None


def by_cones(question: Question, depth: int, certify: Certify) -> Node | None:
    """Order some of the unknowns in every way and write each as a sum of differences."""
    for chosen in _comparable(question):
        node = _in_cones(question, chosen, depth, certify)
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
    several = [g for g in groups.values() if 2 <= len(g) <= _MOST]
    return sorted(several, key=len)


def _in_cones(question: Question, chosen: list[int], depth: int, certify: Certify) -> Node | None:
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
    return max(
        (len(name.rstrip("0123456789")) for name in names if set(name) <= set("t0123456789")),
        default=0,
    )


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
    unknowns = (*kept, *added)
    return Question(unknowns, put(question.goal), question.strict, known, work=question.work)


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
