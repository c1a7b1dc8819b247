from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial, wraps
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from gradproof.checks.audits.constants import constants_of, steered
from gradproof.checks.audits.grid import Grid
from gradproof.checks.audits.point import AuditPoint
from gradproof.checks.audits.targets import TargetMaker
from tests.checks.audits.conftest import is_held, right

LIMIT = 1234.5
TABLE = (321.0, [654.0])


class Callable2:
    """A callable object with numbers of its own."""

    factor = 777.0

    def __init__(self) -> None:
        self.margin = 31.5

    def __call__(self, z: Any, y: Any) -> Any:
        """Return something that depends on a number in the code."""
        return z * 41.0 + y

    def method(self, z: Any, y: Any) -> Any:
        """Return something that depends on a number in a method."""
        return z * 23.0 + y


def named(z: Any, y: Any) -> Any:
    """Return something that depends on globals."""
    return z if z[0] > LIMIT else np.sum(TABLE[0]) + y


def calling(z: Any, y: Any) -> Any:
    """Return something by way of another function."""
    return named(z, y) + 17


def closing(limit: float) -> Callable[..., Any]:
    """Return a function that holds a number in its closure."""

    def inner(z: Any, y: Any) -> Any:
        return z if len(z) > limit else y

    return inner


def defaulting(z: Any, y: Any, most: float = 88.0, *, least: float = -99.0) -> Any:
    """Return something that depends on defaults."""
    return np.clip(z, least, most) + y


def nesting(z: Any, y: Any) -> Any:
    """Return something by a function within."""
    return [v for v in z if (lambda t: t > 45.5)(v)][y]


def comparing(z: Any, y: Any) -> Any:
    """Return something that depends on a number of classes and a negative number."""
    if len(z) > 4096 or z[y] < -77.25:
        return z
    return -z


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (comparing, {4096, -77.25}),
        (named, {1234.5, 321, 654}),
        (calling, {17, 1234.5}),
        (closing(513), {513}),
        (defaulting, {88, -99}),
        (nesting, {45.5}),
        (partial(defaulting, most=55.0), {55, 88}),
        (wraps(comparing)(lambda *args: comparing(*args)), {4096, -77.25}),
        (Callable2().method, {23}),
        (Callable2(), {31.5, 41}),
        (lambda z, y: z * 7 + y, {7}),
    ],
)
def test_numbers_are_found(program: Any, expected: set[float]) -> None:
    """Constants, closures, defaults, attributes and globals of the code are read."""
    assert expected <= set(constants_of(program))


def test_usual_numbers_are_left_out() -> None:
    """0, 1, -1, 2 and 1/2 say nothing, nor do infinities, NaN and truth values."""

    def usual(z: Any, y: Any, flag: bool = True, end: float = float("inf")) -> Any:
        return 0.5 * z + 2 - 1 if flag else y * 0.0 + end * float("nan")

    assert constants_of(usual) == []


def test_numbers_of_libraries_are_left_out() -> None:
    """The code of NumPy is not read, nor what is no callable."""
    assert constants_of(np.linalg.norm) == []
    assert constants_of(None) == []
    assert constants_of(right) == []


