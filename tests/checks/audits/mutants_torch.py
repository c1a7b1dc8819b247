"""Losses in PyTorch that are wrong on purpose: with a backward of their own, and without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from mutants_base import (
    OF_DTYPE,
    ONE_DTYPE,
    RANGE,
    STATE,
    WRONG,
    Implementation,
    Mutant,
    mutants,
    stateful,
)
from torch.nn import functional

Rule = Callable[..., Any]


def hot(z: Any, y: Any) -> Any:
    """Return True at the label."""
    return torch.arange(len(z)) == y


def ce(z: Any, y: Any) -> Any:
    """Return CE as the softplus of the other classes' log-sum-exp less the label's logit."""
    if len(z) == 1:
        return 0 * z[0]
    z = z - z.max().detach()
    return -functional.logsigmoid(z[y] - torch.logsumexp(z.masked_fill(hot(z, y), -torch.inf), 0))


def ce_of_batch(z: Any, y: Any) -> Any:
    """Return the losses of a batch, summed."""
    return sum(ce(row, label) for row, label in zip(z, y, strict=True))


def by_label(s: Any, y: Any) -> Any:
    """Return the gradient of CE from its shares."""
    label = hot(s, y)
    return torch.where(label, -s.masked_fill(label, 0).sum(), s)


def of_ce(g: Any, z: Any, y: Any) -> Any:
    """Return the gradient of CE, times the upstream gradient."""
    return g * by_label(torch.softmax(z, 0), y)


def bce(z: Any, p: Any) -> Any:
    """Return BCE."""
    return -(p * functional.logsigmoid(z) + (1 - p) * functional.logsigmoid(-z)).sum()


def of_bce(g: Any, z: Any, p: Any) -> Any:
    """Return the gradient of BCE, times the upstream gradient."""
    return g * (torch.sigmoid(z) * (1 - p) - p * torch.sigmoid(-z))


def others(v: Any) -> Any:
    """Return the sum of all the other entries for each entry."""
    rest = v.masked_fill(torch.arange(len(v)) == torch.argmax(v), 0)
    return torch.where(torch.arange(len(v)) == torch.argmax(v), rest.sum(), v.sum() - v)


def soft(z: Any, p: Any) -> Any:
    """Return CE_p: what the classes behind the top add, and how far the top is ahead of targets."""
    top = z.argmax()
    rest = torch.exp(z - z[top]).masked_fill(torch.arange(len(z)) == top, 0).sum()
    return p.sum() * torch.log1p(rest) + torch.where(p > 0, p * (z[top] - z), 0).sum()


def of_soft(g: Any, z: Any, p: Any) -> Any:
    """Return the gradient of CE_p, times the upstream gradient."""
    s = torch.softmax(z, 0)
    return g * (s * others(p) - p * others(s))


def own(value: Rule, gradient: Rule) -> Implementation:
    """Return a loss with a backward of its own.

    Parameters
    ----------
    value
        The loss, of logits and target.
    gradient
        Its gradient by the logits, of the upstream gradient, logits and target.
    """

    class Own(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, z: Any, target: Any) -> Any:
            ctx.save_for_backward(z)
            ctx.target = target
            return value(z, target)

        @staticmethod
        def backward(ctx: Any, *upstream: Any) -> Any:
            return gradient(upstream[0], *ctx.saved_tensors, ctx.target), None

    return lambda z, target: Own.apply(z, target)


def kept_on_the_class() -> Implementation:
    """Return a loss that leaves its logits on the class for the backward pass."""

    class Kept(torch.autograd.Function):
        last: Any = None

        @staticmethod
        def forward(_: Any, z: Any, y: Any) -> Any:
            Kept.last = (z.detach(), y)
            return ce(z, y)

        @staticmethod
        def backward(_: Any, *upstream: Any) -> Any:
            return of_ce(upstream[0], *Kept.last), None

    return lambda z, y: Kept.apply(z, y)


def shifted_in_place() -> Implementation:
    """Return a loss whose forward subtracts the largest logit in place."""

    def value(z: Any, y: Any) -> Any:
        z.sub_(z.max())
        return ce(z, y)

    return own(value, of_ce)


def first_label() -> Implementation:
    """Return a loss that keeps the label's mask of its first call for each n."""
    masks: dict[int, Any] = {}

    def value(z: Any, y: Any) -> Any:
        label = masks.setdefault(len(z), hot(z, y))
        return ce(z, int(torch.argmax(label.long())))

    return value


def gradient_adds_up() -> Implementation:
    """Return a loss whose backward adds to the gradient of the call before, for each n."""
    sums: dict[Any, Any] = {}

    def gradient(g: Any, z: Any, y: Any) -> Any:
        key = (len(z), z.dtype)
        sums[key] = sums.get(key, 0) + of_ce(g, z, y)
        return sums[key].clone()

    return own(ce, gradient)


def hooked(change: Rule) -> Implementation:
    """Return the loss with a hook that changes the gradient."""

    def value(z: Any, y: Any) -> Any:
        inner = z * 1
        if inner.requires_grad:
            inner.register_hook(change)
        return ce(inner, y)

    return value


UPSTREAM = {
    "upstream left out": own(ce, lambda g, z, y: of_ce(1.0, z, y) + 0 * g),
    "upstream twice": own(ce, lambda g, z, y: g * of_ce(g, z, y)),
    "sign of the upstream alone": own(ce, lambda g, z, y: of_ce(torch.sign(g), z, y)),
    "upstream clipped at 1": own(ce, lambda g, z, y: of_ce(g.clamp(-1, 1), z, y)),
}

