"""Derivatives of a loss from the loss alone, without any gradient formula.

Guarantees: the balls returned hold the partial derivative.
Arithmetic: Taylor series in Arb balls, put through the evaluator of the loss; the loss is never
differentiated symbolically.
At a point where two branches of the loss meet (a tie in `Abs`, `Max` or a condition) a `KinkError`
is raised, even if the branches happen to join smoothly.
"""

from __future__ import annotations

from typing import Any

from flint import arb
from sympy import Expr, IndexedBase, Symbol, sympify

from ..symbolic.calculus import LossTerm
from ..symbolic.errors import DeclarationError, PrecisionError, UnsupportedError
from . import elements
from .elements import Element
from .enclosure import kink_error, spell, undefined_error
from .evaluator import Program, compile_expression
from .point import Point
from .run import Run


def derivative(value: Any, point: Point, *variables: Expr, bits: int = 256) -> arb:
    """Return a ball that holds a first or second partial derivative of `value` at `point`.

    Parameters
    ----------
    value
        The loss: a class-sum expression, not a derivative of one.
    point
        A value for each symbol of the loss.
    variables
        One or two variables, each a member such as ``z[2]`` or ``z[y]``, or a scalar.
    bits
        The working precision.

    Raises
    ------
    KinkError
        If two branches of the loss meet at the point.
    UndefinedValueError
        If the loss certainly has no value there.
    PrecisionError
        If `bits` do not show that the derivative exists.
    UnsupportedError
        If there are not one or two variables, or `value` is itself a derivative.
    """
    program = _program(value, point)
    with elements.working_precision(bits):
        if len(variables) == 1:
            return _coefficient(program, point, variables, 1)
        if len(variables) != 2:
            raise UnsupportedError(
                "the oracle knows first and second derivatives",
                found=f"{len(variables)} variables",
                remedy="name one or two variables",
            )
        first, second = variables
        if _same(first, second, point):
            return 2 * _coefficient(program, point, (first,), 2)
        # f(p + h(e1 + e2)) has (f11 + 2 f12 + f22) / 2 at h**2.
        both = _coefficient(program, point, (first, second), 2)
        alone = (_coefficient(program, point, (v,), 2) for v in (first, second))
        return both - sum(alone, arb(0))


def gradient(value: Any, base: IndexedBase, point: Point, bits: int = 256) -> list[arb]:
    """Return balls that hold the derivative of `value` by each member of `base`.

    Raises
    ------
    DeclarationError
        If the point has no values for `base`.
    KinkError, UndefinedValueError, PrecisionError
        As `derivative`.
    """
    members = point.get(base)
    if members is None:
        raise DeclarationError(
            "a gradient is taken by a family that the point has values for",
            found=f"{base} not in {point}",
            remedy="add the family to the point",
        )
    program = _program(value, point)
    with elements.working_precision(bits):
        return [
            _coefficient(program, point, (base[place],), 1) for place in range(1, len(members) + 1)
        ]


def _program(value: Any, point: Point) -> Program:
    value = sympify(value)
    if any(term.variables for term in value.atoms(LossTerm)):
        raise UnsupportedError(
            "the oracle differentiates a loss, not a derivative of one",
            found=value,
            remedy="hand in the loss and name the variables",
        )
    program = compile_expression(value)
    program.check(point)
    return program


def _same(first: Expr, second: Expr, point: Point) -> bool:
    if isinstance(first, Symbol) or isinstance(second, Symbol):
        return bool(first == second)
    run = Run(point)
    places = [run.class_of(v.indices[0]) for v in (first, second)]
    return bool(first.base == second.base) and places[0] == places[1]


def _coefficient(program: Program, point: Point, variables: tuple[Expr, ...], order: int) -> arb:
    """Return the coefficient of ``h**order`` along the sum of the directions `variables`."""
    run = Run(point)
    for variable in variables:
        run.perturb(variable, 1, order + 1)
    value = program(run)
    if not elements.is_series(value):
        _check_finite(value, run, point)
        return arb(0)
    if not (value.prec > order and elements.is_finite(value)):
        _check_finite(elements.NAN, run, point)
    coefficient: arb = value[order]
    return coefficient


def _check_finite(value: Element, run: Run, point: Point) -> None:
    if elements.is_finite(value):
        return
    if run.ties:
        raise kink_error(run, point)
    if run.undefined:
        raise undefined_error(run, point)
    raise PrecisionError(
        "the working precision shows that the derivative exists",
        found=f"no finite ball at {spell(point)}",
        remedy="raise bits",
    )
