"""The inequality prover: relations decided by signs, for every number of classes.

Guarantees: PROVES only if every relation of the goal follows from certificates (`signs_in_cases`)
in every case of coinciding classes, and every condition for the goal to have a value is shown on
the whole domain; the certificates are replayed by the separate checker before they are believed.
What it cannot see: contradictory assumptions, under which everything holds; the engine meets a
point of the domain first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from time import perf_counter
from typing import Any

from sympy import And, Eq, Equivalent, Expr, Ge, Gt, Implies, Le, Lt, Ne, Not, Or, Sum, exp, log
from sympy.core.basic import Basic
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from ...symbolic.cases import SIZES, cases_of, index_sizes
from ...symbolic.domain import Condition, undischarged
from ...symbolic.errors import EngineConflict, UnsupportedError
from ...symbolic.printing import to_text
from ..checker import check
from ..goals import Goal, conjuncts, scope_of
from ..verdict import Evidence, Finding
from .bounded_factors import prove_by_bounds
from .data import Part
from .signs_in_cases import prove_sign
from .some_square import differing_numbers, is_product_of_roots, prove_some_square
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
    _replayed(certificate)
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
    _replayed(certificate)
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


def _replayed(certificate: dict[str, Any]) -> None:
    report = check(certificate)
    if not report.accepted:
        raise EngineConflict(
            "the separate checker accepts what the prover certifies",
            found="; ".join(report.lines)[:400],
            remedy="report this: the prover or the checker is wrong",
        )


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
        return _at_least(right, left, given, work, strict=isinstance(formula, Lt))
    if isinstance(formula, (Ge, Gt)):
        return _at_least(left, right, given, work, strict=isinstance(formula, Gt))

    def sign(expr: Expr, *, strict: bool) -> list[Part] | None:
        return prove_sign(expr, given, strict=strict, work=work)

    if isinstance(formula, Ne):
        return _apart(left, right, given, work)
    above = sign(left - right, strict=False)
    below = None if above is None else sign(right - left, strict=False)
    return None if above is None or below is None else above + below


def _apart(left: Expr, right: Expr, given: Sequence[Basic], work: Work) -> list[Part] | None:
    """Prove that two sides differ: in each case of coinciding classes one is the larger."""
    parts: list[Part] = []
    for facts in _coincidences([left, right], given):
        found = None
        for side in (left - right, right - left):
            found = found or prove_sign(side, [*given, *facts], strict=True, work=work)
        if found is None:
            return None
        parts += found
    return parts


def _coincidences(exprs: Sequence[Expr], given: Sequence[Basic]) -> Iterator[list[Basic]]:
    """Yield for each way in which named classes coincide the facts that say so."""
    sizes = index_sizes([*exprs, *given])
    for case in cases_of(exprs, given):
        same = case.substitution
        pairs = combinations([a for a in same if a in sizes and a not in SIZES], 2)
        yield [
            (Eq if same[a] == same[b] else Ne)(a, b, evaluate=False)
            for a, b in pairs
            if sizes[a] == sizes[b]
        ]


def _at_least(
    big: Expr, small: Expr, given: Sequence[Basic], work: Work, *, strict: bool
) -> list[Part] | None:
    """Prove ``big >= small``, or ``big > small``."""
    found = _by_logarithms(big, small, given, work, strict=strict)
    if strict and found is None:
        found = prove_some_square(big - small, given, work)
    if found is None and is_product_of_roots(big) and is_product_of_roots(small):
        squares = _nonnegative(big**2 - small**2, given, work, strict=strict)
        step = "both sides are nonnegative, so that their squares are compared"
        found = squares and [{**part, "steps": [step, *part["steps"]]} for part in squares]
    return _nonnegative(big - small, given, work, strict=strict) if found is None else found


def _by_logarithms(
    big: Expr, small: Expr, given: Sequence[Basic], work: Work, *, strict: bool
) -> list[Part] | None:
    """Compare an exponential with a positive number by their logarithms.

    Exponentials of class sums are meant: those of logits are treated as unknowns.
    """
    sides = (big, small)
    if not any(isinstance(side, exp) and side.has(Sum) for side in sides):
        return None
    plain = [side for side in sides if not isinstance(side, exp)]
    parts: list[Part] = []
    for side in plain:
        found = prove_sign(side, given, strict=True, work=work)
        if found is None:
            return None
        parts += found
    left, right = (side.args[0] if isinstance(side, exp) else log(side) for side in sides)
    compared = _at_least(left, right, given, work, strict=strict)
    if compared is None:
        return None
    step = "both sides are positive, so that their logarithms are compared"
    return parts + [{**part, "steps": [step, *part["steps"]]} for part in compared]


def _nonnegative(
    expr: Expr, given: Sequence[Basic], work: Work, *, strict: bool
) -> list[Part] | None:
    found = prove_by_bounds(expr, given, work, strict=strict)
    if found is None:
        found = prove_sign(expr, given, strict=strict, work=work)
    return _in_either_order(expr, given, work) if found is None and strict else found


def _in_either_order(expr: Expr, given: Sequence[Basic], work: Work) -> list[Part] | None:
    """Prove that an expression is positive where two numbers differ, for either order of them."""
    for differing, rest in differing_numbers(given):
        parts: list[Part] = []
        for order in (Gt, Lt):
            fact = order(*differing.args, evaluate=False)
            found = prove_sign(expr, [*rest, fact], strict=True, work=work)
            if found is None:
                break
            parts += [{**p, "steps": [f"where {to_text(fact)}", *p["steps"]]} for p in found]
        else:
            return parts
    return None


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
