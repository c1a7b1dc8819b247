"""How a program of JAX is run exactly: constants, control flow, ties, notes, refusals."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx, fmpq

from gradproof.numeric.twins import evaluation, registry
from gradproof.numeric.twins.adaptor import find_adaptor
from gradproof.numeric.twins.arguments import FloatArgument, argument
from gradproof.numeric.twins.run import Run
from gradproof.symbolic.errors import DeclarationError, UnsupportedError

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402
from jax import lax, nn  # noqa: E402

ONE = fmpq(1)


def run(
    program: Callable[..., Any], *values: Any, bits: int = 128, notes: Run | None = None
) -> list[Any]:
    """Return the values of the outputs of an exact run, flattened."""
    arguments = [argument(v) for v in values]
    executable = find_adaptor("jax").trace(program, arguments)
    inputs = [a for a in arguments if isinstance(a, FloatArgument)]
    arrays = evaluation.outputs(executable, inputs, bits, notes)
    return [getattr(n, "value", n) for a in arrays for n in a.ravel()]


def slopes(program: Callable[..., Any], *values: Any) -> list[evaluation.Sided]:
    """Return the derivatives by the first argument."""
    arguments = [argument(v) for v in values]
    executable = find_adaptor("jax").trace(program, arguments)
    inputs = [a for a in arguments if isinstance(a, FloatArgument)]
    return evaluation.gradient(executable, inputs, [0], [ONE], 128)


def cross_entropy(z: Any, label: int) -> Any:
    """Return the loss of one example."""
    return -nn.log_softmax(z)[label]


def test_cross_entropy_where_floats_lose_everything() -> None:
    """At (0, 40, -3) the derivative by the logit of the label is known to 20 digits, though it is
    0 in float64, and the gradient of JAX, run exactly, is the same number.
    """
    z = np.array([0.0, 40.0, -3.0])
    expected = Fraction("-4.4598673590506970241e-18")
    own = slopes(cross_entropy, z, 1)[1].below
    gradient = find_adaptor("jax").gradient(cross_entropy, [0])
    with ctx.workprec(128):
        near = arb(fmpq(expected.numerator, expected.denominator), arb("1e-37"))
        assert near.contains(own)
        assert near.contains(run(gradient, 1.0, z, 1)[1])
    floats = find_adaptor("jax").floats(gradient, [argument(v) for v in (1.0, z, 1)])
    assert floats[0][1] == 0


def test_an_upstream_gradient_is_cast_to_the_output() -> None:
    """The upstream gradient may be wider than the output of the program, and is not rounded."""
    gradient = find_adaptor("jax").gradient(lambda x: x * x, [0])
    upstream, x = np.float64(1 + 2.0**-40), np.float32(1.5)
    notes = Run()
    assert run(gradient, upstream, x, notes=notes) == [3 * (1 + fmpq(1, 2**40))]
    assert not notes.notes


def calls_of(work: Callable[[], object]) -> int:
    """Return how many calls of functions a piece of work makes, those in C included."""
    events: Counter[str] = Counter()
    former = sys.getprofile()
    sys.setprofile(lambda _frame, event, _argument: events.update([event]))
    try:
        work()
    finally:
        sys.setprofile(former)
    return events["call"] + events["c_call"]


def test_the_work_is_linear_in_the_number_of_classes() -> None:
    """Ten times the classes take at most ten times the calls, and a class at most a hundred.

    A value and a directional derivative are worked out, at a point at which the maximum is attained
    several times: the tie is broken along the direction.
    """

    def work(size: int) -> int:
        z = argument(np.arange(float(size)) % 17 / 8)
        executable = find_adaptor("jax").trace(cross_entropy, [z, argument(3)])
        assert isinstance(z, FloatArgument)
        direction = [[fmpq(k % 5 - 2) for k in range(size)]]
        return calls_of(lambda: evaluation.directional(executable, [z], direction, [ONE], 128))

    few, many = work(100), work(1000)
    assert many <= 10 * few
    assert many <= 100 * 1000


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_constants_are_those_of_the_dtype(dtype: str) -> None:
    """A constant is the binary number that the program computes with."""
    one = FloatArgument((Fraction(1),), (), dtype)
    (value,) = run(lambda x: x * 0.1, one)
    stored = float(np.asarray(jnp.asarray(0.1, dtype if dtype != "float64" else "float32")))
    assert value == fmpq(*(0.1 if dtype == "float64" else stored).as_integer_ratio())


def test_limits_of_a_clip_are_rounded_to_the_dtype() -> None:
    """`jnp.clip` in float32 compares with the float32 numbers next to its limits."""
    low, high = (fmpq(*float(np.float32(v)).as_integer_ratio()) for v in (1e-7, 1 - 1e-7))
    values = np.array([0, 0.5, 1], np.float32)
    for wide in (False, True):
        with jax.enable_x64(wide):
            assert run(lambda p: jnp.clip(p, 1e-7, 1 - 1e-7), values) == [low, fmpq(1, 2), high]


def test_settings_of_jax_are_left_alone() -> None:
    """A trace in float64 does not switch 64-bit types on for the user."""
    before = jax.config.jax_enable_x64
    run(lambda x: x, 1.0)
    assert jax.config.jax_enable_x64 == before


def test_integers_become_exact_floats() -> None:
    """A label that is converted to a float is the integer itself, also one float32 cannot hold."""
    labels = np.array([16777217, -3])
    assert run(lambda x, y: x * y, np.float32(1), labels) == [16777217, -3]


def test_a_loose_run_widens_constants_and_no_inputs() -> None:
    """In a loose run a constant stands for every number that rounds to it."""
    (value,) = run(lambda x: x + 0.1, 0.25, notes=Run(loose=True))
    with ctx.workprec(256):
        assert value.contains(arb(fmpq(35, 100)))
    assert run(lambda x: x, 0.1, notes=Run(loose=True)) == [fmpq(*(0.1).as_integer_ratio())]


def test_conversions_are_noted() -> None:
    """A number that depends on the inputs passes a narrower dtype unrounded, with a note."""
    notes = Run()
    third = 1.0 + 2.0**-40
    assert run(lambda x: x.astype(jnp.float32) * 2, third, notes=notes) == [2 + fmpq(1, 2**39)]
    (note,) = notes.notes
    assert note.startswith("float64 to float32 at test_jax_run.py:")


def test_stop_gradient_is_noted() -> None:
    """The derivative of a forward goes through the user's stop_gradient, with a note; the shift
    inside of log_softmax is none of his.
    """
    notes = Run()
    run(lambda x: x * lax.stop_gradient(x), 2.0, notes=notes)
    (note,) = notes.notes
    assert note.startswith("stop_gradient at test_jax_run.py:")
    assert slopes(lambda x: x * lax.stop_gradient(x), 2.0)[0].below == 4
    quiet = Run()
    run(cross_entropy, np.array([1.0, 2.0]), 0, notes=quiet)
    assert not quiet.notes


def test_ties_give_both_sides() -> None:
    """At an exact tie the two one-sided derivatives are given, and the user's line."""
    (side,) = slopes(lambda x: nn.relu(x) + jnp.abs(2 * x), 0.0)
    assert (side.below, side.above) == (-2, 3)
    assert side.ties[0].startswith("test_jax_run.py:")
    first, second = slopes(jnp.max, np.array([1.0, 1.0]))
    assert (first.below, first.above) == (second.below, second.above) == (0, 1)


