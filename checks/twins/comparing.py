"""Compares programs at many exact points: is the backward pass the derivative, is this the loss.

Guarantees: DIFFERENT comes with an exact point at which certified balls exclude equality, made as
simple as possible and judged again; nothing is decided by a tolerance.
Cannot see: a difference that shows at no point tried; agreement is never printed as proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ...numeric.twins import Program, Twin, exact
from ...numeric.twins.adaptor import detect
from ...symbolic.errors import DeclarationError
from ...symbolic.loss import Loss
from .comparison import Comparison
from .crossings import Direction, Gaps, Measure, gaps_of
from .hunting import Hunt, hunt
from .inputs import Input, TwinPoint, label, logits, numbers
from .intended import Meant, expected_values
from .judging import Slack, judge_backward, judge_forward, upstream_at
from .settling import PointVerdict
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
    order: int = 1,
    sizes: Sequence[int] = SIZES,
    digits: int = DIGITS,
    seed: int = 0,
    regimes_only: bool = False,
    slack: Slack | None = None,
    seconds: float | None = None,
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
    order
        2 for the gradient of the gradient: then the forward is the gradient by one argument of a
        program that returns one number; it takes the upstream gradient ``g`` in front.
    sizes
        The numbers of classes to try.
    digits
        Significant digits that make an agreement.
    seed
        Of the points.
    regimes_only
        Whether to leave out the points that are steered, drawn and followed, to save time.
    slack
        How far each component may be off at a point and count as rounded; nothing if not given.
    seconds
        After which no further point is tried; without a limit if not given.

    Raises
    ------
    UnsupportedError
        If a program has no twin: it uses what has no rule, or is random.
    """
    twin = _twin(program, framework, dtype, gradient)
    chosen = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    _check_inputs(inputs, chosen)
    if order != 1:
        twin, inputs, chosen = _of_gradient(twin, inputs, chosen, order)
    backward = twin.backward(chosen)

    def judge(point: TwinPoint) -> PointVerdict:
        return judge_backward(twin, backward, point, chosen, digits, dtype, slack)

    def watched(point: TwinPoint) -> dict[Fraction, str]:
        arguments = point.arguments(dtype)
        upstream = upstream_at(twin, point, dtype)
        return thresholds(twin, arguments) | thresholds(backward, [upstream, *arguments])

    def ahead(point: TwinPoint, direction: Direction) -> Gaps:
        return gaps_of(twin, point.arguments(dtype), _of_floats(point, direction))

    def behind(point: TwinPoint, direction: Direction) -> Gaps:
        upstream = upstream_at(twin, point, dtype)
        still = (Fraction(0),) * len(upstream.values)
        speeds = (still, *_of_floats(point, direction))
        return gaps_of(backward, [upstream, *point.arguments(dtype)], speeds)

    def remarks(point: TwinPoint) -> tuple[str, ...]:
        arguments = point.arguments(dtype)
        upstream = upstream_at(twin, point, dtype)
        found = (*twin.remarks(*arguments), *backward.remarks(upstream, *arguments))
        return tuple(dict.fromkeys(found))

    space = (tuple(inputs), tuple(sizes), dtype, seed, regimes_only, seconds)
    return hunt(Hunt("backward", judge, watched, (behind, ahead), remarks, *space))


def _of_gradient(
    twin: Twin, inputs: Sequence[Input], argnums: Sequence[int], order: int
) -> tuple[Twin, Sequence[Input], tuple[int, ...]]:
    """Return the gradient as a program, with its inputs and the places of the arguments in them."""
    if len(argnums) != 1 or order != 2:
        raise DeclarationError(
            "the order is 1, or 2 by one argument",
            found=f"order={order}, argnums={tuple(argnums)}",
            remedy="name one argument, or compare the gradient as a program of its own",
        )
    slope = twin.backward(argnums).program

    def gradient(*args: Any) -> Any:
        found = slope(*args)
        return found[0] if isinstance(found, tuple) else found

    program = Twin(gradient, twin.framework, twin.dtype)
    return program, (numbers(name="g"), *inputs), (argnums[0] + 1,)


def _of_floats(point: TwinPoint, direction: Direction) -> Direction:
    """Return the speeds of the float arguments alone."""
    return tuple(s for spec, s in zip(point.inputs, direction, strict=True) if spec.is_float)


def check_forward(
    program: Program | Twin,
    intended: Loss | Program | Twin | Meant,
    inputs: Sequence[Input] = (logits(), label()),
    *,
    framework: str | None = None,
    dtype: str = "float64",
    sizes: Sequence[int] = SIZES,
    digits: int = DIGITS,
    seed: int = 0,
    values: dict[Any, Any] | None = None,
    regimes_only: bool = False,
    slack: Slack | None = None,
    seconds: float | None = None,
) -> Comparison:
    """Compare the value of a program with the loss it is meant to be.

    Parameters
    ----------
    program
        The program, or its twin.
    intended
        A `Loss`, a `Meant`, or another program of the same arguments; of the framework of `program`
        if its code names none.
    inputs
        What each argument is; for a `Loss` the names say which of its symbols it stands for:
        ``z``, ``p``, ``K`` for families, ``y`` for the label.
    framework, dtype, sizes, digits, seed, regimes_only, slack, seconds
        As for `check_backward`.
    values
        Values of further symbols of the loss.
    """
    twin = _twin(program, framework, dtype, None)
    _check_inputs(inputs, ())
    if not isinstance(intended, Loss | Twin | Meant):
        intended = exact(intended, framework=detect(intended, twin.framework), dtype=dtype)
    expected = expected_values(intended, dtype, values or {})
    compared = (twin, intended) if isinstance(intended, Twin) else (twin,)

    def judge(point: TwinPoint) -> PointVerdict:
        return judge_forward(twin, expected, point, digits, dtype, slack)

    def watched(point: TwinPoint) -> dict[Fraction, str]:
        found: dict[Fraction, str] = {}
        for one in compared:
            found |= thresholds(one, point.arguments(dtype))
        return found

    def measured(one: Twin) -> Measure:
        return lambda point, direction: gaps_of(
            one, point.arguments(dtype), _of_floats(point, direction)
        )

    measures = tuple(measured(one) for one in compared)

    def remarks(point: TwinPoint) -> tuple[str, ...]:
        return twin.remarks(*point.arguments(dtype))

    space = (tuple(inputs), tuple(sizes), dtype, seed, regimes_only, seconds)
    return hunt(Hunt("forward", judge, watched, measures, remarks, *space))


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
