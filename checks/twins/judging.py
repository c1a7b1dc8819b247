"""Judges two programs at one exact point: backward against forward, forward against the intended.

Guarantees: the derivative of the forward program is its own, by Taylor arithmetic in balls, with no
gradient code of any framework; DIFFERENT is certain at the point.
Where branches meet, a backward pass is held against the derivatives on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from flint import fmpq

from ...numeric.elements import Element, working_precision
from ...numeric.twins import FloatArgument, Twin
from ...numeric.twins.evaluation import Sided, gradient, numbers_of, outputs
from ...numeric.twins.run import FIRST_BITS, LAST_BITS, Run, Undecided
from .agreement import Measure, Outcome, between, compare_elements, shared_digits, spell
from .inputs import TwinPoint

Expected: TypeAlias = Callable[[TwinPoint, int], list[Element]]
"""The values that are expected at a point, in balls of a number of bits."""


@dataclass(frozen=True, slots=True)
class PointVerdict:
    """What one point showed.

    Attributes
    ----------
    outcome
        The worst of all components.
    digits
        Certified digits of the agreement, the fewest of all components.
    where
        The component that decided, such as ``"gradient by z[1]"``.
    expected, found
        Its two values, as text of certified digits; two derivatives, from below and from above,
        where branches meet.
    gap
        What was found minus what was expected, likewise; empty where there is no number.
    note
        Where branches meet, or why nothing was decided.
    """

    outcome: Outcome
    digits: float = 0.0
    where: str = ""
    expected: str = ""
    found: str = ""
    gap: str = ""
    note: str = ""

    @property
    def fails(self) -> bool:
        """Whether the programs differ for certain, beyond the rounding of constants."""
        return self.outcome is Outcome.DIFFERENT


_ORDER = (
    Outcome.AGREES,
    Outcome.SUBGRADIENT,
    Outcome.UNDEFINED,
    Outcome.UNDECIDED,
    Outcome.ROUNDED,
    Outcome.DIFFERENT,
)


def bits_for(point: TwinPoint) -> int:
    """Return how many bits a number that is not 0 may need to be seen at such a point.

    Softmax outputs fall as the exponential of the range of the logits; four times that is allowed.
    """
    span = float(min(point.range, 2**20))
    return min(LAST_BITS, 4 * FIRST_BITS + math.ceil(4 * span / math.log(2)))


def judge_backward(
    forward: Twin,
    backward: Twin,
    point: TwinPoint,
    argnums: Sequence[int],
    digits: int,
    dtype: str,
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
    """
    arguments = point.arguments(dtype)
    inputs = [a for a in arguments if isinstance(a, FloatArgument)]
    varied = [sum(isinstance(b, FloatArgument) for b in arguments[:k]) for k in argnums]
    ahead = forward.trace(arguments)
    shapes = _output_shape(ahead, inputs, point)
    if isinstance(shapes, PointVerdict):
        return shapes
    upstream = _upstream(shapes, dtype)
    weights = [fmpq(v.numerator, v.denominator) for v in upstream.values]
    behind = backward.trace([upstream, *arguments])
    names = [f"{_name(point, k)}{_place(point, k, m)}" for k in argnums for m in _count(point, k)]

    def attempt(bits: int, loose: bool, last: bool) -> list[tuple[Measure | None, Sided, Element]]:
        sides = gradient(ahead, inputs, varied, weights, bits, loose)
        own = [n.value for n in numbers_of(outputs(behind, [upstream, *inputs], bits, Run(loose)))]
        if len(own) != len(sides):
            raise _Shapes(len(sides), len(own))
        pairs = zip(sides, own, strict=True)
        return [(_hold(side, found, digits, last), side, found) for side, found in pairs]

    try:
        return _judge(attempt, point, lambda k, _: f"derivative by {names[k]}", _side_text)
    except _Shapes as shapes_differ:
        expected, found = (str(v) for v in shapes_differ.args)
        return PointVerdict(Outcome.DIFFERENT, 0.0, "size of the gradient", expected, found)


class _Shapes(Exception):
    """The gradient has another number of entries than the arguments."""


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
    from fractions import Fraction

    count = math.prod(shape)
    values = tuple(Fraction((-1) ** k * (7 + 2 * (k % 61)), 4) for k in range(count))
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


