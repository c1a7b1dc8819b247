"""Losses of Keras on each of its backends, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

if find_spec("keras") is None:  # an import would look for TensorFlow
    pytest.skip("needs keras", allow_module_level=True)

PROGRAM = """
import numpy as np
import keras
from keras import losses, ops
from gradproof.numeric.implementations import Call, first_contact, make_runner
from gradproof.symbolic.errors import DeclarationError

Z, HOT = np.array([0.5, 1.25, -2.0]), np.array([0.0, 1.0, 0.0])
P = np.exp(Z) / np.exp(Z).sum()
U = {"float16": 2.0**-11, "bfloat16": 2.0**-8, "float32": 2.0**-24, "float64": 2.0**-53}


def of_batches(y_true, y_pred):
    return -ops.sum(y_true * ops.log_softmax(y_pred, axis=1), axis=1)


def of_one(z, y):
    return -ops.log_softmax(z)[y]


class Own(losses.Loss):
    def call(self, y_true, y_pred):
        return of_batches(y_true, y_pred)


def close(found, expected, dtype):
    return np.all(np.abs(np.asarray(found) - expected) <= 16 * U[dtype] * (1 + np.abs(expected)))


wide = {"from_logits": True, "dtype": "float64"}
table = [
    (of_batches, HOT, "float64"),
    (of_one, 1, "float64"),
    (Own(dtype="float64"), HOT, "float32"),  # PyTorch's backend averages in float32
    (losses.CategoricalCrossentropy(**wide), HOT, "float32"),
    (losses.SparseCategoricalCrossentropy(**wide), 1, "float32"),
    (losses.CategoricalCrossentropy(from_logits=True), HOT, "float32"),
]
for loss, target, best in table:
    runner = make_runner(loss)
    assert runner.framework == "keras", loss
    for dtype in ("bfloat16", "float32", "float64"):
        own = max(dtype, best, key=U.get)
        answer = runner.run(Call(Z, target, dtype, 2.0))
        assert not answer.failure and not answer.complaints, (loss, dtype, answer)
        assert answer.gradient_dtype == dtype, (loss, dtype, answer)
        assert close(answer.gradient, 2 * (P - HOT), own), (loss, dtype, answer)
        assert close(answer.value, -np.log(P[1]), own), (loss, dtype, answer)
assert make_runner(of_batches).run(Call(Z, HOT, "float64")).value_dtype == "float64"

usual = make_runner(losses.CategoricalCrossentropy(from_logits=True))
assert usual.run(Call(Z, HOT, "float64")).value_dtype == "float32"

batch = make_runner(losses.CategoricalCrossentropy(from_logits=True), reduction="mean")
answer = batch.run(Call(np.array([Z, Z]), np.array([HOT, HOT]), "float32"))
assert close(answer.gradient, np.array([P - HOT, P - HOT]) / 2, "float32"), answer

for loss, target, form, other in (
    (losses.CategoricalCrossentropy(from_logits=True), 1, "index", "one-hot"),
    (losses.SparseCategoricalCrossentropy(from_logits=True), HOT, "one-hot", "index"),
):
    try:
        first_contact(make_runner(loss, form=form), Call(Z, target, "float32"))
    except DeclarationError as error:
        assert f"give target={other!r}" in str(error), error
    else:
        raise AssertionError(loss)
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_losses_of_keras_run_on_their_backend(backend: str, tmp_path: Path) -> None:
    """Losses of Keras get target and logits in batches of one, and differentiate by the backend.

    Their numbers are those of the dtype that Keras computes in; the gradient's dtype is the
    logits'.
    """
    pytest.importorskip(backend)
    environment = {**os.environ, "KERAS_BACKEND": backend, "KERAS_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