def test_ties_of_equal_logits_leave_no_trace() -> None:
    """Equal logits tie in the shift of log_softmax, and the derivative is still smooth."""
    for side, expected in zip(slopes(cross_entropy, np.zeros(3), 1), (1, -2, 1), strict=True):
        with ctx.workprec(128):
            assert arb(side.below).overlaps(arb(fmpq(expected, 3)))
            assert arb(side.above).overlaps(arb(fmpq(expected, 3)))


def test_control_flow() -> None:
    """Branches, loops and scans follow the exact numbers, with their derivatives."""

    def looped(x: Any) -> Any:
        return lax.while_loop(lambda c: c < 10, lambda c: c * x, x)

    def scanned(x: Any) -> Any:
        carry, rows = lax.scan(lambda c, k: (c * x + k, c), x, jnp.arange(3.0), reverse=True)
        return carry + rows[0]

    branched = lambda x: lax.cond(x > 1, lambda v: v * v, lambda v: -v, x)  # noqa: E731
    switched = lambda x, k: lax.switch(k, [jnp.negative, lambda v: v * 3], x)  # noqa: E731
    assert run(looped, 3.0) == [27]
    assert slopes(looped, 3.0)[0].below == 27
    # c: 3, 3*3+2 = 11, 11*3+1 = 34, 34*3+0 = 102; rows in the order of k: 34, 11, 3.
    assert run(scanned, 3.0) == [102 + 34]
    assert run(branched, 3.0) == [9]
    assert run(branched, 0.5) == [fmpq(-1, 2)]
    assert slopes(branched, 3.0)[0].below == 6
    assert run(switched, 2.0, 1) == [6]
    assert run(lambda x: lax.fori_loop(0, 4, lambda k, c: c + k * x, x), 1.5) == [fmpq(21, 2)]


def test_rows_of_a_batched_loop_end_on_their_own() -> None:
    """Under `vmap` a row whose loop has ended stays as it is."""
    looped = lambda x: lax.while_loop(lambda c: c < 10, lambda c: c * 2, x)  # noqa: E731
    assert run(jax.vmap(looped), np.array([3.0, 11.0, 1.0])) == [12, 11, 16]


