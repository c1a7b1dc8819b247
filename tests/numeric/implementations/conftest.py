"""What the tests of the runners share: calls, and the gradient of softmax cross-entropy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
from hypothesis import strategies as st

from gradproof.numeric.implementations import Answer, Call

DTYPES = ("float16", "bfloat16", "float32", "float64")
UNITS = {"float16": 2.0**-11, "bfloat16": 2.0**-8, "float32": 2.0**-24, "float64": 2.0**-53}
POINT = np.array([0.5, 1.25, -2.0])
BATCH = np.array([[0.5, 1.25, -2.0], [-1.0, 0.25, 3.0]])
LABELS = np.array([1, 2])


def call(dtype: str = "float32", upstream: float = 1.0, *, form: str = "index") -> Call:
    """Return a call at a moderate point, whose numbers every dtype holds."""
    return Call(POINT, 1 if form == "index" else np.eye(3)[1], dtype, upstream)


def batch(dtype: str = "float32", upstream: float = 1.0, *, form: str = "index") -> Call:
    """Return a call of two rows."""
    return Call(BATCH, LABELS if form == "index" else np.eye(3)[LABELS], dtype, upstream)


def gradient_at(logits: Any, label: int) -> Any:
    """Return the gradient of softmax cross-entropy, correctly rounded to float64 but for an ulp."""
    with mpmath.workdps(40):
        powers = [mpmath.exp(float(v)) for v in logits]
        return np.array([float(p / sum(powers) - (k == label)) for k, p in enumerate(powers)])


def loss_at(logits: Any, label: int) -> float:
    """Return softmax cross-entropy."""
    with mpmath.workdps(40):
        powers = [mpmath.exp(float(v)) for v in logits]
        return float(mpmath.log(sum(powers) / powers[label]))


def is_right(answer: Answer, dtype: str, upstream: float = 1.0) -> bool:
    """Tell whether the gradient at the moderate point is right to the accuracy of the dtype."""
    expected = upstream * gradient_at(POINT, 1)
    return answer.failure == "" and is_close(answer.gradient, expected, dtype)


def is_close(found: Any, expected: Any, dtype: str) -> bool:
    """Tell whether numbers of size one or so are equal to a few roundings in the dtype."""
    expected = np.asarray(expected)
    assert np.shape(found) == expected.shape
    return bool(np.all(np.abs(found - expected) <= 16 * UNITS[dtype] * (1 + np.abs(expected))))


def numbers(answer: Answer) -> list[float]:
    """Return the numbers of a gradient."""
    assert answer.gradient is not None, answer
    return [float(v) for v in answer.gradient.ravel()]


def numbers_in(dtype: str) -> st.SearchStrategy[float]:
    """Return a strategy of all the numbers of a dtype, NaN excepted, as Python floats."""
    if dtype == "bfloat16":
        words = st.integers(0, 2**16 - 1).map(lambda k: np.uint32(k << 16).view(np.float32))
        return words.map(float).filter(lambda x: x == x)
    return st.floats(width={"float16": 16, "float32": 32, "float64": 64}[dtype], allow_nan=False)


def same_bits(one: Any, other: Any) -> bool:
    """Tell whether two arrays of float64 are the same, signs of zeros included."""
    return bool(one.dtype == other.dtype == np.float64 and one.tobytes() == other.tobytes())


def of_numpy(z: Any, y: Any) -> Any:
    """Return the gradient of softmax cross-entropy, for one row or several."""
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    if np.ndim(y) == 0:
        p[y] -= 1
    else:
        p[np.arange(len(y)), y] -= 1
    return p


def counted(function: Callable[..., Any], log: list[Any]) -> Callable[..., Any]:
    """Return a function that notes the arguments it is called with."""

    def noting(z: Any, y: Any) -> Any:
        log.append((z, y))
        return function(z, y)

    return noting
