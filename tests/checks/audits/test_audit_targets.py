from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

from gradproof.checks.audits.grid import Grid
from gradproof.checks.audits.targets import TargetMaker
from tests.checks.audits.conftest import dtypes, is_held, seeds

SHAPES = ("soft", "apart", "kernel")


def maker(dtype: str, seed: int, shape: str) -> TargetMaker:
    """Return a maker of targets."""
    return TargetMaker(Grid.of(dtype, seed), shape)


def made(make: TargetMaker, n: int, label: int, kind: str | None = None) -> tuple[Fraction, ...]:
    """Return a target that is no label."""
    logits = make.grid.normal(n, 2.0)
    target = make(logits, label, kind)
    assert isinstance(target, tuple)
    return target


def cases() -> list[Any]:
    """Return each shape with each of its kinds, and with none."""
    kinds = {shape: maker("float32", 0, shape).kinds for shape in SHAPES}
    return [(shape, kind) for shape in SHAPES for kind in (None, *kinds[shape])]


@pytest.mark.parametrize(("shape", "kind"), cases())
@given(dtype=dtypes, seed=seeds, n=st.integers(1, 12) | st.just(130), data=st.data())
def test_every_number_is_held(
    shape: str, kind: str | None, dtype: str, seed: int, n: int, data: st.DataObject
) -> None:
    """Targets are numbers of the format, one for each class, none of them negative."""
    label = data.draw(st.integers(0, n - 1))
    target = made(maker(dtype, seed, shape), n, label, kind)
    assert len(target) == n
    assert all(is_held(v, dtype) and v >= 0 for v in target)
    if shape != "kernel":
        assert all(v <= 1 for v in target)
    if shape == "soft":
        assert sum(target) == 1


@given(seed=seeds, n=st.integers(1, 9), data=st.data())
def test_a_label_is_left_as_it_is(seed: int, n: int, data: st.DataObject) -> None:
    """Where the target is a class, it is that class, and there are no kinds."""
    make = maker("float32", seed, "label")
    label = data.draw(st.integers(0, n - 1))
    assert make(make.grid.normal(n), label) == label
    assert make.kinds == ()


@given(dtype=dtypes, seed=seeds, n=st.integers(2, 9), data=st.data())
def test_masked_classes_have_no_share(dtype: str, seed: int, n: int, data: st.DataObject) -> None:
    """Targets that sum to 1 are 0 where a class is masked, and still sum to 1."""
    make = maker(dtype, seed, "soft")
    label = data.draw(st.integers(0, n - 1))
    kind = data.draw(st.sampled_from((None, *make.kinds)))
    gone = data.draw(st.sets(st.integers(0, n - 1).filter(lambda k: k != label), max_size=n - 1))
    logits = [None if k in gone else v for k, v in enumerate(make.grid.normal(n))]
    target = make(logits, label, kind)
    assert isinstance(target, tuple)
    assert all(target[k] == 0 for k in gone)
    assert sum(target) == 1


@pytest.mark.parametrize(
    ("shape", "kind", "expected"),
    [
        ("soft", "one-hot", [0, 1, 0, 0]),
        ("soft", "even", [Fraction(1, 4)] * 4),
        ("apart", "one-hot", [0, 1, 0, 0]),
        ("apart", "all-zero", [0] * 4),
        ("apart", "all ones", [1] * 4),
        ("kernel", "one-hot", [0, 1, 0, 0]),
    ],
)
def test_kinds_are_what_they_are_called(shape: str, kind: str, expected: list[Any]) -> None:
    """The kinds whose numbers are given are those numbers."""
    assert list(made(maker("float16", 1, shape), 4, 1, kind)) == expected


@given(seed=seeds)
def test_random_kinds_are_what_they_are_called(seed: int) -> None:
    """Smoothed targets lead at the label, those near the softmax where the logit leads, ..."""
    soft, apart, kernel = (maker("float32", seed, shape) for shape in SHAPES)
    near_softmax = soft((Fraction(3), Fraction(0), Fraction(-9)), 0, "near the softmax")
    assert isinstance(near_softmax, tuple)
    assert near_softmax[0] > Fraction(9, 10)
    smoothed = made(soft, 5, 3, "smoothed")
    assert smoothed[3] == max(smoothed) > Fraction(9, 10)
    assert min(smoothed) > 0
    assert set(made(apart, 8, 2, "several ones")) <= {0, 1}
    equal = made(kernel, 6, 0, "equal")
    assert len(set(equal)) == 1
    near = made(kernel, 6, 0, "near each other")
    assert max(near) - min(near) <= Fraction(7, 2**23)
    assert max(made(kernel, 6, 0, "underflowing")[1:]) < Fraction(1, 2**126)
    some = made(kernel, 6, 2, "some zero")
    assert some[0] == some[4] == 0
    assert min(some[1], some[2], some[3], some[5]) > 0


@pytest.mark.parametrize("shape", SHAPES)
def test_targets_vary(shape: str) -> None:
    """Drawn without a kind, targets are of several kinds and hardly ever the same."""
    make = maker("float32", 5, shape)
    drawn = [made(make, 5, 2) for _ in range(60)]
    assert len(set(drawn)) > 15
    if shape != "kernel":
        assert (0, 0, 1, 0, 0) in drawn


def test_targets_of_many_classes_take_few_values() -> None:
    """Above a hundred classes kernel values and targets apart take few values."""
    for shape in ("apart", "kernel"):
        assert len(set(made(maker("float32", 2, shape), 500, 7, None))) <= 9
