from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given, strategies as st

from gradproof.numeric.twins import dual
from gradproof.numeric.twins.dual import Dual, compare, lift, lifted
from gradproof.numeric.twins.run import Run, TieMet, Undecided, running
from gradproof.numeric.twins.tangents import leaves
from tests.numeric.twins.conftest import BITS, dyadics, element, exactly, nonzero, rationals, same

Pair = tuple[Fraction, Fraction]

OPERATORS = (operator.add, operator.sub, operator.mul, operator.truediv)
RELATIONS = {
    operator.lt: lambda s: s < 0,
    operator.le: lambda s: s <= 0,
    operator.gt: lambda s: s > 0,
    operator.ge: lambda s: s >= 0,
    operator.eq: lambda s: s == 0,
    operator.ne: lambda s: s != 0,
}
INF, NAN = math.inf, math.nan

pairs = st.tuples(rationals, rationals)


def moving(value: Fraction, speed: Fraction | None) -> Dual:
    """Return a number that moves at a speed, or a constant."""
    return Dual(element(value), None if speed is None else element(speed))


def by_hand(operation: Any, a: Pair, b: Pair) -> Pair:
    """Return value and slope of an operation by the rules of calculus."""
    (x, dx), (y, dy) = a, b
    rules: dict[Any, Callable[[], Fraction]] = {
        operator.add: lambda: dx + dy,
        operator.sub: lambda: dx - dy,
        operator.mul: lambda: x * dy + dx * y,
        operator.truediv: lambda: (dx * y - x * dy) / y**2,
    }
    return operation(x, y), rules[operation]()


@given(pairs, st.tuples(nonzero, rationals), st.sampled_from(OPERATORS))
def test_arithmetic_is_that_of_fractions(a: Pair, b: Pair, operation: Any) -> None:
    """Values and slopes of rational arithmetic are exact."""
    with running(Run(), BITS):
        found = operation(moving(*a), moving(*b))
    assert (exactly(found.value), exactly(found.slope)) == by_hand(operation, a, b)


@given(pairs, nonzero, st.sampled_from(OPERATORS))
def test_constants_on_either_side_do_not_move(a: Pair, c: Fraction, operation: Any) -> None:
    """A Python number counts as a constant, whichever side it stands on."""
    fixed = (c, Fraction(0))
    with running(Run(), BITS):
        right = operation(moving(*a), c)
        assert (exactly(right.value), exactly(right.slope)) == by_hand(operation, a, fixed)
        if a[0]:
            left = operation(c, moving(*a))
            assert (exactly(left.value), exactly(left.slope)) == by_hand(operation, fixed, a)
        still = operation(moving(c, None), c)
    assert still.slope is None


@given(st.lists(pairs, max_size=5), st.lists(pairs, max_size=5))
def test_sums_and_inner_products_are_exact(left: list[Pair], right: list[Pair]) -> None:
    """They are those of fractions, with the product rule."""
    size = min(len(left), len(right))
    left, right = left[:size], right[:size]
    with running(Run(), BITS):
        summed = dual.total([moving(*a) for a in left])
        product = dual.inner([moving(*a) for a in left], [moving(*b) for b in right])
    assert exactly(summed.value) == sum(x for x, _ in left)
    assert exactly(product.value) == sum(a[0] * b[0] for a, b in zip(left, right, strict=True))
    if size:
        assert exactly(summed.slope) == sum(s for _, s in left)
        slopes = (by_hand(operator.mul, a, b)[1] for a, b in zip(left, right, strict=True))
        assert exactly(product.slope) == sum(slopes)


def test_a_number_less_itself_is_a_constant() -> None:
    """The same number twice cancels to first order, too; not where it is infinite."""
    with running(Run(), BITS) as run:
        x = Dual(arb(2).sqrt(), fmpq(1))
        assert (x - x).slope is None
        assert (x - x).value == 0
        assert compare(x, x) == 0
        assert not run.ties
        infinite = Dual(INF, fmpq(1))
        assert math.isnan((infinite - infinite).value)
    assert compare(Dual(NAN), Dual(NAN)) is None
    nan = Dual(NAN)
    assert compare(nan, nan) is None


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda r: r.__name__)
@given(a=dyadics, b=dyadics)
def test_relations_of_constants_are_those_of_numbers(relation: Any, a: Any, b: Any) -> None:
    """They are decided for rationals, ties included, and against Python numbers."""
    expected = relation(a, b)
    assert relation(moving(a, None), moving(b, None)) is expected
    assert relation(moving(a, None), float(b)) is expected
    assert relation(float(a), moving(b, None)) is expected


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda r: r.__name__)
@given(x=dyadics, first=dyadics, second=dyadics)
def test_at_a_tie_a_relation_is_that_just_beyond(
    relation: Any, x: Any, first: Any, second: Any
) -> None:
    """Equal numbers that move differently are compared after a small step; the tie is noted."""
    with running(Run(), BITS) as run:
        found = relation(moving(x, first), moving(x, second))
    assert found is RELATIONS[relation](first - second)
    assert len(run.ties) == 1
    assert bool(run.flat) is (first == second)


