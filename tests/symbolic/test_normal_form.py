from __future__ import annotations

import mpmath
import pytest
from hypothesis import assume, given, settings
from sympy import (
    Abs,
    Basic,
    Expr,
    Integral,
    Max,
    Min,
    Piecewise,
    Rational,
    Sum,
    cos,
    exp,
    log,
    sign,
    sin,
    sqrt,
)

from gradproof.symbolic import (
    Eq,
    Ge,
    GradproofError,
    Gt,
    K,
    Le,
    Loss,
    Lt,
    Ne,
    S,
    UnsupportedError,
    class_sum,
    delta,
    i,
    j,
    k,
    losses,
    n,
    p,
    softmax,
    y,
    z,
)
from gradproof.symbolic.cases import cases_of
from gradproof.symbolic.normal_form import compare, equal, normalise, normaliser_for, prepare
from tests.symbolic.conftest import (
    DIGITS,
    SUM_OF_P,
    NoValue,
    T,
    assumptions,
    formulas,
    g,
    number,
    points,
)
from tests.symbolic.test_cases import fits

TWO = Ge(n, 2)
ONES = Eq(class_sum(lambda q: p[q]), 1)


@settings(max_examples=100)
@given(formulas(), assumptions())
def test_the_normal_form_has_the_value_of_the_formula(expr: Expr, given: tuple[Basic, ...]) -> None:
    """In every case, at every point of it at which both have a value."""
    with mpmath.workdps(DIGITS):
        at_points = points(given, wanted=8)
        try:
            for case in cases_of([prepare(expr)], given):
                form = normalise(case, normaliser_for(case, given), prepare(expr)).expr()
                for at in filter(lambda at, case=case: fits(case, at), at_points):
                    try:
                        left, right = number(expr, at), number(form, at)
                    except NoValue:
                        continue
                    assert mpmath.almosteq(left, right, 1e-20, 1e-20), (form, at)
        except (GradproofError, ZeroDivisionError):
            assume(False)


def _focal() -> tuple[Loss, Expr]:
    own = S(y)
    loss = Loss("FOCAL", -((1 - own) ** g) * log(own))
    slope = g * (1 - own) ** (g - 1) * own * log(own) - (1 - own) ** g
    return loss, (delta(i, y) - S(i)) * slope


def _hot(member: Expr) -> Expr:
    return softmax(member, lambda q: z[q] / T)


def _odds(member: Expr) -> Expr:
    return S(member) / (1 - S(member))


_ALT_SUM = class_sum(lambda q: (1 - p[q]) * _odds(q))
_KDE_SUM = class_sum(lambda q: S(q) * K[q])
_QUAD_SUM = class_sum(lambda q: S(q) * (S(q) - delta(q, y)))

