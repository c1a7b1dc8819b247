"""Twins of a goal: the same formula with one systematic change, for every kind of goal.

Guarantees: the twins of a goal are the same in every run, all different from the goal and from one
another, and spread evenly over the kinds of change, simplest first.
What it cannot see: which twins are false; a change may leave a formula true.

A twin that says less than an inequality by an offset is not made: it follows from the inequality.
An existence statement has no twins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sympy import (
    And,
    Basic,
    Eq,
    Equivalent,
    Expr,
    Ge,
    Gt,
    Implies,
    Integer,
    Le,
    Lt,
    Ne,
    Not,
    Or,
    nan,
    oo,
    zoo,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from ..symbolic.cases import index_sizes
from ..symbolic.errors import GradproofError
from ..symbolic.existence import Exists
from ..symbolic.limits import LimitTerm
from ..symbolic.printing import to_text
from ..symbolic.ranges import SIZES
from ..symbolic.vocabulary import n
from .changes import changes_at, changes_of_side
from .goals import Goal
from .sites import Change, Kind, Names, sites

MOST = 24
"""The most twins made of one goal."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A twin of a goal with one change.

    Attributes
    ----------
    kind
        What was changed.
    change
        The change in words.
    goal
        The twin.
    where
        Conditions under which the twin says something else than the goal; points that satisfy
        them are the ones to try.
    """

    kind: Kind
    change: str
    goal: Goal
    where: tuple[Boolean, ...] = ()


_Draft = tuple[Kind, Callable[[], Mutant]]


def mutants_of(goal: Goal, most: int = MOST) -> list[Mutant]:
    """Return at most `most` twins of a goal, the kinds of change taking turns."""
    if goal.formula.has(Exists):
        return []
    queues: dict[Kind, list[Callable[[], Mutant]]] = {kind: [] for kind in Kind}
    for kind, make in _drafts(goal):
        queues[kind].append(make)
    seen = {_key(goal)}
    found: list[Mutant] = []
    while len(found) < most and any(queues.values()):
        for queue in queues.values():
            mutant = _next(queue, seen, goal)
            if mutant is not None and len(found) < most:
                found.append(mutant)
    return found


def _next(queue: list[Callable[[], Mutant]], seen: set[Basic], goal: Goal) -> Mutant | None:
    """Return the next twin of one kind that is well formed and new."""
    while queue:
        try:
            mutant = queue.pop(0)()
            key = _key(mutant.goal)
            if key not in seen and _is_well_formed(mutant.goal, goal):
                seen.add(key)
                return mutant
        except (GradproofError, ZeroDivisionError):
            continue
    return None


def _key(goal: Goal) -> tuple[Basic, frozenset[Basic]]:
    return goal.formula, frozenset(goal.given)


def _is_well_formed(twin: Goal, goal: Goal) -> bool:
    """Tell whether a twin is a formula with finite numbers and one range for each class."""
    formula = twin.formula
    if not isinstance(formula, type(goal.formula)) and not isinstance(formula, Boolean):
        return False
    if not formula.args or formula.has(nan, zoo) or (formula.has(oo) and not _has_limit(goal)):
        return False
    index_sizes([formula, *twin.given])
    return True


def _has_limit(goal: Goal) -> bool:
    return goal.formula.has(LimitTerm)


def _drafts(goal: Goal) -> Iterator[_Draft]:
    names = index_sizes([goal.formula, *goal.given])

    def draft(change: Change) -> _Draft:
        return change.kind, lambda: Mutant(
            change.kind, change.words(), Goal(change.result(), goal.given)
        )

    yield from map(draft, _changes(goal.formula, names))
    yield from _weaker(goal)


def _changes(formula: Boolean, names: Names) -> Iterator[Change]:
    if isinstance(formula, Relational):
        yield from _relation(formula, names)
        return
    yield from _connective(formula)
    for position, part in enumerate(formula.args):
        for change in _changes(part, names):
            yield Change(change.kind, change.words, _rebuilt(formula, position, change.result))


def _rebuilt(
    formula: Boolean, position: int, result: Callable[[], Boolean]
) -> Callable[[], Boolean]:
    before, after = formula.args[:position], formula.args[position + 1 :]
    return lambda: formula.func(*before, result(), *after, evaluate=False)


def _connective(formula: Boolean) -> Iterator[Change]:
    def change(words: str, new: Callable[[], Boolean]) -> Change:
        return Change(Kind.CONNECTIVE, lambda: words, new)

    args = formula.args
    if isinstance(formula, Not):
        yield change("without the negation", lambda: args[0])
    if isinstance(formula, Or):
        yield change("or becomes and", lambda: And(*args, evaluate=False))
    if isinstance(formula, And):
        yield change("and becomes or", lambda: Or(*args, evaluate=False))
    if isinstance(formula, (And, Or)):
        for position, part in enumerate(args):
            rest = args[:position] + args[position + 1 :]
            yield change(
                f"without the part {to_text(part)}",
                lambda r=rest: r[0] if len(r) == 1 else formula.func(*r, evaluate=False),
            )
    if isinstance(formula, Implies):
        yield change("the implication reversed", lambda: Implies(*reversed(args), evaluate=False))
    if isinstance(formula, Equivalent):
        yield change(
            "one side negated", lambda: Equivalent(Not(args[0]), *args[1:], evaluate=False)
        )


_STRICT = {Le: Lt, Lt: Le, Ge: Gt, Gt: Ge}
_REVERSED = {Le: Ge, Ge: Le, Lt: Gt, Gt: Lt, Ne: Eq}


def _relation(relation: Relational, names: Names) -> Iterator[Change]:
    kind = type(relation)
    left, right = relation.args

    def with_type(new: type) -> Callable[[], Boolean]:
        return lambda: new(left, right, evaluate=False)

    if kind in _STRICT:
        strict = "strict" if kind in (Le, Ge) else "not strict"
        yield Change(Kind.STRICT, lambda: strict, with_type(_STRICT[kind]))
    if kind in _REVERSED:
        turned = "equal instead of different" if kind is Ne else "direction reversed"
        yield Change(Kind.DIRECTION, lambda: turned, with_type(_REVERSED[kind]))
    whole = [*_offsets(relation), *_of_sides(relation, names)]
    inner = [
        (site.depth, side, change)
        for side, expr in ((1, right), (0, left))
        for site in sites(expr)
        for change in (*_path(site.node, site.put), *changes_at(site, names))
    ]
    # SymPy keeps its terms in one order; sorting by depth alone keeps it too.
    for side, change in whole + [(s, c) for _, s, c in sorted(inner, key=lambda one: one[0])]:
        yield Change(change.kind, change.words, _with_side(relation, side, change.result))


def _with_side(
    relation: Relational, side: int, result: Callable[[], Expr]
) -> Callable[[], Boolean]:
    kind, (left, right) = type(relation), relation.args
    if side:
        return lambda: kind(left, result(), evaluate=False)
    return lambda: kind(result(), right, evaluate=False)


def _offsets(relation: Relational) -> Iterator[tuple[int, Change]]:
    """Yield a right side moved by 1, of an inequality so that it says more, or 0 for infinity."""
    right = relation.rhs
    if right in (oo, -oo):
        words = f"{to_text(right)} becomes 0"
        yield 1, Change(Kind.CONSTANT, lambda: words, lambda: Integer(0))
        return
    for move in {Le: (-1,), Lt: (-1,), Ge: (1,), Gt: (1,)}.get(type(relation), (1, -1)):
        said = f"{'plus' if move > 0 else 'minus'} 1 on the right"
        yield 1, Change(Kind.OFFSET, lambda w=said: w, lambda m=move: right + m)


def _of_sides(relation: Relational, names: Names) -> Iterator[tuple[int, Change]]:
    """Yield the changes of one whole side; a sign or a factor on the other side says the same."""
    left, right = relation.args
    side = 0 if right == 0 else 1
    for change in changes_of_side(relation.args[side], names):
        is_scale = change.kind is Kind.FACTOR or (
            change.kind is Kind.SIGN and isinstance(relation, (Eq, Ne))
        )
        if not (0 in (left, right) and is_scale):
            yield side, change


def _path(node: Expr, put: Callable[[Expr], Expr]) -> Iterator[Change]:
    """Yield the changes of the path on which a limit is taken; no number of classes is negative."""
    if not isinstance(node, LimitTerm) or node.variable in SIZES:
        return
    if node.target in (oo, -oo):
        new, words = (
            (-node.target, node.side),
            f"{to_text(node.variable)} to {to_text(-node.target)}",
        )
    else:
        side = "-" if node.side == "+" else "+"
        new, words = (node.target, side), f"from the other side of {to_text(node.target)}"
    yield Change(Kind.LIMIT, lambda: words, lambda: put(LimitTerm(node.body, node.variable, *new)))


_NOT = {Eq: Ne, Ne: Eq, Le: Gt, Lt: Ge, Ge: Lt, Gt: Le}


def _weaker(goal: Goal) -> Iterator[_Draft]:
    """Yield the twins with one assumption dropped or weakened."""
    for position, fact in enumerate(goal.given):
        where = (
            (_NOT[type(fact)](*fact.args, evaluate=False),) if isinstance(fact, Relational) else ()
        )
        for new in (*_weakened(fact), None):
            words = (
                f"{to_text(fact)} becomes {to_text(new)}"
                if new is not None
                else (f"without the assumption {to_text(fact)}")
            )
            rest = goal.given[:position] + goal.given[position + 1 :]
            given = rest if new is None else (*goal.given[:position], new, *rest[position:])
            yield (
                Kind.ASSUMPTION,
                lambda w=words, g=given, at=where: Mutant(
                    Kind.ASSUMPTION, w, Goal(goal.formula, g), at
                ),
            )


def _weakened(fact: Boolean) -> Iterator[Boolean]:
    if isinstance(fact, Ge) and fact.lhs == n and isinstance(fact.rhs, Integer) and fact.rhs > 2:
        yield Ge(n, fact.rhs - 1, evaluate=False)
    elif isinstance(fact, (Gt, Lt)):
        yield _STRICT[type(fact)](*fact.args, evaluate=False)
