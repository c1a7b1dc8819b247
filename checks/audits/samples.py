"""Harmless points at which an implementation is called first.

Guarantees: every float format holds the numbers.
"""

from __future__ import annotations

from fractions import Fraction

from .options import Options
from .point import AuditPoint


def shares(n: int, label: int) -> tuple[Fraction, ...]:
    """Return probabilities that differ and sum to 1."""
    values = [Fraction(1, 2 ** (k + 2)) for k in range(n - 1)]
    values.insert(label, 1 - sum(values, Fraction(0)))
    return tuple(values)


def sample_point(options: Options, n: int) -> AuditPoint:
    """Return a moderate point of n classes, of the kind that the implementation takes."""
    logits = tuple(Fraction(3 * k % 5 - 2, 4) for k in range(n))
    if options.takes != "logits":
        logits = shares(n, 0)
    if options.form in ("index", "one-hot"):
        return AuditPoint(logits, 0)
    return AuditPoint(logits, tuple(Fraction(int(k == 0)) for k in range(n)))
