from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

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
    numbers_in,
    same_bits,
)

torch = pytest.importorskip("torch")


def _loss(z: Any, y: Any) -> Any:
    return torch.logsumexp(z, -1) - z[y]


def _soft(z: Any, p: Any) -> Any:
    return -(p * torch.log_softmax(z, -1)).sum()


class _Entropy(torch.autograd.Function):
    """Softmax cross-entropy with a backward of its own."""

    @staticmethod
    def forward(ctx: Any, z: Any, y: Any) -> Any:
        ctx.save_for_backward(torch.softmax(z, 0))
        ctx.y = int(y)
        return _loss(z, y)

    @staticmethod
    def backward(ctx: Any, upstream: Any) -> Any:
        (p,) = ctx.saved_tensors
        gradient = p.clone()
        gradient[ctx.y] -= 1
        return upstream * gradient, None


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", [_loss, _Entropy.apply, torch.nn.CrossEntropyLoss()])
def test_a_loss_is_differentiated_in_its_dtype(loss: Any, dtype: str) -> None:
    """The loss sees tensors of the dtype; value and gradient are right to that accuracy."""
    runner = make_runner(loss, framework="torch")
    answer = runner.run(call(dtype))
    assert is_right(answer, dtype)
    assert answer.value is not None
    assert is_close(answer.value, loss_at(POINT, 1), dtype)
    assert answer.gradient_dtype == answer.value_dtype == dtype
    assert (answer.complaints, runner.returns) == ((), "loss")


@given(data=st.data(), dtype=st.sampled_from(DTYPES))
def test_numbers_pass_torch_unchanged(data: st.DataObject, dtype: str) -> None:
    """What is handed in and handed back are the same numbers, infinities and zeros included."""
    logits = np.array(data.draw(st.lists(numbers_in(dtype), min_size=1, max_size=4)))
    answer = make_runner(lambda z, _: z, framework="torch").run(Call(logits, 0, dtype))
    assert answer.gradient is not None
    assert same_bits(answer.gradient, logits)
    assert answer.gradient_dtype == dtype


@pytest.mark.parametrize("loss", [_loss, _Entropy.apply])
@pytest.mark.parametrize("upstream", [2.0, -0.5, 3.0])
def test_the_upstream_gradient_enters_backward(loss: Any, upstream: float) -> None:
    """The gradient is that of the loss times the upstream; the value is not."""
    answer = make_runner(loss, framework="torch").run(call("float64", upstream))
    assert is_right(answer, "float64", upstream)
    assert answer.value is not None
    assert is_close(answer.value, loss_at(POINT, 1), "float64")


def test_an_ignored_upstream_shows() -> None:
    """A backward that leaves the upstream out gives the gradient without it."""

    class Deaf(_Entropy):
        @staticmethod
        def backward(ctx: Any, _: Any) -> Any:
            return _Entropy.backward(ctx, 1.0)

    answer = make_runner(Deaf.apply, framework="torch").run(call("float64", 2.0))
    assert is_right(answer, "float64")


def test_a_label_is_a_tensor_or_else_an_int() -> None:
    """The class is handed in as a tensor; a loss that fails with it gets a Python int at once."""
    log: list[Any] = []
    tensors = make_runner(counted(_loss, log), framework="torch")
    tensors.run(call())
    assert {(y.dtype, y.shape) for _, y in log} == {(torch.int64, ())}

    def strict(z: Any, y: Any) -> Any:
        return _loss(z, {0: 0, 1: 1, 2: 2}[y])

    log.clear()
    ints = make_runner(counted(strict, log), framework="torch")
    assert is_right(ints.run(call()), "float32")
    assert is_right(ints.run(call()), "float32")
    assert [type(y) for _, y in log] == [torch.Tensor, int, int, int]
    assert ints.manner is not None
    assert ints.manner.label == "number"


def test_a_loss_of_batches_gets_a_batch_of_one() -> None:
    """A loss that takes batches only is called with one, for labels and vectors."""

    def of_labels(z: Any, y: Any) -> Any:
        return (torch.logsumexp(z, 1) - z.gather(1, y[:, None])[:, 0]).mean()

    def of_vectors(z: Any, p: Any) -> Any:
        return -(p * torch.log_softmax(z, dim=1)).sum(dim=1)

    assert is_right(make_runner(of_labels).run(call()), "float32")
    answer = make_runner(of_vectors, form="one-hot").run(call(form="one-hot"))
    assert is_right(answer, "float32")
    assert answer.value is not None
    assert is_close(answer.value, loss_at(POINT, 1), "float32")


