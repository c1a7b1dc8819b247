from __future__ import annotations

import dataclasses
import functools
import math
import random
from collections.abc import Callable
from math import exp as exponential, log
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy import exp, float32 as single, maximum as greater_of

from gradproof.numeric.twins import evaluation
from gradproof.numeric.twins.arguments import FloatArgument, argument
from gradproof.numeric.twins.numpy_adaptor import NumpyAdaptor
from gradproof.numeric.twins.numpy_messages import approximate
from gradproof.numeric.twins.registry import ImpureProgramError, UnsupportedPrimitive, rule
from gradproof.numeric.twins.run import Run
from gradproof.symbolic.errors import DeclarationError, UnsupportedError

ADAPTOR = NumpyAdaptor()
POINT = np.array([0.5, -1.25, 2.0])
LABEL = 1


def run(
    program: Callable[..., Any], *values: Any, run: Run | None = None, dtype: Any = None
) -> list[Any]:
    """Return the exact outputs of a program."""
    arguments = [argument(v, dtype if isinstance(v, np.ndarray) else None) for v in values]
    executable = ADAPTOR.trace(program, arguments)
    inputs = [a for a in arguments if isinstance(a, FloatArgument)]
    return evaluation.outputs(executable, inputs, 128, run)


def slopes(program: Callable[..., Any], *values: Any) -> list[float]:
    """Return the exact gradient of a program by its first argument, as floats."""
    arguments = [argument(v) for v in values]
    executable = ADAPTOR.trace(program, arguments)
    inputs = [a for a in arguments if isinstance(a, FloatArgument)]
    sides = evaluation.gradient(executable, inputs, [0], [1], 128)
    return [
        float(s.above.str(30, radius=False))
        if hasattr(s.above, "mid")
        else float(int(s.above.p) / int(s.above.q))
        for s in sides
    ]


def numbers(arrays: list[Any]) -> list[float]:
    """Return outputs as floats."""
    return [approximate(n) if a.dtype == object else float(n) for a in arrays for n in a.ravel()]


EXPECTED = float(np.log(np.exp(POINT).sum()) - POINT[LABEL])
SOFTMAX = np.exp(POINT) / np.exp(POINT).sum()
GRADIENT = SOFTMAX - np.eye(3)[LABEL]


def _by_hand(z: Any, y: Any) -> Any:
    m = np.max(z)
    return float(np.log(np.sum(np.exp(z - m))) + m - z[y])


def _by_loop(z: Any, y: Any) -> Any:
    total = 0.0
    for value in z:
        total += math.exp(value)
    return math.log(total) - z[y]


def _by_imported_names(z: Any, y: Any) -> Any:
    return log(sum(exponential(v) for v in z)) - z[y] + 0 * greater_of(z, 0).sum() + 0 * exp(z[0])


