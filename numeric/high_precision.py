"""An independent reference: formulas evaluated by mpmath at high precision.

Guarantees: no code is shared with the enclosures beyond the definitions of the words; sums are
written out class by class, and integrals are split where a branch changes.
Its digits are those of a careful computation, not certified; its use is to contradict.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from itertools import pairwise, product
from typing import Any

import mpmath
from mpmath import mp, mpf
from sympy import (
    Abs,
    Expr,
    Float,
    Integral,
    KroneckerDelta,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    sign,
    sympify,
)
from sympy.core.basic import Basic
from sympy.core.numbers import Exp1, Pi
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Implies, Not, Or
from sympy.tensor.indexed import Indexed

from ..symbolic.calculus import evaluate_terms
from ..symbolic.errors import DeclarationError, UndefinedValueError, UnsupportedError
from ..symbolic.vocabulary import SLOT, Softmax
from .point import Point

GUARD_DIGITS = 15
"""Digits computed beyond those asked for."""

_GRID = 64
"""Places at which the branches of an integrand are compared before bisection."""

Values = Mapping[Any, Any]

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(mpmath, name)
    for name in ("exp", "cos", "sin", "tan", "cosh", "sinh", "tanh", "erf", "atan", "acos")
}
_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def reference(expr: Any, point: Point, digits: int = 50) -> mpf:
    """Return the value of `expr` at `point`, computed with `digits` digits and some to spare.

    A function of one's own is asked for its method ``_mpmath_(self, args)``.

    Raises
    ------
    DeclarationError
        If the point leaves a symbol without a value.
    UndefinedValueError
        If a divisor or the argument of a logarithm is 0, or a value is not real.
    UnsupportedError
        If the expression has a part that mpmath is not told how to evaluate.
    """
    with mp.workdps(digits + GUARD_DIGITS):
        values: dict[Any, Any] = {}
        for key, value in point.items():
            if isinstance(value, tuple):
                values[key] = [mpf(v.numerator) / v.denominator for v in value]
            else:
                values[key] = mpf(value.numerator) / value.denominator
        try:
            return _value(evaluate_terms(sympify(expr)), values)
        except ZeroDivisionError:
            raise UndefinedValueError(
                "an expression has a value at every point it is evaluated at",
                found=f"a division by 0 at {point}",
                remedy="choose a point in its domain",
            ) from None


def _value(expr: Basic, values: Values) -> Any:
    if isinstance(expr, Symbol):
        return _symbol(expr, values)
    if isinstance(expr, Rational):
        return mpf(int(expr.p)) / int(expr.q)
    if isinstance(expr, Float):
        return mpf(expr._mpf_)
    if isinstance(expr, Pi):
        return +mp.pi
    if isinstance(expr, Exp1):
        return +mp.e
    rule = _RULES.get(type(expr).__name__)
    if rule is not None:
        return rule(expr, values)
    arguments = [_value(a, values) for a in expr.args]
    if hasattr(expr, "_mpmath_"):
        return expr._mpmath_(arguments)
    if type(expr).__name__ in _FUNCTIONS:
        return _FUNCTIONS[type(expr).__name__](*arguments)
    raise UnsupportedError(
        "the reference knows the functions of the vocabulary",
        found=f"{type(expr).__name__}: {expr}",
        remedy="give its class a method _mpmath_(self, args)",
    )


def _symbol(symbol: Symbol, values: Values) -> Any:
    if symbol not in values:
        raise DeclarationError(
            "a point gives a value to every symbol of the formula",
            found=f"no value for {symbol}",
            remedy="add the missing symbols to the point",
        )
    return values[symbol]


def _member(expr: Indexed, values: Values) -> Any:
    return _symbol(expr.base, values)[int(_value(expr.indices[0], values)) - 1]


def _sum(expr: Sum, values: Values) -> Any:
    return mpmath.fsum(_value(expr.function, inner) for inner in _places(expr, values))


def _places(expr: Sum, values: Values) -> Iterator[Values]:
    """Yield the values for each place of a sum: directly nested sums are one SymPy object."""
    ranges = [
        range(int(_value(first, values)), int(_value(last, values)) + 1)
        for _, first, last in expr.limits
    ]
    for places in product(*ranges):
        names = (limit[0] for limit in expr.limits)
        yield {**values, **{name: mpf(j) for name, j in zip(names, places, strict=True)}}


def _softmax(expr: Softmax, values: Values) -> Any:
    size = int(_value(expr.size, values))
    logits = [_value(expr.logit, {**values, SLOT: mpf(j)}) for j in range(1, size + 1)]
    top = max(logits)
    weights = [mpmath.exp(v - top) for v in logits]
    return weights[int(_value(expr.args[0], values)) - 1] / mpmath.fsum(weights)


def _product(expr: Mul, values: Values) -> Any:
    chosen = [a for a in expr.args if a.has(KroneckerDelta) and not a.has(Indexed)]
    weight = reduce(operator.mul, (_value(a, values) for a in chosen), mpf(1))
    if chosen and weight == 0:
        return weight
    rest = (_value(a, values) for a in expr.args if a not in chosen)
    return reduce(operator.mul, rest, weight)


def _power(expr: Pow, values: Values) -> Any:
    base, exponent = _value(expr.base, values), _value(expr.exp, values)
    if exponent == int(exponent):
        return base ** int(exponent)
    return _real(mpmath.power(base, exponent), expr)


def _log(expr: Expr, values: Values) -> Any:
    argument = _value(expr.args[0], values)
    if argument == 0:
        raise ZeroDivisionError
    return _real(mpmath.log(argument), expr)


def _real(value: Any, expr: Expr) -> Any:
    if isinstance(value, mpf):
        return value
    raise UndefinedValueError(
        "a formula has real values",
        found=f"{mpmath.nstr(value, 5)} for {expr}",
        remedy="choose a point in its domain",
    )


def _piecewise(expr: Piecewise, values: Values) -> Any:
    for branch, condition in expr.args:
        if _holds(condition, values):
            return _value(branch, values)
    raise UndefinedValueError(
        "a branch of a piecewise formula applies",
        found=expr,
        remedy="give it a last branch with the condition True",
    )


def _holds(condition: Basic, values: Values) -> bool:
    if isinstance(condition, BooleanTrue | BooleanFalse):
        return bool(condition)
    if isinstance(condition, Relational):
        left, right = (_value(a, values) for a in condition.args)
        return _RELATIONS[condition.rel_op](left, right)
    parts = [_holds(a, values) for a in condition.args]
    if isinstance(condition, And):
        return all(parts)
    if isinstance(condition, Or):
        return any(parts)
    if isinstance(condition, Not):
        return not parts[0]
    if isinstance(condition, Implies):
        return not parts[0] or parts[1]
    raise UnsupportedError(
        "a condition is made of relations, And, Or, Not and Implies",
        found=condition,
        remedy="write it with those",
    )


def _integral(expr: Integral, values: Values) -> Any:
    running, low, high = expr.limits[0]
    ends = _value(low, values), _value(high, values)

    def integrand(place: Any) -> Any:
        return _value(expr.function, {**values, running: place})

    watched = list(_branching(expr.function, values))

    def branch_of(node: Basic, inner: Values) -> Callable[[Any], Any]:
        return lambda place: _branch(node, {**inner, running: place})

    places = [p for node, inner in watched for p in _changes(branch_of(node, inner), *ends)]
    apart = abs(ends[1] - ends[0]) * mpf(2) ** (8 - mp.prec)
    cuts = [ends[0]]
    for place in sorted(places, key=lambda t: abs(t - ends[0])):
        cuts += [place] if min(abs(place - cuts[-1]), abs(place - ends[1])) > apart else []
    return mpmath.quad(integrand, [*cuts, ends[1]])


def _changes(branch: Callable[[Any], Any], low: Any, high: Any) -> Iterator[Any]:
    """Yield the places between the ends where `branch` changes, by bisection."""
    grid = [low + (high - low) * k / _GRID for k in range(_GRID + 1)]
    cells = zip(pairwise(grid), pairwise(map(branch, grid)), strict=True)
    for (left, right), (before, after) in cells:
        for _ in range(mp.prec + 8 if before != after else 0):
            middle = (left + right) / 2
            left, right = (middle, right) if branch(middle) == before else (left, middle)
        if before != after:
            yield right


def _branching(expr: Basic, values: Values) -> Iterator[tuple[Basic, Values]]:
    """Yield every branching node below `expr` with the running classes it stands under."""
    if isinstance(expr, Sum):
        for inner in _places(expr, values):
            yield from _branching(expr.function, inner)
        return
    if isinstance(expr, Abs | sign | Max | Min | Relational):
        yield expr, values
    if not isinstance(expr, Indexed | Integral | Softmax | Relational):
        for arg in expr.args:
            yield from _branching(arg, values)


def _branch(expr: Basic, values: Values) -> Any:
    """Return which branch of a branching node is in force."""
    if isinstance(expr, Relational):
        return _holds(expr, values)
    arguments = [_value(a, values) for a in expr.args]
    if isinstance(expr, Max | Min):
        return arguments.index(max(arguments)), arguments.index(min(arguments))
    return mpmath.sign(arguments[0])


_RULES: dict[str, Callable[[Any, Values], Any]] = {
    "Indexed": _member,
    "Sum": _sum,
    "Softmax": _softmax,
    "Integral": _integral,
    "Piecewise": _piecewise,
    "Mul": _product,
    "Pow": _power,
    "log": _log,
    "Add": lambda e, v: mpmath.fsum(_value(a, v) for a in e.args),
    "KroneckerDelta": lambda e, v: mpf(_value(e.args[0], v) == _value(e.args[1], v)),
    "Abs": lambda e, v: abs(_value(e.args[0], v)),
    "sign": lambda e, v: mpmath.sign(_value(e.args[0], v)),
    "Heaviside": lambda e, v: (1 + mpmath.sign(_value(e.args[0], v))) / 2,
    "Max": lambda e, v: max(_value(a, v) for a in e.args),
    "Min": lambda e, v: min(_value(a, v) for a in e.args),
    "besseli": lambda e, v: mpmath.besseli(*(_value(a, v) for a in e.args)),
}
