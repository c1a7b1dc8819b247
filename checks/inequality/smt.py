"""Polynomial inequalities that two solvers settle, where no exact certificate was found.

Guarantees: a node is returned only if z3 and cvc5 both say of one and the same file that no point
obeys the hypotheses and breaks the goal, and an exact point that obeys the hypotheses is known:
contradictory hypotheses would prove anything. That point is in the node.
Everything else gives a reason, and an exact point where the goal fails if one was met.
It cannot see a defect that both solvers share; the goal is tried at exact points first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

from ...symbolic.errors import EngineConflict
from .smtlib import Hypothesis, Polynomial, hypotheses_file, smt_file, variable_of
from .solvers import Commands, SolverAnswers, ask_both, available
from .witness import Point, holds_at, hypothesis_points, points_near

FIRST_TRIED = 30  # points at which the goal is tried, exactly, before the solvers are asked


@dataclass(frozen=True, slots=True)
class SolverProof:
    """What two solvers make of a question.

    Parameters
    ----------
    node
        The step of a certificate with rule "smt", or None.
    reason
        Why there is no node, as a clause for the reader; empty if there is one.
    counterexample
        An exact point of the hypotheses at which the goal fails, if one was met.
    """

    node: dict[str, Any] | None
    reason: str
    counterexample: Mapping[str, Fraction] | None = None


def prove_by_solvers(
    variables: Mapping[str, str],
    hypotheses: Sequence[Hypothesis],
    goal: Polynomial,
    relation: str,
    seconds: float = 10.0,
    commands: Commands | None = None,
) -> SolverProof:
    """Prove `goal` `relation` from the hypotheses by z3 and cvc5, or say why not.

    Parameters
    ----------
    variables, hypotheses, goal, relation
        As in `smtlib.smt_file`.
    seconds
        What each solver may take for one file; at most two files are asked.
    commands
        As in `solvers.ask_both`.

    Raises
    ------
    DeclarationError
        If the question is malformed (see `smtlib.smt_file`).
    EngineConflict
        If both solvers deny what an exact point shows.
    """
    text = smt_file(variables, hypotheses, goal, relation)
    if commands is None and not available():
        return SolverProof(None, "z3 and cvc5 are not both installed (gradproof[solvers])")
    points = list(islice(hypothesis_points(variables, hypotheses), FIRST_TRIED))
    failing = _failing(points, goal, relation)
    if failing is not None:
        return SolverProof(None, f"it fails at {_printed(failing)}", failing)
    answers = ask_both(text, seconds, commands)
    if not answers.proves:
        failing = _failing(_told(answers, variables, hypotheses), goal, relation)
        return SolverProof(None, answers.reason, failing)
    if not points:
        found = ask_both(hypotheses_file(variables, hypotheses), seconds, commands)
        points = _told(found, variables, hypotheses)
        failing = _failing(points, goal, relation)
        if failing is not None:
            raise EngineConflict(
                "two solvers and exact arithmetic agree",
                found=f"both say unsat of a file that {_printed(failing)} satisfies:\n{text}",
                remedy="report this file to the authors of z3 and cvc5",
            )
        if not points:
            return SolverProof(None, _no_point(found))
    node = {
        "rule": "smt",
        "file": text,
        "answers": answers.said,
        "versions": answers.versions,
        "point": {name: str(value) for name, value in sorted(points[0].items())},
    }
    return SolverProof(node, "")


def _failing(points: Sequence[Point], goal: Polynomial, relation: str) -> Point | None:
    return next((point for point in points if not holds_at(goal, relation, point)), None)


def _told(
    answers: SolverAnswers, variables: Mapping[str, str], hypotheses: Sequence[Hypothesis]
) -> list[Point]:
    """Return the exact points of the hypotheses near those that the solvers tell."""
    points: list[Point] = []
    for answer in answers.answers:
        if answer.said == "sat":
            told = {variable_of(symbol): value for symbol, value in answer.point.items()}
            points += points_near(told, variables, hypotheses)
    return points


def _no_point(found: SolverAnswers) -> str:
    if found.proves:
        return "its hypotheses contradict each other, and would prove anything"
    return "no exact point of its hypotheses is known, and contradictory ones would prove anything"


def _printed(point: Mapping[str, Fraction]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in sorted(point.items()))
