from __future__ import annotations

import collections
import functools
import itertools
import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from gradproof.numeric.twins import evaluation
from gradproof.numeric.twins.arguments import argument
from gradproof.numeric.twins.exact_array import ExactArray
from gradproof.numeric.twins.numpy_adaptor import NumpyAdaptor
from gradproof.numeric.twins.numpy_messages import FloatsAskedError, approximate
from gradproof.numeric.twins.numpy_proxies import numpy_proxy
from gradproof.numeric.twins.registry import ImpureProgramError, UnsupportedPrimitive
from gradproof.symbolic.errors import DeclarationError

ADAPTOR = NumpyAdaptor()
POINT = np.array([0.5, 1.25, 2.0])
BUFFER = np.zeros(3)
WEIGHTS = np.arange(9.0).reshape(3, 3)
TABLE = {"weights": WEIGHTS, "activation": np.exp}
ORDERED = collections.OrderedDict(weights=WEIGHTS)


def values(program: Callable[..., Any], *given: Any) -> list[Any]:
    """Return the exact outputs of a program as arrays of floats."""
    arguments = [argument(v) for v in given or (POINT,)]
    inputs: list[Any] = [a for a in arguments if hasattr(a, "values")]
    arrays = evaluation.outputs(ADAPTOR.trace(program, arguments), inputs, 128)
    shown = [[approximate(n) if a.dtype == object else n for n in a.ravel()] for a in arrays]
    return [np.reshape(s, a.shape) for s, a in zip(shown, arrays, strict=True)]


class _Node:
    @functools.lru_cache  # noqa: B019
    def size(self, n: int) -> int:
        return n * 2

    @classmethod
    def build(cls) -> _Node:
        return cls()

    @functools.cached_property
    def shares(self) -> Any:
        return np.ones(3) / 4

    def __matmul__(self, z: Any) -> Any:
        return self.shares @ z

    def __getattr__(self, name: str) -> Any:
        if name == "logarithm":
            return np.log
        raise AttributeError(name)


class _Larger(_Node):
    def size(self, n: int) -> int:
        return super().size(n) + 1


NODE = _Larger()


def _exponentials(z: Any) -> Iterator[Any]:
    for v in z:
        yield math.exp(v)


def _outer_variable(z: Any) -> Any:
    total = 0

    def add() -> None:
        nonlocal total
        total = total + z[0]

    add()
    add()
    return total


def _recursive(z: Any, depth: int = 3) -> Any:
    return z if depth == 0 else _recursive(z * z.sum() ** -1, depth - 1)


def _matching(z: Any) -> Any:
    match z[0]:
        case float():
            return z
        case _:
            return z * 2


def _buffered(z: Any) -> Any:
    BUFFER[:] = z
    return BUFFER * 2


def _row_replaced(z: Any) -> Any:
    w = WEIGHTS.copy()
    w[0] = z
    return w


def _written(z: Any) -> Any:
    a = z.copy()
    np.putmask(a, a > 1, 0.5)
    b = np.outer(a, a)
    np.fill_diagonal(b, 0)
    np.put_along_axis(a, np.array([0]), 7.0, 0)
    np.copyto(a, z, where=z > 1.5)
    a.flat[1] = 3
    return a @ b


def _integers(z: Any) -> Any:
    a = np.zeros(3, int)
    a[0] = z[2]
    b = z.copy()
    b += z.astype(int)
    return a * 1.0 + b + np.array([z[0], 1.7, 2.9]).astype(int)


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "constants on the left": lambda z: (
        np.float64(0.5) * z[0]
        + np.float32(2) ** z[1]
        + (np.float64(0.1) < z[0]) * 1.0
        + np.int64(2) / z[0]
        + np.float64(3) % z[0]
        + np.float64(1)
        - z
    ),
    "bases of logarithms": lambda z: math.log(z[1], 3) + math.log(3, z[0]),
    "a global buffer": _buffered,
    "global containers": lambda z: (
        TABLE["weights"] @ TABLE["activation"](z) + ORDERED["weights"] @ z
    ),
    "an object": lambda z: NODE @ z + NODE.size(3) + NODE.logarithm(z[0]) + NODE.build().shares[0],
    "generators": lambda z: (
        math.fsum(_exponentials(z)) + sum(_exponentials(z)) + max(_exponentials(z))
    ),
    "nonlocal": _outer_variable,
    "recursion": _recursive,
    "walrus": lambda z: [y for x in z if (y := math.sqrt(x)) > 0.8],
    "match": _matching,
    "folds": lambda z: functools.reduce(operator.mul, z) + functools.reduce(math.hypot, z),
    "accumulate": lambda z: list(itertools.accumulate(z)),
    "map": lambda z: list(map(math.exp, z)) + list(map(np.exp, z)),
    "a copied global": _row_replaced,
    "nested where": lambda z: np.where(z > 1, np.log(np.where(z > 1, z, 1)), 0.0),
    "open mesh": lambda z: np.outer(z, z)[np.ix_([0, 1], [1, 2])],
    "triangle": lambda z: np.outer(z, z)[np.triu_indices(3, 1)],
    "of nothing": lambda z: np.sum(z[:0]) + np.prod(z[:0]),
    "batches": lambda z: np.matmul(np.ones((2, 1, 3)), z[:, None]),
    "writing functions": _written,
    "comparisons with no numbers": lambda z: z * (z[0] == None) + z * (z[0] != "a"),  # noqa: E711
    "nested lists": lambda z: np.array([z.tolist(), [1, 2, 3]]) @ np.array([1, 0.5, z[0]]),
    "integers": _integers,
    "meshes": lambda z: np.meshgrid(z, z)[0] * np.meshgrid(z, z)[1],
    "rounding": lambda z: round(z[1], 1) + round(z[2]) + np.round(z[1]) + int(z[1]) + z[1] // 1,
    "nan": lambda z: (
        np.nanmax(np.array([np.nan, z[0]])) + np.nan_to_num([np.nan, np.inf], posinf=2.0)
    ),
    "limits by keyword": lambda z: z.clip(min=1, max=1.5) + np.clip(z, a_min=0.6, a_max=None),
    "averages": lambda z: (
        np.average(np.stack([z, z * 2]), axis=0, weights=[0.25, 0.75])
        + np.average(z, weights=z, returned=True)[1]
    ),
    "weights": lambda z: z @ WEIGHTS + WEIGHTS.T @ z + np.dot(WEIGHTS, z) + (WEIGHTS * z).sum(1),
    "sorted pairs": lambda z: sorted(zip(z, range(3), strict=True), reverse=True)[1][0],
    "new vectorised": lambda z: np.vectorize(lambda x: math.exp(x) if x > 1 else x)(z),
    "joined by index": lambda z: np.c_[z, z].sum() + np.r_[z, 0.5, 0:2],
    "printed": lambda z: z * len(f"{z[0]:.2f} {z}"),
    "exact divisions": lambda z: z + np.arange(1, 4) / 4 + np.mean(np.array([1, 2])),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_python_means_what_it_means(name: str) -> None:
    """Whatever Python does with numbers and arrays, the twin does."""
    program = PROGRAMS[name]
    found = values(program)
    floats = ADAPTOR.floats(program, [argument(POINT)])
    assert [f.shape for f in found] == [f.shape for f in floats]
    for a, b in zip(found, floats, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)


