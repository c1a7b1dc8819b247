"""Softmax cross-entropy with a label and with targets, without cancellation.

Guarantees and arithmetic: see `gradproof.numeric.stable`.
"""

from __future__ import annotations

from typing import Any

from .arrays import check_logits, one_hot, pair, targets
from .centring import centred
from .pairs import Array, choose, exact_sum
from .softmax import weigh


def softmax_cross_entropy(z: Any, y: Any) -> Array:
    """Return softmax cross-entropy with a label, ``-log S_y``.

    Formula: ``(m - z_y) + log1p(R)`` with m the largest logit and R the sum of ``exp(z_j - m)``
    over the classes other than the first largest one.
    Both terms are positive or 0, so nothing cancels; log(1 + R) loses nothing for a small R, which
    is the loss of a confident sample.

    Parameters
    ----------
    z
        Logits, of shape (..., n).
    y
        Labels, 0 to n - 1, of shape (...).

    Raises
    ------
    DeclarationError
        If the shapes differ, a label is no class or is masked, or a logit is NaN or +infinity.

    Source: Roei Bahumi, "Cross Entropy Loss Derivative"; as `gradproof.losses`.

    >>> import numpy as np
    >>> float(softmax_cross_entropy(np.array([100.0, 0.0, 0.0]), 0))
    7.440151952041672e-44
    """
    logits = check_logits(z)
    label = one_hot(logits, y, masked=False)
    s = weigh(logits)
    return logits.value(s.of(label, s.losses))


def softmax_cross_entropy_gradient(z: Any, y: Any) -> Array:
    """Return the gradient of softmax cross-entropy with a label, ``S_i - delta(i, y)``.

    Formula: ``w_i / T`` for i != y and ``-(T - w_y) / T`` for the label, with weights
    ``w_j = exp(z_j - max z)`` and their sum T.
    ``T - w_y`` is the sum of the other weights: where the label has the largest one it is added up
    without it, elsewhere the difference is at least half of T.

    Parameters, domain, errors and source: as `softmax_cross_entropy`.

    >>> import numpy as np
    >>> softmax_cross_entropy_gradient(np.array([100.0, 0.0]), 0).tolist()
    [-3.720075976020836e-44, 3.720075976020836e-44]
    """
    logits = check_logits(z)
    label = one_hot(logits, y, masked=False)
    s = weigh(logits)
    return logits.gradient((choose(logits.xp, label, -s.others, s.w) / s.total).hi)


def softmax_cross_entropy_soft(z: Any, p: Any) -> Array:
    """Return softmax cross-entropy with targets, ``-sum_j p_j log S_j``.

    Formula: ``sum_j p_j ((m - z_j) + log1p(R))``, m and R as in `softmax_cross_entropy`; no term is
    negative.

    Parameters
    ----------
    z
        Logits, of shape (..., n).
    p
        Targets that are not negative, of shape (..., n) or (n,); they need not sum to 1.

    Raises
    ------
    DeclarationError
        If the shapes differ, a target is negative or not 0 for a masked class, or a logit is NaN or
        +infinity.

    Source: as `softmax_cross_entropy`.

    >>> import numpy as np
    >>> loss = softmax_cross_entropy_soft(np.array([1.0, 2.0, 0.5]), np.array([0.2, 0.5, 0.3]))
    >>> round(float(loss), 12)
    1.114368784108
    """
    logits = check_logits(z)
    p = targets(logits, p, masked=False)
    s = weigh(logits)
    terms = p * logits.xp.where(p > 0, s.losses, 0.0)
    return logits.value(s.sum(pair(terms)).hi)


def softmax_cross_entropy_soft_gradient(z: Any, p: Any) -> Array:
    """Return the gradient of softmax cross-entropy with targets, ``S_i sum_j p_j - p_i``.

    Formula: ``sum_j (S_i p_j - S_j p_i)``, summed as `centring` says: what is left of targets and
    weights that are nearly alike is formed from their differences.

    Parameters, domain, errors and source: as `softmax_cross_entropy_soft`.

    >>> import numpy as np
    >>> softmax_cross_entropy_soft_gradient(np.zeros(3), np.ones(3)).tolist()
    [0.0, 0.0, 0.0]
    >>> softmax_cross_entropy_soft_gradient(np.array([0.0, -90.0]), np.array([1.0, 0.0])).tolist()
    [-8.194012623990515e-40, 8.194012623990515e-40]
    """
    logits = check_logits(z)
    p = targets(logits, p, masked=False)
    s = weigh(logits)
    return logits.gradient(centred(s, pair(p), exact_sum(p, -s.of(s.first, p))).hi)
