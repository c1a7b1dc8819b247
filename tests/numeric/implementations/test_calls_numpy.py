from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from gradproof.numeric.implementations import Call, make_runner
from gradproof.symbolic.errors import UnsupportedError
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
    of_numpy,
    same_bits,
)


def _loss(z: Any, y: Any) -> Any:
    return np.log(np.sum(np.exp(z - z[y])))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_gradient_function_gets_and_gives_the_dtype(dtype: str) -> None:
    """The function sees arrays of the dtype, and its gradient comes back to that accuracy."""
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    log: list[Any] = []
    runner = make_runner(counted(of_numpy, log), framework="numpy")
    answer = runner.run(call(dtype))
    assert is_right(answer, dtype)
    assert answer.gradient is not None
    assert answer.gradient.dtype == np.float64
    assert {z.dtype.name for z, _ in log} == {answer.gradient_dtype} == {dtype}
    assert all(type(y) is int for _, y in log)
    assert (answer.value, answer.value_dtype, answer.complaints) == (None, "", ())
    assert runner.returns == "gradient"


@given(data=st.data(), dtype=st.sampled_from(DTYPES))
def test_numbers_pass_unchanged(data: st.DataObject, dtype: str) -> None:
    """What is handed in and handed back are the same numbers, infinities and zeros included."""
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    logits = np.array(data.draw(st.lists(numbers_in(dtype), min_size=1, max_size=4)))
    answer = make_runner(lambda z, _: z, framework="numpy").run(Call(logits, 0, dtype))
    assert answer.gradient is not None
    assert same_bits(answer.gradient, logits)


def test_nan_is_an_answer() -> None:
    """A gradient that is not a number is handed on as it is."""
    answer = make_runner(lambda z, _: z * np.nan, framework="numpy").run(call())
    assert answer.failure == ""
    assert np.isnan(answer.gradient).all()


def test_a_loss_alone_has_a_value_and_no_gradient() -> None:
    """NumPy does not differentiate: the answer of a loss is its value."""
    runner = make_runner(_loss)
    answer = runner.run(call())
    assert (answer.gradient, answer.gradient_dtype, answer.failure) == (None, "", "")
    assert answer.value is not None
    assert is_close(answer.value, loss_at(POINT, 1), "float32")
    assert answer.value_dtype == "float32"
    assert runner.returns == "loss"


def test_a_loss_with_its_gradient_has_both() -> None:
    """With gradient=, value and gradient are those of the two functions."""
    answer = make_runner(_loss, gradient=of_numpy).run(call("float64"))
    assert is_right(answer, "float64")
    assert answer.value is not None
    assert is_close(answer.value, loss_at(POINT, 1), "float64")
    bad = make_runner(_loss, gradient=lambda z, _: z[:2]).run(call())
    assert bad.failure == (
        "has a gradient of shape (2,), expected the shape (3,) of the logits: mend the rule or "
        "function that makes the gradient"
    )


def test_python_floats_and_lists_of_floats_are_numbers() -> None:
    """A loss may be a Python float, which has no dtype, and a gradient a list of floats."""
    loss = make_runner(lambda z, _: float(z.sum()), framework="numpy").run(call())
    assert (loss.value, loss.value_dtype) == (-0.25, "float")
    listed = make_runner(lambda z, _: list(z), framework="numpy").run(call())
    assert (listed.gradient_dtype, numbers(listed)) == ("float32", list(POINT))


@pytest.mark.parametrize("upstream", [2.0, -0.5])
def test_gradients_of_functions_are_multiplied_afterwards(upstream: float) -> None:
    """The upstream multiplies what a gradient function gives."""
    plain = make_runner(of_numpy).run(call())
    scaled = make_runner(of_numpy).run(call(upstream=upstream))
    assert plain.gradient is not None
    assert np.array_equal(scaled.gradient, upstream * plain.gradient)