def test_divisions_of_numpy_are_exact() -> None:
    """NumPy's functions of integers and constants do not round."""

    def program(z: Any) -> Any:
        thirds = np.arange(3) / 3
        return thirds.sum() - 1, np.linspace(0, 1, 4)[1] * 3 - 1, np.mean([1, 1, 2]) * 3 - 4, z

    assert [float(v) for v in values(program)[:3]] == [0.0, 0.0, 0.0]


def test_a_refusal_cannot_be_swallowed() -> None:
    """A program that catches the error of an unsupported operation has no twin for it."""

    def fallback(z: Any) -> Any:
        try:
            return np.linalg.inv(np.outer(z, z))
        except Exception:
            return z

    def lucky(z: Any) -> Any:
        try:
            return z + np.random.normal(size=3)
        except Exception:
            return z

    with pytest.raises(UnsupportedPrimitive, match="inv"):
        values(fallback)
    with pytest.raises(ImpureProgramError):
        values(lucky)


def test_options_without_meaning_are_refused() -> None:
    """An option that a rule does not know is an error, not ignored."""
    with pytest.raises(UnsupportedPrimitive, match="ptp with where="):
        values(lambda z: np.ptp(z, 0, where=z > 1))
    with pytest.raises(UnsupportedPrimitive, match="ord=2"):
        values(lambda z: np.linalg.norm(np.outer(z, z), 2))


def test_numbers_are_not_turned_into_floats() -> None:
    """No conversion to floats goes unnoticed."""
    array = numpy_proxy().asarray([0.5, 1.5])
    assert isinstance(array, ExactArray)
    for convert in (np.array, lambda a: float(a[0])):
        with pytest.raises(FloatsAskedError):
            convert(array)
    with pytest.raises(TypeError):
        hash(array)
    outside = [np.zeros(2)]

    class Hidden(list[Any]):
        def first(self) -> Any:
            return self[0]

    hidden = Hidden(outside)
    with pytest.raises(FloatsAskedError, match="asks for floats at test_numpy_semantics"):
        values(lambda z: hidden.first().__setitem__(0, z[0]))


def test_errors_of_indices_and_types_are_those_of_numpy() -> None:
    """What NumPy refuses, the twin refuses, with its error."""
    with pytest.raises(DeclarationError, match="IndexError"):
        values(lambda z: z[z])
    with pytest.raises(DeclarationError, match="IndexError"):
        values(lambda z: z[7])
    with pytest.raises(DeclarationError, match=r"ValueError: The truth value"):
        values(lambda z: z if z > 0 else -z)
    with pytest.raises(DeclarationError, match=r"ValueError: math domain error"):
        values(lambda z: math.log(z[0] - 0.5))
    with pytest.raises(DeclarationError, match="AttributeError"):
        values(lambda z: z.softmax())

    def cast(z: Any) -> Any:
        counts = np.zeros(3, int)
        counts += z
        return counts

    with pytest.raises(DeclarationError, match="TypeError: Cannot cast"):
        values(cast)


def test_infinities_are_those_of_floats() -> None:
    """A division by 0 is an infinity, and 0 times it is nan."""
    (found,) = values(lambda z: np.array([1, -1, 0]) / (z - z))
    assert found[0] == np.inf
    assert found[1] == -np.inf
    assert np.isnan(found[2])


def test_fixed_arguments_are_copied() -> None:
    """Labels, lists and masks reach each run as they were."""
    labels, mask, names = np.array([0, 2]), np.array([True, False, True]), ["a"]

    def program(z: Any, y: Any, m: Any, tags: Any) -> Any:
        y[0] += 1
        tags.append("b")
        assert isinstance(y, np.ndarray)
        return z[y] * len(tags) + z[m] + np.eye(3)[y].sum() + y.astype(float) * z[0]

    found = values(program, POINT, labels, mask, names)
    expected = POINT[[1, 2]] * 2 + POINT[mask] + 2 + np.array([1, 2]) * POINT[0]
    np.testing.assert_allclose(found[0], expected)
    assert labels.tolist() == [0, 2]
    assert names == ["a"]
