from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import pytest
from flint import arb, fmpq
from hypothesis import given, settings, strategies as st

from gradproof.numeric.elements import working_precision
from gradproof.numeric.twins import dual, functions
from gradproof.numeric.twins.dual import Dual
from gradproof.numeric.twins.run import Run, TieMet, running
from gradproof.numeric.twins.tangents import Linear, combine, is_zero, leaves, sweep
from tests.numeric.twins.conftest import BITS, element, exactly, rationals, same

Program = Callable[[Sequence[Dual]], Dual]
Node = tuple[str, int, int]

RATIONAL = ("add", "sub", "mul", "div", "square", "max", "min", "abs", "inner", "total")
SMOOTH = ("exp", "sin", "tanh", "softplus", "sigmoid", "cube", "sqrt", "angle")

nodes = st.tuples(st.sampled_from(RATIONAL + SMOOTH), st.integers(0, 7), st.integers(0, 7))
rational_nodes = st.tuples(st.sampled_from(RATIONAL), st.integers(0, 7), st.integers(0, 7))


def _step(name: str, a: Dual, b: Dual) -> Dual:
    rules: dict[str, Callable[[], Dual]] = {
        "add": lambda: a + b,
        "sub": lambda: a - b,
        "mul": lambda: a * b,
        "div": lambda: a / (b * b + 1),
        "square": lambda: a * a,
        "max": lambda: dual.maximum(a, b),
        "min": lambda: dual.minimum(a, b),
        "abs": lambda: dual.absolute(a),
        "inner": lambda: dual.inner([a, b, a], [b, a, a]),
        "total": lambda: dual.total([a, b, a]),
        "cube": lambda: functions.integer_power(a, 3),
        "sqrt": lambda: functions.apply("sqrt", a * a + 1),
        "angle": lambda: functions.atan2(a, b * b + 1),
    }
    if name in rules:
        return rules[name]()
    # Kept small, so that a tower of exponentials stays within reach.
    return functions.apply(name, functions.apply("tanh", a))


def program_of(steps: Sequence[Node]) -> Program:
    """Return a program that makes each step from two numbers that it has, and returns the last."""

    def program(inputs: Sequence[Dual]) -> Dual:
        known = list(inputs)
        for name, left, right in steps:
            known.append(_step(name, known[left % len(known)], known[right % len(known)]))
        return known[-1] + known[0]

    return program


def backward(program: Program, point: Sequence[Fraction]) -> list[Any]:
    """Return the gradient by one pass back."""
    with running(Run(), BITS) as run:
        seeds = leaves(len(point), run)
        result = program([Dual(element(x), s) for x, s in zip(point, seeds, strict=True)])
        return sweep(result.slope, seeds, run)


def forward(program: Program, point: Sequence[Fraction], direction: Sequence[Fraction]) -> Any:
    """Return the slope along a direction by one pass forward."""
    with running(Run(), BITS):
        inputs = [Dual(element(x), element(d)) for x, d in zip(point, direction, strict=True)]
        return program(inputs).slope


def along(gradient: Sequence[Any], direction: Sequence[Fraction]) -> Any:
    """Return the inner product of a gradient and a direction."""
    with running(Run(), BITS):
        return sum((g * element(d) for g, d in zip(gradient, direction, strict=True)), fmpq(0))


triples = st.tuples(rationals, rationals, rationals)


@given(st.lists(rational_nodes, min_size=1, max_size=6), triples, triples)
def test_forward_slope_is_the_reverse_gradient_exactly(
    steps: list[Node], point: Sequence[Fraction], direction: Sequence[Fraction]
) -> None:
    """On rational programs that share parts, the two accumulations are the same fraction."""
    program = program_of(steps)
    try:
        gradient = backward(program, point)
    except TieMet:
        return
    slope = forward(program, point, direction)
    found = along(gradient, direction)
    if isinstance(slope, fmpq) and isinstance(found, fmpq):
        assert slope == found
    else:
        assert arb(slope).overlaps(arb(found))


@settings(max_examples=60)
@given(st.lists(nodes, min_size=1, max_size=6), triples, triples)
def test_forward_slope_is_the_reverse_gradient(
    steps: list[Node], point: Sequence[Fraction], direction: Sequence[Fraction]
) -> None:
    """On programs with functions, the two balls overlap and are narrow."""
    program = program_of(steps)
    try:
        gradient = backward(program, point)
    except TieMet:
        return
    with working_precision(BITS):
        slope, found = arb(forward(program, point, direction)), arb(along(gradient, direction))
        assert slope.overlaps(found)
        for ball in (slope, found):
            assert ball.rad() <= (abs(ball) + 1).abs_upper() * arb(2) ** -100


@given(st.lists(rational_nodes, min_size=1, max_size=5), triples)
def test_each_entry_of_a_gradient_is_a_slope(steps: list[Node], point: Sequence[Fraction]) -> None:
    """Entry by entry: the slope along a unit vector."""
    program = program_of(steps)
    try:
        gradient = backward(program, point)
    except TieMet:
        return
    for place, entry in enumerate(gradient):
        unit = [Fraction(int(k == place)) for k in range(3)]
        assert same(entry, forward(program, point, unit)) or arb(entry).overlaps(
            arb(forward(program, point, unit))
        )


def test_a_wrong_weight_would_be_noticed() -> None:
    """The wrong twin, a product whose slope leaves one factor out, has another gradient."""

    def wrong(inputs: Sequence[Dual]) -> Dual:
        a, b = inputs
        return Dual(a.value * b.value, combine([(b.value, a.slope)]))

    point, direction = (Fraction(2), Fraction(3)), (Fraction(1), Fraction(1))
    assert forward(wrong, point, direction) == 3
    assert forward(lambda v: v[0] * v[1], point, direction) == 5
    assert [exactly(v) for v in backward(wrong, point)] == [3, 0]


def test_what_does_not_depend_has_no_slope() -> None:
    """A combination of constants is None; an input that is not used has derivative 0."""
    assert combine([]) is None
    assert combine([(fmpq(1), None)]) is None
    assert [exactly(v) for v in backward(lambda v: v[0] * 2, [Fraction(1), Fraction(1)])] == [2, 0]
    with running(Run(), BITS) as run:
        assert sweep(None, leaves(2, run), run) == [0, 0]


def test_a_linear_map_is_kept_where_nothing_is_added() -> None:
    """A single term of weight 1 makes no new place on the tape."""
    with running(Run(), BITS) as run:
        (leaf,) = leaves(1, run)
        assert (Dual(fmpq(1), leaf) + 1).slope is leaf
        assert len(run.tape) == 1
        assert isinstance((Dual(fmpq(1), leaf) * 2).slope, Linear)
        assert len(run.tape) == 2


@pytest.mark.parametrize("value", [fmpq(0), arb(0), 0.0])
def test_zero_is_exact(value: Any) -> None:
    """Only what is 0 for certain counts as 0."""
    assert is_zero(value)
    assert not is_zero(arb(0, 1e-300))
    assert not is_zero(float("nan"))
