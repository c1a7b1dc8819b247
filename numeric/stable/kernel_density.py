"""The cross-entropy of a kernel density with softmax weights, in one bin, without cancellation.

Guarantees and arithmetic: see `gradproof.numeric.stable`.
Where the kernel values are equal the gradient is exactly 0; values close to each other, and values
near the ends of the range of floats, lose nothing.

Weights and kernel values are numbers with exponents of their own, so that a weight that underflows
counts if its kernel value lifts it.
The weights of classes with a positive kernel value are taken from the largest logit among them.
"""

from __future__ import annotations

import math
from typing import Any

from .arrays import Logits, check_logits, kernel_values, pair
from .exponential import exponential
from .pairs import Array, choose, exact_sum, total
from .scaling import greatest_shift
from .softmax import log1p, shifted_logits, weigh
from .wide import Wide, sums_from, sums_up_to, taken


def kde_cross_entropy(z: Any, K: Any) -> Array:
    """Return ``-log sum_j S_j K_j``.

    Formula: ``-log1p(sum_j S_j (K_j - 1))`` where that sum is at most 1/2 in size, so that a mean
    near 1 loses nothing; elsewhere the logarithm of the mean, its exponent taken apart.

    Parameters
    ----------
    z
        Logits, of shape (..., n).
    K
        Kernel values that are not negative, of shape (..., n) or (n,).

    Raises
    ------
    DeclarationError
        If the shapes differ, a kernel value is negative or not finite, none is positive at a class
        that is not masked, or a logit is NaN or +infinity.

    Source: RoboWiki, thread "Property of gradient of cross-entropy loss with kernel density
    estimation", Xor; as `gradproof.losses`.

    >>> import numpy as np
    >>> float(kde_cross_entropy(np.array([0.0, 1000.0]), np.array([1.0, 0.0])))
    1000.0
    """
    logits = check_logits(z)
    K = kernel_values(logits, K)
    xp, n = logits.xp, logits.n
    whole, own = Wide.of(xp, weigh(logits).total), _own_weights(logits, K)
    above_one = Wide.of(xp, exact_sum(K, logits.array(-1.0)))
    excess = (total(_lifted(logits, K, own) * above_one, n) / whole).narrow()
    close = abs(excess.hi) <= 0.5
    mean = (total(own * Wide.of(xp, pair(K)), n) / whole).normal()
    apart = mean.k * math.log(2) + xp.log(mean.pair.hi) - (logits.top - _best(logits, K))
    return logits.value(-xp.where(close, log1p(xp, choose(xp, close, excess, 0.0)), apart))


def kde_cross_entropy_gradient(z: Any, K: Any) -> Array:
    """Return the gradient ``S_i - S_i K_i / sum_j S_j K_j``.

    Formula: ``S_i (A_i - B_i) / sum_j S_j K_j`` with ``A_i = sum S_j (K_j - K_i)`` over the classes
    with K_j > K_i and ``B_i = sum S_j (K_i - K_j)`` over those with K_j < K_i.
    Neither sum cancels; their difference does only where the inputs themselves cause it.
    In the order of K, with the gaps ``d_j = K_(j+1) - K_(j)``, A is the sum from i on of d_j times
    the sum of the weights above, and B the sum up to i of d_j times that of the weights below:
    O(n log n) operations.
    Weights near the largest one are split into 1 and what they exceed it by, and the differences of
    both parts are added last.

    Parameters, domain, errors and source: as `kde_cross_entropy`.

    >>> import numpy as np
    >>> kde_cross_entropy_gradient(np.array([1.0, 2.0, 0.5]), np.array([0.3, 0.3, 0.3])).tolist()
    [0.0, 0.0, 0.0]
    >>> kde_cross_entropy_gradient(np.array([-1000.0, 0.0]), np.array([1e-300, 0.0])).tolist()
    [-1.0, 1.0]
    """
    logits = check_logits(z)
    K = kernel_values(logits, K)
    xp, n = logits.xp, logits.n
    own = _own_weights(logits, K)
    w = _lifted(logits, K, own)
    order = xp.argsort(K, axis=-1)
    ranked = taken(xp, K, order)
    gaps = Wide.of(xp, exact_sum(ranked[..., 1:], -ranked[..., :-1]))
    ones = Wide.of(xp, pair(xp.where(w.narrow().hi > 0.7, logits.array(1.0), logits.array(0.0))))
    one, other = (_leads(part.taken(order), gaps, n) for part in (ones, w + -ones))
    lead = (one + other).taken(xp.argsort(order, axis=-1))
    mean = total(w * Wide.of(xp, pair(K)), n) * Wide.of(xp, weigh(logits).total)
    return logits.gradient((w * lead / mean).narrow().hi)


def _leads(w: Wide, gaps: Wide, n: int) -> Wide:
    """Return ``sum_j w_j (K_j - K_i)`` for each i, in the order of K."""
    above, below = sums_from(w, n).part(1, n), sums_up_to(w, n).part(0, n - 1)
    nothing = Wide.of(w.xp, pair(0 * w.k[..., :1]))
    better = sums_from(gaps * above, n - 1).joined(nothing)
    worse = nothing.joined(sums_up_to(gaps * below, n - 1))
    return better + -worse


def _best(logits: Logits, K: Array) -> Array:
    """Return the largest logit of a class with a positive kernel value, of shape (..., 1)."""
    xp = logits.xp
    matched = (K > 0) & ~logits.masked
    return xp.amax(xp.where(matched, logits.z, -float("inf")), axis=-1, keepdims=True)


def _own_weights(logits: Logits, K: Array) -> Wide:
    """Return ``exp(z_j - max z)``, the maximum for K_j > 0 being that of such classes only."""
    xp = logits.xp
    difference, far = shifted_logits(logits, xp.where(K > 0, _best(logits, K), logits.top))
    power = exponential(xp, difference)
    return Wide.of(xp, choose(xp, far, pair(0 * K), power.f + 1.0), power.k)


def _lifted(logits: Logits, K: Array, own: Wide) -> Wide:
    """Return ``exp(z_j - max z)`` for every class.

    A class with K_j > 0 that is so far below the largest one that S_j is 0 is taken to be less far:
    then only the weights of such classes beside each other matter.
    """
    xp = logits.xp
    gap = exact_sum(_best(logits, K), -logits.top)
    least = -greatest_shift(gap.hi)
    gap = choose(xp, gap.hi < least, pair(least + 0 * gap.hi), gap)
    power = exponential(xp, gap)
    return own * Wide(xp, choose(xp, K > 0, power.f + 1.0, 1.0), xp.where(K > 0, power.k, 0.0))
