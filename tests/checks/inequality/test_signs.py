"""Signs for every number of classes: true statements that are proved, and false twins that are not.

The false twins are put to the rules themselves: the points that dismiss them first are taken away.
"""

from __future__ import annotations

import pytest
from sympy import Abs, Integer, Max, Min, Ne, Rational, Sum, sign, sqrt
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
    k,
    log,
    n,
    softmax,
    y,
    z,
)
from gradproof.symbolic.vocabulary import K, bound, family, index, p, scalar, x

v = family("v", positive=True)
u = family("u", nonnegative=True)
T = scalar("T", positive=True)
U = scalar("U", nonnegative=True)

HALF, QUARTER = Rational(1, 2), Rational(1, 4)
MORE = Ge(n, 2)
SIMPLEX = Eq(class_sum(lambda j: p[j]), 1)


def total(term: object, **options: object) -> Sum:
    """Return a class sum."""
    return class_sum(term, **options)


NORM = sqrt(total(lambda j: x[j] ** 2))
NORM_Z = sqrt(total(lambda j: z[j] ** 2))
NORM_GAP = sqrt(total(lambda j: (x[j] - z[j]) ** 2))
LENGTH = total(lambda j: Abs(x[j]))
SQUARES = total(lambda j: S(j) ** 2)
F = total(lambda j: x[j] / ((K[j] + 1) * (K[j] + T)))
A, B = total(lambda j: x[j] / (K[j] + 1)), total(lambda j: x[j] / (K[j] + T))

CLIPPED = total(lambda j: S(j) * (1 - Abs(Max(-1, Min(1, x[j] / T)))))
DISTANCE = total(lambda j: Abs(S(j) - softmax(j, x)))
VARIANCE = Le(total(lambda j: S(j) * x[j] ** 2) - total(lambda j: S(j) * x[j]) ** 2, T**2)
INSIDE = total(lambda j: 1 - Abs(Max(-1, Min(1, x[j] / T))))
PRODUCT = total(lambda j: x[j] * z[j])
LENGTH_Z = total(lambda j: Abs(z[j]))

Statement = tuple[Boolean, list[Boolean]]

TRUE: dict[str, Statement] = {
    "a probability": (Le(S(y), 1), []),
    "below 1 beside others": (Lt(S(y), 1), [MORE]),
    "two probabilities": (Le(S(i) * S(y), QUARTER), [Ne(i, y)]),
    "two below 1": (Lt(S(i) + S(y), 1), [Ne(i, y), Ge(n, 3)]),
    "squares at most": (Le(SQUARES, 1), []),
    "squares at least": (Le(1 / n, SQUARES), []),
    "order kept": (Le(S(i), S(y)), [Le(z[i], z[y])]),
    "remaining classes": (Gt(total(lambda j: S(j), but=[y]), 0), [MORE]),
    "Cauchy-Schwarz": (
        Le(
            total(lambda j: K[j] * x[j]) ** 2,
            total(lambda j: K[j]) * total(lambda j: K[j] * x[j] ** 2),
        ),
        [],
    ),
    "Cauchy-Schwarz, signs of every class": (
        Le(
            total(lambda j: K[j] * x[j]) ** 2,
            total(lambda j: K[j]) * total(lambda j: K[j] * x[j] ** 2),
        ),
        [every(lambda j: Ge(x[j], 0))],
    ),
    "mean square": (Le(total(lambda j: x[j]) ** 2, n * total(lambda j: x[j] ** 2)), []),
    "product of sums": (
        Le(total(lambda j: K[j] * v[j]), total(lambda j: K[j]) * total(lambda j: v[j])),
        [],
    ),
    "norms": (Le(NORM, LENGTH), []),
    "norms of a difference": (Le(Abs(NORM - NORM_Z), NORM_GAP), []),
    "a mean of two, beside a class": (
        Le(sqrt(S(i) * softmax(i, x)), softmax(i, lambda j: (z[j] + x[j]) / 2)),
        [],
    ),
    "norms the other way": (Le(LENGTH, sqrt(n) * NORM), []),
    "triangle": (Le(Abs(x[i] + x[y]), Abs(x[i]) + Abs(x[y])), []),
    "parts of a number": (Le(Max(x[i], 0) - Min(x[i], 0), Abs(x[i])), []),
    "sign": (Ge(sign(x[i]) * x[i], 0), []),
    "a bounded residual": (Le(Abs(p[i] - S(i)), 1), [SIMPLEX]),
    "nothing assumed of a zero": (Ge(K[y], 0), [Eq(p[i], 0)]),
    "fewest classes": (Le(SQUARES, HALF), [Eq(n, 2), Eq(z[1], z[2])]),
    "each class at most": (Le(1 / n, S(y)), [every(lambda j: Le(z[j], z[y]))]),
    "some square": (Gt(total(lambda j: (x[j] - T) ** 2), 0), [Ne(x[i], x[y])]),
    "each term, clipped": (Ge(CLIPPED, 0), []),
    "each term, clipped, one of them inside": (Gt(CLIPPED, 0), [Lt(Abs(x[i]), T)]),
    "each term, bounded": (Le(PRODUCT, T * LENGTH_Z), [every(lambda j: Le(Abs(x[j]), T))]),
    "the variance of bounded numbers": (VARIANCE, [every(lambda j: Le(Abs(x[j]), T))]),
    "two distributions": (Lt(DISTANCE, 2), []),
    "two divisors": (Ge(total(lambda j: K[j] / ((K[j] + 1 + U) * (K[j] + T))), 0), []),
    "two divisors, squared": (Ge(total(lambda j: x[j] / ((K[j] + 1) * (K[j] + T))) ** 2, 0), []),
    "a fixed sum, weighted": (Gt(total(lambda j: S(j) * p[j]), 0), [SIMPLEX]),
    "a positive sum, weighted": (Gt(CLIPPED, 0), [Gt(INSIDE, 0)]),
    "a bounded modulus": (Lt(x[i], T), [Lt(Abs(x[i]), T)]),
    "a large modulus": (Ge(x[i] ** 2, T**2), [Ge(Abs(x[i]), T)]),
    "two moduli in order": (Ge(x[i] ** 2, x[y] ** 2), [Ge(Abs(x[i]), Abs(x[y]))]),
    "a sum of moduli": (Le(x[i] * x[y], 1), [Le(Abs(x[i]) + Abs(x[y]), 2)]),
    "extremes on both sides": (
        Ge(x[i] + x[y], T),
        [Ge(Max(x[i], x[y]), T), Ge(Min(x[i], x[y]), 0)],
    ),
    "an even power": (Ge((x[i] - x[y]) ** 2 * K[i], 0), []),
    "in every coincidence": (Le(2 * delta(i, y) * S(i) * S(y), S(i) ** 2 + S(y) ** 2), []),
}

