"""Binary cross-entropy of every output of a softmax against the rest, without cancellation.

Guarantees and arithmetic: see `gradproof.numeric.stable`.

The gradient is ``S_i sum_j t_j - t_i`` with ``t_j = (p_j - S_j) / (1 - S_j)``.
With the weights ``w_j = exp(z_j - max z)``, their sum T, the sum R of all but that of the first
largest class m, and ``U_j = T - w_j``, it is computed as follows.

- ``t_j = (p_j T - w_j) / U_j`` for j != m, where U_j is at least half of T.
- If no class is near m, R may be as small as floats go, and t_m as large.
  Only ``S_i t_m = (w_i / R) (p_m - S_m)`` is needed, and ``w_i / R`` is the softmax of the classes
  other than m, computed from their own largest logit.
- If c > 1 classes are near m, all is expanded in what their weights ``w_j = 1 + f_j`` exceed 1 by,
  so that ties leave whole numbers, and no rounding.
  With E the sum of all f_j and of the weights of far classes, ``q_j = 1 - p_j``,
  ``b_j = q_j (E - c f_j) / U_j``, P and Q the sums of the targets of near and of far classes, V the
  sum of ``q_k w_k / U_k`` over far classes k, and other sums over near classes:

  ``(c - 1) sum_j t_j = B + D`` with ``B = c (P - 1) + (c - 1) Q``, ``D = sum_j b_j - (c - 1) V``;
  ``(c - 1)^2 T g_i = (c - 1) (c sum_j (p_j - p_i) + (c - 1) Q + f_i (B + D))
  + E (c - 1 - P - c (c - 2) p_i) - c sum_j q_j f_j + c^2 q_i f_i - (c - 1)^2 V
  - sum_j b_j (E - f_j) + c b_i (E - f_i) - (c - 1) b_i E`` for near i.
"""

from __future__ import annotations

from typing import Any

from ...symbolic.errors import DeclarationError
from .arrays import Logits, check_logits, numbers, one_hot, pair, targets
from .pairs import Array, Pair, choose, exact_product, exact_sum
from .softmax import Weights, weigh


def multiclass_bce_one_hot(z: Any, y: Any) -> Array:
    """Return ``-log S_y - sum_{j != y} log(1 - S_j)``.

    Formula: as `multiclass_bce`.

    Parameters
    ----------
    z
        Logits, of shape (..., n), n >= 2.
    y
        Labels, 0 to n - 1, of shape (...).

    Raises
    ------
    DeclarationError
        If the shapes differ, a label is no class or is masked, fewer than two classes of a sample
        are not masked, or a logit is NaN or +infinity.

    Source: Data Science Stack Exchange, the question on cross entropy in the keras source, second
    formula; as `gradproof.losses`.

    >>> import numpy as np
    >>> float(multiclass_bce_one_hot(np.array([100.0, 0.0]), 0))
    7.440151952041672e-44
    """
    logits = check_logits(z)
    label = one_hot(logits, y, masked=False)
    return logits.value(_value(logits, numbers(logits, label)))


def multiclass_bce_one_hot_gradient(z: Any, y: Any) -> Array:
    """Return the gradient of `multiclass_bce_one_hot`.

    Formula: ``S_i (2 - sum_{j not in (i, y)} S_j / (1 - S_j))`` for i != y and
    ``-(1 - S_y) - S_y sum_{j != y} S_j / (1 - S_j)`` for the label, summed as the module says.

    Parameters, domain, errors and source: as `multiclass_bce_one_hot`.

    >>> import numpy as np
    >>> multiclass_bce_one_hot_gradient(np.array([0.0, 1000.0, 0.0]), 0).tolist()
    [-1.5, 2.0, -0.5]
    """
    logits = check_logits(z)
    label = one_hot(logits, y, masked=False)
    return logits.gradient(_gradient(logits, numbers(logits, label)))


def multiclass_bce(z: Any, p: Any) -> Array:
    """Return ``-sum_j [p_j log S_j + (1 - p_j) log(1 - S_j)]``.

    Formula: ``-log S_j`` as in `softmax_cross_entropy`, ``-log(1 - S_j) = log1p(w_j / U_j)`` for
    j != m and ``log(1 + R) - log R`` for m, with log R from the logits where R underflows; no term
    is negative as long as p_j <= 1.
    Where p_j > 1, ``-log S_j - (p_j - 1) log(w_j / U_j)`` is the same; such terms may cancel those
    of other classes, and no bound on the error is promised.

    Parameters
    ----------
    z
        Logits, of shape (..., n), n >= 2.
    p
        Targets that are not negative, of shape (..., n) or (n,).

    Raises
    ------
    DeclarationError
        If the shapes differ, a target is negative or not 0 for a masked class, fewer than two
        classes of a sample are not masked, or a logit is NaN or +infinity.

    Source: as `multiclass_bce_one_hot`.

    >>> import numpy as np
    >>> float(multiclass_bce(np.array([0.0, 1000.0]), np.array([0.5, 0.5])))
    1000.0
    """
    logits = check_logits(z)
    return logits.value(_value(logits, targets(logits, p, masked=False)))


