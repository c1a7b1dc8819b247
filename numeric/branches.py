"""Functions with branches: absolute values, maxima, signs, piecewise formulas and conditions.

Guarantees: a branch is taken only when the sign that selects it is decided.
Where it is not, `Abs`, `Max`, `Min` and `sign` of real balls give a ball that holds every
possibility; anything else gives a non-finite value and a note of the tie.
A Taylor series whose constant term ties is at a kink, even if the tie is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb, fmpq
from sympy import Add, Eq, Expr, Ge, Gt, Integer, Le, Lt, Ne, Piecewise
from sympy.core.relational import Relational
from sympy.logic.boolalg import (
    ITE,
    And,
    Boolean,
    BooleanFalse,
    BooleanTrue,
    Equivalent,
    Implies,
    Not,
    Or,
    Xor,
)

from ..symbolic.errors import UnsupportedError
from . import elements
from .elements import NAN, Element
from .kinks import Candidates, any_of
from .point import is_index
from .run import Run

Truth = bool | None
Test = Callable[[Run], Truth]


def key_value(node: Any, run: Run) -> Element:
    """Return the value that decides a branch: inside an integral, that at the piece's middle."""
    value = node.compute(run)
    if not elements.is_complex(value):
        return value
    key = (id(node), *[run.classes[s] for s in node.indices])
    if key not in run.decisions:
        run.decisions[key] = run.with_running(run.middle, node.compute)
    return run.decisions[key]


def decided_sign(value: Element, node: Any, run: Run) -> int | None:
    """Return the sign of `value`, None (and a note) if it is undecided or a series is at a kink."""
    result = elements.sign(value)
    if elements.is_series(value) and result in (0, None):
        result = _sign_onward(value, node, run)
    if result is None:
        run.note_tie(node.expr, node.indices)
    return result


def _sign_onward(value: Element, node: Any, run: Run) -> int | None:
    """Return the sign of a series that begins with 0 where its variable is small and positive.

    None unless one-sided values are asked for, and the first coefficient that is not 0 has a sign.
    """
    if run.onward is None or run.running is not None:
        return None
    classes = {s: Integer(run.classes[s]) for s in node.indices}
    if elements.sign(value) is None and not run.onward(node.expr.xreplace(classes)):
        return None
    signs = [elements.sign(value[k]) for k in range(1, value.prec)]
    return next((s for s in signs if s != 0), None)


def compile_abs(compiler: Any, expr: Expr) -> Callable[[Run], Element]:
    """Compile an absolute value."""
    inner = compiler.node(expr.args[0])

    def compute(run: Run) -> Element:
        value = inner.compute(run)
        if isinstance(value, Candidates):
            return value.absolute()
        if isinstance(value, elements.REAL):
            return abs(value)
        result = decided_sign(key_value(inner, run), inner, run)
        return elements.nan_like(value) if result is None else value if result >= 0 else -value

    return compute


def compile_sign(compiler: Any, expr: Expr) -> Callable[[Run], Element]:
    """Compile a sign function: -1, 0 or 1."""
    inner = compiler.node(expr.args[0])

    def compute(run: Run) -> Element:
        if isinstance(inner.compute(run), Candidates):
            return any_of([fmpq(-1), fmpq(0), fmpq(1)])
        value = key_value(inner, run)
        result = decided_sign(value, inner, run)
        if result is None:
            return arb(0, 1) if isinstance(value, arb) and value.is_finite() else NAN
        return fmpq(result)

    return compute


def compile_extremum(compiler: Any, expr: Expr, direction: int) -> Callable[[Run], Element]:
    """Compile a maximum (`direction` 1) or minimum (-1)."""
    nodes = [compiler.node(a) for a in expr.args]

    def compute(run: Run) -> Element:
        values = [a.compute(run) for a in nodes]
        if any(isinstance(v, Candidates) for v in values):
            return any_of(values)
        if all(isinstance(v, elements.REAL) for v in values):
            return _extremum_of_balls(values, direction)
        keys = [key_value(a, run) for a in nodes]
        best = 0
        for place in range(1, len(nodes)):
            gap = direction * (keys[place] - keys[best])
            result = decided_sign(gap, nodes[place], run)
            if result is None:
                return elements.nan_like(values[best])
            best = place if result > 0 else best
        return values[best]

    return compute


def _extremum_of_balls(values: list[Element], direction: int) -> Element:
    if all(isinstance(v, fmpq) for v in values):
        return max(values) if direction > 0 else min(values)
    result = elements.to_ball(values[0])
    for value in values[1:]:
        other = elements.to_ball(value)
        result = result.max(other) if direction > 0 else result.min(other)
    return result


