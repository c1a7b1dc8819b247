"""The inequality prover: relations decided by signs, for every number of classes.

Guarantees: PROVES only if every relation of the goal follows from certificates (`signs_in_cases`)
in every case of coinciding classes, and every condition for the goal to have a value is shown on
the whole domain; the certificates are replayed by the separate checker before they are believed.
What it cannot see: contradictory assumptions, under which everything holds; the engine meets a
point of the domain first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

from sympy import And, Eq, Equivalent, Expr, Ge, Gt, Implies, Le, Lt, Ne, Not, Or
from sympy.core.basic import Basic
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from ...symbolic.domain import Condition, undischarged
from ...symbolic.errors import EngineConflict, UnsupportedError
from ...symbolic.printing import to_text
from ..checker import check
from ..goals import Goal, conjuncts, scope_of
from ..verdict import Evidence, Finding
from .data import Part
from .sides import at_least, differ
from .signs_in_cases import prove_sign
from .work import PROOF, Work

METHOD = "sign certificates"

_OPPOSITE = {Le: Gt, Lt: Ge, Ge: Lt, Gt: Le, Eq: Ne, Ne: Eq}


def prove_inequality(goal: Goal, steps: int = PROOF, solvers: int = 0) -> Evidence:
    """Try to prove a goal made of relations for every number of classes.

    Parameters
    ----------
    goal
        What to prove, under which assumptions.
    steps
        How much may be tried.
    solvers
        How many polynomial questions may be put to z3 and cvc5 where no certificate is found.

    Raises
    ------
    EngineConflict
        If the separate checker rejects a certificate.
    """
    start, work = perf_counter(), Work(steps, solvers)
    scope = scope_of([goal.formula], goal.given)

    def found(finding: Finding, detail: str, certificate: Any = None) -> Evidence:
        return Evidence(METHOD, finding, scope, detail, certificate, perf_counter() - start)

    try:
        parts = prove_formula(goal.formula, goal.given, work)
        if parts is None:
            said = f" {'; '.join(dict.fromkeys(work.reasons))}." if work.reasons else ""
            return replace(
                found(Finding.NOTHING, f"No certificate of the sign was found.{said}"),
                repeatable=not work.reasons,
            )
        missing, shown = defined(goal.formula, goal.given, work)
    except (UnsupportedError, ZeroDivisionError) as error:
        return found(Finding.DID_NOT_RUN, f"{str(error).rstrip('.')}.")
    if missing is not None:
        detail = f"The sign is certified, but {to_text(missing.shown)} was not shown everywhere."
        return found(Finding.NOTHING, detail)
    certificate = certificate_of(goal, scope, [*parts, *shown])
    refused = _replayed(certificate)
    if refused:
        return found(Finding.DID_NOT_RUN, refused)
    return found(Finding.PROVES, _sentence(parts), certificate)


def prove_defined(goal: Goal) -> Evidence:
    """Try to prove that a goal has a value on the whole domain of its assumptions."""
    start = perf_counter()
    scope = scope_of([goal.formula], goal.given)

    def found(finding: Finding, detail: str, certificate: Any = None) -> Evidence:
        return Evidence(METHOD, finding, scope, detail, certificate, perf_counter() - start)

    try:
        missing, shown = defined(goal.formula, goal.given)
    except (UnsupportedError, ZeroDivisionError) as error:
        return found(Finding.DID_NOT_RUN, f"{str(error).rstrip('.')}.")
    if missing is not None:
        return found(Finding.NOTHING, f"{to_text(missing.shown)} was not shown everywhere.")
    certificate = certificate_of(goal, scope, shown)
    refused = _replayed(certificate)
    if refused:
        return found(Finding.DID_NOT_RUN, refused)
    return found(Finding.PROVES, f"Both sides have a value: {_sentence(shown)}", certificate)


def certificate_of(goal: Goal, scope: str, parts: list[Part]) -> dict[str, Any]:
    """Return a certificate as data."""
    return {
        "format": "gradproof certificate",
        "version": 1,
        "statement": to_text(goal.formula),
        "assumptions": [to_text(fact) for fact in goal.given],
        "scope": scope,
        "parts": parts,
    }


def _replayed(certificate: dict[str, Any]) -> str:
    """Have the separate checker read a certificate; return why it is too large, if it is.

    Raises
    ------
    EngineConflict
        If it is rejected for any other reason.
    """
    report = check(certificate)
    if report.too_large:
        return f"The certificate is too large for the separate checker: {report.error}."
    if not report.accepted:
        raise EngineConflict(
            "the separate checker accepts what the prover certifies",
            found="; ".join(report.lines)[:400],
            remedy="report this: the prover or the checker is wrong",
        )
    return ""


def _sentence(parts: Sequence[Part]) -> str:
    count = len(parts)
    hypotheses = [h for p in parts for h in p.get("hypotheses", ())]
    lemmas = sorted({h["lemma"] for h in hypotheses} - {"assumption"})
    text = f"{count} certificate{'s' if count > 1 else ''}, replayed by the checker"
    return text + (f"; lemmas at hand: {', '.join(lemmas)}." if lemmas else ".")


# -- formulas --------------------------------------------------------------------------------------


def prove_formula(
    formula: Boolean, given: Sequence[Basic], work: Work | None = None
) -> list[Part] | None:
    """Return certificates of a formula wherever it has a value, or None.

    Raises
    ------
    UnsupportedError
        If it holds what the normal form does not know, or needs more than the `work` allowed.
    """
    work = work or Work()
    if isinstance(formula, Relational):
        return _relation(formula, given, work)
    if isinstance(formula, And):
        return _all([(part, given) for part in formula.args], work)
    if isinstance(formula, Implies):
        return prove_formula(formula.args[1], [*given, *conjuncts([formula.args[0]])], work)
    if isinstance(formula, Equivalent):
        ring = list(formula.args)
        pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
        return _all([(b, [*given, *conjuncts([a])]) for a, b in pairs], work)
    if isinstance(formula, Not):
        turned = negation(formula.args[0])
        return None if turned is None else prove_formula(turned, given, work)
    if isinstance(formula, Or):
        return _one_of(formula, given, work)
    return None


def _all(goals: list[tuple[Boolean, Sequence[Basic]]], work: Work) -> list[Part] | None:
    parts: list[Part] = []
    for formula, given in goals:
        found = prove_formula(formula, given, work)
        if found is None:
            return None
        parts += found
    return parts


def _one_of(formula: Or, given: Sequence[Basic], work: Work) -> list[Part] | None:
    """Prove one part where all others fail."""
    for number, part in enumerate(formula.args):
        others = [negation(a) for k, a in enumerate(formula.args) if k != number]
        if None in others:
            continue
        found = prove_formula(part, [*given, *conjuncts(others)], work)
        if found is not None:
            return found
    return None


def negation(formula: Boolean) -> Boolean | None:
    """Return the negation of a relation, where both sides have a value."""
    if isinstance(formula, Not):
        return formula.args[0]
    kind = next((b for a, b in _OPPOSITE.items() if type(formula) is a), None)
    return None if kind is None else kind(*formula.args, evaluate=False)


def _relation(formula: Relational, given: Sequence[Basic], work: Work) -> list[Part] | None:
    left, right = formula.args
    if isinstance(formula, (Le, Lt)):
        return at_least(right, left, given, work, strict=isinstance(formula, Lt))
    if isinstance(formula, (Ge, Gt)):
        return at_least(left, right, given, work, strict=isinstance(formula, Gt))

    def sign(expr: Expr, *, strict: bool) -> list[Part] | None:
        return prove_sign(expr, given, strict=strict, work=work)

    if isinstance(formula, Ne):
        return differ(left, right, given, work)
    above = sign(left - right, strict=False)
    below = None if above is None else sign(right - left, strict=False)
    return None if above is None or below is None else above + below


# -- definedness -----------------------------------------------------------------------------------


def defined(
    formula: Boolean, given: Sequence[Basic], work: Work | None = None
) -> tuple[Condition | None, list[Part]]:
    """Return the first condition of a formula that is not shown everywhere, and certificates."""
    shown: list[Part] = []
    for condition in undischarged(formula, given):
        parts = _relation(condition.shown, given, work or Work())
        if parts is None:
            return condition, shown
        step = f"the statement has a value: {to_text(condition.shown)}"
        shown += [{**p, "steps": [step, *p["steps"]]} for p in parts]
    return None, shown
