"""Derivatives from the left and from the right, from the loss alone.

Guarantees: each ball holds the limit of the derivative from its side.
Arithmetic: Taylor series in Arb balls along ``+h`` and ``-h``; where branches meet, the branch that
is in force for small h > 0 is taken, by the sign of the first coefficient of the difference that
selects it.
For a loss that is continuous at the point these are its one-sided derivatives; a loss that is
certain to jump there has none, and `UndefinedValueError` is raised.
What it cannot see: a jump smaller than the balls; breakpoints of integrals that move with the
variable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial
from typing import Any

from flint import arb
from sympy import Expr, sympify

from ..symbolic.errors import PrecisionError, UndefinedValueError
from . import elements
from .enclosure import spell
from .evaluator import compile_expression
from .point import Point
from .run import Run

_SPARE = 3
"""Coefficients beyond the order: a difference may vanish to some order where branches meet."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The derivatives by one variable from the left and from the right."""

    left: arb
    right: arb

    @property
    def differ(self) -> bool:
        """Whether they certainly differ, so that there is no derivative."""
        return not self.left.overlaps(self.right)


def one_sided(
    value: Any,
    point: Point,
    variable: Expr,
    bits: int = 256,
    is_zero: Callable[[Expr, Point], bool | None] | None = None,
    order: int = 1,
) -> Sides:
    """Return balls that hold the one-sided derivatives of a loss by one variable.

    Parameters
    ----------
    value
        The loss: a class-sum expression, not a derivative of one.
    point
        A value for each symbol of the loss.
    variable
        A member such as ``z[2]`` or ``z[y]``, or a scalar.
    bits
        The working precision.
    is_zero
        May certify that an expression is exactly 0 at the point, where its ball does not show it.
    order
        The order of the derivative. Above the first, both sides agreeing means a derivative only
        if they agree in the lower orders too.

    Raises
    ------
    UndefinedValueError
        If the loss is certain to jump at the point, or has no value there.
    PrecisionError
        If the precision does not show which branch is in force on a side.

    >>> from sympy import Abs
    >>> from gradproof.symbolic import scalar
    >>> t = scalar("t")
    >>> sides = one_sided(Abs(t), Point({t: 0}), t)
    >>> str(sides.left), str(sides.right), sides.differ
    ('-1.00000000000000', '1.00000000000000', True)
    """
    program = compile_expression(sympify(value))
    program.check(point)

    def zero(expr: Expr) -> bool:
        return is_zero is not None and is_zero(expr, point) is True

    found = []
    with elements.working_precision(bits):
        here = program(Run(point))
        for way in (-1, 1):
            run = Run(point)
            run.onward = zero
            run.perturb(variable, way, order + _SPARE)
            series = program(run)
            _check(series, here, variable, point)
            slope = series[order] if elements.is_series(series) else arb(0)
            found.append(way**order * factorial(order) * slope)
    return Sides(*found)


def _check(series: Any, here: Any, variable: Expr, point: Point) -> None:
    if not elements.is_finite(series):
        raise PrecisionError(
            "the working precision shows which branch is in force beside the point",
            found=f"no finite ball at {spell(point)}",
            remedy="raise bits, or move the point off the place where the loss has no value",
        )
    start, own = (elements.to_ball(elements.constant(v)) for v in (series, here))
    if own.is_finite() and not start.overlaps(own):
        raise UndefinedValueError(
            "a loss with one-sided derivatives does not jump",
            found=f"{own} at {spell(point)}, {start} beside it in {variable}",
            remedy="move the point off the jump",
        )
