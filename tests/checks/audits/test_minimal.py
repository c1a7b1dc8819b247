from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings

from gradproof.checks.audits.grid import Grid
from gradproof.checks.audits.minimal import fewest, lead_at, minimise, start_of
from gradproof.checks.audits.point import AuditPoint
from tests.checks.audits.conftest import at, is_held, points, soft_at

GRID = Grid.of("float32", 0)


def lead(point: AuditPoint) -> Fraction:
    """Return by how much the label leads."""
    own = point.logits[point.label]
    others = [v for k, v in enumerate(point.logits) if k != point.label and v is not None]
    assert own is not None
    return own - max(others)


CONDITIONS: dict[str, Callable[[AuditPoint], bool]] = {
    "always": lambda _: True,
    "size": lambda p: p.n >= 3,
    "large": lambda p: max(abs(v) for v in p.logits if v is not None) > 3,
    "label": lambda p: p.label > 0,
    "tie": lambda p: len(set(p.logits)) < p.n,
    "whole": lambda p: any(v is not None and v.denominator > 1 for v in p.logits),
}


@pytest.mark.parametrize("name", CONDITIONS)
@settings(max_examples=25)
@given(point=points(most=12))
def test_the_fault_is_there_at_the_minimal_point(name: str, point: AuditPoint) -> None:
    """Every point tried that is returned has the fault, and none has more classes."""
    holds = CONDITIONS[name]
    if not holds(point):
        return
    found = minimise(point, holds)
    assert holds(found)
    assert found.n <= point.n
    assert 0 <= found.label < found.n


def test_a_point_becomes_small_and_round() -> None:
    """Classes that do not matter go, and numbers become 0, whole or quarters."""
    point = at(0.3, 17.2, -4.4, 2.1, label=1)
    found = minimise(point, lambda p: p.n >= 2 and lead(p) > 12)
    assert found.n == 2
    assert found.logits[1 - found.label] == 0
    own = found.logits[found.label]
    assert own is not None
    assert own.denominator == 1
    assert 12 < own <= 17


def test_many_classes_are_halved() -> None:
    """With thousands of classes the number is halved first, within the tries there are."""
    asked: list[int] = []

    def holds(point: AuditPoint) -> bool:
        asked.append(point.n)
        return point.n >= 3

    found = minimise(at(*[k % 7 for k in range(5000)]), holds)
    assert found.n <= 9
    assert len(asked) <= 80


def test_targets_that_sum_to_1_go_on_doing_so() -> None:
    """A class is left out only where the others still sum to 1."""
    point = soft_at((1, 2, 3, 4), 0.25, 0, 0.75, 0)
    found = minimise(point, lambda p: p.n >= 2)
    assert found.n == 2
    assert found.target == (Fraction(1, 4), Fraction(3, 4))
    apart = minimise(soft_at((1, 2, 3), 1, 1, 0.5), lambda p: p.n >= 2)
    assert apart.n == 2


def test_masked_classes_stay_masked_or_go() -> None:
    """A masked class is not given a number."""
    point = AuditPoint((Fraction(3), None, Fraction(5), None), 0)
    found = minimise(point, lambda p: None in p.logits)
    assert found.logits.count(None) == 1
    assert found.n == 2


@pytest.mark.parametrize(("limit", "n"), [(4096, 4097), (1, 2), (255, 256), (64, 65)])
def test_a_number_of_classes_from_which_it_is_wrong(limit: int, n: int) -> None:
    """What is wrong for n > 4096 starts at n = 4097."""
    point = at(*[k % 5 for k in range(5000)], label=4)
    assert fewest(point, lambda p: p.n > limit).n == n


def test_a_multiple_of_64() -> None:
    """What is wrong at each multiple of 64 is shown at one of them, where one less is right."""
    point = at(*[k % 5 for k in range(4096)])
    found = fewest(point, lambda p: p.n % 64 == 0)
    assert found.n % 64 == 0
    soft = AuditPoint(tuple([Fraction(1)] * 128), tuple([Fraction(1, 128)] * 128))
    assert fewest(soft, lambda p: p.n > 100).n == 101


@pytest.mark.parametrize(
    ("point", "fault", "name", "start"),
    [
        (at(20, 0, -3), lambda p: lead(p) > 7.5, "margin", 7.5),
        (at(0, 2000, -3), lambda p: lead(p) < -1000, "gap", 1000),
        (at(1500, 1500.5, 1499), lambda p: abs(p.logits[2] or 0) > 1000, "offset", 1000.3),
        (at(3000, -3000, 100), lambda p: (p.logits[1] or 0) < -1000, "scale", 1000),
    ],
)
def test_where_a_fault_starts(
    point: AuditPoint, fault: Callable[[AuditPoint], bool], name: str, start: float
) -> None:
    """The quantity that the fault depends on, and from where on, to three digits."""
    found = start_of(point, fault, GRID)
    assert found is not None
    assert found[0] == name
    assert found[1] == pytest.approx(start, rel=2e-3)


def test_a_fault_beyond_1000_starts_at_1000() -> None:
    """What is wrong where a logit is beyond 1000 starts there, whichever way leads to it."""
    point = at(1700, 1690, -20)

    def fault(p: AuditPoint) -> bool:
        return max(abs(v) for v in p.logits if v is not None) > 1000

    found = start_of(point, fault, GRID)
    assert found is not None
    name, start = found
    assert name in ("offset", "scale")
    assert start == pytest.approx(1000 if name == "scale" else 1123.3, rel=2e-3)


def test_what_is_everywhere_starts_nowhere() -> None:
    """A fault that stays on every way has no start, nor has one with masked classes."""
    assert start_of(at(3, 0), lambda _: True, GRID) is None
    assert start_of(AuditPoint((Fraction(3), None), 0), lambda _: True, GRID) is None
    assert start_of(at(0, 0), lambda _: True, GRID) is None


@given(point=points(most=4))
def test_points_on_the_way_are_held(point: AuditPoint) -> None:
    """Every point that is tried is one of the format."""
    tried: list[AuditPoint] = []

    def fault(p: AuditPoint) -> bool:
        tried.append(p)
        return max(abs(v) for v in p.logits if v is not None) > 3

    start_of(point, fault, GRID)
    assert all(is_held(v, "float32") for p in tried for v in p.logits if v is not None)


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        (at(5, 2, 1), ("margin", 3.0)),
        (at(5, 2, 1, label=1), ("gap", 3.0)),
        (at(2, 2), ("margin", 0.0)),
        (at(-7), ("scale", 7.0)),
        (AuditPoint((Fraction(3), None, Fraction(1)), 0), ("margin", 2.0)),
        (AuditPoint((None, Fraction(1)), 0), None),
    ],
)
def test_the_lead_at_a_point(point: AuditPoint, expected: tuple[str, float] | None) -> None:
    """It is that of the label, or of another class over it; one class has its size."""
    assert lead_at(point) == expected
