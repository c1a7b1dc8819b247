from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from flint import arb
from hypothesis import assume, given, settings, strategies as st

from gradproof import losses
from gradproof.checks.audits.scoring import (
    THRESHOLDS,
    absolute_error,
    coarse_score,
    is_held_by,
    least_normal,
    relative_error,
    score,
    scores,
)
from gradproof.numeric.certified import certified_loss
from gradproof.numeric.elements import fraction, rational, working_precision
from gradproof.numeric.floats import FORMATS, round_to, ulp, unit_roundoff
from gradproof.numeric.point import Point
from gradproof.symbolic import y, z
from tests.checks.audits.conftest import dtypes, numbers

positive = st.fractions(Fraction(1, 2**12), 2**12, max_denominator=10**6)
formats = dtypes.map(FORMATS.__getitem__)


def ball(value: Fraction) -> arb:
    """Return a narrow ball that holds a fraction."""
    with working_precision(160):
        return arb(rational(value))


@given(truth=positive, fmt=formats)
def test_the_rounded_truth_scores_at_most_1(truth: Fraction, fmt: Any) -> None:
    """A rounding is off by u times the truth at most, so that its score is 1 or less.

    With a condition of twice the truth, as where the logits matter as much, it is 1/2 or less.
    """
    found = float(round_to(truth, fmt))
    assert score(found, ball(truth), ball(truth), fmt) <= 1
    assert score(found, ball(truth), ball(2 * truth), fmt) <= 0.5


@settings(max_examples=40)
@given(logits=st.lists(numbers, min_size=2, max_size=5), fmt=formats, data=st.data())
def test_the_rounded_gradient_of_a_loss_scores_at_most_1(
    logits: list[Fraction], fmt: Any, data: st.DataObject
) -> None:
    """A gradient that is rounded from the exact one passes, with a score of 1 or less."""
    label = data.draw(st.integers(1, len(logits)))
    found = certified_loss(losses.softmax_cross_entropy).at(Point({z: logits, y: label}))
    rounded = [float(round_to(fraction(g.mid()), fmt)) for g in found.gradient]
    assert max(scores(rounded, found.gradient, found.conditions, fmt.name)) <= 1


@given(truth=positive, fmt=formats, times=st.integers(1, 10**6))
def test_the_score_is_linear_in_the_error(truth: Fraction, fmt: Any, times: int) -> None:
    """An error of t units u times the condition has the score t, but for what is forgiven."""
    condition = 3 * truth
    found = truth + times * unit_roundoff(fmt) * condition
    exact = float(found)
    assume(Fraction(exact) == found)
    forgiven = float((least_normal(fmt) / (ball(condition) * rational(unit_roundoff(fmt)))).mid())
    expected = max(0.0, times - forgiven)
    assert math.isclose(score(exact, ball(truth), ball(condition), fmt), expected, abs_tol=1e-9)


@given(truth=positive, fmt=formats, power=st.integers(-10, 10))
def test_the_score_has_no_unit(truth: Fraction, fmt: Any, power: int) -> None:
    """Numbers, truth and condition of another size have the same score, but for what is forgiven.

    Formats whose least normal number is small show it.
    """
    assume(fmt.emin < -100)
    found, scale = truth + truth / 1000, Fraction(2) ** power
    here = score(float(found), ball(truth), ball(truth), fmt)
    there = score(float(found * scale), ball(truth * scale), ball(truth * scale), fmt)
    assert math.isclose(here, there, rel_tol=1e-9)


@pytest.mark.parametrize("found", [math.nan, math.inf, -math.inf])
@given(fmt=formats)
def test_what_is_no_number_scores_infinity(found: float, fmt: Any) -> None:
    """NaN and infinities have an infinite score, whatever the condition."""
    assert score(found, arb(1), arb(10) ** 300, fmt) == math.inf
    assert coarse_score(found, arb(1), arb(1), fmt) == math.inf
    assert relative_error(found, arb(1)) == math.inf