FALSE: dict[str, Statement] = {
    "below 1 alone": (Lt(S(y), 1), []),
    "one probability twice": (Le(S(i) * S(y), QUARTER), []),
    "two below 1, no third": (Lt(S(i) + S(y), 1), [Ne(i, y)]),
    "sharp": (Lt(S(i) * S(y), QUARTER), [Ne(i, y)]),
    "squares less": (Lt(SQUARES, 1), []),
    "squares at least, near": (Le(Rational(101, 100) / n, SQUARES), []),
    "order lost": (Lt(S(i), S(y)), [Le(z[i], z[y])]),
    "no remaining class": (Gt(total(lambda j: S(j), but=[y]), 0), []),
    "all but two": (Gt(total(lambda j: S(j), but=[i, y]), 0), [MORE, Ne(i, y)]),
    "Cauchy-Schwarz, near": (
        Le(
            total(lambda j: K[j] * x[j]) ** 2,
            Rational(99, 100) * total(lambda j: K[j]) * total(lambda j: K[j] * x[j] ** 2),
        ),
        [],
    ),
    "Cauchy-Schwarz, strict": (Lt(total(lambda j: x[j]) ** 2, n * total(lambda j: x[j] ** 2)), []),
    "product of signed sums": (
        Le(total(lambda j: K[j] * x[j]), total(lambda j: K[j]) * total(lambda j: x[j])),
        [],
    ),
    "a sum below its number": (Le(total(lambda j: K[j]), n * K[y]), []),
    "norms of a difference, twice": (Le(2 * Abs(NORM - NORM_Z), NORM_GAP), []),
    "a mean of two, beside a class, strict": (
        Lt(sqrt(S(i) * softmax(i, x)), softmax(i, lambda j: (z[j] + x[j]) / 2)),
        [MORE],
    ),
    "norms, turned": (Le(LENGTH, NORM), []),
    "norms, n too small": (Le(LENGTH, sqrt(n - HALF) * NORM), []),
    "triangle, turned": (Ge(Abs(x[i] + x[y]), Abs(x[i]) + Abs(x[y])), []),
    "parts, strict": (Lt(Max(x[i], 0) - Min(x[i], 0), Abs(x[i]) + U), []),
    "sign of zero": (Gt(sign(x[i]) * x[i], 0), []),
    "unbounded residual": (Le(Abs(p[i] - S(i)), 1), []),
    "a fact about another class": (Gt(K[y], 0), [Gt(K[i], 0)]),
    "a weight that is zero": (Lt(K[y] + 1, 0), [Eq(p[i], 0)]),
    "another weight that is zero": (Le(K[y] + z[y], 0), [Eq(p[i], 0), Eq(u[y], 0)]),
    "every other class": (Le(1 / n, S(i)), [every(lambda j: Le(z[j], z[y]))]),
    "a square that may vanish": (Gt(total(lambda j: (x[j] - T) ** 2), 0), [Ne(z[i], z[y])]),
    "weighted squares": (Gt(total(lambda j: (K[j] * (x[j] - T)) ** 2), 0), [Ne(x[i], x[y])]),
    "each term, clipped, all of them outside": (Gt(CLIPPED, 0), []),
    "each term, clipped, one of them at the edge": (Gt(CLIPPED, 0), [Le(Abs(x[i]), T)]),
    "each term, clipped, too far": (
        Ge(total(lambda j: S(j) * (1 - Abs(Max(-2, Min(1, x[j] / T))))), 0),
        [],
    ),
    "each term, one of them bounded": (Le(PRODUCT, T * LENGTH_Z), [Le(Abs(x[i]), T)]),
    "each term, bounded, strict": (
        Lt(PRODUCT, T * LENGTH_Z),
        [every(lambda j: Le(Abs(x[j]), T))],
    ),
    "the variance of bounded numbers, one of them": (VARIANCE, [Le(Abs(x[i]), T)]),
    "a scalar with the name of a member": (Gt(exp(z[y]) - 1 - z[y], 0), [Gt(scalar("z_y"), 0)]),
    "two members with one name": (
        Gt(exp(z[index("y_2")]) - 1 - z[index("y_2")], 0),
        [Gt(family("z_y")[2], 0), Ne(index("y_2"), 2)],
    ),
    "a scalar with the name of a probability": (
        Ge((scalar("s") - S(y)) * log(S(y)), 0),
        [],
    ),
    "two distributions, closer": (Lt(DISTANCE, Rational(19, 10)), []),
    "two divisors, strict": (Gt(total(lambda j: K[j] / ((K[j] + 1 + U) * (K[j] + T))), 0), []),
    "two divisors, of either sign": (F * U >= 0, []),
    "a fixed sum, weighted by what may vanish": (
        Gt(total(lambda j: K[j] * p[j]), 0),
        [SIMPLEX],
    ),
    "a positive sum, with other weights": (
        Gt(total(lambda j: K[j] * (1 - Abs(Max(-1, Min(1, x[j] / T))))), 0),
        [Gt(INSIDE, 0)],
    ),
    "a positive sum of another family": (
        Gt(total(lambda j: S(j) * (1 - Abs(Max(-1, Min(1, z[j] / T))))), 0),
        [Gt(INSIDE, 0)],
    ),
    "a bounded modulus, the other side": (Gt(x[i], 0), [Lt(Abs(x[i]), T)]),
    "a bounded modulus, strict": (Lt(x[i], T), [Le(Abs(x[i]), T)]),
    "a large modulus, without square": (Ge(x[i], T), [Ge(Abs(x[i]), T)]),
    "a modulus above a number": (Ge(x[i] ** 2, x[y] ** 2), [Ge(Abs(x[i]), x[y])]),
    "a sum of moduli, too much": (Le(x[i] * x[y], 1), [Le(Abs(x[i]) + Abs(x[y]), 2 + T)]),
    "the greater on one side": (
        Ge(x[i] + x[y], T),
        [Ge(Max(x[i], x[y]), T), Ge(Min(x[i], x[y]), -T)],
    ),
    "coinciding classes": (Le(S(i) + S(y), 1), []),
    "a denominator that no side has": (Gt((A - B) * (T - 1), 0), [Gt(F, 0)]),
    "a thin domain": (Le(F, 0), [Ge(T, 1), Le(T, 1)]),
    "one value of n": (Le(SQUARES, HALF), [Eq(n, 2)]),
    "n in a range": (Lt(S(y), 1), [Le(n, 3)]),
}


