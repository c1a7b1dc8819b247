from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from gradproof.checks.audits.assembling import Assembler, spelled
from gradproof.checks.audits.collecting import Collector
from gradproof.checks.audits.curves import ladders
from gradproof.checks.audits.finding import Finding, Kind
from gradproof.checks.audits.grid import Grid
from gradproof.checks.audits.judging import Judged
from gradproof.checks.audits.point import AuditPoint
from gradproof.numeric.implementations.call import Answer
from tests.checks.audits.conftest import (
    at,
    flipped,
    loss_of,
    overflowing,
    right,
    run_of,
    saturating,
    softmax,
)

MODERATE = [at(0.5, -1.25, 2, label=k) for k in range(3)]


def assembled(
    implementation: Any,
    points: list[AuditPoint],
    *,
    dtype: str = "float32",
    twin: bool = True,
    rows: bool = True,
    **given: Any,
) -> list[Finding]:
    """Return the findings at points, and along margins where `rows` says so."""
    run = run_of(implementation, **given)
    collector = Collector(dtype)
    held = list(ladders(run.bench, dtype, quick=True)) if rows else []
    for row in held:
        for margin, judged in row.steps:
            collector.add(row.name, row.point(margin), judged)
    for point in points:
        collector.add("wide", point, run.bench.judge("wide", point, dtype))
    side = run.twin if twin else None
    made = Assembler(
        run.bench, side, collector, held, ("float32", "float64"), Grid.of(dtype, 0), True
    )
    return list(made.findings())


def classes(n: int, label: int = 0) -> AuditPoint:
    """Return a point of many classes."""
    return AuditPoint(tuple(Fraction(k % 7 - 3, 2) for k in range(n)), label)


def test_what_is_right_has_no_finding() -> None:
    """Nothing is made of points at which nothing failed."""
    assert assembled(right, MODERATE) == []


@pytest.mark.parametrize("twin", [True, False])
def test_cancellation_is_one_finding_along_the_margin(twin: bool) -> None:
    """S_y - 1 is a finding of rounding, with its start and what becomes of it."""
    (found,) = assembled(saturating, MODERATE, twin=twin)
    assert (found.kind, found.where, found.dtype) == (Kind.ROUNDING, "g[0]", "float32")
    assert found.certified == twin
    assert found.margin_name == "margin"
    assert found.margin is not None
    assert 7 < found.margin < 8
    assert [s.what for s in found.stages] == ["1 % off", "10 % off", "exactly 0"]
    assert found.found == "0"
    assert "the gradient is (0, " in found.note


def test_the_numbers_are_those_of_the_point() -> None:
    """Expected and found are the certified and the float number at the point that is shown."""
    (found,) = assembled(saturating, MODERATE)
    assert found.point is not None
    run = run_of(saturating)
    answer = run.bench.run(found.point, "float32")
    truth = run.bench.truth(found.point)
    assert answer.gradient is not None
    assert found.found == spelled(float(answer.gradient[0]))
    assert found.expected == truth.gradient[0].str(9, radius=False)


def test_a_sign_error_is_a_formula_without_a_start() -> None:
    """A fault that is there at margin 0 has no start."""
    for found in assembled(flipped, MODERATE):
        assert found.kind is Kind.FORMULA
        assert found.margin is None
        assert found.certified


def test_an_overflow_starts_at_the_logarithm_of_the_largest_number() -> None:
    """The finding is along margin or gap, from 88.7 on in float32."""
    found = [f for f in assembled(overflowing, MODERATE) if f.kind is Kind.OVERFLOW]
    assert found
    for one in found:
        assert one.found == "nan"
        assert one.score == math.inf
        assert one.margin == pytest.approx(88.72, abs=0.1)


def test_a_wrong_formula_does_not_hide_behind_rounding() -> None:
    """A code that saturates and, elsewhere, has a wrong sign has findings of both classes."""

    def both(z: Any, y: Any) -> Any:
        return flipped(z, y) if z[0] < -40 else saturating(z, y)

    found = assembled(both, [*MODERATE, at(-50, 1, 2), at(-60, 1, 0)])
    assert {f.kind for f in found} == {Kind.ROUNDING, Kind.FORMULA}
    formula = next(f for f in found if f.kind is Kind.FORMULA)
    assert formula.certified
    assert formula.point is not None
    assert formula.point.logits[0] is not None
    assert formula.point.logits[0] < -40


