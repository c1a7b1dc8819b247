"""Keras's losses as targets, on the backend that Keras is set to."""

from __future__ import annotations

from typing import Any

from keras import losses, ops

from . import formulas
from .inputs import Input, label, logits, numbers, one_hot, targets
from .target import Target

_Z, _Y, _P = logits(), label(), targets()
_HOT = one_hot(name="p")
_BITS = Input("bits", ("n",), "p")
_Q = Input("unit", ("n",), "q")
_X, _T = numbers("n"), numbers("n", name="t")
_SIGNS = Input("signs", ("n",), "t")


def _of_softmax(loss: Any) -> Any:
    """Return a loss of probabilities as a program of logits and targets."""
    return lambda z, p: ops.sum(loss(p[None], ops.softmax(z[None], axis=-1)))


def _labels(y: int) -> Any:
    return ops.convert_to_tensor([y], dtype="int32")


def _of_numbers(loss: Any) -> Any:
    """Return a loss of predictions as a program of predictions and targets."""
    return lambda x, t: ops.sum(loss(t[None], x[None]))


def make_targets() -> list[Target]:
    """Return the targets."""
    small, usual = (1, 2, 3), (2, 3, 5)  # Keras warns of a softmax of one class
    rows: list[tuple[str, Any, tuple[Input, ...], Any, tuple[int, ...]]] = [
        (
            "categorical_crossentropy",
            _of_softmax(losses.categorical_crossentropy),
            (_Z, _P),
            formulas.cross_entropy_soft,
            usual,
        ),
        (
            "categorical_crossentropy, from_logits",
            lambda z, p: ops.sum(
                losses.categorical_crossentropy(p[None], z[None], from_logits=True)
            ),
            (_Z, _P),
            formulas.cross_entropy_soft,
            usual,
        ),
        (
            "sparse_categorical_crossentropy",
            lambda z, y: ops.sum(
                losses.sparse_categorical_crossentropy(_labels(y), ops.softmax(z[None], axis=-1))
            ),
            (_Z, _Y),
            formulas.cross_entropy,
            usual,
        ),
        (
            "sparse_categorical_crossentropy, from_logits",
            lambda z, y: ops.sum(
                losses.sparse_categorical_crossentropy(_labels(y), z[None], from_logits=True)
            ),
            (_Z, _Y),
            formulas.cross_entropy,
            usual,
        ),
        (
            "binary_crossentropy",
            lambda q, p: ops.sum(losses.binary_crossentropy(p[None], q[None])) * q.shape[0],
            (_Q, _BITS),
            formulas.bce_of_outputs,
            small,
        ),
        (
            "binary_crossentropy, from_logits",
            lambda z, p: (
                ops.sum(losses.binary_crossentropy(p[None], z[None], from_logits=True)) * z.shape[0]
            ),
            (_Z, _BITS),
            formulas.bce_of_sigmoids,
            small,
        ),
        (
            "categorical_focal_crossentropy",
            _of_softmax(losses.categorical_focal_crossentropy),
            (_Z, _HOT),
            formulas.softmax_focal,
            usual,
        ),
        (
            "binary_focal_crossentropy, from_logits",
            lambda z, p: (
                ops.sum(losses.binary_focal_crossentropy(p[None], z[None], from_logits=True))
                * z.shape[0]
            ),
            (_Z, _BITS),
            formulas.sigmoid_focal,
            small,
        ),
        (
            "kl_divergence",
            _of_softmax(losses.kl_divergence),
            (_Z, _P),
            formulas.kl_of_softmax,
            usual,
        ),
        (
            "categorical_hinge",
            lambda z, p: ops.sum(losses.categorical_hinge(p[None], z[None])),
            (_Z, _HOT),
            formulas.categorical_hinge,
            (2,),
        ),
        ("hinge", _of_numbers(losses.hinge), (_X, _SIGNS), formulas.hinge, small),
        (
            "squared_hinge",
            _of_numbers(losses.squared_hinge),
            (_X, _SIGNS),
            formulas.squared_hinge,
            small,
        ),
        ("huber", _of_numbers(losses.huber), (_X, _T), formulas.huber, small),
        ("log_cosh", _of_numbers(losses.log_cosh), (_X, _T), formulas.log_cosh, small),
        (
            "mean_squared_error",
            _of_numbers(losses.mean_squared_error),
            (_X, _T),
            formulas.mean_square,
            small,
        ),
        (
            "mean_absolute_error",
            _of_numbers(losses.mean_absolute_error),
            (_X, _T),
            formulas.mean_absolute,
            small,
        ),
        (
            "poisson",
            _of_numbers(losses.poisson),
            (Input("positive", ("n",), "x"), _T),
            formulas.poisson,
            small,
        ),
        (
            "cosine_similarity",
            lambda x, t: -ops.sum(losses.cosine_similarity(t[None], x[None])),
            (_X, _T),
            formulas.cosine,
            (2, 3),
        ),
    ]
    return [
        Target(f"keras:{name}", program, inputs, intended, "keras", sizes=sizes)
        for name, program, inputs, intended, sizes in rows
    ]
