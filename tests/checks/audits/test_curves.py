from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from gradproof import losses
from gradproof.checks.audits.curves import MARGINS, NAMES, Ladder, ladder_point, ladders
from gradproof.checks.audits.judging import Observation
from gradproof.numeric.floats import FORMATS, round_to
from tests.checks.audits.conftest import (
    CE_SOFT,
    DTYPES,
    bench_of,
    flipped,
    overflowing,
    right,
    saturating,
    softmax,
)

LABEL, OTHER = "the label's component", "another component"


def ladder(implementation: Any, name: str, dtype: str = "float32", *, quick: bool = True) -> Ladder:
    """Return the judgements along one row of margins."""
    found = ladders(bench_of(implementation), dtype, quick)
    return next(one for one in found if one.name == name)


def fails(seen: Observation) -> bool:
    """Tell whether an observation is above the threshold."""
    return seen.fails


@pytest.mark.parametrize("quick", [True, False])
def test_the_margins_of_a_saturating_gradient(quick: bool) -> None:
    """In float32 S_y - 1 fails from margin 7.4 on, is 1 % off from 12 on and 0 from 16.6 on."""
    row = ladder(saturating, "margin", quick=quick)
    start = row.start(LABEL, fails)
    assert start is not None
    assert 7 < start < 8
    stages = {s.what: s.margin for s in row.stages(LABEL)}
    assert stages["1 % off"] == pytest.approx(12, abs=0.2)
    assert stages["exactly 0"] == pytest.approx(16.6, abs=0.1)
    assert set(stages) == {"1 % off", "10 % off", "exactly 0"}
    assert row.start(OTHER, fails) is None


def test_the_margins_in_float64() -> None:
    """In float64 the same happens 20 later: it is 1 % off from 33 on and 0 from 36.7 on."""
    stages = {s.what: s.margin for s in ladder(saturating, "margin", "float64").stages(LABEL)}
    assert stages["1 % off"] == pytest.approx(33.3, abs=0.4)
    assert stages["exactly 0"] == pytest.approx(36.74, abs=0.1)


def test_the_gap_at_which_an_exponential_overflows() -> None:
    """Without a shift the softmax is no number from the logarithm of the largest number on."""
    row = ladder(overflowing, "gap")
    stages = {s.what: s.margin for s in row.stages(OTHER)}
    assert stages["not a number"] == pytest.approx(
        math.log(float(FORMATS["float32"].largest)), abs=0.1
    )


def test_a_start_is_known_to_three_digits() -> None:
    """At the start the fault is there, and a thousandth of it earlier it is not."""
    row = ladder(saturating, "margin")
    start = row.start(LABEL, lambda o: o.found == 0)
    assert start is not None
    for margin, expected in ((start, True), (start * 0.99, False)):
        judged = row.bench.judge("margin", row.point(margin), "float32")
        seen = next(o for o in judged.observations if o.part == LABEL)
        assert (seen.found == 0) == expected


def test_what_is_wrong_from_the_start_starts_at_0() -> None:
    """A fault that is there at the first margin has the start 0."""
    row = ladder(flipped, "margin")
    assert row.start(LABEL, fails) == 0
    assert row.start(OTHER, fails) is None


def test_what_is_right_has_no_stages() -> None:
    """A gradient without cancellation has no stage along either row."""
    for name in NAMES:
        row = ladder(right, name)
        assert row.stages(LABEL) == row.stages(OTHER) == ()
        assert row.of_group((LABEL, "cancelled")) == []
        assert max(row.curve.scores) < 10


@pytest.mark.parametrize("quick", [True, False])
def test_the_curve_holds_the_worst_score_at_each_margin(quick: bool) -> None:
    """Margins ascend, and each has the score of its point."""
    row = ladder(saturating, "margin", quick=quick)
    curve = row.curve
    assert curve.margins == tuple(sorted(curve.margins))
    assert (len(curve.margins) == len(MARGINS)) == (not quick)
    assert set(curve.margins) <= set(map(float, MARGINS))
    by_margin = dict(zip(curve.margins, curve.scores, strict=True))
    for margin, judged in row.steps:
        assert by_margin[margin] == judged.worst
    assert (curve.name, curve.dtype) == ("margin", "float32")


def test_points_that_have_no_answer_are_left_out_of_the_curve() -> None:
    """Where nothing is judged there is no point of the curve."""

    def fussy(z: Any, y: Any) -> Any:
        if z[0] > 50:
            raise ValueError("too large")
        return right(z, y)

    row = ladder(fussy, "margin")
    assert max(row.curve.margins) <= 50 < max(m for m, _ in row.steps)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("margin", MARGINS)
def test_every_dtype_sees_the_same_points(dtype: str, margin: int) -> None:
    """The margins are numbers of every format."""
    bench = bench_of(right)
    point = ladder_point(bench, "margin", margin, dtype)
    assert point.logits == (margin, 0, -3)
    assert round_to(Fraction(margin), FORMATS[dtype]) == margin


def test_the_target_is_what_the_loss_takes() -> None:
    """The label is class 0 along the margin, class 1 along the gap, whatever form it has."""
    label = bench_of(right)
    assert [ladder_point(label, name, 5, "float32").target for name in NAMES] == [0, 1]

    def gradient(z: Any, p: Any) -> Any:
        return softmax(z) * np.sum(p) - p

    soft = bench_of(gradient, CE_SOFT)
    assert ladder_point(soft, "gap", 5, "float32").target == (0, 1, 0)

    def of_kernel(z: Any, K: Any) -> Any:
        s = softmax(z)
        return s - s * K / np.sum(s * K)

    kernel = bench_of(of_kernel, losses.kde_cross_entropy)
    target = ladder_point(kernel, "gap", 5, "float32").target
    assert isinstance(target, tuple)
    assert target[1] == 1
    assert 0 < target[2] < target[0] < 1


def test_a_fault_that_is_slow_to_tell_is_bisected() -> None:
    """From a failing observation back to where what is like it begins."""
    row = ladder(saturating, "margin")
    held = row.of_group((LABEL, "cancelled"))
    asked: list[float] = []

    def holds(seen: Observation) -> bool:
        asked.append(float(seen.point.logits[0] or 0))
        return True

    start = row.bisected(held[-1][1], holds)
    assert start == pytest.approx(row.start(LABEL, fails), abs=0.01)
    assert len(asked) < 30