@pytest.fixture
def _without_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signs_in_cases, "points_of", lambda *_: ())


@pytest.mark.parametrize("name", TRUE)
def test_true_statements_are_proved(name: str) -> None:
    """Statements that hold are proved, with certificates that the separate checker accepts."""
    formula, facts = TRUE[name]
    evidence = prove_inequality(Goal(formula, tuple(facts)))
    assert evidence.finding is Finding.PROVES, evidence.detail
    assert evidence.certificate is not None
    assert check(evidence.certificate).accepted


@pytest.mark.usefixtures("_without_points")
@pytest.mark.parametrize("name", FALSE)
def test_false_twins_are_not_proved(name: str) -> None:
    """A statement that fails somewhere, if only where two sides are equal, is never proved."""
    formula, facts = FALSE[name]
    evidence = prove_inequality(Goal(formula, tuple(facts)), 300)
    assert evidence.finding in (Finding.NOTHING, Finding.DID_NOT_RUN)


def test_bound_names_are_no_classes() -> None:
    """A sum whose running class has an odd name says what it says under any other."""
    running = bound(7)
    odd = Sum(S(running) ** 2, (running, 1, n))
    assert prove_inequality(Goal(Le(odd, 1), ())).finding is Finding.PROVES
    assert prove_inequality(Goal(Le(odd, Rational(1, 2)), ())).finding is Finding.NOTHING


@pytest.mark.usefixtures("_without_points")
def test_numbered_classes_exist() -> None:
    """A statement about class 3 speaks of three classes or more, and a named one may be it."""
    assert prove_inequality(Goal(Lt(S(3), 1), ())).finding is Finding.PROVES
    assert prove_inequality(Goal(Lt(S(3) + S(k), 1), ())).finding is not Finding.PROVES
    apart = (Ne(k, Integer(3)),)
    assert prove_inequality(Goal(Lt(S(3) + S(k), 1), apart)).finding is Finding.PROVES