def _softmax(z: Any) -> Any:
    e = np.exp(z - np.amax(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def _by_helper(z: Any, y: Any) -> Any:
    return -np.log(_softmax(z)[y])


def _by_one_hot(z: Any, y: Any) -> Any:
    t = np.zeros_like(z)
    t[y] = 1
    return -(t * np.log(_softmax(z))).sum()


def _by_eye(z: Any, y: Any) -> Any:
    z = np.asarray(z, dtype=float)
    return -np.sum(np.eye(len(z))[y] * np.log(_softmax(z)))


def _by_batch(z: Any, y: Any) -> Any:
    z = np.array([z, z])
    labels = np.array([y, y])
    p = _softmax(z)
    return np.mean(-np.log(p[np.arange(2), labels]))


def _by_accumulator(z: Any, y: Any) -> Any:
    parts = np.zeros(len(z))
    for k in range(z.shape[0]):
        parts[k] = math.exp(z[k])
    parts /= parts[y]
    return math.log(math.fsum(parts))


def _by_list(z: Any, y: Any) -> Any:
    gaps = [float(v) - float(z[y]) for v in z.tolist()]
    return np.logaddexp.reduce(np.array(gaps))


def _by_branches(z: Any, y: Any) -> Any:
    m = z[0]
    for v in z[1:]:
        if v > m:
            m = v
    assert m == max(z) == z.max()
    assert m == sorted(z)[-1]  # noqa: FURB192
    return m + np.log(np.exp(z - m).sum()) - z[y]


def _logged(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **options: Any) -> Any:
        result = function(*args, **options)
        assert isinstance(result, float | np.floating)
        f"{result:.3f} {result}"
        return result

    return wrapper


@_logged
def _by_decorated(z: Any, y: Any) -> Any:
    return _by_helper(z, y)


def _make(shift: float) -> Callable[..., Any]:
    def inner(z: Any) -> Any:
        return np.exp(z - shift)

    def loss(z: Any, y: Any) -> Any:
        return np.log(inner(z).sum()) + shift - z[y]

    return loss


@functools.cache
def _size_of(n: int) -> float:
    return np.sqrt(float(n * n))


def _by_cached(z: Any, y: Any) -> Any:
    return _by_helper(z, y) * _size_of(3) / 3


class _Base:
    eps = 0.0

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale
        self.activation = np.exp
        self.layers = [_Identity(), _Identity()]

    def loss(self, z: Any, y: Any) -> Any:
        raise NotImplementedError


class _Identity:
    __slots__ = ("unit",)

    def __init__(self) -> None:
        self.unit = np.ones(3)

    def __call__(self, z: Any) -> Any:
        return np.multiply(z, self.unit)


class _Loss(_Base):
    def __init__(self, scale: float = 1.0) -> None:
        super().__init__(scale)
        self.p: Any = None

    @staticmethod
    def pick(p: Any, y: Any) -> Any:
        return p[y]

    @property
    def factor(self) -> Any:
        return np.float64(self.scale)

    def __call__(self, z: Any, y: Any) -> Any:
        for layer in self.layers:
            z = layer(z)
        e = self.activation(z)
        self.p = e / e.sum()
        return -np.log(self.pick(self.p, y) + self.eps) * self.factor

    def loss(self, z: Any, y: Any) -> Any:
        return self(z, y)

    def grad(self, z: Any, y: Any) -> Any:
        self(z, y)
        g = self.p.copy()
        g[y] -= 1
        return g


def _by_new_object(z: Any, y: Any) -> Any:
    return _Loss(1.0).loss(z, y)


@dataclasses.dataclass(frozen=True)
class _Frozen:
    weight: float

    def __call__(self, z: Any, y: Any) -> Any:
        return self.weight * _by_helper(z, y)


def _by_own_imports(z: Any, y: Any) -> Any:
    import numpy as np
    from numpy import log as logarithm

    class Local:
        shift = np.zeros(3)

        def total(self, values: Any) -> Any:
            return _softmax(values + self.shift)

    return -logarithm(Local().total(z)[y])


def _by_generic_float(z: Any, y: Any) -> Any:
    assert isinstance(z, np.ndarray)
    assert not isinstance(z[0], np.ndarray)
    assert isinstance(z[0], float)
    assert isinstance(z[0], np.float64 | int)
    assert z.dtype == np.float64
    assert z.dtype == float
    assert np.issubdtype(z.dtype, np.floating)
    assert np.isscalar(z[0])
    assert np.shape(z) == (3,)
    return np.float64(_by_helper(z, y))


PARTIAL = functools.partial(_by_helper, y=LABEL)

LOSSES: list[Callable[..., Any]] = [
    _by_hand,
    _by_loop,
    _by_imported_names,
    _by_helper,
    _by_one_hot,
    _by_eye,
    _by_batch,
    _by_accumulator,
    _by_list,
    _by_branches,
    _by_decorated,
    _make(0.5),
    _by_cached,
    _Loss(),
    _Loss().loss,
    _by_new_object,
    _Frozen(1.0),
    _by_own_imports,
    _by_generic_float,
    lambda z, _: PARTIAL(z),
]


@pytest.mark.parametrize("program", LOSSES, ids=lambda p: getattr(p, "__name__", type(p).__name__))
def test_every_style_of_cross_entropy_has_the_same_twin(program: Callable[..., Any]) -> None:
    """However a loss is written, its twin's value and gradient are the known ones."""
    assert numbers(run(program, POINT, LABEL)) == pytest.approx([EXPECTED], rel=1e-14)
    assert slopes(program, POINT, LABEL) == pytest.approx(list(GRADIENT), rel=1e-14)


def _in_place(z: Any, y: Any) -> Any:
    p = np.exp(z)
    p /= p.sum()
    p[y] -= 1
    return p


def _with_mask(z: Any, y: Any) -> Any:
    g = np.empty(z.shape)
    g[:] = _softmax(z)
    mask = np.arange(3) == y
    g[mask] -= 1.0
    return g


def _with_at(z: Any, y: Any) -> Any:
    g = _softmax(z)
    np.add.at(g, [y, y], -0.5)
    return g


def _with_out(z: Any, y: Any) -> Any:
    g = np.zeros(3)
    np.exp(z, out=g)
    np.divide(g, g.sum(), out=g)
    view = g[y : y + 1]
    view -= 1
    return list(g)


def _with_astype(z: Any, y: Any) -> Any:
    g = (np.arange(3) == y).astype(float)
    g *= -1
    g += _softmax(z)
    return {"gradient": g}


@pytest.mark.parametrize(
    "program", [_in_place, _with_mask, _with_at, _with_out, _with_astype, _Loss().grad]
)
def test_writing_in_place_is_followed(program: Callable[..., Any]) -> None:
    """Gradients that are written in place, through masks, views and ``out``, are the known ones."""
    assert numbers(run(program, POINT, LABEL)) == pytest.approx(list(GRADIENT), rel=1e-14)


def test_single_numbers_are_immutable() -> None:
    """Adding to one name of a number does not change another, but does so for arrays."""

    def program(z: Any) -> Any:
        a = z.sum()
        b = a
        b += 1
        row = z[:2]
        row += 1
        return a, b, z

    found = numbers(run(program, POINT))
    assert found == [1.25, 2.25, 1.5, -0.25, 2.0]


def test_the_program_stays_as_it_is() -> None:
    """Neither the module nor the objects of a program are changed by a run."""
    loss = _Loss()
    run(loss, POINT, LABEL)
    assert loss.p is None
    assert _by_helper.__globals__["np"] is np
    assert type(loss) is _Loss


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("float32", float(np.float32(1e-7))), ("float64", 1e-7), ("float16", float(np.float16(1e-7)))],
)
def test_constants_are_those_of_the_dtype_in_use(dtype: str, expected: float) -> None:
    """A Python float is rounded to the dtype that it meets, and is exact after that."""

    def programs(z: Any) -> Any:
        return z * 0 + 1e-7, np.maximum(z * 0, 1e-7), z[0] * 0 + 1e-7, np.clip(z * 0, 1e-7, None)

    for array in run(programs, POINT, dtype=dtype):
        assert [approximate(n) for n in array.ravel()] == [expected] * array.size


