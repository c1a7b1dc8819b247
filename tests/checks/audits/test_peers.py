"""What other checkers say at a point."""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
import pytest

from gradproof.checks.audits.finding import Opinion
from gradproof.checks.audits.peers import ACCEPTED, ask_peers
from gradproof.numeric.implementations.call import Call
from gradproof.numeric.implementations.manners import Manner


def call(*logits: float, target: Any = 0, dtype: str = "float32") -> Call:
    """Return a call at a point."""
    return Call(np.array(logits), target, dtype)


def only(opinions: tuple[Opinion, ...]) -> Opinion:
    """Return the one opinion."""
    (one,) = opinions
    return one


def shifted(z: Any, y: int) -> Any:
    """Return softmax minus one-hot."""
    e = np.exp(z - np.max(z))
    g = e / np.sum(e)
    g[y] -= 1
    return g


def cross_entropy(z: Any, y: int = 0) -> Any:
    """Return log sum exp z - z_y."""
    return np.logaddexp.reduce(z) - z[y]


def test_gradcheck_does_not_see_what_float32_loses() -> None:
    """It is asked in float64, where cross-entropy at a margin of 17 is good enough for it."""
    functional = pytest.importorskip("torch.nn.functional")
    one = only(ask_peers(functional.cross_entropy, call(17, 0, -3), framework="torch"))
    assert one == Opinion("torch.autograd.gradcheck", True, "in float64, default tolerances")


def test_gradcheck_sees_a_wrong_backward() -> None:
    """A gradient that is twice the derivative fails."""
    torch = pytest.importorskip("torch")

    class Twice(torch.autograd.Function):  # type: ignore[misc,name-defined]
        @staticmethod
        def forward(ctx: Any, z: Any) -> Any:
            ctx.save_for_backward(z)
            return torch.logsumexp(z, 0)

        @staticmethod
        def backward(ctx: Any, upstream: Any) -> Any:
            return 2 * upstream * torch.softmax(ctx.saved_tensors[0], 0)

    def wrong(z: Any, y: Any) -> Any:
        return Twice.apply(z) - z[y]

    assert only(ask_peers(wrong, call(1, 0, -1), framework="torch")).passes is False


def test_jax_is_asked_in_the_dtype_of_the_finding() -> None:
    """A right gradient passes; of a loss of 1e6 finite differences in float32 show nothing."""
    jax = pytest.importorskip("jax")

    def loss(z: Any, y: Any) -> Any:
        return jax.nn.logsumexp(z) - z[y]

    near, far = call(2, 0, -3), call(1e6, 0, -3, target=1)
    assert str(only(ask_peers(loss, near, framework="jax"))) == (
        "jax.test_util.check_grads passes (in float32, default tolerances)"
    )
    assert only(ask_peers(loss, far, framework="jax")).passes is False
    precise = only(ask_peers(loss, call(2, 0, -3, dtype="float64"), framework="jax"))
    assert precise.detail == "in float64, default tolerances"
    assert precise.passes


def test_jax_sees_a_wrong_rule() -> None:
    """A `custom_vjp` that is twice the derivative fails."""
    jax = pytest.importorskip("jax")
    total = jax.custom_vjp(lambda z: jax.nn.logsumexp(z))
    total.defvjp(lambda z: (total(z), z), lambda z, u: (2 * u * jax.nn.softmax(z),))

    def wrong(z: Any, y: Any) -> Any:
        return total(z) - z[y]

    assert only(ask_peers(wrong, call(1, 0, -1), framework="jax")).passes is False


def test_scipy_compares_a_gradient_with_the_loss_meant() -> None:
    """A right gradient passes, one that is off by more than the tolerance fails."""
    pytest.importorskip("scipy")

    def asked(gradient: Any) -> Opinion:
        return only(
            ask_peers(
                gradient,
                call(2, 0, -3),
                framework="numpy",
                returns="gradient",
                loss_value=cross_entropy,
            )
        )

    right = asked(shifted)
    assert right.checker == "scipy.optimize.check_grad"
    assert right.passes
    assert right.detail.startswith("in float64, off by ")
    assert asked(lambda z, y: shifted(z, y) + ACCEPTED / 10).passes
    assert not asked(lambda z, y: shifted(z, y) + 2 * ACCEPTED).passes
    assert not asked(lambda z, y: shifted(z, y) * np.nan).passes


