"""Wrong twins of a claim: the negative control of each proof.

Guarantees: a twin counted as refuted fails at an exact point, by certified balls; a twin that
happens to be true, by the normal form, is recognised and not counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random
from time import perf_counter

from sympy import Add, Eq, Expr, Integer
from sympy.logic.boolalg import Boolean

from ..symbolic.cases import index_sizes
from ..symbolic.errors import EngineConflict, GradproofError
from ..symbolic.normal_form import equal
from ..symbolic.printing import to_text
from .goals import Goal
from .sampling import patterned_domains
from .search import fails_at
from .verdict import Evidence, Finding

METHOD = "wrong twins"
POINTS = 20


@dataclass(frozen=True)
class Mutant:
    """A twin of an equation with one change."""

    change: str
    goal: Goal


def mutants_of(goal: Goal) -> Iterator[Mutant]:
    """Yield the twins of an equation: sign, factor, offset, dropped terms, exchanged classes."""
    if not isinstance(goal.formula, Eq):
        return
    left, right = goal.formula.args
    seen = {right}
    for change, twin in _changes(right):
        if twin not in seen:
            seen.add(twin)
            yield Mutant(change, Goal(_equation(left, twin), goal.given))


def _equation(left: Expr, right: Expr) -> Boolean:
    return Eq(left, right, evaluate=False)


def _changes(right: Expr) -> Iterator[tuple[str, Expr]]:
    yield "sign", -right
    yield "factor 2", 2 * right
    yield "offset 1", right + 1
    terms = Add.make_args(right)
    if len(terms) > 1:
        for term in terms[:4]:
            yield f"without {to_text(term)}", right - term
            yield f"sign of {to_text(term)}", right - 2 * term
    sizes = index_sizes([right])
    names = [a for a in sizes if not isinstance(a, Integer)]
    for position, a in enumerate(names):
        for b in (b for b in names[position + 1 :] if sizes[a] == sizes[b]):
            yield f"{a} and {b} exchanged", right.xreplace({a: b, b: a})


def try_mutants(goal: Goal, seed: int) -> Evidence:
    """Refute the twins of a proved equation.

    Raises
    ------
    EngineConflict
        If the prover proves a twin that fails at a certified point.
    """
    start = perf_counter()
    refuted: list[str] = []
    true: list[str] = []
    left_over: list[str] = []
    random = Random(seed)
    for mutant in mutants_of(goal):
        failing = _fails_somewhere(mutant.goal, random)
        if failing:
            refuted.append(mutant.change)
            if len(refuted) == 1:
                _must_not_be_proved(mutant)
        elif _proved(mutant):
            true.append(mutant.change)
        else:
            left_over.append(mutant.change)
    total = len(refuted) + len(left_over)
    detail = f"{len(refuted)} of {total} wrong twins refuted"
    detail += f", {len(true)} twins are true" if true else ""
    detail += f"; not refuted: {', '.join(left_over)}" if left_over else ""
    finding = Finding.CONFIRMS if total and not left_over else Finding.NOTHING
    figures = {"refuted": len(refuted), "wrong": total, "true": len(true)}
    return Evidence(
        METHOD, finding, f"{total} twins", f"{detail}.", figures, perf_counter() - start
    )


def _fails_somewhere(goal: Goal, random: Random) -> bool:
    domains = patterned_domains(goal.formula, goal.given)
    for domain in islice(cycle(domains), POINTS):
        point = domain.draw(random)
        if point is None:
            continue
        try:
            if fails_at(goal, point):
                return True
        except GradproofError:
            continue
    return False


def _proved(mutant: Mutant) -> bool:
    left, right = mutant.goal.formula.args
    return equal(left, right, mutant.goal.given)


def _must_not_be_proved(mutant: Mutant) -> None:
    if _proved(mutant):
        raise EngineConflict(
            "a twin that fails at a certified point is not proved",
            found=f"{to_text(mutant.goal.formula)} ({mutant.change})",
            remedy="report this: the normal form or the evaluation is wrong",
        )
