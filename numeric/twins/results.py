"""What a twin hands to the user: enclosures with the digits asked for, one derivative or an error.

Guarantees: an enclosure holds the exact number; a derivative is handed over only where both sides
have the same, for all that is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ...symbolic.errors import DeclarationError
from ..elements import Element, union
from ..enclosure import Enclosure
from ..run import KinkError
from . import evaluation
from .arguments import Argument, FixedArgument, FloatArgument
from .arrays import Array, from_numbers
from .run import FIRST_BITS, LAST_BITS

_ENOUGH_BITS = 4096
"""Beyond this, digits that are still missing are those of a number that may be 0."""


def place_of(arguments: Sequence[Argument], argnum: int) -> int:
    """Return where an argument is among the float arguments."""
    if not 0 <= argnum < len(arguments) or isinstance(arguments[argnum], FixedArgument):
        raise DeclarationError(
            "a derivative is taken by a float argument",
            found=f"argument {argnum} of {len(arguments)}",
            remedy="hand in floats there, such as 1.0 for 1, or name another argument",
        )
    return sum(isinstance(a, FloatArgument) for a in arguments[:argnum])


def to_digits(
    attempt: Callable[[int], Any], elements_of: Callable[[Any], list[Element]], digits: int
) -> Any:
    """Return what `attempt` gives at the first precision that shows the digits wanted."""
    bits = FIRST_BITS
    while True:
        found = evaluation.rising(attempt, bits, max(bits, LAST_BITS))
        narrow = all(evaluation.is_narrow(e, digits) for e in elements_of(found))
        if narrow or bits >= max(_ENOUGH_BITS, math.ceil(8 * digits)):
            return found
        bits *= 2


def enclose(value: Element) -> Any:
    """Return an element as an enclosure, or the float that it is."""
    return value if isinstance(value, float) else Enclosure.of(value)


def enclosed(array: Array) -> Any:
    """Return the numbers of an output as enclosures in its shape; one alone without an array."""
    cells = from_numbers([enclose(n.value) for n in array.ravel()], array.shape)
    return cells[()] if array.ndim == 0 else cells


def joined(side: evaluation.Sided) -> Any:
    """Return a derivative that is the same on both sides.

    Raises
    ------
    KinkError
        If the sides differ for certain, or a jump or a flat tie leaves the derivative open.
    """
    if side.values is None:
        return enclose(side.above)
    below, above = enclose(side.below), enclose(side.above)
    values = [enclose(v) for v in side.values]
    if side.flat or isinstance(below, float) or isinstance(above, float):
        agree = False
    else:
        agree = bool((side.below - side.above) == 0) or _overlap(below, above)
    if not agree or not (_overlap(values[0], values[1]) and _overlap(values[0], values[2])):
        raise KinkError(
            "a gradient is taken where the program has the same derivative on both sides",
            found=f"{below} from below and {above} from above, at {side.ties[0]}",
            remedy="move the point off the kink",
        )
    return enclose(side.below) if below == above else Enclosure.of(union([side.below, side.above]))


def _overlap(a: Any, b: Any) -> bool:
    if isinstance(a, float) or isinstance(b, float):
        return bool(a == b)
    return bool(a.lower <= b.upper and b.lower <= a.upper)
