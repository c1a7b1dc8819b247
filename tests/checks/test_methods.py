"""The single methods: explicit classes, exact zeros, goals, search, support, wrong twins."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from mpmath.libmp import to_rational
from sympy import Expr, Sum, Symbol
from sympy.tensor.indexed import Indexed

from gradproof.checks import failing
from gradproof.checks.exact import exact_zero
from gradproof.checks.explicit import agrees, classes_of, symbols_of, written_out
from gradproof.checks.goals import Goal, admits, goals_of, instances, scope_of
from gradproof.checks.mutants import mutants_of, try_mutants
from gradproof.checks.replay import replay_identity
from gradproof.checks.sampling import domain_of
from gradproof.checks.search import search_counterexample
from gradproof.checks.support import gather_support
from gradproof.checks.verdict import Finding
from gradproof.numeric import Point, enclose, reference
from gradproof.symbolic import (
    And,
    Eq,
    Gt,
    Implies,
    K,
    Le,
    Loss,
    Lt,
    Ne,
    Or,
    S,
    class_sum,
    delta,
    exp,
    i,
    k,
    log,
    losses,
    n,
    p,
    sigmoid,
    sqrt,
    y,
    z,
)

LOSSES = {
    "CE": losses.softmax_cross_entropy,
    "CE soft": losses.softmax_cross_entropy_soft,
    "ALT": losses.multiclass_bce,
    "KDE": losses.kde_cross_entropy,
    "QUAD": losses.quadratic,
    "BCE": losses.sigmoid_bce,
}
POINT = Point({z: ("1/2", -1, 2), p: ("1/5", "1/2", "3/10"), K: ("1/3", 2, 0), i: 2, k: 3, y: 1})


def _numbers(expr: Expr) -> Fraction:
    value = reference(written_out(expr, classes_of(POINT)), symbols_of(POINT), digits=50)
    return Fraction(*to_rational(value._mpf_))


@pytest.mark.parametrize("name", LOSSES)
def test_explicit_classes_agree_with_certified_evaluation(name: str) -> None:
    """Value, gradient and Hessian written out have the value that the balls enclose."""
    loss = LOSSES[name]
    for expr in (loss.term, loss.gradient(i), loss.hessian(i, k)):
        ball = enclose(expr, POINT, digits=40)
        value = _numbers(expr)
        assert abs(value - ball.mid) < Fraction(1, 10**38)


@pytest.mark.parametrize("name", LOSSES)
def test_explicit_expressions_are_plain(name: str) -> None:
    """Nothing of the class-sum machinery is left in an expression written out."""
    plain = written_out(LOSSES[name].gradient(i), classes_of(POINT))
    assert not plain.atoms(Sum, Indexed)
    assert all(isinstance(s, Symbol) and not str(s).startswith("_") for s in plain.free_symbols)


def test_a_delta_selects_before_anything_is_evaluated() -> None:
    """Beside a delta that is 0, a logarithm of 0 is not looked at."""
    term = class_sum(lambda j: log(1 - S(j)), but=(y,))
    assert written_out(term, {n: 1, y: 1}) == 0


@pytest.mark.parametrize(
    ("expr", "known"),
    [
        (class_sum(lambda j: S(j)) - 1, True),
        (log(4) - 2 * log(2), True),
        (exp(log(S(1))) - S(1), True),
        (log(S(1)) - log(S(2)) - z[1] + z[2], True),
        (S(1) - S(2), None),
        (class_sum(lambda j: S(j) ** 2) - 1, None),
    ],
)
def test_exact_zeros(expr: Expr, known: bool | None) -> None:
    """An exact zero is recognised without balls; what is not zero is never called zero."""
    assert exact_zero(expr, Point({z: (1, "1/3")})) is known


def test_implications_become_assumptions() -> None:
    """``A implies (B and C)`` are two goals under A."""
    a, b, c = Ne(i, y), Le(0, S(i)), Le(S(i), 1)
    goals = goals_of([Implies(a, And(b, c))], [n >= 2])
    assert {g.formula for g in goals} == {b, c}
    assert all(set(g.given) == {a, n >= 2} for g in goals)


@pytest.mark.parametrize(
    ("given", "scope"),
    [
        ((), "all n"),
        ((n >= 2,), "all n ≥ 2"),
        ((Eq(n, 3),), "n = 3"),
        ((n >= 2, n <= 4), "n = 2..4"),
        ((n >= 2, Ne(i, y)), "all n ≥ 2, i ≠ y"),
    ],
)
def test_a_scope_says_for_which_n(given: tuple[object, ...], scope: str) -> None:
    """The scope names the numbers of classes and every other assumption."""
    assert scope_of([Eq(S(i), S(y))], given) == scope


def test_free_classes_of_an_instance_run_over_all_classes() -> None:
    """A free index of a statement about one point stands for every class."""
    points = list(instances([Goal(Eq(S(i), S(y)), ())], Point({z: (0, 1, 2), y: 2})))
    assert [point[i] for point in points] == [1, 2, 3]


WRONG = {
    "sign": S(i) + delta(i, y),
    "factor": 2 * (S(i) - delta(i, y)),
    "index": S(y) - delta(i, y),
    "missing term": S(i),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_gradient_has_a_small_counterexample(mistake: str) -> None:
    """One wrong sign, factor, index or missing term is refuted by few classes and small numbers."""
    goal = Goal(Eq(losses.softmax_cross_entropy.gradient(i), WRONG[mistake]), ())
    found = search_counterexample(goal, seed=0, tries=100, digits=10).counterexample
    assert found is not None
    assert found.point[n] <= 2
    assert all(abs(v) <= 1 and v.denominator == 1 for v in found.point[z])  # type: ignore[union-attr]


def test_the_same_seed_finds_the_same_counterexample() -> None:
    """The search is reproducible."""
    goal = Goal(Lt(losses.quadratic.term, "9/10"), ())
    runs = [search_counterexample(goal, seed=7, tries=200, digits=10) for _ in range(2)]
    assert runs[0].counterexample == runs[1].counterexample
    assert runs[0].counterexample is not None


def test_nothing_is_found_against_a_true_inequality() -> None:
    """The search is silent on what is true, and says how many points it tried."""
    goal = Goal(Le(0, S(i)), ())
    found = search_counterexample(goal, seed=0, tries=50, digits=10)
    assert found.counterexample is None
    assert found.evidence.finding is Finding.NOTHING
    count, word = found.evidence.scope.split()
    assert word == "points"
    assert int(count) >= 100  # drawn quickly, then by Hypothesis


def test_an_undefined_point_is_no_counterexample() -> None:
    """Where a loss has no value the claim is undefined, and the evidence says what is missing."""
    gradient = losses.kde_cross_entropy.gradient(i)
    goal = Goal(Eq(gradient, gradient + class_sum(lambda j: 0 * S(j))), ())
    found = search_counterexample(goal, seed=0, tries=100, digits=10, undefined_only=True)
    assert found.evidence.finding is Finding.UNDEFINED
    assert "a logarithm needs Σ_j S_j K_j > 0" in found.evidence.detail


def test_a_failing_assumption_is_no_counterexample() -> None:
    """A point that breaks an assumption refutes nothing."""
    goal = Goal(Eq(S(i), 2), (Gt(S(i), 1),))
    assert not failing.fails_at(goal, Point({z: (0, 0), i: 1}))


def test_support_counts_points_and_digits() -> None:
    """Support names the points and the digits to which the sides of an equation agree."""
    goal = Goal(Eq(losses.softmax_cross_entropy.gradient(i), S(i) - delta(i, y)), ())
    evidence = gather_support(goal, seed=0, points=10)
    assert evidence.finding is Finding.SUPPORTS
    assert evidence.scope == "10 points"
    assert "certified digits" in evidence.detail


def test_support_finds_nothing_for_what_is_false() -> None:
    """A false equation is supported nowhere."""
    goal = Goal(Eq(losses.softmax_cross_entropy.gradient(i), 1 + S(i)), ())
    evidence = gather_support(goal, seed=0, points=5)
    assert evidence.finding is Finding.NOTHING


def test_twins_differ_from_the_claim() -> None:
    """Each twin changes one of the sides, and no twin comes twice."""
    goal = Goal(Eq(losses.softmax_cross_entropy.gradient(i), S(i) - delta(i, y)), ())
    twins = [m.goal.formula for m in mutants_of(goal)]
    assert len(twins) == len(set(twins)) >= 6
    assert goal.formula not in twins


@pytest.mark.parametrize("name", LOSSES)
def test_twins_of_gradients_are_refuted(name: str) -> None:
    """Every wrong twin of a gradient sum being 0 or of a Hessian's symmetry is refuted."""
    loss = LOSSES[name]
    given = (*loss.given, Eq(class_sum(lambda j: p[j]), 1))
    right = loss.gradient(i).doit()
    evidence = try_mutants(Goal(Eq(loss.gradient(i), right), given), seed=0)
    assert evidence.certificate is not None
    assert evidence.certificate["refuted"] == evidence.certificate["wrong"] > 0


