"""Losses and their backward passes that PyTorch does not decompose, or not rightly.

Each is the definition of ATen's kernel (aten/src/ATen/native/LossMultiMargin.cpp).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import dual
from .arrays import Array, as_array, from_numbers, to_exact
from .dual import UNIT, ZERO, Dual
from .extended import exact
from .registry import rule


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
    scale = Dual(exact(classes if reduction != 1 else classes * count))
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


def _listed(row: Array) -> list[int]:
    """Return the labels before the first -1."""
    labels = [int(t) for t in row]
    return labels[: labels.index(-1)] if -1 in labels else labels


@rule("torch", "multilabel_margin_loss_forward")
def multilabel_margin_loss(
    logits: Array, targets: Array, reduction: int = 1
) -> tuple[Array, Array]:
    """Return ``sum_{t listed, j not} max(0, 1 - x_t + x_j) / n``, and where labels are listed.

    PyTorch's own decomposition counts what stands behind the first -1.
    """
    rows, listed = np.atleast_2d(logits), [_listed(t) for t in np.atleast_2d(targets)]
    losses, marks = [], np.full(rows.shape, ZERO, object)
    for k, (row, own) in enumerate(zip(rows, listed, strict=True)):
        marks[k, own] = UNIT
        others = [j for j in range(len(row)) if j not in own]
        terms = [dual.maximum(UNIT - row[t] + row[j], ZERO) for t in own for j in others]
        losses.append(dual.total(terms) / len(row))
    found = from_numbers(losses, (len(losses),))
    if reduction:
        found = as_array(dual.total(losses) / (len(losses) if reduction == 1 else 1))
    return (found if logits.ndim == 2 else found.reshape(())), marks.reshape(targets.shape)


@rule("torch", "multilabel_margin_loss_backward")
def multilabel_margin_loss_backward(
    upstream: Array,
    logits: Array,
    targets: Array,
    reduction: int,
    marks: Array,  # noqa: ARG001
) -> Array:
    """Return its gradient."""
    rows, over = np.atleast_2d(logits), as_array(upstream)
    result = np.full(rows.shape, ZERO, object)
    scale = rows.shape[1] * (len(rows) if reduction == 1 else 1)
    for k, (row, target) in enumerate(zip(rows, np.atleast_2d(targets), strict=True)):
        own = _listed(target)
        share = (over.ravel()[k] if over.ndim else over[()]) / scale
        for t in own:
            for j in range(len(row)):
                if j not in own and UNIT - row[t] + row[j] > 0:
                    result[k, t] = result[k, t] - share
                    result[k, j] = result[k, j] + share
    return result.reshape(logits.shape)
