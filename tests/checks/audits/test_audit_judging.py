from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sympy import Max

from gradproof import Loss, losses
from gradproof.checks.audits.judging import OFFSET, VALUE, Bench, Observation
from gradproof.checks.audits.point import AuditPoint
from gradproof.numeric.elements import fraction
from gradproof.numeric.floats import FORMATS, round_to
from gradproof.numeric.implementations.call import Answer
from gradproof.symbolic import y, z
from gradproof.symbolic.errors import UndefinedValueError
from gradproof.symbolic.vocabulary import class_sum
from tests.checks.audits.conftest import (
    at,
    bench_of,
    flipped,
    loss_of,
    overflowing,
    points,
    right,
    saturating,
    soft_at,
)

HINGE = Loss("HINGE", class_sum(lambda j: Max(0, 1 + z[j] - z[y]), but=(y,)))
BENCH = bench_of(right)


def rounded(bench: Bench, point: AuditPoint, dtype: str) -> Answer:
    """Return the certified loss and gradient, each correctly rounded."""
    truth, fmt = bench.truth(point), FORMATS[dtype]
    gradient = [float(round_to(fraction(g.mid()), fmt)) for g in truth.gradient]
    value = float(round_to(fraction(truth.value.mid()), fmt))
    return Answer(np.array(gradient), dtype, value, dtype)


def observed(bench: Bench, point: AuditPoint, place: int, dtype: str = "float32") -> Observation:
    """Return what is seen of a place."""
    judged = bench.judge("moderate", point, dtype)
    return next(o for o in judged.observations if o.place == place)


@settings(max_examples=60)
@given(point=points(), dtype=st.sampled_from(["float16", "float32", "float64"]))
def test_the_rounded_truth_scores_at_most_1(point: AuditPoint, dtype: str) -> None:
    """Loss and gradient that are correctly rounded score 1 at most in every dtype."""
    judged = BENCH.hold(rounded(BENCH, point, dtype), "moderate", point, dtype)
    assert judged.worst <= 1
    assert judged.failing == []


@settings(max_examples=30)
@given(point=points(), upstream=st.sampled_from([3.0, -0.75, 2.0]))
def test_the_gradient_is_that_times_the_upstream(point: AuditPoint, upstream: float) -> None:
    """With an upstream the expected gradient is multiplied, and the loss is not."""
    answer = rounded(BENCH, point, "float64")
    assert answer.gradient is not None
    scaled = Answer(answer.gradient * upstream, "float64", answer.value, "float64")
    assert BENCH.hold(scaled, "moderate", point, "float64", upstream).worst <= 3
    if any(answer.gradient != 0):
        assert BENCH.hold(answer, "moderate", point, "float64", upstream).failing


def test_the_parts_are_the_loss_the_label_and_the_others() -> None:
    """Of each part the worst number is kept, with its place."""
    bench = bench_of(loss_of, gradient=saturating)
    judged = bench.judge("moderate", at(1, 0.5, -2), "float32")
    assert [o.part for o in judged.observations] == [
        "the loss",
        "the label's component",
        "another component",
    ]
    assert [o.place for o in judged.observations][:2] == [VALUE, 0]
    assert all(o.dtype == "float32" for o in judged.observations)


def test_an_observation_holds_what_was_found_and_what_is_right() -> None:
    """The numbers of an observation are those of the call and of the certified gradient."""
    seen = observed(bench_of(flipped), at(0, 0), 0)
    assert seen.found == 1.5
    assert fraction(seen.truth.mid()) == Fraction(-1, 2)
    assert seen.score == pytest.approx(2 / 2.0**-24 / 0.5)
    assert seen.fails
    assert seen.group == ("the label's component", "wrong")


def test_the_way_of_failing() -> None:
    """What is lost by cancellation of numbers up to 1 is told from what is wrong or no number."""
    assert observed(bench_of(saturating), at(17, 0, -3), 0).way == "cancelled"
    assert observed(bench_of(flipped), at(17, 0, -3), 0).way == "wrong"
    bench = bench_of(overflowing)
    assert observed(bench, at(200, 0, -3), 0).way == "not finite"
    assert observed(bench, at(200, 0, -3), 0).score == math.inf