@pytest.mark.parametrize(("reduction", "share"), [("sum", 1.0), ("mean", 0.5), ("none", 1.0)])
def test_batches_are_reduced_as_they_are(reduction: str, share: float) -> None:
    """Rows of a batch have their gradients, divided for a mean; the value is their sum or mean."""
    loss = torch.nn.CrossEntropyLoss(reduction=reduction)
    runner = make_runner(loss, framework="torch", reduction=reduction)  # type: ignore[arg-type]
    answer = runner.run(batch("float64", 2.0))
    rows = [gradient_at(z, y) for z, y in zip(BATCH, LABELS, strict=True)]
    assert is_close(answer.gradient, 2 * share * np.array(rows), "float64")
    losses = [loss_at(z, y) for z, y in zip(BATCH, LABELS, strict=True)]
    assert answer.value is not None
    assert is_close(answer.value, share * sum(losses), "float64")


def test_vectors_have_the_dtype_of_the_logits() -> None:
    """One-hot vectors and other numbers come in the dtype of the logits."""
    log: list[Any] = []
    runner = make_runner(counted(_soft, log), framework="torch", form="one-hot")
    assert is_right(runner.run(call("float64", form="one-hot")), "float64")
    assert {p.dtype for _, p in log} == {torch.float64}


def test_gradient_functions_may_use_autograd() -> None:
    """A gradient function gets plain tensors, or such that require grad if it needs them."""

    def own(z: Any, y: Any) -> Any:
        (gradient,) = torch.autograd.grad(_loss(z, y), z)
        return gradient

    def in_numpy(z: Any, y: Any) -> Any:
        p = np.exp(z.numpy()) / np.exp(z.numpy()).sum()
        p[int(y)] -= 1
        return torch.from_numpy(p)

    for function in (own, in_numpy):
        runner = make_runner(function, framework="torch")
        assert is_right(runner.run(call("float64")), "float64")
        assert runner.returns == "gradient"


def test_calls_leave_no_trace() -> None:
    """Autograd is on in a call whatever it is outside, and parameters gather no gradients."""
    layer = torch.nn.Linear(3, 3)

    def loss(z: Any, y: Any) -> Any:
        return _loss(layer(z), y)

    with torch.no_grad():
        answer = make_runner(loss).run(call())
        assert not torch.is_grad_enabled()
    assert answer.failure == ""
    assert layer.weight.grad is None


def _detached(z: Any, _: Any) -> Any:
    return z.detach().sum()


def _constant(z: Any, _: Any) -> Any:
    return torch.ones((), requires_grad=True) + z.numel()


def _item(z: Any, _: Any) -> Any:
    return z.sum().item()


def _array(z: Any, _: Any) -> Any:
    return z.detach().numpy()


def _index(z: Any, _: Any) -> Any:
    return z.argmax()


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (_detached, "returns a loss that does not depend on the logits, expected one that auto"),
        (_constant, "is differentiated to None, expected the gradient by the logits: compute the"),
        (_item, "returns a float, expected a tensor: stay in PyTorch: no float(), .item() or"),
        (_array, "returns a numpy.ndarray, expected a tensor: stay in PyTorch: no float(), .item"),
        (_index, "returns a tensor of dtype int64, expected floats: compute in the dtype that"),
    ],
)
def test_what_autograd_cannot_follow_is_a_failure(loss: Any, text: str) -> None:
    """A loss that leads nowhere, or is no tensor of floats, is told in one line."""
    answer = make_runner(loss, framework="torch").run(call())
    assert answer.failure.startswith(text)
    assert answer.failure_kind == "error"
    assert answer.gradient is None


def test_errors_in_backward_are_told_with_their_line() -> None:
    """What a backward raises names its line; a gradient of a wrong shape is autograd's error."""

    class Raising(_Entropy):
        @staticmethod
        def backward(*_: Any) -> Any:
            raise ValueError("no rule")

    class Short(_Entropy):
        @staticmethod
        def backward(*_: Any) -> Any:
            return torch.ones(2), None

    raising = guarded(make_runner(Raising.apply, framework="torch")).run(call())
    assert raising.failure.startswith("ValueError: no rule (test_calls_torch.py:")
    short = guarded(make_runner(Short.apply, framework="torch")).run(call())
    assert "returned an invalid gradient at index 0" in short.failure


def test_changes_behind_autograd_are_complaints() -> None:
    """Writing to .data or to the target is told."""

    def changing(z: Any, y: Any) -> Any:
        z.data.sub_(1)
        y += 1
        return z.sum()

    answer = make_runner(changing, framework="torch").run(call())
    assert answer.complaints == ("changes its logits", "changes its target")
