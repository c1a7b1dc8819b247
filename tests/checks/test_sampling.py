"""Points of a domain: inside it, spread, and shrinking well."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import find, given, settings, strategies as st
from sympy import Symbol
from sympy.logic.boolalg import Boolean

from gradproof.checks.exact import exact_zero
from gradproof.checks.far_points import far_points
from gradproof.checks.goals import Goal
from gradproof.checks.minimise import minimise
from gradproof.checks.sampling import domain_of
from gradproof.numeric import Point, decide
from gradproof.symbolic import Eq, Gt, K, Lt, Ne, S, class_sum, family, i, k, n, p, scalar, x, y, z

eps = scalar("epsilon", positive=True)
a, b = scalar("a"), scalar("b")
v = family("v", positive=True)
DOMAINS: dict[str, tuple[Boolean, tuple[Boolean, ...]]] = {
    "free": (Eq(S(i), S(y)), ()),
    "two classes at least": (Eq(S(i), S(y)), (n >= 2,)),
    "between": (Eq(S(i), S(y)), (n >= 2, n <= 3)),
    "fixed": (Eq(S(i), S(y)), (Eq(n, 2),)),
    "distinct": (Eq(S(i) * S(k), S(y)), (Ne(i, y), Ne(i, k), Ne(k, y))),
    "same": (Eq(S(i), S(y)), (Eq(i, y),)),
    "targets": (Eq(p[i], S(i)), (Eq(class_sum(lambda j: p[j]), 1),)),
    "kernel": (Eq(K[i], S(i)), (Gt(class_sum(lambda j: K[j]), 0),)),
    "fixed member": (Eq(K[i], S(i)), (Eq(K[i], 1),)),
    "epsilon": (Eq(S(i), eps), (Lt(eps, "1/2"),)),
    "interval": (Eq(x[i], a + b), (Lt(a, b),)),
    "above": (Eq(x[i], a), (Gt(a, 5),)),
    "number": (Eq(S(3), S(1)), ()),
    "positive family": (Eq(v[i], 1), ()),
    "in the formula": (Eq(S(i), 1), (Gt(S(i), "1/3"), Lt(S(i), "2/3"))),
}


def _admitted(name: str, point: Point) -> bool:
    return all(decide(fact, point, exact_zero=exact_zero) is True for fact in DOMAINS[name][1])


@pytest.mark.parametrize("name", DOMAINS)
def test_random_points_satisfy_the_assumptions(name: str) -> None:
    """Every point drawn is in the domain, and points are found."""
    statement, facts = DOMAINS[name]
    domain = domain_of([statement], facts)
    points = [point for seed in range(20) if (point := domain.draw(Random(seed))) is not None]
    assert len(points) >= 10
    assert all(_admitted(name, point) for point in points)


@pytest.mark.parametrize("name", DOMAINS)
def test_random_points_spread(name: str) -> None:
    """Points differ: a generator that always draws one point would test nothing."""
    statement, facts = DOMAINS[name]
    domain = domain_of([statement], facts)
    assert len({domain.draw(Random(seed)) for seed in range(20)}) >= 8


@settings(max_examples=60)
@given(data=st.data(), name=st.sampled_from(sorted(DOMAINS)))
def test_hypothesis_points_satisfy_the_assumptions(data: st.DataObject, name: str) -> None:
    """Every point drawn by Hypothesis is in the domain."""
    statement, facts = DOMAINS[name]
    assert _admitted(name, data.draw(domain_of([statement], facts).points()))


@pytest.mark.parametrize("name", ["free", "targets", "distinct", "kernel"])
def test_points_shrink_to_few_classes_and_small_integers(name: str) -> None:
    """The minimal point has the least number of classes, and simplified, logits 0."""
    statement, facts = DOMAINS[name]
    domain = domain_of([statement], facts)
    options = settings(report_multiple_bugs=False, database=None)
    point = find(domain.points(), lambda _: True, settings=options, random=Random(0))
    assert point[n] == {"free": 1, "targets": 1, "distinct": 3, "kernel": 1}[name]
    simple = minimise(point, lambda p: _admitted(name, p))
    assert all(value == 0 for value in simple[z])  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["free", "targets", "distinct"])
def test_far_points_satisfy_the_assumptions(name: str) -> None:
    """Points far out lie in the domain, with many classes and with large values among them."""
    statement, facts = DOMAINS[name]
    points = list(far_points(Goal(statement, tuple(facts)), 0))
    assert all(_admitted(name, point) for point in points)
    assert max(point[n] for point in points) >= 1000
    assert max(abs(member) for point in points for member in point[z]) >= 1000


def test_an_empty_domain_gives_no_point() -> None:
    """Contradictory assumptions yield None, never a point outside."""
    domain = domain_of([Eq(a, 1)], [Gt(a, 1), Lt(a, 0)])
    assert domain.draw(Random(0)) is None


def test_every_variable_is_found() -> None:
    """Families, indices and scalars of the statement and of the assumptions are variables."""
    domain = domain_of([Eq(S(i) * eps, p[y])], [Gt(K[1], 0)])
    assert {str(f) for f in domain.families} == {"z", "p", "K"}
    assert {str(s) for s in domain.indices} == {"i", "y"}
    assert domain.scalars == (eps,)


def test_labels_are_not_scalars() -> None:
    """Symbols behind families, sizes and indices are no scalars."""
    domain = domain_of([Eq(S(i), 1)])
    assert domain.scalars == ()
    assert all(isinstance(s, Symbol) for s in domain.indices)
