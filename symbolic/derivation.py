"""Derivations: the gradient of a loss, one rule a line, as on a page of a textbook.

Guarantees: `derive` applies rules to operators that are written down and not carried out; it knows
no loss. `check` proves each line equal to the line before, for every number of classes, by
differentiating with `gradproof.symbolic.calculus` and comparing normal forms, without the rules.
At the edge between two branches of a loss a derivation says nothing: the line that goes branch by
branch carries a note.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sympy import Expr, IndexedBase, Piecewise, S as _S, Symbol
from sympy.tensor.indexed import Indexed

from . import regroup
from .calculus import LossTerm
from .class_sums import bottom_up, canonical_bound
from .collect import collect
from .errors import EngineConflict, UnsupportedError
from .letters import letters, names_in
from .loss import Loss
from .normal_form import equal
from .operators import D, evaluate, lift, plain
from .printing import to_text
from .rules import FIRST, LAST, THEN, Rule, depends
from .vocabulary import Softmax, bound_level, i as _i

MOST_STEPS = 200
"""How many lines a derivation may have before it is given up."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a derivation: ``left = right`` by a rule.

    Parameters
    ----------
    left, right
        The two sides, with operators `D` not carried out.
    rule
        The name of the rule applied.
    note
        A sentence the reader needs, or nothing.
    """

    left: Expr
    right: Expr
    rule: str
    note: str = ""


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
    lemmas: tuple[tuple[Step, ...], ...] = field(default=())
    steps: tuple[Step, ...] = field(default=())
    result: Expr = field(default=_S.Zero)

    def all_steps(self) -> Iterator[Step]:
        """Yield the lines of the lemmas, then those of the derivation."""
        for lemma in self.lemmas:
            yield from lemma
        yield from self.steps

    def to_text(self, width: int = 100) -> str:
        """Return the page as plain text, at most `width` characters wide."""
        from .pages import text_page

        return text_page(self, width)


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
    engine = _Engine(loss, target)
    steps = [Step(loss.term, loss.value, "definition of the loss")]
    steps += engine.rewrite(loss.value, engine.before)
    written_out = steps[-1].right
    steps.append(
        Step(LossTerm(loss.name, loss.value, target), D(written_out, target), "differentiate")
    )
    steps += engine.rewrite(steps[-1].right, engine.during)
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
    """Prove every line of `derivation`, for every number of classes.

    Raises
    ------
    EngineConflict
        If the two sides of a line are not proved equal; names the line and both sides.
    """
    for number, step in enumerate(derivation.all_steps(), start=1):
        left, right = evaluate(step.left), evaluate(step.right)
        if not equal(left, right, derivation.loss.given):
            raise EngineConflict(
                f"line {number} of the derivation of {derivation.loss.name} is an equality",
                found=f"{to_text(step.left)} = {to_text(step.right)} by {step.rule!r}",
                remedy="the rule is wrong: report it with the loss",
            )
