"""How far a float gradient is off, in units of what the rounding of its inputs alone would do.

Guarantees: a score is computed from the certified gradient and the float exactly as it is; its
relative error is below 2**-50.
The score of a component is ``(|error| - f) / (u (|g_i| + sum_j |x_j dg_i/dx_j|))`` and at least 0;
u is the unit roundoff of the dtype, f its least normal number: what underflows is forgiven.
The sum runs over the logits, and over targets and kernel values other than 0 and 1; see
`gradproof.numeric.certified`.

Thresholds: 64 for float32 and float64, 32 for float16 and bfloat16.
A code whose every step is backward stable scores a few units for each step that the data pass
through; the losses here take fewer than ten such steps, apart from sums over classes, whose error
grows with log n in pairwise order.
Measured, stable codes score at most 10 and the weakest code with a defect hundreds.
In the formats of half width 64 units would be a relative error of 3 % (float16) and 25 %
(bfloat16), and libraries sum in float32 there; 32 leaves room for ten steps, and for log n of a
sum whose logarithm is rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import MappingProxyType

from flint import arb

from ...numeric.elements import rational
from ...numeric.floats import FORMATS, FloatFormat, to_fraction, unit_roundoff

THRESHOLDS = MappingProxyType({"float16": 32.0, "bfloat16": 32.0, "float32": 64.0, "float64": 64.0})
"""The largest score that passes, for each dtype."""


def score(found: float, truth: arb, condition: arb, fmt: FloatFormat) -> float:
    """Return the score of one number; infinite if it is not finite.

    Parameters
    ----------
    found
        The float.
    truth
        What it should be.
    condition
        How much a relative error of 1 in the inputs would move it.
    fmt
        The format of the inputs.
    """
    if not math.isfinite(found):
        return math.inf
    error = abs(arb(found) - truth).mid() - least_normal(fmt)
    if not error > 0:
        return 0.0
    scale = (condition * arb(rational(unit_roundoff(fmt)))).mid()
    return float((error / scale).mid()) if scale > 0 else math.inf


def coarse_score(found: float, truth: arb, condition: arb, fmt: FloatFormat) -> float:
    """Return the score as if a number of size 1 had been rounded on the way.

    It is small where an error comes from the cancellation of numbers up to 1, as in ``S_y - 1``.
    """
    return score(found, truth, condition + 1, fmt)


def least_normal(fmt: FloatFormat) -> arb:
    """Return the least normal number of a format."""
    return arb(2) ** fmt.emin


def absolute_error(found: float, truth: arb) -> float:
    """Return ``|found - truth|``; infinite where that has no value."""
    return float(abs(arb(found) - truth).mid()) if math.isfinite(found) else math.inf


def relative_error(found: float, truth: arb) -> float:
    """Return ``|found - truth| / |truth|``; infinite where that has no value."""
    if not math.isfinite(found):
        return math.inf
    error = abs(arb(found) - truth).mid()
    size = abs(truth).mid()
    if size > 0:
        return float((error / size).mid())
    return math.inf if error > 0 else 0.0


def scores(
    found: Sequence[float], truth: Sequence[arb], conditions: Sequence[arb], dtype: str
) -> list[float]:
    """Return the score of each component."""
    fmt = FORMATS[dtype]
    return [score(f, t, c, fmt) for f, t, c in zip(found, truth, conditions, strict=True)]


def is_held_by(value: float, fmt: FloatFormat) -> bool:
    """Tell whether a format holds a number."""
    if not math.isfinite(value):
        return True
    exact = to_fraction(value)
    unit = exact / fmt.smallest
    size = abs(exact.numerator)
    odd = size >> ((size & -size).bit_length() - 1) if size else 0
    return unit.denominator == 1 and odd.bit_length() <= fmt.precision and abs(exact) <= fmt.largest