def compile_piecewise(compiler: Any, expr: Piecewise) -> Callable[[Run], Element]:
    """Compile a piecewise formula; the first branch whose condition holds is taken."""
    pairs = [(compiler.node(e), compile_test(compiler, c)) for e, c in expr.args]
    moves = compiler.moves(expr)

    def compute(run: Run) -> Element:
        if moves and isinstance(run.running, Candidates):
            return any_of([value.compute(run) for value, _ in pairs])
        possible: list[Element] = []
        for value, holds in pairs:
            truth = holds(run)
            if truth is None and not run.widen_ties:
                return NAN
            if truth is not False:
                possible.append(value.compute(run))
            if truth:
                break
        else:
            if not possible:
                run.note_undefined("no branch applies", expr, compiler.indices(expr))
            return NAN
        return possible[0] if len(possible) == 1 else _hull(possible)

    return compute


def _hull(values: list[Element]) -> Element:
    """Return an element that holds each of `values`, coefficient by coefficient for series."""
    series = next((v for v in values if elements.is_series(v)), None)
    if series is None:
        return elements.union(values)
    columns = [
        [v[k] if elements.is_series(v) else (v if k == 0 else fmpq(0)) for v in values]
        for k in range(series.prec)
    ]
    return type(series)([elements.union(c) for c in columns], prec=series.prec)


SIGNS: dict[type, tuple[int, ...]] = {
    Eq: (0,),
    Ne: (-1, 1),
    Lt: (-1,),
    Le: (-1, 0),
    Gt: (1,),
    Ge: (0, 1),
}
"""The signs of left minus right for which each relation holds."""


def holds(relation: type, difference: Element) -> Truth:
    """Return whether a difference (left minus right) has a sign the relation allows.

    None unless the ball decides it; a non-finite ball decides nothing.
    """
    allowed = SIGNS[relation]
    exact = elements.sign(difference)
    if exact is not None:
        return exact in allowed
    value = elements.constant(difference)
    if not value.is_finite():
        return None
    possible = {s for s, excluded in ((1, value <= 0), (-1, value >= 0)) if not excluded} | {0}
    if possible <= set(allowed):
        return True
    return None if possible & set(allowed) else False


def compile_test(compiler: Any, condition: Boolean) -> Test:
    """Compile a condition to a three-valued test.

    Raises
    ------
    UnsupportedError
        If the condition is not made of relations and the usual connectives.
    """
    if isinstance(condition, BooleanTrue | BooleanFalse):
        constant = bool(condition)
        return lambda _: constant
    if isinstance(condition, Relational) and type(condition) in SIGNS:
        return _compile_relation(compiler, condition)
    parts = [compile_test(compiler, a) for a in condition.args if isinstance(a, Boolean)]
    if type(condition) in CONNECTIVES and len(parts) == len(condition.args):
        connective = CONNECTIVES[type(condition)]
        return lambda run: connective([part(run) for part in parts])
    raise UnsupportedError(
        "a condition is made of relations, And, Or, Not, Implies, Equivalent, Xor and ITE",
        found=f"{type(condition).__name__}: {condition}",
        remedy="write it with those",
    )


def _compile_relation(compiler: Any, relation: Relational) -> Test:
    kind = type(relation)
    if all(is_index(a) or isinstance(a, Integer) for a in relation.args):
        left, right = (compiler.index(a) for a in relation.args)
        return lambda run: (((d := left(run) - right(run)) > 0) - (d < 0)) in SIGNS[kind]
    node = compiler.node(Add(relation.lhs, -relation.rhs))

    def test(run: Run) -> Truth:
        value = key_value(node, run)
        if elements.is_series(value):
            result = decided_sign(value, node, run)
            return None if result is None else result in SIGNS[kind]
        truth = holds(kind, value)
        if truth is None:
            run.note_tie(node.expr, node.indices)
        return truth

    return test


def conjunction(parts: list[Truth]) -> Truth:
    """Return the Kleene conjunction."""
    return False if False in parts else None if None in parts else True


def negation(part: Truth) -> Truth:
    """Return the Kleene negation."""
    return None if part is None else not part


def disjunction(parts: list[Truth]) -> Truth:
    """Return the Kleene disjunction."""
    return negation(conjunction([negation(p) for p in parts]))


def equivalence(parts: list[Truth]) -> Truth:
    """Return whether all parts are the same, None unless that is decided."""
    if True in parts and False in parts:
        return False
    return None if None in parts else True


def _parity(parts: list[Truth]) -> Truth:
    return None if None in parts else sum(map(bool, parts)) % 2 == 1


def _choice(parts: list[Truth]) -> Truth:
    test, then, otherwise = parts
    if test is None:
        return then if then is otherwise else None
    return then if test else otherwise


CONNECTIVES: dict[type, Callable[[list[Truth]], Truth]] = {
    And: conjunction,
    Or: disjunction,
    Not: lambda parts: negation(parts[0]),
    Implies: lambda parts: disjunction([negation(parts[0]), parts[1]]),
    Equivalent: equivalence,
    Xor: _parity,
    ITE: _choice,
}
"""The connectives of three-valued logic."""
