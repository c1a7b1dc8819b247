"""Losses in JAX that are wrong on purpose: with a rule of their own, and without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
from jax import lax, numpy as jnp
from mutants_base import (
    ONE_DTYPE,
    RANGE,
    STATE,
    WRONG,
    Implementation,
    Kind,
    Mutant,
    mutants,
    stateful,
)

Rule = Callable[..., Any]


def hot(z: Any, y: Any) -> Any:
    """Return True at the label."""
    return jnp.arange(len(z)) == y


def ce(z: Any, y: Any) -> Any:
    """Return CE as the softplus of the other classes' log-sum-exp less the label's logit."""
    if len(z) == 1:
        return 0 * z[0]
    z = z - lax.stop_gradient(jnp.max(z))
    return jax.nn.softplus(jax.nn.logsumexp(jnp.where(hot(z, y), -jnp.inf, z)) - z[y])


def by_label(s: Any, y: Any) -> Any:
    """Return the gradient of CE from its shares."""
    label = hot(s, y)
    return jnp.where(label, -jnp.sum(jnp.where(label, 0, s)), s)


def of_ce(g: Any, z: Any, y: Any) -> Any:
    """Return the gradient of CE, times the upstream gradient."""
    return g * by_label(jax.nn.softmax(z), y)


def bce(z: Any, p: Any) -> Any:
    """Return BCE."""
    return jnp.sum(p * jax.nn.softplus(-z) + (1 - p) * jax.nn.softplus(z))


def of_bce(g: Any, z: Any, p: Any) -> Any:
    """Return the gradient of BCE, times the upstream gradient."""
    return g * (jax.nn.sigmoid(z) * (1 - p) - p * jax.nn.sigmoid(-z))


def own(value: Rule, gradient: Rule) -> Implementation:
    """Return a loss with a rule of its own.

    Parameters
    ----------
    value
        The loss, of logits and target.
    gradient
        Its gradient by the logits, of the upstream gradient, logits and target.
    """

    @jax.custom_vjp
    def loss(z: Any, target: Any) -> Any:
        return value(z, target)

    def forward(z: Any, target: Any) -> Any:
        return value(z, target), (z, target)

    def backward(kept: Any, g: Any) -> Any:
        return gradient(g, *kept), None

    loss.defvjp(forward, backward)
    return lambda z, target: loss(z, target)


def kept_label() -> Implementation:
    """Return a compiled loss for each n whose label is the constant of the first call."""
    compiled: dict[int, Any] = {}

    def value(z: Any, y: Any) -> Any:
        if len(z) not in compiled:
            label = int(y)
            compiled[len(z)] = jax.jit(lambda logits: ce(logits, label))
        return compiled[len(z)](z)

    return value


def new_noise() -> Implementation:
    """Return a loss with other noise in the logits at each call."""
    keys = [jax.random.key(0)]

    def value(z: Any, y: Any) -> Any:
        keys[0], one = jax.random.split(keys[0])
        return ce(z * (1 + 1e-6 * jax.random.normal(one, z.shape, z.dtype)), y)

    return value


def every_tenth() -> Implementation:
    """Return a loss that is a thousandth larger at every tenth call."""
    calls = [0]

    def value(z: Any, y: Any) -> Any:
        calls[0] += 1
        return ce(z, y) * (1.001 if calls[0] % 10 == 0 else 1)

    return value


def decade(z: Any) -> Any:
    """Return the identity with a gradient that lacks its last bits."""
    return z + lax.stop_gradient(jnp.round(z * 1000) / 1000 - z)


UPSTREAM = {
    "upstream left out": own(ce, lambda g, z, y: of_ce(1.0, z, y) + 0 * g),
    "upstream twice": own(ce, lambda g, z, y: g * of_ce(g, z, y)),
}

OWN = {
    "sign": own(ce, lambda g, z, y: -of_ce(g, z, y)),
    "shares clipped at 1e-7 in the rule": own(
        ce, lambda g, z, y: g * by_label(jnp.clip(jax.nn.softmax(z), 1e-7, 1 - 1e-7), y)
    ),
    "next label in the rule": own(ce, lambda g, z, y: of_ce(g, z, (y + 1) % len(z))),
    "factor 1 + 1e-9 in the rule": own(ce, lambda g, z, y: of_ce(g, z, y) * (1 + 1e-9)),
    "gradient of float16 precision": own(
        ce, lambda g, z, y: lax.reduce_precision(of_ce(g, z, y), 5, 10)
    ),
    "zero beyond 88": own(
        ce, lambda g, z, y: jnp.where(jnp.max(jnp.abs(z)) > 88, 0, of_ce(g, z, y))
    ),
    "label behind by 30 and more": own(
        ce, lambda g, z, y: jnp.where(jnp.max(z) - z[y] > 30, 0.5, 1) * of_ce(g, z, y)
    ),
    "tied at the top": own(
        ce, lambda g, z, y: of_ce(g, z, y) / jnp.sum(z == jnp.max(z)).astype(z.dtype)
    ),
    "last class": own(ce, lambda g, z, y: of_ce(g, z, y) * jnp.where(y == len(z) - 1, 1.01, 1)),
    "value 1e-3 too large": own(lambda z, y: ce(z, y) + 1e-3, of_ce),
    "value twice, right gradient": own(lambda z, y: 2 * ce(z, y), of_ce),
    "only n = 5": own(ce, lambda g, z, y: of_ce(g, z, y) * (1.5 if len(z) == 5 else 1)),
}

PLAIN = {
    "temperature 0.999": lambda z, y: ce(z / 0.999, y),
    "softmax twice": lambda z, y: ce(jax.nn.softmax(z), y),
    "normaliser stopped": lambda z, y: lax.stop_gradient(jax.nn.logsumexp(z)) - z[y],
    "label's logit stopped": lambda z, y: jax.nn.logsumexp(z) - lax.stop_gradient(z[y]),
    "label past the end": lambda z, y: ce(z, jnp.minimum(y + 1, len(z) - 1)),
    "1e-12 inside the logarithm": lambda z, y: -jnp.log(jax.nn.softmax(z)[y] + 1e-12),
    "logits clipped at 30": lambda z, y: ce(jnp.clip(z, -30, 30), y),
    "label smoothing 1e-3": lambda z, y: (
        0.999 * ce(z, y) + 0.001 * (jax.nn.logsumexp(z) - jnp.mean(z))
    ),
    "straight-through rounding": lambda z, y: ce(decade(z), y),
    "largest logit for the label": lambda z, y: ce(z, jnp.argmax(z)) + 0 * z[y],
    "gradient doubled, right value": lambda z, y: ce(2 * z - lax.stop_gradient(z), y),
    "share in place of its logarithm": lambda z, y: -jax.nn.softmax(z)[y],
    "powers of 2": lambda z, y: ce(z * 0.6931471805599453, y),
}

FLOATS = {
    "float32 inside": lambda z, y: ce(z.astype(jnp.float32), y).astype(z.dtype),
    "bfloat16 inside": lambda z, y: ce(z.astype(jnp.bfloat16), y).astype(z.dtype),
}


def masked_log(z: Any, p: Any) -> Any:
    """Return CE_p with 0 where the target is 0, chosen after the logarithm was taken."""
    return -jnp.sum(jnp.where(p > 0, p * jnp.log(jax.nn.softmax(z)), 0))


SOFT = {
    "mean over the classes": lambda z, p: -jnp.mean(p * jax.nn.log_softmax(z)),
    "largest target alone": lambda z, p: ce(z, jnp.argmax(p)),
    "targets of the neighbour": lambda z, p: -jnp.sum(jnp.roll(p, 1) * jax.nn.log_softmax(z)),
    "value less the entropy": lambda z, p: jnp.sum(
        jax.scipy.special.xlogy(p, p) - p * jax.nn.log_softmax(z)
    ),
}

BCE = {
    "mean over the classes": lambda z, p: bce(z, p) / len(z),
    "1e-7 inside the logarithms": lambda z, p: (
        -jnp.sum(
            p * jnp.log(jax.nn.sigmoid(z) + 1e-7) + (1 - p) * jnp.log(jax.nn.sigmoid(-z) + 1e-7)
        )
    ),
    "positives alone": lambda z, p: jnp.sum(p * jax.nn.softplus(-z)),
    "sign in the rule": own(bce, lambda g, z, p: -of_bce(g, z, p)),
    "factor 1 + 1e-9 in the rule": own(bce, lambda g, z, p: of_bce(g, z, p) * (1 + 1e-9)),
}

QUAD = {
    "without the factor 1/2": lambda z, y: jnp.sum((jax.nn.softmax(z) - hot(z, y)) ** 2),
    "label's part alone": lambda z, y: (1 - jax.nn.softmax(z)[y]) ** 2 / 2,
}

KDE = {
    "kernel plus 1e-6": lambda z, k: -jnp.log(jnp.sum(jax.nn.softmax(z) * (k + 1e-6))),
    "logarithms averaged": lambda z, k: -jnp.sum(jax.nn.softmax(z) * jnp.log(k + 1e-12)),
    "value times 7": lambda z, k: -jnp.log(jnp.sum(jax.nn.softmax(z) * 7 * k)),
}


def of_batch(axis: int) -> Implementation:
    """Return the summed loss of a batch with a softmax along one axis."""
    return lambda z, y: (
        -jnp.sum(jnp.take_along_axis(jax.nn.log_softmax(z, axis), jnp.asarray(y)[:, None], 1))
    )


BATCH = {
    "softmax along the batch": of_batch(0),
    "mean in place of the sum": lambda z, y: of_batch(1)(z, y) / len(z),
    "every label against every row": lambda z, y: jnp.sum(
        jax.vmap(lambda row: jnp.mean(jax.vmap(lambda label: ce(row, label))(jnp.asarray(y))))(z)
    ),
}

STATEFUL = {
    "noise of 1e-6": new_noise,
    "every 10th call": every_tenth,
}

JAX: tuple[Mutant, ...] = (
    *mutants(UPSTREAM, "CE", "jax", returns="loss", kinds=WRONG | STATE),
    *mutants({**OWN, **PLAIN}, "CE", "jax", returns="loss"),
    *mutants(FLOATS, "CE", "jax", returns="loss", kinds=ONE_DTYPE),
    *mutants(
        {"no shift": lambda z, y: jnp.log(jnp.sum(jnp.exp(z))) - z[y]},
        "CE",
        "jax",
        returns="loss",
        kinds=RANGE,
    ),
    *mutants(SOFT, "CE_p", "jax", target="soft", returns="loss"),
    *mutants(
        {"0 chosen after the logarithm": masked_log},
        "CE_p",
        "jax",
        target="soft",
        returns="loss",
        kinds=RANGE | {Kind.ROUNDING},
    ),
    *mutants(BCE, "BCE", "jax", target="soft", returns="loss"),
    *mutants(QUAD, "QUAD", "jax", returns="loss"),
    *mutants(KDE, "KDE", "jax", target="kernel", returns="loss"),
    *mutants(BATCH, "CE", "jax", returns="loss", options={"reduction": "sum"}, kinds=WRONG | STATE),
    *stateful(STATEFUL, "CE", "jax", returns="loss"),
    *stateful(
        {"label of the first call": kept_label}, "CE", "jax", returns="loss", kinds=STATE | WRONG
    ),
)
"""Wrong losses in JAX."""
