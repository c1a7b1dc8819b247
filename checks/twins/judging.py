"""Judges two programs at one exact point: backward against forward, forward against the intended.

Guarantees: the derivative of the forward program is its own, by Taylor arithmetic in balls, with no
gradient code of any framework; DIFFERENT is certain at the point.
Where branches meet, a backward pass is held against the derivatives on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeAlias

from flint import fmpq

from ...numeric.elements import Element
from ...numeric.twins import FloatArgument, Twin
from ...numeric.twins.evaluation import Sided, gradient, numbers_of, outputs
from ...numeric.twins.run import FIRST_BITS, Run, Undecided
from .agreement import Measure, Outcome, between, compare_elements, shared_digits
from .inputs import TwinPoint
from .intended import Expected
from .joint import along_a_line, around
from .settling import Entry, PointVerdict, ShapesDiffer, bits_for, settle

Slack: TypeAlias = Callable[[TwinPoint], "list[Element] | None"]
"""How far each component may be off at a point, as where a program approximates a function to the
accuracy of its floats; None for not at all."""

UPSTREAM = Fraction(7, 4)
"""The upstream gradient of the first output; those of all others differ from it and each other."""


def judge_backward(
    forward: Twin,
    backward: Twin,
    point: TwinPoint,
    argnums: Sequence[int],
    digits: int,
    dtype: str,
    slack: Slack | None = None,
    plain: bool = False,
) -> PointVerdict:
    """Compare the gradient that `backward` computes with the derivative of `forward`.

    Parameters
    ----------
    forward, backward
        The program, and the gradient as a program of the upstream gradient and the same arguments.
    point
        Where.
    argnums
        The arguments that are differentiated by.
    digits
        Significant digits that make an agreement.
    dtype
        The float dtype of the arguments.
    slack
        How far a component may be off and count as rounded; nothing if not given.
    plain
        Whether the upstream gradient is 1 for every output; else it is that of `upstream_at`.
    """
    arguments = point.arguments(dtype)
    inputs = [a for a in arguments if isinstance(a, FloatArgument)]
    varied = [sum(isinstance(b, FloatArgument) for b in arguments[:k]) for k in argnums]
    ahead = forward.trace(arguments)
    shapes = _output_shape(ahead, inputs, point)
    if isinstance(shapes, PointVerdict):
        return shapes
    upstream = _upstream(shapes, dtype)
    if plain:
        upstream = replace(upstream, values=(Fraction(1),) * len(upstream.values))
    weights = [fmpq(v.numerator, v.denominator) for v in upstream.values]
    behind = backward.trace([upstream, *arguments])
    names = [
        f"by {_name(point, k)}{_place(point, k, m)}" for k in argnums for m in _count(point, k)
    ]
    names.append("along a line across the tie")

    def attempt(bits: int, loose: bool, last: bool) -> list[Entry]:
        sides = gradient(ahead, inputs, varied, weights, bits, loose)
        own = [n.value for n in numbers_of(outputs(behind, [upstream, *inputs], bits, Run(loose)))]
        if len(own) != len(sides):
            raise ShapesDiffer(len(sides), len(own))
        pairs = zip(sides, own, strict=True)
        found: list[Entry] = [(_hold(s, value, digits, last), s, value) for s, value in pairs]
        found = _excused(found, point, slack, weights[0] if len(weights) == 1 else fmpq(1))
        if any(m is not None and m[0] is Outcome.DIFFERENT and s.ties for m, s, _ in found):
            ranges = around(ahead, inputs, varied, weights, bits, loose)
            found = [_within(entry, *ends) for entry, ends in zip(found, ranges, strict=True)]
        if any(m is not None and m[0] is Outcome.SUBGRADIENT for m, _, _ in found):
            joint = along_a_line(ahead, inputs, varied, weights, own, bits, loose)
            held = None if joint is None else _hold(*joint, digits, last)
            if joint is not None and held is not None and held[0] is Outcome.DIFFERENT:
                found.append((held, *joint))
        return found

    try:
        return settle(attempt, point, lambda k: f"derivative {names[k]}")
    except ShapesDiffer as shapes_differ:
        expected, found = (str(v) for v in shapes_differ.args)
        return PointVerdict(Outcome.DIFFERENT, 0.0, "size of the gradient", expected, found)


def upstream_at(forward: Twin, point: TwinPoint, dtype: str) -> FloatArgument:
    """Return an upstream gradient of the shape of the output; that of a scalar if it is open."""
    arguments = point.arguments(dtype)
    inputs = [a for a in arguments if isinstance(a, FloatArgument)]
    shape = _output_shape(forward.trace(arguments), inputs, point)
    return _upstream(() if isinstance(shape, PointVerdict) else shape, dtype)


def _output_shape(ahead: Any, inputs: Any, point: TwinPoint) -> Any:
    bits = FIRST_BITS
    while True:
        try:
            found = [a for a in outputs(ahead, inputs, bits) if a.dtype == object]
            return found[0].shape if len(found) == 1 else (len(numbers_of(found)),)
        except Undecided:
            bits *= 4
            if bits > bits_for(point):
                return PointVerdict(Outcome.UNDECIDED, note="a comparison in the forward is open")


def _upstream(shape: tuple[int, ...], dtype: str) -> FloatArgument:
    """Return an upstream gradient that is neither 1 nor the same for two outputs."""
    count = math.prod(shape)
    values = tuple((-1) ** k * (UPSTREAM + Fraction(k % 61, 2)) for k in range(count))
    return FloatArgument(values, shape, dtype)


def _name(point: TwinPoint, argnum: int) -> str:
    return point.inputs[argnum].name or f"argument {argnum}"


def _count(point: TwinPoint, argnum: int) -> range:
    return range(len(point.values[argnum]))


def _place(point: TwinPoint, argnum: int, number: int) -> str:
    shape = point.inputs[argnum].shape_at(point.n)
    places = []
    for size in reversed(shape):
        number, place = divmod(number, size)
        places.append(str(place))
    return f"[{', '.join(reversed(places))}]" if places else ""


def _within(entry: Entry, least: Element, greatest: Element) -> Entry:
    """Return a component that differs as a subgradient if it lies within the kink at the point."""
    measure, side, found = entry
    if measure is None or measure[0] is not Outcome.DIFFERENT or not side.ties:
        return entry
    inside = compare_elements(least, greatest, 15, False)
    if inside is None or inside[0] is not Outcome.DIFFERENT or not between(found, least, greatest):
        return entry
    return (Outcome.SUBGRADIENT, 0.0), side, found


def _hold(side: Sided, found: Element, digits: int, last: bool) -> Measure | None:
    """Compare a backward value with the derivative on both sides."""
    if side.values is None:
        measure = compare_elements(side.above, found, digits, last)
        infinite = isinstance(side.above, float) and measure != (Outcome.AGREES, math.inf)
        # An infinite slope, as of a root at 0, is no derivative that a number could miss.
        return (Outcome.UNDEFINED, 0.0) if infinite else measure
    here, below, above = side.values
    for limit in (below, above):
        jump = compare_elements(here, limit, digits, last)
        if jump is None:
            return None
        if jump[0] is not Outcome.AGREES:
            return Outcome.UNDEFINED, 0.0
    same = compare_elements(side.below, side.above, digits, last)
    if same is None or side.flat:
        return None if same is None else (Outcome.UNDECIDED, 0.0)
    if same[0] is Outcome.AGREES:
        return compare_elements(side.above, found, digits, last)
    if same[0] is not Outcome.DIFFERENT:
        return Outcome.UNDEFINED, 0.0
    ends = [compare_elements(end, found, digits, last) for end in (side.below, side.above)]
    if any(end is not None and end[0] is Outcome.AGREES for end in ends):
        return Outcome.SUBGRADIENT, 0.0
    inside = between(found, side.below, side.above)
    if inside is None:
        special = any(isinstance(e, float) for e in (found, side.below, side.above))
        return (Outcome.UNDEFINED, 0.0) if special else (Outcome.UNDECIDED, 0.0) if last else None
    return (Outcome.SUBGRADIENT if inside else Outcome.DIFFERENT), 0.0


def _excused(
    entries: list[Entry], point: TwinPoint, slack: Slack | None, weight: fmpq
) -> list[Entry]:
    """Return the entries, those that differ by no more than the slack as rounded."""
    differ = any(m is not None and m[0] is Outcome.DIFFERENT for m, _, _ in entries)
    bounds = slack(point) if slack is not None and differ else None
    if bounds is None or len(bounds) != len(entries):
        return entries
    found = []
    for entry, bound in zip(entries, bounds, strict=True):
        measure, expected, value = entry
        plain = expected.above if isinstance(expected, Sided) else expected
        special = isinstance(plain, float) or isinstance(value, float)
        differs = measure is not None and measure[0] is Outcome.DIFFERENT and not special
        if differs and abs(value - plain) <= bound * abs(weight):
            measure = (Outcome.ROUNDED, shared_digits(plain, value))
        found.append((measure, expected, value))
    return found


def judge_forward(
    program: Twin,
    expected: Expected,
    point: TwinPoint,
    digits: int,
    dtype: str,
    slack: Slack | None = None,
) -> PointVerdict:
    """Compare the value of a program with what it is meant to be.

    Parameters
    ----------
    program
        The program.
    expected
        The values that are meant.
    point, digits, dtype, slack
        As for `judge_backward`.
    """
    arguments = point.arguments(dtype)
    inputs = [a for a in arguments if isinstance(a, FloatArgument)]
    executable = program.trace(arguments)

    def attempt(bits: int, loose: bool, last: bool) -> list[Entry]:
        own = [n.value for n in numbers_of(outputs(executable, inputs, bits, Run(loose)))]
        meant = expected(point, bits, loose)
        if len(meant) != len(own):
            raise ShapesDiffer(len(meant), len(own))
        found: list[Entry] = [
            (compare_elements(m, f, digits, last), m, f) for m, f in zip(meant, own, strict=True)
        ]
        return _excused(found, point, slack, fmpq(1))

    try:
        return settle(attempt, point, lambda k: f"value {k}" if k else "value")
    except ShapesDiffer as shapes_differ:
        meant, found = (str(v) for v in shapes_differ.args)
        return PointVerdict(Outcome.DIFFERENT, 0.0, "number of values", meant, found)
