"""Signs with logarithms and exponentials: each rule on what it proves, and on what it must not.

The false twins are put to the rules themselves: the points that dismiss them first are taken away.
"""

from __future__ import annotations

import pytest
from sympy import Abs, Expr, Ne, Rational, sqrt
from sympy.logic.boolalg import Boolean

from gradproof.checks.checker import check
from gradproof.checks.goals import Goal
from gradproof.checks.inequality import signs_in_cases
from gradproof.checks.inequality.prover import prove_inequality
from gradproof.checks.verdict import Finding
from gradproof.symbolic import (
    Eq,
    Ge,
    Gt,
    Le,
    Lt,
    S,
    class_sum,
    delta,
    every,
    exp,
    i,
    log,
    n,
    softmax,
    y,
    z,
)
from gradproof.symbolic.vocabulary import K, family, p, scalar, x

v = family("v", positive=True)
q = family("q", positive=True)
OWN = family("o")
T = scalar("T", positive=True)
U = scalar("U", nonnegative=True)

MORE = Ge(n, 2)
WEIGHTS = Eq(class_sum(lambda j: v[j]), 1)
OTHERS = Eq(class_sum(lambda j: q[j]), 1)
LSE = log(class_sum(lambda j: exp(z[j])))
MEAN_GAP = n * log(class_sum(lambda j: exp(z[j])) / n) - class_sum(lambda j: z[j])
DIFFER = Ne(exp(z[i]), exp(z[y]))
DIVERGENCE = class_sum(lambda j: v[j] * log(v[j] / q[j]))
ENTROPY = -class_sum(lambda j: S(j) * log(S(j)))
BINARY = -log(S(y)) - class_sum(lambda j: log(1 - S(j)), but=(y,))
BRIER = class_sum(lambda j: (S(j) - delta(j, y)) ** 2)


def Q(j: object) -> Expr:
    """Return the softmax of another family of logits."""
    return softmax(j, OWN)


SQUARED = class_sum(lambda j: Q(j) ** 2 / S(j)) - 1
LSE_OWN = log(class_sum(lambda j: exp(OWN[j])))
SHARE = scalar("lam", positive=True)
BETWEEN = log(class_sum(lambda j: exp(SHARE * z[j] + (1 - SHARE) * OWN[j])))
WARM = class_sum(lambda j: exp(z[j] / T))
HIGHEST = every(lambda j: Le(z[j], z[y]))


def MIDDLE(j: object) -> Expr:
    """Return how much the logarithm of a mean exceeds the mean of the logarithms."""
    return K[j] * (log((v[j] + q[j]) / 2) - (log(v[j]) + log(q[j])) / 2)


OFF_TARGET = class_sum(lambda j: -log(1 - S(j)), but=(y,))

Statement = tuple[Boolean, list[Boolean]]

