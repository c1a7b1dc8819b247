"""Losses in PyTorch other than cross-entropy with a label that are wrong on purpose."""

from __future__ import annotations

from typing import Any

import torch
from mutants_base import RANGE, Kind, Mutant, mutants
from mutants_torch import bce, ce, hot, of_bce, of_soft, own, soft
from torch.nn import functional


def masked_log(z: Any, p: Any) -> Any:
    """Return CE_p with 0 where the target is 0, chosen after the logarithm was taken."""
    logs = torch.log(torch.softmax(z, 0))
    return -torch.where(p > 0, p * logs, 0.0).sum()


SOFT = {
    "mean of kl_div": lambda z, p: functional.kl_div(
        torch.log_softmax(z, 0), p, reduction="none"
    ).mean(),
    "value less the entropy": lambda z, p: functional.kl_div(
        torch.log_softmax(z, 0), p, reduction="sum"
    ),
    "targets and shares swapped": lambda z, p: -(torch.softmax(z, 0) * torch.log(p + 1e-12)).sum(),
    "sign in backward": own(soft, lambda g, z, p: -of_soft(g, z, p)),
    "targets reversed in backward": own(soft, lambda g, z, p: of_soft(g, z, p.flip(0))),
    "largest target alone": lambda z, p: ce(z, int(p.argmax())),
}

BCE = {
    "mean over the classes": lambda z, p: functional.binary_cross_entropy_with_logits(z, p),
    "weight 1.001 of the positives": lambda z, p: functional.binary_cross_entropy_with_logits(
        z, p, pos_weight=torch.full_like(z, 1.001), reduction="sum"
    ),
    "probabilities clamped at 1e-7": lambda z, p: functional.binary_cross_entropy(
        torch.sigmoid(z).clamp(1e-7, 1 - 1e-7), p, reduction="sum"
    ),
    "softmax in place of sigmoids": lambda z, p: -(p * torch.log_softmax(z, 0)).sum(),
    "derivative of the sigmoid too many": own(
        bce, lambda g, z, p: of_bce(g, z, p) * torch.sigmoid(z) * torch.sigmoid(-z)
    ),
    "factor 1 + 1e-9 in backward": own(bce, lambda g, z, p: of_bce(g, z, p) * (1 + 1e-9)),
}


QUAD = {
    "mean, without the factor 1/2": lambda z, y: functional.mse_loss(
        torch.softmax(z, 0), hot(z, y).to(z.dtype)
    ),
    "no softmax": lambda z, y: ((z - hot(z, y).to(z.dtype)) ** 2).sum() / 2,
    "label's part alone": lambda z, y: torch.softmax(z, 0).masked_fill(hot(z, y), 0).sum() ** 2 / 2,
}

KDE = {
    "kernel plus 1e-6": lambda z, k: -torch.log((torch.softmax(z, 0) * (k + 1e-6)).sum()),
    "logarithms averaged": lambda z, k: -(torch.softmax(z, 0) * torch.log(k + 1e-12)).sum(),
    "density detached": lambda z, k: (
        -(torch.softmax(z, 0) * k).sum() / (torch.softmax(z, 0) * k).sum().detach()
    ),
    "value times 7": lambda z, k: -torch.log((torch.softmax(z, 0) * 7 * k).sum()),
}

TORCH_LOSSES: tuple[Mutant, ...] = (
    *mutants(SOFT, "CE_p", "torch", target="soft", returns="loss"),
    *mutants(
        {"0 chosen after the logarithm": masked_log},
        "CE_p",
        "torch",
        target="soft",
        returns="loss",
        kinds=RANGE | {Kind.ROUNDING},
    ),
    *mutants(BCE, "BCE", "torch", target="soft", returns="loss"),
    *mutants(QUAD, "QUAD", "torch", returns="loss"),
    *mutants(KDE, "KDE", "torch", target="kernel", returns="loss"),
)
"""Wrong losses in PyTorch that are not cross-entropy with a label."""
