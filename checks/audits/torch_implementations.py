"""PyTorch's losses, and losses as people write them with PyTorch, for audits."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's custom)

from ...symbolic import losses as meant
from .implementation_list import Implementation


def nll_of_log_softmax(z: Any, target: Any) -> Any:
    """Return the negative log-likelihood of a log-softmax."""
    return F.nll_loss(F.log_softmax(z, -1), target)


def logsumexp(z: Any, target: Any) -> Any:
    """Return log sum exp z - z_y."""
    return torch.logsumexp(z, -1) - z[target]


def naive(z: Any, target: Any) -> Any:
    """Return the logarithm of a softmax."""
    return -torch.log(F.softmax(z, -1))[target]


def naive_soft(z: Any, target: Any) -> Any:
    """Return the logarithms of a softmax, weighted by the targets."""
    return -(target * torch.log(F.softmax(z, -1))).sum()


def guarded(z: Any, target: Any) -> Any:
    """Return the logarithm of a softmax, with a small number against log 0."""
    return -torch.log(F.softmax(z, -1)[target] + 1e-12)


def bce_with_logits(z: Any, target: Any) -> Any:
    """Return PyTorch's binary cross-entropy with logits, summed over the classes."""
    return F.binary_cross_entropy_with_logits(z, target, reduction="sum")


def bce_of_sigmoid(z: Any, target: Any) -> Any:
    """Return PyTorch's binary cross-entropy of sigmoids, summed over the classes."""
    return F.binary_cross_entropy(torch.sigmoid(z), target, reduction="sum")


def bce_of_softmax(z: Any, target: Any) -> Any:
    """Return PyTorch's binary cross-entropy of softmax outputs, summed over the classes."""
    return F.binary_cross_entropy(F.softmax(z, -1), target, reduction="sum")


def two_sided_naive(z: Any, target: Any) -> Any:
    """Return the binary cross-entropy of softmax outputs by its formula."""
    s = F.softmax(z, -1)
    return -(target * torch.log(s) + (1 - target) * torch.log(1 - s)).sum()


def two_sided_where(z: Any, target: Any) -> Any:
    """Return the binary cross-entropy of softmax outputs, the unused logarithms masked."""
    s = F.softmax(z, -1)
    return -torch.where(target == 1, torch.log(s), torch.log(1 - s)).sum()


def two_sided_log1p(z: Any, target: Any) -> Any:
    """Return the binary cross-entropy of softmax outputs with log1p(-S)."""
    s = F.softmax(z, -1)
    return -(target * torch.log(s) + (1 - target) * torch.log1p(-s)).sum()


def quadratic(z: Any, target: Any) -> Any:
    """Return half the squared distance of a softmax from its target."""
    return ((F.softmax(z, -1) - target) ** 2).sum() / 2


def kde(z: Any, target: Any) -> Any:
    """Return the cross-entropy of a kernel density; the target holds the kernel values."""
    return -torch.log((F.softmax(z, -1) * target).sum())


def kde_logsumexp(z: Any, target: Any) -> Any:
    """Return the cross-entropy of a kernel density as a difference of two logsumexp."""
    return torch.logsumexp(z, -1) - torch.logsumexp(z + torch.log(target), -1)


def make_implementations() -> list[Implementation]:
    """Return the implementations."""

    def one(
        name: str, function: Any, loss: Any, target: Any, description: str, **more: Any
    ) -> Implementation:
        return Implementation(f"torch:{name}", function, loss, target, "torch", description, **more)

    return [
        one(
            "cross_entropy",
            F.cross_entropy,
            meant.softmax_cross_entropy,
            "index",
            "F.cross_entropy, the mean of a batch",
            reduction="mean",
        ),
        one(
            "cross_entropy_soft",
            F.cross_entropy,
            meant.softmax_cross_entropy_soft,
            "soft",
            "F.cross_entropy with soft targets, the mean of a batch",
            reduction="mean",
        ),
        one(
            "nll_of_log_softmax",
            nll_of_log_softmax,
            meant.softmax_cross_entropy,
            "index",
            "F.nll_loss of F.log_softmax, the mean of a batch",
            reduction="mean",
        ),
        one(
            "logsumexp",
            logsumexp,
            meant.softmax_cross_entropy,
            "index",
            "torch.logsumexp(z) - z[y]",
        ),
        one(
            "logsumexp_bfloat16",
            logsumexp,
            meant.softmax_cross_entropy,
            "index",
            "torch.logsumexp(z) - z[y] in bfloat16",
            dtypes=("bfloat16",),
        ),
        one("naive", naive, meant.softmax_cross_entropy, "index", "-log(softmax(z))[y]"),
        one(
            "naive_soft",
            naive_soft,
            meant.softmax_cross_entropy_soft,
            "soft",
            "-sum(p log(softmax(z)))",
        ),
        one(
            "guarded", guarded, meant.softmax_cross_entropy, "index", "-log(softmax(z)[y] + 1e-12)"
        ),
        one(
            "bce_with_logits",
            bce_with_logits,
            meant.sigmoid_bce,
            "soft",
            "F.binary_cross_entropy_with_logits, summed",
            reduction="sum",
        ),
        one(
            "bce_of_sigmoid",
            bce_of_sigmoid,
            meant.sigmoid_bce,
            "soft",
            "F.binary_cross_entropy of sigmoids, summed",
            reduction="sum",
        ),
        one(
            "bce_of_softmax",
            bce_of_softmax,
            meant.multiclass_bce_one_hot,
            "one-hot",
            "F.binary_cross_entropy of a softmax, summed",
            reduction="sum",
        ),
        one(
            "bce_of_softmax_soft",
            bce_of_softmax,
            meant.multiclass_bce,
            "soft",
            "F.binary_cross_entropy of a softmax with soft targets, summed",
            reduction="sum",
        ),
        one(
            "two_sided_naive",
            two_sided_naive,
            meant.multiclass_bce_one_hot,
            "one-hot",
            "-sum(p log S + (1 - p) log(1 - S))",
            reduction="sum",
        ),
        one(
            "two_sided_where",
            two_sided_where,
            meant.multiclass_bce_one_hot,
            "one-hot",
            "-sum(where(p == 1, log S, log(1 - S)))",
            reduction="sum",
        ),
        one(
            "two_sided_log1p",
            two_sided_log1p,
            meant.multiclass_bce_one_hot,
            "one-hot",
            "-sum(p log S + (1 - p) log1p(-S))",
            reduction="sum",
        ),
        one(
            "quadratic",
            quadratic,
            meant.quadratic,
            "one-hot",
            "sum((softmax(z) - p)^2) / 2",
            reduction="sum",
        ),
        one(
            "quadratic_soft",
            quadratic,
            meant.quadratic_soft,
            "soft",
            "sum((softmax(z) - p)^2) / 2 with soft targets",
            reduction="sum",
        ),
        one("kde", kde, meant.kde_cross_entropy, "kernel", "-log(sum(softmax(z) K))"),
        one(
            "kde_logsumexp",
            kde_logsumexp,
            meant.kde_cross_entropy,
            "kernel",
            "torch.logsumexp(z) - torch.logsumexp(z + log(K))",
        ),
    ]
