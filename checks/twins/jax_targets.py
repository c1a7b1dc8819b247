"""JAX's own building blocks of losses as targets."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from . import formulas
from .inputs import Input, label, logits, one_hot, targets
from .target import Target

_Z, _Y, _P = logits(), label(), targets()
_BITS = Input("bits", ("n",), "p")


def _two_sided(z: Any, y: int) -> Any:
    s = jax.nn.softmax(z)
    return -jnp.log(s[y]) - jnp.sum(jnp.log(1 - jnp.delete(s, y)))


def make_targets() -> list[Target]:
    """Return the targets."""
    rows: list[tuple[str, Any, tuple[Input, ...], Any, tuple[int, ...]]] = [
        (
            "log_softmax",
            lambda z, y: -jax.nn.log_softmax(z)[y],
            (_Z, _Y),
            formulas.cross_entropy,
            (1, 2, 3, 5),
        ),
        (
            "logsumexp",
            lambda z, y: jax.nn.logsumexp(z) - z[y],
            (_Z, _Y),
            formulas.cross_entropy,
            (1, 2, 3, 5),
        ),
        (
            "log of softmax",
            lambda z, p: -jnp.sum(p * jnp.log(jax.nn.softmax(z))),
            (_Z, _P),
            formulas.cross_entropy_soft,
            (1, 2, 3, 5),
        ),
        ("two-sided log of softmax", _two_sided, (_Z, _Y), formulas.bce_of_softmax, (2, 3, 5)),
        (
            "log_sigmoid",
            lambda z, p: -jnp.sum(p * jax.nn.log_sigmoid(z) + (1 - p) * jax.nn.log_sigmoid(-z)),
            (_Z, _BITS),
            formulas.bce_of_sigmoids,
            (1, 2, 3),
        ),
        (
            "softmax, squared",
            lambda z, p: jnp.sum((jax.nn.softmax(z) - p) ** 2) / 2,
            (_Z, one_hot(name="p")),
            formulas.quadratic_soft,
            (1, 2, 3, 5),
        ),
        (
            "kl_div of softmax",
            lambda z, p: jnp.sum(jax.scipy.special.kl_div(p, jax.nn.softmax(z))),
            (_Z, _P),
            formulas.kl_of_softmax,
            (1, 2, 3),
        ),
    ]
    return [
        Target(f"jax:{name}", program, inputs, intended, "jax", sizes=sizes)
        for name, program, inputs, intended, sizes in rows
    ]
