from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from flint import arb, fmpq
from hypothesis import given, strategies as st

from gradproof.checks.twins import TwinPoint, label, logits
from gradproof.checks.twins.agreement import Outcome, compare_elements
from gradproof.checks.twins.settling import Entry, PointVerdict, ShapesDiffer, bits_for, settle
from gradproof.numeric.twins.evaluation import Sided
from gradproof.numeric.twins.run import FIRST_BITS, LAST_BITS, Undecided

POINT = TwinPoint((logits(), label()), 2, ((Fraction(1), Fraction(0)), (Fraction(0),)))
FAR = POINT.replaced(0, [Fraction(2000), Fraction(0)])


class Attempt:
    """Components that are compared at each precision, as functions of it; all calls are kept."""

    def __init__(self, *pairs: Any, loosely: Sequence[Any] | None = None, digits: int = 30) -> None:
        self.pairs = pairs
        self.loosely = loosely
        self.digits = digits
        self.calls: list[tuple[int, bool, bool]] = []

    def __call__(self, bits: int, loose: bool, last: bool) -> list[Entry]:
        """Compare the components."""
        self.calls.append((bits, loose, last))
        pairs = self.pairs if not loose or self.loosely is None else self.loosely
        entries: list[Entry] = []
        for expected, found in pairs:
            a, b = (v(bits) if callable(v) else v for v in (expected, found))
            entries.append((compare_elements(a, b, self.digits, last), a, b))
        return entries


def named(place: int) -> str:
    """Return the name of a component."""
    return f"part {place}"


def judged(*pairs: Any, point: TwinPoint = POINT, loosely: Any = None) -> PointVerdict:
    """Return what comes out for components."""
    return settle(Attempt(*pairs, loosely=loosely), point, named)


def root(bits: int) -> Any:
    """Return the root of 2."""
    assert bits
    return arb(2).sqrt()


def open_until(least: int) -> Any:
    """Return the root of 2, not computable with fewer bits."""

    def value(bits: int) -> Any:
        if bits < least:
            raise Undecided
        return arb(2).sqrt()

    return value


def test_equal_components_agree_to_the_digits() -> None:
    """The fewest digits of all are told."""
    found = judged((root, root), (fmpq(1), fmpq(1)))
    assert found.outcome is Outcome.AGREES
    assert 30 <= found.digits < math.inf
    assert judged((fmpq(1), fmpq(1))).digits == math.inf


@given(st.integers(10, 400))
def test_precision_rises_until_a_difference_shows(exponent: int) -> None:
    """A difference of 2**-k is found with about k bits, not with fewer, and is certain."""

    def near(_: int) -> Any:
        return arb(2).sqrt() + arb(2) ** -exponent

    attempt = Attempt((root, near), digits=200)
    found = settle(attempt, POINT, named)
    assert found.outcome is Outcome.DIFFERENT
    assert found.fails
    strict = [bits for bits, loose, _ in attempt.calls if not loose]
    assert strict == [FIRST_BITS * 2**k for k in range(len(strict))]
    assert strict[-1] < 4 * max(exponent, FIRST_BITS)


def test_open_comparisons_raise_the_precision() -> None:
    """What cannot be computed yet is tried with more bits, up to those the point may need."""
    attempt = Attempt((open_until(400), root))
    assert settle(attempt, POINT, named).outcome is Outcome.AGREES
    assert [bits for bits, _, _ in attempt.calls] == [128, 256, 512]
    found = judged((open_until(10**9), root))
    assert found.outcome is Outcome.UNDECIDED
    assert "open" in found.note
    assert not found.fails


def test_the_last_attempt_is_told_so_and_settles() -> None:
    """Two balls around 0 are given up as equal in places; wide ones stay undecided."""

    def zero(bits: int) -> Any:
        return arb(0, arb(2) ** -bits)

    attempt = Attempt((zero, zero))
    assert settle(attempt, POINT, named).outcome is Outcome.AGREES
    assert [last for _, _, last in attempt.calls] == [False, False, False, True]
    assert judged((arb(0, 1), fmpq(0))).outcome is Outcome.UNDECIDED


def test_beside_an_exact_zero_the_highest_precision_is_tried() -> None:
    """A number that 1024 bits do not tell from 0 is told from an exact 0 by more."""
    tiny = arb(2) ** -5000

    def seen(bits: int) -> Any:
        return tiny if bits > 5000 else arb(0, arb(2) ** -bits)

    assert judged((seen, fmpq(0))).outcome is Outcome.DIFFERENT


