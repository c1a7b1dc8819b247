"""Where an expression is defined: the conditions, and those that hold on the whole domain.

Guarantees: an expression all of whose conditions are discharged has a finite value at every point
that the assumptions allow, for every number of classes.
A condition says that a denominator is not zero or that the argument of a logarithm, or the base of
a power that is not an integer, is positive (for a root: nonnegative).
What it cannot see: what SymPy cancelled before the expression arrived, such as the x of ``x/x``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from sympy import (
    Abs,
    Add,
    Basic,
    Dummy,
    Expr,
    Function,
    Ge,
    Gt,
    Integer,
    Integral,
    Max,
    Min,
    Mul,
    Ne,
    Piecewise,
    Pow,
    Rational,
    Sum,
    exp,
    log,
    sign,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanFunction
from sympy.tensor.indexed import Indexed

from .calculus import LossTerm
from .cases import cases_of
from .class_sums import bound_indices, canonical_bound, expand_softmax, replace_free
from .errors import UnsupportedError
from .kink_edges import kink_edges
from .letters import letters, names_in
from .normal_form import normalise, normaliser_for, prepare
from .total_functions import is_total
from .vocabulary import SLOT, Softmax, bound, bound_level, index


@dataclass(frozen=True)
class Condition:
    """One condition for an expression to have a value.

    Attributes
    ----------
    holds
        The condition; bound indices in it stand for every class.
    reason
        What asks for it: "logarithm", "division", "root", "power" or "kink".
    expr
        The expression whose sign matters.
    names
        Names that mean something else where the condition is shown.
    """

    holds: Boolean
    reason: str
    expr: Expr
    names: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def shown(self) -> Boolean:
        """The condition with letters for the bound indices in it."""
        names = sorted(bound_indices(self.expr), key=str)
        free = (index(letter) for letter in letters(self.names | names_in(self.expr)))
        expr = self.expr.xreplace(dict(zip(names, free, strict=False)))
        return self.holds.func(expr, 0, evaluate=False)


_CHECKED = (Abs, Max, Min, Piecewise, Softmax, exp, log, sign)


def conditions(expr: Basic) -> list[Condition]:
    """Return the conditions under which `expr` (an expression or a statement) is defined.

    A loss must be defined where its derivative is taken, so both give conditions.
    """
    return list(_conditions(expr))


@lru_cache(maxsize=1024)
def _conditions(expr: Basic) -> tuple[Condition, ...]:
    found: dict[Boolean, Condition] = {}
    names = names_in(expr)
    for side in _sides(expr):
        for condition in _walk(canonical_bound(side)):
            if not _is_evident(condition):
                found.setdefault(condition.holds, replace(condition, names=names))
    return tuple(found.values())


def _is_evident(condition: Condition) -> bool:
    """Tell whether SymPy's assumptions settle it; sums and integrals it would estimate."""
    if condition.expr.has(Sum, Integral, Softmax):
        return False
    return condition.holds.func(condition.expr, 0) == True  # noqa: E712 - SymPy's true


def _sides(expr: Basic) -> Iterator[Expr]:
    """Yield the expressions in a statement: SymPy may make True of a formula that is rebuilt."""
    if isinstance(expr, (Relational, BooleanFunction)):
        for arg in expr.args:
            yield from _sides(arg)
    else:
        yield expr


