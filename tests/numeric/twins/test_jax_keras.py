"""Exact twins of the losses of Keras on JAX, in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

pytest.importorskip("jax")
if find_spec("keras") is None:  # an import would look for TensorFlow
    pytest.skip("needs keras", allow_module_level=True)

PROGRAM = """
import numpy as np
import keras
from flint import arb, fmpq
from gradproof.numeric.twins import evaluation
from gradproof.numeric.twins.adaptor import find_adaptor
from gradproof.numeric.twins.arguments import FloatArgument, argument

Y = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], np.float32)
Z = np.array([[0.5, -1.25, 2.0], [0.25, 1.5, -0.75]], np.float32)
P = np.array([[0.25, 0.5, 0.25], [0.125, 0.125, 0.75]], np.float32)
H = np.array([[0.75, 0.25, 0.125], [0.125, 0.5, 0.625]], np.float32)
I = np.array([1, 2])
losses = keras.losses
TABLE = {
    name: (lambda p, loss=getattr(losses, name)(): loss(Y, p), H)
    for name in (
        "BinaryCrossentropy BinaryFocalCrossentropy CategoricalCrossentropy "
        "CategoricalFocalCrossentropy CosineSimilarity Dice Hinge Huber KLDivergence LogCosh "
        "MeanAbsoluteError MeanSquaredError MeanSquaredLogarithmicError Poisson "
        "SquaredHinge Tversky"
    ).split()
}
TABLE |= {
    "sparse": (lambda p, i: losses.sparse_categorical_crossentropy(i, p), P, I),
    "sparse, logits": (
        lambda z, i: losses.SparseCategoricalCrossentropy(from_logits=True)(i, z), Z, I
    ),
    "smoothed": (
        lambda z: losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.125)(Y, z), Z
    ),
    "binary, logits": (lambda z: losses.BinaryCrossentropy(from_logits=True)(Y, z), Z),
    "ops": (lambda z: keras.ops.sum(keras.ops.log_softmax(z) * Y), Z),
}
adaptor = find_adaptor("keras")
assert adaptor.name == "jax"
for name, (program, *values) in TABLE.items():
    arguments = [argument(v) for v in values]
    inputs = arguments[:1]
    executable = adaptor.trace(program, arguments)
    (output,) = evaluation.outputs(executable, inputs, 128)
    (plain,) = adaptor.floats(program, arguments)
    for own, theirs in zip(output.ravel(), plain.ravel(), strict=True):
        near = abs(float(arb(own.value)) - theirs) <= 1e-5 * (1 + abs(theirs))
        assert near, (name, own.value, theirs)
    ones = [fmpq(1)] * output.size
    slopes = evaluation.gradient(executable, inputs, [0], ones, 128)
    upstream = argument(np.ones(output.shape, np.float32))
    behind = adaptor.trace(adaptor.gradient(program, [0]), [upstream, *arguments])
    (array,) = evaluation.outputs(behind, [upstream, *inputs], 128)
    for slope, own in zip(slopes, array.ravel(), strict=True):
        assert abs(float(arb(slope.below) - arb(own.value))) < 1e-6, (name, slope, own.value)
"""


def test_losses_of_keras() -> None:
    """Each loss of Keras on JAX has an exact twin, whose derivative is that of JAX."""
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
