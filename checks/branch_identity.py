"""Equations between formulas with branches: the normal form in every way the branches can lie.

Guarantees: PROVES only if, for every sign of each difference that selects a branch, the sides with
that branch in force have one normal form and a value; and if, where a difference is 0, all branches
of a loss that meet there have the same value and the same derivative, so that it has one.
What it cannot see: differences in which every class of a sum has its share, derivatives of higher
order, and losses that jump.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import cycle, islice, product
from random import Random
from time import perf_counter
from typing import Any

from sympy import (
    Abs,
    Eq,
    Expr,
    Ge,
    Gt,
    Heaviside,
    Integer,
    Le,
    Lt,
    Max,
    Min,
    Piecewise,
    Rational,
    Sum,
    sign,
)
from sympy.core.basic import Basic
from sympy.core.relational import Relational

from ..numeric.branches import SIGNS
from ..numeric.point import Point
from ..symbolic.calculus import LossTerm, differentiate, evaluate_terms
from ..symbolic.class_sums import bound_indices, expand_softmax
from ..symbolic.domain import undischarged
from ..symbolic.errors import UnsupportedError
from ..symbolic.kink_edges import KINKED, kink_edges
from ..symbolic.printing import to_text
from .goals import Goal, admits, scope_of
from .identity import METHOD, prove_identity
from .inequality.prover import prove_inequality
from .inequality.work import CONTROL
from .kink_points import points_at_zeros
from .sampling import patterned_domains
from .verdict import Evidence, Finding

_MOST = 5
"""Differences beyond this number make too many cells."""

_POINTS = 30
"""Points that are drawn, and those that are moved to where a difference is 0."""

_Cell = Mapping[Expr, int]
"""The sign of each difference that selects a branch."""


class _BeyondError(Exception):
    """The formula is not one that this method treats."""


def applies(goal: Goal) -> bool:
    """Tell whether a goal is an equation with branches."""
    return isinstance(goal.formula, Eq) and (
        goal.formula.has(*KINKED)
        or any(t.variables and t.value.has(*KINKED) for t in goal.formula.atoms(LossTerm))
    )


def prove_by_branches(goal: Goal) -> Evidence:
    """Try to prove an equation in every way its branches can lie."""
    start = perf_counter()
    scope = scope_of([goal.formula], goal.given)

    def found(finding: Finding, detail: str, data: Any = None) -> Evidence:
        return Evidence(METHOD, finding, scope, detail, data, perf_counter() - start)

    try:
        forms = _in_every_cell(goal)
    except _BeyondError:
        return found(Finding.DID_NOT_RUN, "Its branches are not of single classes.")
    except (UnsupportedError, ZeroDivisionError) as error:
        return found(Finding.DID_NOT_RUN, f"{error}.")
    if forms is None:
        return found(Finding.NOTHING, "Not every way in which the branches can lie was proved.")
    detail = (
        f"Both sides have the same normal form in each of {len(forms)} ways in which the branches "
        "can lie; where branches of a loss meet, they have one value and one derivative."
    )
    return found(Finding.PROVES, detail, forms)


def _in_every_cell(goal: Goal) -> dict[str, str] | None:
    """Return the common form for each cell, or None if one is not proved."""
    plain = [c for c in undischarged(goal.formula, goal.given) if c.reason != "kink"]
    if plain:
        return None
    sides = [expand_softmax(evaluate_terms(side)) for side in goal.formula.args]
    forms = {}
    for cell, facts in _cells(goal, _edges(goal, sides)):
        given = (*goal.given, *facts)
        left, right = (_resolved(side, cell) for side in sides)
        if not prove_identity(Goal(Eq(left, right, evaluate=False), given)).proved:
            return None
        if 0 in cell.values() and not _is_smooth(goal, cell, given):
            return None
        forms[", ".join(map(to_text, facts)) or "no branch"] = to_text(left)
    return forms or None


def _cells(goal: Goal, edges: list[Expr]) -> Iterator[tuple[_Cell, list[Basic]]]:
    """Yield the signs that the differences may have together, with the facts that say so."""
    points = _points(goal, edges)

    def extended(cell: _Cell, facts: list[Basic], left: list[Expr]) -> Iterator[Any]:
        if not left:
            yield cell, facts
            return
        for way in (1, 0, -1):
            more = {**cell, left[0]: way}
            known = [*facts, _fact(_resolved(left[0], cell), way)]
            if any(admits(known, p) for p in points) or not _is_empty(goal.given, known):
                yield from extended(more, known, left[1:])

    return extended({}, [], edges)


def _points(goal: Goal, edges: list[Expr]) -> list[Point]:
    """Return exact points of the domain: a cell that holds one is not empty."""
    random = Random(0)
    domains = patterned_domains(goal.formula, goal.given)
    drawn = (domain.draw(random, tries=3) for domain in islice(cycle(domains), _POINTS))
    return [
        *(point for point in drawn if point is not None),
        *islice(points_at_zeros(goal, edges, 0), _POINTS),
    ]


def _edges(goal: Goal, sides: list[Expr]) -> list[Expr]:
    """Return every difference that selects a branch, in a fixed order."""
    found: dict[Expr, None] = {}
    terms = sorted((t for t in goal.formula.atoms(LossTerm) if t.variables), key=str)
    several = [edge for t in terms for edge in kink_edges(t.value, t.variables)]
    several += [edge for side in sides for node in side.atoms(*KINKED) for edge in _of_node(node)]
    for edge in sorted(several, key=str):
        if bound_indices(edge) or edge.has(Sum):
            raise _BeyondError
        if edge not in found and -edge not in found and not edge.is_number:
            found[edge] = None
    if len(found) > _MOST or any(len(t.variables) > 1 for t in terms):
        raise _BeyondError
    # What has branches itself comes after that by which they are selected.
    return sorted(found, key=lambda edge: len(edge.atoms(*KINKED)))


def _of_node(node: Expr) -> list[Expr]:
    if isinstance(node, Piecewise):
        return [_difference(r) for _, c in node.args for r in c.atoms(Relational)]
    if isinstance(node, (Max, Min)):
        if len(node.args) != 2:
            raise _BeyondError
        return [node.args[0] - node.args[1]]
    return [node.args[0]]


def _difference(relation: Relational) -> Expr:
    return relation.lhs - relation.rhs


def _fact(edge: Expr, sign_: int) -> Basic:
    kind = {1: Gt, 0: Eq, -1: Lt}[sign_]
    return kind(edge, 0, evaluate=False)


def _is_empty(given: tuple[Basic, ...], facts: list[Basic]) -> bool:
    """Tell whether one of the facts is refuted by the others."""
    for position, fact in enumerate(facts):
        others = (*given, *facts[:position], *facts[position + 1 :])
        if fact.lhs.is_number:
            if fact.func(fact.lhs, 0) == False:  # noqa: E712 - SymPy's false
                return True
            continue
        contraries = next(found for kind, found in _CONTRARY.items() if isinstance(fact, kind))
        for contrary in contraries:
            denied = Goal(contrary(fact.lhs, 0, evaluate=False), others)
            if prove_inequality(denied, CONTROL).finding is Finding.PROVES:
                return True
    return False


_CONTRARY: dict[type, tuple[type, ...]] = {Gt: (Le,), Lt: (Ge,), Eq: (Gt, Lt)}


# -- branches --------------------------------------------------------------------------------------


def _sign_in(edge: Expr, cell: _Cell) -> int:
    if edge in cell:
        return cell[edge]
    if -edge in cell:
        return -cell[-edge]
    if edge.is_number and edge.is_real:
        return 1 if edge > 0 else -1 if edge < 0 else 0
    raise _BeyondError


def _resolved(expr: Expr, cell: _Cell) -> Expr:
    """Return an expression with the branches in force in a cell."""
    if not expr.args or not expr.has(*KINKED):
        return expr
    if isinstance(expr, Piecewise):
        return _resolved(_piece(expr, cell), cell)
    if not isinstance(expr, KINKED):
        return expr.func(*(_resolved(a, cell) for a in expr.args))
    (edge,) = _of_node(expr)
    way = _sign_in(edge, cell)
    if isinstance(expr, Abs):
        return way * _resolved(edge, cell)
    if isinstance(expr, sign):
        return Integer(way)
    if isinstance(expr, Heaviside):
        return Rational(1 + way, 2)
    first, second = (_resolved(a, cell) for a in expr.args)
    return first if (way >= 0) == isinstance(expr, Max) else second


def _piece(expr: Piecewise, cell: _Cell) -> Expr:
    for value, condition in expr.args:
        if condition == True:  # noqa: E712 - SymPy's true
            return value
        if type(condition) not in SIGNS:
            raise _BeyondError
        if _sign_in(_difference(condition), cell) in SIGNS[type(condition)]:
            return value
    raise _BeyondError


def _is_smooth(goal: Goal, cell: _Cell, given: tuple[Basic, ...]) -> bool:
    """Tell whether the branches of each loss that meet in a cell have one value and derivative.

    It is the value of the loss there, and the value of the formula for its derivative.
    """
    for term in goal.formula.atoms(LossTerm):
        if not term.variables:
            continue
        (variable,) = term.variables
        own = set(kink_edges(term.value, term.variables))
        tied = [e for e, s in cell.items() if s == 0 and (e in own or -e in own)]
        for part in _parts(term, variable) if tied else ():
            value = _resolved(part, cell)
            slope = _resolved(differentiate(part, variable), cell)
            for beside in _beside(cell, tied, variable):
                branch = _resolved(part, beside)
                if not _vanishes(branch - value, given):
                    return False
                if not _vanishes(differentiate(branch, variable) - slope, given):
                    return False
    return True


def _beside(cell: _Cell, tied: list[Expr], variable: Expr) -> Iterator[_Cell]:
    """Yield the signs that the tied differences may have where the variable has moved a little."""
    ways = [(1, -1) if _crosses(edge, variable) else (1, 0, -1) for edge in tied]
    for signs in product(*ways):
        yield {**cell, **dict(zip(tied, signs, strict=True))}


def _crosses(edge: Expr, variable: Expr) -> bool:
    """Tell whether an edge moves with its variable at a constant speed, so that it is 0 once."""
    if edge.has(*KINKED):
        return False
    speed = differentiate(edge, variable)
    return bool(speed.is_Rational and speed != 0)


def _parts(term: LossTerm, variable: Expr) -> Iterator[Expr]:
    """Yield the loss, or for each of its sums with branches the term of the variable's class."""
    value = expand_softmax(term.value)
    sums = [node for node in value.atoms(Sum) if node.function.has(*KINKED)]
    if not sums:
        yield value
        return
    outside = value.xreplace({node: Integer(0) for node in sums})
    if outside.has(*KINKED) or any(len(node.limits) != 1 for node in sums):
        raise _BeyondError
    for node in sums:
        yield node.function.xreplace({node.limits[0][0]: variable.indices[0]})


def _vanishes(gap: Expr, given: tuple[Basic, ...]) -> bool:
    return gap == 0 or prove_identity(Goal(Eq(gap, 0, evaluate=False), given)).proved
