"""The result of an audit, as a value that prints itself, worst finding first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ..verdict import TruthValueError
from .finding import Finding


@dataclass(frozen=True, slots=True)
class Worst:
    """The worst score of one regime in one dtype.

    Attributes
    ----------
    score
        The largest score at its points; infinite where a number was NaN or missing.
    points
        How many points were judged.
    undefined
        At how many the intended loss has no gradient and nothing was judged.
    """

    regime: str
    dtype: str
    score: float
    points: int
    undefined: int = 0


@dataclass(frozen=True, slots=True)
class Curve:
    """The score against the margin in one dtype: what the figure of an audit shows.

    Attributes
    ----------
    name
        ``"margin"`` (the label leads) or ``"gap"`` (another class leads).
    margins, scores
        The margins, ascending, and the score at each; infinite where the result is not a number.
    """

    name: str
    dtype: str
    margins: tuple[float, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True)
class Audit:
    """What the audit of an implementation found.

    Attributes
    ----------
    implementation
        Its name, as the user gave it.
    loss
        The title of the intended loss.
    framework
        ``"numpy"``, ``"torch"``, ``"jax"``, ``"keras"`` or ``"autograd"``.
    dtypes
        The dtypes it was audited in.
    findings
        What is wrong, worst first; empty if it passes.
    worst
        The worst score for each dtype and regime.
    curves
        The score against the margin.
    twin
        What the exact twin said, in one sentence for each question; why there is none if so.
    has_twin
        Whether the exact twin judged formula and loss.
    thresholds
        The largest score that passes, for each dtype.
    kinks
        At how many points branches of the loss meet and a valid subgradient was given.
    calls
        How many calls of the implementation were made.
    seed
        Of the points.
    versions
        The versions of what was audited, by name.
    remarks
        What was left out, and why.
    seconds
        Time it took.
    """

    implementation: str
    loss: str
    framework: str
    dtypes: tuple[str, ...]
    findings: tuple[Finding, ...]
    worst: tuple[Worst, ...] = ()
    curves: tuple[Curve, ...] = ()
    twin: tuple[str, ...] = ()
    has_twin: bool = False
    thresholds: Mapping[str, float] = field(default_factory=dict)
    kinks: int = 0
    calls: int = 0
    seed: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def passed(self) -> bool:
        """Whether nothing was found, and every dtype was judged at some point."""
        return not self.findings and not self.unjudged

    @property
    def unjudged(self) -> tuple[str, ...]:
        """The dtypes in which nothing was judged: an audit of these says nothing."""
        judged = {w.dtype for w in self.worst if w.points}
        return tuple(dtype for dtype in self.dtypes if dtype not in judged)

    def __bool__(self) -> NoReturn:
        raise TruthValueError(
            "an audit is not a truth value",
            found=f"{len(self.findings)} findings",
            remedy="ask for audit.passed or audit.findings",
        )

    def __str__(self) -> str:
        from .table import audit_text  # which is about audits, so that it imports this module

        return audit_text(self)

    def _repr_markdown_(self) -> str:
        """Return what a notebook shows: the outcome, the findings, the scores."""
        from .notebook import audit_markdown  # which imports this module, as above

        return audit_markdown(self)

    @property
    def points(self) -> int:
        """At how many points it was judged, those of each dtype counted apart."""
        return sum(w.points for w in self.worst)

    def worst_score(self, dtype: str) -> float:
        """Return the largest score in a dtype; 0 if nothing was judged."""
        return max((w.score for w in self.worst if w.dtype == dtype), default=0.0)

    def to_json(self) -> dict[str, Any]:
        """Return the audit as JSON data; numbers that are not finite are strings."""
        return {
            "implementation": self.implementation,
            "loss": self.loss,
            "framework": self.framework,
            "dtypes": list(self.dtypes),
            "passed": self.passed,
            "unjudged": list(self.unjudged),
            "findings": [f.to_json() for f in self.findings],
            "worst": [
                {
                    "regime": w.regime,
                    "dtype": w.dtype,
                    "score": _finite(w.score),
                    "points": w.points,
                    "undefined": w.undefined,
                }
                for w in self.worst
            ],
            "curves": [
                {
                    "name": c.name,
                    "dtype": c.dtype,
                    "margins": list(c.margins),
                    "scores": [_finite(s) for s in c.scores],
                }
                for c in self.curves
            ],
            "twin": list(self.twin),
            "has_twin": self.has_twin,
            "thresholds": dict(self.thresholds),
            "kinks": self.kinks,
            "calls": self.calls,
            "seed": self.seed,
            "versions": dict(self.versions),
            "remarks": list(self.remarks),
            "seconds": round(self.seconds, 3),
        }


def _finite(score: float) -> float | str:
    return score if abs(score) < float("inf") else str(score)
