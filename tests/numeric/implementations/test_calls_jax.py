from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from gradproof.numeric.implementations import Call, guarded, make_runner
from tests.numeric.implementations.conftest import (
    BATCH,
    DTYPES,
    LABELS,
    POINT,
    batch,
    call,
    counted,
    gradient_at,
    is_close,
    is_right,
    loss_at,
    numbers,
    numbers_in,
    same_bits,
)

jax = pytest.importorskip("jax")
jnp = pytest.importorskip("jax.numpy")


def _loss(z: Any, y: Any) -> Any:
    return -jax.nn.log_softmax(z)[y]


@jax.custom_vjp
def _own(z: Any, y: Any) -> Any:
    return _loss(z, y)


def _forward(z: Any, y: Any) -> Any:
    return _loss(z, y), (z, y)


def _backward(kept: Any, upstream: Any) -> Any:
    z, y = kept
    return upstream * jax.nn.softmax(z).at[y].add(-1), None


_own.defvjp(_forward, _backward)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", [_loss, _own, jax.jit(_loss)])
def test_a_loss_is_differentiated_by_jax(loss: Any, dtype: str) -> None:
    """The loss sees arrays of the dtype; value and gradient are right to that accuracy."""
    runner = make_runner(loss, framework="jax")
    answer = runner.run(call(dtype))
    assert is_right(answer, dtype)
    assert answer.value is not None
    assert is_close(answer.value, loss_at(POINT, 1), dtype)
    assert answer.gradient_dtype == answer.value_dtype == dtype
    assert (answer.complaints, runner.returns) == ((), "loss")


@settings(max_examples=25)
@given(data=st.data(), dtype=st.sampled_from(DTYPES))
def test_numbers_pass_jax_unchanged(data: st.DataObject, dtype: str) -> None:
    """What is handed in and handed back are the same numbers, infinities and zeros included."""
    logits = np.array(data.draw(st.lists(numbers_in(dtype), min_size=2, max_size=2)))
    answer = make_runner(lambda z, _: z, framework="jax").run(Call(logits, 0, dtype))
    assert answer.gradient is not None
    assert same_bits(answer.gradient, logits)
    assert answer.gradient_dtype == dtype


def test_no_mode_of_jax_is_left_changed() -> None:
    """64-bit types are on during a call in float64 and afterwards what they were."""
    assert not jax.config.jax_enable_x64
    seen: list[bool] = []

    def loss(z: Any, y: Any) -> Any:
        seen.append(bool(jax.config.jax_enable_x64))
        return _loss(z, y)

    runner = make_runner(loss)
    runner.run(call("float64"))
    assert set(seen) == {True}
    seen.clear()
    runner.run(call("float32"))
    assert set(seen) == {False}
    assert not jax.config.jax_enable_x64
    with jax.enable_x64(True):
        runner.run(call("float32"))
    assert seen[-1] is True


@pytest.mark.parametrize("loss", [_loss, _own])
def test_the_upstream_gradient_enters_the_pull_back(loss: Any) -> None:
    """The gradient is that of the loss times the upstream; the value is not."""
    answer = make_runner(loss, framework="jax").run(call("float64", -0.5))
    assert is_right(answer, "float64", -0.5)
    assert answer.value is not None
    assert is_close(answer.value, loss_at(POINT, 1), "float64")


def test_a_label_is_an_array_or_else_an_int_of_python() -> None:
    """The class is handed in as an int32 array; a loss that fails with it gets a Python int."""
    log: list[Any] = []
    make_runner(counted(_loss, log), framework="jax").run(call())
    assert {(y.dtype.name, y.shape) for _, y in log} == {("int32", ())}

    def strict(z: Any, y: Any) -> Any:
        return _loss(z, {0: 0, 1: 1, 2: 2}[y])

    log.clear()
    runner = make_runner(counted(strict, log), framework="jax")
    assert is_right(runner.run(call()), "float32")
    assert [isinstance(y, int) for _, y in log] == [False, True, True]


def test_python_may_branch_on_values() -> None:
    """A loss runs eagerly, so that its branches are those of its values, as by jax.grad."""

    def branching(z: Any, y: Any) -> Any:
        return _loss(z, y) if z[0] > 0 else z.sum()

    runner = make_runner(branching, framework="jax")
    assert is_right(runner.run(call()), "float32")
    assert numbers(runner.run(Call(-POINT, 1, "float32"))) == [1, 1, 1]


def test_gradient_functions_are_not_differentiated() -> None:
    """A function that returns a gradient is called as it is, also if it leaves JAX."""

    def leaving(z: Any, y: Any) -> Any:
        p = np.exp(np.asarray(z)) / np.exp(np.asarray(z)).sum()
        p[int(y)] -= 1
        return p

    for function in (jax.grad(_loss), leaving):
        runner = make_runner(function, framework="jax")
        assert is_right(runner.run(call()), "float32")
        assert runner.returns == "gradient"


@pytest.mark.parametrize(("reduction", "share"), [("mean", 0.5), ("none", 1.0)])
def test_batches_of_jax_are_reduced_as_they_are(reduction: Any, share: float) -> None:
    """Rows of a batch have their gradients, divided for a mean."""

    def losses(z: Any, y: Any) -> Any:
        found = jax.vmap(_loss)(z, y)
        return found.mean() if reduction == "mean" else found

    answer = make_runner(losses, framework="jax", reduction=reduction).run(batch("float64"))
    rows = [gradient_at(z, y) for z, y in zip(BATCH, LABELS, strict=True)]
    assert is_close(answer.gradient, share * np.array(rows), "float64")
    total = sum(loss_at(z, y) for z, y in zip(BATCH, LABELS, strict=True))
    assert answer.value is not None
    assert is_close(answer.value, share * total, "float64")


def test_a_constant_has_gradient_zero() -> None:
    """As in JAX, a loss that does not depend on the logits has gradient 0."""
    answer = make_runner(lambda *_: 1.0, framework="jax").run(call())
    assert numbers(answer) == [0, 0, 0]
    assert (answer.value, answer.value_dtype) == (1.0, "float")


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (lambda z, _: z.sum().astype(int), "returns an array of dtype int32, expected floats"),
        (lambda z, _: (z.sum(), z), "returns a tuple, expected an array: return one of its parts"),
        (lambda z, _: float(z.sum()), "ConcretizationTypeError: Abstract tracer value encountered"),
    ],
)
def test_what_jax_cannot_differentiate_is_a_failure(loss: Any, text: str) -> None:
    """A loss that is no array of floats, or leaves JAX, is told in one line."""
    answer = guarded(make_runner(loss, framework="jax")).run(call())
    assert answer.failure.startswith(text)
    assert "\n" not in answer.failure


def test_interleaved_and_repeated_arguments_make_no_difference() -> None:
    """A function of its arguments answers alike whatever else is called in between."""
    other = Call(POINT[::-1].copy(), 0, "float64")
    runner = make_runner(_own, framework="jax")
    first, second = runner.interleaved(call("float32"), other)
    assert is_right(first, "float32")
    expected = gradient_at(other.logits, 0)
    assert is_close(second.gradient, expected, "float64")
    assert is_close(runner.run_in_place(call("float64"), other).gradient, expected, "float64")