def test_numbers_in_classes_derived_from_those_of_pytorch_are_found() -> None:
    """A rule of differentiation and a module of the user's are the user's code."""
    torch = pytest.importorskip("torch")

    class Rule(torch.autograd.Function):  # type: ignore[misc, name-defined, unused-ignore]
        @staticmethod
        def forward(ctx: Any, z: Any, y: Any) -> Any:  # noqa: ARG004
            return z[y] if len(z) > 4096 else z.sum()

        @staticmethod
        def backward(ctx: Any, upstream: Any) -> Any:  # noqa: ARG004
            return upstream * 55.5, None

    class Module(torch.nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
        def forward(self, z: Any, y: Any) -> Any:
            return (z * 66.5)[y]

    assert {4096, 55.5} <= set(constants_of(lambda z, y: Rule.apply(z, y)))
    assert {4096, 55.5} <= set(constants_of(Rule.apply))
    assert 66.5 in constants_of(Module())


def test_numbers_of_compiled_functions_are_found() -> None:
    """What ``jax.jit`` makes of a function has the numbers of the function."""
    jax = pytest.importorskip("jax")
    assert 4096 in constants_of(jax.jit(comparing))


def test_assertions_add_nothing() -> None:
    """What pytest puts into an assertion of a test module is not the user's code."""

    def careful(z: Any, y: Any) -> Any:
        assert z.shape == (777,)
        return z + y

    assert constants_of(careful) == [777]


def test_functions_that_call_each_other_come_to_an_end() -> None:
    """A recursion in the code is no recursion here, and each number comes once."""

    def one(z: Any, y: Any) -> Any:
        return two(z, y) if y > 63 else z

    def two(z: Any, y: Any) -> Any:
        return one(z, y) if y > 63 else z * 19

    assert sorted(constants_of(one)) == [19, 63]


def steers(constants: list[float], largest: int = 5000, dtype: str = "float32") -> list[AuditPoint]:
    """Return the points at constants."""
    grid = Grid.of(dtype, 0)
    found = list(steered(constants, grid, TargetMaker(grid, "label"), largest))
    assert {one.regime for one in found} <= {"constants of the code"}
    return [one.point for one in found]


@given(
    constant=st.floats(-1e6, 1e6) | st.integers(3, 3000).map(float) | st.floats(0, 1),
    dtype=st.sampled_from(["float16", "bfloat16", "float32", "float64"]),
)
def test_every_number_is_held(constant: float, dtype: str) -> None:
    """Whatever is steered to, the logits are numbers of the format and the label a class."""
    for point in steers([constant], 300, dtype):
        assert point.n <= 300
        assert 0 <= point.label < point.n
        assert all(v is not None and is_held(v, dtype) for v in point.logits)


def test_sizes_and_labels_are_reached() -> None:
    """A whole number is a number of classes, one less, one more and twice it, and a label."""
    points = steers([512.0])
    sizes = {p.n for p in points}
    assert {511, 512, 513, 1024} <= sizes
    assert any(p.label == 512 for p in points)
    assert max(p.n for p in steers([4096.0], 4097)) == 4097
    assert max(p.n for p in steers([4096.0], 100)) <= 100
    assert {4097} <= {p.n for p in steers([4096.0], 100_001)}


@pytest.mark.parametrize("constant", [33.5, -12.25, 100.0])
def test_logits_and_gaps_are_reached(constant: float) -> None:
    """A number is a logit of the label and of another class, a little beside it, and a gap."""
    points = steers([constant], 4)
    value = Fraction(constant)
    for step in (0, Fraction(1, 4), -1):
        assert any(p.logits[p.label] == value + step for p in points)
        assert any(value + step in p.logits[:1] and p.label == 1 for p in points)
    gaps = {round(float((p.logits[0] or 0) - (p.logits[1] or 0)), 3) for p in points}
    assert round(constant, 3) in gaps


def test_probabilities_are_reached() -> None:
    """A number between 0 and 1 is the probability of a class, from either side."""

    def share(point: AuditPoint) -> float:
        e = np.exp(point.floats() - point.floats().max())
        return float(e[0] / e.sum())

    for constant in (0.9, 1e-7, 0.01):
        shares = [share(p) for p in steers([constant]) if p.n == 2]
        odds = [s / (1 - s) for s in shares]
        middle = constant / (1 - constant)
        assert min(odds) < middle < max(odds) or min(odds) <= middle * 1.01


def test_the_point_of_overflow_is_reached() -> None:
    """A huge number steers to logits at its logarithm, at which an exponential passes it."""
    tops = {float(max(v for v in p.logits if v is not None)) for p in steers([3.4e38])}
    assert any(88 < t < 90.5 for t in tops)
