"""What the clip in Keras's cross-entropy does to training.

The need: given probabilities, Keras clips them to [epsilon, 1 - epsilon], with epsilon = 1e-7,
before it takes the logarithm.
A network that is badly wrong then stops learning, and no gradient check tells: the gradient is
exactly 0, which is the right derivative of the clipped loss.

    python examples/keras_clip.py

proves what the clip does, for every number of classes, and audits a program in NumPy that clips
as Keras does.
Where Keras is installed, with JAX or PyTorch behind it, this audits Keras itself, with its two ways
to take the outputs of a network:

    python examples/keras_clip.py keras
"""

import os
import sys
from importlib.util import find_spec
from typing import Any

import numpy as np

from gradproof import Audit, audit, check_backward, inputs, losses, prove
from gradproof.symbolic import Eq, Gt, Lt, Rational, S, i, n, to_text, y, z
from gradproof.symbolic.losses import epsilon

CE, CLIPPED = losses.softmax_cross_entropy, losses.keras_cross_entropy_one_hot
EPSILON = 1e-7


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return the softmax of one row of logits."""
    powers = np.exp(logits - np.max(logits))
    return powers / np.sum(powers)


def loss(logits: np.ndarray, label: int) -> Any:
    """Return cross-entropy as Keras computes it of probabilities."""
    return -np.log(np.clip(softmax(logits)[label], EPSILON, 1 - EPSILON))


def gradient(logits: np.ndarray, label: int) -> np.ndarray:
    """Return its gradient: inside the clip that of cross-entropy, outside 0."""
    outputs = softmax(logits)
    if not EPSILON <= outputs[label] <= 1 - EPSILON:
        return np.zeros_like(outputs)
    outputs[label] -= 1
    return outputs


def show(words: str, statement: object, **options: Any) -> None:
    """Print a statement with its verdict."""
    verdict = prove(statement, **options)
    print(f"{words}:\n    {to_text(statement)}\n    {verdict.outcome.name}, {verdict.scope}")
    if verdict.counterexample is not None:
        print(f"    at {verdict.counterexample}")
        for side, value in verdict.counterexample.figures:
            print(f"    {side}: {value}")


def show_theory() -> None:
    """Print what is so of the clipped loss for every number of classes."""
    show(
        "However wrong the network is below the clip, nothing pulls",
        Eq(CLIPPED.gradient(i), 0),
        given=[*CLIPPED.given, Lt(S(y), epsilon)],
    )
    show(
        "Inside the clip the gradient is that of cross-entropy",
        Eq(CLIPPED.gradient(i), CE.gradient(i)),
        given=[*CLIPPED.given, Gt(S(y), epsilon), Lt(S(y), 1 - epsilon)],
    )
    show(
        "On the edge there is no gradient, but one on either side",
        Eq(CLIPPED.gradient(y), CE.gradient(y)),
        at={n: 4, z: (0, 0, 0, 0), epsilon: Rational(1, 4), y: 1},
    )


def show_audit(name: str, found: Audit) -> None:
    """Print from which lead of another class on an implementation computes another loss."""
    onsets = [
        one.margin
        for one in found.findings
        if one.kind.text == "another loss" and one.certified and one.margin_name == "gap"
    ]
    start = min((onset for onset in onsets if onset is not None), default=None)
    told = "the loss it means" if start is None else f"another loss from lead {start:.1f} on"
    print(f"{name} as {found.loss}: {told}")


def show_program() -> None:
    """Print what is found of the program in NumPy."""
    kinds = [inputs.logits(), inputs.label()]
    checked = check_backward(loss, kinds, gradient=lambda upstream, *a: upstream * gradient(*a))
    print(f"\nIs the gradient in NumPy that of the loss in NumPy? {checked.outcome.name}")
    show_audit("loss", audit(loss, CE, gradient=gradient, dtypes="float64", sizes=(3,)))


def show_keras() -> None:
    """Print what is found of Keras."""
    if find_spec("jax") is None:
        os.environ.setdefault("KERAS_BACKEND", "torch")
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    def of_probabilities(logits: Any, target: Any) -> Any:
        return keras.losses.categorical_crossentropy(target, keras.ops.softmax(logits))

    def of_logits(logits: Any, target: Any) -> Any:
        return keras.losses.categorical_crossentropy(target, logits, from_logits=True)

    for name, function in (("probabilities", of_probabilities), ("logits", of_logits)):
        found = audit(function, losses.softmax_cross_entropy_soft, framework="keras", sizes=(3,))
        show_audit(f"Keras, given {name},", found)


if __name__ == "__main__":
    if sys.argv[1:] == ["keras"]:
        show_keras()
    else:
        show_theory()
        show_program()
