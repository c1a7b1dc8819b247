"""The quadratic loss of a softmax with a label and with targets, without cancellation.

Guarantees and arithmetic: see `gradproof.numeric.stable`.

The gradient is ``S_i r_i - S_i sum_j S_j r_j`` with the residuals ``r_j = S_j - p_j``: the form of
`centring` with ``t_j = -S_j r_j``, up to a factor.
"""

from __future__ import annotations

from typing import Any

from .arrays import check_logits, numbers, one_hot, pair, targets
from .centring import centred
from .pairs import Array, Pair, choose, exact_sum
from .softmax import Weights, weigh


def quadratic(z: Any, y: Any) -> Array:
    """Return the quadratic loss with a label, ``1/2 sum_j (S_j - delta(j, y))^2``.

    Formula: half the sum of the squares of ``-(T - w_y) / T`` and of ``w_j / T`` for the others,
    with weights ``w_j = exp(z_j - max z)`` and their sum T, so that ``S_y - 1`` is no difference.

    Parameters
    ----------
    z
        Logits, of shape (..., n).
    y
        Labels, 0 to n - 1, of shape (...); a masked one is allowed, since its residual is -1.

    Raises
    ------
    DeclarationError
        If the shapes differ, a label is no class, or a logit is NaN or +infinity.

    Source: the question on the gradients of the quadratic loss and of cross-entropy, loss L_1; as
    `gradproof.losses`.

    >>> import numpy as np
    >>> float(quadratic(np.array([50.0, 0.0]), 0))
    3.720075976020836e-44
    """
    logits = check_logits(z)
    label = one_hot(logits, y, masked=True)
    return logits.value(_value(weigh(logits), numbers(logits, label)))


def quadratic_gradient(z: Any, y: Any) -> Array:
    """Return the gradient of the quadratic loss with a label.

    Formula: ``S_i sum_j S_j (r_i - r_j)`` with ``r_j = S_j - delta(j, y)`` and
    ``r_y = -(T - w_y) / T``, summed as `quadratic_soft_gradient` says.

    Parameters, domain, errors and source: as `quadratic`.

    >>> import numpy as np
    >>> quadratic_gradient(np.array([50.0, 0.0]), 0).tolist()
    [-7.440151952041672e-44, 7.440151952041672e-44]
    """
    logits = check_logits(z)
    label = one_hot(logits, y, masked=True)
    return logits.gradient(_gradient(weigh(logits), numbers(logits, label)))


def quadratic_soft(z: Any, p: Any) -> Array:
    """Return the quadratic loss with targets, ``1/2 sum_j (S_j - p_j)^2``.

    Formula: half the sum of the squares of ``(1 - p_m) - R / T`` for the first class m with the
    largest weight, R the sum of the other weights, and of ``w_j / T - p_j`` for the others.

    Parameters
    ----------
    z
        Logits, of shape (..., n).
    p
        Targets that are not negative, of shape (..., n) or (n,); they need not sum to 1.

    Raises
    ------
    DeclarationError
        If the shapes differ, a target is negative, or a logit is NaN or +infinity.

    Source: as `quadratic`.

    >>> import numpy as np
    >>> loss = quadratic_soft(np.array([1.0, 2.0, 0.5]), np.array([0.2, 0.5, 0.3]))
    >>> round(float(loss), 14)
    0.02150859586812
    """
    logits = check_logits(z)
    p = targets(logits, p, masked=True)
    return logits.value(_value(weigh(logits), p))


def quadratic_soft_gradient(z: Any, p: Any) -> Array:
    """Return the gradient of the quadratic loss with targets, ``S_i sum_j S_j (r_i - r_j)``.

    Formula: `centring` with ``t_j = -T^2 S_j r_j = w_j (p_j T - w_j)``, divided by T^2 at the end;
    for the first class m with the largest weight ``t_m = p_m R - (1 - p_m)``.
    Differences and the sum of the t_j of near classes are expanded in what their weights
    ``w_j = 1 + f_j`` exceed 1 by: with P the sum of their c targets, W the weights of far classes,

    ``t_j - t_m = T (p_j - p_m + p_j f_j) - f_j (2 + f_j)`` and
    ``sum_j t_j = c (P - 1) + T sum_j p_j f_j + P sum_j f_j - sum_j f_j (2 + f_j) + P W``;

    so ties leave whole numbers, and no rounding.

    Parameters, domain, errors and source: as `quadratic_soft`.

    >>> import numpy as np
    >>> quadratic_soft_gradient(np.zeros(3), np.zeros(3)).tolist()
    [0.0, 0.0, 0.0]
    """
    logits = check_logits(z)
    p = targets(logits, p, masked=True)
    return logits.gradient(_gradient(weigh(logits), p))


def _value(s: Weights, p: Array) -> Array:
    residuals = _residuals(s, p).hi
    return s.sum(pair(residuals * residuals)).hi / 2


def _gradient(s: Weights, p: Array) -> Array:
    p_first = s.of(s.first, p)
    t_first = s.rest * p_first - exact_sum(1.0, -p_first)
    t = choose(s.logits.xp, s.first, t_first, s.w * (s.total * p - s.w))
    bend, curve = s.f * p, s.f * (s.f + 2.0)
    differences = (exact_sum(p, -p_first) + bend) * s.total - curve
    near_p, far_w = s.sum(pair(p), s.near), s.sum(s.w, ~s.near)
    bends = s.sum(bend) * s.total + near_p * s.sum(s.f) - s.sum(curve)
    near_t = (near_p - 1.0) * s.count + bends + near_p * far_w
    return (centred(s, t, differences, near_t) / (s.total * s.total)).hi


def _residuals(s: Weights, p: Array) -> Pair:
    """Return ``S_j - p_j``."""
    first = exact_sum(1.0, -p) - s.rest / s.total
    return choose(s.logits.xp, s.first, first, s.w / s.total - p)
