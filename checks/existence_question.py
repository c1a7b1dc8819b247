"""An existence statement taken apart: what is chosen, what varies, and which facts bind which.

Guarantees: the statement holds exactly if some values of the chosen variables satisfy the facts on
the choice and make the formula hold wherever the remaining facts do; a fact that names a variable
that is not chosen acts inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sympy import (
    And,
    Basic,
    Expr,
    IndexedBase,
    Symbol,
    Tuple,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanFunction

from ..numeric import decide
from ..numeric.point import Point
from ..symbolic.calculus import LossTerm
from ..symbolic.cases import SIZES, size_bounds
from ..symbolic.errors import GradproofError
from ..symbolic.existence import Exists
from ..symbolic.kink_edges import KINKED
from ..symbolic.printing import to_text
from ..symbolic.universal import Every
from .exact import exact_zero
from .goals import Goal, conjuncts
from .sampling import Domain, domain_of


@dataclass(frozen=True)
class Question:
    """The question whether some values of what is chosen make a formula hold for all the rest.

    Attributes
    ----------
    formula
        The formula.
    scalars, names, families
        The chosen scalars, the chosen sizes and class indices, the chosen families.
    choice
        Facts that name chosen variables only: they restrict the choice.
    inner
        All other facts.
    inside
        The domain of the formula; its variables that are not chosen vary.
    """

    formula: Boolean
    scalars: tuple[Symbol, ...]
    names: tuple[Symbol, ...]
    families: tuple[IndexedBase, ...]
    choice: tuple[Basic, ...]
    inner: tuple[Basic, ...]
    inside: Domain

    @property
    def given(self) -> tuple[Basic, ...]:
        """All facts."""
        return (*self.choice, *self.inner)

    @property
    def chosen(self) -> tuple[Expr, ...]:
        """Every chosen variable."""
        return (*self.names, *self.families, *self.scalars)

    @property
    def is_pure(self) -> bool:
        """Whether every variable is chosen, or a size that the facts fix."""
        return all(a in SIZES and _fixed(self.given, a) for a in self.varying)

    @property
    def varying(self) -> tuple[Expr, ...]:
        """The variables that are not chosen."""
        domain = self.inside
        used = set().union(*(f.free_symbols for f in (self.formula, *self.given)))
        shapes = {size for base in domain.families for size in base.shape}
        sizes = [s for s in domain.sizes if s in used | shapes | set(domain.indices.values())]
        every = (*sizes, *domain.families, *domain.indices, *domain.scalars)
        return tuple(a for a in every if a not in self.chosen)

    def admits_choice(self, point: Point) -> bool:
        """Tell whether values of the chosen scalars are certified to obey the facts on them."""
        return all(holds_at(fact, point) is True for fact in self.choice)

    def narrowed(self, *facts: Basic) -> Question:
        """Return the question with further facts on the choice."""
        return replace(self, choice=(*facts, *self.choice))


def holds_at(fact: Basic, point: Point) -> bool | None:
    """Tell whether a fact holds at a point; None if that is not decided or it has no value."""
    try:
        return decide(fact, point, max_bits=1024, exact_zero=exact_zero)
    except GradproofError:
        return None


def mapped(formula: Any, rule: Callable[[Expr], Expr]) -> Any:
    """Return a formula with a rule applied to its expressions, its relations kept as written."""
    if isinstance(formula, Every):
        inside = mapped(formula.formula, rule)
        return Every(inside, formula.running, formula.size, evaluate=False)
    if isinstance(formula, Relational):
        return type(formula)(*map(rule, formula.args), evaluate=False)
    if isinstance(formula, BooleanFunction):
        parts = (mapped(part, rule) for part in formula.args)
        return type(formula)(*parts, evaluate=False)
    return formula


def question_of(goal: Goal) -> Question:
    """Return the question that an existence statement under assumptions asks."""
    statement = goal.formula
    assert isinstance(statement, Exists)
    formula, given = statement.formula, tuple(conjuncts(goal.given))
    domain = domain_of([formula], given)
    chosen = set(statement.chosen)
    families = tuple(base for base in domain.families if base in chosen)
    names = tuple(a for a in (*domain.sizes, *domain.indices) if a in chosen)
    scalars = tuple(s for s in domain.scalars if s in chosen)
    choice = tuple(fact for fact in given if _binds_only(fact, chosen))
    inner = tuple(fact for fact in given if fact not in choice)
    question = Question(formula, scalars, names, families, choice, inner, domain)
    return question if question.is_pure else _without_facts(question, chosen)


def _without_facts(question: Question, chosen: set[Expr]) -> Question:
    """Move the parts of a conjunction that name chosen variables only to the facts on the choice.

    They do not depend on the rest, so that they hold for all of it where they hold.
    """
    parts = list(conjuncts([question.formula]))
    facts = [part for part in parts if _binds_only(part, chosen)]
    left = [part for part in parts if part not in facts]
    if not facts or not left:
        return question
    formula = left[0] if len(left) == 1 else And(*left, evaluate=False)
    return replace(question.narrowed(*facts), formula=formula)


def _fixed(given: Iterable[Basic], size: Expr) -> bool:
    low, high = size_bounds(given, size)
    return low == high


def _binds_only(fact: Basic, chosen: set[Expr]) -> bool:
    """Tell whether a fact names chosen variables, and nothing else."""
    domain = domain_of([fact])
    named = {*domain.families, *domain.indices, *domain.scalars}
    shapes = {size for base in domain.families for size in base.shape}
    named |= {s for s in domain.sizes if s in fact.free_symbols | shapes}
    return bool(named) and named <= chosen


def shortcoming(question: Question) -> str:
    """Return why a question has no plain meaning or no method, or nothing."""
    put_in = bool(question.families) and not question.is_pure
    for term in question.formula.atoms(LossTerm):
        chosen = Tuple(*term.variables).atoms(Symbol, IndexedBase) & set(question.chosen)
        if chosen - set(question.names) and not question.is_pure:
            named = letters(sorted(chosen, key=str))
            return f"A derivative is taken by what is chosen, {named}."
        if put_in and term.variables and term.value.has(*KINKED):
            return "A derivative of a loss with kinks depends on a family that is chosen."
    for base in question.families:
        for size in base.shape:
            if size in question.varying and not _fixed(question.given, size):
                return (
                    f"The members of {base} are as many as {to_text(size)}, which is not chosen: "
                    f"choose {to_text(size)} as well, or fix it."
                )
    return ""


def letters(variables: Iterable[Expr]) -> str:
    """Return variables as text."""
    return ", ".join(str(a) for a in variables)
