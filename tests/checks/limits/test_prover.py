"""The limit prover: true limits are proved, wrong twins of them refuted, the rest left open."""

from __future__ import annotations

import pytest
from sympy import Abs, Expr, Rational, besseli, cos, log, pi, sign, sin, sqrt
from sympy.logic.boolalg import Boolean

from gradproof.checks.goals import Goal, goals_of
from gradproof.checks.limits import prover
from gradproof.checks.limits.prover import LimitResult, applies, decide_limit, prove_limit
from gradproof.checks.verdict import Finding
from gradproof.symbolic import (
    Eq,
    Ge,
    Gt,
    Implies,
    K,
    Le,
    LimitTerm,
    Loss,
    Lt,
    Max,
    Ne,
    S,
    class_sum,
    delta,
    every,
    exp,
    family,
    i,
    k,
    limit,
    losses,
    m,
    n,
    oo,
    scalar,
    softmax,
    y,
    z,
)
from gradproof.symbolic.growth import Effort
from gradproof.symbolic.kernel import bandwidth as h, concentration as kappa
from gradproof.symbolic.kernel_losses import open_kernel
from gradproof.symbolic.kernels import cauchy, gaussian, laplace, von_mises
from gradproof.symbolic.vocabulary import x

CE, QUAD, KDE = losses.softmax_cross_entropy, losses.quadratic, losses.kde_cross_entropy
ALT = losses.multiclass_bce_one_hot
T, q, gamma = (scalar(name, positive=True) for name in ("T", "q", "gamma"))
a, g = scalar("a", positive=True), scalar("g", positive=True)
t, w = scalar("t"), scalar("w")
v = family("v")

SEVERAL = (Ge(n, 2),)
WRONG_CLASS = (Ne(k, y),)
LEADS = (Eq(class_sum(lambda j: Max(0, z[j] - z[m] + g), but=(m,)), 0),)
"""Every other logit is at least g > 0 below that of class m."""

LARGEST = every(lambda j: Le(z[j], z[m]))
ALONE = every(lambda j: Implies(Ne(j, m), Lt(z[j], z[m]), evaluate=False))

GCE = Loss("GCE", (1 - S(y) ** q) / q)
focal = -((1 - S(y)) ** gamma) * log(S(y))
smooth = -class_sum(lambda j: ((1 - a) * delta(j, y) + a / n) * log(S(j)))
points = KDE.substitute(K, lambda c: gaussian(t - x[c]), "KDE[gaussian]")
on_circle = KDE.substitute(K, lambda c: von_mises(t - x[c]), "KDE[von Mises]")
tails = KDE.substitute(K, lambda c: cauchy(t - x[c]), "KDE[Cauchy]")
edged = KDE.substitute(K, lambda c: laplace(t - x[c]), "KDE[Laplace]")
open_points = KDE.substitute(K, lambda c: open_kernel(t - x[c]), "KDE[K]")
entropy = -class_sum(lambda j: S(j) * log(S(j)))


cold_entropy = -class_sum(
    lambda j: softmax(j, lambda c: z[c] / T) * log(softmax(j, lambda c: z[c] / T))
)


def mean(base: object) -> Expr:
    """Return the mean over the classes."""
    return class_sum(lambda j: base[j]) / n  # type: ignore[index]


def cooled(member: Expr, base: object = z) -> Expr:
    """Return the softmax at temperature T."""
    return softmax(member, lambda c: base[c] / T)  # type: ignore[index]


def length(loss: Loss) -> Expr:
    """Return the length of a gradient."""
    return sqrt(class_sum(lambda j: loss.gradient(j) ** 2))


