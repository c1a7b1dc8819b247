"""Losses of logits and their gradients in NumPy, by formulas in which nothing cancels.

Each gradient keeps the dtype of its logits, copes with overflow, underflow and masked classes, and
takes one sample; what a mutant changes about them is then the only thing that is wrong.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def softmax(z: Any) -> Any:
    """Return the shares of the classes."""
    powers = np.exp(z - np.max(z))
    return powers / np.sum(powers)


def hot(z: Any, y: int) -> Any:
    """Return a 1 at the label and zeros, in the dtype of the logits."""
    found = np.zeros_like(z)
    found[y] = 1
    return found


def without(v: Any, k: int, filler: float = 0.0) -> Any:
    """Return a copy with one entry replaced."""
    found = np.copy(v)
    found[k] = filler
    return found


def others(v: Any) -> Any:
    """Return for each entry of numbers >= 0 the sum of all the others.

    The sum less an entry is at least as large as the entry unless that is the largest.
    """
    found = np.sum(v) - v
    top = np.argmax(v)
    found[top] = np.sum(without(v, top))
    return found


def sigmoids(z: Any) -> tuple[Any, Any]:
    """Return the sigmoid of each logit, and of its negative: what is left to 1."""
    power = np.exp(-np.abs(z))
    large, small = 1 / (1 + power), power / (1 + power)
    return np.where(z >= 0, large, small), np.where(z >= 0, small, large)


def ce(z: Any, y: int) -> Any:
    """Return the gradient of CE: ``S_i``, and at the label minus the sum of the others."""
    s = softmax(z)
    return without(s, y, -np.sum(without(s, y)))


def ce_one_hot(z: Any, target: Any) -> Any:
    """Return the gradient of CE, with a one-hot vector."""
    return ce(z, int(np.argmax(target)))


def soft(z: Any, p: Any) -> Any:
    """Return the gradient of CE_p: ``S_i sum_{j != i} p_j - p_i sum_{j != i} S_j``."""
    s = softmax(z)
    return s * others(p) - p * others(s)


def bce(z: Any, p: Any) -> Any:
    """Return the gradient of BCE: ``s_i (1 - p_i) - p_i (1 - s_i)``."""
    s, rest = sigmoids(z)
    return s * (1 - p) - p * rest


def quad(z: Any, y: int) -> Any:
    """Return the gradient of QUAD.

    With sums over the classes but the label it is ``S_i [S_i S_y + sum_k S_k (S_y + S_i - S_k)]``,
    and at the label ``-S_y [(1 - S_y)^2 + sum_k S_k^2]``. The larger of ``S_y`` and ``S_i`` loses
    ``S_k`` before the other is added, and differences of shares come from differences of logits.
    """
    against = without(z, y, -np.inf)
    if np.max(against) == -np.inf:
        return np.zeros_like(z)
    s = softmax(z)
    wrong = without(s, y)
    rest = np.sum(wrong)
    behind = without(-np.expm1(against - np.max(against)) * np.max(wrong), y)
    ahead = s[y] * rest + np.sum(wrong * behind) - behind * rest
    apart = -np.expm1(-np.abs(against - z[y])) * np.where(z > z[y], -s, s[y])
    level = s * rest + np.sum(wrong * apart)
    inner = s * s[y] + np.where(z > z[y], ahead, level)
    return s * without(inner, y, -(rest * rest) - np.sum(wrong * wrong))


def kde(z: Any, k: Any) -> Any:
    """Return the gradient of KDE: ``sum_j (S_i w_j - w_i S_j)``, ``w_j = S_j K_j / sum S K``.

    Each term is ``S_i w_j (K_j - K_i) / K_j`` where ``K_j > K_i``, and else minus the same with i
    and j exchanged, so that equal kernel values contribute 0 exactly. Roots of the ``w_j`` are
    taken, which neither overflow nor underflow before the ``w_j`` do.
    """
    s = softmax(z)
    seen = np.where(k > 0, z, -np.inf)
    top = np.argmax(seen)
    root = np.exp((seen - seen[top]) / 2) * (np.sqrt(k) / np.sqrt(k[top]))
    w = (root / np.max(root)) ** 2
    w = w / np.sum(w)
    above = np.where(k > 0, k, 1)
    found = np.empty_like(z)
    for i in range(len(z)):
        more = np.sum(w * (np.maximum(k - k[i], 0) / above))
        less = np.sum(s * (np.maximum(k[i] - k, 0) / above[i]))
        found[i] = s[i] * more - w[i] * less
    return found


def alt(z: Any, y: int) -> Any:
    """Return the gradient of ALT: ``S_i (2 - sum_j r_j)`` over the j but i and the label.

    ``r_j = S_j / (1 - S_j)``; at the label it is ``-(1 - S_y) - S_y sum_j r_j``. The product
    ``S_i r_top`` is ``S_top`` times the share of i among the classes but the top one, since both
    ``S_i`` and ``1 - S_top`` may underflow. Where the top two are neither i nor the label, 2 less
    their ``r_j`` is one quotient, which is small where they tie.
    """
    s = softmax(z)
    left = others(s)
    top = int(np.argmax(z))
    r = without(without(s / without(left, top, 1.0), top), y)
    found = without(s * (2 - others(r)), y, -left[y] - s[y] * np.sum(r))
    if top == y:
        return found
    lower = without(z, top, -np.inf)
    second, among = int(np.argmax(lower)), softmax(lower)
    found = found - s[top] * among
    if second == y:
        return found
    below = np.sum(without(without(s, top), second))
    lead = -np.expm1(z[second] - z[top]) * s[top]
    both = (below * (left[top] + left[second]) - lead * lead) / left[second]
    rest = among * both - s * others(without(r, second))
    named = np.arange(len(z))
    return np.where((named == top) | (named == second) | (named == y), found, rest)


def ce_value(z: Any, y: int) -> Any:
    """Return CE: the lead of the top over the label, and what the classes behind the top add."""
    top = int(np.argmax(z))
    return np.log1p(np.sum(without(np.exp(z - z[top]), top))) + (z[top] - z[y])


def ce_one_hot_value(z: Any, target: Any) -> Any:
    """Return CE, with a one-hot vector."""
    return ce_value(z, int(np.argmax(target)))


def soft_value(z: Any, p: Any) -> Any:
    """Return CE_p."""
    return sum(p[j] * ce_value(z, j) for j in range(len(z)) if p[j] != 0)


def bce_value(z: Any, p: Any) -> Any:
    """Return BCE."""
    return np.sum(np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0) - z * p)


def quad_value(z: Any, y: int) -> Any:
    """Return QUAD."""
    wrong = without(softmax(z), y)
    return (np.sum(wrong) ** 2 + np.sum(wrong**2)) / 2


def kde_value(z: Any, k: Any) -> Any:
    """Return KDE."""
    return -np.log(np.sum(softmax(z) * k))


def alt_value(z: Any, y: int) -> Any:
    """Return ALT."""
    return ce_value(z, y) - np.sum(np.log(others(softmax(z)))[np.arange(len(z)) != y])


def hinge(z: Any, y: int) -> Any:
    """Return a subgradient of the hinge loss: 0 of a class whose margin is exactly 1."""
    found = without(np.where(1 + z - z[y] > 0, 1, 0).astype(z.dtype), y)
    return without(found, y, -np.sum(found))


def hinge_value(z: Any, y: int) -> Any:
    """Return the hinge loss: the sum of ``max(0, 1 + z_j - z_y)`` over the other classes."""
    return np.sum(without(np.maximum(1 + z - z[y], 0), y))


GRADIENTS = {
    ("CE", "index"): ce,
    ("CE", "one-hot"): ce_one_hot,
    ("CE_p", "soft"): soft,
    ("BCE", "soft"): bce,
    ("QUAD", "index"): quad,
    ("KDE", "kernel"): kde,
    ("ALT", "index"): alt,
    ("HINGE", "index"): hinge,
}
"""The right gradient for each loss and form of its target."""

VALUES = {
    ("CE", "index"): ce_value,
    ("CE", "one-hot"): ce_one_hot_value,
    ("CE_p", "soft"): soft_value,
    ("BCE", "soft"): bce_value,
    ("QUAD", "index"): quad_value,
    ("KDE", "kernel"): kde_value,
    ("ALT", "index"): alt_value,
    ("HINGE", "index"): hinge_value,
}
"""The loss for each."""
