"""Losses and gradients written with scipy.special as targets."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from . import formulas
from .inputs import Input, label, logits, targets
from .target import Target

_Z, _Y, _P = logits(), label(), targets()
_BITS = Input("bits", ("n",), "p")


def _label_gradient(upstream: Any, z: Any, y: int) -> Any:
    g = special.softmax(z)
    g[y] -= 1
    return upstream * g


def _soft_gradient(upstream: Any, z: Any, p: Any) -> Any:
    return upstream * (special.softmax(z) * np.sum(p) - p)


def _sigmoid_gradient(upstream: Any, z: Any, p: Any) -> Any:
    return upstream * (special.expit(z) - p)


def make_targets() -> list[Target]:
    """Return the targets."""
    usual = (1, 2, 3, 5)
    rows: list[tuple[str, Any, Any, tuple[Input, ...], Any, tuple[int, ...]]] = [
        (
            "logsumexp",
            lambda z, y: special.logsumexp(z) - z[y],
            _label_gradient,
            (_Z, _Y),
            formulas.cross_entropy,
            usual,
        ),
        (
            "log_softmax",
            lambda z, p: -np.dot(p, special.log_softmax(z)),
            _soft_gradient,
            (_Z, _P),
            formulas.cross_entropy_soft,
            usual,
        ),
        (
            "log of softmax",
            lambda z, y: -np.log(special.softmax(z)[y]),
            _label_gradient,
            (_Z, _Y),
            formulas.cross_entropy,
            usual,
        ),
        (
            "rel_entr of softmax",
            lambda z, p: np.sum(special.rel_entr(p, special.softmax(z))),
            _soft_gradient,
            (_Z, _P),
            formulas.kl_of_softmax,
            usual,
        ),
        (
            "log_expit",
            lambda z, p: -np.sum(p * special.log_expit(z) + (1 - p) * special.log_expit(-z)),
            _sigmoid_gradient,
            (_Z, _BITS),
            formulas.bce_of_sigmoids,
            (1, 2, 3),
        ),
        (
            "xlogy of expit",
            lambda z, p: (
                -np.sum(
                    special.xlogy(p, special.expit(z)) + special.xlog1py(1 - p, -special.expit(z))
                )
            ),
            _sigmoid_gradient,
            (_Z, _BITS),
            formulas.bce_of_sigmoids,
            (1, 2, 3),
        ),
    ]
    return [
        Target(f"scipy:{name}", program, inputs, intended, "numpy", gradient=gradient, sizes=sizes)
        for name, program, gradient, inputs, intended, sizes in rows
    ]
