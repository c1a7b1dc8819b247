"""Backward passes of losses that PyTorch neither decomposes nor writes in Python.

Each is the definition of ATen's kernel (aten/src/ATen/native/LossMultiMargin.cpp).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import arrays
from .arrays import Array, as_array, to_exact
from .dual import UNIT, ZERO, Dual
from .registry import rule

_REDUCTIONS = ("none", "mean", "sum")


@rule("torch", "multi_margin_loss_backward")
def multi_margin_loss_backward(
    upstream: Array,
    logits: Array,
    label: Array,
    p: int = 1,
    margin: Any = 1,
    weight: Array | None = None,
    reduction: int = 1,
) -> Array:
    """Return the gradient of ``sum_{j != y} max(0, margin - x_y + x_j)**p / n``.

    A term counts where its margin is greater than 0; the label's entry is minus the sum of the
    others.
    """
    rows = np.atleast_2d(logits)
    labels = np.atleast_1d(label)
    count, classes = rows.shape
    result = np.empty(rows.shape, object)
    bound = margin if isinstance(margin, Dual) else to_exact(margin)[()]
    scale = Dual(arrays.exact(classes if reduction != 1 else classes * count))
    over = as_array(upstream)
    for k, (row, y) in enumerate(zip(rows, labels, strict=True)):
        share = (over.ravel()[k] if over.ndim else over[()]) / scale
        own = ZERO
        for j in range(classes):
            distance = bound - row[y] + row[j]
            inside = j != y and distance > 0
            step = (UNIT if p == 1 else distance * 2) * share if inside else ZERO
            if weight is not None:
                step = step * weight[y]
            result[k, j] = step
            own = own - step
        result[k, y] = own
    return result.reshape(logits.shape)
