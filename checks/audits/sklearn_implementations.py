"""The gradients that scikit-learn's linear models and boosted trees are fitted with, for audits."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn._loss import HalfBinomialLoss, HalfMultinomialLoss

from ...symbolic import losses as meant
from .implementation_list import Implementation


def half_multinomial(z: Any, target: Any) -> Any:
    """Return scikit-learn's gradient of cross-entropy."""
    loss = HalfMultinomialLoss(n_classes=len(z))
    label = np.array([target], dtype=z.dtype)
    return loss.gradient(y_true=label, raw_prediction=z[None])[0]


def half_binomial(z: Any, target: Any) -> Any:
    """Return scikit-learn's gradient of the logistic loss, every class a sample of its own."""
    return HalfBinomialLoss().gradient(y_true=target, raw_prediction=z)


def make_implementations() -> list[Implementation]:
    """Return the implementations; both give the gradient."""
    rows: list[tuple[Any, Any, Any, str]] = [
        (
            half_multinomial,
            meant.softmax_cross_entropy,
            "index",
            "sklearn._loss.HalfMultinomialLoss.gradient",
        ),
        (half_binomial, meant.sigmoid_bce, "soft", "sklearn._loss.HalfBinomialLoss.gradient"),
    ]
    return [
        Implementation(
            f"sklearn:{function.__name__}",
            function,
            loss,
            target,
            "numpy",
            description,
            returns="gradient",
        )
        for function, loss, target, description in rows
    ]
