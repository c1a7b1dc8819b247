"""What one exact point shows about two programs, at rising precision.

Guarantees: DIFFERENT is certain at the point; agreement is to the digits asked for; a difference
that the rounding of the programs' own constants explains is told apart from others.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from ...numeric.elements import Element, working_precision
from ...numeric.twins.evaluation import Sided
from ...numeric.twins.run import FIRST_BITS, LAST_BITS, Undecided
from .agreement import Measure, Outcome, shared_digits, spell
from .inputs import TwinPoint


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


_EXPLAINED = (Outcome.AGREES, Outcome.SUBGRADIENT)
"""What a difference may become in a loose run, unless that leaves it open."""


def bits_for(point: TwinPoint) -> int:
    """Return how many bits a number that is not 0 may need to be seen at such a point.

    Softmax outputs fall as the exponential of the range of the logits; four times that is allowed.
    """
    span = float(min(point.range, Fraction(2**20)))
    return min(LAST_BITS, 4 * FIRST_BITS + math.ceil(4 * span / math.log(2)))


class ShapesDiffer(Exception):
    """The gradient has another number of entries than the arguments."""


Entry: TypeAlias = tuple[Measure | None, Any, Element]
"""A component: how it measures, what was expected and what was found."""

Attempt: TypeAlias = Callable[[int, bool, bool], list[Entry]]
"""Measures the components: with how many bits, in a loose run or not, for the last time or not."""


def settle(
    attempt: Attempt,
    point: TwinPoint,
    where: Callable[[int], str],
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
            if outcome is Outcome.AGREES:  # no text, which takes long of long numbers
                return PointVerdict(outcome, min(m[1] for m, _, _ in measured if m))
            digits = 0.0
            explained = outcome is Outcome.DIFFERENT and _is_rounding(attempt, measured, bits)
            with working_precision(bits):
                if explained:
                    outcome, digits = Outcome.ROUNDED, shared_digits(_plain(expected), found)
                gap = _gap(_plain(expected), found)
                name, note = where(place), _note(expected)
                return PointVerdict(outcome, digits, name, _text(expected), spell(found), gap, note)
        bits *= 2


def _text(expected: Element | Sided) -> str:
    if not isinstance(expected, Sided):
        return spell(expected)
    below, above = spell(expected.below), spell(expected.above)
    return above if expected.values is None or below == above else f"{below} | {above}"


def _note(expected: Element | Sided) -> str:
    apart = isinstance(expected, Sided) and expected.ties and "|" in _text(expected)
    return f"branches meet at {expected.ties[0]}" if apart else ""


def _plain(expected: Element | Sided) -> Element:
    return expected.above if isinstance(expected, Sided) else expected


def _gap(expected: Element, found: Element) -> str:
    if isinstance(expected, float) or isinstance(found, float):
        return ""
    return spell(found - expected, 3)


def _worst(measured: list[Entry]) -> Any:
    """Return the worst component; None while some are open and none differs."""
    for entry in measured:
        if entry[0] is not None and entry[0][0] is Outcome.DIFFERENT:
            return entry
    if any(entry[0] is None for entry in measured):
        return None
    return max(measured, key=lambda entry: _ORDER.index(entry[0][0]))  # type: ignore[index]


def _is_rounding(attempt: Attempt, strictly: list[Entry], bits: int) -> bool:
    """Tell whether no component differs once each constant stands for all that round to it.

    Those that differed strictly must now have two values that may be equal.
    """
    enough = max(bits, 4 * FIRST_BITS)
    try:
        with working_precision(enough):
            loosely = attempt(enough, True, False)
    except (Undecided, ShapesDiffer):
        return False
    for (before, _, _), (after, _, _) in zip(strictly, loosely, strict=True):
        if after is not None and after[0] is Outcome.DIFFERENT:
            return False
        differed = before is not None and before[0] is Outcome.DIFFERENT
        if differed and after is not None and after[0] not in _EXPLAINED:
            return False
    return True
