"""A gradient where branches meet, held against the program's gradients all around the point.

Guarantees: what `along_a_line` refuses is no subgradient. It is asked only where one comparison
ties: then the program has two smooth pieces beside the point, and subgradients lie between the two.
Cannot see: wrong mixtures where several comparisons tie, or that lie between along this line.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import Any

from flint import fmpq

from ...numeric.elements import ZERO, Element
from ...numeric.twins import FloatArgument
from ...numeric.twins.evaluation import Sided, directional, gradient, outputs, weighted
from ...numeric.twins.extended import about, add, multiply, negate
from ...numeric.twins.run import Run

_NEAR = Fraction(1, 2**64)
_AROUND = 16
_FIRST = 4


def around(
    executable: Any,
    inputs: Sequence[FloatArgument],
    varied: Sequence[int],
    weights: Sequence[Element],
    bits: int,
    loose: bool,
) -> list[tuple[Element, Element]]:
    """Return the least and the greatest derivative by each varied number, just beside the point.

    The derivative by one number may be the same on both sides of a point although the program has
    a kink there, as a median has where three numbers are equal.
    """
    random, found = Random(0), []
    for turn in range(_AROUND):
        beside = [
            a.replaced([v + _NEAR * random.randrange(-999, 1000) / 1000 for v in a.values])
            if k in varied
            else a
            for k, a in enumerate(inputs)
        ]
        sides = gradient(executable, beside, varied, weights, bits, loose)
        found.append([side.above for side in sides])
        if turn + 1 == _FIRST and not any(map(_apart, zip(*found, strict=True))):
            break
    return [(_extreme(row, -1), _extreme(row, 1)) for row in zip(*found, strict=True)]


def _apart(row: Sequence[Element]) -> bool:
    return any(abs(about(e) - about(row[0])) > 1e-9 * abs(about(row[0])) for e in row)


def _extreme(row: Sequence[Element], sign: int) -> Element:
    return max(row, key=lambda e: sign * about(e))


def along_a_line(
    executable: Any,
    inputs: Sequence[FloatArgument],
    varied: Sequence[int],
    weights: Sequence[Element],
    claimed: Sequence[Element],
    bits: int,
    loose: bool,
) -> tuple[Sided, Element] | None:
    """Return the derivative along a line from both sides, and what a gradient says it is.

    Parameters
    ----------
    executable, inputs, varied, weights, bits, loose
        As for `evaluation.gradient`.
    claimed
        The gradient that is held against it, a number for each of the varied inputs.

    Returns
    -------
    None where not just one comparison ties.
    """
    speeds = [fmpq(2 * k + 3, k + 4) for k in range(len(claimed))]

    def side(sign: int) -> tuple[Any, Run]:
        direction: list[list[Element | None]] = [[None] * len(a.values) for a in inputs]
        ahead = iter(speeds)
        for k in varied:
            direction[k] = [next(ahead) * sign for _ in inputs[k].values]
        return directional(executable, inputs, direction, weights, bits, loose)

    up, run = side(1)
    down, other = side(-1)
    if len(run.ties) != 1 or len(other.ties) != 1 or run.flat or other.flat:
        return None
    here = weighted(outputs(executable, inputs, bits, Run(loose)), weights).value
    above, below = (ZERO if d.slope is None else d.slope for d in (up, down))
    said: Element = ZERO
    for part, speed in zip(claimed, speeds, strict=True):
        said = add(said, multiply(part, speed))
    values = (here, down.value, up.value)
    return Sided(negate(below), above, values, tuple(run.ties)), said