def test_a_replay_counts_its_paths() -> None:
    """A replay says at how many points each path agreed."""
    goal = Goal(Eq(losses.softmax_cross_entropy.gradient(i), S(i) - delta(i, y)), ())
    evidence = replay_identity(goal, seed=0)
    assert evidence.finding is Finding.CONFIRMS
    assert evidence.scope == "n = 2, 3, 4"
    assert "at 6 exact points, explicit classes at 6, and 6 derivatives" in evidence.detail


def test_a_replay_without_points_did_not_run() -> None:
    """A replay that met no point says so."""
    goal = Goal(Eq(S(i), S(i)), (Gt(S(i), 2),))
    assert replay_identity(goal, seed=0).finding is Finding.DID_NOT_RUN


def test_replay_points_are_seeded() -> None:
    """The points of a replay come from the seed alone."""
    domain = domain_of([Eq(S(i), S(y))])
    assert domain.draw(Random(3)) == domain.draw(Random(3))


def test_an_assumption_without_a_value_is_not_the_statement_without_one() -> None:
    """Where an assumption has no value it does not hold; nothing is said of the statement there."""
    goal = Goal(Eq(S(i), S(i)), (Gt(log(K[1]), 0),))
    outside = Point({K: (0, 1), z: (0, 0), i: 1})
    assert not admits(goal.given, outside)
    assert not failing.fails_at(goal, outside)


