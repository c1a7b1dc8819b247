from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from gradproof.numeric.implementations import Call, guarded, make_runner
from gradproof.numeric.implementations.compiled import CompiledRunner
from tests.numeric.implementations.conftest import (
    DTYPES,
    POINT,
    batch,
    call,
    counted,
    is_close,
    is_right,
    loss_at,
    numbers_in,
    same_bits,
)

jax = pytest.importorskip("jax")
jnp = pytest.importorskip("jax.numpy")


def _loss(z: Any, y: Any) -> Any:
    return -jax.nn.log_softmax(z)[y]


def _gradient(z: Any, y: Any) -> Any:
    return jax.nn.softmax(z).at[y].add(-1)


def _y_true_first(y_true: Any, y_pred: Any) -> Any:
    return -jnp.sum(y_true * jax.nn.log_softmax(y_pred))


def _looking_at_logits(z: Any, y: Any) -> Any:
    return _gradient(z, y) if float(z[0]) > -5 else z


def _looking_at_the_label(z: Any, y: Any) -> Any:
    return _loss(z, int(y))


def _compiled(function: Any, **options: Any) -> CompiledRunner:
    """Return the compiled runner of a function whose runner has been called."""
    form = options.get("form", "index")
    runner = guarded(make_runner(function, framework="jax", **options))
    assert runner.run(call(form=form)).failure == ""
    return CompiledRunner(function, runner)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", [_loss, _gradient])
def test_answers_are_those_of_the_implementation(function: Any, dtype: str) -> None:
    """Gradient, loss and their dtypes are those of the eager run, to the accuracy of the dtype."""
    runner = _compiled(function)
    answer = runner.run(call(dtype))
    assert runner.is_compiled
    assert is_right(answer, dtype)
    assert answer.gradient_dtype == dtype
    if function is _loss:
        assert answer.value is not None
        assert is_close(answer.value, loss_at(POINT, 1), dtype)
        assert answer.value_dtype == dtype
    else:
        assert (answer.value, answer.value_dtype) == (None, "")


@pytest.mark.parametrize("upstream", [3.0, -0.75])
@pytest.mark.parametrize("function", [_loss, _gradient])
def test_the_upstream_gradient_multiplies(function: Any, upstream: float) -> None:
    """The gradient is multiplied by what is handed on from above."""
    assert is_right(_compiled(function).run(call(upstream=upstream)), "float32", upstream)


def test_it_is_traced_once_for_each_shape() -> None:
    """Python runs once for each shape and dtype, not once for each call."""
    log: list[Any] = []
    runner = _compiled(counted(_loss, log))
    log.clear()
    for _ in range(3):
        runner.run(call())
    assert len(log) == 1
    runner.run(Call(np.array([0.5, 1.0]), 1, "float32"))
    runner.run(Call(np.array([0.25, 3.0]), 0, "float32"))
    assert len(log) == 2


@pytest.mark.parametrize("function", [_looking_at_logits, _looking_at_the_label])
def test_what_looks_at_numbers_is_run_eagerly(function: Any) -> None:
    """What cannot be compiled, since its Python needs numbers, is run as it is from then on."""
    runner = _compiled(function)
    assert is_right(runner.run(call()), "float32")
    assert not runner.is_compiled
    assert is_right(runner.run(call("float64")), "float64")


def test_what_raises_is_told_by_the_eager_run() -> None:
    """An implementation that raises for a size has that as its answer, compiled or not."""

    def small(z: Any, y: Any) -> Any:
        if z.shape[0] > 3:
            raise ValueError("at most three classes")
        return _loss(z, y)

    runner = _compiled(small)
    answer = runner.run(Call(np.zeros(4), 0, "float32"))
    assert answer.failure.startswith("ValueError: at most three classes")
    assert answer.failure_kind == "error"


def test_the_target_goes_where_the_implementation_wants_it() -> None:
    """Losses of y_true and y_pred get the target first, a batch of one and a one-hot row."""
    runner = _compiled(_y_true_first, form="one-hot")
    answer = runner.run(call(form="one-hot"))
    assert is_right(answer, "float32")
    assert answer.gradient is not None
    assert answer.gradient.shape == POINT.shape


def test_classes_as_python_numbers_are_not_compiled() -> None:
    """What wants its class as an int is run as it is: each class would be another program."""

    def strict(z: Any, y: Any) -> Any:
        if not isinstance(y, int):
            raise TypeError("the shape of a class is that of an int")
        return _loss(z, y)

    runner = _compiled(strict)
    assert not runner.is_compiled
    assert is_right(runner.run(call()), "float32")


def test_batches_are_reduced() -> None:
    """The losses of a batch are summed, and the gradient is that of every row."""

    def summed(z: Any, y: Any) -> Any:
        rows = jax.nn.log_softmax(z)
        return -jnp.sum(jnp.take_along_axis(rows, y[:, None], 1))

    runner = guarded(make_runner(summed, framework="jax", reduction="sum"))
    assert runner.run(call()).failure == ""
    compiled = CompiledRunner(summed, runner)
    answer = compiled.run(batch())
    expected = runner.run(batch())
    assert answer.gradient is not None
    assert is_close(answer.gradient, expected.gradient, "float32")


@settings(max_examples=15)
@given(data=st.data(), dtype=st.sampled_from(["float32", "float64"]))
def test_numbers_pass_unchanged(data: st.DataObject, dtype: str) -> None:
    """What is handed in and handed back are the same numbers, infinities and zeros included."""
    logits = np.array(data.draw(st.lists(numbers_in(dtype), min_size=3, max_size=3)))
    answer = _SAME.run(Call(logits, 0, dtype))
    assert answer.gradient is not None
    assert _SAME.is_compiled
    tiny = np.abs(logits) < float(np.finfo(dtype).tiny)  # XLA flushes subnormal numbers
    assert same_bits(np.where(tiny, 0, answer.gradient), np.where(tiny, 0, logits))


_SAME = _compiled(lambda z, _: z, returns="gradient")