def test_float_of_python_is_weak() -> None:
    """A Python float made of an exact number takes the dtype of what it meets."""

    def program(z: Any) -> Any:
        assert (z * float(z[0])).dtype == np.float32
        assert (z * np.float64(1)).dtype == np.float64
        assert (z * math.exp(z[0])).dtype == single
        return z * (float(z[0]) * 0 + 1e-7)

    (found,) = run(program, np.array([1.0]), dtype="float32")
    assert approximate(found[0]) == 1e-7  # rounded to a double while it was a Python float


def test_narrowing_is_noted() -> None:
    """A conversion to a shorter dtype is an identity, and is noted with its line."""
    notes = Run()
    run(lambda z: z.astype(np.float32) / 3, POINT, run=notes)
    assert [n for n in notes.notes if n.startswith("float64 to float32 at test_numpy_programs.py:")]


def test_a_changed_input_is_noted() -> None:
    """A program that writes into its input is noted, and gets a fresh one in each run."""

    def program(z: Any) -> Any:
        z -= z.max()
        return z

    notes = Run()
    assert numbers(run(program, POINT, run=notes)) == [-1.5, -3.25, 0.0]
    assert "the program changes its input" in notes.notes


def test_a_tie_has_two_sides() -> None:
    """At a kink the derivatives of both sides are found, with the line."""
    arguments = [argument(np.array([0.0, 1.0]))]
    executable = ADAPTOR.trace(lambda z: np.maximum(z, 0).sum(), arguments)
    first, second = evaluation.gradient(executable, arguments, [0], [1], 128)
    assert (first.below, first.above) == (0, 1)
    assert first.ties[0].startswith("test_numpy_programs.py:")
    assert (second.below, second.above) == (1, 1)