TRUE: dict[str, Statement] = {
    "log-sum-exp": (Le(z[y], LSE), []),
    "log-sum-exp, strict": (Lt(z[y], LSE), [MORE]),
    "log-sum-exp from above": (Le(LSE, z[y] + log(n)), [every(lambda j: Le(z[j], z[y]))]),
    "the loss": (Ge(-log(S(y)), 0), []),
    "the loss, strict": (Gt(-log(S(y)), 0), [MORE]),
    "order": (Le(-log(S(y)), -log(S(i))), [Le(z[i], z[y])]),
    "entropy": (Ge(ENTROPY, 0), []),
    "entropy at most": (Le(ENTROPY, log(n)), []),
    "Gibbs": (Ge(DIVERGENCE, 0), [WEIGHTS, OTHERS]),
    "Jensen": (Ge(MEAN_GAP, 0), []),
    "Jensen, strict": (Gt(MEAN_GAP, 0), [DIFFER]),
    "Jensen, weighted": (Ge(K[y] * MEAN_GAP, 0), []),
    "means": (Le(class_sum(lambda j: log(v[j])), n * log(class_sum(lambda j: v[j]) / n)), []),
    "tangent": (Le(1 - S(y), -log(S(y))), []),
    "temperature": (Ge(log(class_sum(lambda j: exp(T * z[j]))) - T * z[y], 0), []),
    "Weierstrass, above": (
        Le(log(1 + class_sum(lambda j: K[j])), class_sum(lambda j: log(1 + K[j]))),
        [],
    ),
    "Weierstrass, below": (Le(BINARY, -2 * log(S(y))), [MORE]),
    "Weierstrass, odd ones against the label": (
        Le(-log(S(y)), class_sum(lambda j: log(1 + exp(z[j] - z[y])), but=(y,))),
        [],
    ),
    "sums of powers": (Le(BRIER, -log(S(y))), []),
    "exponential of an entropy": (Le(exp(ENTROPY), n), []),
    "perplexity": (Ge(exp(ENTROPY), 1), []),
    "tangent, of a ratio of sums": (Le(log(Q(i) / S(i)), Q(i) / S(i) - 1), []),
    "a divergence below another": (Le(class_sum(lambda j: Q(j) * log(Q(j) / S(j))), SQUARED), []),
    "term by term, with a share of what is outside": (Ge(OFF_TARGET, 1 - S(y)), [MORE]),
    "term by term, with a share, strict": (Gt(OFF_TARGET, 1 - S(y)), [MORE]),
    "a chord": (Le(BETWEEN, SHARE * LSE + (1 - SHARE) * LSE_OWN), [SHARE <= 1]),
    "Hoelder": (Le(exp(BETWEEN), exp(SHARE * LSE + (1 - SHARE) * LSE_OWN)), [SHARE <= 1]),
    "a plane below": (
        Ge(LSE_OWN, LSE + class_sum(lambda j: S(j) * (OWN[j] - z[j]))),
        [],
    ),
    "colder": (Le(T * log(class_sum(lambda j: exp(z[j] / T))), LSE), [T <= 1]),
    "hotter": (Ge(T * log(class_sum(lambda j: exp(z[j] / T))), LSE), [T >= 1]),
    "hotter, less certain": (Le(exp(z[y] / T) / WARM, S(y)), [HIGHEST, T >= 1]),
    "another entropy above": (Le(ENTROPY, 2 * log(class_sum(lambda j: sqrt(S(j))))), []),
    "one probability": (Ge(S(y) * log(S(y)), -exp(-1)), []),
    "one logit": (Ge(log(1 + exp(z[y])) + log(1 + exp(-z[y])), 2 * log(2)), []),
    "each logit": (Ge(class_sum(lambda j: log(1 + exp(z[j])) - z[j] / 2), n * log(2)), []),
    "each pair of means": (Ge(class_sum(lambda j: MIDDLE(j)), 0), []),
    "entropy at least": (Ge(ENTROPY, 1 - S(y)), [HIGHEST]),
    "real n": (Le(log(n), n - 1), []),
    "a constant": (
        Le(LSE, z[y] + log(n) + Rational(1, 10)),
        [every(lambda j: Le(z[j], z[y]))],
    ),
    "a constant beside n": (Le(n * exp(1), 3 * n), []),
}

