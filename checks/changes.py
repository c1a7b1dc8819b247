"""Single changes of an expression: one sign, one factor, one term, one class index, one exponent.

Guarantees: each change is made at one named place, is put in words for a reader, and follows from
the expression alone.
What it cannot see: whether a change matters; some leave the value of an expression as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from sympy import (
    Abs,
    Add,
    Expr,
    Integer,
    KroneckerDelta,
    Max,
    Min,
    Pow,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
)
from sympy.tensor.indexed import Indexed

from ..symbolic.calculus import LossTerm
from ..symbolic.class_sums import bound_indices
from ..symbolic.printing import to_text
from ..symbolic.ranges import SIZES
from ..symbolic.vocabulary import Softmax, index, n
from .sites import Change, Kind, Names, Site, is_left_out


def changes_at(site: Site, names: Names) -> Iterator[Change]:
    """Yield the changes at one place.

    Parameters
    ----------
    site
        The place.
    names
        The named classes of the statement, each with its size.
    """
    for kinds, rule in _RULES:
        if isinstance(site.node, kinds):
            yield from rule(site, names)


def changes_of_side(side: Expr, names: Names) -> Iterator[Change]:
    """Yield the changes of a whole side: its sign, a factor, and two classes exchanged."""
    yield Change(Kind.SIGN, lambda: f"sign of {_short(side)}", lambda: -side)
    for factor in (Integer(2), Rational(1, 2)):
        yield Change(
            Kind.FACTOR, lambda f=factor: f"{f} times {_short(side)}", lambda f=factor: f * side
        )
    for a, b in combinations([a for a in names if isinstance(a, Symbol)], 2):
        if names[a] == names[b] and side.has(a, b):
            yield Change(
                Kind.CLASS,
                lambda a=a, b=b: f"{a} and {b} exchanged in {_short(side)}",
                lambda a=a, b=b: side.xreplace({a: b, b: a}),
            )


def _text(expr: Expr) -> str:
    """Return `expr` as text; a running class whose sum is not shown gets a letter."""
    taken = {str(s) for s in expr.free_symbols}
    letters = (index(letter) for letter in "jklmrst" if letter not in taken)
    running = sorted(bound_indices(expr), key=str)
    return to_text(expr.xreplace(dict(zip(running, letters, strict=False))))


def _short(expr: Expr) -> str:
    text = _text(expr)
    return text if len(text) <= 60 else "a long expression"


def _becomes(before: Expr, after: Expr) -> str:
    return f"{_text(before)} becomes {_text(after)}"


def _add(site: Site, _: Names) -> Iterator[Change]:
    node = site.node
    if is_left_out(node):
        yield site.change(
            Kind.RANGE, lambda: f"without the factor {_text(node)}", lambda: Integer(1)
        )
        return
    for term in node.args:
        yield site.change(Kind.TERM, lambda t=term: f"without {_text(t)}", lambda t=term: node - t)
        yield site.change(
            Kind.SIGN, lambda t=term: f"sign of {_text(t)}", lambda t=term: node - 2 * t
        )
        yield site.change(
            Kind.FACTOR, lambda t=term: f"2 times {_text(t)}", lambda t=term: node + t
        )


def _number(site: Site, _: Names) -> Iterator[Change]:
    value = site.node
    if value == 0 or (value == -1 and site.depth):
        return
    sign = 1 if value > 0 else -1
    if value.is_Integer:
        others = [value + sign] + ([value - sign] if abs(value) > 1 else [])
    else:
        others = [Rational(value.p, value.q + 1), value / 2, value * 2]
    for other in others:
        yield site.change(Kind.CONSTANT, lambda o=other: _becomes(value, o), lambda o=other: o)


def _count(site: Site, _: Names) -> Iterator[Change]:
    if site.node == n:
        for other in (n - 1, n + 1):
            yield site.change(
                Kind.OFF_BY_ONE, lambda o=other: f"n becomes {_text(o)}", lambda o=other: o
            )


def _sum(site: Site, names: Names) -> Iterator[Change]:
    node = site.node
    running, _, last = node.limits[0]
    known = node.function.atoms(KroneckerDelta)
    ends = {Integer(1): "its first class", last: "its last class"}
    named = {a: f"class {a}" for a in names if names[a] == last and isinstance(a, Symbol)}
    for name, words in (*named.items(), *ends.items()):
        delta = KroneckerDelta(running, name)
        if delta not in known:
            yield site.change(
                Kind.RANGE,
                lambda w=words: f"{_text(node)} without {w}",
                lambda d=delta: Sum(node.function * (1 - d), *node.limits),
            )


def _pow(site: Site, _: Names) -> Iterator[Change]:
    node = site.node
    if isinstance(node, exp) or not node.exp.is_Rational:
        return
    for power in (node.exp + 1, node.exp - 1):
        yield site.change(
            Kind.EXPONENT,
            lambda e=power: f"exponent {_text(node.exp)} of {_short(node.base)} becomes {_text(e)}",
            lambda e=power: node.base**e,
        )


def _exp(site: Site, _: Names) -> Iterator[Change]:
    argument = site.node.args[0]
    yield site.change(
        Kind.ARGUMENT, lambda: f"sign inside {_text(site.node)}", lambda: exp(-argument)
    )


def _log(site: Site, _: Names) -> Iterator[Change]:
    argument = site.node.args[0]
    yield site.change(
        Kind.ARGUMENT, lambda: f"factor 2 inside {_text(site.node)}", lambda: log(2 * argument)
    )


def _delta(site: Site, _: Names) -> Iterator[Change]:
    yield site.change(Kind.DELTA, lambda: f"without {_text(site.node)}", lambda: Integer(1))


def _function(site: Site, _: Names) -> Iterator[Change]:
    node = site.node
    if isinstance(node, Abs):
        new, words = node.args[0], f"without the modulus of {_short(node.args[0])}"
    else:
        other = Min if isinstance(node, Max) else Max
        new, words = other(*node.args), f"{type(node).__name__.lower()} exchanged"
    yield site.change(Kind.FUNCTION, lambda: words, lambda: new)


def _member(site: Site, names: Names) -> Iterator[Change]:
    """Put another class in the place of each named class of a member."""
    node = site.node
    fixed = {LossTerm: 2, Indexed: 1}.get(type(node), 0)
    last = 1 if isinstance(node, Softmax) else len(node.args)
    free = set().union(*(a.free_symbols | {a} for a in node.args[fixed:last]))
    for name in (a for a in names if a in free):
        for other in _others(name, names):
            yield site.change(
                Kind.CLASS,
                lambda a=name, b=other: _becomes(node, _put(node, a, b, fixed, last)),
                lambda a=name, b=other: _put(node, a, b, fixed, last),
            )


def _put(node: Expr, name: Expr, other: Expr, fixed: int, last: int) -> Expr:
    new = [a.xreplace({name: other}) for a in node.args[fixed:last]]
    return node.func(*node.args[:fixed], *new, *node.args[last:])


def _others(name: Expr, names: Names) -> list[Expr]:
    """Return the other classes over the same size; a lone name is exchanged for class 1."""
    alike = [a for a in names if a != name and names[a] == names[name]]
    return alike or [one for one in (Integer(1),) if one != name and names[name] in SIZES]


_RULES: tuple[tuple[type | tuple[type, ...], Callable[[Site, Names], Iterator[Change]]], ...] = (
    (Rational, _number),
    (Symbol, _count),
    (Add, _add),
    (Pow, _pow),
    (exp, _exp),
    (log, _log),
    (Sum, _sum),
    ((Abs, Max, Min), _function),
    (KroneckerDelta, _delta),
    ((Indexed, Softmax, LossTerm, KroneckerDelta), _member),
)