def test_random_numbers_are_refused() -> None:
    """A random program is one clear error that names the function and the line."""
    generator = np.random.default_rng(0)
    programs: list[Callable[..., Any]] = [
        lambda z: z + np.random.normal(size=3),
        lambda z: z + random.random(),
        lambda z: z + generator.normal(),
        lambda z: np.random.default_rng(0).permutation(z),
    ]
    for program in programs:
        with pytest.raises(ImpureProgramError, match=r"random numbers \(.*\) at test_numpy_prog"):
            run(program, POINT)


def test_state_is_refused() -> None:
    """A program whose second call gives another result is refused."""
    calls = [0]

    def program(z: Any) -> Any:
        calls[0] += 1
        return z * calls[0]

    class Counter:
        def __init__(self) -> None:
            self.count = 0

        def __call__(self, z: Any) -> Any:
            self.count += 1
            return z.sum() * self.count

    for stateful in (program, Counter()):
        with pytest.raises(ImpureProgramError, match="a second call with the same inputs"):
            run(stateful, POINT)


def test_a_mistake_is_told_with_its_line() -> None:
    """An exception of the program is an error that names it and the line."""

    def program(z: Any) -> Any:
        return z + np.ones(4)

    with pytest.raises(
        DeclarationError, match=r"ValueError: .*broadcast.* at test_numpy_programs.py"
    ):
        run(program, POINT)
    with pytest.raises(DeclarationError, match="ZeroDivisionError"):
        run(lambda z: 1 / float(z[0] - z[0]), POINT)


def test_what_has_no_rule_is_told() -> None:
    """A function without a rule is one error with the line and the remedy; a rule repairs it."""
    with pytest.raises(UnsupportedPrimitive, match=r"numpy's i0 at test_numpy_programs.py:\d+"):
        run(lambda z: np.i0(z), POINT)
    with pytest.raises(UnsupportedPrimitive, match=r"ndarray.tobytes"):
        run(lambda z: z.tobytes(), POINT)

    @rule("numpy", "spacing")
    def spacing(x: Any) -> Any:
        return x * x

    assert numbers(run(lambda z: np.spacing(z), POINT)) == [0.25, 1.5625, 4.0]


def test_a_library_that_asks_for_floats_is_told() -> None:
    """A library's own code is not rebuilt; where it asks for floats, it is named."""
    import fractions
    import statistics

    with pytest.raises(UnsupportedError, match=r"asks for floats at test_numpy_programs.py"):
        run(lambda z: statistics.NormalDist().cdf(z[0]), POINT)
    with pytest.raises((UnsupportedError, DeclarationError)):
        run(lambda z: fractions.Fraction(z[0]), POINT)


class _Pair(NamedTuple):
    loss: Any
    gradient: Any


def test_outputs_are_flattened_in_order() -> None:
    """Tuples, lists and dictionaries are read in their order; integers stay plain."""

    def program(z: Any) -> Any:
        return _Pair(z.sum(), [z, {"count": len(z), "which": z > 0}]), 0.5

    found = run(program, POINT)
    assert [a.shape for a in found] == [(), (3,), (), (3,), ()]
    assert [a.dtype == object for a in found] == [True, True, False, False, True]


def test_a_plain_run_has_the_named_dtype() -> None:
    """The run in floats gets arrays of the dtype; bfloat16 is refused."""
    (found,) = ADAPTOR.floats(lambda z: z / 3, [argument(POINT, "float32")])
    assert list(found) == [float(v) for v in POINT.astype(np.float32) / np.float32(3)]
    with pytest.raises(UnsupportedError, match="bfloat16"):
        ADAPTOR.floats(lambda z: z, [argument(POINT, "bfloat16")])


def test_a_scalar_argument_is_a_number() -> None:
    """An argument without axes is a single number of its dtype."""

    def program(x: Any) -> Any:
        assert isinstance(x, float)
        x += 1
        return math.log1p(x) if x > 0 else np.exp(x)

    assert numbers(run(program, 0.5)) == pytest.approx([math.log1p(1.5)])
    assert slopes(program, 0.5) == pytest.approx([0.4])
