"""The rewriting engine of derivations: one rule a line, wherever it applies, until none does.

Guarantees: the engine knows rules and no losses; which line follows is decided by the order of the
rules alone, so a derivation is the same each time it is made.
The derivative of a softmax is a lemma that the engine derives itself, the first time it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sympy import Abs, Eq, Expr, Piecewise, Symbol, sign
from sympy.core.basic import Basic
from sympy.core.relational import Relational

from . import regroup, sum_rules
from .class_sums import bottom_up, bound_indices, canonical_bound, replace_free
from .collect import collect
from .errors import UnsupportedError
from .letters import letters, names_in
from .operators import D
from .printing import to_text
from .rules import FIRST, LAST, THEN, Rule, depends
from .vocabulary import Softmax, index

MOST_LINES = 200
"""How many lines a chain of equations may have before the engine gives up."""

Rewrite = tuple[str, Callable[[Expr], Expr]]
"""The name of a line and the function that makes it."""

WRITE_OUT: tuple[Rewrite, ...] = (
    ("the softmax sums to 1", sum_rules.sum_to_one),
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
        maximum = "definition of maximum and minimum"
        return _rewritten(expr, ((maximum, self._write_out_extremes), *WRITE_OUT))

    def _write_out_extremes(self, expr: Expr) -> Expr:
        return regroup.write_out_extremes(expr, lambda part: depends(part, self.variable))

    def carry_out(self, expr: Expr) -> list[Step]:
        """Return the lines that carry out every operator in `expr` and collect terms."""
        member = self.variable.indices[0] if self.variable.is_Indexed else None
        tidy: tuple[Rewrite, ...] = (
            ("write as softmax", regroup.draw_in_softmax),
            ("the softmax sums to 1", sum_rules.sum_to_one),
        )
        rules: list[Rewrite] = [
            *map(_everywhere, FIRST),
            ("softmax lemma", self._use_lemma),
            ("write as softmax", regroup.name_softmax),
            *map(_everywhere, THEN),
            *([(_selection(member), lambda e: sum_rules.select(e, member))] if member else []),
            *tidy,
            *map(_everywhere, LAST),
            ("branch by branch", regroup.fold_result),
            ("by assumption", lambda e: sum_rules.assume(e, self.given)),
            ("Kronecker delta selects one class", sum_rules.select_rest),
            ("factors leave the sums", sum_rules.leave_sums),
            ("collect terms", collect),
        ]
        return _rewritten(expr, rules)

    def _use_lemma(self, expr: Expr) -> Expr:
        def use(node: Expr) -> Expr:
            if not (isinstance(node, D) and isinstance(node.operand, Softmax)):
                return node
            placeholder, slope = self._lemma(node.operand.logit)
            return replace_free(slope, {placeholder: node.operand.args[0]})

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
        new = canonical_bound(sum_rules.free_signs(rewrite(expr)))
        if bound_indices(new):
            raise UnsupportedError(
                "a case distinction stays inside the sum that it speaks about",
                found=to_text(expr),
                remedy="write the branches without a sum or an integral around their sum",
            )
        if new != expr:
            note = _edges(expr) if _under_operator(expr) and not _under_operator(new) else ""
            return Step(expr, new, f"{name}, away from kinks" if note else name, note)
    return None


def _under_operator(expr: Expr) -> set[Expr]:
    """Return the parts with kinks that an operator stands before."""
    parts = {part for d in expr.atoms(D) for part in d.operand.atoms(Piecewise, Abs, sign)}
    return {
        part
        for part in parts
        if any(depends(part, d.variable) for d in expr.atoms(D) if d.operand.has(part))
    }


def _edges(expr: Expr) -> str:
    """Return where the parts that an operator stands before have their kinks."""
    relations: set[Relational] = set()
    for part in _under_operator(expr):
        if isinstance(part, Piecewise):
            relations |= {r for _, condition in part.args for r in condition.atoms(Relational)}
        else:
            relations.add(Eq(part.args[0], 0, evaluate=False))
    bound = sorted({s for r in relations for s in bound_indices(r)}, key=str)
    free = dict(zip(bound, map(index, letters(names_in(expr))), strict=False))
    edges = {to_text(Eq(r.lhs, r.rhs, evaluate=False).xreplace(free)) for r in relations}
    places = " or ".join(sorted(edges, key=lambda edge: (len(edge), edge)))
    return f"does not hold where {places}: there the loss may have a kink."