def multiclass_bce_gradient(z: Any, p: Any) -> Array:
    """Return the gradient of `multiclass_bce`.

    Formula: ``S_i sum_j t_j - t_i`` with ``t_j = (p_j - S_j) / (1 - S_j)``, summed as the module
    says.

    Parameters, domain, errors and source: as `multiclass_bce`.

    >>> import numpy as np
    >>> multiclass_bce_gradient(np.zeros(3), np.zeros(3)).tolist()
    [0.0, 0.0, 0.0]
    """
    logits = check_logits(z)
    return logits.gradient(_gradient(logits, targets(logits, p, masked=False)))


def _weigh_twice(logits: Logits) -> tuple[Weights, Weights]:
    """Return the weights, and those of the classes other than the first largest one."""
    xp = logits.xp
    if not bool(xp.all(xp.sum(~logits.masked, axis=-1) >= 2)):
        raise DeclarationError(
            "a sample has two classes that are not masked",
            found="one",
            remedy="1 - S_j is 0 for a single class: leave the sample out",
        )
    s = weigh(logits)
    masked = logits.masked | s.first
    top = xp.amax(xp.where(masked, -float("inf"), logits.z), axis=-1, keepdims=True)
    z = xp.where(masked, top, logits.z)
    return s, weigh(Logits(xp, z, masked, top, logits.dtype))


def _value(logits: Logits, p: Array) -> Array:
    xp = logits.xp
    s, below = _weigh_twice(logits)
    ample = s.rest.hi > 0.5
    odds = s.w / choose(xp, s.first, choose(xp, ample, s.rest, 1.0), s.others)
    missed = xp.where(s.first, _missing_first(s, below), xp.log1p(odds.hi))
    hit = xp.where(p > 0, s.losses, 0.0)
    excess = (odds - 1.0).hi
    even = (abs(excess) < 0.5) & (ample | ~s.first)
    log_odds = xp.where(even, xp.log1p(xp.where(even, excess, 0.0)), missed - hit)
    terms = xp.where(p > 1, hit - (p - 1) * log_odds, p * hit + exact_sum(1.0, -p).hi * missed)
    return s.sum(pair(terms)).hi


def _missing_first(s: Weights, below: Weights) -> Array:
    """Return ``-log(1 - S_m) = log((1 + R) / R)`` of the first largest class m."""
    xp, rest = s.logits.xp, s.rest.hi
    large, tiny = rest >= 1, rest < 2.0**-60
    from_logits = below.log_total - (s.logits.top - below.logits.top)
    log_rest = xp.where(tiny, from_logits, xp.log(xp.where(tiny, 1.0, rest)))
    return xp.where(large, xp.log1p(1 / xp.where(large, rest, 1.0)), s.log_total - log_rest)


def _gradient(logits: Logits, p: Array) -> Array:
    xp = logits.xp
    s, below = _weigh_twice(logits)
    several = s.count > 1
    p_first = s.of(s.first, p)
    residual = (s.rest * p_first - exact_sum(1.0, -p_first)) / s.total
    t = choose(xp, s.first, 0.0, (s.total * p - s.w) / choose(xp, s.first, 1.0, s.others))
    share, outside = s.w / s.total, s.sum(t)
    tied, tied_sum = _tied(s, p, p_first)
    lowered = share * (choose(xp, several, tied_sum, outside) + 1.0 - t) - p
    lower = lowered + choose(xp, several, 0.0, (below.w / below.total) * residual)
    alone = choose(xp, s.first, share * outside - residual, lower)
    return choose(xp, s.near & several, tied, alone).hi


def _tied(s: Weights, p: Array, p_first: Array) -> tuple[Pair, Pair]:
    """Return the gradient for near classes and ``sum_j t_j``, where several classes are near."""
    xp, far = s.logits.xp, ~s.near
    several = s.count > 1
    more = s.count - xp.where(several, 1.0, 0.0)
    others = choose(xp, s.first & ~several, 1.0, s.others)
    q, steps = exact_sum(1.0, -p), exact_sum(p, -p_first)
    excess = s.sum(s.f) + s.sum(s.w, far)
    bends = q * (excess - s.f * s.count) / others
    near_p, far_p = s.sum(pair(p), s.near), s.sum(pair(p), far) * more
    tails = s.sum(q * s.w / others, far) * more
    total_t = (near_p - 1.0) * s.count + far_p + s.sum(bends, s.near) - tails
    zeroth = (s.sum(steps, s.near) - steps * s.count) * s.count + far_p + s.f * total_t
    slopes, curves = q * s.f, bends * (excess - s.f)
    first = excess * (pair(more) - near_p - exact_product(p, s.count) * (s.count - 2))
    first = first + (slopes * s.count - s.sum(slopes)) * s.count - tails * more
    second = curves * s.count - s.sum(curves, s.near) - bends * excess * more
    gradient = zeroth / pair(more) + (first + second) / exact_product(more, more)
    return gradient / s.total, total_t / pair(more)
