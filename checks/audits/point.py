"""The exact points at which implementations are audited."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ...numeric.implementations.call import Call, Form


@dataclass(frozen=True, slots=True)
class AuditPoint:
    """Logits and a target, exactly.

    Attributes
    ----------
    logits
        One fraction for each class; None for a class that is masked by a logit of -infinity.
    target
        A class counted from 0, or one fraction for each class.
    """

    logits: tuple[Fraction | None, ...]
    target: int | tuple[Fraction, ...]

    @property
    def n(self) -> int:
        """The number of classes."""
        return len(self.logits)

    @property
    def label(self) -> int:
        """The class that the target is, or the first of those it has most of."""
        if isinstance(self.target, int):
            return self.target
        return self.target.index(max(self.target))

    def call(self, form: Form, dtype: str, upstream: float = 1.0) -> Call:
        """Return the call of an implementation that takes targets in this form.

        Numbers that the dtype does not hold would be rounded; the caller sees to it that they are
        held.
        """
        return Call(self.floats(), self.formed(form), dtype, upstream)

    def floats(self) -> np.ndarray[Any, np.dtype[Any]]:
        """Return the logits as float64."""
        return np.array([-np.inf if v is None else float(v) for v in self.logits])

    def formed(self, form: Form) -> Any:
        """Return the target in a form."""
        if isinstance(self.target, int):
            return self.target if form == "index" else np.eye(self.n)[self.target]
        return np.array([float(v) for v in self.target])

    def __str__(self) -> str:
        logits = ", ".join("-inf" if v is None else _spelled(v) for v in self.logits)
        if isinstance(self.target, int):
            return f"z = ({logits}), label {self.target}"
        return f"z = ({logits}), target ({', '.join(map(_spelled, self.target))})"

    def to_json(self) -> dict[str, Any]:
        """Return the point as JSON data: each number as the fraction it is."""
        target = self.target if isinstance(self.target, int) else [str(v) for v in self.target]
        return {
            "logits": ["-inf" if v is None else str(v) for v in self.logits],
            "target": target,
        }


def _spelled(value: Fraction) -> str:
    """Return a float's shortest text; whole numbers without a point."""
    return str(value.numerator) if value.denominator == 1 else repr(float(value))
