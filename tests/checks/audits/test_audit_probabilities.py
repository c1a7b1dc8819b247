from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings

from gradproof.checks.audits.grid import Grid
from gradproof.checks.audits.probabilities import ProbabilityRegimes
from gradproof.checks.audits.regimes import RegimePoint
from gradproof.checks.audits.targets import TargetMaker
from tests.checks.audits.conftest import DTYPES, dtypes, is_held, seeds


def drawn(dtype: str = "float32", seed: int = 0, *, quick: bool = False) -> list[RegimePoint]:
    """Return the points of all regimes with a label."""
    grid = Grid.of(dtype, seed)
    return list(ProbabilityRegimes(grid, TargetMaker(grid, "label"), quick).points())


@settings(max_examples=15)
@given(dtype=dtypes, seed=seeds)
def test_probabilities_are_held_and_sum_to_1(dtype: str, seed: int) -> None:
    """They are positive numbers of the format, and sum to 1 exactly."""
    for one in drawn(dtype, seed):
        values = [v for v in one.point.logits if v is not None]
        assert len(values) == one.point.n
        assert all(is_held(v, dtype) and 0 < v < 1 for v in values), one
        assert sum(values) == 1, one


def test_the_label_leads_or_another_class_does() -> None:
    """Confident points have their largest probability at the label, misfits elsewhere."""
    points = drawn()
    for one in points:
        top = one.point.logits.index(max(v for v in one.point.logits if v is not None))
        if one.regime in ("confident", "misfit"):
            assert (top == one.point.label) == (one.regime == "confident")
    assert {one.regime for one in points} == {"confident", "misfit", "sizes"}


def test_probabilities_come_near_to_0() -> None:
    """The label's probability falls to a few units of 2**-22 in float32."""
    labels = [one.point.logits[one.point.label] for one in drawn() if one.regime == "misfit"]
    found = [v for v in labels if v is not None]
    assert min(found) <= Fraction(4, 2**22)
    assert max(found) >= Fraction(1, 4)


@pytest.mark.parametrize("dtype", DTYPES)
def test_each_format_has_points(dtype: str) -> None:
    """No format is without points, in a quick run either, which is smaller."""
    many, few = drawn(dtype), drawn(dtype, quick=True)
    assert {"confident", "misfit"} <= {one.regime for one in few}
    assert 0 < len(few) < len(many)
    assert {one.point.n for one in few} == {3}
