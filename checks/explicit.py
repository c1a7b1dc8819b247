"""Expressions with every class written out, by code that shares nothing with the class sums.

Guarantees: the result has no sums, softmax, deltas, indices or named losses; each family member is
a plain symbol, and each derivative is SymPy's `diff` by such a symbol.
It exists so that a replay does not repeat a mistake of `class_sums`, `calculus` or the normal form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache

from mpmath import mp, mpf
from sympy import (
    And,
    Expr,
    IndexedBase,
    Integer,
    Integral,
    KroneckerDelta,
    Mul,
    Sum,
    Symbol,
    exp,
    log,
)
from sympy.core.basic import Basic
from sympy.core.function import Application
from sympy.tensor.indexed import Indexed

from ..numeric import reference
from ..numeric.point import Point
from ..symbolic.calculus import LossTerm
from ..symbolic.universal import Every
from ..symbolic.vocabulary import SLOT, Softmax

Classes = Mapping[Expr, int]

_RETRIES = 4


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
            value = _derivative(value, written_out(variable, classes))
        return value
    if isinstance(expr, Indexed):
        return plain_symbol(expr.base, int(written_out(expr.indices[0], classes)))
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


@lru_cache(maxsize=1024)
def _derivative(value: Expr, variable: Expr) -> Expr:
    """Return SymPy's plain derivative; many points ask for the same one.

    Of real symbols SymPy asks so much that it takes several times as long; exponentials and
    logarithms have the same derivative where nothing is known of them.
    """
    if not all(isinstance(a, exp | log) for a in value.atoms(Application, Integral)):
        return value.diff(variable)
    symbols = sorted(value.free_symbols | {variable}, key=str)
    bare = {symbol: Symbol(f"_{number}") for number, symbol in enumerate(symbols)}
    found = value.xreplace(bare).diff(bare[variable])
    return found.xreplace({plain: symbol for symbol, plain in bare.items()})


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


def plain_symbol(base: IndexedBase, place: int) -> Symbol:
    """Return the symbol that stands for a member of a family, which no scalar is called."""
    return Symbol(f"{base}[{place}]", real=True)


def symbols_of(point: Point) -> Point:
    """Return the same values for the plain symbols that `written_out` makes."""
    values: dict[Symbol, Fraction] = {}
    for key, value in point.items():
        if isinstance(key, IndexedBase):
            for place, member in enumerate(value, start=1):  # type: ignore[arg-type]
                values[plain_symbol(key, place)] = member
        elif isinstance(value, Fraction):
            values[key] = value
    return Point(values)


def agrees(
    point: Point, sides: tuple[Expr, ...], other: Callable[[], mpf] | None = None
) -> tuple[bool, list[mpf]]:
    """Tell whether sides have one value at a point, all classes written out, in mpmath's numbers.

    Where they differ the digits grow fourfold, several times: what cancels in one side looks like
    a difference until there are digits enough, and a true difference stays.

    Parameters
    ----------
    point
        A value for each symbol.
    sides
        Expressions.
    other
        Returns a further value that shall agree, to the digits of mpmath's current precision.

    Returns
    -------
    agree, values
        Whether they agree to 40 digits (to 14, where an integral occurs), and the last values.

    Raises
    ------
    UnsupportedError, UndefinedValueError
        If a side cannot be evaluated so.
    """
    classes, symbols = classes_of(point), symbols_of(point)
    plain = [written_out(side, classes) for side in sides]
    heavy = any(side.has(Integral) for side in sides)  # mpmath takes long over integrals
    digits, shared = (24, 14) if heavy else (50, 40)
    for _ in range(1 if heavy else _RETRIES):
        values = [reference(side, symbols, digits=digits) for side in plain]
        with mp.workdps(digits + 10):
            values += [] if other is None else [other()]
            error = max(values) - min(values)
            if error <= mpf(10) ** -shared * max(1, *map(abs, values)):
                return True, values
        digits *= 4
    return False, values