@pytest.mark.parametrize(
    ("pairs", "outcome", "where"),
    [
        ([(1, 1), (1, 2), (math.nan, 1)], Outcome.DIFFERENT, "part 1"),
        ([(1, 1), (math.nan, 1)], Outcome.UNDEFINED, "part 1"),
        ([(math.nan, 1), (1, math.nan)], Outcome.DIFFERENT, "part 1"),
        ([(math.inf, math.inf), (2, 2)], Outcome.AGREES, ""),
        ([(2, 2), (2, math.inf)], Outcome.DIFFERENT, "part 1"),
    ],
)
def test_the_worst_component_decides(pairs: Any, outcome: Outcome, where: str) -> None:
    """A difference outweighs all, what has no value outweighs agreement."""
    exact = [tuple(v if isinstance(v, float) else fmpq(v) for v in pair) for pair in pairs]
    found = judged(*exact)
    assert found.outcome is outcome
    assert found.where == where


def test_a_difference_is_told_with_both_values_and_the_gap() -> None:
    """As certified digits; no gap where one is no number."""
    found = judged((root, fmpq(3, 2)))
    assert found.expected.startswith("1.4142135623")
    assert found.found == "3/2"
    assert found.gap.startswith("0.0857")
    assert judged((fmpq(1), math.nan)).gap == ""
    assert judged((fmpq(1), math.nan)).found == "no value"


TENTH = fmpq(1, 10)
NEAR = fmpq(1, 10) + fmpq(1, 2**60)
LOOSE = arb(fmpq(1, 10), arb(2) ** -57)


def test_rounded_is_a_difference_that_constants_explain() -> None:
    """Once constants stand for all that round to them, the values may be equal."""
    found = judged((TENTH, NEAR), loosely=[(LOOSE, LOOSE)])
    assert found.outcome is Outcome.ROUNDED
    assert 16 <= found.digits <= 18
    assert not found.fails


@pytest.mark.parametrize(
    ("pairs", "loosely"),
    [
        ([(TENTH, NEAR)], [(TENTH, NEAR)]),
        ([(TENTH, NEAR), (1, 2)], [(LOOSE, LOOSE), (1, 2)]),
        ([(1, 2), (TENTH, NEAR)], [(1, 2), (LOOSE, LOOSE)]),
        ([(TENTH, NEAR)], [(math.nan, NEAR)]),
        ([(TENTH, NEAR)], [(open_until(10**9), NEAR)]),
    ],
    ids=["not at all", "another one", "the first", "no value", "open"],
)
def test_a_difference_that_constants_do_not_explain_stays_one(pairs: Any, loosely: Any) -> None:
    """Every component must be explained, by values that may be equal rather than by none."""
    strict, loose = (
        [tuple(fmpq(v) if isinstance(v, int) else v for v in pair) for pair in part]
        for part in (pairs, loosely)
    )
    assert judged(*strict, loosely=loose).outcome is Outcome.DIFFERENT


def test_a_component_that_never_had_a_value_does_not_hide_the_rounding() -> None:
    """What is undefined in both runs is not to be explained."""
    pairs = [(TENTH, NEAR), (math.nan, fmpq(1))]
    found = judged(*pairs, loosely=[(LOOSE, LOOSE), pairs[1]])
    assert found.outcome is Outcome.ROUNDED


def test_kinks_are_told_with_both_sides() -> None:
    """The derivatives from below and above, and where branches meet."""
    side = Sided(fmpq(0), fmpq(1), (fmpq(0),) * 3, ("loss.py:3",))

    def attempt(*_: Any) -> list[Entry]:
        return [((Outcome.DIFFERENT, 0.0), side, fmpq(2))]

    found = settle(attempt, POINT, named)
    assert found.expected == "0 | 1"
    assert found.note == "branches meet at loss.py:3"


def test_shapes_that_differ_are_handed_on() -> None:
    """They are no matter of precision."""

    def attempt(*_: Any) -> list[Entry]:
        raise ShapesDiffer(1, 2)

    with pytest.raises(ShapesDiffer):
        settle(attempt, POINT, named)


def test_far_points_are_given_more_bits() -> None:
    """Enough for exponentials of the range, within the last bits."""
    assert bits_for(POINT) < bits_for(FAR)
    assert bits_for(FAR) > 4 * 2000 * math.log2(math.e)
    assert bits_for(POINT.replaced(0, [Fraction(10**30), Fraction(0)])) == LAST_BITS
