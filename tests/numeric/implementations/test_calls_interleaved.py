from __future__ import annotations

from typing import Any

import pytest

from gradproof.numeric.implementations import Call, guarded, make_runner
from tests.numeric.implementations.conftest import (
    POINT,
    call,
    gradient_at,
    is_close,
    is_right,
    numbers,
)

torch = pytest.importorskip("torch")


def _loss(z: Any, y: Any) -> Any:
    return torch.logsumexp(z, -1) - z[y]


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


class _Forgetful(_Entropy):
    """Keeps what its backward needs on the class, where the next forward overwrites it."""

    kept: Any = None

    @staticmethod
    def forward(_: Any, z: Any, y: Any) -> Any:
        _Forgetful.kept = torch.softmax(z, 0), int(y)
        return _loss(z, y)

    @staticmethod
    def backward(_: Any, upstream: Any) -> Any:
        p, y = _Forgetful.kept
        gradient = p.clone()
        gradient[y] -= 1
        return upstream * gradient, None


def test_state_of_a_class_shows_when_calls_are_interleaved() -> None:
    """Both forwards come before both backwards: what is kept on a class is the second call's."""
    first, second = call("float64"), Call(POINT[::-1].copy(), 0, "float64")
    expected = gradient_at(POINT, 1), gradient_at(POINT[::-1], 0)
    for loss, right in ((_Entropy.apply, (True, True)), (_Forgetful.apply, (False, True))):
        runner = make_runner(loss, framework="torch")
        assert is_right(runner.run(first), "float64")
        answers = runner.interleaved(first, second)
        found = [a.gradient is not None for a in answers]
        assert found == [True, True]
        close = [is_close(a.gradient, e, "float64") for a, e in zip(answers, expected, strict=True)]
        assert tuple(close) == right


def test_arguments_in_the_same_memory() -> None:
    """In place, the second call gets the tensors of the first with other numbers in them."""
    kept: dict[int, Any] = {}

    def caching(z: Any, y: Any) -> Any:
        if id(z) not in kept:
            kept[id(z)] = torch.softmax(z, 0), z
        gradient = kept[id(z)][0].clone()
        gradient[y] -= 1
        return gradient

    other = Call(POINT[::-1].copy(), 1, "float64")
    expected = gradient_at(other.logits, 1)
    cached = make_runner(caching, framework="torch")
    assert is_close(cached.run(other).gradient, expected, "float64")
    assert is_right(cached.run_in_place(call("float64"), other), "float64")
    for plain in (make_runner(_loss), guarded(make_runner(_loss))):
        assert is_close(plain.run_in_place(call("float64"), other).gradient, expected, "float64")
    assert numbers(cached.run(call("float64"))) == numbers(cached.run(call("float64")))
