"""Values and derivatives of traced programs at exact points, at one precision or to some digits.

Guarantees: every number is an exact rational, a ball that holds the exact one, or an infinity or
nan that the exact arithmetic of the program has there.
Derivatives come from the forward program alone; no gradient code of a framework is used.
Where two sides of a comparison are exactly equal, the derivative is taken on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from flint import fmpq

from ...symbolic.errors import DeclarationError, PrecisionError
from ..elements import ONE, ZERO, Element, working_precision
from . import extended
from .adaptor import Executable
from .arguments import FloatArgument
from .arrays import Array, from_numbers
from .dual import Dual, inner
from .run import FIRST_BITS, LAST_BITS, Run, TieMet, Undecided, running
from .tangents import Linear, combine, leaves, sweep

T = TypeVar("T")

Place: TypeAlias = tuple[int, int]
"""A number among the inputs: which float argument, and where in it."""


@dataclass(frozen=True, slots=True)
class Sided:
    """The derivative by one input, from both sides.

    Attributes
    ----------
    below, above
        The one-sided derivatives; the same element where no branches meet.
    values
        The value, and its limits from below and from above; None where no branches meet.
    ties
        Lines of the program at which branches meet.
    flat
        Whether a branch depends on a comparison that the first order leaves open.
    """

    below: Element
    above: Element
    values: tuple[Element, Element, Element] | None = None
    ties: tuple[str, ...] = ()
    flat: bool = False


def outputs(
    executable: Executable, inputs: Sequence[FloatArgument], bits: int, run: Run | None = None
) -> list[Array]:
    """Return the outputs of one run at `bits` bits.

    Raises
    ------
    Undecided
        If `bits` leave a comparison open.
    """
    with running(run or Run(), bits):
        return executable([a.duals() for a in inputs])


def numbers_of(arrays: Sequence[Array]) -> list[Dual]:
    """Return the numbers of the float outputs, in row-major order.

    Raises
    ------
    DeclarationError
        If there is none.
    """
    numbers = [n for a in arrays if a.dtype == object for n in a.ravel()]
    if not numbers:
        raise DeclarationError(
            "a program returns floats",
            found="no float output",
            remedy="return a loss or a gradient",
        )
    return numbers


def rising(attempt: Callable[[int], T], first: int = FIRST_BITS, last: int = LAST_BITS) -> T:
    """Return what `attempt` gives at the first precision that leaves nothing open.

    Raises
    ------
    PrecisionError
        If `last` bits leave something open.
    """
    bits = first
    while True:
        try:
            return attempt(bits)
        except Undecided:
            if bits >= last:
                raise PrecisionError(
                    f"a comparison in the program is decided within {last} bits",
                    found="two numbers that no precision separates",
                    remedy="they may be equal: choose another point",
                ) from None
            bits *= 2


def weighted(arrays: Sequence[Array], weights: Sequence[Element]) -> Dual:
    """Return the sum of the float outputs times `weights`: the upstream gradient of a check.

    Raises
    ------
    DeclarationError
        If the numbers of outputs and weights differ.
    """
    numbers = numbers_of(arrays)
    if len(numbers) != len(weights):
        raise DeclarationError(
            "the upstream gradient has the shape of the output",
            found=f"{len(weights)} weights for {len(numbers)} outputs",
            remedy="give a weight for each output",
        )
    result = inner([Dual(w) for w in weights], numbers)
    if extended.is_nan(result.value):  # what has no value has no derivative
        return Dual(result.value, combine(((extended.NAN, result.slope),)))
    return result


def directional(
    executable: Executable,
    inputs: Sequence[FloatArgument],
    direction: Sequence[Sequence[Element | None]],
    weights: Sequence[Element],
    bits: int,
    loose: bool = False,
) -> tuple[Dual, Run]:
    """Return the weighted output with its slope along `direction`, just beyond the point.

    An entry None of `direction` is an input that stays where it is.
    In a loose run a constant of the program stands for every number that rounds to it.
    """
    with running(Run(loose), bits) as run:
        arrays = []
        for argument, slopes in zip(inputs, direction, strict=True):
            array = argument.duals()
            flat = [Dual(d.value, s) for d, s in zip(array.ravel(), slopes, strict=True)]
            arrays.append(from_numbers(flat, argument.shape))
        return weighted(executable(arrays), weights), run


def gradient(
    executable: Executable,
    inputs: Sequence[FloatArgument],
    varied: Sequence[int],
    weights: Sequence[Element],
    bits: int,
    loose: bool = False,
) -> list[Sided]:
    """Return the derivative of the weighted output by every number of the `varied` arguments.

    By one pass back over the run; where branches meet, by two passes forward for each number.
    """
    try:
        slopes = _reverse(executable, inputs, varied, weights, bits, loose)
    except TieMet:
        return [
            partial(executable, inputs, (k, place), weights, bits, loose)
            for k in varied
            for place in range(len(inputs[k].values))
        ]
    return [Sided(slope, slope) for slope in slopes]


def _reverse(
    executable: Executable,
    inputs: Sequence[FloatArgument],
    varied: Sequence[int],
    weights: Sequence[Element],
    bits: int,
    loose: bool,
) -> list[Element]:
    with running(Run(loose), bits) as run:
        arrays, seeds = [a.duals() for a in inputs], list[Linear]()
        for k in varied:
            own = leaves(len(inputs[k].values), run)
            flat = [Dual(d.value, s) for d, s in zip(arrays[k].ravel(), own, strict=True)]
            arrays[k] = from_numbers(flat, inputs[k].shape)
            seeds += own
        result = weighted(executable(arrays), weights)
        return sweep(result.slope, seeds, run)


def partial(
    executable: Executable,
    inputs: Sequence[FloatArgument],
    place: Place,
    weights: Sequence[Element],
    bits: int,
    loose: bool = False,
) -> Sided:
    """Return the derivative by one number from both sides, by two passes forward at a tie."""

    def side(step: Element) -> tuple[Dual, Run]:
        direction: list[list[Element | None]] = [[None] * len(a.values) for a in inputs]
        direction[place[0]][place[1]] = step
        return directional(executable, inputs, direction, weights, bits, loose)

    up, run = side(ONE)
    above = ZERO if up.slope is None else up.slope
    if not run.ties:
        return Sided(above, above)
    down, other = side(fmpq(-1))
    with working_precision(bits):  # in which a negation and a product round, too
        below = ZERO if down.slope is None else extended.negate(down.slope)
        here = weighted(outputs(executable, inputs, bits, Run(loose)), weights).value
    ties = tuple(dict.fromkeys(run.ties + other.ties))
    return Sided(below, above, (here, down.value, up.value), ties, bool(run.flat or other.flat))


def is_narrow(value: Any, digits: int) -> bool:
    """Tell whether an element is known to `digits` significant digits, or exactly."""
    if isinstance(value, float | fmpq):
        return True
    return bool(value.rel_accuracy_bits() >= math.ceil(digits * math.log2(10)) + 1)