GRADIENTS = {
    "CE": (losses.softmax_cross_entropy, S(i) - delta(i, y), ()),
    "CE, soft": (
        losses.softmax_cross_entropy_soft,
        S(i) * class_sum(lambda q: p[q]) - p[i],
        (),
    ),
    "CE, distribution": (losses.softmax_cross_entropy_soft, S(i) - p[i], (ONES,)),
    "ALT": (
        losses.multiclass_bce,
        S(i) * class_sum(lambda q: p[q]) - p[i] + (1 - p[i]) * _odds(i) - S(i) * _ALT_SUM,
        (TWO,),
    ),
    "KDE": (losses.kde_cross_entropy, S(i) - S(i) * K[i] / _KDE_SUM, ()),
    "QUAD": (losses.quadratic, S(i) * (S(i) - delta(i, y) - _QUAD_SUM), ()),
    "FOCAL": (*_focal(), ()),
    "CE, temperature": (Loss("CE_T", -log(_hot(y))), (_hot(i) - delta(i, y)) / T, ()),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_a_gradient_is_proved_and_its_wrong_twins_are_not(name: str) -> None:
    """For every number of classes; sign, factor, index, dropped and added terms are noticed."""
    loss, claimed, given = GRADIENTS[name]
    found = loss.gradient(i)
    assert equal(found, claimed, given)
    twins = [-claimed, 2 * claimed, claimed.xreplace({i: y if claimed.has(y) else k})]
    twins += [claimed - S(i), claimed + delta(i, y)]
    for twin in twins:
        assert not equal(found, twin, given), twin


def test_the_hessian_of_cross_entropy() -> None:
    """``S_i delta_ik - S_i S_k`` for all n; twins with one term or sign changed are not equal."""
    hessian = losses.softmax_cross_entropy.hessian(i, k)
    assert equal(hessian, S(i) * delta(i, k) - S(i) * S(k))
    for twin in (S(i) * delta(i, k), S(i) * delta(i, k) + S(i) * S(k), S(i) - S(i) * S(k)):
        assert not equal(hessian, twin)


HIDDEN = [
    (class_sum(lambda q: S(q)), 1, (), ()),
    (class_sum(lambda q: losses.softmax_cross_entropy.gradient(q)), 0, (), ()),
    (class_sum(lambda q: S(q), but=(i,)), 1 - S(i), (), ()),
    (S(1) + S(2), 1, (Eq(n, 2),), (TWO,)),
    (losses.multiclass_bce_one_hot.term, 2 * losses.softmax_cross_entropy.term, (Eq(n, 2),), ()),
    (Abs(1 - 2 * S(i)), 1 - 2 * S(i), (Lt(2 * S(i), 1),), (Gt(2 * S(i), 1),)),
    (sign(1 - S(i)), 1, (TWO,), ()),
    (class_sum(lambda q: sign(1 - S(q))) * S(i), n * S(i), (TWO,), ()),
    (losses.softmax_cross_entropy_soft.gradient(i), S(i) - p[i], (ONES,), ()),
    (class_sum(lambda q: p[q]) ** T, 1, (ONES,), ()),
    (z[i] * K[j], z[i], (Eq(K[j], 1),), (Eq(K[i], 1),)),
    (Max(z[i], z[j]), z[i], (Ge(z[i], z[j]),), (Le(z[i], z[j]),)),
    (Min(z[i], z[j]), z[j], (Ge(z[i], z[j]),), (Le(z[i], z[j]),)),
    (Piecewise((1, T > 0), (2, True)), 1, (Gt(T, 0),), (Ge(T, 0),)),
    (sqrt(T**2), T, (Ge(T, 0),), (Ne(T, 0),)),
    (log(T**2), 2 * log(T), (), ()),
    (z[i], z[j], (Eq(i, j),), (Ne(i, j),)),
]


@pytest.mark.parametrize(("left", "right", "needed", "other"), HIDDEN, ids=lambda v: str(v)[:40])
def test_an_identity_is_proved_with_its_assumption_only(
    left: Expr, right: Expr, needed: tuple[Basic, ...], other: tuple[Basic, ...]
) -> None:
    """With the assumption it is equal; without it, or with another one, it is not."""
    assert equal(left, right, needed)
    if needed:
        assert not equal(left, right)
        assert not equal(left, right, other)


def _weights(q: Expr) -> Expr:
    return exp(z[q])


def _gap(r: Expr, s: Expr) -> Expr:
    return class_sum(_weights) + _weights(s) - _weights(r) - _weights(i)


def _twice(term: object) -> Expr:
    return class_sum(lambda r: class_sum(lambda s: term(r, s)))  # type: ignore[operator]


_MIXED = class_sum(lambda q: z[q] * (z[q] * z[j]) ** T)

FALSE = {
    "a running class that may be named": (_twice(lambda r, s: Abs(_gap(r, s))), _twice(_gap)),
    "one class only": (class_sum(lambda q: sign(1 - S(q))) * S(i), n * S(i)),
    "the sign lost in a power": (Abs(_MIXED), _MIXED),
    "another class": (S(i), S(j)),
    "the sum in place of a member": (class_sum(lambda q: S(q) * p[q]), S(i) * p[i]),
    "a product of sums": (
        class_sum(lambda q: z[q] * p[q]),
        class_sum(lambda q: z[q]) * class_sum(lambda q: p[q]),
    ),
    "a square": (class_sum(lambda q: z[q] ** 2), class_sum(lambda q: z[q]) ** 2),
    "a double sum": (_twice(lambda r, s: z[r] * p[s]), n * class_sum(lambda r: z[r] * p[r])),
    "a delta in an exponent": (class_sum(lambda q: exp(delta(q, i))), n * exp(1)),
    "the first two classes": (Sum(delta(k, j) * z[k], (k, 1, 2)), z[j]),
    "an odd root": (sqrt(T**2), T),
    "logarithms": (log(1 + T**2), 2 * log(T)),
    "nested integrals": (
        Integral(2 * Integral(sin(g * T), (g, 0, 1)), (T, 0, 1)),
        Integral(2 * Integral(sin(T * T), (g, 0, 1)), (T, 0, 1)),
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_false_identities_are_not_proved(name: str) -> None:
    """Each was, or could have been, let through by one careless step."""
    left, right = FALSE[name]
    assert not equal(left, right)


TRUE = {
    "exponentials of sums": (exp(z[i] + log(K[i] + 1)), (1 + K[i]) * exp(z[i])),
    "halves": (exp(z[i] / 2) ** 2 * exp(-z[i]), 1),
    "log-odds": (log(S(i)) - log(S(j)), z[i] - z[j]),
    "a shift": (softmax(i, lambda q: z[q] + T), S(i)),
    "a numbered class": (class_sum(lambda q: delta(q, 3) * z[q]), z[3]),
    "deltas of three classes": (
        delta(i, j) * delta(j, k) * z[i],
        delta(i, j) * delta(i, k) * z[k],
    ),
    "a product of two sums": (
        _twice(lambda r, s: z[r] * p[s]),
        class_sum(lambda q: z[q]) * class_sum(lambda q: p[q]),
    ),
    "circular functions": (sin(T) ** 2 + cos(T) ** 2, 1),
    "a softmax of a softmax": (class_sum(lambda q: softmax(q, lambda r: S(r))), 1),
    "powers of roots": (K[i] ** Rational(3, 2) / sqrt(K[i]), K[i]),
    "an absolute value squared": (Abs(z[i] - z[j]) ** 2, (z[i] - z[j]) ** 2),
    "a logarithm of an absolute value": (log(Abs(T)) * 2, log(T**2)),
    "the order of integration variables": (
        Integral(g * T**2, (g, 0, 1), (T, 0, 2)),
        Integral(g, (g, 0, 1)) * Integral(T**2, (T, 0, 2)),
    ),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_identities_are_proved(name: str) -> None:
    """Exponentials, logarithms, roots, deltas, sums and integrals."""
    left, right = TRUE[name]
    assert equal(left, right)
    assert not equal(left, right + 1)
    assert not equal(left + S(i), right)


def test_every_case_is_reported() -> None:
    """One comparison a case, with both normal forms."""
    found = compare(S(i) * delta(i, j), S(j) * delta(i, j))
    assert sorted(case.label for case in found.cases) == ["i = j", "i ≠ j"]
    assert found.equal
    assert all(case.left == case.right for case in found.cases)
    wrong = compare(S(i), S(j))
    assert {case.label: case.equal for case in wrong.cases} == {"i = j": True, "i ≠ j": False}
    assert not wrong.equal


@pytest.mark.parametrize(
    ("expr", "message"),
    [
        (Piecewise((1, T < 0)), "a Piecewise ends in a branch for all that is left"),
        (Integral(exp(T), T), "an integral has two ends"),
        (exp(T * 0.5), "the normal form knows numbers"),
    ],
    ids=str,
)
def test_what_the_normal_form_does_not_know_is_refused(expr: Expr, message: str) -> None:
    """With what was found and what to do about it."""
    with pytest.raises(UnsupportedError, match=message):
        equal(expr, 1)


def test_a_function_without_a_value_everywhere_is_refused() -> None:
    """Its value may not exist; a function of one's own is an unknown."""
    from sympy import Function, asin

    with pytest.raises(UnsupportedError, match="has a value at every real argument"):
        equal(class_sum(lambda q: asin(z[q])), 1)
    f = Function("f")
    assert equal(f(z[i] + z[j]), f(z[j] + z[i]))
    assert not equal(f(z[i]), f(z[j]))


def test_contradictory_assumptions_are_visible() -> None:
    """No case is left, which the comparison shows."""
    assert compare(T, T + 1, [Eq(n, 1), TWO]).cases == ()


def test_assumptions_given_twice_or_in_any_order_do_no_harm() -> None:
    """Assumptions that follow from others change nothing."""
    left, right = losses.softmax_cross_entropy_soft.gradient(i), S(i) - p[i]
    for facts in ((ONES, TWO), (TWO, ONES), (ONES, SUM_OF_P, ONES), (ONES, Ge(n, 1), Ne(T, 7))):
        assert equal(left, right, facts)
