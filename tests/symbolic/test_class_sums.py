from __future__ import annotations

import mpmath
import pytest
from hypothesis import given, settings
from sympy import Dummy, Expr, IndexedBase, Integer, Sum, Symbol, exp

from gradproof.symbolic import S, UnsupportedError, class_sum, delta, i, index, j, k, n, p, z
from gradproof.symbolic.class_sums import (
    canonical_bound,
    collapse,
    collapse_deltas,
    expand_softmax,
    replace_free,
    substitute_family,
)
from gradproof.symbolic.vocabulary import bound
from tests.symbolic.conftest import DIGITS, NoValue, formulas, number, points

a, b = Symbol("a", integer=True, positive=True), Symbol("b", integer=True, positive=True)


def test_sums_with_one_body_are_one_object() -> None:
    """A running class has no name of its own."""
    left = canonical_bound(Sum(exp(z[a]) * p[i], (a, 1, n)))
    assert left == canonical_bound(Sum(exp(z[b]) * p[i], (b, 1, n)))
    assert left == class_sum(lambda q: exp(z[q]) * p[i])


def test_an_inner_sum_may_bind_the_name_of_the_outer_one() -> None:
    """The inner binding hides the outer one, as in any formula."""
    inner = Sum(z[a] ** 2, (a, 1, n))
    expr = Sum(p[a] * (1 + inner), (a, 1, n))
    expected = class_sum(lambda r: p[r] * (1 + class_sum(lambda s: z[s] ** 2)))
    assert canonical_bound(expr) == expected


def test_a_free_class_is_not_captured_by_a_sum_of_the_same_name() -> None:
    """The a outside the sum is another class than the a bound inside it."""
    expr = z[a] * Sum(p[a], (a, 1, n))
    assert canonical_bound(expr) == z[a] * class_sum(lambda q: p[q])
    assert replace_free(expr, {a: i}) == z[i] * class_sum(lambda q: p[q])


def test_a_sum_never_takes_a_bound_name_that_is_free_around_it() -> None:
    """A term taken out of its sum keeps its running class apart from the sums inside."""
    expr = Sum(1 / (z[a] + z[bound(1)]), (a, 1, n))
    assert canonical_bound(expr) == Sum(1 / (z[bound(2)] + z[bound(1)]), (bound(2), 1, n))


@given(formulas())
def test_canonical_names_are_a_fixed_point(expr: Expr) -> None:
    """Naming twice changes nothing."""
    once = canonical_bound(expr)
    assert canonical_bound(once) == once


@settings(max_examples=60)
@given(formulas())
def test_rewriting_keeps_the_value(expr: Expr) -> None:
    """Renaming, collapsing deltas and expanding softmax keep the value at every point."""
    ways = [rule(expr) for rule in (canonical_bound, expand_softmax, collapse_deltas, collapse)]
    with mpmath.workdps(DIGITS):
        for at in points((), wanted=4):
            try:
                expected = number(expr, at)
            except NoValue:
                continue
            for way in ways:
                assert mpmath.almosteq(number(way, at), expected, 1e-25, 1e-25), way


def test_a_delta_selects_its_class_however_it_enters() -> None:
    """Deltas in exponents, denominators and products of three classes select classes."""
    assert collapse(class_sum(lambda q: delta(q, i) * z[q])) == z[i]
    assert collapse(class_sum(lambda q: delta(q, i) * delta(q, j))) == delta(i, j)
    total = class_sum(lambda q: exp(delta(q, i) * p[i]))
    assert collapse(total) == n + exp(p[i]) - 1
    total = class_sum(lambda q: 1 / (1 + delta(q, i)))
    assert collapse(total) == n - Integer(1) / 2
    total = class_sum(lambda q: class_sum(lambda r: delta(q, r) * z[q] * p[r]))
    assert collapse(total) == class_sum(lambda q: z[q] * p[q])


def test_two_classes_left_out_may_be_the_same() -> None:
    """A class left out twice is left out once."""
    total = collapse(class_sum(lambda q: z[q], but=(i, j)))
    everything = class_sum(lambda q: z[q])
    assert collapse(total.xreplace({j: i})) == everything - z[i]


def test_a_sum_over_a_plain_number_of_classes_is_written_out() -> None:
    """Only the first two classes count, also for a delta."""
    total = Sum(delta(a, k) * z[a], (a, 1, 2))
    assert collapse(total) == delta(1, k) * z[1] + delta(2, k) * z[2]
    assert collapse_deltas(total) == collapse(total)


@pytest.mark.parametrize("last", [i, n - 1, Symbol("N", integer=True, positive=True)])
def test_a_sum_over_part_of_the_classes_is_refused(last: Expr) -> None:
    """A delta would select a class that the sum may not reach."""
    with pytest.raises(UnsupportedError, match="runs over an index from 1 to the number of class"):
        canonical_bound(Sum(delta(a, k) * z[a], (a, 1, last)))


def test_a_delta_with_no_class_is_refused() -> None:
    """The class after i need not exist."""
    with pytest.raises(UnsupportedError, match="compares the running class with another class"):
        collapse(class_sum(lambda q: delta(q, i + 1)))


def test_the_last_class_can_be_selected() -> None:
    """The class n always exists."""
    assert collapse(class_sum(lambda q: delta(q, n) * z[q])) == z[n]


def test_a_softmax_of_a_softmax_is_expanded_inside_out() -> None:
    """The slot of the outer softmax is not that of the inner one."""
    from gradproof.symbolic import softmax

    twice = softmax(i, lambda q: S(q))
    with mpmath.workdps(DIGITS):
        for at in points((), wanted=4):
            shares = [number(S(c), at) for c in range(1, at[n] + 1)]
            weights = [mpmath.exp(share) for share in shares]
            value = number(expand_softmax(twice), at)
            assert mpmath.almosteq(value, weights[at[i] - 1] / mpmath.fsum(weights))


def test_a_family_is_replaced_inside_sums_and_softmax() -> None:
    """Every member is replaced, free or running."""
    total = class_sum(lambda q: z[q] * p[q])
    assert substitute_family(total, z, lambda q: z[q] + 1) == class_sum(lambda q: (z[q] + 1) * p[q])
    other = IndexedBase("x", shape=(n,), real=True)
    assert not substitute_family(S(i) + z[j] + total, z, lambda q: other[q]).has(z)


def test_dummies_and_names_with_an_underscore_stay_apart() -> None:
    """Users cannot name a bound index, so nothing of theirs can be captured."""
    assert index("i") == i
    assert class_sum(lambda q: z[q] * Dummy("q")).limits[0][0] == bound(1)
