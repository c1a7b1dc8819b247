"""Binary cross-entropy of independent sigmoids, without cancellation.

Guarantees and arithmetic: see `gradproof.numeric.stable`.
"""

from __future__ import annotations

from typing import Any

from .arrays import Logits, check_logits, pair, targets
from .exponential import exponential
from .pairs import Array, Pair, choose, exact_sum, total
from .scaling import greatest_shift, shifted
from .softmax import log1p


def sigmoid_bce(z: Any, p: Any) -> Array:
    """Return the binary cross-entropy ``-sum_j [p_j log s_j + (1 - p_j) log(1 - s_j)]``.

    Formula: ``log1p(exp(-|z_j|))`` plus ``(1 - p_j) z_j`` where z_j >= 0, ``-p_j z_j`` elsewhere;
    no term is negative as long as p_j <= 1.

    Parameters
    ----------
    z
        Logits, of shape (..., n); s_j is their sigmoid.
    p
        Targets that are not negative, of shape (..., n) or (n,).

    Raises
    ------
    DeclarationError
        If the shapes differ, a target is negative or not 0 for a masked class, or a logit is NaN or
        +infinity.

    Source: Data Science Stack Exchange, the question on cross entropy in the keras source, first
    answer; as `gradproof.losses`.

    >>> import numpy as np
    >>> float(sigmoid_bce(np.array([100.0, -100.0]), np.array([1.0, 0.0])))
    7.440151952041672e-44
    """
    logits = check_logits(z)
    p = targets(logits, p, masked=False)
    xp, z = logits.xp, logits.z
    steep = xp.where(z >= 0, exact_sum(1.0, -p).hi * z, -p * z)
    terms = xp.where(logits.masked, 0.0, log1p(xp, _weights(logits)) + steep)
    return logits.value(total(pair(terms), logits.n).hi)


def sigmoid_bce_gradient(z: Any, p: Any) -> Array:
    """Return the gradient of the binary cross-entropy, ``s_i - p_i``.

    Formula: with ``w = exp(-|z_i|)`` it is ``((1 - p_i) - p_i w) / (1 + w)`` where z_i >= 0 and
    ``((1 - p_i) w - p_i) / (1 + w)`` elsewhere, so that a target of 1 leaves no difference.

    Parameters, domain, errors and source: as `sigmoid_bce`.

    >>> import numpy as np
    >>> sigmoid_bce_gradient(np.array([100.0, 0.0]), np.array([1.0, 0.5])).tolist()
    [-3.720075976020836e-44, 0.0]
    """
    logits = check_logits(z)
    p = targets(logits, p, masked=False)
    w, missed = _weights(logits), exact_sum(1.0, -p)
    rising, falling = missed - w * p, w * missed - p
    gradient = choose(logits.xp, logits.z >= 0, rising, falling) / (w + 1.0)
    return logits.gradient(logits.xp.where(logits.masked, 0.0, gradient.hi))


def _weights(logits: Logits) -> Pair:
    """Return ``exp(-|z_j|)``."""
    xp, size = logits.xp, abs(logits.z)
    far = size > greatest_shift(size)
    power = exponential(xp, pair(xp.where(far, 0.0, -size)))
    return shifted(xp, power.f + 1.0, xp.where(far, -greatest_shift(size), power.k))
