"""Assumptions that fix a whole family, such as "all logits are equal", put into expressions.

Guarantees: the expression returned has the same value at every point of the assumptions, for every
number of classes, all named classes being distinct.
What it cannot see: families that are fixed for all classes but some, in sums whose terms still
depend on the running class afterwards; they stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

from sympy import Add, Eq, Expr, IndexedBase, Sum, Symbol
from sympy.core.basic import Basic
from sympy.tensor.indexed import Indexed

from .cases import Case
from .class_sums import replace_free
from .universal import Every


@dataclass(frozen=True)
class _Fixed:
    """What a member of a family is, at every class but some."""

    base: IndexedBase
    running: Symbol
    value: Expr
    but: frozenset[Expr]
    size: Expr

    def at(self, member: Expr) -> Expr:
        return replace_free(self.value, {self.running: member})


class Everywhere:
    """The families that assumptions fix in one case.

    Only sums and named classes of the size that an assumption speaks of are changed.

    >>> from gradproof.symbolic import Eq, every, i, m, n, z, class_sum
    >>> from gradproof.symbolic.cases import cases_of
    >>> same = every(lambda j: Eq(z[j], z[m]))
    >>> case = next(iter(cases_of([z[i]], [same])))
    >>> Everywhere(case, [same]).put(class_sum(lambda j: z[j] ** 2))
    Sum(z[m]**2, (_1, 1, n))
    """

    def __init__(self, case: Case, given: Iterable[Basic]) -> None:
        self._case = case
        self._fixed: dict[IndexedBase, _Fixed] = {}
        for fact in given:
            for one in _fixed_by(fact, case):
                if not self._is_circular(one):
                    self._fixed.setdefault(one.base, one)

    def put(self, expr: Basic) -> Basic:
        """Return a class-sum expression, or a relation of such, with what is fixed put in."""
        return self._put(expr, {}) if self._fixed else expr

    def _is_circular(self, new: _Fixed) -> bool:
        families = new.value.atoms(IndexedBase) - ({new.base} if _is_member(new) else set())
        used = (f.value.atoms(IndexedBase) for f in self._fixed.values())
        return bool(families & {new.base, *self._fixed}) or any(new.base in u for u in used)

    def _put(self, expr: Basic, bound: Mapping[Expr, Expr]) -> Basic:
        if isinstance(expr, Indexed):
            return self._member(expr, bound)
        if not expr.args or isinstance(expr, Every) or not self._occurs(expr):
            return expr
        if isinstance(expr, Sum):
            return self._sum(expr, bound)
        return expr.func(*(self._put(a, bound) for a in expr.args))

    def _occurs(self, expr: Basic) -> bool:
        return any(base in self._fixed for base in expr.atoms(IndexedBase))

    def _member(self, member: Indexed, bound: Mapping[Expr, Expr]) -> Expr:
        fixed = self._fixed.get(member.base)
        if fixed is None or len(member.indices) != 1:
            return member
        place = member.indices[0]
        named = self._case.classes.get(fixed.size, ())
        is_free = bound.get(place) == fixed.size and not fixed.but
        is_other = place in named and place not in fixed.but and place not in bound
        return fixed.at(place) if is_free or is_other else member

    def _sum(self, expr: Sum, bound: Mapping[Expr, Expr]) -> Expr:
        inner = {**bound, **{running: size for running, _first, size in expr.limits}}
        body = self._put(expr.function, inner)
        if len(expr.limits) == 1:
            running, _first, size = expr.limits[0]
            rest, but = self._others(body, running, size)
            if but and running not in rest.free_symbols:
                own = [self._put(replace_free(body, {running: member}), bound) for member in but]
                return Add(*own, (size - len(but)) * self._put(rest, bound))
        return expr.func(body, *expr.limits)

    def _others(self, body: Expr, running: Symbol, size: Expr) -> tuple[Expr, list[Expr]]:
        """Return the term at a class that no assumption excepts, and the excepted ones."""
        members = [
            (a, self._fixed[a.base])
            for a in body.atoms(Indexed)
            if a.indices == (running,) and a.base in self._fixed
        ]
        members = [(a, f) for a, f in members if f.size == size]
        but: frozenset[Expr] = reduce(frozenset.union, (f.but for _, f in members), frozenset())
        return replace_free(body, {a: f.at(running) for a, f in members}), sorted(but, key=str)


def _fixed_by(fact: Basic, case: Case) -> Iterator[_Fixed]:
    """Yield what an assumption about every class fixes, if its excepted classes are named."""
    if not isinstance(fact, Every):
        return
    for formula, others in fact.parts():
        but = frozenset(case.substitution.get(a, a) for a in others)
        if not isinstance(formula, Eq) or not but <= set(case.classes.get(fact.size, ())):
            continue
        for left, right in (formula.args, formula.args[::-1]):
            if isinstance(left, Indexed) and left.indices == (fact.running,):
                value = case.apply(right)
                if any(fact.running in s.free_symbols for s in value.atoms(Sum)):
                    continue  # a class put in could be taken for the running class of the sum
                yield _Fixed(left.base, fact.running, value, but, fact.size)


def _is_member(new: _Fixed) -> bool:
    """Tell whether a family is fixed to be one member of its own."""
    return (
        isinstance(new.value, Indexed)
        and new.value.base == new.base
        and new.running not in new.value.free_symbols
    )
