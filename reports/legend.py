"""What the symbols of a claim mean: losses and softmax by definition, variables by their domain.

Guarantees: every meaning follows from the symbols themselves: a definition is the expression that
is used in proofs, a domain is what the symbol was declared with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sympy import Expr, IndexedBase, KroneckerDelta, Symbol
from sympy.core.basic import Basic
from sympy.tensor.indexed import Indexed

from ..checks.claim import Claim
from ..symbolic.calculus import LossTerm
from ..symbolic.loss import outputs
from ..symbolic.losses import LOSSES
from ..symbolic.printing import to_latex
from ..symbolic.relations import Eq
from ..symbolic.vocabulary import SLOT, K, Softmax, bins, i, is_bound, n, p, x, y, z
from .markdown import escape, formula

_MEANINGS: Mapping[Basic, str] = {
    n: "the number of classes",
    bins: "the number of bins",
    y: "the label",
    z: "the logits",
    p: "the targets",
    K: "the kernel values",
    x: "the positions of the data points",
    outputs: "the outputs",
}


def legend(claim: Claim) -> list[str]:
    """Return one line of Markdown for each loss, softmax and variable of `claim`."""
    formulas = [*claim.statement, *claim.given]
    losses = _losses(formulas)
    exprs = [*formulas, *(term.value for term in losses)]
    lines = [_loss(term, claim) for term in losses]
    lines += [_softmax(node) for node in _softmaxes(exprs)]
    fixed = claim.at or ()
    lines += [_variable(m, exprs, fixed=m in fixed) for m in _variables(exprs)]
    return lines + list(_conventions(exprs))


def _losses(exprs: Iterable[Basic]) -> list[LossTerm]:
    terms = {t for expr in exprs for t in expr.atoms(LossTerm) if t.name}
    found = {LossTerm(*t.args[:2]) for t in terms}
    return sorted(found, key=lambda term: (term.name, to_latex(term.value)))


def _softmaxes(exprs: Iterable[Basic]) -> list[Softmax]:
    nodes = {Softmax(i, node.logit) for expr in exprs for node in expr.atoms(Softmax)}
    return sorted((node for node in nodes if not _bound_outside(node)), key=to_latex)


def _bound_outside(node: Softmax) -> bool:
    return any(is_bound(s) and s != SLOT for s in node.logit.free_symbols if isinstance(s, Symbol))


def _definition(name: Expr, value: Expr) -> str:
    return formula(to_latex(Eq(name, value)))


def _softmax(node: Softmax) -> str:
    whose = "the softmax of the logits" if node.logit == z[SLOT] else "a softmax"
    return f"{_definition(node, node.definition())}: {whose}."


def _loss(term: LossTerm, claim: Claim) -> str:
    known = [*LOSSES.values(), *([claim.loss] if claim.loss else [])]
    title = next((loss.title for loss in known if loss.term == term and loss.title), "")
    shown = _definition(term, term.value)
    return f"{shown}: {escape(title)}." if title else f"{shown}."


def _variables(exprs: Iterable[Basic]) -> list[Symbol | IndexedBase]:
    """Return sizes, families, then the other symbols, each in the order of their names."""
    exprs = list(exprs)
    families = {base for expr in exprs for base in expr.atoms(IndexedBase)}
    labels = {base.label for base in families}
    symbols = {s for expr in exprs for s in expr.free_symbols if isinstance(s, Symbol)}
    sizes = {n} | {base.shape[0] for base in families if base.shape} & {bins}
    shown = {s for s in symbols - labels - sizes if not is_bound(s)}
    return [
        *sorted(sizes, key=lambda size: (size != n, str(size))),
        *sorted(families, key=str),
        *sorted(shown, key=str),
    ]


def _variable(member: Symbol | IndexedBase, exprs: Iterable[Basic], *, fixed: bool) -> str:
    """Say what a variable means and, unless its value is fixed, what it ranges over."""
    meaning = _MEANINGS.get(member, "")
    domain = "" if fixed and meaning else _domain(member, exprs)
    return f"{formula(to_latex(member))}: {', '.join(part for part in (meaning, domain) if part)}."


def _domain(member: Symbol | IndexedBase, exprs: Iterable[Basic]) -> str:
    if isinstance(member, IndexedBase):
        size = f" of the {formula(to_latex(member.shape[0]))} classes" if member.shape else " class"
        return f"one {_kind(member[1])} for each{size}"
    if member in (n, bins):
        return "any positive integer"
    if any(member in _indices(expr) for expr in exprs):
        return f"a class, from 1 to {formula('n')}"
    return f"a {_kind(member)}"


def _kind(member: Expr) -> str:
    sign = "positive " if member.is_positive else "nonnegative " if member.is_nonnegative else ""
    return f"{sign}integer" if member.is_integer else f"{sign}real number"


def _indices(expr: Basic) -> set[Basic]:
    """Return what stands for a class in `expr`."""
    members = {node.indices[0] for node in expr.atoms(Indexed)}
    members |= {node.args[0] for node in expr.atoms(Softmax)}
    return members | {arg for node in expr.atoms(KroneckerDelta) for arg in node.args}


def _conventions(exprs: Iterable[Basic]) -> Iterator[str]:
    printed = " ".join(to_latex(expr) for expr in exprs)
    if r"\delta_" in printed:
        yield f"{formula(chr(92) + 'delta')}: 1 where its two classes are the same, otherwise 0."
    if r"\sum" in printed:
        yield "A sum without limits runs over all classes."
    if r"\log" in printed:
        yield "All logarithms are natural."
