from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradproof.numeric.twins import evaluation
from gradproof.numeric.twins.arguments import argument
from gradproof.numeric.twins.numpy_adaptor import NumpyAdaptor
from gradproof.numeric.twins.numpy_messages import approximate

ADAPTOR = NumpyAdaptor()
POINT = np.array([0.5, 1.25, 2.0])


def values(program: Callable[..., Any]) -> list[float]:
    """Return the exact outputs at the point as floats."""
    arguments = [argument(POINT)]
    arrays = evaluation.outputs(ADAPTOR.trace(program, arguments), arguments, 128)
    return [approximate(n) for a in arrays for n in a.ravel()]


def _softmax(xp: Any, z: Any) -> Any:
    e = xp.exp(z - xp.max(z, axis=-1, keepdims=True))
    return e / xp.sum(e, axis=-1, keepdims=True)


def _standard(xp: Any, z: Any) -> Any:
    assert xp.isdtype(z.dtype, "real floating")
    assert xp.finfo(z.dtype).bits == 64
    total = xp.logaddexp(z[0], z[1]) + xp.linalg.vector_norm(z) + xp.vecdot(z, z)
    total += xp.permute_dims(xp.expand_dims(z, axis=0), (1, 0))[0, 0] * xp.pi
    total += xp.cumulative_sum(z)[-1] + xp.pow(z, xp.asarray(2.0))[0] + xp.concat([z, z])[4]
    total += xp.matrix_transpose(z[None, :])[0, 0] + xp.take(z, xp.asarray([1]), axis=0)[0]
    total += xp.where(z > 1, z, xp.zeros_like(z))[2] + xp.asin(z[0] / 4) + xp.mean(z)
    total += xp.std(z, correction=1) + xp.sum(xp.matmul(xp.eye(3, dtype=z.dtype), z))
    total += xp.squeeze(z[xp.newaxis, ...], axis=0)[1] + xp.astype(z > 1, xp.float64)[0]
    return total * xp.ones((2,), dtype=xp.float64)


def test_the_namespace_of_an_array_is_standard() -> None:
    """Code for the array API standard gets exact functions from an array itself."""

    def program(z: Any) -> Any:
        xp = z.__array_namespace__()
        return _standard(xp, z), _softmax(xp, z)

    expected = [*np.atleast_1d(_standard(np, POINT)), *_softmax(np, POINT)]
    assert values(program) == pytest.approx(expected, rel=1e-13)


def test_array_api_compat_finds_the_namespace() -> None:
    """So does code that asks array-api-compat for it."""
    compat = pytest.importorskip("array_api_compat")

    def program(z: Any) -> Any:
        xp = compat.array_namespace(z)
        assert compat.size(z) == 3
        assert compat.device(z) == "cpu"
        return _standard(xp, compat.to_device(z, "cpu")), _softmax(xp, z)

    expected = [*np.atleast_1d(_standard(np, POINT)), *_softmax(np, POINT)]
    assert values(program) == pytest.approx(expected, rel=1e-13)
