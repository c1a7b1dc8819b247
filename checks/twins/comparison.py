"""What the comparison of two programs found, as a value that prints itself."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from .agreement import Outcome
from .inputs import TwinPoint
from .notebook import comparison_markdown
from .settling import PointVerdict


@dataclass(frozen=True)
class Comparison:
    """What the comparison of two programs at many points found.

    Attributes
    ----------
    question
        ``"backward"`` or ``"forward"``.
    outcome
        DIFFERENT if a point showed it; else the least good of the others that matters.
    digits
        The fewest certified digits of the agreements.
    points
        How many points agreed; those that Hypothesis draws count only if they show a difference.
    kinks
        At how many points branches met, with a valid subgradient.
    undefined, undecided
        At how many points there was nothing to compare, or no decision.
    point, verdict
        The minimal point of a difference and what it showed.
    onset
        Where a difference starts, about, on the way from logits that are all 0; None if there is
        one everywhere, or at no logits.
    remarks
        What the twin reads differently from floats.
    seconds
        Time it took.
    """

    question: str
    outcome: Outcome
    digits: float
    points: int
    kinks: int = 0
    undefined: int = 0
    undecided: int = 0
    point: TwinPoint | None = None
    verdict: PointVerdict | None = None
    onset: TwinPoint | None = None
    remarks: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def is_correct(self) -> bool:
        """Whether points agreed, and none differs beyond the rounding of constants."""
        return self.outcome in (Outcome.AGREES, Outcome.ROUNDED)

    def __str__(self) -> str:
        text = f"{self.headline}{self.detail}"
        return f"{text}. {self.outcome.sentence}"

    @property
    def headline(self) -> str:
        """The outcome in a few words."""
        if self.outcome in (Outcome.AGREES, Outcome.ROUNDED):
            digits = "exactly" if math.isinf(self.digits) else f"to {self.digits:.0f} digits"
            points = "1 point" if self.points == 1 else f"{self.points} points"
            return f"{self.outcome.name} {digits} at {points}"
        return self.outcome.name

    @property
    def detail(self) -> str:
        """The finding with the lines of the program that have to do with it."""
        note = self.verdict.note if self.verdict else ""
        return self.finding + (f" ({note})" if note else "")

    @property
    def finding(self) -> str:
        """The point that shows a difference, with the two values; empty if there is none."""
        if self.verdict is None or self.point is None:
            return ""
        found = self.verdict
        text = f" at {self.point}: {found.where} is {found.expected}, the program's {found.found}"
        text += f", off by {found.gap}" if found.gap else ""
        return text + (f"; from about {self.onset.about()} on" if self.onset else "")

    def _repr_markdown_(self) -> str:
        """Return what a notebook shows: the outcome, and the point that shows a difference."""
        return comparison_markdown(self)

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as JSON data."""
        return {
            "question": self.question,
            "outcome": self.outcome.name,
            "digits": None if math.isinf(self.digits) else self.digits,
            "exact": math.isinf(self.digits) and self.outcome is Outcome.AGREES,
            "points": self.points,
            "kinks": self.kinks,
            "undefined": self.undefined,
            "undecided": self.undecided,
            "point": self.point and self.point.to_json(),
            "where": self.verdict and self.verdict.where,
            "expected": self.verdict and self.verdict.expected,
            "found": self.verdict and self.verdict.found,
            "gap": self.verdict and self.verdict.gap,
            "onset": self.onset and self.onset.about(),
            "remarks": list(self.remarks),
            "seconds": round(self.seconds, 3),
        }