def test_an_endless_loop_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that only rounding ends is an error with its line."""
    monkeypatch.setattr("gradproof.numeric.twins.jax_control.LAST_ROUND", 50)
    halved = lambda x: lax.while_loop(lambda c: c > 0, lambda c: c / 2, x)  # noqa: E731
    with pytest.raises(UnsupportedError, match=r"a while loop at test_jax_run.py:\d+"):
        run(halved, 1.0)


def test_custom_derivatives_are_run_as_they_are() -> None:
    """The derivative of a forward knows nothing of a custom rule; the gradient obeys it."""

    @jax.custom_vjp
    def square(x: Any) -> Any:
        return x * x

    square.defvjp(lambda x: (square(x), x), lambda x, g: (3 * g * x,))
    assert slopes(square, 5.0)[0].below == 10
    assert run(find_adaptor("jax").gradient(square, [0]), 1.0, 5.0) == [15]


def test_gradients_by_several_arguments() -> None:
    """A gradient has one array for each argument asked for, and labels pass untouched."""

    def loss(z: Any, label: int, w: Any) -> Any:
        return z[label] * w

    gradient = find_adaptor("jax").gradient(loss, [0, 2])
    assert run(gradient, 2.0, np.array([1.5, 2.5]), 1, 4.0) == [0, 8, 5]


def test_outputs_may_be_trees_and_integers() -> None:
    """The leaves of a tree are the outputs; integers stay integers."""
    found = run(lambda x: {"a": x * 2, "b": (jnp.argmax(x), None)}, np.array([1.0, 3.0]))
    assert found == [2, 6, 1]


def test_code_without_effect_is_not_run() -> None:
    """What no output depends on is neither compared nor refused."""
    notes = Run()

    def program(x: Any) -> Any:
        jax.random.normal(jax.random.key(0))
        jnp.sort(x)
        return x.sum()

    assert run(program, np.array([1.0, 2.0]), notes=notes) == [3]
    assert not notes.outcomes


def test_empty_arrays() -> None:
    """Sums of nothing are 0, and arrays of no numbers pass through."""
    empty = lambda x: (jnp.sum(x[:0]), jnp.dot(x[:0], x[:0]), jnp.sort(x[:0]), x[:0] * 2)  # noqa: E731
    assert run(empty, np.array([1.0, 2.0])) == [0, 0]


def test_random_numbers_are_refused() -> None:
    """A random program has no exact twin, whether its key is made inside or handed in."""
    made = lambda x: x * jax.random.normal(jax.random.key(0))  # noqa: E731
    handed = lambda x, key: x * jax.random.normal(key)  # noqa: E731
    for program, *rest in ((made,), (handed, jax.random.key(1)), (handed, jax.random.PRNGKey(1))):
        with pytest.raises(registry.ImpureProgramError, match=r"random numbers .* test_jax_run.py"):
            run(program, 1.0, *rest)


def test_callbacks_are_refused_unless_they_only_print() -> None:
    """Code outside of JAX is refused; a debug print is passed over."""

    def called(x: Any) -> Any:
        return jax.pure_callback(np.sin, jax.ShapeDtypeStruct(x.shape, x.dtype), x)

    def printing(x: Any) -> Any:
        jax.debug.print("{x}", x=x)
        return x

    with pytest.raises(registry.ImpureProgramError, match="pure_callback"):
        run(called, np.array([1.0]))
    assert run(printing, 1.0) == [1]


def test_a_primitive_without_a_rule() -> None:
    """The error names the primitive and the line; five lines of the user's are its remedy."""
    program = lambda x: lax.nextafter(x, 2.0 * x)  # noqa: E731
    with pytest.raises(registry.UnsupportedPrimitive, match=r"jax's nextafter at test_jax_run.py"):
        run(program, 1.0)

    @registry.rule("jax", "nextafter")
    def nextafter(x: Any, y: Any, **_: Any) -> Any:
        return x + y

    try:
        assert run(program, 1.0) == [3]
    finally:
        del registry.RULES["jax"]["nextafter"]


def branching(x: Any) -> Any:
    """Branch in Python on the value of an array."""
    return x if x[0] > 0 else -x


def misshapen(x: Any) -> Any:
    """Add arrays of shapes that do not match."""
    return x + jnp.zeros(7)


def foreign(x: Any) -> Any:
    """Hand a traced array to NumPy."""
    return np.exp(x)


@pytest.mark.parametrize(
    ("program", "kind", "text"),
    [
        (branching, UnsupportedError, "TracerBoolConversionError"),
        (foreign, UnsupportedError, "TracerArrayConversionError"),
        (misshapen, DeclarationError, "TypeError"),
    ],
)
def test_mistakes_of_the_program(program: Any, kind: type[Exception], text: str) -> None:
    """A mistake is one short error that names its kind and the user's line, in a trace and in a
    plain run.
    """
    line = program.__code__.co_firstlineno + 2
    with pytest.raises(kind) as caught:
        run(program, np.array([1.0, 2.0]))
    assert text in str(caught.value)
    assert f"(test_jax_run.py:{line})" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    if kind is DeclarationError:
        with pytest.raises(kind, match=text):
            find_adaptor("jax").floats(program, [argument(np.array([1.0, 2.0]))])


def test_complex_numbers_are_refused() -> None:
    """A constant that is no real number is named with its dtype."""
    with pytest.raises(UnsupportedError, match="complex"):
        run(lambda x: jnp.abs(x * 1j), 1.0)