def _walk(expr: Basic) -> Iterator[Condition]:
    if isinstance(expr, LossTerm):
        yield from _walk(expr.value)
        if expr.variables:
            yield from _walk(expr.doit())
            for edge in kink_edges(expr.value, expr.variables):
                yield Condition(Ne(edge, 0, evaluate=False), "kink", edge)
        return
    if isinstance(expr, Softmax):
        logit = expand_softmax(expr.logit)
        yield from _walk(replace_free(logit, {SLOT: bound(bound_level(logit) + 1)}))
        return
    if isinstance(expr, Integral):
        # Facts about a free variable of the same name say nothing about the one bound here.
        apart = {limit[0]: Dummy(limit[0].name, real=True) for limit in expr.limits}
        yield from _walk(expr.function.xreplace(apart))
        for limit in expr.limits:
            for end in limit[1:]:
                yield from _walk(end.xreplace(apart))
        return
    if isinstance(expr, Indexed) or not expr.args:
        return
    if isinstance(expr, Piecewise):
        for value, guard in expr.args:
            # What the guard of a branch says need not hold elsewhere.
            yield from (c for c in _walk(value) if c.holds != guard)
            yield from _sides_of_guard(guard)
        return
    yield from _own(expr)
    for arg in expr.args:
        if isinstance(arg, Basic) and not _is_limit(expr, arg):
            yield from _walk(arg)


def _sides_of_guard(guard: Basic) -> Iterator[Condition]:
    for side in _sides(guard):
        yield from _walk(side)


def _is_limit(expr: Basic, arg: Basic) -> bool:
    return isinstance(expr, Sum) and arg is not expr.args[0]


def _own(expr: Basic) -> Iterator[Condition]:
    if isinstance(expr, log):
        inside = expr.args[0]
        yield Condition(Gt(inside, 0, evaluate=False), "logarithm", inside)
    elif isinstance(expr, Pow) and not isinstance(expr, exp):
        base, power = expr.base, expr.exp
        if isinstance(power, Integer):
            if power < 0:
                yield Condition(Ne(base, 0, evaluate=False), "division", base)
        elif isinstance(power, Rational) and power > 0:
            yield Condition(Ge(base, 0, evaluate=False), "root", base)
        else:
            yield Condition(Gt(base, 0, evaluate=False), "power", base)


def undischarged(expr: Basic, given: Iterable[Basic] = ()) -> list[Condition]:
    """Return the conditions of `expr` that could not be shown to hold everywhere.

    Parameters
    ----------
    expr
        An expression or a statement.
    given
        Assumptions.

    Raises
    ------
    UnsupportedError
        If the expression holds something of which it is not known where it is defined.
    """
    given = list(given)
    for function in sorted(expr.atoms(Function), key=str):
        if not isinstance(function, _CHECKED) and not is_total(function):
            raise UnsupportedError(
                "it is known of each function where it has a value",
                found=function,
                remedy="use sin, cos, sinh, cosh, tanh, atan, erf, or a function of your own",
            )
    # A class that the assumptions name is not any class.
    names = names_in(expr).union(*map(names_in, given))
    return [replace(c, names=names) for c in conditions(expr) if not _holds(c, given)]


def _is_plainly_nonnegative(expr: Expr) -> bool:
    """Tell whether `expr` is made of even powers by operations that keep it nonnegative."""
    if isinstance(expr, (Add, Mul)):
        return all(_is_plainly_nonnegative(a) for a in expr.args)
    if isinstance(expr, Sum):
        return _is_plainly_nonnegative(expr.function)
    if isinstance(expr, Pow) and expr.exp.is_even:
        return bool(expr.base.is_real)
    return bool(expr.is_nonnegative)


def _holds(condition: Condition, given: list[Basic]) -> bool:
    if isinstance(condition.holds, Ge) and _is_plainly_nonnegative(condition.expr):
        return True
    allowed = (">0", ">=0", "==0") if isinstance(condition.holds, Ge) else (">0",)
    # A bound index stands for any class: here it is one more named class, which may be any other.
    apart = {s: Dummy(integer=True, positive=True) for s in bound_indices(condition.expr)}
    expr = prepare(replace_free(condition.expr, apart))
    for case in cases_of([expr], given):
        normaliser = normaliser_for(case, given)
        value = normalise(case, normaliser, expr)
        if isinstance(condition.holds, Ne):
            holds = normaliser.is_nonzero(value)
        else:
            holds = normaliser.sign_of_fraction(value) in allowed
        if not holds:
            return False
    return True
