"""Gradients in NumPy with wrong algebra: signs, factors, sums, labels, another loss."""

from __future__ import annotations

from typing import Any

import numpy as np
from mutants_base import Mutant, mutants
from mutants_gradients import (
    alt,
    bce,
    ce,
    ce_one_hot,
    ce_value,
    hot,
    kde,
    others,
    quad,
    sigmoids,
    soft,
    softmax,
    without,
)


def shares_of_others(z: Any, y: int) -> Any:
    """Return the gradient of CE with the label's power left out of the normaliser."""
    powers = np.exp(z - np.max(z))
    return without(powers / np.sum(without(powers, y)), y, -1.0)


def with_one_more(z: Any, y: int) -> Any:
    """Return the gradient of CE with a class too many, of logit 0."""
    top = max(np.max(z), 0)
    powers = np.exp(z - top)
    s = powers / (np.sum(powers) + np.exp(-top))
    return without(s, y, -np.sum(without(s, y)) - np.exp(-top) / (np.sum(powers) + np.exp(-top)))


def not_normalised(z: Any, y: int) -> Any:
    """Return the gradient of CE without the division by the sum."""
    powers = np.exp(z - np.max(z))
    return without(powers, y, -np.sum(without(powers, y)))


def smoothed(z: Any, y: int) -> Any:
    """Return the gradient for a label that is smoothed by 1e-3."""
    return soft(z, 0.999 * hot(z, y) + np.full_like(z, 0.001 / len(z)))


def base_two(z: Any, y: int) -> Any:
    """Return the gradient of CE with powers of 2."""
    powers = np.exp2(z - np.max(z))
    s = powers / np.sum(powers)
    return without(s, y, -np.sum(without(s, y)))


def focal(z: Any, y: int) -> Any:
    """Return the gradient of the focal loss with exponent 1e-3."""
    left, log_share = np.sum(without(softmax(z), y)), -ce_value(z, y)
    weight = left**0.001 - 0.001 * left ** (-0.999) * (1 - left) * log_share if left > 0 else 1.0
    return weight * ce(z, y)


def numeric(z: Any, y: int) -> Any:
    """Return central differences with a step of 1e-4."""
    step = 1e-4 * np.eye(len(z), dtype=z.dtype)
    return np.array([(ce_value(z + h, y) - ce_value(z - h, y)) / 2e-4 for h in step], z.dtype)


def clockwise(z: Any, y: int) -> Any:
    """Return a softmax Jacobian with rows and columns mixed up, times the derivative of -log."""
    s = softmax(z)
    jacobian = np.outer(s, s)
    np.fill_diagonal(jacobian, -s * others(s))
    return (jacobian / s[:, None])[:, y]


CE = {
    "sign": lambda z, y: -ce(z, y),
    "sign of the other classes": lambda z, y: without(-ce(z, y), y, ce(z, y)[y]),
    "sign at the label": lambda z, y: np.abs(ce(z, y)),
    "no -1 at the label": lambda z, _: softmax(z),
    "label written over with -1": lambda z, y: without(ce(z, y), y, -1.0),
    "zero at the label": lambda z, y: without(ce(z, y), y),
    "S (1 - S) in place of S": lambda z, _: softmax(z) * others(softmax(z)),
    "S (1 - S) times the residual": lambda z, y: softmax(z) * others(softmax(z)) * ce(z, y),
    "1 - S_y in every entry": lambda z, y: np.full_like(z, ce(z, y)[y]),
    "next label": lambda z, y: ce(z, (y + 1) % len(z)),
    "label counted from 1": lambda z, y: ce(z, y - 1),
    "label from the end": lambda z, y: ce(z, -y - 1),
    "largest logit for the label": lambda z, _: ce(z, int(np.argmax(z))),
    "smallest logit for the label": lambda z, _: ce(z, int(np.argmin(z))),
    "softmax of -z": lambda z, y: ce(-z, y),
    "powers of 2": base_two,
    "temperature 0.999": lambda z, y: ce(z / np.asarray(0.999, z.dtype), y),
    "temperature 0.999 and its factor": lambda z, y: ce(z / np.asarray(0.999, z.dtype), y) / 0.999,
    "label smoothing 1e-3": smoothed,
    "focal loss, exponent 1e-3": focal,
    "not normalised": not_normalised,
    "normalised without the label": shares_of_others,
    "one class of logit 0 too many": with_one_more,
    "softmax twice": lambda z, y: ce(softmax(z), y),
    "logits centred, then squared": lambda z, y: ce((z - np.mean(z)) ** 2, y),
    "central differences": numeric,
    "rows and columns of the Jacobian": clockwise,
    "reversed": lambda z, y: ce(z, y)[::-1].copy(),
    "sorted": lambda z, y: np.sort(ce(z, y)),
    "times n": lambda z, y: ce(z, y) * len(z),
    "divided by n": lambda z, y: ce(z, y) / len(z),
    "normed": lambda z, y: ce(z, y) / (np.sqrt(np.sum(ce(z, y) ** 2)) + 1),
    "mean added": lambda z, y: ce(z, y) + np.mean(np.abs(ce(z, y))),
}

ONE_HOT = {
    "sign": lambda z, p: -ce_one_hot(z, p),
    "argmin for the label": lambda z, p: ce(z, int(np.argmin(p))),
    "one-hot from the end": lambda z, p: ce_one_hot(z, p[::-1]),
    "rolled by one": lambda z, p: ce_one_hot(z, np.roll(p, 1)),
    "-p / S: no Jacobian": lambda z, p: -p / softmax(z),
    "derivative by log S": lambda _, p: -p,
}