def _hold(side: Sided, found: Element, digits: int, last: bool) -> Measure | None:
    """Compare a backward value with the derivative on both sides."""
    if side.values is None:
        return compare_elements(side.above, found, digits, last)
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


def _side_text(side: Sided) -> str:
    below, above = spell(side.below), spell(side.above)
    return above if side.values is None or below == above else f"{below} | {above}"


def _side_note(expected: Any) -> str:
    return f"branches meet at {expected.ties[0]}" if getattr(expected, "ties", ()) else ""


def _judge(
    attempt: Callable[[int, bool, bool], list[tuple[Measure | None, Any, Element]]],
    point: TwinPoint,
    where: Callable[[int, Any], str],
    text: Callable[[Any], str],
) -> PointVerdict:
    """Raise the precision until every component is decided, or one differs."""
    bits, limit = FIRST_BITS, bits_for(point)
    while True:
        last = bits >= limit
        try:
            with working_precision(bits):
                measured = attempt(bits, False, last)
        except Undecided:
            if last:
                return PointVerdict(Outcome.UNDECIDED, note="a comparison in the program is open")
            bits *= 2
            continue
        worst = _worst(measured)
        if worst is not None:
            place = measured.index(worst)
            measure, expected, found = worst
            assert measure is not None
            outcome = measure[0]
            digits = min(m[1] for m, _, _ in measured if m) if outcome is Outcome.AGREES else 0.0
            if outcome is Outcome.DIFFERENT and _is_rounding(attempt, bits):
                outcome, digits = Outcome.ROUNDED, shared_digits(_plain(expected), found)
            with working_precision(bits):
                gap = _gap(_plain(expected), found)
                name, note = where(place, expected), _side_note(expected)
                return PointVerdict(outcome, digits, name, text(expected), spell(found), gap, note)
        bits *= 2


def _plain(expected: Any) -> Element:
    return expected.above if isinstance(expected, Sided) else expected


def _gap(expected: Element, found: Element) -> str:
    if isinstance(expected, float) or isinstance(found, float):
        return ""
    return spell(found - expected, 3)


def _worst(measured: list[tuple[Measure | None, Any, Element]]) -> Any:
    """Return the worst component; None while some are open and none differs."""
    for entry in measured:
        if entry[0] is not None and entry[0][0] is Outcome.DIFFERENT:
            return entry
    if any(entry[0] is None for entry in measured):
        return None
    return max(measured, key=lambda entry: _ORDER.index(entry[0][0]))  # type: ignore[index]


def _is_rounding(
    attempt: Callable[[int, bool, bool], list[tuple[Measure | None, Any, Element]]], bits: int
) -> bool:
    """Tell whether no component differs once each constant stands for all that round to it."""
    enough = max(bits, 4 * FIRST_BITS)
    try:
        with working_precision(enough):
            measured = attempt(enough, True, False)
    except (Undecided, _Shapes):
        return False
    return all(m is None or m[0] is not Outcome.DIFFERENT for m, _, _ in measured)


def judge_forward(
    program: Twin, expected: Expected, point: TwinPoint, digits: int, dtype: str
) -> PointVerdict:
    """Compare the value of a program with what it is meant to be.

    Parameters
    ----------
    program
        The program.
    expected
        The values that are meant.
    point, digits, dtype
        As for `judge_backward`.
    """
    arguments = point.arguments(dtype)
    inputs = [a for a in arguments if isinstance(a, FloatArgument)]
    executable = program.trace(arguments)

    def attempt(bits: int, loose: bool, last: bool) -> list[tuple[Measure | None, Any, Element]]:
        own = [n.value for n in numbers_of(outputs(executable, inputs, bits, Run(loose)))]
        meant = expected(point, bits)
        if len(meant) != len(own):
            raise _Shapes(len(meant), len(own))
        return [
            (compare_elements(m, f, digits, last), m, f) for m, f in zip(meant, own, strict=True)
        ]

    try:
        return _judge(attempt, point, lambda k, _: f"value {k}" if k else "value", spell)
    except _Shapes as shapes_differ:
        meant, found = (str(v) for v in shapes_differ.args)
        return PointVerdict(Outcome.DIFFERENT, 0.0, "number of values", meant, found)
