"""Networks with two layers: every weight's gradient against the derivative of the loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gradproof.checks.twins import TwinOutcome, check_backward, label, numbers

INPUTS = (
    numbers(3, 2, name="W1"),
    numbers(3, name="b1"),
    numbers(3, 3, name="W2"),
    numbers(3, name="b2"),
    numbers(2, name="x"),
    label(),
)
WEIGHTS = (0, 1, 2, 3)


def programs(framework: str) -> dict[str, Callable[..., Any]]:
    """Return both losses of the network, and one with a wrong backward."""
    return _torch() if framework == "torch" else _jax()


def _torch() -> dict[str, Callable[..., Any]]:
    torch = pytest.importorskip("torch")

    def net(w1: Any, b1: Any, w2: Any, b2: Any, x: Any) -> Any:
        return w2 @ torch.relu(w1 @ x + b1) + b2

    def entropy(*args: Any) -> Any:
        return torch.nn.functional.cross_entropy(net(*args[:5])[None], torch.tensor([args[5]]))

    def quadratic(*args: Any) -> Any:
        aim = torch.nn.functional.one_hot(torch.tensor(args[5]), 3)
        return (net(*args[:5]).softmax(0) - aim).square().sum() / 2

    def detached(w1: Any, *args: Any) -> Any:
        return entropy(w1, args[0].detach(), *args[1:])

    return {"cross-entropy": entropy, "quadratic": quadratic, "wrong": detached}


def _jax() -> dict[str, Callable[..., Any]]:
    jax = pytest.importorskip("jax")

    def net(w1: Any, b1: Any, w2: Any, b2: Any, x: Any) -> Any:
        return w2 @ jax.nn.relu(w1 @ x + b1) + b2

    def entropy(*args: Any) -> Any:
        return -jax.nn.log_softmax(net(*args[:5]))[args[5]]

    def quadratic(*args: Any) -> Any:
        residual = jax.nn.softmax(net(*args[:5])) - jax.nn.one_hot(args[5], 3)
        return jax.numpy.sum(residual**2) / 2

    def detached(w1: Any, *args: Any) -> Any:
        return entropy(w1, jax.lax.stop_gradient(args[0]), *args[1:])

    return {"cross-entropy": entropy, "quadratic": quadratic, "wrong": detached}


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["cross-entropy", "quadratic"])
@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_the_gradients_of_all_weights_are_certified(framework: str, loss: str) -> None:
    """All 21 derivatives agree to 30 digits at ten points and more, kinks counted apart."""
    program = programs(framework)[loss]
    found = check_backward(
        program, INPUTS, framework=framework, argnums=WEIGHTS, sizes=(3,), dtype="float32"
    )
    assert found.outcome is TwinOutcome.AGREES, str(found)
    assert found.digits >= 30
    assert found.points >= 10


@pytest.mark.slow
@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_a_bias_that_is_left_out_is_found(framework: str) -> None:
    """A network whose first bias is detached has another gradient than its derivative."""
    program = programs(framework)["wrong"]
    found = check_backward(program, INPUTS, framework=framework, argnums=WEIGHTS, sizes=(3,))
    assert found.outcome is TwinOutcome.DIFFERENT
    assert found.verdict is not None
    assert found.verdict.where.startswith("derivative by b1")
