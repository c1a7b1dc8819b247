from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from sympy import Basic, Expr, Integer, KroneckerDelta, Symbol

from gradproof.symbolic import (
    DeclarationError,
    Eq,
    Ge,
    Gt,
    Le,
    Lt,
    Ne,
    S,
    class_sum,
    delta,
    family,
    i,
    j,
    k,
    n,
    p,
    scalar,
    z,
)
from gradproof.symbolic.cases import Case, cases_of, index_sizes, size_bounds
from gradproof.symbolic.vocabulary import bins
from tests.symbolic.conftest import assumptions, formulas, truth

h = family("h", size=bins)


def fits(case: Case, at: dict[Expr, int]) -> bool:
    """Tell whether an assignment of classes belongs to a case."""

    def value(a: Expr) -> int:
        return int(a) if isinstance(a, Integer) else at[a]

    same = all(value(a) == value(b) for a, b in case.substitution.items())
    named = [value(a) for a in case.classes[n]]
    return same and len(set(named)) == len(named) and at[n] >= case.smallest[n]


@settings(max_examples=40)
@given(formulas(1), assumptions())
def test_every_assignment_belongs_to_exactly_one_case(expr: Expr, given: tuple[Basic, ...]) -> None:
    """The cases cover all classes of all sizes that the assumptions on classes allow, once."""
    cases = list(cases_of([expr], given))
    about_classes = [f for f in given if f.free_symbols <= {n, i, j}]
    for count in (1, 2, 3, 4):
        for a, b in product(range(1, count + 1), repeat=2):
            at = {n: count, i: a, j: b}
            allowed = all(truth(f, at) for f in about_classes)
            mine = sum(fits(case, at) for case in cases)
            assert mine <= 1
            assert mine == 1 or not allowed, at


@pytest.mark.parametrize(("names", "count"), [("i", 1), ("ij", 2), ("ijk", 5), ("ijkl", 15)])
def test_without_assumptions_the_cases_are_all_partitions(names: str, count: int) -> None:
    """Bell's numbers."""
    classes = [Symbol(c, integer=True, positive=True) for c in names]
    assert len(list(cases_of([sum(z[c] for c in classes)]))) == count


def test_numbered_classes_never_coincide_and_ask_for_as_many_classes() -> None:
    """With z_1 and z_3 there are three classes at least, and i is 1, 3 or another one."""
    cases = list(cases_of([z[1] + z[3] + z[i]]))
    assert [case.smallest[n] for case in cases] == [3, 3, 3]
    assert {case.substitution[i] for case in cases} == {Integer(1), Integer(3), i}


def test_assumptions_on_classes_choose_the_cases() -> None:
    """Equal, different and numbered classes."""
    expr = z[i] + z[j]
    assert [c.substitution[j] == i for c in cases_of([expr], [Eq(i, j)])] == [True]
    assert [c.substitution[j] == i for c in cases_of([expr], [Ne(i, j)])] == [False]
    assert len(list(cases_of([expr], [Eq(i, 2)]))) == 2
    assert list(cases_of([expr], [Eq(n, 1), Ne(i, j)])) == []


def test_a_bounded_size_is_written_out() -> None:
    """For n between 2 and 3 there are 2 + 3 choices of one class."""
    cases = list(cases_of([z[i]], [Ge(n, 2), Le(n, 3)]))
    assert [(c.substitution[n], c.substitution[i]) for c in cases] == [
        (2, 1),
        (2, 2),
        (3, 1),
        (3, 2),
        (3, 3),
    ]


def test_a_case_has_no_deltas_between_named_classes() -> None:
    """Each is 0 or 1 there."""
    for case in cases_of([delta(i, j) * z[i] + delta(i, 2) * delta(j, k)]):
        assert not case.apply(delta(i, j) + delta(i, 2) * delta(j, k)).has(KroneckerDelta)


@pytest.mark.parametrize(
    ("given", "bounds"),
    [
        ([], (1, None)),
        ([Gt(n, 1)], (2, None)),
        ([Lt(2, n)], (3, None)),
        ([Ge(n, 2), Lt(n, 5)], (2, 4)),
        ([Eq(n, 3)], (3, 3)),
        ([Eq(n, 3), Ge(n, 4)], (4, 3)),
        ([Gt(scalar("T"), 3)], (1, None)),
    ],
)
def test_bounds_of_the_size_are_read_from_assumptions(
    given: list[Basic], bounds: tuple[int, int | None]
) -> None:
    """Strict and weak, either way round; contradictory ones leave nothing between."""
    assert size_bounds(given, n) == bounds


def test_each_class_has_the_size_of_its_family() -> None:
    """Through members, softmax, deltas and comparisons, also by way of a third class."""
    a, b = (Symbol(c, integer=True, positive=True) for c in "ab")
    assert index_sizes([h[a] + z[i] + S(k)]) == {a: bins, i: n, k: n}
    assert index_sizes([delta(b, j) * delta(j, a) * h[a]]) == {a: bins, b: bins, j: bins}
    assert index_sizes([delta(i, j)]) == {i: n, j: n}
    assert index_sizes([Eq(scalar("T"), 3)]) == {}


@pytest.mark.parametrize(
    "expr",
    [
        z[i] + h[i],
        z[i] * h[j] * delta(i, j),
        class_sum(lambda q: z[q] * h[q]),
        class_sum(lambda q: z[q], size=bins),
        h[i] + class_sum(lambda q: p[q] * delta(q, i)),
        class_sum(lambda q: p[q] * class_sum(lambda r: h[r] * delta(q, r), size=bins)),
    ],
    ids=str,
)
def test_classes_of_two_sizes_are_never_mixed(expr: Expr) -> None:
    """A delta between a class and a bin would select what may not exist."""
    with pytest.raises(DeclarationError, match="an index runs over one range"):
        index_sizes([expr])


def test_a_family_without_a_size_is_refused() -> None:
    """Nobody could say which classes coincide."""
    from sympy import IndexedBase

    with pytest.raises(DeclarationError, match="a family has one member for each class"):
        index_sizes([IndexedBase("loose")[i]])
