"""Compares programs at many exact points: is the backward pass the derivative, is this the loss.

Guarantees: DIFFERENT comes with an exact point at which certified balls exclude equality, made as
simple as possible and judged again; nothing is decided by a tolerance.
Cannot see: a difference that shows at no point tried; agreement is never printed as proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ...numeric.twins import FloatArgument, Program, Twin, exact
from ...symbolic.errors import DeclarationError
from ...symbolic.loss import Loss
from .comparison import Comparison
from .hunting import Hunt, hunt
from .inputs import Input, TwinPoint, label, logits
from .intended import expected_values
from .judging import PointVerdict, judge_backward, judge_forward
from .steering import thresholds

SIZES = (1, 2, 3, 5)
"""The numbers of classes that are tried, unless others are asked for."""

DIGITS = 30
"""Significant digits that make an agreement."""


def check_backward(
    program: Program | Twin,
    inputs: Sequence[Input] = (logits(), label()),
    *,
    gradient: Program | None = None,
    framework: str | None = None,
    dtype: str = "float64",
    argnums: int | Sequence[int] = 0,
    sizes: Sequence[int] = SIZES,
    digits: int = DIGITS,
    seed: int = 0,
) -> Comparison:
    """Compare the gradient that a program's backward pass computes with its own derivative.

    Parameters
    ----------
    program
        The forward program, or its twin.
    inputs
        What each of its arguments is.
    gradient
        A gradient written by hand, a program of the upstream gradient and the same arguments; what
        the framework makes of `program`, custom rules included, if not given.
    framework, dtype
        As for `exact`.
    argnums
        The arguments to differentiate by.
    sizes
        The numbers of classes to try.
    digits
        Significant digits that make an agreement.
    seed
        Of the points.

    Raises
    ------
    UnsupportedError
        If a program has no twin: it uses what has no rule, or is random.
    """
    twin = _twin(program, framework, dtype, gradient)
    chosen = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    _check_inputs(inputs, chosen)
    backward = twin.backward(chosen)

    def judge(point: TwinPoint) -> PointVerdict:
        return judge_backward(twin, backward, point, chosen, digits, dtype)

    def watched(point: TwinPoint) -> dict[Fraction, str]:
        arguments = point.arguments(dtype)
        upstream = FloatArgument((Fraction(7, 4),), (), dtype)
        return thresholds(twin, arguments) | thresholds(backward, [upstream, *arguments])

    return hunt(Hunt("backward", judge, watched, tuple(inputs), tuple(sizes), dtype, seed))


def check_forward(
    program: Program | Twin,
    intended: Loss | Program | Twin,
    inputs: Sequence[Input] = (logits(), label()),
    *,
    framework: str | None = None,
    dtype: str = "float64",
    sizes: Sequence[int] = SIZES,
    digits: int = DIGITS,
    seed: int = 0,
    values: dict[Any, Any] | None = None,
) -> Comparison:
    """Compare the value of a program with the loss it is meant to be.

    Parameters
    ----------
    program
        The program, or its twin.
    intended
        A `Loss`, or another program of the same arguments.
    inputs
        What each argument is; for a `Loss` the names say which of its symbols it stands for:
        ``z``, ``p``, ``K`` for families, ``y`` for the label.
    framework, dtype, sizes, digits, seed
        As for `check_backward`.
    values
        Values of further symbols of the loss.
    """
    twin = _twin(program, framework, dtype, None)
    _check_inputs(inputs, ())
    expected = expected_values(intended, dtype, values or {})

    def judge(point: TwinPoint) -> PointVerdict:
        return judge_forward(twin, expected, point, digits, dtype)

    def watched(point: TwinPoint) -> dict[Fraction, str]:
        return thresholds(twin, point.arguments(dtype))

    return hunt(Hunt("forward", judge, watched, tuple(inputs), tuple(sizes), dtype, seed))


def _twin(
    program: Program | Twin, framework: str | None, dtype: str, gradient: Program | None
) -> Twin:
    if isinstance(program, Twin):
        return program
    return exact(program, framework=framework, dtype=dtype, gradient=gradient)


def _check_inputs(inputs: Sequence[Input], argnums: Sequence[int]) -> None:
    for k in argnums:
        if not 0 <= k < len(inputs) or not inputs[k].is_float:
            raise DeclarationError(
                "a gradient is taken by a float argument",
                found=f"argument {k} of {len(inputs)}",
                remedy="name others with argnums=",
            )
