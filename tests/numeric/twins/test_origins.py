"""Equality of numbers that are not rational, by their origin."""

from __future__ import annotations

import pytest
from flint import arb, fmpq

from gradproof.numeric.twins.dual import Dual, compare
from gradproof.numeric.twins.extended import add, divide, multiply, subtract
from gradproof.numeric.twins.functions import apply
from gradproof.numeric.twins.origins import REMEMBERING_BITS, is_same
from gradproof.numeric.twins.run import Run, Undecided, running


def exps() -> tuple[Dual, Dual]:
    """Return the exponential of 1/3 twice, made by two calls."""
    first, second = (apply("exp", Dual(fmpq(1, 3))) for _ in range(2))
    return first, second


def test_the_same_operation_on_the_same_numbers_is_one_number() -> None:
    """Functions, sums, products and quotients of equal numbers are equal, in either order."""
    with running(Run(), REMEMBERING_BITS):
        one, other = (d.value for d in exps())
        assert is_same(one, other)
        third = arb(3).log()
        assert is_same(add(one, third), add(third, other))
        assert is_same(multiply(one, third), multiply(third, other))
        assert is_same(divide(one, third), divide(other, third))
        assert subtract(one, other) == fmpq(0)


def test_other_numbers_are_not_taken_for_equal() -> None:
    """Another operand, operation or order of a quotient gives another number."""
    with running(Run(), REMEMBERING_BITS):
        one, third = exps()[0].value, arb(3).log()
        assert not is_same(one, apply("exp", Dual(fmpq(1, 4))).value)
        assert not is_same(divide(one, third), divide(third, one))
        assert not is_same(subtract(one, third), subtract(third, one))
        assert not is_same(add(one, third), multiply(one, third))


def test_equal_numbers_tie_once_their_origin_is_known() -> None:
    """A comparison that first precisions leave open ends in a tie where origins are remembered."""
    with running(Run(), REMEMBERING_BITS // 2), pytest.raises(Undecided):
        compare(*exps())
    with running(Run(), REMEMBERING_BITS):
        assert compare(*exps()) == 0


def test_two_constants_of_a_loose_run_are_not_one() -> None:
    """Where a constant stands for several numbers, equal balls say nothing."""
    with running(Run(loose=True), REMEMBERING_BITS):
        one, other = exps()
        assert not is_same(one.value, other.value)


def test_no_number_takes_the_place_of_one_that_is_gone() -> None:
    """The operands are kept as long as the run, so that an address is not used again."""
    with running(Run(), REMEMBERING_BITS) as run:
        for k in range(200):
            add(arb(k).exp(), arb(2))
        kept = [operands for _, operands in run.origins.values()]
        assert len(kept) == 200
        values = [add(arb(k).exp(), arb(2)) for k in range(5)]
        assert len({v.str(10) for v in values}) == 5
