from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

from gradproof.checks.audits.point import AuditPoint
from tests.checks.audits.conftest import at, numbers, points, soft_at


@given(point=points(), dtype=st.sampled_from(["float32", "float64"]))
def test_a_call_holds_the_numbers_of_the_point(point: AuditPoint, dtype: str) -> None:
    """Logits, label, dtype and upstream are handed on exactly."""
    call = point.call("index", dtype, -0.75)
    assert [Fraction(v) for v in call.logits.tolist()] == list(point.logits)
    assert (call.target, call.dtype, call.upstream) == (point.target, dtype, -0.75)
    assert call.logits.shape == (point.n,)


@given(point=points())
def test_a_label_becomes_a_one_hot_vector(point: AuditPoint) -> None:
    """With a one-hot form the target is 1 at the label and 0 elsewhere."""
    target = point.formed("one-hot")
    assert target.shape == (point.n,)
    assert target[point.label] == 1
    assert np.sum(np.abs(target)) == 1


@given(values=st.lists(numbers, min_size=1, max_size=5), form=st.sampled_from(["soft", "kernel"]))
def test_targets_of_numbers_are_handed_on(values: list[Fraction], form: str) -> None:
    """Soft targets and kernel values are the numbers they are, and the label their largest."""
    point = AuditPoint(tuple(values), tuple(values))
    target = point.formed(form)  # type: ignore[arg-type]
    assert [Fraction(v) for v in target.tolist()] == values
    assert values[point.label] == max(values)


def test_a_masked_class_has_a_logit_of_minus_infinity() -> None:
    """A logit of None is -inf, in numbers, text and JSON."""
    point = AuditPoint((Fraction(1), None), 0)
    assert point.floats().tolist() == [1.0, -math.inf]
    assert str(point) == "z = (1, -inf), label 0"
    assert point.to_json() == {"logits": ["1", "-inf"], "target": 0}


@pytest.mark.parametrize(
    ("point", "text"),
    [
        (at(17, 0, -3), "z = (17, 0, -3), label 0"),
        (at(0.1, -2.5, label=1), "z = (0.1, -2.5), label 1"),
        (soft_at((1, 2), 0.25, 0.75), "z = (1, 2), target (0.25, 0.75)"),
    ],
)
def test_points_print_themselves(point: AuditPoint, text: str) -> None:
    """Whole numbers are written without a point, floats with their shortest text."""
    assert str(point) == text


@given(point=points())
def test_json_holds_the_exact_numbers(point: AuditPoint) -> None:
    """The numbers of the JSON text are the fractions of the point."""
    read = json.loads(json.dumps(point.to_json()))
    assert tuple(map(Fraction, read["logits"])) == point.logits
    assert read["target"] == point.target
    soft = AuditPoint(point.logits, tuple(Fraction(k, 3) for k in range(point.n)))
    assert tuple(map(Fraction, soft.to_json()["target"])) == soft.target
