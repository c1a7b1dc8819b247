"""Existence statements refuted by the negation, proved for everything.

Guarantees: the formula is shown to fail wherever the facts hold, with certificates that the
separate checker accepts, and it has a value there; it also fails at exact points.
What it cannot see: contradictory facts, under which everything holds; a point must be met.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import And, Implies, Or
from sympy.logic.boolalg import Boolean

from .existence_question import Question
from .existence_witness import holds_at_points, opposite
from .goals import Goal, concrete
from .inequality.prover import prove_inequality
from .verdict import Evidence, Finding


def refuted_by_negation(question: Question, seed: int) -> Evidence | None:
    """Return a proof that the formula fails for everything, or None."""
    for formula, given in _negations(question.formula, question.given):
        proof = prove_inequality(Goal(formula, given))
        if proof.finding is Finding.PROVES and holds_at_points(
            concrete(Goal(opposite(question.formula), question.given)), seed
        ):
            return proof
    return None


def _negations(
    formula: Boolean, given: tuple[Any, ...]
) -> Iterator[tuple[Boolean, tuple[Any, ...]]]:
    """Yield goals each of which says that a formula fails: one part where the others hold."""
    if isinstance(formula, And):
        for number, part in enumerate(formula.args):
            others = (a for k, a in enumerate(formula.args) if k != number)
            yield from _negations(part, (*given, *others))
    elif isinstance(formula, Or):
        yield And(*map(opposite, formula.args), evaluate=False), given
    elif isinstance(formula, Implies):
        yield And(formula.args[0], opposite(formula.args[1]), evaluate=False), given
    else:
        yield opposite(formula), given
