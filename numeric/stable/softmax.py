"""The softmax in parts that never cancel.

Guarantees: the weights ``w_j = exp(z_j - max z)``, what they exceed 1 by, their sum T and the sum R
without the largest one have a relative error of some u² (u the unit roundoff), except where a
weight is below the smallest normal float.
So ``1 - S_y`` is never formed by a subtraction: it is ``(T - w_y) / T``, where at most the largest
class has a weight above half of T, and for that class ``T - w_y`` is the sum R of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .arrays import Logits
from .exponential import exponential
from .pairs import Array, Pair, choose, exact_sum, total
from .scaling import greatest_shift, shifted


@dataclass(frozen=True, slots=True)
class Weights:
    """Softmax weights of samples.

    Attributes
    ----------
    logits
        The logits.
    w
        The weights ``exp(z_j - max z)``; 0 for masked classes.
    f
        What the weights of near classes exceed 1 by, ``exp(z_j - max z) - 1``; 0 elsewhere.
    near
        Which classes have a weight above 0.7: what is small about their differences is in `f`.
    first
        The first class with the largest logit.
    count
        The number of near classes.
    drop
        How far a logit is below the largest one; +infinity for masked classes.
    rest
        The sum R of all weights but that of the first largest class.
    total
        The sum T of all weights.
    """

    logits: Logits
    w: Pair
    f: Pair
    near: Array
    first: Array
    count: Array
    drop: Array
    rest: Pair
    total: Pair

    def sum(self, numbers: Pair, where: Array | None = None) -> Pair:
        """Return the sum over the classes, or over some of them."""
        kept = numbers if where is None else choose(self.logits.xp, where, numbers, 0.0)
        return total(kept, self.logits.n)

    def of(self, which: Array, numbers: Array) -> Array:
        """Return the member of the one class that is marked in each sample."""
        xp = self.logits.xp
        return xp.sum(xp.where(which, numbers, 0.0), axis=-1, keepdims=True)

    @property
    def others(self) -> Pair:
        """The sum of all weights but the class's own, ``T (1 - S_j)``."""
        return choose(self.logits.xp, self.first, self.rest, self.total - self.w)

    @property
    def log_total(self) -> Array:
        """``log T``."""
        return log1p(self.logits.xp, self.rest)

    @property
    def losses(self) -> Array:
        """``-log S_j``; +infinity for masked classes."""
        return self.drop + self.log_total


def weigh(logits: Logits) -> Weights:
    """Return the weights of logits."""
    xp = logits.xp
    difference, far = shifted_logits(logits, logits.top)
    power = exponential(xp, difference)
    near = (power.k == 0) & ~far
    w = shifted(xp, power.f + 1.0, xp.where(far, -greatest_shift(difference.hi), power.k))
    f = choose(xp, near, power.f, 0.0)
    first = logits.classes == xp.argmax(
        xp.where(logits.masked, -float("inf"), logits.z), axis=-1, keepdims=True
    )
    count = xp.sum(xp.where(near, 1.0 + 0 * w.hi, 0.0), axis=-1, keepdims=True)
    excess = total(f, logits.n) + total(choose(xp, near, Pair(0 * w.hi, 0 * w.hi), w), logits.n)
    drop = xp.where(logits.masked, float("inf"), logits.top - logits.z)
    rest = excess + (count - 1)
    return Weights(logits, w, f, near, first, count, drop, rest, rest + 1.0)


def shifted_logits(logits: Logits, reference: Array) -> tuple[Pair, Array]:
    """Return ``z - reference`` without error, and which classes are masked or too far below.

    Too far is where the exponential is below every float even when a kernel value lifts it; there,
    as for a masked class, the difference is 0.
    """
    xp = logits.xp
    far = logits.masked | (logits.z - reference < -greatest_shift(logits.z))
    return exact_sum(xp.where(far, reference, logits.z), -reference), far


def log1p(xp: Any, x: Pair) -> Array:
    """Return ``log(1 + x)`` for a pair above -1."""
    return xp.log1p(x.hi) + x.lo / (1 + x.hi)