SOFT = {
    "sign": lambda z, p: -soft(z, p),
    "squared targets": lambda z, p: soft(z, p * p),
    "targets reversed": lambda z, p: soft(z, p[::-1]),
    "last target dropped": lambda z, p: soft(z, without(p, len(p) - 1)),
    "only the largest target": lambda z, p: ce_one_hot(z, p),
    "targets as logits": lambda z, p: soft(z, softmax(p)),
    "no Jacobian": lambda z, p: -p / softmax(z),
    "targets cut to 6 decimals": lambda z, p: soft(z, np.floor(p * 1e6) / 1e6),
    "target of class 0 left out of the sum": lambda z, p: (
        softmax(z) * (others(p) - p[0]) - p * others(softmax(z))
    ),
}


def quad_parts(z: Any, y: int) -> tuple[Any, Any, Any]:
    """Return shares, residual and their product summed over the classes."""
    s = softmax(z)
    r = without(s, y, -np.sum(without(s, y)))
    return s, r, np.sum(s * r)


def quad_no_jacobian(z: Any, y: int) -> Any:
    """Return the derivative by the shares."""
    return quad_parts(z, y)[1]


def quad_diagonal(z: Any, y: int) -> Any:
    """Return the product with the diagonal of the softmax Jacobian alone."""
    s, r, _ = quad_parts(z, y)
    return s * others(s) * r


def quad_plus(z: Any, y: int) -> Any:
    """Return the product with a Jacobian whose outer product has the wrong sign."""
    s, r, total = quad_parts(z, y)
    return s * (r + total)


def quad_no_share(z: Any, y: int) -> Any:
    """Return the product with a Jacobian that lacks the S in front."""
    _, r, total = quad_parts(z, y)
    return r - total


def quad_squares(z: Any, y: int) -> Any:
    """Return the gradient with the sum of squares in place of the sum of the products."""
    s, r, _ = quad_parts(z, y)
    return s * (r - np.sum(s * s))


QUAD = {
    "no Jacobian": quad_no_jacobian,
    "diagonal of the Jacobian": quad_diagonal,
    "sign of the outer product": quad_plus,
    "no S in front": quad_no_share,
    "squares in place of products": quad_squares,
    "without the factor 1/2": lambda z, y: 2 * quad(z, y),
    "mean over the classes": lambda z, y: quad(z, y) / len(z),
    "sign at the label": lambda z, y: np.abs(quad(z, y)),
    "cross-entropy": ce,
    "next label": lambda z, y: quad(z, (y + 1) % len(z)),
}


def kde_of_sums(z: Any, k: Any) -> Any:
    """Return shares less kernel values over their plain sum."""
    return softmax(z) - k / np.sum(k)


def kde_no_shares(z: Any, k: Any) -> Any:
    """Return the derivative by the shares."""
    return -k / np.sum(softmax(z) * k)


KDE = {
    "sign": lambda z, k: -kde(z, k),
    "kernel plus 1e-9": lambda z, k: kde(z, k + np.asarray(1e-9, k.dtype)),
    "kernel squared": lambda z, k: kde(z, k * k),
    "kernel as logits": lambda z, k: softmax(z) - softmax(z + k),
    "kernel over its sum, no shares": kde_of_sums,
    "derivative by the shares": kde_no_shares,
    "kernel of the neighbour": lambda z, k: kde(z, np.roll(k, 1)),
    "largest kernel alone": lambda z, k: ce(z, int(np.argmax(k))),
    "kernel for targets": lambda z, k: soft(z, k / np.sum(k)),
}


def alt_no_coupling(z: Any, y: int) -> Any:
    """Return the gradient without the sum over the other outputs."""
    s = softmax(z)
    return without(2 * s, y, -others(s)[y])


def alt_with_label(z: Any, y: int) -> Any:
    """Return the gradient of a loss in which the label's 1 - S counts as well."""
    s = softmax(z)
    return alt(z, y) - without(s * s[y] / others(s)[y], y, -s[y])


ALT = {
    "cross-entropy": ce,
    "twice cross-entropy: right for n = 2": lambda z, y: 2 * ce(z, y),
    "independent sigmoids": lambda z, y: without(sigmoids(z)[0], y, -sigmoids(z)[1][y]),
    "no coupling": alt_no_coupling,
    "label among the others": alt_with_label,
    "only the part of the others": lambda z, y: alt(z, y) - ce(z, y),
}

BCE = {
    "sign": lambda z, p: -bce(z, p),
    "mean over the classes": lambda z, p: bce(z, p) / len(z),
    "softmax in place of sigmoids": soft,
    "only where the target is": lambda z, p: -p * sigmoids(z)[1],
    "derivative of the sigmoid too many": lambda z, p: bce(z, p) * sigmoids(z)[0] * sigmoids(z)[1],
    "weight 1.001 of the positives": lambda z, p: (
        sigmoids(z)[0] * (1 - p) - 1.001 * p * sigmoids(z)[1]
    ),
    "sigmoid of -z": lambda z, p: bce(-z, p),
    "hard sigmoid": lambda z, p: np.clip(z / 6 + 0.5, 0, 1) - p,
    "Pade approximant of tanh": lambda z, p: 0.5 + z * (60 + z * z) / (240 + 24 * z * z) - p,
    "targets swapped": lambda z, p: bce(z, 1 - p),
}

FORMULAS: tuple[Mutant, ...] = (
    *mutants(CE, "CE"),
    *mutants(ONE_HOT, "CE", target="one-hot"),
    *mutants(SOFT, "CE_p", target="soft"),
    *mutants(QUAD, "QUAD"),
    *mutants(KDE, "KDE", target="kernel"),
    *mutants(ALT, "ALT"),
    *mutants(BCE, "BCE", target="soft"),
)
"""Wrong algebra in NumPy."""
