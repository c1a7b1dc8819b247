from __future__ import annotations

import gc
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from flint import arb
from hypothesis import given, strategies as st

from gradproof.numeric.columns import Column, scattered, uniform
from gradproof.numeric.vectors import Balls, Vector

numbers = st.fractions(-50, 50, max_denominator=8)


def ball(value: Fraction) -> arb:
    """Return a ball that holds a number."""
    return arb(value.numerator) / value.denominator


@st.composite
def columns(draw: Any, size: int) -> tuple[Column, list[Fraction | None]]:
    """Return a column of any kind, and the number of each class; None for nothing."""
    members = [draw(st.lists(numbers, min_size=size, max_size=size)) for _ in range(2)]
    kind = draw(st.sampled_from(["vector", "constant", "sparse", "combination"]))
    column, known = scattered(size, {}), [None] * size
    if kind in ("vector", "combination"):
        column = Column.of(Vector(size, balls=[ball(v) for v in members[0]]))
        known = list(members[0])
    if kind == "constant":
        column, known = uniform(size, ball(members[0][0])), [members[0][0]] * size
    if kind == "combination":
        factor, constant = draw(numbers), draw(numbers)
        other = Column.of(Vector(size, balls=[ball(v) for v in members[1]])).times(ball(factor))
        column = column.plus(other).plus(uniform(size, ball(constant)))
        known = [a + factor * b + constant for a, b in zip(*members, strict=True)]
    for place in draw(st.sets(st.integers(0, size - 1), max_size=2)):
        value = draw(numbers | st.none())
        column = column.with_patches({place: None if value is None else ball(value)})
        known[place] = value
    return column, known


@st.composite
def pairs(draw: Any) -> tuple[Any, Any]:
    """Return two columns of one size, with their numbers."""
    size = draw(st.integers(1, 5))
    return draw(columns(size)), draw(columns(size))


def holds(column: Column, known: list[Fraction | None]) -> bool:
    """Tell whether every way to read a column gives narrow balls that hold its numbers."""
    numbers = [v or Fraction(0) for v in known]
    read = [[column.at(k) for k in range(column.size)], list(Balls(column.dense()))]
    sums = [(column.total(), sum(numbers))]
    sums += [(column.without({k}), sum(numbers) - numbers[k]) for k in range(column.size)]
    return (
        all(_is(b, v) for balls in read for b, v in zip(balls, numbers, strict=True))
        and all(_is(b, v) for b, v in sums)
        and all((column.cell(k) is None) == (v is None) for k, v in enumerate(known))
    )


def _is(found: arb, value: Fraction | int) -> bool:
    difference = found - ball(Fraction(value))
    return bool(difference.contains(0)) and bool(abs(difference) < 1e-6)


@given(pairs())
def test_sums_and_products_are_those_of_the_numbers(pair: Any) -> None:
    """Whatever columns are made of, they add and multiply class by class; nothing stays nothing."""
    (one, known), (other, also) = pair
    both = list(zip(known, also, strict=True))
    assert holds(one, known)
    assert holds(one.by(other), [None if a is None or b is None else a * b for a, b in both])
    sums = [b if a is None else a if b is None else a + b for a, b in both]
    assert holds(one.plus(other), sums)


@given(st.integers(1, 5).flatmap(columns), numbers)
def test_multiples_and_values_of_functions(given_one: Any, factor: Fraction) -> None:
    """A multiple, and the values of a function, in which nothing counts as 0."""
    column, known = given_one
    scaled = [None if v is None else v * factor for v in known]
    assert holds(column.times(ball(factor)), scaled)
    squares: list[Fraction | None] = [(v or 0) * (v or 0) + Fraction(1) for v in known]
    mapped = column.mapped(lambda v: v * v + 1)
    assert all(_is(mapped.at(k), v) for k, v in enumerate(squares) if v is not None)


@given(st.integers(1, 5).flatmap(columns))
def test_reciprocals_multiply_to_1(given_one: Any) -> None:
    """A column times its reciprocal is 1 wherever it is a number other than 0."""
    column, known = given_one
    product = column.by(column.inverted())
    quotient = uniform(column.size, arb(3)).by(column.inverted())
    for place, value in enumerate(known):
        if value:
            assert _is(product.at(place), 1)
            assert _is(quotient.at(place), 3 / value)
        elif value is None:
            assert product.cell(place) is None


@pytest.mark.parametrize("read", [Column.total, lambda c: c.without({1}), lambda c: c.at(2)])
def test_a_product_with_nothing_needs_no_value(read: Callable[[Column], arb]) -> None:
    """What a delta leaves out may be undefined; a number that is 0 excuses nothing."""
    undefined = Column.of(Vector(3, balls=[arb(1), arb("nan"), arb(2)]))
    chosen = uniform(3, arb(1)).with_patches({1: arb(0)})
    assert read(undefined.by(chosen.selecting())).is_finite()
    zero = uniform(3, arb(0))
    assert not undefined.by(zero).total().is_finite()
    assert not undefined.by(chosen).total().is_finite()


def test_a_sum_without_a_class_subtracts_nothing() -> None:
    """Beside a number of 2^130 the sum of the others keeps all its digits."""
    vector = Vector(3, balls=[arb(2) ** 130, arb(1) / 3, arb(1) / 3])
    column = Column.of(vector)
    assert column.without({0}).rel_accuracy_bits() > 40
    assert column.total().rel_accuracy_bits() > 40
    assert vector[0] == arb(2) ** 130


@given(st.lists(numbers, min_size=1, max_size=5), st.data())
def test_places_may_be_set_apart_at_any_time(members: list[Fraction], data: st.DataObject) -> None:
    """Sums are the same whatever was set apart, before a first sum or after it."""
    vector = Vector(len(members), balls=list(map(ball, members)))
    some = st.frozensets(st.integers(0, len(members) - 1))
    for _ in range(3):
        if data.draw(st.booleans()):
            vector.set_apart(data.draw(some))
        without = data.draw(some)
        rest = sum((v for k, v in enumerate(members) if k not in without), Fraction(0))
        assert _is(vector.sum_but(without), rest)


def test_balls_are_a_sequence() -> None:
    """They have a length, places from both ends, and an end; trailing zeros are members too."""
    balls = Balls(Column.of(Vector(3, balls=[arb(1), arb(2), arb(0)])).times(arb(2)).dense())
    assert [float(b) for b in balls] == [2, 4, 0]
    assert (len(balls), balls[-1], balls[1]) == (3, 0, 4)
    with pytest.raises(IndexError):
        balls[3]


def test_vectors_are_freed_when_nobody_holds_them() -> None:
    """What a vector remembers of its products keeps none of them alive, without the collector."""

    def count() -> int:
        # By the type itself: `isinstance` asks some objects of frameworks what they are.
        return sum(type(each) is Vector for each in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = count()
        one, two = (Vector(2, balls=[arb(k), arb(3)]) for k in (1, 2))
        square = one.times(one).times(two)
        quotient = two.times(one.inverted())
        assert one.times(two) is two.times(one)
        assert count() > before
        del one, two, square, quotient
        assert count() == before
    finally:
        gc.enable()
