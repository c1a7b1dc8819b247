"""Losses as people write them with JAX, for audits."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...symbolic import losses as meant
from .implementation_list import Implementation


def log_softmax(z: Any, target: Any) -> Any:
    """Return the label's entry of a log-softmax."""
    return -jax.nn.log_softmax(z)[target]


def log_softmax_one_hot(z: Any, target: Any) -> Any:
    """Return a log-softmax weighted by the one-hot vector of the label."""
    hot = jax.nn.one_hot(target, z.shape[-1], dtype=z.dtype)
    return -jnp.sum(hot * jax.nn.log_softmax(z))


def log_softmax_soft(z: Any, target: Any) -> Any:
    """Return a log-softmax weighted by the targets."""
    return -jnp.sum(target * jax.nn.log_softmax(z))


def logsumexp(z: Any, target: Any) -> Any:
    """Return log sum exp z - z_y."""
    return jax.nn.logsumexp(z) - z[target]


def naive(z: Any, target: Any) -> Any:
    """Return the logarithm of a softmax."""
    return -jnp.log(jax.nn.softmax(z))[target]


def unshifted(z: Any, target: Any) -> Any:
    """Return the logarithm of a sum of exponentials that nothing keeps small."""
    return jnp.log(jnp.sum(jnp.exp(z))) - z[target]


def log_sigmoid(z: Any, target: Any) -> Any:
    """Return the binary cross-entropy of sigmoids by log-sigmoids."""
    return -jnp.sum(target * jax.nn.log_sigmoid(z) + (1 - target) * jax.nn.log_sigmoid(-z))


def two_sided_naive(z: Any, target: Any) -> Any:
    """Return the binary cross-entropy of softmax outputs by its formula."""
    s = jax.nn.softmax(z)
    return -jnp.sum(target * jnp.log(s) + (1 - target) * jnp.log(1 - s))


def two_sided_where(z: Any, target: Any) -> Any:
    """Return the binary cross-entropy of softmax outputs, the unused logarithms masked."""
    s = jax.nn.softmax(z)
    return -jnp.sum(jnp.where(target == 1, jnp.log(s), jnp.log(1 - s)))


def two_sided_log1p(z: Any, target: Any) -> Any:
    """Return the binary cross-entropy of softmax outputs with log1p(-S)."""
    s = jax.nn.softmax(z)
    return -jnp.sum(target * jnp.log(s) + (1 - target) * jnp.log1p(-s))


def quadratic(z: Any, target: Any) -> Any:
    """Return half the squared distance of a softmax from its target."""
    return jnp.sum((jax.nn.softmax(z) - target) ** 2) / 2


def kde(z: Any, target: Any) -> Any:
    """Return the cross-entropy of a kernel density; the target holds the kernel values."""
    return -jnp.log(jnp.sum(jax.nn.softmax(z) * target))


def make_implementations() -> list[Implementation]:
    """Return the implementations."""
    rows: list[tuple[Any, Any, Any, str]] = [
        (log_softmax, meant.softmax_cross_entropy, "index", "-jax.nn.log_softmax(z)[y]"),
        (
            log_softmax_one_hot,
            meant.softmax_cross_entropy,
            "index",
            "-sum(jax.nn.one_hot(y) jax.nn.log_softmax(z))",
        ),
        (
            log_softmax_soft,
            meant.softmax_cross_entropy_soft,
            "soft",
            "-sum(p jax.nn.log_softmax(z))",
        ),
        (logsumexp, meant.softmax_cross_entropy, "index", "jax.nn.logsumexp(z) - z[y]"),
        (naive, meant.softmax_cross_entropy, "index", "-log(softmax(z))[y]"),
        (unshifted, meant.softmax_cross_entropy, "index", "log(sum(exp(z))) - z[y]"),
        (
            log_sigmoid,
            meant.sigmoid_bce,
            "soft",
            "-sum(p log_sigmoid(z) + (1 - p) log_sigmoid(-z))",
        ),
        (
            two_sided_naive,
            meant.multiclass_bce_one_hot,
            "one-hot",
            "-sum(p log S + (1 - p) log(1 - S))",
        ),
        (
            two_sided_where,
            meant.multiclass_bce_one_hot,
            "one-hot",
            "-sum(where(p == 1, log S, log(1 - S)))",
        ),
        (
            two_sided_log1p,
            meant.multiclass_bce_one_hot,
            "one-hot",
            "-sum(p log S + (1 - p) log1p(-S))",
        ),
        (quadratic, meant.quadratic, "one-hot", "sum((softmax(z) - p)^2) / 2"),
        (kde, meant.kde_cross_entropy, "kernel", "-log(sum(softmax(z) K))"),
    ]
    made = [
        Implementation(f"jax:{f.__name__}", f, loss, target, "jax", description)
        for f, loss, target, description in rows
    ]
    soft = "sum((softmax(z) - p)^2) / 2 with soft targets"
    low = "jax.nn.logsumexp(z) - z[y] in bfloat16"
    return [
        *made,
        Implementation("jax:quadratic_soft", quadratic, meant.quadratic_soft, "soft", "jax", soft),
        Implementation(
            "jax:logsumexp_bfloat16",
            logsumexp,
            meant.softmax_cross_entropy,
            "index",
            "jax",
            low,
            dtypes=("bfloat16",),
        ),
    ]
