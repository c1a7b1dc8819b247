"""The cross-entropy of Keras, whose outputs are clipped, without cancellation.

Guarantees and arithmetic: see `gradproof.numeric.stable`.
On which side of an edge an output lies is decided with twice the digits of the dtype; the outputs
need not be divided by their sum, which is 1.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from ...symbolic.errors import DeclarationError
from .arrays import check_logits, numbers, one_hot, pair, targets
from .centring import centred
from .exponential import parts
from .pairs import Array, Pair, exact_sum
from .softmax import Weights, weigh


def keras_cross_entropy(z: Any, p: Any, epsilon: float = 1e-7) -> Array:
    """Return Keras's cross-entropy, ``-sum_j p_j log clip(S_j, epsilon, 1 - epsilon)``.

    Formula: p_j times ``-log epsilon``, ``-log1p(-epsilon)`` or, inside, the term of
    `softmax_cross_entropy_soft`; no term is negative.

    Parameters
    ----------
    z
        Logits, of shape (..., n).
    p
        Targets that are not negative, of shape (..., n) or (n,); masked classes may have one, since
        their output is clipped.
    epsilon
        How far outputs are kept away from 0 and 1; above 0 and below 1/2.

    Raises
    ------
    DeclarationError
        If the shapes differ, a target is negative, a logit is NaN or +infinity, or epsilon is out
        of its range.

    Source: Data Science Stack Exchange, the question on cross entropy in the keras source; as
    `gradproof.losses`.

    >>> import numpy as np
    >>> loss = keras_cross_entropy(np.array([1.0, 2.0, 0.5]), np.array([0.2, 0.5, 0.3]))
    >>> round(float(loss), 12)
    1.114368784108
    """
    logits = check_logits(z)
    p = targets(logits, p, masked=True)
    return logits.value(_value(weigh(logits), p, epsilon))


def keras_cross_entropy_gradient(z: Any, p: Any, epsilon: float = 1e-7) -> Array:
    """Return the gradient of Keras's cross-entropy with targets.

    Formula: that of `softmax_cross_entropy_soft` with the targets of clipped outputs set to 0.
    Where an output equals an edge there is no derivative, and one of the two sides is taken.

    Parameters, domain, errors and source: as `keras_cross_entropy`.

    >>> import numpy as np
    >>> keras_cross_entropy_gradient(np.array([0.0, 40.0]), np.array([0.5, 0.0])).tolist()
    [0.0, 0.0]
    """
    logits = check_logits(z)
    p = targets(logits, p, masked=True)
    return logits.gradient(_gradient(weigh(logits), p, epsilon))


def keras_cross_entropy_one_hot(z: Any, y: Any, epsilon: float = 1e-7) -> Array:
    """Return Keras's cross-entropy with a label, ``-log clip(S_y, epsilon, 1 - epsilon)``.

    Parameters
    ----------
    z
        Logits, of shape (..., n).
    y
        Labels, 0 to n - 1, of shape (...); a masked one has the loss ``-log epsilon``.
    epsilon
        As for `keras_cross_entropy`.

    Formula, errors and source: as `keras_cross_entropy`.

    >>> import numpy as np
    >>> round(float(keras_cross_entropy_one_hot(np.array([0.0, 40.0]), 0)), 12)
    16.118095650958
    """
    logits = check_logits(z)
    label = one_hot(logits, y, masked=True)
    return logits.value(_value(weigh(logits), numbers(logits, label), epsilon))


def keras_cross_entropy_one_hot_gradient(z: Any, y: Any, epsilon: float = 1e-7) -> Array:
    """Return the gradient of Keras's cross-entropy with a label.

    Formula: that of `softmax_cross_entropy`, or 0 where S_y is clipped.

    Parameters, domain, errors and source: as `keras_cross_entropy_one_hot`.

    >>> import numpy as np
    >>> keras_cross_entropy_one_hot_gradient(np.array([0.0, 15.0]), 1).tolist()
    [3.059022269256247e-07, -3.059022269256247e-07]
    """
    logits = check_logits(z)
    label = one_hot(logits, y, masked=True)
    return logits.gradient(_gradient(weigh(logits), numbers(logits, label), epsilon))


def _value(s: Weights, p: Array, epsilon: float) -> Array:
    xp = s.logits.xp
    below, above = _clipped(s, epsilon)
    inside = xp.where(above, -math.log1p(-epsilon), s.losses)
    return s.sum(pair(p * xp.where(below, -math.log(epsilon), inside))).hi


def _gradient(s: Weights, p: Array, epsilon: float) -> Array:
    below, above = _clipped(s, epsilon)
    kept = s.logits.xp.where(below | above, 0.0, p)
    return centred(s, pair(kept), exact_sum(kept, -s.of(s.first, kept))).hi


def _clipped(s: Weights, epsilon: float) -> tuple[Array, Array]:
    """Return where S_j is below epsilon, and where it is above 1 - epsilon."""
    if not 0 < epsilon < 0.5:
        raise DeclarationError(
            "epsilon is above 0 and below 1/2",
            found=repr(epsilon),
            remedy="Keras takes 1e-7",
        )
    high, low = parts(Fraction(float(epsilon)), s.total.hi.dtype.itemsize, 2)
    edge = s.total * Pair(s.logits.array(high), s.logits.array(low))
    return (s.w - edge).hi < 0, (s.others - edge).hi < 0
