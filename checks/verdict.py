"""Verdicts and the evidence they rest on: the closed list of outcomes, each with its sentence.

Guarantees: a verdict keeps everything its methods found, is comparable and JSON-able, and has no
truth value: "not refuted" must never pass for "proved".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NoReturn

from ..numeric.point import Point
from ..symbolic.errors import GradproofError
from .notebook import verdict_markdown


class Outcome(Enum):
    """What is known of a claim; the value is the sentence a report prints."""

    PROVED = "The claim holds for everything in its scope."
    REFUTED = "The claim fails at the exact point shown."
    SUPPORTED = "No proof was found; the claim held at every point tried, which proves nothing."
    UNDECIDED = "Neither a proof nor a counterexample was found."
    UNDEFINED = "The statement has no value in part of its domain."

    @property
    def sentence(self) -> str:
        """The sentence that a report prints."""
        return str(self.value)

    def meets(self, expected: Outcome) -> bool:
        """Tell whether this outcome is what was expected; a proof also meets "supported"."""
        if expected is Outcome.SUPPORTED:
            return self in (Outcome.SUPPORTED, Outcome.PROVED)
        return self is expected


class Finding(Enum):
    """What one method found."""

    PROVES = "proves"
    REFUTES = "refutes"
    SUPPORTS = "supports"
    UNDEFINED = "undefined"
    CONFIRMS = "confirms"
    NOTHING = "finds nothing"
    DID_NOT_RUN = "did not run"


class TruthValueError(GradproofError, TypeError):
    """A verdict was used as a truth value."""


@dataclass(frozen=True)
class Evidence:
    """What one method found, with its figures.

    Attributes
    ----------
    method
        The name of the method.
    finding
        What it found.
    scope
        What the finding covers.
    detail
        One sentence for a reader.
    certificate
        Data with which the finding can be checked again, or None.
    seconds
        Time it took; no part of comparison or of a report.
    repeatable
        False if a faster machine might find more, as where a solver ran out of its time.
    """

    method: str
    finding: Finding
    scope: str
    detail: str
    certificate: Mapping[str, Any] | None = field(default=None, hash=False)
    seconds: float = field(default=0.0, compare=False)
    repeatable: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as JSON data."""
        return {
            "method": self.method,
            "finding": self.finding.value,
            "scope": self.scope,
            "detail": self.detail,
            "certificate": dict(self.certificate) if self.certificate else None,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True)
class Counterexample:
    """An exact point at which a statement fails, with certified figures.

    Attributes
    ----------
    point
        The exact point.
    failing
        The part of the statement that fails, as text.
    figures
        Name and certified value of each side there.
    """

    point: Point
    failing: str
    figures: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return str(self.point)


@dataclass(frozen=True)
class Verdict:
    """The outcome of a claim with its scope and all evidence.

    Attributes
    ----------
    outcome
        One of the closed list.
    scope
        For which n and under which assumptions the outcome holds.
    method
        The method that decided, empty if none did.
    evidence
        What every method found, in the order they ran.
    counterexample
        The exact point of a refutation or of an undefined value, if there is one.
    reason
        Why there is no better outcome, empty for a whole proof.
    partial
        Whether the proof covers only some of the numbers of classes that the claim is about.
    seconds
        Time it took; no part of comparison.
    """

    outcome: Outcome
    scope: str
    method: str
    evidence: tuple[Evidence, ...]
    counterexample: Counterexample | None = None
    reason: str = ""
    partial: bool = False
    seconds: float = field(default=0.0, compare=False)

    def __bool__(self) -> NoReturn:
        raise TruthValueError(
            "a verdict is not a truth value",
            found=self.outcome.name,
            remedy="compare verdict.outcome with Outcome.PROVED",
        )

    @property
    def sentence(self) -> str:
        """What is known, in one sentence; a refutation need not have a point."""
        nowhere = self.outcome is Outcome.REFUTED and self.counterexample is None
        return "The contrary of the claim is proved." if nowhere else self.outcome.sentence

    def meets(self, expected: Outcome) -> bool:
        """Tell whether this is what was expected: a proof is, if it covers the whole claim."""
        whole = not self.partial or expected is not Outcome.PROVED
        return whole and self.outcome.meets(expected)

    def __str__(self) -> str:
        text = f"{self.outcome.name} ({self.scope}) by {self.method or 'no method'}"
        if self.counterexample is not None:
            text += f" at {self.counterexample}"
        return f"{text}. {self.reason or self.outcome.sentence}"

    def _repr_markdown_(self) -> str:
        """Return what a notebook shows: the outcome, its counterexample, the evidence folded."""
        return verdict_markdown(self)

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON data."""
        return {
            "verdict": self.outcome.name,
            "scope": self.scope,
            "method": self.method,
            "evidence": [e.to_json() for e in self.evidence],
            "counterexample": self.counterexample and self.counterexample.point.to_json(),
            "reason": self.reason,
            "seconds": round(self.seconds, 3),
        }