TRUE: dict[str, tuple[LimitTerm, Expr, tuple[Boolean, ...]]] = {
    "cross-entropy grows": (limit(CE.term, z[y], -oo), oo, SEVERAL),
    "cross-entropy falls": (limit(CE.gradient(i), z[y], oo), 0, ()),
    "wrong logit": (limit(CE.term - z[k], z[k], oo), -z[y], WRONG_CLASS),
    "generalised": (limit(GCE.term, q, 0), CE.term, ()),
    "generalised gradient": (limit(GCE.gradient(i), q, 0), CE.gradient(i), ()),
    "generalised at 1": (limit(GCE.term, q, 1, "-"), 1 - S(y), ()),
    "generalised bound": (limit(GCE.term, z[y], -oo), 1 / q, SEVERAL),
    "focal": (limit(focal, gamma, 0), CE.term, SEVERAL),
    "focal wins": (limit(focal, gamma, oo), 0, SEVERAL),
    "smoothing": (limit(smooth, a, 0), CE.term, ()),
    "smoothing rate": (limit(smooth / z[y], z[y], oo), a * (n - 1) / n, (*SEVERAL, Lt(a, 1))),
    "binary sum": (limit(ALT.term, z[y], -oo), oo, SEVERAL),
    "distillation": (
        limit(T * (cooled(i) - cooled(i, v)), T, oo),
        (z[i] - mean(z) - v[i] + mean(v)) / n,
        (),
    ),
    "hot": (limit(cooled(i), T, oo), 1 / n, ()),
    "cold": (limit(cooled(i), T, 0), delta(i, m), LEADS),
    "cold loss": (limit(-T * log(cooled(y)), T, 0), z[m] - z[y], LEADS),
    "second order": (
        limit(T**2 * (log(class_sum(lambda j: exp(z[j] / T)) / n) - mean(z) / T), T, oo),
        (class_sum(lambda j: z[j] ** 2) / n - mean(z) ** 2) / 2,
        (),
    ),
    "entropy": (limit(entropy, z[k], oo), 0, ()),
    "Renyi": (limit(log(class_sum(lambda j: S(j) ** q)) / (1 - q), q, 1), entropy, ()),
    "plateau": (limit(QUAD.term, z[k], oo), 1, WRONG_CLASS),
    "plateau length": (limit(length(QUAD) / length(CE), z[k], oo), 0, WRONG_CLASS),
    "length": (limit(length(CE), z[k], oo), sqrt(2), WRONG_CLASS),
    "absolute error": (limit(class_sum(lambda j: Abs(S(j) - delta(j, y))), z[y], oo), 0, ()),
    "far point": (limit(points.gradient(i, wrt=x), x[i], oo), 0, SEVERAL),
    "far weight": (limit(points.gradient(i), x[i], -oo), S(i), SEVERAL),
    "wide kernel": (limit(points.gradient(i), h, oo), 0, ()),
    "matching kernel": (limit(KDE.gradient(i), K[i], oo), S(i) - 1, ()),
    "open kernel": (limit(open_points.gradient(i), z[i], oo), 0, ()),
    "cold loss, any largest": (limit(-T * log(cooled(y)), T, 0), z[m] - z[y], (LARGEST,)),
    "cold, one largest": (limit(cooled(i), T, 0), delta(i, m), (ALONE,)),
    "cold gradient": (
        limit(-T * (delta(i, y) - cooled(i)) / T, T, 0),
        delta(i, m) - delta(i, y),
        (ALONE,),
    ),
    "cold, one above": (limit(cooled(y), T, 0), 0, (Lt(z[y], z[m]),)),
    "logarithm of a product": (limit(T * log(exp(2 / T) * (1 + T)), T, 0), 2, ()),
    "Bessel function": (
        limit(T * (besseli(1, T) * exp(-T) * sqrt(2 * pi * T) - 1), T, oo),
        Rational(-3, 8),
        (),
    ),
    "sharp kernel on a circle": (
        limit(on_circle.gradient(i), kappa, oo),
        S(i) - delta(i, m),
        (every(lambda j: Implies(Ne(j, m), Lt(cos(t - x[j]), cos(t - x[m])), evaluate=False)),),
    ),
    "sharp kernel on a line": (
        limit(points.gradient(i), h, 0),
        S(i) - delta(i, m),
        (every(lambda j: Implies(Ne(j, m), Gt(Abs(t - x[j]), Abs(t - x[m])), evaluate=False)),),
    ),
    "narrow kernel with a tail": (
        limit(tails.gradient(i), h, 0),
        S(i) - S(i) / (t - x[i]) ** 2 / class_sum(lambda j: S(j) / (t - x[j]) ** 2),
        (every(lambda j: Ne(x[j], t)),),
    ),
    "wide kernel with a kink": (
        limit(h * edged.gradient(i), h, oo),
        S(i) * (Abs(t - x[i]) - class_sum(lambda j: S(j) * Abs(t - x[j]))),
        (),
    ),
    "difference quotient": (limit((exp(w) - exp(t)) / (w - t), w, t), exp(t), ()),
}


def decided(formula: Boolean, given: tuple[Boolean, ...] = ()) -> LimitResult:
    """Return what the prover says of a formula."""
    (goal,) = goals_of([formula], given)
    return decide_limit(goal, 0)


def finding(formula: Boolean, given: tuple[Boolean, ...] = ()) -> Finding:
    """Return the finding alone."""
    return decided(formula, given).evidence.finding


@pytest.mark.parametrize("name", TRUE)
def test_a_true_limit_is_proved(name: str) -> None:
    """A limit known from the literature or by hand is proved for every number of classes."""
    term, value, given = TRUE[name]
    evidence = decided(Eq(term, value), given).evidence
    assert evidence.finding is Finding.PROVES, evidence.detail
    assert evidence.certificate


