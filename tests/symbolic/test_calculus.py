from __future__ import annotations

import mpmath
import pytest
from hypothesis import given, settings
from sympy import Dummy, Expr, Integral, Sum, Symbol, cos, exp, log, sin, symbols

from gradproof.symbolic import (
    Loss,
    S,
    UnsupportedError,
    class_sum,
    delta,
    i,
    j,
    k,
    n,
    p,
    scalar,
    z,
)
from gradproof.symbolic.calculus import LossTerm, differentiate, evaluate_terms
from gradproof.symbolic.normal_form import equal
from gradproof.symbolic.vocabulary import bound
from tests.symbolic.conftest import DIGITS, NoValue, number, points, smooth_formulas


def test_sympy_captures_a_bound_index_and_we_do_not() -> None:
    """SymPy issue 21891: the derivative by z[i] of a sum that also runs over i."""
    clash = Sum(exp(z[i]), (i, 1, n))
    assert clash.diff(z[i]) == clash  # SymPy's answer: the whole sum
    assert differentiate(clash, z[i]) == exp(z[i])


def test_a_derivative_by_a_running_class_is_not_captured() -> None:
    """The class a gradient is summed over is another one than those inside the loss."""
    loss = Loss("L", class_sum(lambda q: z[q] ** 2))
    total = evaluate_terms(class_sum(lambda q: loss.gradient(q)))
    assert equal(total, 2 * class_sum(lambda q: z[q]))
    assert differentiate(class_sum(lambda q: z[q] ** 2), z[bound(1)]) == 2 * z[bound(1)]


@settings(max_examples=60)
@given(smooth_formulas())
def test_a_derivative_agrees_with_differences_of_the_formula(expr: Expr) -> None:
    """Central differences in 50 digits agree to 15, at points with ties."""
    slope = differentiate(expr, z[i])
    step = mpmath.mpf(10) ** -9
    with mpmath.workdps(DIGITS):
        for at in points((), wanted=4):

            def shifted(by: mpmath.mpf, at: dict = at) -> mpmath.mpf:
                moved = [v + by * (c == at[i]) for c, v in enumerate(at[z], start=1)]
                return number(expr, {**at, z: tuple(moved)})

            try:
                ends = [shifted(c * step) for c in (-2, -1, 1, 2)]
                found = number(slope, at)
            except NoValue:
                continue
            expected = (ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / (12 * step)
            size = max(1, abs(expected), abs(ends[0]))
            assert abs(found - expected) < mpmath.mpf(10) ** -15 * size**2, slope


def test_a_derivative_agrees_with_explicit_classes() -> None:
    """For three classes written as plain symbols SymPy's derivative is the same."""
    a, b, c = symbols("a b c", real=True)
    plain = log(exp(a) + exp(b) + exp(c)) * exp(b)
    loss = log(class_sum(lambda q: exp(z[q]))) * exp(z[2])
    for place, symbol in enumerate((a, b, c), start=1):
        found = differentiate(loss, z[place]).xreplace({n: 3})
        members = found.doit().replace(
            lambda e: e.is_Indexed, lambda e: (a, b, c)[int(e.indices[0]) - 1]
        )
        assert (members - plain.diff(symbol)).simplify() == 0


def test_second_derivatives_are_symmetric() -> None:
    """The order of differentiation does not matter."""
    loss = Loss("L", -log(S(j)) + class_sum(lambda q: p[q] * S(q) ** 2))
    assert equal(loss.hessian(i, k), loss.hessian(k, i))
    assert not equal(loss.hessian(i, k), -loss.hessian(k, i))


def test_an_integral_is_differentiated_under_the_sign_and_at_its_ends() -> None:
    """Leibniz's rule, with the variable in the integrand and in both ends."""
    t, a = scalar("t"), scalar("a")
    found = differentiate(Integral(sin(t * a), (t, a, a**2)), a)
    inside = Integral(t * cos(t * a), (t, a, a**2))
    assert equal(found, inside + 2 * a * sin(a**3) - sin(a**2))
    assert not equal(found, inside + a * sin(a**3) - sin(a**2))


def test_a_double_integral_keeps_both_integrals() -> None:
    """No limit is lost in the derivative."""
    s, t = scalar("s"), scalar("t")
    found = differentiate(Integral(z[i] ** 2 * sin(s * t), (s, 0, 1), (t, 0, 2)), z[j])
    expected = 2 * delta(i, j) * z[i] * Integral(sin(s * t), (s, 0, 1), (t, 0, 2))
    assert equal(found, expected)
    assert not equal(found, expected.xreplace({Integral(sin(s * t), (s, 0, 1), (t, 0, 2)): 1 + s}))


def test_the_variable_of_an_integral_is_its_own() -> None:
    """By a variable of the same name outside only the ends change."""
    t = scalar("t")
    assert equal(differentiate(Integral(exp(t), (t, 0, t)), t), exp(t))
    with pytest.raises(UnsupportedError, match="has two ends"):
        differentiate(Integral(exp(t) * z[i], t), z[i])


def test_a_loss_keeps_its_name_until_it_is_evaluated() -> None:
    """A derivative of a term is a term with one variable more."""
    term = LossTerm("L", z[i] ** 2)
    assert term.diff(z[i]) == LossTerm("L", z[i] ** 2, z[i])
    assert term.diff(z[i]).doit() == 2 * z[i]
    assert term.name == "L"
    assert term.free_symbols >= {i}


def test_results_do_not_depend_on_what_was_differentiated_before() -> None:
    """Equal questions get equal answers, whatever names the sums had."""
    other = Symbol("other", integer=True, positive=True)
    first = differentiate(class_sum(lambda q: exp(z[q]) * p[q]), z[i])
    assert differentiate(Sum(exp(z[other]) * p[other], (other, 1, n)), z[i]) == first
    assert not first.atoms(Dummy)
