"""Statements that are no plain relations: limits, existence and networks, each with its decider.

Guarantees: the decision is that of the method named in the evidence, nothing is added to it.
"""

from __future__ import annotations

from sympy.core.basic import Basic

from ..symbolic.errors import UnsupportedError
from ..symbolic.existence import Exists
from ..symbolic.limits import LimitTerm
from ..symbolic.network import Backpropagation
from ..symbolic.vocabulary import bins
from .goals import Goal
from .verdict import Counterexample, Evidence, Finding

Decision = tuple[Evidence, Counterexample | None]
"""What a method found, and the exact point that shows it where there is one."""


def is_special(formula: Basic) -> bool:
    """Tell whether a formula is a limit, an existence statement or one about networks."""
    return bool(formula.has(LimitTerm, Exists, Backpropagation))


def decide_special(goal: Goal, seed: int) -> Decision:
    """Return what the method for such a statement finds."""
    try:
        return _decide(goal, seed)
    except UnsupportedError as error:
        detail = f"{str(error).rstrip('.')}."
        return Evidence("no method", Finding.DID_NOT_RUN, "nothing", detail), None


def _decide(goal: Goal, seed: int) -> Decision:
    if goal.formula.has(Backpropagation):
        from .networks import prove_backpropagation

        return prove_backpropagation(goal, seed), None
    if goal.formula.has(Exists):
        from .existence import decide_existence

        return decide_existence(goal, seed)
    if any(term.variable == bins for term in goal.formula.atoms(LimitTerm)):
        from .bins import decide_bins

        return decide_bins(goal, seed)
    from .limits.prover import decide_limit

    result = decide_limit(goal, seed)
    return result.evidence, result.counterexample
