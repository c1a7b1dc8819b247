"""What the stable losses take and give back: shapes, dtypes, libraries, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradproof import losses
from gradproof.numeric.stable import (
    STABLE,
    kde_cross_entropy,
    keras_cross_entropy,
    multiclass_bce,
    quadratic,
    softmax_cross_entropy,
    softmax_cross_entropy_gradient,
    softmax_cross_entropy_soft,
)
from gradproof.symbolic.errors import DeclarationError

BATCH = np.random.default_rng(0).normal(size=(2, 3, 5)) * 10


def target_of(name: str, has_label: Any, shape: tuple[int, ...]) -> Any:
    """Return a target for logits of a shape."""
    if has_label(name):
        return np.arange(int(np.prod(shape[:-1]))).reshape(shape[:-1]) % shape[-1]
    return np.random.default_rng(1).random(shape)


def test_every_loss_of_logits_and_one_target_has_a_stable_form() -> None:
    """The table has the names of the library of losses, but for those of whole kernel densities."""
    others = {"kde_integral_cross_entropy", "kde_binned_cross_entropy"}
    assert set(STABLE) == set(losses.LOSSES) - others
    for name, stable in STABLE.items():
        assert stable.value.__name__ == name
        assert stable.gradient.__name__ == f"{name}_gradient"
        assert stable.call == f"gradproof.stable.{name}_gradient"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", STABLE)
def test_a_batch_is_its_samples(name: str, dtype: str, has_label: Any) -> None:
    """Logits of shape (..., n) give losses (...) and gradients (..., n) of the same dtype, each
    sample's bit for bit what it is alone.
    """
    logits, stable = BATCH.astype(dtype), STABLE[name]
    target = target_of(name, has_label, BATCH.shape)
    values, gradients = stable.value(logits, target), stable.gradient(logits, target)
    assert values.shape == (2, 3)
    assert gradients.shape == (2, 3, 5)
    assert values.dtype == gradients.dtype == np.dtype(dtype)
    for place in np.ndindex(2, 3):
        assert stable.value(logits[place], target[place]) == values[place]
        assert np.array_equal(stable.gradient(logits[place], target[place]), gradients[place])


@pytest.mark.parametrize("name", STABLE)
def test_inputs_are_left_as_they_are(name: str, has_label: Any) -> None:
    """Neither logits nor targets are written to."""
    logits, target = BATCH.copy(), target_of(name, has_label, BATCH.shape)
    logits[..., 0] = -np.inf
    if not has_label(name):
        target[..., 0] = 0
    else:
        target = np.maximum(target, 1)
    before = logits.copy(), target.copy()
    for function in (STABLE[name].value, STABLE[name].gradient):
        function(logits, target)
    assert np.array_equal(logits, before[0])
    assert np.array_equal(target, before[1])


@pytest.mark.parametrize("name", STABLE)
def test_masked_classes_are_as_if_they_were_not_there(name: str, has_label: Any) -> None:
    """A logit of -infinity leaves loss and gradient of the other classes, and has itself none."""
    logits, n = BATCH[0, 0].astype(np.float32), 5
    target = 1 if has_label(name) else np.random.default_rng(2).random(n).astype(np.float32)
    wide = np.insert(logits, [0, 3], -np.inf)
    wide_target = target + 1 if has_label(name) else np.insert(target, [0, 3], 0)
    stable = STABLE[name]
    assert stable.value(wide, wide_target) == stable.value(logits, target)
    found = stable.gradient(wide, wide_target)
    assert np.array_equal(np.delete(found, [0, 4]), stable.gradient(logits, target))
    assert not np.any(found[[0, 4]])


def test_a_list_is_taken_as_numpy_takes_it() -> None:
    """Logits that are no array become float64."""
    assert softmax_cross_entropy([1.0, 2.0], 0).dtype == np.float64


def test_one_row_of_targets_serves_every_sample() -> None:
    """Targets of shape (n,) stand for all samples of a batch."""
    p = np.random.default_rng(3).random(5)
    one = softmax_cross_entropy_soft(BATCH, p)
    assert np.array_equal(one, softmax_cross_entropy_soft(BATCH, np.broadcast_to(p, BATCH.shape)))


def same_as_numpy(name: str, has_label: Any, convert: Any, kind: type) -> None:
    """Check that arrays of another library give the same gradients, of its own kind."""
    logits = BATCH[0].astype(np.float32)
    logits[0, 3] = -np.inf
    target = target_of(name, has_label, (3, 5))
    if not has_label(name):
        target = target.astype(np.float32)
        target[0, 3] = 0
    gradient = STABLE[name].gradient(convert(logits), convert(target))
    value = STABLE[name].value(convert(logits), target)
    assert isinstance(gradient, kind)
    assert isinstance(value, kind)
    assert str(gradient.dtype).endswith("float32")
    assert np.array_equal(np.asarray(gradient), STABLE[name].gradient(logits, target))
    np.testing.assert_allclose(np.asarray(value), STABLE[name].value(logits, target), rtol=1e-6)


@pytest.mark.parametrize("name", STABLE)
def test_tensors_of_pytorch_give_the_same_bits(name: str, has_label: Any) -> None:
    """The gradient of a PyTorch tensor is a tensor with the bits of NumPy's."""
    torch = pytest.importorskip("torch")
    same_as_numpy(name, has_label, torch.tensor, torch.Tensor)