@pytest.mark.parametrize("name", TRUE)
def test_a_wrong_twin_is_refuted_at_an_exact_point(name: str) -> None:
    """With another sign, factor or constant the limit fails at a point that is returned."""
    term, value, given = TRUE[name]
    twins = [-oo, 3] if value == oo else [value + 1, 2 * value + Rational(1, 7)]
    for twin in twins:
        result = decided(Eq(term, twin), given)
        assert result.evidence.finding is Finding.REFUTES, result.evidence.detail
        assert result.counterexample is not None
        assert result.counterexample.figures


def test_one_class_alone_is_not_forgotten() -> None:
    """Without n >= 2 the loss stays 0 for one class, and that is the counterexample."""
    result = decided(Eq(limit(CE.term, z[y], -oo), oo))
    assert result.evidence.finding is Finding.REFUTES
    assert result.counterexample is not None
    assert result.counterexample.point[n] == 1


def test_coinciding_classes_are_not_forgotten() -> None:
    """That a wrong logit makes the loss grow fails where the class is the true one."""
    assert finding(Eq(limit(CE.term, z[k], oo), oo), SEVERAL) is Finding.REFUTES
    assert finding(Eq(limit(CE.term, z[k], oo), oo), WRONG_CLASS) is Finding.PROVES


@pytest.mark.parametrize(
    ("formula", "given"),
    [
        (Eq(limit(CE.term, z[y], -oo), oo), (*SEVERAL, Gt(z[y], 3))),  # not on the way
        (Eq(limit(CE.term, z[y], oo), 0), (Eq(z[y], 1),)),
        (Eq(limit(1 / T, T, -oo), 0), ()),  # T is positive
        (Eq(limit(sin(w), w, oo), 0), ()),  # no limit
        (Eq(limit(KDE.term, z[k], oo), -log(K[k])), ()),  # K_k may be 0
        (Eq(limit(S(k) - S(y), z[y], z[k]), 0), ()),  # y may be k
        (Eq(limit(CE.term, z[y], oo), 0), (Gt(t, 1), Lt(t, 0))),  # no point
    ],
)
def test_what_does_not_follow_is_not_proved(formula: Boolean, given: tuple[Boolean, ...]) -> None:
    """Without the assumption that it needs, or against one, nothing is proved or refuted."""
    assert finding(formula, given) in (Finding.NOTHING, Finding.UNDEFINED)


@pytest.mark.parametrize(
    ("formula", "given"),
    [
        (Eq(limit(cooled(i), T, 0), delta(i, m)), ()),  # no class leads
        (Eq(limit(cooled(i), T, 0), delta(i, m)), (LARGEST,)),  # several may
        (Eq(limit(cooled(i), T, 0), 1), (*SEVERAL, Ne(i, k), Gt(z[i], z[k]))),  # a third one leads
        (Eq(limit(cold_entropy, T, 0), 0), ()),  # two classes lead
        (Eq(limit(exp(t * w), w, oo), 0), ()),  # the sign of t decides
        (Eq(limit(CE.term, z[y], oo), log(t) - log(t) + 0 * t + sign(t) ** 2 / t), ()),
        (Ne(limit(exp(t * w), w, oo), oo), ()),
    ],
)
def test_what_fails_at_a_point_is_refuted_there(
    formula: Boolean, given: tuple[Boolean, ...]
) -> None:
    """Where no limit is derived for all points, one point at which another is derived refutes."""
    result = decided(formula, given)
    assert result.evidence.finding is Finding.REFUTES, result.evidence.detail
    assert result.counterexample is not None
    assert result.counterexample.figures


def test_what_has_no_value_at_a_point_is_undefined_there() -> None:
    """With one class there is no other, and the logarithm of an empty sum is none."""
    others = log(class_sum(lambda j: exp(z[j]), but=(y,)))
    result = decided(Eq(limit(CE.term + z[y], z[y], -oo), others))
    assert result.evidence.finding is Finding.UNDEFINED
    assert result.counterexample is not None
    assert result.counterexample.point[n] == 1


def test_a_fixed_number_of_classes_keeps_its_members() -> None:
    """With n = 2 written out, the members in a limit are those of the point."""
    given = (Eq(n, 2), Ne(i, k))
    assert finding(Eq(limit(S(i), T, 0), S(i)), given) is Finding.PROVES
    assert finding(Eq(limit(S(i), T, 0), S(k)), given) is Finding.REFUTES


def test_a_largest_member_may_be_there_several_times() -> None:
    """T log sum exp(z / T) tends to the largest logit, ties or not, and to no other value."""
    level = limit(T * log(class_sum(lambda j: exp(z[j] / T))), T, 0)
    largest = (Eq(class_sum(lambda j: Max(0, z[j] - z[m])), 0),)
    assert finding(Eq(level, z[m]), largest) is Finding.PROVES
    assert finding(Eq(level, z[i]), largest) is Finding.REFUTES
    assert finding(Eq(level, z[m])) is Finding.REFUTES