def test_a_batch_is_passed_as_it_is() -> None:
    """Two rows are one call, with an array of classes; each row has its gradient."""
    log: list[Any] = []
    answer = make_runner(counted(of_numpy, log), framework="numpy").run(batch("float64"))
    expected = [gradient_at(z, y) for z, y in zip(BATCH, LABELS, strict=True)]
    assert is_close(answer.gradient, expected, "float64")
    assert log[-1][0].shape == (2, 3)
    assert log[-1][1].dtype == np.int64


def test_a_vector_has_the_dtype_of_the_logits() -> None:
    """Targets that are numbers come in the dtype of the logits."""
    log: list[Any] = []
    runner = make_runner(counted(lambda z, p: z * p, log), framework="numpy", form="one-hot")
    answer = runner.run(call("float16", form="one-hot"))
    assert answer.gradient_dtype == log[-1][1].dtype.name == "float16"
    assert numbers(answer) == [0, 1.25, 0]


def test_a_function_of_batches_gets_a_batch_of_one() -> None:
    """A function that fails with one row gets a batch of it, from then on at once."""
    log: list[Any] = []

    def only_batches(z: Any, y: Any) -> Any:
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        return p - np.eye(z.shape[1])[y]

    runner = make_runner(counted(only_batches, log), framework="numpy")
    assert is_right(runner.run(call("float64")), "float64")
    assert [z.shape for z, _ in log] == [(3,), (1, 3), (1, 3)]
    assert is_right(runner.run(call("float64")), "float64")
    assert [z.shape for z, _ in log[3:]] == [(1, 3)]


def test_other_errors_are_no_reason_for_a_batch() -> None:
    """A function that fails for another reason is not called with a batch, where it may hide it."""
    shapes: list[Any] = []

    def bad(z: Any, _: Any) -> Any:
        shapes.append(z.shape)
        if z.ndim == 1:
            raise ArithmeticError("too large")
        return z

    with pytest.raises(ArithmeticError):
        make_runner(bad, framework="numpy").run(call())
    assert shapes == [(3,)]
    with_reduction = make_runner(bad, framework="numpy", reduction="sum")
    assert with_reduction.run(call()).failure == ""


def test_no_part_of_a_batch_passes_for_a_gradient() -> None:
    """A result of a wrong shape is not tried again as a batch, where it may happen to fit."""
    answer = make_runner(lambda z, _: z[:2], framework="numpy").run(call())
    assert answer.failure == (
        "returns shape (2,), expected the gradient of shape (3,) or the loss, one number: return "
        "one of the two"
    )


def test_for_one_class_a_vector_is_a_gradient_unless_told() -> None:
    """With n = 1, shape (1,) is a gradient unless the function is said to return losses."""
    one = Call(np.array([0.5]), 0, "float32")
    unknown = make_runner(lambda z, _: z * 2, framework="numpy")
    assert numbers(unknown.run(one)) == [1.0]
    assert unknown.returns is None
    told = make_runner(lambda z, _: z * 2, framework="numpy", returns="loss").run(one)
    assert (told.gradient, told.value) == (None, 1.0)
    scalar = make_runner(lambda z, _: z[0], framework="numpy").run(one)
    assert (scalar.gradient, scalar.value) == (None, 0.5)


def test_interleaved_calls_show_a_buffer_that_is_used_again() -> None:
    """A result that the next call overwrites is read after it; one call alone keeps its own."""
    buffer = np.zeros(3)

    def reusing(z: Any, _: Any) -> Any:
        buffer[:] = z
        return buffer

    runner = make_runner(reusing, framework="numpy")
    first, second = runner.interleaved(Call(POINT, 1, "float64"), Call(POINT + 1, 1, "float64"))
    assert same_bits(first.gradient, POINT + 1)
    assert same_bits(second.gradient, POINT + 1)
    alone = runner.run(Call(POINT, 1, "float64"))
    runner.run(Call(POINT + 1, 1, "float64"))
    assert same_bits(alone.gradient, POINT)
    assert first.complaints == second.complaints == ()


def test_bfloat16_needs_ml_dtypes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ml_dtypes there is no bfloat16, and the error says so."""
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    with pytest.raises(UnsupportedError, match="pip install ml_dtypes"):
        make_runner(of_numpy).run(call("bfloat16"))
