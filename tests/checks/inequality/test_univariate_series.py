"""Exact constants and expansions: canonical zeros, certified signs, first terms."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import fmpq

from gradproof.checks.inequality import (
    univariate_constants as constants,
    univariate_series as series,
)
from gradproof.checks.inequality.univariate_balls import Undecided
from gradproof.checks.inequality.univariate_constants import Constant, number

HALF = Fraction(1, 2)


def minus(value: Constant) -> Constant:
    """Return the constant with its sign turned."""
    return value.scaled(-1)


@pytest.mark.parametrize(
    "zero",
    [
        constants.logarithm(number(12))
        + minus(constants.logarithm(number(4)))
        + minus(constants.logarithm(number(3))),
        constants.power(number(8), HALF) + minus(constants.power(number(2), HALF)).scaled(2),
        constants.exponential(number(2)) * constants.exponential(number(-2)) + number(-1),
        constants.exponential(constants.logarithm(number(5))) + number(-5),
        constants.logarithm(constants.exponential(number(3))) + number(-3),
    ],
    ids=str,
)
def test_relations_of_logarithms_roots_and_powers_of_e_are_seen(zero: Constant) -> None:
    """A constant that is 0 by the laws of exponents is 0 by its form."""
    assert zero.zero
    assert zero.sign() == 0


def test_a_sign_comes_from_a_ball_or_not_at_all() -> None:
    """Close constants are told apart; a hidden zero stays undecided."""
    assert (constants.pi() + number(fmpq(-355, 113))).sign() == -1
    opaque = constants.logarithm(number(1) + constants.logarithm(number(2)))
    inner = constants.exponential(opaque) + minus(number(1) + constants.logarithm(number(2)))
    with pytest.raises(Undecided):
        inner.sign()


def test_logarithm_and_exponential_undo_each_other_to_the_order() -> None:
    """The expansion of exp(log(1 + t)) is 1 + t, with an error of the order asked for."""
    value = series.ONE + series.monomial(1, number(1))
    swelling, back = series.exponential(series.logarithm(value, 6), 6)
    assert not swelling.terms
    assert {e: c.rational() for e, c in back.terms.items()} == {0: 1, 1: 1}
    assert back.order == 6


def test_a_logarithm_of_a_power_grows_without_bound() -> None:
    """At t falling to 0, log(2 t^3) is log(2) - 3 log(1/t), negative."""
    value = series.logarithm(series.monomial(3, number(2)), 4)
    exponent, lead = value.leading()
    assert exponent == 0
    assert lead.grows() == 1
    assert lead.sign() == -1


def test_a_series_without_known_terms_has_no_first_term() -> None:
    """What is known to vanish up to the order only is undecided, not 0."""
    with pytest.raises(Undecided):
        series.Series({}, Fraction(4)).leading()
