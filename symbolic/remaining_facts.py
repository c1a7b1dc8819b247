"""Assumptions split at the named classes: what holds for each of them, and for a remaining one.

Guarantees: what is returned follows from the assumptions, and an assumption about the members of
every class says all that it said.
What it cannot see: facts about classes alone, which the cases hold already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from sympy import Abs, Add, Eq, Expr, Ge, Gt, KroneckerDelta, Le, Lt, Max, Ne, S as _S, Sum, Symbol
from sympy.core.basic import Basic
from sympy.core.relational import Relational

from .errors import UnsupportedError
from .remaining import Division
from .universal import Every, replace_in
from .vocabulary import bound, n

_PLACE = bound(9)
"""Stands for a remaining class while a relation about every class is divided."""


def bounds_of(fact: Basic, running: Symbol) -> list[tuple[Expr, Expr]]:
    """Return what a vanishing sum of excesses says: values that are at most 0, with their class.

    The fact is divided: ``Eq(Max(0, a) + sum_j Max(0, f(j)), 0)`` says that a <= 0, and f(j) <= 0
    for every remaining class j, which is put in as `running`; a value without a class comes with 0.
    """
    if not isinstance(fact, Eq):
        return []
    found = []
    for term in Add.make_args(fact.lhs - fact.rhs):
        factor, part = term.as_coeff_Mul()
        excess = part.function if isinstance(part, Sum) and len(part.limits) == 1 else part
        if not (factor > 0 and isinstance(excess, Max) and 0 in excess.args):
            return []
        others = [a for a in excess.args if a != 0]
        place = part.limits[0][0] if isinstance(part, Sum) else None
        for value in others:
            known = value.xreplace({place: running}) if place is not None else value
            found.append((known, running if place is not None else _S.Zero))
    return found


def _at_every_class(
    division: Division, fact: Every, running: Sequence[Symbol]
) -> Iterator[tuple[Relational, Symbol | None]]:
    """Yield what holds for every class, divided: for each named one, and for a running one."""
    for name in (*division.named, *([_PLACE] if division.least else [])):
        for formula, but in fact.parts():
            if name in {division.case.substitution.get(a, a) for a in but}:
                continue
            part = replace_in(formula, {fact.running: name})
            if not isinstance(part, Relational) or (name == _PLACE and part.has(KroneckerDelta)):
                raise UnsupportedError(
                    "what is assumed of every class is a relation between its members",
                    found=part,
                    remedy="state it without deltas; of the connectives, Implies(Ne(j, m), ...) "
                    "may be used",
                )
            divided = division.apply_to(part)
            if isinstance(divided, Relational):
                members = running if name == _PLACE else (None,)
                for relation, member in product(_with_squares(divided), members):
                    yield (relation.xreplace({_PLACE: member}) if member else relation), member


def _with_squares(relation: Relational) -> Iterator[Relational]:
    """Yield a relation, and the same between squares where both sides are absolute values."""
    yield relation
    if all(isinstance(side, Abs) for side in relation.args):
        yield relation.func(*(side.args[0] ** 2 for side in relation.args), evaluate=False)


def facts_of(
    division: Division, given: Iterable[Basic], running: Sequence[Symbol]
) -> tuple[list[Basic], list[tuple[Expr, Symbol]]]:
    """Return the assumptions divided, and the bounds that hold for every remaining class.

    A vanishing sum of excesses is taken for the bounds that it says, which say all of it.
    """
    facts: list[Basic] = []
    bounds: list[tuple[Expr, Symbol]] = []
    for fact in given:
        if isinstance(fact, Every) and fact.size == n:
            for relation, place in _at_every_class(division, fact, running):
                facts.append(relation)
                if place is not None and isinstance(relation, (Le, Lt, Ge, Gt)):
                    bounds.append((relation.lts - relation.gts, place))
            continue
        divided = division.apply_to(fact)
        if divided is None:
            continue
        if not (running and bounds_of(divided, running[0])):
            facts.append(divided)
        for member in running:
            for value, place in bounds_of(divided, member):
                facts.append(Le(value, 0, evaluate=False))
                if place != 0:
                    bounds.append((value, place))
    # The first fact that gives a sign is taken: a strict one says more.
    facts.sort(key=lambda fact: not isinstance(fact, (Gt, Lt, Ne)))
    return facts, bounds
