"""The exact simplex method: its solutions solve, and where there is none it finds none."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import fmpq
from hypothesis import given, settings, strategies as st

from gradproof.checks.inequality.linear import nonnegative_solution
from gradproof.checks.inequality.work import Work
from gradproof.symbolic.errors import UnsupportedError

NUMBERS = st.integers(-4, 4).map(Fraction) | st.fractions(-3, 3, max_denominator=5)
ROWS = "abcd"


def exact(value: Fraction) -> fmpq:
    """Return a number as FLINT's."""
    return fmpq(value.numerator, value.denominator)


def column(values: list[Fraction]) -> dict[str, fmpq]:
    """Return a column without its zeros."""
    return {row: exact(v) for row, v in zip(ROWS, values, strict=False) if v}


def value_of(columns: list[dict[str, fmpq]], found: dict[int, fmpq], row: str) -> fmpq:
    """Return what a row adds up to."""
    return sum((x * columns[c].get(row, fmpq(0)) for c, x in found.items()), fmpq(0))


@st.composite
def systems(draw: st.DrawFn) -> list[dict[str, fmpq]]:
    """Draw columns of one height."""
    height = draw(st.integers(1, len(ROWS)))
    made = st.lists(NUMBERS, min_size=height, max_size=height).map(column)
    return draw(st.lists(made, min_size=1, max_size=7))


@given(systems(), st.lists(NUMBERS, min_size=len(ROWS), max_size=len(ROWS)).map(column))
def test_a_solution_solves_the_equations(
    columns: list[dict[str, fmpq]], target: dict[str, fmpq]
) -> None:
    """Whatever is returned is positive and meets every equation exactly."""
    found = nonnegative_solution(columns, target)
    for row in ROWS if found is not None else ():
        assert value_of(columns, found or {}, row) == target.get(row, 0)
    assert all(x > 0 for x in (found or {}).values())


@given(systems(), st.lists(st.fractions(0, 4, max_denominator=3), min_size=7, max_size=7))
def test_a_solvable_system_is_solved(
    columns: list[dict[str, fmpq]], weights: list[Fraction]
) -> None:
    """Where the right side is made of nonnegative multiples of the columns a solution is found."""
    chosen = {c: exact(w) for c, w in zip(range(len(columns)), weights, strict=False)}
    target = {row: value_of(columns, chosen, row) for row in ROWS}
    assert nonnegative_solution(columns, target) is not None


@given(systems(), st.lists(NUMBERS, min_size=len(ROWS), max_size=len(ROWS)), st.data())
def test_a_system_with_a_certificate_of_farkas_has_no_solution(
    columns: list[dict[str, fmpq]], numbers: list[Fraction], data: st.DataObject
) -> None:
    """Where y has y.A <= 0 and y.b > 0, no nonnegative x has A x = b."""
    y = dict(zip(ROWS, map(exact, numbers), strict=True))

    def along(one: dict[str, fmpq]) -> fmpq:
        return sum((v * y[row] for row, v in one.items()), fmpq(0))

    below = [c if along(c) <= 0 else {row: -v for row, v in c.items()} for c in columns]
    target = data.draw(st.lists(NUMBERS, min_size=len(ROWS), max_size=len(ROWS)).map(column))
    if along(target) < 0:
        target = {row: -v for row, v in target.items()}
    if along(target) > 0:
        assert nonnegative_solution(below, target) is None


@pytest.mark.parametrize(
    ("columns", "target", "found"),
    [
        ([], {}, {}),
        ([], {"a": 1}, None),
        ([{"a": 1}], {}, {}),
        ([{"a": 0}], {"a": 1}, None),
        ([{"a": 1}, {"a": -1}], {"a": -2}, {1: 2}),
        ([{"a": 1, "b": 1}, {"a": 1}], {"a": 3, "b": 2}, {0: 2, 1: 1}),
        ([{"a": 2}], {"a": 3}, {0: fmpq(3, 2)}),
        ([{"a": 1, "b": 1}], {"a": 1, "b": 2}, None),
        ([{"a": 1, "b": -1}, {"b": 1}], {"a": 1}, {0: 1, 1: 1}),
    ],
)
def test_small_systems(
    columns: list[dict[str, int]], target: dict[str, int], found: dict[int, fmpq] | None
) -> None:
    """Systems that are solved by hand: none, one, a free and a redundant column."""
    assert nonnegative_solution(columns, target) == found


def test_a_degenerate_system_comes_to_an_end() -> None:
    """Beale's example, on which the simplex method with the largest gain alone runs in circles."""
    columns: list[dict[str, object]] = [
        {"a": fmpq(1, 4), "b": fmpq(1, 2), "d": fmpq(3, 4)},
        {"a": -60, "b": -90, "d": -150},
        {"a": fmpq(-1, 25), "b": fmpq(-1, 50), "c": 1, "d": fmpq(1, 50)},
        {"a": 9, "b": 3, "d": -6},
        *({row: 1} for row in "abc"),
        {"d": -1},
    ]
    found = nonnegative_solution(columns, {"c": 1, "d": fmpq(1, 20)})
    assert found is not None
    assert sum(x * columns[c].get("d", 0) for c, x in found.items()) == fmpq(1, 20)


def test_the_work_is_bounded() -> None:
    """A system that needs more steps than allowed raises; the steps are counted, not timed."""
    columns = [{number: 1} for number in range(30)]
    target = {number: number + 1 for number in range(30)}
    with pytest.raises(UnsupportedError, match="bounded number of steps"):
        nonnegative_solution(columns, target, Work(20))


@settings(max_examples=25)
@given(systems(), st.lists(NUMBERS, min_size=len(ROWS), max_size=len(ROWS)).map(column))
def test_the_same_system_gives_the_same_solution(
    columns: list[dict[str, fmpq]], target: dict[str, fmpq]
) -> None:
    """Nothing is drawn: a certificate is the same on every run."""
    assert nonnegative_solution(columns, target) == nonnegative_solution(columns, target)
