"""The public strategies: inside their domains, spread, shrinking to small examples."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from hypothesis import find, given, strategies as st

from gradproof.checks import strategies

CLASSES = st.integers(1, 6)


@given(st.data(), CLASSES)
def test_soft_targets_are_probability_vectors(data: st.DataObject, classes: int) -> None:
    """Soft targets are nonnegative rationals with sum exactly 1."""
    targets = data.draw(strategies.soft_targets(classes))
    assert len(targets) == classes
    assert sum(targets) == 1
    assert min(targets) >= 0


@given(st.data(), CLASSES)
def test_kernel_values_are_not_all_zero(data: st.DataObject, classes: int) -> None:
    """Kernel values are nonnegative and at least one is positive."""
    values = data.draw(strategies.kernel_values(classes))
    assert len(values) == classes
    assert min(values) >= 0
    assert max(values) > 0


@given(st.data(), CLASSES)
def test_logits_are_exact(data: st.DataObject, classes: int) -> None:
    """Logits are rationals, as many as there are classes, at most 1000 in size."""
    values = data.draw(strategies.logits(classes, extreme=True))
    assert len(values) == classes
    assert all(isinstance(v, Fraction) and abs(v) <= 1000 for v in values)


@given(st.data(), CLASSES)
def test_labels_are_classes(data: st.DataObject, classes: int) -> None:
    """A label is one of the classes, which are numbered from 1."""
    assert 1 <= data.draw(strategies.labels(classes)) <= classes


@given(strategies.positive_rationals(), strategies.nonnegative_rationals())
def test_signs(positive: Fraction, nonnegative: Fraction) -> None:
    """Positive rationals are positive, nonnegative ones nonnegative."""
    assert positive > 0
    assert nonnegative >= 0


def test_logits_shrink_to_zero() -> None:
    """The simplest logits are all 0."""
    assert find(strategies.logits(3), lambda _: True, random=Random(0)) == (0, 0, 0)


def test_logits_shrink_to_small_integers() -> None:
    """The simplest logits with a lead of 2 use small integers."""
    lead = find(strategies.logits(3), lambda v: v[1] >= v[0] + 2, random=Random(0))
    assert lead in {(0, 2, 0), (-2, 0, 0), (-1, 1, 0)}


def test_logits_reach_wide_values() -> None:
    """Confident and misfit vectors are among the logits."""
    wide = find(strategies.logits(2), lambda v: abs(v[0] - v[1]) > 20, random=Random(0))
    assert abs(wide[0] - wide[1]) > 20


def test_kernel_values_reach_several_matches() -> None:
    """0/1 kernels with more than one match are among the kernel values."""
    found = find(strategies.kernel_values(3), lambda v: sorted(v) == [0, 1, 1], random=Random(0))
    assert sorted(found) == [0, 1, 1]


def test_class_counts_shrink_to_the_smallest() -> None:
    """The simplest number of classes is the smallest."""
    assert find(strategies.class_counts(smallest=2), lambda _: True, random=Random(0)) == 2


def test_strategies_are_made_once() -> None:
    """A test that asks for a strategy in each example gets the one it had, by its arguments."""
    for make in (strategies.logits, strategies.soft_targets, strategies.kernel_values):
        assert make(3) is make(3)
        assert make(3) is not make(4)
    assert strategies.logits(3, extreme=True) is not strategies.logits(3)