def test_comparisons_are_three_valued() -> None:
    """Balls apart are compared for certain; overlapping ones leave the run open, even if equal."""
    root = Dual(arb(2).sqrt())
    with running(Run(), BITS):
        assert root < 1.5
        assert root > 1
        with pytest.raises(Undecided):
            _ = root * root < 2
        with pytest.raises(Undecided):
            _ = root * root == 2
        with pytest.raises(Undecided):
            _ = Dual(arb(0, 1)) != 0


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda r: r.__name__)
def test_nan_is_unordered(relation: Any) -> None:
    """Every relation with nan is false, but that of being different."""
    for other in (fmpq(1), INF, NAN, arb(0, 1)):
        assert relation(Dual(NAN), Dual(other)) is (relation is operator.ne)
        assert relation(Dual(other), Dual(NAN)) is (relation is operator.ne)


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda r: r.__name__)
@pytest.mark.parametrize("slope", [None, fmpq(1), INF, NAN])
def test_equal_infinities_are_equal(relation: Any, slope: Any) -> None:
    """Also where they have no slope that could tell what is just beyond; that is noted as flat."""
    for infinity in (INF, -INF):
        assert relation(Dual(infinity), Dual(-infinity)) is RELATIONS[relation](infinity)
    with running(Run(), BITS) as run:
        found = relation(Dual(INF, slope), Dual(INF))
    if slope is None or slope != slope:
        assert found is RELATIONS[relation](0)
        assert bool(run.flat) is (slope is not None)


def test_in_a_reverse_run_a_tie_stops_it() -> None:
    """A linear map has no side: ties that matter raise, others do not."""
    with running(Run(), BITS) as run:
        a, b = (Dual(fmpq(1), slope) for slope in leaves(2, run))
        with pytest.raises(TieMet):
            compare(a, b)
        with pytest.raises(TieMet):
            compare(a, Dual(fmpq(1)))
        assert compare(a, Dual(fmpq(2))) == -1
        assert compare(a, a) == 0


@pytest.mark.parametrize(
    ("choice", "both"),
    [(dual.maximum, max), (dual.minimum, min)],
    ids=["maximum", "minimum"],
)
@given(x=dyadics, y=dyadics, first=dyadics, second=dyadics)
def test_extremes_have_the_one_sided_derivative(
    choice: Any, both: Any, x: Any, y: Any, first: Any, second: Any
) -> None:
    """At a tie the slope is that of the side one moves to; it joins, so no tie of it is flat."""
    with running(Run(), BITS) as run:
        found = choice(moving(x, first), moving(y, second))
    assert exactly(found.value) == both(x, y)
    expected = both((x, first), (y, second))[1]
    assert exactly(found.slope) == expected
    assert bool(run.ties) is (x == y)
    assert not run.flat


@given(x=dyadics, speed=dyadics)
def test_absolute_values_have_the_one_sided_derivative(x: Any, speed: Any) -> None:
    """At 0 the slope is the size of the speed, on either side."""
    with running(Run(), BITS):
        found = dual.absolute(moving(x, speed))
    assert exactly(found.value) == abs(x)
    assert exactly(found.slope) == (abs(speed) if x == 0 else speed * (1 if x > 0 else -1))


@given(st.sampled_from([fmpq(1), INF, -INF]))
def test_extremes_hand_nan_on(other: Any) -> None:
    """If either number is nan, so is the greater and the smaller."""
    for choice in (dual.maximum, dual.minimum):
        assert math.isnan(choice(Dual(NAN), Dual(other)).value)
        assert math.isnan(choice(Dual(other), Dual(NAN)).value)
    assert math.isnan(dual.absolute(Dual(NAN)).value)
    assert dual.absolute(Dual(-INF)).value == INF


def test_what_is_no_number_is_not_lifted() -> None:
    """Texts and arrays, also those of one number, are left to the other side of an operator."""
    for value in (None, "1.5", np.array([1.0]), np.array([[2]]), 1j, [1.0]):
        assert lift(value) is None
    with pytest.raises(TypeError, match=r"'1\.5' is not a number"):
        lifted("1.5")
    with pytest.raises(TypeError):
        _ = Dual(fmpq(1)) < "1.5"
    assert Dual(fmpq(1)) != "1.5"
    summed = Dual(fmpq(1)) + np.array([1.0])
    assert isinstance(summed, np.ndarray)
    assert summed.shape == (1,)
    assert exactly(lifted(np.array(0.5)).value) == Fraction(1, 2)


@given(st.sampled_from([INF, -INF, NAN]), dyadics)
def test_a_sum_with_a_special_number_is_special(special: float, x: Fraction) -> None:
    """Infinities swallow numbers; their slopes go on."""
    with running(Run(), BITS):
        found = Dual(special) + moving(x, Fraction(1))
    assert same(found.value, special)
    assert found.slope == 1


def test_thresholds_and_outcomes_are_noted() -> None:
    """A run remembers the constants that moving numbers met, and which way comparisons went."""
    with running(Run(), BITS) as run:
        x = moving(Fraction(1), Fraction(1))
        assert x < Fraction(5, 4)
        assert x > 0
        assert Dual(fmpq(1)) < 2
    assert set(run.thresholds) == {Fraction(5, 4), Fraction(0)}
    assert run.outcomes == [-1, 1, -1]
    assert run.thresholds[Fraction(0)].startswith("test_dual.py:")


def test_gaps_are_measured_if_asked_for() -> None:
    """The distance of two sides and the speed at which it changes, for moving ones alone."""
    with running(Run(), BITS) as run:
        run.gaps = []
        _ = moving(Fraction(1), Fraction(2)) < Fraction(5, 4)
        _ = Dual(fmpq(1)) < 2
    assert [gap[1:] for gap in run.gaps] == [(-0.25, 2.0)]


def test_constants_of_numbers_have_no_slope() -> None:
    """A constant keeps the value; an exact zero is one for certain."""
    assert dual.constant(moving(Fraction(1), Fraction(1))).slope is None
    assert dual.is_exact_zero(Dual(arb(0)))
    assert not dual.is_exact_zero(Dual(arb(0, 1e-300)))
    assert repr(Dual(fmpq(1), fmpq(2))) == "Dual(1, 2)"
    with pytest.raises(TypeError):
        hash(Dual(fmpq(1)))
