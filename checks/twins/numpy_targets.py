"""Losses and gradients as people write them by hand in NumPy, as targets.

Some are right, some have the mistakes that are common in such code.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import formulas
from .inputs import Input, label, logits
from .target import Target

_Z, _Y = logits(), label()
_BITS = Input("bits", ("n",), "p")


def _softmax_loss(z: Any, y: int) -> Any:
    """Compute cross-entropy with the largest logit subtracted."""
    shifted = z - np.max(z)
    return np.log(np.sum(np.exp(shifted))) - shifted[y]


def _softmax_gradient(upstream: Any, z: Any, y: int) -> Any:
    e = np.exp(z - np.max(z))
    g = e / np.sum(e)
    g[y] -= 1
    return upstream * g


def _clipped_loss(z: Any, y: int) -> Any:
    """Compute cross-entropy of probabilities that are clipped first."""
    e = np.exp(z - np.max(z))
    p = np.clip(e / np.sum(e), 1e-7, 1 - 1e-7)
    return -np.log(p[y])


def _guarded_loss(z: Any, y: int) -> Any:
    """Compute cross-entropy with a small number inside the logarithm."""
    e = np.exp(z - np.max(z))
    return -np.log(e[y] / np.sum(e) + 1e-12)


def _quadratic_loss(z: Any, y: int) -> Any:
    e = np.exp(z - np.max(z))
    r = e / np.sum(e)
    r[y] -= 1
    return np.sum(r**2) / 2


def _quadratic_gradient(upstream: Any, z: Any, y: int) -> Any:
    e = np.exp(z - np.max(z))
    s = e / np.sum(e)
    r = s - np.eye(len(z))[y]
    return upstream * s * (r - np.dot(s, r))


def _quadratic_diagonal(upstream: Any, z: Any, y: int) -> Any:
    """Compute the gradient with the diagonal of the softmax's Jacobian alone."""
    e = np.exp(z - np.max(z))
    s = e / np.sum(e)
    return upstream * (s - np.eye(len(z))[y]) * s * (1 - s)


def _logistic_loss(z: Any, p: Any) -> Any:
    return np.sum(np.maximum(z, 0) - z * p + np.log1p(np.exp(-np.abs(z))))


def _logistic_gradient(upstream: Any, z: Any, p: Any) -> Any:
    return upstream * (1 / (1 + np.exp(-z)) - p)


def make_targets() -> list[Target]:
    """Return the targets."""
    usual = (1, 2, 3, 5)
    rows: list[tuple[str, Any, Any, tuple[Input, ...], Any, tuple[int, ...]]] = [
        (
            "cross-entropy, shifted",
            _softmax_loss,
            _softmax_gradient,
            (_Z, _Y),
            formulas.cross_entropy,
            usual,
        ),
        (
            "cross-entropy, clipped",
            _clipped_loss,
            _softmax_gradient,
            (_Z, _Y),
            formulas.cross_entropy,
            usual,
        ),
        (
            "cross-entropy, guarded",
            _guarded_loss,
            _softmax_gradient,
            (_Z, _Y),
            formulas.cross_entropy,
            usual,
        ),
        (
            "quadratic",
            _quadratic_loss,
            _quadratic_gradient,
            (_Z, _Y),
            formulas.quadratic,
            usual,
        ),
        (
            "quadratic, diagonal Jacobian",
            _quadratic_loss,
            _quadratic_diagonal,
            (_Z, _Y),
            formulas.quadratic,
            usual,
        ),
        (
            "sigmoid cross-entropy, stable",
            _logistic_loss,
            _logistic_gradient,
            (_Z, _BITS),
            formulas.bce_of_sigmoids,
            (1, 2, 3),
        ),
    ]
    return [
        Target(f"numpy:{name}", program, inputs, intended, "numpy", gradient=gradient, sizes=sizes)
        for name, program, gradient, inputs, intended, sizes in rows
    ]
