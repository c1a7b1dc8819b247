"""The decider of existence statements: a witness, a family that rules out every choice, or neither.

Guarantees: PROVES only with exact values for what is chosen: an exact point at which the formula is
certified, or constants with a proof for everything else; REFUTES only with a proof of the negation
for everything, or with a family of exact points along which the formula fails for every choice.
What it cannot see: witnesses that are no small rational numbers, and families that are no simple
functions of one number.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

from sympy.core.basic import Basic

from ..symbolic.errors import UnsupportedError
from ..symbolic.existence import Exists
from ..symbolic.kernel_functions import KernelShape
from ..symbolic.limits import LimitTerm
from ..symbolic.network import Backpropagation
from ..symbolic.printing import to_text
from .existence_negation import refuted_by_negation
from .existence_question import Question, letters, question_of, shortcoming
from .existence_refutation import refuting_families
from .existence_shown import Shown, choice_text
from .existence_witness import certificate_of, met_quickly, witness_constants, witness_point
from .goals import Goal, concrete, scope_of
from .search import SearchResult
from .verdict import Counterexample, Evidence, Finding

METHOD = "existence"
TRIES = 60
"""Points that the search for a witness may draw."""

Decision = tuple[Evidence, Counterexample | None]


def applies(formula: Basic) -> bool:
    """Tell whether a formula is an existence statement about a formula of relations."""
    return isinstance(formula, Exists) and not formula.formula.has(
        Exists, LimitTerm, Backpropagation
    )


def decide_existence(goal: Goal, seed: int) -> Decision:
    """Decide an existence statement under assumptions.

    Parameters
    ----------
    goal
        An `Exists`; assumptions that name chosen variables only restrict the choice, all others
        act inside.
    seed
        Seed of the searches.

    Raises
    ------
    EngineConflict
        If certified evaluation contradicts a proof.
    """
    start = perf_counter()

    def found(finding: Finding, detail: str, scope: str = "", data: Any = None) -> Evidence:
        return Evidence(METHOD, finding, scope or "nothing", detail, data, perf_counter() - start)

    if not applies(goal.formula):
        detail = "An existence statement is decided where it stands alone, over relations."
        return found(Finding.DID_NOT_RUN, detail), None
    question = question_of(goal)
    problem = shortcoming(question)
    if problem:
        return found(Finding.DID_NOT_RUN, problem), None
    try:
        decide = _pure if question.is_pure else _with_rest
        finding, detail, scope, data, point = decide(goal, question, seed)
    except UnsupportedError as error:
        return found(Finding.DID_NOT_RUN, f"{str(error).rstrip('.')}."), None
    return found(finding, detail, scope, data), point


_Found = tuple[Finding, str, str, Any, Counterexample | None]
_OPEN: _Found = (
    Finding.NOTHING,
    "Neither values to choose nor a family that rules out every choice was found.",
    "nothing",
    None,
    None,
)


# -- everything is chosen --------------------------------------------------------------------------


def _pure(goal: Goal, question: Question, seed: int) -> _Found:
    """Look for a point, else prove that there is none."""
    quick = not _is_open(goal) and met_quickly(question, seed)
    if quick:
        result = witness_point(question, seed, tries=TRIES)
        if result.evidence.finding is Finding.REFUTES:
            return _witnessed(question, result)
    refuted = _negated(question, seed)
    if refuted is not None:
        return refuted
    if not quick and not _is_open(goal):
        result = witness_point(question, seed, tries=TRIES)
        if result.evidence.finding is Finding.REFUTES:
            return _witnessed(question, result)
    return _OPEN


def _is_open(goal: Goal) -> bool:
    """Tell whether a kernel is left open: one point would have to serve every kernel."""
    return bool(goal.formula.has(KernelShape))


def _witnessed(question: Question, result: SearchResult) -> _Found:
    where = result.counterexample
    assert where is not None
    data = {
        "statement": to_text(question.formula),
        "witness": where.point.to_json(),
        "values": dict(where.figures),
    }
    detail = f"{to_text(question.formula)} holds at {where.point}, by certified evaluation."
    return Finding.PROVES, detail, f"a witness, {where.point}", data, None


def _negated(question: Question, seed: int) -> _Found | None:
    proof = refuted_by_negation(question, seed)
    if proof is None:
        return None
    detail = f"No choice of {letters(question.chosen)} serves: the contrary holds for everything. "
    return Finding.REFUTES, detail + proof.detail, proof.scope, proof.certificate, None


# -- constants for all the rest --------------------------------------------------------------------


def _with_rest(goal: Goal, question: Question, seed: int) -> _Found:
    """Look for a family that rules out every choice, then for constants with a proof."""
    only_scalars = not question.names and not question.families
    plain = question_of(_concrete(goal)) if _is_open(goal) else question
    if only_scalars:
        shown = refuting_families(plain)
        if shown:
            return _refuted(question, shown)
    values, proofs = witness_constants(question, seed)
    if values:
        said = ", ".join(f"{name} = {value}" for name, value in values.items())
        statement = f"{to_text(question.formula)} with {said}"
        detail = f"With {said}: {' '.join(p.detail for p in proofs) or 'nothing is left to show.'}"
        scope = scope_of([question.formula], question.inner)
        data = certificate_of(proofs, statement)
        return Finding.PROVES, detail.strip(), f"{scope}, {said}", data, None
    refuted = None if question.inner else _negated(question, seed)
    return refuted or _OPEN


def _concrete(goal: Goal) -> Goal:
    """Return the goal with a Gaussian in place of a kernel left open."""
    statement = goal.formula
    plain = concrete(Goal(statement.formula, goal.given))
    return Goal(Exists(plain.formula, *statement.chosen), plain.given)


def _refuted(question: Question, shown: list[Shown]) -> _Found:
    detail = " ".join(one.sentence for one in shown)
    data = {
        "statement": f"no {letters(question.chosen)} serves: {to_text(question.formula)}",
        "families": [one.data for one in shown],
    }
    return Finding.REFUTES, detail, choice_text(question), data, shown[0].counterexample
