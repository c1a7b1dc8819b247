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
from gradproof.numeric.twins.registry import UnsupportedPrimitive

special = pytest.importorskip("scipy.special")
ADAPTOR = NumpyAdaptor()
POINT = np.array([0.5, 1.25, 2.0])

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "softmax": lambda z: special.softmax(z) + special.softmax(np.stack([z, z]), axis=1)[0],
    "log_softmax": lambda z: special.log_softmax(z) + special.log_softmax(z, axis=0),
    "logsumexp": lambda z: special.logsumexp(z) + special.logsumexp(z, axis=0, keepdims=True),
    "logsumexp b": lambda z: special.logsumexp(z, b=np.array([1, 0, 0.5])),
    "expit": lambda z: special.expit(z) + special.log_expit(z) + special.logit(z / 4),
    "xlogy": lambda z: special.xlogy(z, z) + special.xlog1py(z, z) + special.xlogy(0, z),
    "entropies": lambda z: special.entr(z) + special.rel_entr(z, 0.5) + special.kl_div(0.5, z),
    "huber": lambda z: special.huber(1.0, z) + special.pseudo_huber(0.5, z),
    "erf": lambda z: special.erf(z) + special.erfc(z) + special.erfinv(z / 4),
    "gammaln": lambda z: special.gammaln(z) + special.boxcox(z, 0.5) + special.exprel(z),
    "shared": lambda z: special.log1p(z) + special.expm1(z),
}


def slopes(program: Callable[..., Any], point: Any, weights: list[Any], bits: int) -> list[float]:
    """Return the exact gradient as floats."""
    arguments = [argument(point)]
    executable = ADAPTOR.trace(program, arguments)
    sides = evaluation.gradient(executable, arguments, [0], weights, bits)
    return [approximate(Dual(side.above)) for side in sides]


def values(program: Callable[..., Any], point: Any) -> list[float]:
    """Return the exact outputs as floats."""
    arguments = [argument(point)]
    arrays = evaluation.outputs(ADAPTOR.trace(program, arguments), arguments, 128)
    return [approximate(n) for a in arrays for n in a.ravel()]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_scipy_is_its_exact_self(name: str) -> None:
    """Values agree with SciPy's, derivatives with central differences of SciPy's."""
    program = FUNCTIONS[name]
    floats = np.ravel(program(POINT))
    assert values(program, POINT) == pytest.approx(list(floats), rel=1e-12)
    found = slopes(program, POINT, [fmpq(1)] * floats.size, 128)
    for k in range(3):
        step = np.eye(3)[k] * 1e-6
        moved = np.sum(program(POINT + step)) - np.sum(program(POINT - step))
        assert found[k] == pytest.approx(moved / 2e-6, rel=1e-6, abs=1e-6)


def test_limits_are_those_of_scipy() -> None:
    """Where a summand has weight 0, its logarithm does not count; outside, there are infinities."""

    def program(z: Any) -> Any:
        return (
            special.xlogy(z, z),
            special.entr(np.array([0.0, -1.0])),
            special.rel_entr(np.array([0.0, 1.0]), np.array([0.0, 0.0])),
            special.logsumexp(np.array([-np.inf, 0.0])),
        )

    found = values(program, np.array([0.0]))
    assert found == [0.0, 0.0, -np.inf, 0.0, np.inf, 0.0]


def test_what_scipy_does_not_do_exactly_is_refused() -> None:
    """An option or a function without exact meaning is one error."""
    with pytest.raises(UnsupportedPrimitive, match="return_sign"):
        values(lambda z: special.logsumexp(z, return_sign=True)[0], POINT)
    stats = pytest.importorskip("scipy.stats")
    with pytest.raises(UnsupportedPrimitive, match=r"scipy.stats.entropy at test_numpy_special"):
        values(lambda z: stats.entropy(z), POINT)


def test_large_numbers_do_not_overflow() -> None:
    """Exact exponentials neither overflow nor vanish."""

    def program(z: Any) -> Any:
        return np.log(np.sum(np.exp(z))) - special.logsumexp(z), special.softmax(z)[0]

    found = values(program, np.array([1000.0, -1000.0]))
    assert found[0] == pytest.approx(0, abs=1e-30)
    assert found[1] == 1.0
