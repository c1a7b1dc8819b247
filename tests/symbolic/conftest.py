"""What the tests of the symbolic layer share: numbers by hand, and random formulas with points.

`number` writes every class out and shares no code with the package; logarithms, quotients and
powers without a value raise `NoValue`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import mpmath
from hypothesis import strategies as st
from mpmath import mpf
from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Integer,
    KroneckerDelta,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Rational,
    Sum,
    exp,
    log,
    nan,
    sign,
    zoo,
)
from sympy.core.basic import Basic
from sympy.core.relational import Relational
from sympy.tensor.indexed import Indexed

from gradproof.symbolic import (
    Eq,
    Ge,
    Gt,
    K,
    Le,
    Lt,
    Ne,
    S,
    Softmax,
    class_sum,
    delta,
    i,
    j,
    n,
    p,
    scalar,
    z,
)
from gradproof.symbolic.vocabulary import SLOT

T = scalar("T")
g = scalar("g", positive=True)
DIGITS = 50
SUM_OF_P = Eq(class_sum(lambda q: p[q]), 1)
_FAMILIES = {"z": z, "p": p, "K": K}


class NoValue(Exception):
    """The expression has no value at the point."""


def number(expr: Expr, at: Mapping[Any, Any]) -> Any:
    """Return the value of `expr` with every class written out, an mpf."""
    if expr in at and not isinstance(at[expr], tuple):
        return mpf(at[expr])
    if expr.is_Rational:
        return mpf(int(expr.p)) / int(expr.q)
    if isinstance(expr, Indexed):
        family, place = at[_FAMILIES[str(expr.base.label)]], int(number(expr.indices[0], at))
        if not 1 <= place <= len(family):
            raise NoValue(expr)
        return family[place - 1]
    if isinstance(expr, Sum):
        return _total(expr.function, list(expr.limits), at)
    if isinstance(expr, Softmax):
        count = int(number(expr.size, at))
        weights = [mpmath.exp(number(expr.logit, {**at, SLOT: c})) for c in range(1, count + 1)]
        return weights[int(number(expr.args[0], at)) - 1] / mpmath.fsum(weights)
    if isinstance(expr, Piecewise):
        return number(next(v for v, c in expr.args if truth(c, at)), at)
    if isinstance(expr, Pow) and not isinstance(expr, exp):
        return _power(number(expr.base, at), expr.exp, at)
    values = [number(a, at) for a in expr.args]
    if isinstance(expr, log) and values[0] <= 0:
        raise NoValue(expr)
    if isinstance(expr, exp) and abs(values[0]) > 10**4:
        raise NoValue(expr)
    rule = next(_RULES[kind] for kind in type(expr).__mro__ if kind in _RULES)
    return rule(*values)


def _sum(*values: Any) -> Any:
    """Add up; what cancels to the last digits is 0, as it would be in exact arithmetic."""
    total = mpmath.fsum(values)
    return mpf(0) if abs(total) < mpf(10) ** -40 * max(map(abs, values)) else total


_RULES: dict[Any, Callable[..., Any]] = {
    Add: _sum,
    Mul: lambda *v: mpmath.fprod(v),
    Abs: abs,
    KroneckerDelta: lambda a, b: mpf(int(a == b)),
    Max: max,
    Min: min,
    exp: mpmath.exp,
    log: mpmath.log,
    sign: mpmath.sign,
}


def _total(term: Expr, limits: list[Any], at: Mapping[Any, Any]) -> Any:
    if not limits:
        return number(term, at)
    running, low, high = limits[-1]
    places = range(int(number(low, at)), int(number(high, at)) + 1)
    return _sum(*(_total(term, limits[:-1], {**at, running: c}) for c in places))


def _power(base: Any, exponent: Expr, at: Mapping[Any, Any]) -> Any:
    power = number(exponent, at)
    at_zero = base == 0 and (power <= 0 or not exponent.is_Rational)  # exp(T log 0) is no number
    if at_zero or (base < 0 and not exponent.is_Integer):
        raise NoValue(base, exponent)
    return base ** int(exponent) if exponent.is_Integer else mpmath.power(base, power)


def truth(condition: Basic, at: Mapping[Any, Any]) -> bool:
    """Tell whether a condition holds at a point."""
    if isinstance(condition, Relational):
        gap = _sum(number(condition.lhs, at), -number(condition.rhs, at))
        return bool(_TESTS[condition.rel_op](gap))
    if not condition.args:
        return bool(condition)
    parts = [truth(part, at) for part in condition.args]
    return bool(_CONNECTIVES[type(condition).__name__](parts))


_CONNECTIVES: dict[str, Callable[[list[bool]], bool]] = {
    "And": all,
    "Or": any,
    "Not": lambda parts: not parts[0],
    "ITE": lambda parts: parts[1] if parts[0] else parts[2],
}


_TESTS: dict[str, Callable[[Any], Any]] = {
    "<": lambda gap: gap < 0,
    "<=": lambda gap: gap <= 0,
    ">": lambda gap: gap > 0,
    ">=": lambda gap: gap >= 0,
    "==": lambda gap: gap == 0,
    "!=": lambda gap: gap != 0,
}


def points(given: tuple[Basic, ...], *, wanted: int = 10, seed: int = 0) -> list[dict[Any, Any]]:
    """Return points with ties, zeros and n = 1..4 at which the assumptions hold."""
    random = Random(seed)
    found: list[dict[Any, Any]] = []
    for _ in range(8 * wanted):
        at = _draw(random, given)
        if len(found) < wanted and all(truth(fact, at) for fact in given):
            found.append(at)
    return found


def _draw(random: Random, given: tuple[Basic, ...]) -> dict[Any, Any]:
    count = random.randint(1, 4)

    def real() -> Any:
        return mpf(random.randint(-4, 4)) / random.choice([1, 2, 3])

    weights = [mpf(random.choice([0, 0, 1, 2])) for _ in range(count)]
    if not any(weights) or random.random() < 0.2:
        weights = [mpf(1)] * count
    total = mpmath.fsum(weights) if SUM_OF_P in given else 1
    return {
        n: count,
        i: random.randint(1, count),
        j: random.randint(1, count),
        z: tuple(real() for _ in range(count)),
        p: tuple(w / total for w in weights),
        K: tuple(mpf(random.choice([0, 1, 1, 2])) for _ in range(count)),
        T: real(),
        g: mpf(random.randint(1, 4)) / 2,
    }


FACTS = (
    Gt(T, 0),
    Ne(T, 0),
    Lt(T, 0),
    Ge(n, 2),
    Le(n, 2),
    Eq(n, 2),
    Ne(i, j),
    Gt(K[i], 0),
    Gt(z[i], z[j]),
    Gt(class_sum(lambda q: K[q]), 0),
    SUM_OF_P,
)
"""Assumptions; each holds at some of the points drawn."""


def assumptions() -> st.SearchStrategy[tuple[Basic, ...]]:
    """Return up to two assumptions, contradictory ones among them."""
    return st.lists(st.sampled_from(FACTS), max_size=2, unique=True).map(tuple)


def formulas(depth: int = 2) -> st.SearchStrategy[Expr]:
    """Return formulas over the classes i and j that have a value nearly everywhere."""
    return _formulas((i, j), depth).filter(
        lambda e: not e.is_number and not e.has(zoo, nan) and e.count_ops() < 40
    )


def smooth_formulas(depth: int = 2) -> st.SearchStrategy[Expr]:
    """Return formulas without kinks."""
    kinks = (Abs, Max, Min, Piecewise, sign)
    return formulas(depth).filter(lambda e: not e.has(*kinks))


def _leaves(classes: tuple[Expr, ...]) -> st.SearchStrategy[Expr]:
    one = st.sampled_from(classes)
    return st.one_of(
        one.map(lambda a: z[a]),
        one.map(lambda a: p[a]),
        one.map(lambda a: K[a]),
        one.map(S),
        one.map(lambda a: exp(-z[a] / 2)),
        st.tuples(one, one).map(lambda pair: delta(*pair)),
        st.sampled_from([T, n + 0, g]),
        st.integers(-2, 3).map(Integer),
    )


def _formulas(classes: tuple[Expr, ...], depth: int) -> st.SearchStrategy[Expr]:
    if depth == 0:
        return _leaves(classes)
    part, positive = _formulas(classes, depth - 1), _positive(classes, depth - 1)
    pair = st.tuples(part, part)
    powers = st.sampled_from([Rational(1, 2), Rational(-1, 2), Rational(4, 3), T, Integer(-2)])
    return st.one_of(
        _leaves(classes),
        pair.map(lambda v: v[0] - v[1]),
        pair.map(lambda v: v[0] * v[1]),
        st.tuples(part, positive).map(lambda v: v[0] / v[1]),
        st.tuples(positive, powers).map(lambda v: v[0] ** v[1]),
        positive.map(log),
        part.map(Abs),
        part.map(sign),
        pair.map(lambda v: Max(*v)),
        st.tuples(pair, pair).map(
            lambda v: Piecewise((v[0][0], v[1][0] < v[1][1]), (v[0][1], True))
        ),
        _sums(classes, depth - 1, _formulas),
        _sums(classes, depth - 1, _formulas),
    )


def _positive(classes: tuple[Expr, ...], depth: int) -> st.SearchStrategy[Expr]:
    one = st.sampled_from(classes)
    simple = st.one_of(
        one.map(lambda a: exp(z[a])),
        one.map(S),
        one.map(lambda a: 1 - S(a)),
        one.map(lambda a: p[a] + 1),
        st.sampled_from([g, n + 0, Integer(2)]),
    )
    if depth == 0:
        return simple
    part = _positive(classes, depth - 1)
    return st.one_of(
        simple,
        st.tuples(part, part).map(lambda v: v[0] + v[1]),
        _formulas(classes, depth - 1).map(lambda v: v**2),
        _formulas(classes, depth - 1).map(exp),
        _sums(classes, depth - 1, _positive),
    )


@st.composite
def _sums(
    draw: st.DrawFn,
    classes: tuple[Expr, ...],
    depth: int,
    terms: Callable[[tuple[Expr, ...], int], st.SearchStrategy[Expr]],
) -> Expr:
    """Return a class sum, sometimes with a class left out, whose term may name outer classes."""
    running = Dummy("q", integer=True, positive=True)
    term = draw(terms((*classes, running), depth))
    left_out = draw(st.sampled_from([(), (), *((a,) for a in classes)]))
    return class_sum(lambda q: term.xreplace({running: q}), but=left_out)