def test_what_holds_for_every_class_is_used_and_must_hold_on_the_way() -> None:
    """That m leads says which logits are smaller; a variable that breaks it proves nothing."""
    leads = every(lambda j: Le(z[j], z[m]))
    level = limit(T * log(class_sum(lambda j: exp(z[j] / T))), T, 0)
    assert finding(Eq(level, z[m]), (leads,)) is Finding.PROVES
    assert finding(Eq(limit(cooled(y), T, 0), 0), (leads, Lt(z[y], z[m]))) is Finding.PROVES
    assert finding(Eq(limit(CE.term, z[m], -oo), 5), (leads, Eq(n, 2), Ne(y, m))) is Finding.NOTHING
    least = (every(lambda j: Ge(z[j], z[y])), *SEVERAL)
    assert finding(Eq(limit(CE.term, z[y], -oo), oo), least) is Finding.PROVES


def test_a_spent_effort_leaves_a_goal_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """With few steps nothing is derived; the end comes at the same step each time."""
    monkeypatch.setattr(prover, "Effort", lambda: Effort(50))
    goal = Eq(limit(cooled(i), T, oo), 1 / n)
    first, again = decided(goal).evidence, decided(goal).evidence
    assert first.finding is Finding.NOTHING
    assert "more steps" in first.detail
    assert first.detail == again.detail


def test_an_assumption_that_holds_all_the_way_does_no_harm() -> None:
    """z_y > 3 holds for all large z_y, and Gt(z_y, z_k) too."""
    given = (Gt(z[y], 3), Gt(z[y], z[k]))
    assert finding(Eq(limit(CE.term, z[y], oo), 0), given) is Finding.PROVES


def test_an_expression_without_values_is_undefined() -> None:
    """The logarithm of a negative number has no limit, and the point says so."""
    result = decided(Eq(limit(log(1 - z[y]), z[y], oo), 0))
    assert result.evidence.finding is Finding.UNDEFINED
    assert result.counterexample is not None


def test_a_kink_all_the_way_is_no_derivative() -> None:
    """A derivative that never exists on the way has no limit; off the kink it has."""
    kinked = Loss("L", Max(z[i], z[k]) * exp(-z[y]))
    assert finding(Eq(limit(kinked.gradient(i), z[y], oo), 0)) is Finding.NOTHING
    steep = Loss("L", Abs(z[y] - z[k]))
    assert finding(Eq(limit(steep.gradient(y), z[y], oo), 1), WRONG_CLASS) is Finding.PROVES


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (Le(limit(QUAD.term, z[k], oo), 1), Finding.PROVES),
        (Lt(limit(QUAD.term, z[k], oo), 1), Finding.REFUTES),
        (Ge(limit(CE.term, z[k], oo), 7), Finding.PROVES),
        (Ne(limit(CE.term, z[k], oo), 7), Finding.PROVES),
        (Eq(2 * limit(QUAD.term, z[k], oo) - 1, limit(S(k), z[k], oo)), Finding.PROVES),
        (Eq(limit(QUAD.term, z[k], oo), limit(S(y), z[k], oo)), Finding.REFUTES),
    ],
)
def test_limits_enter_relations(formula: Boolean, expected: Finding) -> None:
    """Limits are compared by any relation, and finite ones stand in larger expressions."""
    assert finding(formula, WRONG_CLASS) is expected


def test_the_prover_says_what_it_does_not_treat() -> None:
    """A goal without a limit, a limit as assumption, a limit of a limit: it did not run."""
    inner = limit(T * w, w, 0)
    for goal in (
        Goal(Eq(S(i), 1), ()),
        Goal(Eq(limit(S(y), z[y], oo), 1), (Eq(inner, 0),)),
        Goal(Eq(limit(inner + T, T, 0), 0), ()),
    ):
        assert prove_limit(goal, 0).finding is Finding.DID_NOT_RUN
    assert not applies(Goal(Eq(S(i), 1), ()))


def test_a_relation_between_limits_is_proved_by_certificates() -> None:
    """The entropy of the other classes is at most log(n - 1); it is no more than that somewhere."""
    falling = limit(entropy, z[y], -oo)
    assert finding(Le(falling, log(n - 1)), SEVERAL) is Finding.PROVES
    assert finding(Lt(falling, log(n - 1)), SEVERAL) is Finding.REFUTES
    assert finding(Eq(falling, log(n - 1)), SEVERAL) is Finding.REFUTES


def test_what_moves_is_not_shown_at_a_fixed_place() -> None:
    """The point that refutes a limit gives no value to its variable."""
    result = decided(Eq(limit(GCE.term, q, 0), 1))
    assert result.counterexample is not None
    assert q not in result.counterexample.point
    assert result.evidence.scope == f"one exact point, n = {result.counterexample.point[n]}"
