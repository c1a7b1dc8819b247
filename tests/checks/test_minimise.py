from __future__ import annotations

from fractions import Fraction

from hypothesis import given, strategies as st

from gradproof.checks.minimise import _rank_of, fewer_classes, minimise
from gradproof.numeric import Point
from gradproof.symbolic import n, p, y, z

numbers = st.fractions(-40, 40, max_denominator=30)


def test_minimising_keeps_the_answer() -> None:
    """No step of a simplification leaves the points at which the question holds."""
    start = Point({z: ("7/3", -11, "1/4"), y: 3})

    def leads(point: Point) -> bool:
        return point[z][0] > point[z][1] + 1  # type: ignore[index]

    assert minimise(start, leads) == Point({z: (0, -2, 0), y: 1})


def test_classes_are_left_out_as_long_as_the_answer_stays() -> None:
    """The fewest classes are kept, those that have a name among them, and first."""
    start = Point({z: (0, 5, 0, 0, 9, 0), y: 5, n: 6})

    def leads(point: Point) -> bool:
        return all(member < point[z][point[y] - 1] for member in (*point[z][: point[y] - 1], 0))

    assert fewer_classes(start, leads, 1) == Point({z: (9,), y: 1})
    assert fewer_classes(start, leads, 2)[n] == 2
    many = Point({z: (0,) * 200})
    assert fewer_classes(many, lambda point: point[n] >= 149, 1)[n] == 149


@given(values=st.lists(numbers, min_size=1, max_size=4), least=numbers, most=numbers)
def test_what_is_returned_answers_and_is_no_less_simple(
    values: list[Fraction], least: Fraction, most: Fraction
) -> None:
    """Whatever is asked, the answer is still yes, and no denominator or size has grown."""

    def holds(point: Point) -> bool:
        return (least <= sum(point[z]) <= most) == (least <= sum(values) <= most)

    start = Point({z: values})
    found = minimise(start, holds)
    assert holds(found)
    assert _rank_of(found[z]) <= _rank_of(start[z])


@given(value=numbers, count=st.integers(1, 5))
def test_equal_members_are_replaced_together(value: Fraction, count: int) -> None:
    """What holds only where all logits are the same is shown where all of them are 0."""
    found = minimise(Point({z: (value,) * count}), lambda point: len(set(point[z])) == 1)
    assert found[z] == (0,) * count


@given(value=numbers, gap=st.integers(1, 9))
def test_a_family_is_moved_as_a_whole(value: Fraction, gap: int) -> None:
    """What depends on the difference of two logits alone is shown where one of them is 0."""
    start = Point({z: (value, value + gap)})
    found = minimise(start, lambda point: point[z][1] - point[z][0] == gap)
    assert sorted(map(abs, found[z])) == [0, gap] or max(map(abs, found[z])) < gap
    assert all(member.denominator == 1 for member in found[z])


def test_shares_of_1_are_made_of_few_parts() -> None:
    """No single share can be replaced; all of them together become shares of few equal parts."""
    start = Point({p: ("9/13", "4/13")})

    def unequal(point: Point) -> bool:
        return sum(point[p]) == 1 and point[p][0] > point[p][1] > 0

    assert minimise(start, unequal)[p] == (Fraction(2, 3), Fraction(1, 3))
    assert minimise(start, lambda point: sum(point[p]) == 1)[p] == (1, 0)
    of_three = Point({p: ("5/12", "1/3", "1/4")})
    assert minimise(of_three, lambda point: sum(point[p]) == 1 and min(point[p]) > 0)[p] == (
        Fraction(1, 3),
        Fraction(1, 3),
        Fraction(1, 3),
    )
