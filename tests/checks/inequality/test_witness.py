from __future__ import annotations

from fractions import Fraction

import pytest

from gradproof.checks.inequality.smtlib import Hypothesis
from gradproof.checks.inequality.witness import holds_at, hypothesis_points, points_near

A_IS_POSITIVE: Hypothesis = ([("1", {"a": 1})], ">0")
CAUCHY_SCHWARZ: Hypothesis = ([("1", {"a": 1, "b": 1}), ("-1", {"c": 2})], ">=0")
SIMPLEX: Hypothesis = ([("1", {"a": 1}), ("1", {"b": 1}), ("1", {"c": 1}), ("-1", {})], "==0")
PRODUCT: Hypothesis = ([("1", {"a": 1, "b": 1}), ("-3", {})], "==0")
FAR: Hypothesis = ([("1", {"a": 1}), ("-50", {"b": 1})], ">0")


@pytest.mark.parametrize(
    "hypotheses",
    [[], [A_IS_POSITIVE], [CAUCHY_SCHWARZ], [SIMPLEX], [SIMPLEX, CAUCHY_SCHWARZ], [PRODUCT], [FAR]],
)
def test_every_point_obeys_exactly(hypotheses: list[Hypothesis]) -> None:
    """Points are found, differ, and have the stated signs and relations, by exact arithmetic."""
    points = list(hypothesis_points({"a": ">0", "b": ">=0", "c": "real"}, hypotheses))
    assert len({tuple(point.values()) for point in points}) > 5
    for point in points:
        assert all(type(value) is Fraction for value in point.values())
        assert point["a"] > 0
        assert point["b"] >= 0
        assert all(holds_at(poly, relation, point) for poly, relation in hypotheses)


def test_the_points_spread() -> None:
    """Zeros, both signs, and sizes above and below one occur."""
    points = list(hypothesis_points({"b": ">=0", "c": "real"}, []))
    assert {point["b"] == 0 for point in points} == {True, False}
    assert {(point["c"] > 0) - (point["c"] < 0) for point in points} == {-1, 0, 1}
    assert min(abs(point["c"]) for point in points if point["c"]) < 1 < max(p["c"] for p in points)


def test_the_same_seed_gives_the_same_points() -> None:
    """The search is reproducible, and another seed searches elsewhere."""
    signs = {"a": ">0", "c": "real"}
    assert list(hypothesis_points(signs, [], 3)) == list(hypothesis_points(signs, [], 3))
    assert list(hypothesis_points(signs, [], 3)) != list(hypothesis_points(signs, [], 4))


@pytest.mark.parametrize(
    "hypotheses",
    [
        [([("-1", {"a": 1})], ">=0")],
        [([("1", {"a": 1}), ("-1", {"b": 1})], ">0"), ([("-1", {"a": 1}), ("1", {"b": 1})], ">0")],
        [([("-1", {})], "==0")],
        [([], ">0")],
    ],
)
def test_contradictory_hypotheses_have_no_point(hypotheses: list[Hypothesis]) -> None:
    """Where no real point obeys, none is returned, not even near a given one."""
    signs = {"a": ">0", "b": ">=0"}
    assert list(hypothesis_points(signs, hypotheses)) == []
    assert list(points_near({"a": Fraction(1)}, signs, hypotheses)) == []


def test_a_rounded_point_becomes_exact() -> None:
    """A point off an equation by its rounding is put on it; one far from the hypotheses is not."""
    near = {"a": Fraction(333333, 10**6), "b": Fraction(1, 2), "c": Fraction(166666, 10**6)}
    signs = {"a": ">0", "b": ">=0", "c": ">0"}
    points = list(points_near(near, signs, [SIMPLEX]))
    assert points
    assert all(sum(point.values()) == 1 for point in points)
    assert list(points_near({"a": Fraction(5)}, signs, [SIMPLEX])) == []
