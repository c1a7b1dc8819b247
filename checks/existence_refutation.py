"""Existence statements refuted by families of points along which every choice fails.

Guarantees: a family refutes only if the exact calculus of growth shows that for every value of the
chosen scalars the formula is false from some t on; numbers only select which families are tried.
What it cannot see: families with values that are no simple functions of one number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from typing import Any

from sympy import Eq, Expr, Gt, Lt, Rational, Symbol
from sympy.core.relational import Relational

from .existence_families import Family, families_of
from .existence_growth import fails_along
from .existence_question import Question
from .existence_shown import Shown, fails_on, show, values_of
from .existence_witness import opposite
from .goals import Goal
from .inequality.prover import prove_inequality
from .verdict import Finding

_EIGHTH, _HALF = Fraction(1, 8), Fraction(1, 2)
_BETWEEN: tuple[Fraction | int, ...] = (1, *(Fraction(a, 10) for a in (8, 12, 15, 25, 9, 11)), -1)
_PROBES = (_EIGHTH, 8, -8, -_EIGHTH, 0, _HALF, 2, *_BETWEEN)
_NEAR = (2 * _EIGHTH, 2, -2, -2 * _EIGHTH, 0, _HALF, *_BETWEEN)
_SPLITS = (0, 1, Rational(1, 2), 2)
_FAR, _MANY = 256, 64
"""How far along a family it is looked at; where the number of classes grows, less far."""
_SCREEN_BITS = 1024
_CHOICES = 3
"""How many values of a chosen scalar a screen takes."""
_TRIED = 12
"""How many families that pass the screen are handed to the calculus."""
_IN_CASES = 150
"""How many families are looked at for one part of the values of a scalar."""


@dataclass
class _Screen:
    """Numbers that select families worth the calculus, each computed once."""

    goal: Goal
    families: Sequence[Family]
    known: dict[tuple[Any, ...], bool] = field(default_factory=dict)

    def passes(self, family: Family, probes: list[dict[Any, Any]]) -> bool:
        """Tell whether the formula fails far along a family for all probes, at least one."""
        return bool(probes) and all(self._fails(family, probe) for probe in probes)

    def _fails(self, family: Family, probe: dict[Any, Any]) -> bool:
        key = (family, *probe.items())
        if key not in self.known:
            t = _MANY if family.grows else _FAR
            self.known[key] = fails_on(self.goal, family, t, probe, _SCREEN_BITS)
        return self.known[key]


def refuting_families(question: Question) -> list[Shown]:
    """Return families that together rule out every choice; an empty list if none are found.

    One family serves, or one for each part below, at and above some value of the only scalar.
    """
    screen = _Screen(Goal(question.formula, question.given), list(families_of(question)))
    shown = _one_family(question, screen, len(screen.families))
    return [shown] if shown else _in_cases(question, screen)


def _in_cases(question: Question, screen: _Screen) -> list[Shown]:
    if len(question.scalars) != 1:
        return []
    for split in _SPLITS:
        found = []
        for fact in _parts(question.scalars[0], split):
            shown = _one_family(question.narrowed(fact), screen, _IN_CASES)
            if shown is not None:
                found.append(shown)
            elif not _excluded(fact, question):
                break
        else:
            if found:
                return found
    return []


def _parts(scalar: Symbol, split: Expr) -> list[Relational]:
    """Return facts of which one holds for every value of a scalar; none if there is no use."""
    below = Lt(scalar, split, evaluate=False)
    several = [Gt(scalar, split, evaluate=False), Eq(scalar, split, evaluate=False), below]
    if split == 0 and scalar.is_positive:
        return []
    return several[:2] if split == 0 and scalar.is_nonnegative else several


def _excluded(fact: Relational, question: Question) -> bool:
    """Tell whether the facts on the choice are shown to contradict a further one."""
    goal = Goal(opposite(fact), question.choice)
    return prove_inequality(goal).finding is Finding.PROVES


def _one_family(question: Question, screen: _Screen, most: int) -> Shown | None:
    probes, near = (list(values_of(question, few, _CHOICES)) for few in (_PROBES, _NEAR))
    passing = (
        family
        for family in screen.families[:most]
        if screen.passes(family, near if family.grows else probes)
    )
    for family in islice(passing, _TRIED):
        if fails_along(question, family):
            shown = show(question, family)
            if shown is not None:
                return shown
    return None
