"""What an audit finds, as values that print themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .point import AuditPoint


class Kind(Enum):
    """The class of a finding; the value is the sentence that explains it."""

    FORMULA = "the gradient is not the derivative of the loss, however exact the arithmetic"
    ANOTHER_LOSS = "what is computed, and differentiated rightly, is another loss than the intended"
    ROUNDING = "loss and formula are right, and the rounding of floats loses the result"
    OVERFLOW = "an intermediate number leaves the range of the dtype"
    DOMAIN = "rounding takes an argument out of a function's domain, such as log 0 or 0/0"
    KINK = "at a point where branches of the loss meet, the gradient is no subgradient"
    DTYPE = "the computation runs in another dtype than that of its input"
    PROTOCOL = "the implementation does not behave as a function of its arguments"

    @property
    def text(self) -> str:
        """The name as it is printed: ``another loss`` and so on."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class Stage:
    """From which margin on something is so: ``1 % off from margin 12.1 on``."""

    what: str
    margin: float

    def __str__(self) -> str:
        return f"{self.what} from {self.margin:.4g} on"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What another checker says at the point of a finding.

    Attributes
    ----------
    checker
        Its name, such as ``torch.autograd.gradcheck``.
    passes
        Whether it accepts the implementation there; None if it could not be asked.
    detail
        How it was asked, or why it could not be, in a few words.
    """

    checker: str
    passes: bool | None
    detail: str = ""

    def __str__(self) -> str:
        said = {True: "passes", False: "fails", None: "could not be asked"}[self.passes]
        return f"{self.checker} {said}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True)
class Finding:
    """Something wrong with an implementation.

    Attributes
    ----------
    kind
        Its class.
    dtype
        The dtype of the input.
    regime
        The regime of the point at which it was found.
    where
        What is wrong: ``g[2]`` for a component of the gradient counted from 0, ``the loss``, or a
        check's name.
    expected, found
        What it should be, with certified digits, and what it is.
    score
        How many times worse than the rounding of the inputs; infinite for NaN; NaN where no score
        applies.
    point
        The minimal point; None for what does not depend on one.
    certified
        Whether the exact twin certifies the class.
    note
        More about it in one sentence; empty if there is none.
    margin
        Where it starts: the lead of the label's logit over the largest other one, or what
        `margin_name` says; None where it has no start.
    margin_name
        ``"margin"``, ``"gap"`` (another class leads), ``"offset"``, ``"scale"``, ``"n"``.
    stages
        How it grows with the margin.
    reproducer
        A Python program of a few lines that shows it.
    opinions
        What other checkers say at the point.
    upstream
        What the derivative of the loss was multiplied by, as a chain rule does.
    """

    kind: Kind
    dtype: str
    regime: str
    where: str
    expected: str
    found: str
    score: float = math.nan
    point: AuditPoint | None = None
    certified: bool = False
    note: str = ""
    margin: float | None = None
    margin_name: str = "margin"
    stages: tuple[Stage, ...] = ()
    reproducer: str = ""
    opinions: tuple[Opinion, ...] = ()
    upstream: float = 1.0

    @property
    def onset(self) -> str:
        """Where it starts, as it is printed; empty if that is nowhere in particular."""
        return "" if self.margin is None else f"{self.margin_name} {self.margin:.4g}"

    def to_json(self) -> dict[str, Any]:
        """Return the finding as JSON data."""
        return {
            "class": self.kind.text,
            "dtype": self.dtype,
            "regime": self.regime,
            "where": self.where,
            "expected": self.expected,
            "found": self.found,
            "score": self.score if math.isfinite(self.score) else str(self.score),
            "point": self.point and self.point.to_json(),
            "certified": self.certified,
            "note": self.note,
            "margin": self.margin,
            "margin_name": self.margin_name if self.margin is not None else None,
            "stages": [{"what": s.what, "margin": s.margin} for s in self.stages],
            "upstream": self.upstream,
            "reproducer": self.reproducer,
            "opinions": [
                {"checker": o.checker, "passes": o.passes, "detail": o.detail}
                for o in self.opinions
            ],
        }
