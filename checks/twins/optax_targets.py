"""Optax's losses as targets."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import optax.losses as losses

from . import formulas
from .inputs import Input, label, logits, numbers, one_hot, targets
from .target import Target

_Z, _Y, _P = logits(), label(), targets()
_HOT = one_hot(name="p")
_BITS = Input("bits", ("n",), "p")
_X, _T = numbers("n"), numbers("n", name="t")
_SIGNS = Input("signs", ("n",), "t")
_FRAMES, _SYMBOLS = 4, 3


def _log_softmax_kl(z: Any, p: Any) -> Any:
    import jax

    return losses.kl_divergence(jax.nn.log_softmax(z), p)


def _ctc(z: Any) -> Any:
    """Return the CTC loss of four frames, three symbols (0 is the blank), and the labels 1, 2."""
    found = losses.ctc_loss(
        z[None], jnp.zeros((1, _FRAMES)), jnp.array([[1, 2]]), jnp.zeros((1, 2))
    )
    return jnp.sum(found)


def make_targets() -> list[Target]:
    """Return the targets."""
    small, usual = (1, 2, 3), (1, 2, 3, 5)
    rows: list[tuple[str, Any, tuple[Input, ...], Any, tuple[int, ...]]] = [
        (
            "softmax_cross_entropy",
            losses.softmax_cross_entropy,
            (_Z, _P),
            formulas.cross_entropy_soft,
            usual,
        ),
        (
            "softmax_cross_entropy_with_integer_labels",
            lambda z, y: losses.softmax_cross_entropy_with_integer_labels(z, jnp.array(y)),
            (_Z, _Y),
            formulas.cross_entropy,
            usual,
        ),
        (
            "safe_softmax_cross_entropy",
            losses.safe_softmax_cross_entropy,
            (_Z, _P),
            formulas.cross_entropy_soft,
            usual,
        ),
        (
            "sigmoid_binary_cross_entropy",
            lambda z, p: jnp.sum(losses.sigmoid_binary_cross_entropy(z, p)),
            (_Z, _BITS),
            formulas.bce_of_sigmoids,
            small,
        ),
        (
            "sigmoid_focal_loss",
            lambda z, p: jnp.sum(losses.sigmoid_focal_loss(z, p)),
            (_Z, _BITS),
            formulas.sigmoid_focal,
            small,
        ),
        (
            "poly_loss_cross_entropy",
            losses.poly_loss_cross_entropy,
            (_Z, _HOT),
            formulas.poly,
            usual,
        ),
        ("kl_divergence", _log_softmax_kl, (_Z, _P), formulas.kl_of_softmax, usual),
        (
            "hinge_loss",
            lambda x, t: jnp.mean(losses.hinge_loss(x, t)),
            (_X, _SIGNS),
            formulas.hinge,
            small,
        ),
        (
            "perceptron_loss",
            lambda x, t: jnp.mean(losses.perceptron_loss(x, t)),
            (_X, _SIGNS),
            formulas.perceptron,
            small,
        ),
        (
            "multiclass_hinge_loss",
            lambda z, y: losses.multiclass_hinge_loss(z, jnp.array(y)),
            (_Z, _Y),
            formulas.crammer_singer(),
            (2,),
        ),
        (
            "cosine_similarity",
            losses.cosine_similarity,
            (_X, _T),
            formulas.cosine,
            (2, 3),
        ),
        (
            "huber_loss",
            lambda x, t: jnp.mean(losses.huber_loss(x, t)),
            (_X, _T),
            formulas.huber,
            small,
        ),
        (
            "log_cosh",
            lambda x, t: jnp.mean(losses.log_cosh(x, t)),
            (_X, _T),
            formulas.log_cosh,
            small,
        ),
        (
            "squared_error",
            lambda x, t: jnp.mean(losses.squared_error(x, t)),
            (_X, _T),
            formulas.mean_square,
            small,
        ),
        (
            "l2_loss",
            lambda x, t: jnp.sum(losses.l2_loss(x, t)),
            (_X, _T),
            formulas.half_squares,
            small,
        ),
        (
            "sigmoid_binary_cross_entropy, soft",
            lambda z, p: jnp.sum(losses.sigmoid_binary_cross_entropy(z, p)),
            (_Z, _P),
            formulas.bce_of_sigmoids,
            small,
        ),
        (
            "ctc_loss",
            _ctc,
            (logits(_FRAMES, _SYMBOLS, name="u"),),
            formulas.connectionist(_FRAMES, _SYMBOLS, (1, 2)),
            (_SYMBOLS,),
        ),
    ]
    return [
        Target(f"optax:{name}", program, inputs, intended, "jax", sizes=sizes)
        for name, program, inputs, intended, sizes in rows
    ]
