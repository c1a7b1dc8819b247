"""Wrong twins of a claim: the negative control of each proof.

Guarantees: a twin counted as refuted fails at an exact point of its own domain, by certified balls
(a twin about a limit: by the method that settles limits); a twin counted as true was proved; a twin
that has no value somewhere, or that neither fails nor is proved, is counted by itself.
A twin that fails or has no value and is proved all the same is an `EngineConflict`.
What it cannot see: a wrong twin that no point tried refutes; it counts as wrong and not refuted, as
does a true one that no prover proves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from random import Random
from time import perf_counter
from typing import Any, TypeAlias

from sympy import Integral

from ..numeric.point import Point
from ..symbolic.errors import EngineConflict, UnsupportedError
from ..symbolic.limits import LimitTerm
from ..symbolic.printing import to_text
from .failing import confirm_by_explicit_classes
from .goals import Goal
from .identity import prove_identity
from .mutations import MOST, Mutant, mutants_of
from .search import search_counterexample
from .sites import Kind
from .twin_points import Truth, TwinPoints
from .verdict import Evidence, Finding

METHOD = "wrong twins"

Prove: TypeAlias = Callable[[Goal], bool]
"""Tells whether a goal is proved; False is no refutation."""

Settle: TypeAlias = Callable[[Goal], Finding]
"""Settles a goal that has no value at a point, such as a limit."""


class Fate(Enum):
    """What became of a twin."""

    FALSE = "false"
    UNDEFINED = "has no value somewhere"
    TRUE = "true"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard twins are tried.

    Attributes
    ----------
    twins
        The most twins of a goal.
    points
        The most points at which a twin is tried.
    controls
        How many of the refuted twins of a goal are put to the prover, and confirmed by explicit
        classes; which ones follows from the seed.
    search
        Points that Hypothesis may draw for a twin that neither fails nor is proved.
    limits
        The most twins of a goal about a limit: each of them takes the method that settles limits
        as long as the goal itself.
    """

    twins: int = 10
    points: int = 12
    controls: int = 1
    search: int = 25
    limits: int = 4

    def shared(self, parts: int) -> Effort:
        """Return the effort for each of several goals of one claim."""
        return replace(
            self,
            twins=max(5, self.twins // max(parts, 1)),
            limits=max(3, self.limits // max(parts, 1)),
        )


QUICK = Effort()
"""What a run can spend on each claim."""

FULL = Effort(twins=MOST, points=60, controls=MOST, limits=MOST)
"""Every twin, each of them put to the prover."""


@dataclass(frozen=True, slots=True)
class Twin:
    """A twin and what became of it.

    Attributes
    ----------
    mutant
        The twin.
    fate
        What became of it.
    point
        The exact point at which it is false or has no value.
    """

    mutant: Mutant
    fate: Fate
    point: Point | None = None

    def to_json(self) -> dict[str, str]:
        """Return the twin as JSON data."""
        data = {
            "kind": self.mutant.kind.value,
            "change": self.mutant.change,
            "fate": self.fate.value,
        }
        return data | ({"point": str(self.point)} if self.point is not None else {})


def by_normal_form(goal: Goal) -> bool:
    """Tell whether the normal form proves an equation."""
    return prove_identity(goal).proved


def try_mutants(
    goal: Goal,
    seed: int,
    prove: Prove = by_normal_form,
    *,
    settle: Settle | None = None,
    at: Point | None = None,
    effort: Effort = QUICK,
) -> Evidence:
    """Refute the wrong twins of a goal, and recognise those that are true.

    Parameters
    ----------
    goal
        The goal, usually a proved one.
    seed
        Seed of the points, and of the choice of twins that are put to the prover as a control.
    prove
        The prover whose negative control this is.
    settle
        What settles twins about limits; without it they stay open.
    at
        The one point that the claim is about, if it is about a single instance.
    effort
        How hard to try.

    Raises
    ------
    EngineConflict
        If the prover proves a twin that fails or has no value at a certified point.
    """
    start = perf_counter()
    twins = settle_mutants(goal, seed, prove, settle=settle, at=at, effort=effort)
    return replace(evidence_of(twins), seconds=perf_counter() - start)


def settle_mutants(
    goal: Goal,
    seed: int,
    prove: Prove = by_normal_form,
    *,
    settle: Settle | None = None,
    at: Point | None = None,
    effort: Effort = QUICK,
) -> list[Twin]:
    """Return the twins of a goal, each with what became of it; the arguments of `try_mutants`."""
    if goal.formula.has(LimitTerm):
        most = min(effort.twins, effort.limits)
        return [_settled(mutant, settle) for mutant in mutants_of(goal, most)]
    mutants = mutants_of(goal, effort.twins)
    if at is not None:
        mutants = [m for m in mutants if m.kind is not Kind.ASSUMPTION]
    points = TwinPoints(goal, seed, effort.points, at)
    twins = [_tried(mutant, points, prove, at is not None) for mutant in mutants]
    if effort.search and at is None:
        twins = [_searched(twin, seed, effort.search) for twin in twins]
    if at is None:
        _control(twins, seed, prove, effort.controls)
    return twins


def _settled(mutant: Mutant, settle: Settle | None) -> Twin:
    finding = Finding.NOTHING if settle is None else settle(mutant.goal)
    fates = {
        Finding.PROVES: Fate.TRUE,
        Finding.REFUTES: Fate.FALSE,
        Finding.UNDEFINED: Fate.UNDEFINED,
    }
    return Twin(mutant, fates.get(finding, Fate.OPEN))


def _tried(mutant: Mutant, points: TwinPoints, prove: Prove, is_instance: bool) -> Twin:
    failure = points.failure(mutant)
    if failure is not None:
        fate = Fate.FALSE if failure.truth is Truth.FAILS else Fate.UNDEFINED
        return Twin(mutant, fate, failure.point)
    holds = points.holds_everywhere(mutant) if is_instance else _proves(prove, mutant.goal)
    return Twin(mutant, Fate.TRUE if holds else Fate.OPEN)


def _proves(prove: Prove, goal: Goal) -> bool:
    try:
        return prove(goal)
    except UnsupportedError:
        return False


def _searched(twin: Twin, seed: int, tries: int) -> Twin:
    """Return a twin left open after a search of its own, where it says more than the goal."""
    mutant = twin.mutant
    if twin.fate is not Fate.OPEN or mutant.goal.formula.has(Integral):
        return twin
    more = Goal(mutant.goal.formula, (*mutant.goal.given, *mutant.where))
    try:
        found = search_counterexample(more, seed=seed, tries=tries, digits=12, thorough=False)
    except UnsupportedError:
        return twin
    if found.counterexample is None:
        return twin
    refuted = found.evidence.finding is Finding.REFUTES
    fate = Fate.FALSE if refuted else Fate.UNDEFINED
    return Twin(mutant, fate, found.counterexample.point)


def _control(twins: Sequence[Twin], seed: int, prove: Prove, controls: int) -> None:
    """Put twins that are not true to the prover, which must not prove them."""
    wrong = [t for t in twins if t.fate in (Fate.FALSE, Fate.UNDEFINED)]
    if len(wrong) > controls:
        first = wrong[0].mutant.goal
        chosen = Random(f"{seed} {to_text(first.formula)}")
        wrong = chosen.sample(wrong, controls)
    for twin in wrong:
        goal, point = twin.mutant.goal, twin.point
        if _proves(prove, goal):
            raise EngineConflict(
                "a twin that is not true at a certified point is not proved",
                found=f"{to_text(goal.formula)} ({twin.mutant.change}), proved but "
                f"{'false' if twin.fate is Fate.FALSE else 'without a value'} at {point}",
                remedy="report this: a prover or the evaluation is wrong",
            )
        if twin.fate is Fate.FALSE and point is not None and not goal.formula.has(Integral):
            confirm_by_explicit_classes(goal.formula, point)


def evidence_of(twins: Iterable[Twin]) -> Evidence:
    """Return what the twins of a goal show, in words and as data."""
    twins = list(twins)
    count = Counter(twin.fate for twin in twins)
    refuted, unsettled = count[Fate.FALSE], [t for t in twins if t.fate is Fate.OPEN]
    wrong = refuted + len(unsettled)
    most = "at most " if unsettled else ""
    detail = f"{refuted} of {most}{wrong} wrong twins refuted{_others(count)}"
    if unsettled:
        detail += f"; neither refuted nor proved: {'; '.join(t.mutant.change for t in unsettled)}"
    figures: dict[str, Any] = {
        "refuted": refuted,
        "wrong": wrong,
        "true": count[Fate.TRUE],
        "undefined": count[Fate.UNDEFINED],
        "kinds": _by_kind(twins),
        "twins": [twin.to_json() for twin in twins],
    }
    finding = Finding.CONFIRMS if wrong and not unsettled else Finding.NOTHING
    return Evidence(METHOD, finding, f"{len(twins)} twins", f"{detail}.", figures)


def _others(count: Counter[Fate]) -> str:
    true, undefined = count[Fate.TRUE], count[Fate.UNDEFINED]
    parts = [f"{true} {'twin is' if true == 1 else 'twins are'} true"] if true else []
    if undefined:
        parts.append(f"{undefined} {'has' if undefined == 1 else 'have'} no value somewhere")
    return "".join(f", {part}" for part in parts)


def _by_kind(twins: Iterable[Twin]) -> dict[str, dict[str, int]]:
    """Return for each kind of change how many twins met which fate."""
    table: dict[str, dict[str, int]] = {}
    for twin in twins:
        row = table.setdefault(twin.mutant.kind.value, {})
        row[twin.fate.value] = row.get(twin.fate.value, 0) + 1
    return table
