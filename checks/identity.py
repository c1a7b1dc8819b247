"""The identity prover: equations for every number of classes, by the normal form.

Guarantees: PROVES only if the two sides have one normal form in every case of coinciding classes
and every condition for the equation to have a value holds on the whole domain.
Arithmetic is exact.
What it cannot see: inequalities, and equations that hold for a reason other than algebra of
exponentials, logarithms and class sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from sympy import Eq

from ..symbolic.cases import ONLY_CASE
from ..symbolic.domain import Condition, undischarged
from ..symbolic.errors import UnsupportedError
from ..symbolic.normal_form import Comparison, compare
from ..symbolic.printing import to_text
from .goals import Goal, scope_of
from .verdict import Evidence, Finding

METHOD = "normal form"


@dataclass(frozen=True)
class IdentityResult:
    """What the identity prover found for one goal."""

    evidence: Evidence
    missing: tuple[Condition, ...] = ()

    @property
    def proved(self) -> bool:
        """Whether the goal is proved."""
        return self.evidence.finding is Finding.PROVES

    @property
    def equal(self) -> bool:
        """Whether the sides are equal wherever both have a value."""
        return self.proved or bool(self.missing)


def prove_identity(goal: Goal) -> IdentityResult:
    """Try to prove an equation for every number of classes."""
    start = perf_counter()
    scope = scope_of([goal.formula], goal.given)

    def found(finding: Finding, detail: str, comparison: Comparison | None = None) -> Evidence:
        certificate = _certificate(comparison) if finding is Finding.PROVES and comparison else None
        return Evidence(METHOD, finding, scope, detail, certificate, perf_counter() - start)

    if not isinstance(goal.formula, Eq):
        return IdentityResult(found(Finding.DID_NOT_RUN, "The goal is not an equation."))
    try:
        comparison = compare(goal.formula.lhs, goal.formula.rhs, goal.given)
    except (UnsupportedError, ZeroDivisionError) as error:
        return IdentityResult(found(Finding.DID_NOT_RUN, f"{error}."))
    if not comparison.cases:
        return IdentityResult(found(Finding.NOTHING, "The assumptions leave no case."))
    different = [case.label for case in comparison.cases if not case.equal]
    if different:
        where = "" if different[0] == ONLY_CASE else f" in the case {different[0]}"
        detail = f"The normal forms of the two sides differ{where}."
        return IdentityResult(found(Finding.NOTHING, detail))
    missing = tuple(undischarged(goal.formula, goal.given))
    if missing:
        condition = to_text(missing[0].shown)
        detail = f"Both sides have one normal form, but {condition} was not shown everywhere."
        return IdentityResult(found(Finding.NOTHING, detail), missing)
    count = len(comparison.cases)
    detail = (
        "Both sides have the same normal form"
        + (f" in each of {count} cases of coinciding classes" if count > 1 else "")
        + ", and every denominator, logarithm and root in them is defined."
    )
    return IdentityResult(found(Finding.PROVES, detail, comparison))


def _certificate(comparison: Comparison) -> dict[str, str]:
    return {case.label: to_text(case.left) for case in comparison.cases}
