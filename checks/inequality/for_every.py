"""Facts about every class, put in the unknowns: at each class, and summed over the remaining ones.

Guarantees: each fact made here follows from an assumption that holds for every class: a nonnegative
quantity of each class, times a nonnegative term of each class, summed over the classes that are not
named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Eq, Expr, Ge, Gt, Integer, Le, Lt, Max, Sum, Symbol
from sympy.core.basic import Basic

from ...symbolic.class_sums import replace_free
from ...symbolic.errors import UnsupportedError
from ...symbolic.field import Fraction
from ...symbolic.printing import to_text
from ...symbolic.universal import Every, replace_in
from .carriers import exponential_of
from .convex_facts import without_extremes
from .facts import Fact
from .splitting import Splitting

RUNNING = Symbol("_800", integer=True, positive=True)


def members(fact: Basic, named: Sequence[Expr]) -> Iterator[Basic]:
    """Yield what a fact about every class says of the named ones, as plain relations."""
    for gap, strict, but in gaps(fact):
        for member in named:
            if member not in but:
                relation = Gt if strict else Ge
                yield relation(replace_free(gap, {RUNNING: member}), 0, evaluate=False)


def gaps(fact: Basic) -> Iterator[tuple[Expr, bool, frozenset[Expr]]]:
    """Yield ``(gap, strict, but)`` for each quantity that is nonnegative for every class but some.

    Read are ``every(lambda j: ...)`` and a class sum of excesses ``Max(0, e_j)`` that is 0.
    """
    for gap, strict, but, _size in _gaps(fact):
        yield gap, strict, but


_Gap = tuple[Expr, bool, frozenset[Expr], Expr]


def _gaps(fact: Basic) -> Iterator[_Gap]:
    if isinstance(fact, Every):
        for formula, but in fact.parts():
            for gap, strict in _of_relation(replace_in(formula, {fact.running: RUNNING})):
                yield gap, strict, but, fact.size
    elif isinstance(fact, Eq):
        for one, other in (fact.args, fact.args[::-1]):
            if other == 0 and isinstance(one, Sum) and len(one.limits) == 1:
                running, _first, size = one.limits[0]
                yield from _of_excess(one.function.xreplace({running: RUNNING}), size)


def _of_relation(relation: Basic) -> Iterator[tuple[Expr, bool]]:
    if not isinstance(relation, (Le, Lt, Ge, Gt)):
        return
    big, small = (relation.rhs, relation.lhs) if isinstance(relation, (Le, Lt)) else relation.args
    sides = without_extremes(big - small)
    both = [(sides[0] * sides[1]).expand()] if len(sides) == 2 else []
    for gap in [*sides, *both]:
        yield gap, isinstance(relation, (Lt, Gt))


def _of_excess(term: Expr, size: Expr) -> Iterator[_Gap]:
    if isinstance(term, Max) and Integer(0) in term.args:
        for excess in (a for a in term.args if a != 0):
            for gap in without_extremes(-excess):
                yield gap, False, frozenset(), size


def facts(splitting: Splitting, value: Fraction, given: Sequence[Basic]) -> Iterator[Fact]:
    """Yield the facts about every class, weighted by the terms that occur and summed.

    A class that a fact excepts has a name, so that it is none of the remaining ones.
    """
    for fact in given:
        for gap, _strict, but, size in _gaps(fact):
            if not but <= set(splitting.case.classes.get(size, ())):
                continue
            for form in _forms(splitting, gap):
                yield from _summed(splitting, value, form, size, to_text(fact))


def _forms(splitting: Splitting, gap: Expr) -> Iterator[Expr]:
    """Yield a nonnegative quantity, and what taking exponentials makes of it."""
    normaliser = splitting.normaliser
    try:
        value = normaliser.of(gap)
        raised = exponential_of(normaliser, value)
    except (UnsupportedError, ZeroDivisionError):
        return
    if raised is None:
        yield gap
    else:
        below = raised.field.whole(raised.den)
        if normaliser.sign_of_fraction(below) == ">0":
            yield ((raised - raised.field.constant(1)) * below).expr()


def _summed(
    splitting: Splitting, value: Fraction, form: Expr, size: Expr, text: str
) -> Iterator[Fact]:
    normaliser = splitting.normaliser
    weights = {Integer(1)}
    for number in normaliser.field.used(value.num):
        if number in normaliser.sums and normaliser.sums[number][2] == size:
            term, running, _ = normaliser.sums[number]
            if splitting.sign_of_term(term) in (">0", ">=0"):
                weights.add(term.xreplace({running: RUNNING}))
    for weight in sorted(weights, key=str):
        whole = normaliser.of(Sum(form * weight, (RUNNING, 1, size)))
        for member in splitting.case.classes.get(size, ()):
            whole = whole - normaliser.of((form * weight).xreplace({RUNNING: member}))
        split = splitting.split(whole)
        if not split.is_zero():
            yield Fact(
                split.num * split.den, ">=0", f"{text}, summed over the rest", "for every class"
            )
