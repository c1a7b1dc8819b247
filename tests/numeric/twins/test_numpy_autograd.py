from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from gradproof.numeric.twins import evaluation
from gradproof.numeric.twins.arguments import argument
from gradproof.numeric.twins.dual import Dual
from gradproof.numeric.twins.numpy_adaptor import NumpyAdaptor
from gradproof.numeric.twins.numpy_messages import approximate
from gradproof.symbolic.errors import UnsupportedError

autograd = pytest.importorskip("autograd")
anp = pytest.importorskip("autograd.numpy")
extend = pytest.importorskip("autograd.extend")

ADAPTOR = NumpyAdaptor()
POINT = np.array([0.5, 1.25, 2.0])


@extend.primitive
def _right(x: Any) -> Any:
    return anp.log(anp.sum(anp.exp(x)))


extend.defvjp(_right, lambda ans, x: lambda g: g * anp.exp(x - ans))


@extend.primitive
def _wrong(x: Any) -> Any:
    return anp.sum(x * x)


extend.defvjp(_wrong, lambda _, x: lambda g: g * x)


def _cross_entropy(z: Any) -> Any:
    m = anp.max(z)
    return anp.log(anp.sum(anp.exp(z - m))) + m - z[1]


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "cross entropy": _cross_entropy,
    "own rule": lambda z: _right(z) * z[1],
    "matrix": lambda z: anp.sum(anp.dot(np.arange(6.0).reshape(2, 3), z) ** 2),
    "stacks": lambda z: anp.sum(anp.stack([z, z * z])[1]) + anp.array([z[0], z[1]]) @ z[1:],
    "moments": lambda z: anp.mean(z) + anp.var(z) + anp.std(z) + anp.prod(z) + anp.cumsum(z)[1],
    "indices": lambda z: anp.sum(z[np.array([0, 0, 1])] ** 2) + anp.maximum(z, 1).sum(),
    "a vector": lambda z: anp.tanh(z) * z,
    "branches": lambda z: anp.sum(anp.where(z > 1, z, z * z)) + anp.sum(anp.abs(z)),
    "norm": lambda z: anp.linalg.norm(z) + anp.logaddexp(z[0], z[1]),
    "products": lambda z: anp.sum(anp.outer(z, z) @ z) + anp.einsum("i,i->", z, z),
    "joins": lambda z: anp.sum(anp.concatenate([z, z]) ** 2) + anp.sum(anp.reshape(z, (3, 1)).T),
    "order": lambda z: anp.sum(anp.sort(z) * np.arange(3)) + anp.sum(anp.clip(z, 0, 1.5)),
    "constants": lambda z: anp.ones(3) @ z + (1.0 / z).sum() + (np.float64(2.0) * z)[0],
}


def numbers(arrays: list[Any]) -> list[float]:
    """Return outputs as floats."""
    return [approximate(n) if a.dtype == object else n for a in arrays for n in a.ravel()]


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_gradient_of_autograd_runs_exactly(name: str) -> None:
    """In exact arithmetic it is what it is in floats, and the derivative of the exact program."""
    program = PROGRAMS[name]
    upstream = np.full(np.shape(program(POINT)), 0.5)[()]
    arguments = [argument(upstream), argument(POINT)]
    gradient = ADAPTOR.gradient(program, [0])
    exact = numbers(evaluation.outputs(ADAPTOR.trace(gradient, arguments), arguments, 128))
    assert exact == pytest.approx(numbers(ADAPTOR.floats(gradient, arguments)), rel=1e-13)
    own = [argument(POINT)]
    weights = [fmpq(1, 2)] * np.size(upstream)
    sides = evaluation.gradient(ADAPTOR.trace(program, own), own, [0], weights, 128)
    assert exact == pytest.approx([approximate(Dual(s.above)) for s in sides], rel=1e-14)


def test_a_wrong_rule_stays_wrong() -> None:
    """The rules are those that are registered, not derivatives of the program."""
    arguments = [argument(1.0), argument(POINT)]
    gradient = ADAPTOR.gradient(_wrong, [0])
    assert numbers(evaluation.outputs(ADAPTOR.trace(gradient, arguments), arguments, 128)) == list(
        POINT
    )


def test_several_arguments_are_varied() -> None:
    """The gradient has an array for each argument that it is asked for."""

    def program(a: Any, b: Any, power: Any) -> Any:
        return anp.sum(a * b**power)

    arguments = [argument(1.0), argument(POINT), argument(POINT + 1), argument(2)]
    gradient = ADAPTOR.gradient(program, [0, 1])
    found = evaluation.outputs(ADAPTOR.trace(gradient, arguments), arguments[:3], 128)
    assert numbers(found) == [*(POINT + 1) ** 2, *(2 * POINT * (POINT + 1))]


def test_programs_may_differentiate() -> None:
    """Programs that call autograd's operators run exactly, nested ones too."""
    programs: list[Callable[[Any], Any]] = [
        autograd.grad(_cross_entropy),
        lambda z: autograd.value_and_grad(_cross_entropy)(z),
        lambda z: autograd.grad(lambda w: anp.sum(autograd.grad(_cross_entropy)(w) ** 2))(z),
        autograd.elementwise_grad(lambda z: anp.tanh(z)),
    ]
    arguments = [argument(POINT)]
    for program in programs:
        found = evaluation.outputs(ADAPTOR.trace(program, arguments), arguments, 128)
        expected = numbers(ADAPTOR.floats(program, arguments))
        assert numbers(found) == pytest.approx(expected, rel=1e-12)


def test_numpy_alone_has_no_gradient() -> None:
    """A program without autograd is told to bring its gradient."""
    with pytest.raises(UnsupportedError, match="hand in the gradient"):
        ADAPTOR.gradient(lambda z: np.sum(z), [0])
