"""The scene of a sign: one case of coinciding classes with what holds in it.

Guarantees: the normal form of a scene knows the assumptions of the claim in this case, and nothing
else; a scene that is empty has no point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sympy import Eq, Expr, Ne, S as _S
from sympy.core.basic import Basic

from ...numeric.point import Point
from ...symbolic.cases import Case
from ...symbolic.class_sums import collapse_deltas
from ...symbolic.field import Fraction
from ...symbolic.normal_form import normalise, normaliser_for, prepare
from ...symbolic.normaliser import Normaliser
from ...symbolic.printing import to_text
from ...symbolic.vocabulary import is_class
from .screening import within
from .work import Work

DEPTH = 7
"""Reductions one after the other."""


@dataclass(frozen=True)
class Scene:
    """Where a sign is to be shown: one case, the assumptions in it, and how one got there.

    `solved` tells whether equations among the assumptions are put into the normal form, or kept as
    hypotheses beside it.
    """

    case: Case
    given: tuple[Basic, ...]
    normaliser: Normaliser
    facts: tuple[Basic, ...]
    steps: tuple[str, ...] = ()
    depth: int = DEPTH
    solved: bool = True
    work: Work = field(default_factory=Work, compare=False)
    points: tuple[Point, ...] = ()

    def after(self, step: str) -> Scene:
        """Return the scene one reduction later."""
        return replace(self, steps=(*self.steps, step), depth=self.depth - 1)

    def with_fact(self, fact: Basic) -> Scene:
        """Return the scene where one more assumption holds."""
        new = scene_of(self.case, (*self.given, fact), self.work, solved=self.solved)
        return replace(
            new,
            steps=(*self.steps, f"where {to_text(fact)}"),
            depth=self.depth - 1,
            points=within(self.points, fact),
        )

    def is_empty(self) -> bool:
        """Tell whether an assumption that two things differ fails in this case."""
        return any(
            fact == _S.false
            or (
                isinstance(fact, Ne)
                and not _is_about_classes(fact)
                and self.of(fact.lhs - fact.rhs).is_zero()
            )
            for fact in self.facts
        )

    def of(self, expr: Expr) -> Fraction:
        """Return the normal form of an expression in this case."""
        return normalise(self.case, self.normaliser, prepare(expr))


def _is_about_classes(fact: Basic) -> bool:
    return all(is_class(side) for side in fact.args)


def scene_of(
    case: Case,
    given: Sequence[Basic],
    work: Work,
    *,
    solved: bool = True,
    restricted: bool | None = None,
) -> Scene:
    """Return the scene of one case under assumptions; for `restricted` see `normaliser_for`."""
    plain = (case.apply(collapse_deltas(case.apply(prepare(fact)))) for fact in given)
    used = [f for f in given if solved or not isinstance(f, Eq)]
    normaliser = normaliser_for(case, used, restricted=restricted)
    facts = tuple(map(normaliser.everywhere, plain))
    return Scene(case, tuple(given), normaliser, facts, solved=solved, work=work)


def atoms_of(value: Fraction) -> list[Expr]:
    """Return the atoms of a fraction."""
    field = value.field
    return [field.atoms[a] for a in sorted({*field.used(value.num), *field.used(value.den)})]
