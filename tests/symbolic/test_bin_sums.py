"""The expansion of sums over bins in the number of bins."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st
from sympy import Abs, Expr, Integer, Integral, Rational, Sum, exp, log, simplify

from gradproof.symbolic.bin_sums import expansion, place as s, unit_integrals
from gradproof.symbolic.errors import UnsupportedError
from gradproof.symbolic.vocabulary import bins, class_sum, family, scalar

t = scalar("t")


def _mean(function: Expr, offset: Expr) -> Expr:
    return class_sum(lambda b: function.subs(t, (b - offset) / bins), size=bins) / bins


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(-4, 4), min_size=1, max_size=5),
    st.sampled_from([Rational(1, 2), Integer(1), Integer(0)]),
)
def test_polynomials_have_the_coefficients_of_their_exact_sums(
    coefficients: list[int], offset: Rational
) -> None:
    """Faulhaber's formulas give every sum of powers exactly; the lemma agrees up to 1/B^2."""
    function = sum((c * t**k for k, c in enumerate(coefficients)), Integer(0)) + exp(0) * t**5
    found = expansion(_mean(function, offset)).coefficients
    exact = (
        Sum(function.subs(t, (s - offset) / bins).expand(), (s, 1, bins)).doit() / bins
    ).expand()
    for power in (0, -1, -2):
        assert simplify(found.get(power, Integer(0)).doit() - exact.coeff(bins, power)) == 0


def test_the_midpoint_rule_has_the_constant_1_24() -> None:
    """Of t^2 the midpoint rule is 1/3 - 1/(12 B^2): [F'] is 2, and the constant 1/24."""
    found = expansion(_mean(t**2 + 0 * t, Rational(1, 2))).coefficients
    assert [found[power].doit() for power in (0, -1, -2)] == [
        Rational(1, 3),
        0,
        -Rational(1, 12),
    ]


def test_a_kink_gives_no_order() -> None:
    """Of a function that is only continuous nothing beyond the limit is said."""
    smooth = expansion(bins * _mean(exp(t), Rational(1, 2)))
    rough = expansion(bins * _mean(exp(Abs(t - 1)), Rational(1, 2)))
    assert smooth.settles_limit
    assert not rough.settles_limit
    assert expansion(_mean(exp(Abs(t - 1)), Rational(1, 2))).settles_limit


member = family("w", size=bins)


@pytest.mark.parametrize(
    "expr",
    [
        class_sum(lambda b: exp(b), size=bins),
        class_sum(lambda b: member[b] / bins, size=bins),
        log(class_sum(lambda b: exp(b / bins), size=bins)),
        class_sum(lambda b: exp(b / bins), size=bins) ** 2,
        class_sum(lambda b: exp((b - Rational(1, 3)) / bins), size=bins),
        exp(bins),
        class_sum(lambda b: exp(s * b / bins), size=bins),
    ],
)
def test_what_is_no_such_rule_is_refused(expr: Expr) -> None:
    """Other sums, products of sums, and other functions of B are not expanded."""
    with pytest.raises(UnsupportedError):
        expansion(expr)


def test_integrals_keep_their_value_on_the_unit_interval() -> None:
    """The substitution t = a + s (b - a) changes no integral."""
    whole = Integral(t**3, (t, 2, 5))
    assert unit_integrals(whole).doit() == whole.doit()
    with pytest.raises(UnsupportedError):
        unit_integrals(Integral(exp(-t), (t, 0, bins)))
