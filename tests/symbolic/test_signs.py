from __future__ import annotations

from itertools import product

import mpmath
import pytest
from hypothesis import assume, given, settings
from sympy import Basic, Dummy, Expr, Integral, Max, exp, sin

from gradproof.symbolic import (
    Eq,
    Ge,
    GradproofError,
    Gt,
    K,
    Le,
    Lt,
    Ne,
    S,
    class_sum,
    i,
    j,
    n,
    p,
    scalar,
    z,
)
from gradproof.symbolic.cases import cases_of
from gradproof.symbolic.normal_form import normalise, normaliser_for, prepare
from gradproof.symbolic.sign_rules import negated, plus, times, to_power, weakest
from tests.symbolic.conftest import DIGITS, NoValue, T, assumptions, formulas, number, points
from tests.symbolic.test_cases import fits

w = {q: exp(z[q]) for q in (i, j)}
Z = class_sum(lambda q: exp(z[q]))
HOLDS = {
    ">0": lambda v: v > 0,
    ">=0": lambda v: v >= 0,
    "<0": lambda v: v < 0,
    "<=0": lambda v: v <= 0,
    "==0": lambda v: v == 0,
}
NUMBERS = (-3, -1, 0, 1, 2)


def signs(expr: Expr, given: tuple[Basic, ...] = ()) -> list[str | None]:
    """Return the sign that the oracle gives in each case."""
    found = []
    for case in cases_of([prepare(expr)], given):
        normaliser = normaliser_for(case, given)
        found.append(normaliser.sign_of_fraction(normalise(case, normaliser, prepare(expr))))
    return found


def test_rules_of_signs_hold_for_all_numbers() -> None:
    """Of each sign, every pair of numbers that has it obeys the sign of the result."""
    for a, b in product(HOLDS, repeat=2):
        for x, y in product(NUMBERS, repeat=2):
            if not (HOLDS[a](x) and HOLDS[b](y)):
                continue
            for rule, value in ((times, x * y), (plus, x + y)):
                sign = rule(a, b)
                assert sign is None or HOLDS[sign](value), (rule, a, b)
            both = weakest(a, b)
            assert both is None or (HOLDS[both](x) and HOLDS[both](y))
            assert HOLDS[str(negated(a))](-x)
            assert all(HOLDS[str(to_power(a, e))](x**e) for e in (1, 2, 3))


def test_nothing_is_concluded_from_nothing() -> None:
    """An unknown part leaves the whole unknown, but for a square."""
    assert {rule(None, ">0") for rule in (times, plus, weakest)} == {None}
    assert {negated(None), to_power(None, 3)} == {None}
    assert to_power(None, 2) == ">=0"


@settings(max_examples=80)
@given(formulas(), assumptions())
def test_a_sign_holds_at_every_point(expr: Expr, given: tuple[Basic, ...]) -> None:
    """What the oracle says of a formula is so wherever the assumptions hold."""
    with mpmath.workdps(DIGITS):
        at_points = points(given, wanted=8)
        try:
            for case in cases_of([prepare(expr)], given):
                normaliser = normaliser_for(case, given)
                value = normalise(case, normaliser, prepare(expr))
                sign = normaliser.sign_of_fraction(value)
                nonzero = normaliser.is_nonzero(value)
                for at in filter(lambda at, case=case: fits(case, at), at_points):
                    try:
                        found = number(expr, at)
                    except NoValue:
                        continue
                    found = 0 if abs(found) < mpmath.mpf(10) ** -35 else found
                    assert sign is None or HOLDS[sign](found), (case.label, at)
                    assert found or not nonzero, (case.label, at)
        except (GradproofError, ZeroDivisionError):
            assume(False)


@pytest.mark.parametrize(
    ("expr", "given", "expected"),
    [
        (S(i), (), [">0"]),
        (1 - S(i), (), [">=0"]),
        (1 - S(i), (Ge(n, 2),), [">0"]),
        (S(i) - 1, (Gt(n, 1),), ["<0"]),
        (1 - S(i) - S(j), (), [None, ">=0"]),
        (1 - S(i) - S(j), (Ne(i, j), Ge(n, 3)), [">0"]),
        (class_sum(lambda q: K[q] * S(q)), (), [">=0"]),
        (class_sum(lambda q: K[q] * S(q)), (Gt(class_sum(lambda q: K[q]), 0),), [">0"]),
        (class_sum(lambda q: K[q] * p[q]), (Gt(class_sum(lambda q: K[q]), 0),), [">=0"]),
        (n - 2, (Ge(n, 2),), [">=0"]),
        (T, (Lt(T, 0),), ["<0"]),
        (T - 1, (Gt(T, 2),), [">0"]),
        (T**2, (Ne(T, 0),), [">0"]),
        (T, (Ne(T, 0),), [None]),
        (z[i] - z[j], (Gt(z[i], z[j]),), ["==0", ">0"]),
    ],
)
def test_known_signs(expr: Expr, given: tuple[Basic, ...], expected: list[str | None]) -> None:
    """Case by case (the classes equal, then different)."""
    assert sorted(map(str, signs(expr, given))) == sorted(map(str, expected))


def test_a_running_class_may_be_any_named_one() -> None:
    """What holds for different classes only is not claimed for a running one.

    With one class, ``Z - w_r`` is 0; with r or s equal to i, ``Z + w_r - w_s - w_i`` may be
    negative.
    """
    r, s = (Dummy(name, integer=True, positive=True) for name in "rs")
    (case,) = cases_of([z[i]])
    normaliser = normaliser_for(case, [])

    def sign(expr: Expr) -> str | None:
        return normaliser.sign_of_fraction(normaliser.of(expr))

    assert sign(Z - exp(z[r])) == ">=0"
    assert sign(Z - exp(z[i])) == ">=0"
    assert sign(Z + exp(z[r]) - exp(z[s]) - w[i]) is None
    assert sign(Z + exp(z[s]) - exp(z[r]) - w[i]) is None
    assert sign(Z + exp(z[r]) + exp(z[s]) - w[i]) == ">0"


def test_a_fact_on_one_class_says_nothing_of_the_others() -> None:
    """K_i > 0 leaves K_j and a running class where they were."""
    assert signs(K[j], (Gt(K[i], 0),)) == [">=0", ">0"]
    assert signs(Max(K[i], 0), (Gt(K[i], 0),)) == [">0"]


def test_an_integral_is_not_estimated() -> None:
    """A sign from floating-point quadrature would be no proof."""
    t = scalar("t")
    assert signs(Integral(sin(t), (t, 0, 1))) == [None]


@pytest.mark.parametrize("fact", [Eq(T, 1), Le(T, T), Gt(T**2 * p[i], 0)])
def test_facts_that_say_nothing_of_the_sign_are_left_alone(fact: Basic) -> None:
    """An equation is no inequality, and a product of several unknowns none on one of them."""
    assert signs(scalar("a") * 2, (fact,))[0] is None
