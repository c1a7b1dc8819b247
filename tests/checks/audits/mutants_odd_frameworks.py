"""Losses in PyTorch, JAX and HIPS autograd that look odd and whose mathematics is right."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from mutants_base import ARITHMETIC, RANGE, Implementation, Kind, Kinds, Odd, odd_ones

NONE: Kinds = frozenset()
ROUNDS: Kinds = frozenset({Kind.ROUNDING})
INNER: Kinds = frozenset({Kind.DTYPE})

Table = dict[str, tuple[Implementation, Kinds]]


def of_torch() -> tuple[Odd, ...]:
    """Return those in PyTorch."""
    import torch
    from mutants_torch import bce, ce, ce_of_batch, of_bce, of_ce, of_soft, own, soft
    from torch.nn import functional
    from torch.utils.checkpoint import checkpoint

    def shifted(z: Any, y: Any) -> Any:
        top = z.max().detach()
        return torch.log(torch.exp(z - top).sum()) + top - z[y]

    def in_place(z: Any, y: Any) -> Any:
        moved = z.clone()
        moved -= z.max().detach()
        return ce(moved, y)

    def where_twice(z: Any, p: Any) -> Any:
        logs = torch.log_softmax(z, 0)
        seen = p > 0
        return -torch.where(seen, p * torch.where(seen, logs, 0.0), 0.0).sum()

    plain: Table = {
        "cross_entropy": (lambda z, y: functional.cross_entropy(z, torch.as_tensor(y)), ROUNDS),
        "largest logit detached": (shifted, ROUNDS),
        "gathered": (
            lambda z, y: -torch.log_softmax(z, 0).gather(0, torch.as_tensor(y).reshape(1))[0],
            ROUNDS,
        ),
        "softplus of rivals": (ce, NONE),
        "right backward": (own(ce, of_ce), NONE),
        "two halves": (lambda z, y: ce(z, y) / 2 + ce(z, y) / 2, NONE),
        "in place on a copy": (in_place, NONE),
        "float64 inside": (lambda z, y: ce(z.double(), y).to(z.dtype), INNER),
        "checkpointed": (lambda z, y: checkpoint(ce, z, y, use_reentrant=False), NONE),
        "logarithm of a share": (lambda z, y: -torch.log(torch.softmax(z, 0)[y]), ARITHMETIC),
    }
    targets: Table = {
        "where, twice": (where_twice, ROUNDS),
        "top class apart": (soft, ROUNDS),
        "right backward": (own(soft, of_soft), ROUNDS),
    }
    bits: Table = {
        "with logits": (
            lambda z, p: functional.binary_cross_entropy_with_logits(z, p, reduction="sum"),
            ROUNDS,
        ),
        "right backward": (own(bce, of_bce), NONE),
    }
    batch: Table = {
        "row by row": (ce_of_batch, NONE),
        "cross_entropy": (lambda z, y: functional.cross_entropy(z, y, reduction="sum"), ROUNDS),
    }
    return (
        *odd_ones(plain, "CE", "torch", returns="loss"),
        *odd_ones(targets, "CE_p", "torch", target="soft", returns="loss"),
        *odd_ones(bits, "BCE", "torch", target="soft", returns="loss"),
        *odd_ones(batch, "CE", "torch", returns="loss", options={"reduction": "sum"}),
    )


def of_jax() -> tuple[Odd, ...]:
    """Return those in JAX."""
    import jax
    from jax import lax, numpy as jnp
    from mutants_jax import bce, ce, of_ce, own

    def scanned(z: Any, y: Any) -> Any:
        start = jnp.full((), -jnp.inf, z.dtype)
        return lax.scan(lambda c, v: (jnp.logaddexp(c, v), None), start, z)[0] - z[y]

    def stopped(z: Any, y: Any) -> Any:
        top = lax.stop_gradient(jnp.max(z))
        return jnp.log(jnp.sum(jnp.exp(z - top))) + top - z[y]

    plain: Table = {
        "log_softmax": (lambda z, y: -jax.nn.log_softmax(z)[y], ROUNDS),
        "largest logit stopped": (stopped, ROUNDS),
        "scan": (scanned, ARITHMETIC),
        "compiled": (jax.jit(ce), NONE),
        "right rule": (own(ce, of_ce), NONE),
        "computed again in the backward pass": (jax.checkpoint(ce), NONE),
        "softplus of rivals": (ce, NONE),
        "logarithm of a share": (lambda z, y: -jnp.log(jax.nn.softmax(z)[y]), ARITHMETIC),
    }
    batch: Table = {
        "vmap": (lambda z, y: jnp.sum(jax.vmap(ce)(z, jnp.asarray(y))), NONE),
    }
    return (
        *odd_ones(plain, "CE", "jax", returns="loss"),
        *odd_ones({"softplus": (bce, ROUNDS)}, "BCE", "jax", target="soft", returns="loss"),
        *odd_ones(batch, "CE", "jax", returns="loss", options={"reduction": "sum"}),
    )


def of_autograd() -> tuple[Odd, ...]:
    """Return those for HIPS autograd."""
    from autograd import numpy as anp
    from autograd.scipy.special import logsumexp
    from mutants_autograd import ce, own, softmax
    from mutants_gradients import ce as ce_gradient, ce_value

    plain: Table = {
        "logsumexp": (lambda z, y: logsumexp(z) - z[y], ROUNDS),
        "softplus of rivals": (ce, NONE),
        "right rule": (own(ce_value, lambda g, z, y: g * ce_gradient(z, y)), NONE),
        "no shift": (lambda z, y: anp.log(anp.sum(anp.exp(z))) - z[y], RANGE | ROUNDS),
        "logarithm of a share": (lambda z, y: -anp.log(softmax(z)[y]), ARITHMETIC),
    }
    return odd_ones(plain, "CE", "autograd", returns="loss")


ODD_FRAMEWORKS: tuple[Odd, ...] = (
    *(of_torch() if find_spec("torch") else ()),
    *(of_jax() if find_spec("jax") else ()),
    *(of_autograd() if find_spec("autograd") else ()),
)
"""Right losses of the frameworks that are installed."""
