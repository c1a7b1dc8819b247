"""The rewriting engine of derivations: one rule a line, wherever it applies, until none does.

Guarantees: the engine knows rules and no losses; which line follows is decided by the order of the
rules alone, so a derivation is the same each time it is made.
The derivative of a softmax is a lemma that the engine derives itself, the first time it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sympy import Eq, Expr, Piecewise, Symbol
from sympy.core.basic import Basic
from sympy.core.relational import Relational

from . import regroup
from .class_sums import bottom_up, canonical_bound
from .collect import collect
from .errors import UnsupportedError
from .letters import letters, names_in
from .operators import D, lift, running_classes
from .printing import to_text
from .rules import FIRST, LAST, THEN, Rule
from .vocabulary import Softmax, bound_level, index

MOST_LINES = 200
"""How many lines a chain of equations may have before the engine gives up."""

Rewrite = tuple[str, Callable[[Expr], Expr]]
"""The name of a line and the function that makes it."""

WRITE_OUT: tuple[Rewrite, ...] = (
    ("the softmax sums to 1", regroup.sum_to_one),
    ("branch by branch", regroup.fold_branches),
    ("definition of the sigmoid", regroup.name_sigmoid),
    ("definition of softmax", regroup.define_softmax),
    ("logarithm of a quotient", regroup.split_logarithm),
)
"""How a loss is written out before it is differentiated."""


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


class Engine:
    """Rewrites expressions with operators by one variable.

    Parameters
    ----------
    variable
        What is differentiated by.
    given
        Assumptions; an equation with a class sum on its left is used as a rule.
    names
        Names that a lemma's index must not take.
    """

    def __init__(self, variable: Expr, given: Iterable[Basic], names: frozenset[str]) -> None:
        self.variable = variable
        self.given = tuple(given)
        self.names = names
        self.lemmas: dict[Expr, tuple[Step, ...]] = {}

    def write_out(self, expr: Expr) -> list[Step]:
        """Return the lines that prepare a loss for differentiation."""
        return _rewritten(expr, WRITE_OUT)

    def carry_out(self, expr: Expr) -> list[Step]:
        """Return the lines that carry out every operator in `expr` and collect terms."""
        member = self.variable.indices[0] if self.variable.is_Indexed else None
        tidy: tuple[Rewrite, ...] = (
            ("write as softmax", regroup.draw_in_softmax),
            ("the softmax sums to 1", regroup.sum_to_one),
        )
        rules: list[Rewrite] = [
            *map(_everywhere, FIRST),
            ("softmax lemma", self._use_lemma),
            ("write as softmax", regroup.name_softmax),
            *map(_everywhere, THEN),
            *([(_selection(member), lambda e: regroup.select(e, member))] if member else []),
            *tidy,
            *map(_everywhere, LAST),
            ("branch by branch", regroup.fold_result),
            ("by assumption", lambda e: regroup.assume(e, self.given)),
            ("Kronecker delta selects", regroup.select_rest),
            ("factors leave the sums", regroup.leave_sums),
            ("collect terms", collect),
        ]
        return _rewritten(expr, rules)

    def _use_lemma(self, expr: Expr) -> Expr:
        above = bound_level(expr)

        def use(node: Expr) -> Expr:
            if not (isinstance(node, D) and isinstance(node.operand, Softmax)):
                return node
            placeholder, slope = self._lemma(node.operand.logit)
            return lift(slope, above).xreplace({placeholder: node.operand.args[0]})

        return bottom_up(expr, use)

    def _lemma(self, logit: Expr) -> tuple[Symbol, Expr]:
        taken = self.names | names_in(logit)
        placeholder = index(next(letters(taken)))
        if logit not in self.lemmas:
            softmax = Softmax(placeholder, logit)
            first = Step(
                D(softmax, self.variable),
                D(softmax.definition(), self.variable),
                "definition of softmax",
            )
            self.lemmas[logit] = (first, *self.carry_out(first.right))
        return placeholder, self.lemmas[logit][-1].right


def _selection(member: Expr) -> str:
    return f"Kronecker delta selects {to_text(member)}"


def _everywhere(rule: Rule) -> Rewrite:
    def apply(node: Expr) -> Expr:
        found = rule.apply(node) if isinstance(node, D) else None
        return node if found is None else found

    return rule.name, lambda expr: bottom_up(expr, apply)


def _rewritten(expr: Expr, rules: Sequence[Rewrite]) -> list[Step]:
    """Return the lines made by applying the first rule that changes something, until none does."""
    steps: list[Step] = []
    while (step := _next(expr, rules)) is not None:
        steps.append(step)
        expr = step.right
        if len(steps) > MOST_LINES:
            raise UnsupportedError(
                f"a derivation has at most {MOST_LINES} lines",
                found=to_text(steps[0].left),
                remedy="differentiate a part of the loss, or use Loss.gradient()",
            )
    return steps


def _next(expr: Expr, rules: Sequence[Rewrite]) -> Step | None:
    for name, rewrite in rules:
        new = canonical_bound(regroup.free_signs(rewrite(expr)))
        if new != expr:
            return Step(expr, new, name, _edges(expr) if name == BRANCHES else "")
    return None


BRANCHES = next(rule.name for rule in FIRST if not rule.smooth)
"""The name of the rule that does not hold on the edges between branches."""


def _edges(expr: Expr) -> str:
    """Return a sentence that says where branches under an operator meet."""
    operands = [d.operand for d in expr.atoms(D) if isinstance(d.operand, Piecewise)]
    relations = {r for f in operands for _, c in f.args for r in c.atoms(Relational)}
    bound = sorted({s for r in relations for s in running_classes(r)}, key=str)
    free = dict(zip(bound, map(index, letters(names_in(expr))), strict=False))
    edges = sorted(to_text(Eq(r.lhs, r.rhs, evaluate=False).xreplace(free)) for r in relations)
    return f"not where {' or '.join(edges)}: there the branches meet and the loss has a kink"
