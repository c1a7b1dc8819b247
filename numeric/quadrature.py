"""How an integral is compiled: which differences inside it select branches.

Guarantees: every `Abs`, `sign`, `Max`, `Min` and condition that depends on the running variable
hands its differences to the integrator, for every class it stands under.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from sympy import Abs, Expr, Integral, Max, Min, Piecewise, Sum, Symbol, sign
from sympy.core.basic import Basic
from sympy.core.relational import Relational

from ..symbolic.errors import UnsupportedError
from .elements import Element
from .integrals import Kink, Quadrature
from .plan import children
from .run import Run

_Sums = tuple[tuple[Symbol, Expr], ...]


def compile_integral(compiler: Any, expr: Integral) -> Callable[[Run], Element]:
    """Compile an integral over one bounded interval.

    Raises
    ------
    UnsupportedError
        If the interval is not bounded, or integrals depend on each other's running variable.
    """
    if len(expr.limits) != 1 or len(expr.limits[0]) != 3:
        raise UnsupportedError(
            "an integral runs over one variable between two limits",
            found=expr,
            remedy="write Integral(f, (t, a, b))",
        )
    running, low, high = expr.limits[0]
    if low.is_infinite or high.is_infinite:
        raise UnsupportedError(
            "an integral runs over a bounded interval",
            found=expr,
            remedy="choose finite limits, or state the limit as a limit",
        )
    if any(running in compiler.plan.symbols(inner) for inner in expr.function.atoms(Integral)):
        raise UnsupportedError(
            "an integrand is free of integrals that depend on its running variable",
            found=expr,
            remedy="integrate over one variable",
        )
    inner = compiler.inside(running)
    kinks = tuple(
        Kink(
            inner.node(difference).compute,
            tuple((name, compiler.index(size)) for name, size in sums),
        )
        for difference, sums in dict.fromkeys(_differences(expr.function, inner, ()))
    )
    return Quadrature(
        inner.node(expr.function).compute,
        compiler.node(low).compute,
        compiler.node(high).compute,
        kinks,
    )


def _differences(expr: Basic, compiler: Any, sums: _Sums) -> Iterator[tuple[Expr, _Sums]]:
    """Yield each difference that selects a branch, with the class sums it stands in."""
    if not compiler.moves(expr):
        return
    if isinstance(expr, Sum):
        sums = (*sums, *((running, last) for running, _, last in expr.limits))
    for difference in _selecting(expr):
        if compiler.moves(difference):
            yield difference, sums
    for child in children(expr):
        yield from _differences(child, compiler, sums)


def _selecting(expr: Basic) -> Iterator[Expr]:
    if isinstance(expr, Abs | sign):
        yield expr.args[0]
    elif isinstance(expr, Max | Min):
        yield from (a - b for a, b in combinations(expr.args, 2))
    elif isinstance(expr, Piecewise):
        for _, condition in expr.args:
            yield from (r.lhs - r.rhs for r in condition.atoms(Relational))