def test_where_the_loss_has_no_gradient_nothing_is_judged() -> None:
    """The implementation is not called there, and the point counts as undefined."""
    called = []

    def noting(z: Any, K: Any) -> Any:
        called.append(z)
        s = np.exp(z - np.max(z))
        s /= np.sum(s)
        return s - s * K / np.sum(s * K)

    bench = bench_of(noting, losses.kde_cross_entropy)
    called.clear()
    judged = bench.judge("moderate", soft_at((1, 2), 0, 0), "float32")
    assert judged.undefined
    assert called == []
    assert (judged.worst, judged.failing) == (0, [])
    with pytest.raises(UndefinedValueError):
        bench.truth(soft_at((1, 2), 0, 0))


def test_what_is_certified_is_remembered() -> None:
    """The same point is certified once, and an error there is remembered as well."""
    bench = bench_of(right)
    assert bench.truth(at(1, 2)) is bench.truth(at(1, 2))


def test_masked_classes_are_0() -> None:
    """A masked class has an expected component of 0, which is not left out."""
    bench = bench_of(right)
    point = AuditPoint((Fraction(1), None, Fraction(0)), 0)
    truth = bench.truth(point)
    assert len(truth.gradient) == len(truth.conditions) == 3
    assert truth.gradient[1] == 0
    assert bench.judge("masked", point, "float32").worst < 4
    wrong = Answer(np.array([-0.25, 0.5, -0.25]), "float32")
    places = [o.place for o in bench.hold(wrong, "masked", point, "float32").failing]
    assert 1 in places


def test_a_common_offset_is_no_excuse_where_a_shift_is_exact() -> None:
    """At a common offset the condition is that of the logits moved back to 0."""
    bench = bench_of(right)
    assert bench.shifts
    point = at(10000, 10000.5, 9999)
    truth = bench.truth(point)
    answer = Answer(
        np.array([float(fraction(g.mid())) * (1 + 2.0**-12) for g in truth.gradient]), "float32"
    )
    assert not bench.hold(answer, "moderate", point, "float32").failing
    assert bench.hold(answer, OFFSET, point, "float32").failing


def test_calls_are_counted() -> None:
    """Each call of the implementation is one more."""
    bench = bench_of(right)
    before = bench.calls
    bench.run(at(1, 2), "float32")
    bench.judge("moderate", at(1, 2), "float32")
    assert bench.calls == before + 2


@pytest.mark.parametrize("other", [0.0, 0.25, 1.0, 1.5, -0.25])
def test_a_kink_has_every_gradient_between_its_sides(other: float) -> None:
    """Where branches meet, components between the one-sided derivatives are right, no others."""

    def hinge(z: Any, y: Any) -> Any:
        margins = 1 + z - z[y]
        g = np.where(margins > 0, 1.0, np.where(margins == 0, other, 0.0)).astype(z.dtype)
        g[y] = 0
        g[y] = -np.sum(g)
        return g

    bench = bench_of(hinge, HINGE)
    kink = at(1, 0, -3)
    assert bench.sides(kink) is not None
    judged = bench.judge("moderate", kink, "float32")
    valid = 0 <= other <= 1
    assert judged.kink == valid
    assert (judged.failing == []) == valid
    assert not bench.judge("moderate", at(1, 0.5, -3), "float32").failing
    assert bench.sides(at(1, 0.5, -3)) is None


def test_a_loss_without_branches_has_no_sides() -> None:
    """Nothing is looked for at a loss that is smooth everywhere."""
    assert bench_of(right).sides(at(0, 0)) is None


def test_branches_are_looked_for_among_many_classes() -> None:
    """Classes that are alike have the same sides, so that ties of many classes are no fault."""

    def perceptron(z: Any, y: Any) -> Any:
        g = (z > z[y]).astype(z.dtype)
        g[y] = -np.sum(g)
        return g

    loss = Loss("PERCEPTRON", class_sum(lambda j: Max(0, z[j] - z[y]), but=(y,)))
    bench = bench_of(perceptron, loss)
    for n in (5, 129, 1025):
        point = AuditPoint(tuple(Fraction(k % 3) for k in range(n)), 1)
        sides = bench.sides(point)
        assert sides is not None
        assert [s.differ for s in sides[:5]] == [k % 3 == 1 for k in range(5)]
        judged = bench.judge("sizes", point, "float32")
        assert judged.failing == []
        assert judged.kink
    apart = AuditPoint(tuple(Fraction(k, 8) for k in range(200)), 1)
    assert bench.sides(apart) is None