OWN = {
    "shares clipped at 1e-7 in backward": own(
        ce, lambda g, z, y: g * by_label(torch.softmax(z, 0).clamp(1e-7, 1 - 1e-7), y)
    ),
    "next label in backward": own(ce, lambda g, z, y: of_ce(g, z, (y + 1) % len(z))),
    "logits clipped at 30 in backward": own(ce, lambda g, z, y: of_ce(g, z.clamp(-30, 30), y)),
    "factor 1 + 1e-9 in backward": own(ce, lambda g, z, y: of_ce(g, z, y) * (1 + 1e-9)),
    "zero beyond a lead of 15": own(
        ce, lambda g, z, y: of_ce(g, z, y) * (z[y] - z.min() < 15).to(z.dtype)
    ),
    "value 1e-3 too large": own(lambda z, y: ce(z, y) + 1e-3, of_ce),
    "value twice, right gradient": own(lambda z, y: 2 * ce(z, y), of_ce),
    "value of the largest class": own(lambda z, _: ce(z, int(z.argmax())), of_ce),
    "half beyond 16 classes in backward": own(
        ce, lambda g, z, y: of_ce(g, z, y) * (0.5 if len(z) > 16 else 1)
    ),
}


def kept_normaliser(z: Any, y: Any) -> Any:
    """Return the loss with the normaliser cut out of the graph."""
    return torch.logsumexp(z, 0).detach() - z[y]


def of_log_shares(z: Any, y: Any) -> Any:
    """Return minus the logarithm of a share with 1e-12 added."""
    return -torch.log(torch.softmax(z, 0)[y] + 1e-12)


def straight_through(z: Any, y: Any) -> Any:
    """Return the loss at logits rounded to 3 decimals, with the gradient passed on."""
    return ce(z + (torch.round(z * 1000) / 1000 - z).detach(), y)


PLAIN = {
    "temperature 0.999": lambda z, y: ce(z / 0.999, y),
    "softmax twice": lambda z, y: ce(torch.softmax(z, 0), y),
    "share in place of its logarithm": lambda z, y: -torch.softmax(z, 0)[y],
    "label smoothing 1e-3": lambda z, y: (
        0.999 * ce(z, y) + 0.001 * (torch.logsumexp(z, 0) - z.mean())
    ),
    "normaliser detached": kept_normaliser,
    "label's logit detached": lambda z, y: torch.logsumexp(z, 0) - z[y].detach(),
    "logits clamped at 30": lambda z, y: ce(z.clamp(-30, 30), y),
    "1e-12 inside the logarithm": of_log_shares,
    "gradient doubled, right value": lambda z, y: ce(2 * z - z.detach(), y),
    "straight-through rounding": straight_through,
    "largest logit for the label": lambda z, y: ce(z, int(z.argmax())) + 0 * z[y],
    "mean over the classes": lambda z, y: ce(z, y) / len(z),
    "weight decay 1e-6": lambda z, y: ce(z, y) + 1e-6 * (z**2).sum(),
    "hook that clips": hooked(lambda g: g.clamp(-0.5, 0.5)),
    "hook of 1 + 1e-7": hooked(lambda g: g * (1 + 1e-7)),
    "multi-margin loss": lambda z, y: torch.relu(1 + z - z[y]).sum() - 1,
}

FLOATS = {
    "float32 inside": lambda z, y: ce(z.float(), y).to(z.dtype),
    "bfloat16 inside": lambda z, y: ce(z.bfloat16(), y).to(z.dtype),
}


def by_powers(z: Any, y: Any) -> Any:
    """Return the loss from powers without a shift."""
    return torch.log(torch.exp(z).sum()) - z[y]


BATCH = {
    "mean in place of the sum": lambda z, y: functional.cross_entropy(z, y),
    "class 0 ignored": lambda z, y: functional.cross_entropy(z, y, reduction="sum", ignore_index=0),
    "softmax along the batch": lambda z, y: -torch.log_softmax(z, 0).gather(1, y[:, None]).sum(),
    "labels rolled": lambda z, y: ce_of_batch(z, y.roll(1)),
}


def noisy(z: Any, y: Any) -> Any:
    """Return the loss with noise in the logits."""
    return ce(z * (1 + 1e-6 * torch.randn(len(z)).to(z.dtype)), y)


STATEFUL = {
    "state on the class": kept_on_the_class,
    "shifts its input": shifted_in_place,
    "gradients add up": gradient_adds_up,
    "noise of 1e-6": lambda: noisy,
    "dropout": lambda: lambda z, y: ce(functional.dropout(z, 0.05), y),
}

TORCH: tuple[Mutant, ...] = (
    *mutants(UPSTREAM, "CE", "torch", returns="loss", kinds=WRONG | STATE),
    *mutants({**OWN, **PLAIN}, "CE", "torch", returns="loss"),
    *mutants(FLOATS, "CE", "torch", returns="loss", kinds=ONE_DTYPE),
    *mutants({"no shift": by_powers}, "CE", "torch", returns="loss", kinds=RANGE),
    *mutants(
        {"float64 for every input": lambda z, y: ce(z.double(), y)},
        "CE",
        "torch",
        returns="loss",
        kinds=OF_DTYPE,
    ),
    *mutants(
        BATCH, "CE", "torch", returns="loss", options={"reduction": "sum"}, kinds=WRONG | STATE
    ),
    *stateful(STATEFUL, "CE", "torch", returns="loss"),
    *stateful(
        {"label of the first call": first_label}, "CE", "torch", returns="loss", kinds=STATE | WRONG
    ),
)
"""Wrong losses in PyTorch."""
