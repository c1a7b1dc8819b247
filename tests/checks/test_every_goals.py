"""Assumptions and statements about every class in claims: decided, drawn, proved, refuted."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings, strategies as st
from sympy import Expr
from sympy.logic.boolalg import Boolean

from gradproof import Claim, prove
from gradproof.checks.explicit import written_out
from gradproof.checks.goals import admits, goals_of, scope_of
from gradproof.checks.sampling import domain_of
from gradproof.numeric import Point, decide
from gradproof.symbolic import (
    Abs,
    And,
    DeclarationError,
    Eq,
    Ge,
    Gt,
    Implies,
    Le,
    Lt,
    Max,
    Ne,
    Rational,
    S,
    UndefinedValueError,
    class_sum,
    every,
    exp,
    family,
    i,
    log,
    m,
    n,
    scalar,
    y,
    z,
)

q, s = family("q"), family("s")
c = scalar("c", positive=True)
LARGEST = every(lambda j: Le(z[j], z[m]))


@settings(max_examples=60)
@given(
    members=st.lists(st.integers(-3, 3), min_size=1, max_size=4),
    place=st.integers(1, 4),
    strict=st.booleans(),
)
def test_every_class_is_decided_as_one_by_one(
    members: list[int], place: int, *, strict: bool
) -> None:
    """The truth is that of the relation at each class of the point."""
    top = min(place, len(members))
    formula = every(lambda j: (Lt if strict else Le)(z[j], z[m] + 1))
    bound = members[top - 1] + 1
    expected = all(v < bound if strict else v <= bound for v in members)
    assert decide(formula, Point({z: members, m: top})) is expected


def test_a_class_without_a_value_leaves_the_statement_without_one() -> None:
    """Unless another class makes it false."""
    logs = every(lambda j: Ge(log(z[j]), 0))
    with pytest.raises(UndefinedValueError):
        decide(logs, Point({z: (1, 0)}))
    assert decide(logs, Point({z: ("1/2", 0)})) is False
    with pytest.raises(DeclarationError, match="number of classes"):
        decide(every(lambda j: Ne(j, m)), Point({m: 1}))


def test_a_statement_about_every_class_is_one_about_a_free_class() -> None:
    """The letter is not used yet; an assumption stays as it is, its parts one by one."""
    (goal,) = goals_of([LARGEST], [Ge(z[1], 0)])
    (free,) = {a for a in goal.formula.free_symbols if str(a) == "j"}
    assert goal.formula == Le(z[free], z[m])
    both = every(lambda a: And(Ge(q[a], 0), Le(q[a], 1)))
    (goal,) = goals_of([Implies(both, LARGEST)])
    assert len(goal.given) == 2
    nested = every(lambda a: every(lambda b: Le(z[a], z[b])))
    (goal,) = goals_of([nested])
    assert len({str(v) for v in goal.formula.free_symbols} & {"j", "k"}) == 2
    assert scope_of([Ge(z[m], 0)], [LARGEST]) == "all n, z_j ≤ z_m for every j"


def test_a_claim_keeps_its_assumption_when_pickled() -> None:
    """Relations inside stay as written."""
    claim = Claim("c", Ge(z[m], z[i]), given=every(lambda j: Ge(Abs(z[j]), 0)))
    again = pickle.loads(pickle.dumps(claim))
    assert again == claim
    assert again.given == claim.given


def test_classes_written_out() -> None:
    """The conjunction over the classes of the point."""
    two = written_out(LARGEST, {n: 2, m: 2})
    assert str(two) == "z[1] <= z[2]"


DOMAINS: dict[str, tuple[Boolean, ...]] = {
    "largest": (LARGEST,),
    "smallest": (every(lambda j: Ge(z[j], z[m])),),
    "modulus": (every(lambda j: Le(Abs(z[j]), 1)),),
    "modulus, strict": (every(lambda j: Lt(Abs(z[j]), c)),),
    "excess": (Eq(class_sum(lambda j: Max(0, Abs(z[j]) - 1)), 0),),
    "box": (every(lambda j: And(Gt(z[j], 0), Le(z[j], 1))),),
    "above another": (every(lambda j: Ge(z[j], s[j])),),
    "moduli of another": (every(lambda j: Le(Abs(z[j]), Abs(s[j]))),),
    "the sum": (Eq(class_sum(lambda j: z[j]), 1),),
    "values of a class": (every(lambda j: Lt(z[j], z[m] + 1)),),
}


@pytest.mark.parametrize("name", DOMAINS)
def test_points_satisfy_what_is_said_of_every_class(name: str) -> None:
    """They are made so, and not only filtered: nearly every draw gives one, and they differ."""
    facts = DOMAINS[name]
    domain = domain_of([Gt(z[i], z[m])], facts)
    points = [p for seed in range(40) if (p := domain.draw(Random(seed), tries=2)) is not None]
    assert all(admits(facts, point) for point in points)
    assert len(points) >= (12 if name in ("values of a class", "moduli of another") else 36)
    assert len(set(points)) >= 8


def test_the_ends_of_a_box_are_met() -> None:
    """Closed ends are among the values of members and scalars, open ends are not."""
    a = scalar("a")
    facts = (every(lambda j: And(Ge(z[j], -1), Lt(z[j], 2))), Ge(a, -2), Lt(a, 3))
    domain = domain_of([Gt(z[i], a)], facts)
    points = [p for seed in range(60) if (p := domain.draw(Random(seed))) is not None]
    members = {value for point in points for value in point[z]}
    assert -1 in members
    assert 2 not in members
    assert any(1 < value < 2 for value in members)
    assert -2 in {point[a] for point in points}
    assert 3 not in {point[a] for point in points}


def test_patterns_are_met() -> None:
    """Families that agree, or but for a constant or one member; opposite members; far ones."""
    domain = domain_of([Gt(z[i] * q[i], 0)])
    seen = set()
    for seed in range(120):
        point = domain.draw(Random(seed))
        assert point is not None
        gaps = [a - b for a, b in zip(point[z], point[q], strict=True)]
        if len(gaps) < 3:
            continue
        seen.add(("same" if gaps[0] == 0 else "shifted") if len(set(gaps)) == 1 else "other")
        if sorted(map(bool, gaps)) == [False] * (len(gaps) - 1) + [True]:
            seen.add("but one")
        for row in (point[z], point[q]):
            if sorted(row) == [-1, *[Fraction(0)] * (len(row) - 2), 1]:
                seen.add("opposite")
            if max(row) - min(row) >= 90:
                seen.add("far")
    assert seen == {"same", "shifted", "but one", "opposite", "far", "other"}


def test_assumptions_about_every_class_are_used() -> None:
    """True claims are not refuted; the same without the assumption are, and so are wrong ones."""
    top = every(lambda j: Le(z[j], z[m]))
    assert prove(Ge(S(m), S(i)), given=top).outcome.name in ("PROVED", "SUPPORTED")
    assert prove(Ge(S(m), S(i))).outcome.name == "REFUTED"
    assert prove(Ge(S(m), Rational(1, 2)), given=top).outcome.name == "REFUTED"
    alone = prove(every(lambda j: Le(S(j), S(y))))
    assert alone.outcome.name == "REFUTED"
    positive = every(lambda j: Gt(q[j], 0))
    product = class_sum(lambda j: log(q[j]))
    split = Eq(product, log(q[i]) + class_sum(lambda j: log(q[j]), but=[i]))
    assert prove(split, given=positive).outcome.name == "PROVED"
    assert prove(split, given=Gt(q[i], 0)).outcome.name != "PROVED"


u, v = family("u"), family("v")
a = scalar("a")


def _lse(members: Callable[[Expr], Expr]) -> Expr:
    return log(class_sum(lambda b: exp(members(b))))


def _mean(members: Callable[[Expr], Expr]) -> Expr:
    return class_sum(lambda b: S(b) * members(b))


HARD: dict[str, tuple[Boolean, tuple[Boolean, ...]]] = {
    "families that differ by a constant": (
        Lt(
            _lse(lambda b: (z[b] + u[b]) / 2),
            (_lse(lambda b: z[b]) + _lse(lambda b: u[b])) / 2,
        ),
        (Ge(n, 2), Ne(z[i], u[i])),
    ),
    "opposite members at equal logits": (
        Le(
            _mean(lambda b: v[b] ** 2) - _mean(lambda b: v[b]) ** 2,
            Rational(49, 100) * class_sum(lambda b: v[b] ** 2),
        ),
        (),
    ),
    "a closed end": (Gt(a, -2), (Ge(a, -2),)),
    "just inside an open end": (Gt(a, Rational(5, 2)), (Gt(a, 2),)),
    "the end of a box": (Lt(Abs(z[i]), 1), (every(lambda j: Le(Abs(z[j]), 1)),)),
    "a far member": (Gt(S(i), Rational(1, 10**9)), ()),
}


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_patterns_refute(name: str, seed: int) -> None:
    """Claims that fail only in a pattern are refuted, whatever the seed."""
    statement, facts = HARD[name]
    assert prove(statement, given=facts, seed=seed).outcome.name == "REFUTED"
