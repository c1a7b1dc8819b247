from __future__ import annotations

from typing import Any

import pytest
from flint import acb, acb_series, arb, arb_series, fmpq

from gradproof.numeric import elements

NAN = arb("nan")
ONE_THIRD = fmpq(1, 3)


@pytest.mark.parametrize("kind", [arb_series, acb_series])
def test_a_zero_series_does_not_swallow_what_is_undefined(kind: Any) -> None:
    """0 times nan is not 0, though python-flint's product of an empty series says so."""
    zero, broken = kind([0], prec=2), kind([NAN, NAN], prec=2)
    assert elements.is_finite(zero * broken)
    assert not elements.is_finite(elements.multiply(zero, broken))
    assert not elements.is_finite(elements.multiply(broken, zero))
    assert not elements.is_finite(elements.divide(zero, broken))
    assert not elements.is_finite(elements.nan_like(zero))


def test_a_removable_zero_is_not_divided_out() -> None:
    """The quotient h / h is 1 as a series, but 0/0 at the point: it is not finite."""
    step = arb_series([0, 1], prec=2)
    assert not elements.is_finite(elements.divide(step, step))
    assert elements.is_finite(elements.divide(step, step + 1))


def test_powers_of_a_ball_around_zero_are_finite() -> None:
    """python-flint's real power is nan there; the ball of the square is small."""
    ball = arb(0, 1e-20)
    assert not (ball**2).is_finite()
    assert elements.integer_power(ball, 2).contains(0)
    assert elements.integer_power(ball, 3).rad() < 1e-50
    assert not elements.integer_power(ball, -1).is_finite()


@pytest.mark.parametrize(
    ("value", "sign"),
    [(fmpq(0), 0), (arb(0), 0), (arb(-1), -1), (arb(0, 1), None), (NAN, None), (acb(1), None)],
    ids=str,
)
def test_a_sign_is_certain_or_none(value: Any, sign: int | None) -> None:
    """Zero is the sign of exact zeros alone; nan and complex balls have none."""
    assert elements.sign(value) == sign


def test_rationals_stay_exact_where_they_can() -> None:
    """exp(0), log(1), squares and their roots are exact; long rationals become balls."""
    assert elements.exp(fmpq(0)) == elements.ONE
    assert elements.log(fmpq(1)) == elements.ZERO
    assert elements.sqrt(fmpq(4, 9)) == fmpq(2, 3)
    assert isinstance(elements.sqrt(fmpq(2)), arb)
    assert isinstance(elements.integer_power(ONE_THIRD, 10**6), arb)
    assert isinstance(elements.shorten(fmpq(2) ** 5000), arb)
    assert isinstance(elements.shorten(ONE_THIRD), fmpq)


def test_functions_off_their_domain_are_not_finite() -> None:
    """Logarithms and roots of what is not certainly in the domain give no number."""
    assert not elements.log(arb(0, 1)).is_finite()
    assert not elements.log(acb(-1)).is_finite()
    assert not elements.sqrt(acb(-1)).is_finite()
    assert not elements.is_finite(elements.log(arb_series([0, 1], prec=2)))
    assert not elements.is_finite(elements.sqrt(acb_series([-1, 1], prec=2)))
    assert not elements.real_power(fmpq(-1), ONE_THIRD, False).is_finite()


def test_cuts_are_respected_where_the_integrator_asks_for_it() -> None:
    """On its branch cut a function is not analytic, and the complex ball says so."""
    on_cut, off_cut = acb(arb(0), arb(2, 1)), acb(arb(1), arb(2, 0.5))
    assert not elements.apply_named("atan", on_cut).is_finite()
    assert elements.apply_named("atan", off_cut).is_finite()
    assert not elements.apply_named("acos", acb(arb(2), arb(0, 0.1))).is_finite()
    assert elements.apply_named("acos", acb(arb(0.5), arb(0, 0.1))).is_finite()
    assert not elements.log(acb(arb(-1), arb(0, 0.1)), True).is_finite()