@given(fmt=formats, share=st.integers(-1000, 1000))
def test_underflow_is_forgiven(fmt: Any, share: int) -> None:
    """An error up to the least normal number scores 0, as large as the truth may be beside it."""
    least = Fraction(2) ** fmt.emin
    truth = least * share / 1000
    assert score(0.0, ball(truth), abs(ball(truth)), fmt) == 0
    assert score(float(least), arb(0), arb(0), fmt) == 0


@given(fmt=formats)
def test_more_than_underflow_is_not_forgiven(fmt: Any) -> None:
    """A number of 1000 times the least normal one that is lost is far above the limit."""
    truth = Fraction(2) ** fmt.emin * 1000
    assert score(0.0, ball(truth), ball(truth), fmt) > THRESHOLDS[fmt.name]
    assert score(float(truth), arb(0), arb(0), fmt) == math.inf


def test_a_zero_that_is_right_scores_0() -> None:
    """Exactly 0 where 0 is right has the score 0, though there is no condition."""
    for fmt in FORMATS.values():
        assert score(0.0, arb(0), arb(0), fmt) == 0
        assert score(-0.0, arb(0), arb(0), fmt) == 0


@given(truth=positive, fmt=formats)
def test_the_coarse_score_forgives_the_rounding_of_1(truth: Fraction, fmt: Any) -> None:
    """The loss of a few roundings of 1 is a small coarse score, and never more than the score."""
    tiny = truth / 2**30
    found = float(tiny + 4 * unit_roundoff(fmt))
    assert coarse_score(found, ball(tiny), ball(tiny), fmt) <= 5
    fine = score(found, ball(tiny), ball(tiny), fmt)
    assert coarse_score(found, ball(tiny), ball(tiny), fmt) <= fine


def test_every_format_has_a_threshold() -> None:
    """Each dtype has one, above what a right code scores and far below a relative error of 1."""
    assert set(THRESHOLDS) == set(FORMATS)
    for name, limit in THRESHOLDS.items():
        assert limit > 10
        assert limit * unit_roundoff(FORMATS[name]) < Fraction(1, 4)


def test_thresholds_cannot_be_changed() -> None:
    """No code at run time raises a limit."""
    with pytest.raises(TypeError):
        THRESHOLDS["float32"] = 1e9  # type: ignore[index]


@given(truth=positive)
def test_relative_errors_are_what_they_say(truth: Fraction) -> None:
    """They are the absolute ones over the truth; infinite for a number in place of 0."""
    assert math.isclose(relative_error(float(truth * 3), ball(truth)), 2, rel_tol=1e-9)
    assert relative_error(0.0, ball(truth)) == 1
    assert math.isclose(absolute_error(float(truth * 3), ball(truth)), 2 * truth, rel_tol=1e-9)
    assert absolute_error(math.nan, ball(truth)) == math.inf
    assert relative_error(0.0, arb(0)) == 0
    assert relative_error(1.0, arb(0)) == math.inf


@given(value=st.fractions(-100, 100), fmt=formats)
def test_a_format_holds_what_it_rounds_to_itself(value: Fraction, fmt: Any) -> None:
    """A number is held if rounding leaves it as it is; what lies between two is not."""
    held = round_to(value, fmt)
    assert is_held_by(float(held), fmt)
    if fmt.precision < 53 and held:
        assert not is_held_by(float(held + ulp(held, fmt) / 2), fmt)


def test_formats_hold_their_ends() -> None:
    """The least, the largest and what is no number are held; twice the largest is not."""
    for name in ("float16", "bfloat16", "float32"):
        fmt = FORMATS[name]
        assert is_held_by(float(fmt.smallest), fmt)
        assert is_held_by(-float(fmt.largest), fmt)
        assert not is_held_by(2 * float(fmt.largest), fmt)
        assert not is_held_by(float(fmt.smallest) / 2, fmt)
        assert is_held_by(math.nan, fmt)
        assert is_held_by(math.inf, fmt)
        assert is_held_by(0.0, fmt)