FALSE: dict[str, Statement] = {
    "log-sum-exp, strict alone": (Lt(z[y], LSE), []),
    "log-sum-exp, another class": (Le(LSE, z[i] + log(n)), [every(lambda j: Le(z[j], z[y]))]),
    "the loss, strict alone": (Gt(-log(S(y)), 0), []),
    "the loss, above": (Le(-log(S(y)), log(n)), []),
    "order, turned": (Le(-log(S(i)), -log(S(y))), [Le(z[i], z[y])]),
    "entropy, strict": (Gt(ENTROPY, 0), []),
    "entropy less": (Lt(ENTROPY, log(n)), []),
    "entropy, near": (Le(ENTROPY, Rational(99, 100) * log(n)), [MORE]),
    "Gibbs, no weights": (Ge(DIVERGENCE, 0), [WEIGHTS]),
    "Gibbs, strict": (Gt(DIVERGENCE, 0), [WEIGHTS, OTHERS]),
    "Gibbs, elsewhere": (Gt(DIVERGENCE, 0), [WEIGHTS, OTHERS, Ne(v[i], v[y])]),
    "Jensen, strict without reason": (Gt(MEAN_GAP, 0), [MORE]),
    "Jensen, another difference": (Gt(MEAN_GAP, 0), [Ne(x[i], x[y])]),
    "Jensen, a weight of zero": (Gt(K[y] * MEAN_GAP, 0), [DIFFER]),
    "Jensen, a scale of zero": (Gt(U * MEAN_GAP, 0), [DIFFER]),
    "Jensen, signed weight": (Ge(x[y] * MEAN_GAP, 0), []),
    "Jensen, no classes": (
        Ge(log(class_sum(lambda j: K[j] * exp(z[j]))) - class_sum(lambda j: K[j] * z[j]), 0),
        [Gt(class_sum(lambda j: K[j]), 0)],
    ),
    "soft targets, no simplex": (Ge(LSE - class_sum(lambda j: p[j] * z[j]), 0), []),
    "means, turned": (
        Ge(class_sum(lambda j: log(v[j])), n * log(class_sum(lambda j: v[j]) / n)),
        [],
    ),
    "tangent, near": (Le(Rational(101, 100) * (1 - S(y)), -log(S(y))), []),
    "temperature, strict": (
        Gt(log(class_sum(lambda j: exp(U * z[j])) / n) - U * class_sum(lambda j: z[j]) / n, 0),
        [DIFFER],
    ),
    "absolute logits": (Le(Abs(z[y]), Abs(LSE)), []),
    "Weierstrass, turned": (
        Ge(log(1 + class_sum(lambda j: K[j])), class_sum(lambda j: log(1 + K[j]))),
        [],
    ),
    "Weierstrass, strict": (
        Lt(log(1 + class_sum(lambda j: K[j])), class_sum(lambda j: log(1 + K[j]))),
        [],
    ),
    "Weierstrass, of either sign": (
        Le(log(1 + class_sum(lambda j: x[j])), class_sum(lambda j: log(1 + x[j]))),
        [every(lambda j: Gt(x[j], -1)), Gt(class_sum(lambda j: x[j]), -1)],
    ),
    "Weierstrass, too much": (Le(BINARY, Rational(-19, 10) * log(S(y))), [MORE]),
    "sums of powers, too much": (Le(BRIER, Rational(9, 10) * -log(S(y))), []),
    "sums of powers, from below": (Ge(BRIER, (1 - S(y)) ** 2 * Rational(11, 10)), [MORE]),
    "exponential of an entropy, strict": (Lt(exp(ENTROPY), n), []),
    "exponential, of a negative": (Le(exp(ENTROPY), n - 2), [MORE]),
    "tangent, of a ratio of sums, near": (
        Le(log(Q(i) / S(i)), Rational(101, 100) * (Q(i) / S(i) - 1)),
        [],
    ),
    "a divergence below another, too much": (
        Le(class_sum(lambda j: Q(j) * log(Q(j) / S(j))), Rational(2, 5) * SQUARED),
        [],
    ),
    "term by term, too large a share": (
        Ge(OFF_TARGET, Rational(101, 100) * (1 - S(y))),
        [Gt(n, 5)],
    ),
    "term by term, strict with no class": (
        Gt(class_sum(lambda j: K[j], but=(y,)) + K[i] - K[y], -K[y]),
        [Eq(K[i], 0), Eq(K[y], 0)],
    ),
    "a chord, longer": (Le(BETWEEN, SHARE * LSE + (1 - SHARE) * LSE_OWN), [SHARE <= 2]),
    "a chord, strict": (Lt(BETWEEN, SHARE * LSE + (1 - SHARE) * LSE_OWN), [SHARE < 1, MORE]),
    "a plane, touching elsewhere": (
        Ge(LSE_OWN, LSE + class_sum(lambda j: Q(j) * (OWN[j] - z[j]))),
        [],
    ),
    "colder, turned": (Le(T * log(class_sum(lambda j: exp(z[j] / T))), LSE), [T >= 1]),
    "hotter, one that is not the highest": (
        Le(exp(z[y] / T) / WARM, S(y)),
        [Le(z[i], z[y]), T >= 1],
    ),
    "another entropy, too small": (
        Le(ENTROPY, Rational(19, 10) * log(class_sum(lambda j: sqrt(S(j))))),
        [],
    ),
    "one probability, near": (Ge(S(y) * log(S(y)), -exp(-1) + Rational(1, 10**9)), []),
    "each logit, near": (
        Ge(class_sum(lambda j: log(1 + exp(z[j])) - z[j] / 2), n * (log(2) + Rational(1, 10**9))),
        [],
    ),
    "entropy at least, of another class": (Ge(ENTROPY, 1 - S(i)), [HIGHEST]),
    "entropy at least, near": (Ge(ENTROPY, Rational(7, 5) * (1 - S(y))), [HIGHEST]),
    "real n, strict": (Lt(log(n), n - 1), []),
    "a constant, less": (Le(n * exp(1), Rational(27, 10) * n), []),
    "a constant, more": (Ge(n * exp(1), Rational(28, 10) * n), []),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_statements_are_proved(name: str) -> None:
    """Statements that hold are proved, with certificates that the separate checker accepts."""
    formula, facts = TRUE[name]
    evidence = prove_inequality(Goal(formula, tuple(facts)))
    assert evidence.finding is Finding.PROVES, evidence.detail
    assert evidence.certificate is not None
    assert check(evidence.certificate).accepted


@pytest.mark.parametrize("name", FALSE)
def test_false_twins_are_not_proved(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement that fails somewhere, if only where two sides are equal, is never proved."""
    monkeypatch.setattr(signs_in_cases, "points_of", lambda *_: ())
    formula, facts = FALSE[name]
    evidence = prove_inequality(Goal(formula, tuple(facts)), 200)
    assert evidence.finding in (Finding.NOTHING, Finding.DID_NOT_RUN)
