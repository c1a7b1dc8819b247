from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradproof.numeric.implementations import Call, make_runner
from gradproof.symbolic.errors import UnsupportedError
from tests.numeric.implementations.conftest import (
    BATCH,
    LABELS,
    POINT,
    batch,
    call,
    gradient_at,
    is_close,
    is_right,
    loss_at,
    numbers,
)

autograd = pytest.importorskip("autograd")
anp = pytest.importorskip("autograd.numpy")
extend = pytest.importorskip("autograd.extend")


def _loss(z: Any, y: Any) -> Any:
    return anp.log(anp.sum(anp.exp(z - z[y])))


@extend.primitive
def _log_sum(z: Any) -> Any:
    return np.log(np.sum(np.exp(z)))


extend.defvjp(_log_sum, lambda ans, z: lambda g: g * np.exp(z - ans))


def _own(z: Any, y: Any) -> Any:
    return _log_sum(z) - z[y]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("loss", [_loss, _own])
def test_a_loss_is_differentiated_by_autograd(loss: Any, dtype: str) -> None:
    """The loss sees arrays of the dtype; value and gradient are right to that accuracy."""
    runner = make_runner(loss)
    answer = runner.run(call(dtype, 2.0))
    assert is_right(answer, dtype, 2.0)
    assert answer.value is not None
    assert is_close(answer.value, loss_at(POINT, 1), dtype)
    assert answer.gradient_dtype == answer.value_dtype == dtype
    assert (runner.framework, runner.returns) == ("autograd", "loss")


def test_autograd_has_no_bfloat16() -> None:
    """Autograd knows no numbers of bfloat16, and the error says so."""
    with pytest.raises(UnsupportedError, match="found bfloat16; leave it out"):
        make_runner(_loss).run(call("bfloat16"))


def test_gradients_made_by_autograd_are_gradients() -> None:
    """A function that autograd has made of a loss returns the gradient."""
    runner = make_runner(autograd.grad(_loss))
    assert is_right(runner.run(call("float64")), "float64")
    assert (runner.framework, runner.returns) == ("autograd", "gradient")


def test_batches_of_autograd() -> None:
    """With losses left apart, each row has its gradient."""

    def losses(z: Any, y: Any) -> Any:
        return anp.log(anp.sum(anp.exp(z), axis=1)) - z[anp.arange(len(y)), y]

    answer = make_runner(losses, reduction="none").run(batch("float64", 2.0))
    rows = [gradient_at(z, y) for z, y in zip(BATCH, LABELS, strict=True)]
    assert is_close(answer.gradient, 2 * np.array(rows), "float64")


def test_a_rule_of_a_wrong_shape_is_a_failure() -> None:
    """What a wrong rule makes is told, since autograd does not check it."""

    @extend.primitive
    def total(z: Any) -> Any:
        return np.sum(z)

    extend.defvjp(total, lambda _, z: lambda g: g * np.ones(z.size - 1))
    answer = make_runner(lambda z, _: total(z), framework="autograd").run(call())
    assert answer.failure.startswith("has a gradient of shape (2,), expected the shape (3,)")


def test_a_constant_of_autograd_has_gradient_zero() -> None:
    """As in autograd, a loss that does not depend on the logits has gradient 0."""
    answer = make_runner(lambda *_: 1.0, framework="autograd").run(Call(POINT, 1, "float64"))
    assert numbers(answer) == [0, 0, 0]