@pytest.mark.parametrize("twin", [True, False])
def test_a_fault_beyond_1000_starts_at_1000(twin: bool) -> None:
    """A gradient that is wrong where a logit is beyond 1000 is found to be so from 1000 on."""

    def clipped(z: Any, y: Any) -> Any:
        return flipped(z, y) if np.max(np.abs(z)) > 1000 else right(z, y)

    (found, *_) = assembled(
        clipped, [at(1700, 3.25, -20), at(3, 1500, 2, label=1)], rows=False, twin=twin
    )
    assert found.kind is Kind.FORMULA
    assert found.margin_name in ("margin", "gap")
    assert found.margin == pytest.approx(1000, abs=5)


@pytest.mark.parametrize(("limit", "n"), [(4096, 4097), (64, 65)])
def test_a_fault_for_many_classes_starts_at_a_number_of_them(limit: int, n: int) -> None:
    """What is wrong for n > 4096 is found from n = 4097 on."""

    def many(z: Any, y: Any) -> Any:
        return flipped(z, y) if len(z) > limit else right(z, y)

    found = assembled(many, [classes(n - 1), classes(n), classes(n + 500)], rows=False)
    assert {(f.kind, f.margin_name, f.margin) for f in found} == {(Kind.FORMULA, "n", n)}


def test_a_fault_at_multiples_is_shown_at_one() -> None:
    """What is wrong where n is a multiple of 64 is shown there."""

    def blocks(z: Any, y: Any) -> Any:
        return flipped(z, y) if len(z) % 64 == 0 else right(z, y)

    (found,) = assembled(blocks, [classes(63), classes(64), classes(65)], rows=False)
    assert (found.margin_name, found.margin) == ("n", 64)
    assert found.point is not None
    assert found.point.n == 64


def test_calls_without_an_answer_are_findings() -> None:
    """What raises, hangs or crashes is a finding each, with the point of the first."""
    run = run_of(right)
    collector = Collector("float32")
    for kind, text in (("error", "ValueError: no"), ("time", "no answer"), ("crash", "died")):
        failed = Judged(Answer(failure=text, failure_kind=kind))
        collector.add("wide", at(1, 2), failed)
    made = Assembler(run.bench, None, collector, [], ("float32",), Grid.of("float32", 0), True)
    assert [(f.kind, f.where, f.found, str(f.point)) for f in made.findings()] == [
        (Kind.PROTOCOL, "no answer", "ValueError: no", "z = (1, 2), label 0"),
        (Kind.PROTOCOL, "time limit", "no answer", "z = (1, 2), label 0"),
        (Kind.PROTOCOL, "crash", "died", "z = (1, 2), label 0"),
    ]


def test_loss_and_gradient_are_findings_of_their_own() -> None:
    """A loss that is wrong and a gradient that is wrong are told apart."""

    def shifted(z: Any, y: Any) -> Any:
        return loss_of(z, y) + 1

    found = assembled(shifted, MODERATE, gradient=right)
    assert {f.where for f in found} == {"the loss"}
    assert {f.kind for f in found} <= {Kind.ANOTHER_LOSS}
    both = assembled(shifted, MODERATE, gradient=flipped)
    assert "the loss" in {f.where for f in both}
    assert {f.where for f in both} > {"the loss"}


def test_a_simple_point_still_shows_the_fault() -> None:
    """Off the rows the point is made simple, and its fault is of the same kind."""

    def tied(z: Any, y: Any) -> Any:
        g = softmax(z)
        best = np.argmax(z)
        if np.sum(z == z[best]) > 1:
            return g
        return right(z, y)

    point = at(1.375, 1.375, -0.8125, 0.4375, label=2)
    (found, *_) = assembled(tied, [point], rows=False)
    assert found.kind is Kind.FORMULA
    assert found.point is not None
    assert found.point.n <= 3
    assert all(v is not None and v.denominator <= 4 for v in found.point.logits)


@pytest.mark.parametrize(
    ("value", "text"), [(0.1, "0.1"), (math.nan, "nan"), (1 / 3, "0.333333333"), (1e-40, "1e-40")]
)
def test_floats_are_spelled_with_nine_digits(value: float, text: str) -> None:
    """Nine digits tell float32 numbers apart."""
    assert spelled(value) == text