@pytest.mark.parametrize("name", STABLE)
def test_arrays_of_jax_give_the_same_bits(name: str, has_label: Any) -> None:
    """The gradient of a JAX array is a JAX array with the bits of NumPy's."""
    jax = pytest.importorskip("jax")
    same_as_numpy(name, has_label, jax.numpy.asarray, jax.Array)


def test_tensors_of_pytorch_may_have_a_history() -> None:
    """A tensor that asks for its gradient is taken by its value; bfloat16 is given back."""
    torch = pytest.importorskip("torch")
    logits = torch.tensor([1.0, 2.0, 0.5], requires_grad=True)
    assert not softmax_cross_entropy_gradient(logits, 1).requires_grad
    narrow = logits.to(torch.bfloat16)
    assert softmax_cross_entropy_gradient(narrow, 1).dtype == torch.bfloat16
    assert not softmax_cross_entropy_soft(logits, logits / 4).requires_grad


REFUSED = [
    (softmax_cross_entropy, np.array([1, 2]), 0, "logits are floats of shape"),
    (softmax_cross_entropy, np.float64(1.0), 0, "logits are floats of shape"),
    (softmax_cross_entropy, np.zeros((2, 0)), 0, "logits are floats of shape"),
    (softmax_cross_entropy, np.array([1.0, np.nan]), 0, "a logit is -infinity or at most"),
    (softmax_cross_entropy, np.array([1.0, np.inf]), 0, "a logit is -infinity or at most"),
    (softmax_cross_entropy, np.array([1e300, 0.0]), 0, "a logit is -infinity or at most 1.63e+296"),
    (softmax_cross_entropy, np.array([-np.inf, -np.inf]), 0, "has a class that is not masked"),
    (softmax_cross_entropy, np.zeros(3), 3, "a label is a class, 0 to 2"),
    (softmax_cross_entropy, np.zeros(3), -1, "a label is a class, 0 to 2"),
    (softmax_cross_entropy, np.zeros(3), 1.0, "labels are integers, one for each sample"),
    (softmax_cross_entropy, np.zeros(3), True, "labels are integers, one for each sample"),
    (softmax_cross_entropy, np.zeros(3), [0, 1], "labels are integers, one for each sample"),
    (softmax_cross_entropy, np.array([-np.inf, 0.0]), 0, "a masked class is no target"),
    (softmax_cross_entropy_soft, np.zeros(3), [0.5, 0.5], "targets have the shape of the logits"),
    (softmax_cross_entropy_soft, np.zeros(2), [1.5, -0.5], "a target is not negative"),
    (softmax_cross_entropy_soft, np.zeros(2), [np.nan, 1.0], "a target is not negative"),
    (softmax_cross_entropy_soft, np.zeros(2), [1e9, 1.0], "a target is not negative"),
    (softmax_cross_entropy_soft, np.array([-np.inf, 0.0]), [0.1, 0.9], "a masked class is no"),
    (multiclass_bce, np.array([-np.inf, 0.0]), [0.0, 1.0], "has two classes that are not masked"),
    (multiclass_bce, np.zeros(1), [1.0], "has two classes that are not masked"),
    (kde_cross_entropy, np.zeros(2), [0.0, 0.0], "some kernel value of a sample is positive"),
    (kde_cross_entropy, np.array([-np.inf, 0.0]), [1.0, 0.0], "some kernel value of a sample"),
    (kde_cross_entropy, np.zeros(2), [-1.0, 1.0], "a kernel value is finite and not negative"),
    (kde_cross_entropy, np.zeros(2), [np.inf, 1.0], "a kernel value is finite and not negative"),
    (kde_cross_entropy, np.zeros(3), [1.0, 1.0], "kernel values have the shape of the logits"),
]


@pytest.mark.parametrize(("function", "logits", "target", "text"), REFUSED)
def test_what_has_no_loss_is_refused(function: Any, logits: Any, target: Any, text: str) -> None:
    """Inputs outside the domain are an error that says what must hold."""
    with pytest.raises(DeclarationError) as caught:
        function(logits, target)
    assert text in str(caught.value)


@pytest.mark.parametrize("epsilon", [0.0, 0.5, -1.0, float("nan")])
def test_epsilon_lies_between_0_and_one_half(epsilon: float) -> None:
    """Keras's loss has no meaning with another epsilon."""
    with pytest.raises(DeclarationError, match="epsilon is above 0 and below 1/2"):
        keras_cross_entropy(np.zeros(2), np.ones(2), epsilon)


def test_a_masked_label_has_a_finite_loss_where_outputs_do() -> None:
    """The quadratic loss of a masked label is finite: its residual is -1."""
    assert quadratic(np.array([-np.inf, 0.0, 0.0]), 0) == 0.75


def test_a_loss_above_the_greatest_float16_is_infinite() -> None:
    """A loss that the dtype of the logits does not hold is rounded to infinity, without a word."""
    assert softmax_cross_entropy(np.array([-6e4, 6e4], np.float16), 0) == np.inf
