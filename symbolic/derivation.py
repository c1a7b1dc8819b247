"""Derivations: the gradient of a loss, one rule a line, as on a page of a textbook.

Guarantees: `derive` applies rules to operators that are written down and not carried out; it knows
no loss. `check` proves each line equal to the line before, for every number of classes, by
differentiating with `gradproof.symbolic.calculus` and comparing normal forms, without the rules.
At the edge between two branches of a loss a derivation says nothing: the line that goes branch by
branch carries a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, IndexedBase, Symbol
from sympy.logic.boolalg import Boolean

from .branches import Indicators
from .calculus import LossTerm
from .engine import Engine, Step
from .errors import EngineConflict
from .letters import names_in
from .loss import Loss
from .markdown import for_notebook
from .normal_form import equal
from .operators import D, evaluate, plain, spell_out
from .pages import latex_page, markdown_page, text_page
from .printing import to_text
from .regroup import fold_branches, write_out_extremes
from .rules import depends
from .vocabulary import i as _i

__all__ = ["Derivation", "Step", "check", "closed_form", "derive"]


@dataclass(frozen=True, slots=True)
class Derivation:
    """A derivation of one component of a gradient.

    Parameters
    ----------
    loss
        The loss.
    variable
        What it is differentiated by, such as ``z[i]``.
    lemmas
        The lines that derive each lemma used.
    steps
        The lines of the derivation itself: first the loss rewritten, then its derivative.
    result
        The last right side, without operators.
    """

    loss: Loss
    variable: Expr
    lemmas: tuple[tuple[Step, ...], ...]
    steps: tuple[Step, ...]
    result: Expr

    def all_steps(self) -> Iterator[Step]:
        """Yield the lines of the lemmas, then those of the derivation."""
        for lemma in self.lemmas:
            yield from lemma
        yield from self.steps

    def to_text(self, width: int = 100) -> str:
        """Return the page as plain text, `width` characters wide where formulas allow."""
        return text_page(self.loss, self.lemmas, self.steps, width)

    def to_markdown(self) -> str:
        """Return the page as Markdown with formulas that GitHub renders."""
        return markdown_page(self.loss, self.lemmas, self.steps)

    def _repr_markdown_(self) -> str:
        """Return the page as Markdown with formulas that a notebook renders."""
        return for_notebook(self.to_markdown())

    def to_latex(self) -> str:
        """Return the page as LaTeX that needs the package amsmath."""
        return latex_page(self.loss, self.lemmas, self.steps)


def derive(
    loss: Loss,
    variable: IndexedBase | Symbol | None = None,
    member: Expr = _i,
    *,
    checked: bool = True,
) -> Derivation:
    """Derive the partial derivative of `loss` by one variable, line by line.

    Parameters
    ----------
    loss
        Any loss, also one of the user's own.
    variable
        A family or a scalar; what the loss is usually differentiated by unless said otherwise.
    member
        The class of the component, for a family.
    checked
        Whether every line is proved before the derivation is returned.

    Raises
    ------
    EngineConflict
        If a line is not proved equal to the line before.
    UnsupportedError
        If the loss holds something that the normal form does not know, or needs too many lines.
    """
    base = loss.wrt if variable is None else variable
    target = base[member] if isinstance(base, IndexedBase) else base
    engine = Engine(target, loss.given, names_in(loss.value) | names_in(target))
    gradient = LossTerm(loss.name, loss.value, target)
    steps = [Step(loss.term, loss.value, "definition of the loss")]
    steps += engine.write_out(loss.value)
    steps.append(Step(gradient, D(steps[-1].right, target), "differentiate"))
    steps += engine.carry_out(steps[-1].right)
    result = plain(steps[-1].right)
    derivation = Derivation(loss, target, tuple(engine.lemmas.values()), tuple(steps), result)
    if checked:
        check(derivation)
    return derivation


def closed_form(loss: Loss, member: Expr = _i) -> Expr:
    """Return component `member` of the gradient of `loss`, in terms of its softmax.

    >>> from gradproof.symbolic import Loss, S, log, y
    >>> closed_form(Loss("CE", -log(S(y))))
    -KroneckerDelta(i, y) + Softmax(i, z[_])
    """
    return derive(loss, member=member).result


def check(derivation: Derivation) -> None:
    """Prove every line of `derivation`, for every number of classes; lemmas without assumptions.

    Raises
    ------
    EngineConflict
        If the two sides of a line are not proved equal; names the line and both sides.
    UnsupportedError
        If a side holds something that the normal form does not know.
    """
    given = derivation.loss.given
    indicators = Indicators(given)

    def moves(part: Expr) -> bool:
        return depends(part, derivation.variable)

    def in_numbers_of_branches(side: Expr) -> Expr:
        return indicators.replace(fold_branches(write_out_extremes(spell_out(side), moves)))

    in_lemmas = sum(map(len, derivation.lemmas))
    for number, step in enumerate(derivation.all_steps()):
        sides = map(in_numbers_of_branches, (step.left, step.right))
        if not _proved(*sides, () if number < in_lemmas else given):
            raise EngineConflict(
                f"line {number + 1} of the derivation of {derivation.loss.name} is an equality",
                found=f"{to_text(step.left)} = {to_text(step.right)} by {step.rule!r}",
                remedy="the rule is wrong: report it with the loss",
            )


@lru_cache(maxsize=4096)
def _proved(left: Expr, right: Expr, given: tuple[Boolean, ...]) -> bool:
    values = _value(left), _value(right)
    return values[0] == values[1] or equal(*values, given)


@lru_cache(maxsize=4096)
def _value(side: Expr) -> Expr:
    return evaluate(side)
