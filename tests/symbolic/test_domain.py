from __future__ import annotations

from itertools import product

import mpmath
import pytest
from hypothesis import assume, given, settings
from sympy import (
    Abs,
    Basic,
    Expr,
    Function,
    Integral,
    Max,
    Piecewise,
    Rational,
    Sum,
    asin,
    exp,
    log,
    sign,
    sqrt,
)

from gradproof.symbolic import (
    Eq,
    Ge,
    GradproofError,
    Gt,
    K,
    Loss,
    Lt,
    Ne,
    S,
    UnsupportedError,
    class_sum,
    i,
    index,
    j,
    n,
    p,
    softmax,
    z,
)
from gradproof.symbolic.class_sums import bound_indices
from gradproof.symbolic.domain import conditions, undischarged
from tests.symbolic.conftest import DIGITS, NoValue, T, assumptions, formulas, number, points, truth


def has_value(expr: Expr, at: dict[Expr, object]) -> bool:
    """Tell whether a formula has a value; one too large for these tests counts."""
    try:
        number(expr, at)
    except NoValue as error:
        return isinstance(error.args[0], exp)
    return True


def missing(expr: Basic, *given: Basic) -> list[str]:
    """Return the conditions that were not discharged, as text."""
    return [str(c.shown) for c in undischarged(expr, given)]


@settings(max_examples=80)
@given(formulas(), assumptions())
def test_what_is_discharged_holds_and_suffices(expr: Expr, given: tuple[Basic, ...]) -> None:
    """Discharged conditions hold at every point, for every running class; if all are, the formula
    has a value there.
    """
    try:
        left = undischarged(expr, given)
    except (GradproofError, ZeroDivisionError):
        assume(False)
    done = [c for c in conditions(expr) if c not in left]
    with mpmath.workdps(DIGITS):
        for at in points(given, wanted=6):
            for condition in done:
                running = sorted(bound_indices(condition.expr), key=str)
                for classes in product(range(1, at[n] + 1), repeat=len(running)):
                    here = {**at, **dict(zip(running, classes, strict=True))}
                    try:
                        assert truth(condition.holds, here), condition
                    except NoValue:
                        assert left
            if not left:
                assert has_value(expr, at)


@pytest.mark.parametrize(
    ("expr", "given", "expected"),
    [
        (1 / S(i), (), []),
        (1 / (1 - S(i)), (Ge(n, 2),), []),
        (1 / (1 - S(i)), (), ["Ne(1 - Softmax(i, z[_]), 0)"]),
        (log(T), (Gt(T, 0),), []),
        (log(T), (Ne(T, 0),), ["T > 0"]),
        (log(T**2), (Ne(T, 0),), []),
        (1 / T, (Lt(T, 0),), []),
        (1 / T, (Ne(T, 0),), []),
        (1 / T, (Ne(T, 1),), ["Ne(T, 0)"]),
        (sqrt(K[i]), (), []),
        (1 / sqrt(K[i]), (), ["K[i] > 0"]),
        (1 / sqrt(K[i]), (Gt(K[i], 0),), []),
        (z[i] ** T, (), ["z[i] > 0"]),
        (class_sum(lambda q: 1 / z[q]), (Ne(z[i], 0),), ["Ne(z[j], 0)"]),
    ],
)
def test_conditions_with_and_without_their_assumption(
    expr: Expr, given: tuple[Basic, ...], expected: list[str]
) -> None:
    """Each condition is asked for, and goes with the assumption that grants it and no other."""
    assert missing(expr, *given) == expected


@pytest.mark.parametrize(
    "expr",
    [
        Rational(-8) ** Rational(1, 3),
        (-1) ** i,
        log(-exp(z[i])),
        log(-1 - p[i]),
        sqrt(-1 - K[i]),
    ],
    ids=str,
)
def test_a_condition_that_is_false_everywhere_is_kept(expr: Expr) -> None:
    """SymPy answers False for it, which is no reason to forget it."""
    assert undischarged(expr)
    assert undischarged(Eq(expr, expr))


def test_logits_of_a_softmax_need_a_value_too() -> None:
    """A temperature must not be zero."""
    total = class_sum(lambda q: softmax(q, lambda r: z[r] / T))
    assert missing(Eq(total, 1)) == ["Ne(T, 0)"]
    assert missing(Eq(total, 1), Lt(T, 0)) == []
    assert missing(softmax(i, lambda r: log(p[r]))) == ["p[j] > 0"]


def test_equal_sides_do_not_hide_their_conditions() -> None:
    """SymPy makes True of an equation whose sides become the same object."""
    a, b = index("a"), index("b")
    same = Eq(Sum(log(z[a]), (a, 1, n)), Sum(log(z[b]), (b, 1, n)))
    assert missing(same) == ["z[j] > 0"]


def test_a_running_class_is_not_captured_by_the_sums_of_a_softmax() -> None:
    """``z_q - z_i`` in the logits, with q running: the condition speaks of every class q."""
    gap = class_sum(lambda q: log(softmax(q, lambda r: z[r] - z[i]) - Rational(1, 2)))
    assert len(undischarged(gap)) == 1
    nested = class_sum(
        lambda q: log(class_sum(lambda r: 1 / (exp(z[r]) + exp(z[q]))) - exp(-z[q]) / 2)
    )
    assert len(undischarged(nested)) == 1
    assert undischarged(class_sum(lambda q: log(class_sum(lambda r: exp(z[r] - z[q]))))) == []


def test_the_variable_of_an_integral_is_not_the_one_outside() -> None:
    """T > 0 outside says nothing of the T that runs from -1 to 1."""
    assert missing(Integral(log(T), (T, -1, 1)), Gt(T, 0)) == ["_T > 0"]
    assert missing(Integral(log(1 + T**2), (T, -1, 1))) == []
    assert missing(Integral(T, (T, 0, log(p[i])))) == ["p[i] > 0"]


def test_a_derivative_asks_for_distance_from_kinks() -> None:
    """Of absolute values, extremes, branches and steps, also inside logits."""
    for value in (Abs(z[i]), Max(z[i], 0), Piecewise((z[i], z[i] > 0), (0, True)), sign(z[i])):
        loss = Loss("L", value)
        assert len(undischarged(loss.gradient(j))) == 1, value
        assert missing(loss.gradient(j), Gt(z[i], 0)) == []
        assert missing(loss.gradient(j), Ne(z[i], 0)) == []
        assert missing(loss.term) == []
    bent = Loss("L", softmax(i, lambda r: Abs(z[r])))
    assert len(missing(bent.gradient(j))) == 2  # of the class i, and of every class in the sum


def test_functions_without_a_value_everywhere_are_not_passed_over() -> None:
    """The arcsine of 2 is not real; a function of one's own has a value by declaration."""
    with pytest.raises(UnsupportedError, match="it is known of each function where it has a value"):
        undischarged(class_sum(lambda q: asin(z[q])))
    assert undischarged(Function("f")(z[i])) == []


def test_contradictory_assumptions_leave_nothing_to_discharge() -> None:
    """No case, no condition: whoever proves something from them must look first."""
    assert missing(log(T), Eq(n, 1), Ge(n, 2)) == []
