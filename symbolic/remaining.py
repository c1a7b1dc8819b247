"""Class sums split at the named classes: the remaining classes as a set of their own.

Guarantees: `Division.apply` returns an expression equal to its argument, in which the named members
are plain variables and every class sum runs over the remaining classes only, none of which is
named; `Division.restore` is its inverse.
The divisions of a case are exhaustive: either all classes are named, or at least one remains.
What it cannot see: families with several indices, which it refuses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sympy import (
    Add,
    Dummy,
    Expr,
    Integer,
    KroneckerDelta,
    S as _S,
    Sum,
    Symbol,
)
from sympy.core.basic import Basic
from sympy.core.relational import Relational
from sympy.tensor.indexed import Indexed

from .cases import ONLY_CASE, Case
from .class_sums import bottom_up, canonical_bound, collapse_deltas
from .errors import UnsupportedError
from .normal_form import prepare
from .vocabulary import bins, index, is_bound, is_class, n

_COUNT = Dummy("n", integer=True, positive=True)
"""Stands for a number of classes until a whole expression is rewritten: n is put in terms of n."""


@dataclass(frozen=True)
class Division:
    """One case of coinciding classes, and whether classes remain beside the named ones.

    Attributes
    ----------
    case
        Which named classes coincide.
    named
        The named classes, pairwise distinct.
    least
        The least number of remaining classes; 0 if there are none.
    members
        The named members met so far, by the variables that stand for them.
    """

    case: Case
    named: tuple[Expr, ...]
    least: int
    members: dict[Expr, Expr] = field(default_factory=dict, compare=False)

    @property
    def label(self) -> str:
        """The case in words."""
        said = self.case.label
        if n in self.case.substitution:
            return said
        bound = len(self.named) + self.least
        count = f"n ≥ {bound}" if self.least else f"n = {bound}"
        return count if said == ONLY_CASE else f"{said}, {count}"

    @property
    def remaining(self) -> Case:
        """The case of the divided expressions: no class in them is named."""
        sizes = {n: max(self.least, 1), bins: self.case.smallest[bins]}
        return Case({}, {n: (), bins: self.case.classes[bins]}, sizes, self.label)

    def apply(self, expr: Expr) -> Expr:
        """Return `expr` in named members and sums over the remaining classes.

        Raises
        ------
        UnsupportedError
            If a family has several indices.
        """
        divided = self._divide(self.case.apply(prepare(expr)))
        divided = self.case.apply(collapse_deltas(canonical_bound(divided)))
        count = n + len(self.named) if self.least else Integer(len(self.named))
        return bottom_up(divided, self._plain).xreplace({_COUNT: count})

    def without_zeros(self, expr: Expr) -> Expr:
        """Return `expr` without the products in which a delta is 0 in this case."""

        def step(node: Expr) -> Expr:
            deltas = [a for a in node.args if isinstance(a, KroneckerDelta)]
            zero = node.is_Mul and any(self.case.apply(d) == 0 for d in deltas)
            return _S.Zero if zero else node

        return bottom_up(prepare(expr), step)

    def apply_to(self, fact: Basic) -> Basic | None:
        """Return a relation divided, or None for a fact about classes or not a relation."""
        if not isinstance(fact, Relational) or all(is_class(a) for a in fact.args):
            return None
        return fact.func(*(self.apply(a) for a in fact.args), evaluate=False)

    def restore(self, expr: Expr) -> Expr:
        """Return a divided expression in class sums over all but the named classes."""

        def back(node: Expr) -> Expr:
            if node == n:
                return _COUNT
            if isinstance(node, Sum):
                left_out = [
                    1 - KroneckerDelta(running, name)
                    for running, _, size in node.limits
                    for name in self.named
                    if size == n
                ]
                return Sum(node.function * _product(left_out), *node.limits)
            return self._as_stated(self.members[node]) if node in self.members else node

        whole = bottom_up(expr, back).xreplace({_COUNT: n - len(self.named)})
        return canonical_bound(whole)

    def member(self, variable: Expr) -> Expr:
        """Return the plain variable that a scalar or a named member has become."""
        return self._plain(self.case.apply(variable))

    def _as_stated(self, member: Expr) -> Expr:
        """Return a member of its family as declared: in a case with n = 2, z has two members."""
        base, size = member.base, self.case.substitution.get(n)
        whole = type(base)(base.label, shape=(n,)) if base.shape == (size,) else base
        return whole[member.indices]

    def _divide(self, expr: Expr, outer: frozenset[Expr] = frozenset()) -> Expr:
        """Split every sum; `outer` are the running classes around, which are remaining ones."""
        if isinstance(expr, Sum):
            return self._divide_sum(expr, outer)
        if not expr.args or isinstance(expr, (Symbol, Indexed)):
            return expr
        new = [self._divide(a, outer) for a in expr.args]
        same = all(a is b for a, b in zip(new, expr.args, strict=True))
        return expr if same else expr.func(*new)

    def _divide_sum(self, expr: Sum, outer: frozenset[Expr]) -> Expr:
        *inner, (running, first, size) = expr.limits
        body = Sum(expr.function, *inner) if inner else expr.function
        if isinstance(size, Integer):
            members: Iterable[Expr] = [Integer(c) for c in range(1, int(size) + 1)]
        elif size == n:
            members = self.named
        else:
            return Sum(self._divide(body, outer), (running, first, size))
        terms = (self._settled(body.xreplace({running: c}), outer) for c in members)
        whole = Add(*(self._divide(term, outer) for term in terms))
        if size != n or not self.least:
            return whole
        around = outer | {running}
        return whole + Sum(self._divide(self._settled(body, around), around), (running, first, n))

    def _settled(self, body: Expr, outer: frozenset[Expr]) -> Expr:
        """Put 0 for the deltas between two named classes, or a named and a remaining one."""
        named = set(self.named)
        zeros = {
            d: _S.Zero
            for d in body.atoms(KroneckerDelta)
            if set(d.args) & named and set(d.args) <= named | outer
        }
        return body.xreplace(zeros)

    def _plain(self, node: Expr) -> Expr:
        if node == n:
            return _COUNT
        if not isinstance(node, Indexed) or node.base.shape == (bins,):
            return node
        if len(node.indices) > 1:
            raise UnsupportedError(
                "a family in a limit has one index",
                found=node,
                remedy="state the limit for families of one index",
            )
        (name,) = node.indices
        if name in self.named or isinstance(name, Integer):
            return self._variable(node)
        if not is_bound(name):
            raise UnsupportedError(
                "every class in a limit is named or runs through a sum",
                found=node,
                remedy="use a class index or class_sum()",
            )
        return node

    def _variable(self, member: Indexed) -> Symbol:
        """Return the variable for a named member, with the sign its family was declared with."""
        names = ("positive", "nonnegative", "negative", "nonpositive", "nonzero")
        known = {name: True for name in names if getattr(member, f"is_{name}")}
        symbol = Symbol(str(member), real=True, **known)
        self.members[symbol] = member
        return symbol


def _product(factors: list[Expr]) -> Expr:
    result: Expr = _S.One
    for factor in factors:
        result *= factor
    return result


def divisions(case: Case) -> list[Division]:
    """Return the divisions of a case, which together are all of it."""
    named = tuple(case.classes[n])
    least = case.smallest[n]
    if n in case.substitution:
        return [Division(case, named, 0)]
    found = [Division(case, named, 0)] if named and least == len(named) else []
    return [*found, Division(case, named, max(least - len(named), 1))]


def finer(division: Division) -> list[Division]:
    """Return a division in two: one remaining class, which gets a name, or several; [] if not so.

    What holds for several remaining classes may fail for one alone: a sum over the others is 0.
    """
    if division.least != 1:
        return []
    taken = {str(name) for name in division.named}
    only = next(index(letter) for letter in "rstuvwabcdefg" if letter not in taken)
    classes = {**division.case.classes, n: (*division.named, only)}
    case = replace(division.case, classes=classes)
    return [
        Division(case, (*division.named, only), 0),
        Division(division.case, division.named, 2),
    ]
