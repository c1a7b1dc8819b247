"""A focal loss with a backward pass of its own, which treats the weight as a constant.

Run ``gradproof exact examples/torch_loss.py:focal --inputs "logits, label"`` to see where that is
not the gradient.
"""

from typing import Any

import torch

GAMMA = 2


class Focal(torch.autograd.Function):
    """The focal loss ``-(1 - S_y)**2 log S_y`` of a softmax."""

    @staticmethod
    def forward(ctx: Any, z: torch.Tensor, y: int) -> torch.Tensor:
        """Return the loss."""
        log_s = torch.log_softmax(z, 0)
        weight = (1 - log_s[y].exp()) ** GAMMA
        ctx.save_for_backward(log_s, weight)
        ctx.label = y
        return -weight * log_s[y]

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor, None]:
        """Return the gradient, as far as its author went."""
        log_s, weight = ctx.saved_tensors
        residual = log_s.exp().clone()
        residual[ctx.label] -= 1
        return upstream[0] * weight * residual, None


def focal(z: torch.Tensor, y: int) -> torch.Tensor:
    """Return the focal loss of logits with a label."""
    return Focal.apply(z, y)  # type: ignore[no-any-return, no-untyped-call]
