"""Proofs for a few numbers of classes, where all numbers at once are out of reach.

Guarantees: the proof covers each number of classes in its scope by itself.
"""

from __future__ import annotations

from time import perf_counter

from sympy import Eq, Le

from ...symbolic.cases import size_bounds
from ...symbolic.vocabulary import n
from ..goals import Goal, scope_of
from ..verdict import Evidence, Finding
from .data import Part
from .prover import METHOD, certificate_of, prove_inequality

LARGEST = 6
"""The largest number of classes that is looked at."""

_LEAST = 3
"""A proof that reaches fewer classes than this is none worth printing."""

_STEPS = 4_000


def prove_some_sizes(goal: Goal) -> tuple[int | None, Evidence]:
    """Return the number of classes up to which a goal is proved, and the evidence."""
    start = perf_counter()
    low, high = size_bounds(goal.given, n)
    if low == high or not goal.formula.has(n):
        return None, Evidence(METHOD, Finding.DID_NOT_RUN, "nothing", "The size is fixed.")
    largest = LARGEST if high is None else min(high, LARGEST)
    parts: list[Part] = []
    reached = None
    for size in range(low, largest + 1):
        fixed = Goal(goal.formula, (*goal.given, Eq(n, size, evaluate=False)))
        found = prove_inequality(fixed, _STEPS)
        if found.finding is not Finding.PROVES or found.certificate is None:
            break
        reached = size
        parts += found.certificate["parts"]
    limited = (*goal.given, Le(n, reached or low, evaluate=False))
    scope = scope_of([goal.formula], limited)
    seconds = perf_counter() - start
    if reached is None or reached < min(max(_LEAST, low), largest):
        detail = "No certificate for 2 to 6 classes was found either."
        return None, Evidence(METHOD, Finding.NOTHING, scope, detail, None, seconds)
    certificate = certificate_of(goal, scope, parts)
    detail = f"Each number of classes up to {reached} by itself: {len(parts)} certificates."
    return reached, Evidence(METHOD, Finding.PROVES, scope, detail, certificate, seconds)