def test_scipy_compares_a_gradient_with_the_loss_beside_it() -> None:
    """Of a loss and its gradient, no other loss is needed; a batch of one is handed in as such."""
    pytest.importorskip("scipy")

    def asked(loss: Any, gradient: Any, **more: Any) -> Opinion:
        opinions = ask_peers(loss, call(2, 0, -3), framework="numpy", gradient=gradient, **more)
        return only(opinions)

    def rows_loss(z: Any, y: Any) -> Any:
        return np.array([cross_entropy(z[0], y[0])])

    def rows_gradient(z: Any, y: Any) -> Any:
        return shifted(z[0], y[0])[None]

    assert asked(cross_entropy, shifted).passes
    assert not asked(lambda z, y: 2 * cross_entropy(z, y), shifted).passes
    assert asked(rows_loss, rows_gradient, manner=Manner("array", batched=True)).passes
    assert asked(
        lambda y, z: cross_entropy(z, y), lambda y, z: shifted(z, y), target_first=True
    ).passes


def test_autograd_is_asked_without_a_trace() -> None:
    """A right rule passes, a wrong one fails; NumPy's random numbers go on as before."""
    autograd = pytest.importorskip("autograd")
    anp = pytest.importorskip("autograd.numpy")
    total = autograd.extend.primitive(lambda z: np.logaddexp.reduce(z))
    autograd.extend.defvjp(total, lambda ans, z: lambda u: 2 * u * np.exp(z - ans))

    def right(z: Any, y: int) -> Any:
        return anp.log(anp.sum(anp.exp(z))) - z[y]

    def wrong(z: Any, y: int) -> Any:
        return total(z) - z[y]

    before: Any = np.random.get_state()
    assert only(ask_peers(right, call(1, 0, -1), framework="autograd")) == Opinion(
        "autograd.test_util.check_grads", True, "in float64"
    )
    assert only(ask_peers(wrong, call(1, 0, -1), framework="autograd")).passes is False
    after: Any = np.random.get_state()
    assert np.array_equal(after[1], before[1])


def test_what_cannot_be_asked_is_told() -> None:
    """A loss in NumPy has nothing to check; a gradient needs a loss; others take none by hand."""
    assert ask_peers(cross_entropy, call(1, 0), framework="numpy") == ()
    without = only(ask_peers(shifted, call(1, 0), framework="numpy", returns="gradient"))
    assert (without.passes, without.detail) == (None, "it needs the loss beside its gradient")
    pytest.importorskip("torch")
    by_hand = only(ask_peers(shifted, call(1, 0), framework="torch", returns="gradient"))
    assert by_hand.passes is None
    assert str(by_hand) == (
        "torch.autograd.gradcheck could not be asked "
        "(it checks what the framework differentiates, no gradient by hand)"
    )


def test_errors_end_in_an_opinion() -> None:
    """Whatever the implementation raises, the opinion says so in one line."""
    pytest.importorskip("scipy")

    def broken(_z: Any, _y: int) -> Any:
        raise RuntimeError("no\nsuch thing")

    one = only(
        ask_peers(
            broken, call(1, 0), framework="numpy", returns="gradient", loss_value=cross_entropy
        )
    )
    assert (one.passes, one.detail) == (None, "RuntimeError: no")


def test_a_checker_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its package, or the framework, nothing is asked."""
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    one = only(
        ask_peers(
            shifted, call(1, 0), framework="numpy", returns="gradient", loss_value=cross_entropy
        )
    )
    assert one.passes is None
    assert "scipy" in one.detail
    assert only(ask_peers(shifted, call(1, 0), framework="fortran")).passes is None


def test_the_time_is_bounded_and_nothing_is_printed(capfd: Any) -> None:
    """An implementation that does not end is given up, and what it prints is not shown."""
    pytest.importorskip("scipy")

    def endless(_z: Any, _y: int) -> Any:
        sys.stdout.write("still at it")
        time.sleep(60)

    one = only(
        ask_peers(
            endless,
            call(1, 0),
            framework="numpy",
            returns="gradient",
            loss_value=cross_entropy,
            seconds=0.2,
        )
    )
    assert (one.passes, one.detail) == (None, "it took more than 0.2 s")
    assert capfd.readouterr() == ("", "")
