"""Expressions with every class written out, by code that shares nothing with the class sums.

Guarantees: the result has no sums, softmax, deltas, indices or named losses; each family member is
a plain symbol, and each derivative is SymPy's `diff` by such a symbol.
It exists so that a replay does not repeat a mistake of `class_sums`, `calculus` or the normal form.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sympy import And, Expr, IndexedBase, Integer, Integral, KroneckerDelta, Mul, Sum, Symbol, exp
from sympy.core.basic import Basic
from sympy.tensor.indexed import Indexed

from ..numeric.point import Point
from ..symbolic.calculus import LossTerm
from ..symbolic.universal import Every
from ..symbolic.vocabulary import SLOT, Softmax

Classes = Mapping[Expr, int]


def written_out(expr: Basic, classes: Classes) -> Expr:
    """Return `expr` with its classes written out.

    Parameters
    ----------
    expr
        A class-sum expression.
    classes
        The value of every size and every free index.
    """
    if isinstance(expr, Sum):
        return _sum(expr, classes)
    if isinstance(expr, Softmax):
        return _softmax(expr, classes)
    if isinstance(expr, Every):
        count = int(written_out(expr.size, classes))
        places = ({**classes, expr.running: place} for place in range(1, count + 1))
        return And(*(written_out(expr.formula, place) for place in places))
    if isinstance(expr, LossTerm):
        value = written_out(expr.value, classes)
        for variable in expr.variables:
            value = value.diff(written_out(variable, classes))
        return value
    if isinstance(expr, Indexed):
        place = written_out(expr.indices[0], classes)
        return Symbol(f"{expr.base}_{place}", real=True)
    if isinstance(expr, KroneckerDelta):
        a, b = (written_out(arg, classes) for arg in expr.args)
        return Integer(int(a == b))
    if expr in classes:
        return Integer(classes[expr])
    if isinstance(expr, Mul):
        return _product(expr, classes)
    if isinstance(expr, Integral):
        inside = written_out(expr.function, classes)
        return Integral(inside, *(limit.xreplace(_numbers(classes)) for limit in expr.limits))
    if not expr.args:
        return expr
    return expr.func(*(written_out(arg, classes) for arg in expr.args))


def _numbers(classes: Classes) -> dict[Expr, Expr]:
    return {name: Integer(value) for name, value in classes.items()}


def _sum(expr: Sum, classes: Classes) -> Expr:
    (running, first, last), *outer = reversed(expr.limits)
    body = Sum(expr.function, *reversed(outer)) if outer else expr.function
    low, high = (int(written_out(end, classes)) for end in (first, last))
    total: Expr = Integer(0)
    for place in range(low, high + 1):
        total += written_out(body, {**classes, running: place})
    return total


def _softmax(expr: Softmax, classes: Classes) -> Expr:
    count = int(written_out(expr.size, classes))
    terms = [exp(written_out(expr.logit, {**classes, SLOT: c})) for c in range(1, count + 1)]
    place = int(written_out(expr.args[0], classes))
    total: Expr = Integer(0)
    for term in terms:
        total += term
    return terms[place - 1] / total


def _product(expr: Mul, classes: Classes) -> Expr:
    """Multiply, selecting classes first: beside a factor 0 made of deltas nothing is looked at."""
    selectors = [a for a in expr.args if a.has(KroneckerDelta) and not a.has(Indexed, Softmax, Sum)]
    result: Expr = Integer(1)
    for arg in (*selectors, *(a for a in expr.args if a not in selectors)):
        result = result * written_out(arg, classes)
        if result == 0:
            return result
    return result


def classes_of(point: Point) -> dict[Expr, int]:
    """Return the sizes and indices of a point."""
    return {k: v for k, v in point.items() if isinstance(v, int)}


def symbols_of(point: Point) -> Point:
    """Return the same values for the plain symbols that `written_out` makes."""
    values: dict[Symbol, Fraction] = {}
    for key, value in point.items():
        if isinstance(key, IndexedBase):
            for place, member in enumerate(value, start=1):  # type: ignore[arg-type]
                values[Symbol(f"{key}_{place}", real=True)] = member
        elif isinstance(value, Fraction):
            values[key] = value
    return Point(values)