def test_an_undefined_point_satisfies_the_assumptions() -> None:
    """The point shown for a statement without a value lies in the domain, simplified as it is."""
    value = 1 / (K[1] - 2) + 0 * log(K[1])
    goal = Goal(Eq(value, value), (Gt(log(K[1]), "1/2"), Eq(K[1], 2)))
    found = search_counterexample(
        goal, seed=0, tries=30, digits=10, undefined_only=True
    ).counterexample
    assert found is not None
    assert admits(goal.given, found.point)


def test_zero_times_what_has_no_value_has_none() -> None:
    """A length times its derivative has no value at 0, though balls give 0 there."""
    length = Loss("LEN", sqrt(class_sum(lambda j: z[j] ** 2)))
    goal = Goal(Eq(length.gradient(i) * length.term, z[i]), ())
    found = search_counterexample(goal, seed=0, tries=30, digits=10, undefined_only=True)
    assert found.counterexample is not None
    assert found.counterexample.point == Point({z: (0,), i: 1, n: 1})
    assert "a power needs Σ_j z_j² > 0, which fails there" in found.evidence.detail


def test_an_operand_without_a_value_need_not_matter() -> None:
    """Where another operand decides, the whole has a value."""
    formula = Or(Le(z[1], 0), Eq(log(z[1] ** 2), 2 * log(z[1])))
    assert failing.has_no_value(Goal(formula.args[1], ()), Point({z: (0,)}))
    assert not failing.has_no_value(Goal(formula, ()), Point({z: (0,)}))


def test_a_confirmation_that_did_not_run_is_said() -> None:
    """A refuted statement that is no relation says that explicit classes did not confirm it."""
    goal = Goal(Or(Lt(S(i), 0), Gt(S(i), 1)), ())
    found = search_counterexample(goal, seed=0, tries=30, digits=10)
    assert found.counterexample is not None
    assert failing.UNCONFIRMED in found.evidence.detail


def test_cancellation_is_no_disagreement() -> None:
    """What needs more digits than usual gets them; a true difference stays one."""
    far = losses.sigmoid_bce.hessian(i, i)
    slope = sigmoid(z[i]) * (1 - sigmoid(z[i]))
    point = Point({z: ("201/2",), p: (25,), i: 1})
    assert agrees(point, (exp(z[i]) * far, exp(z[i]) * slope))[0]
    assert not agrees(point, (exp(z[i]) * far, exp(z[i]) * slope * (1 + exp(-30))))[0]
