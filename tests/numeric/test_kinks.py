from __future__ import annotations

from typing import Any

import pytest
from flint import arb, arb_series, fmpq

from gradproof.numeric.kinks import Candidates, any_of, roots
from gradproof.symbolic import UnsupportedError

T = Candidates.variable()
HALF = fmpq(1, 2)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (T + fmpq(-1, 2), [0.5]),
        (T * T + fmpq(-1), [1, -1]),
        (T**2 + fmpq(1), []),
        ((T + HALF).absolute() + fmpq(-2), [1.5, -2.5]),
        (any_of([T, fmpq(3)]) + fmpq(-2), [2]),
        (T - T, []),
        (T * fmpq(0) + HALF, []),
        (fmpq(0), []),
    ],
)
def test_every_zero_of_every_candidate_is_found(value: Any, expected: list[float]) -> None:
    """The roots of piecewise polynomials of degree 1 and 2, all branches together."""
    found = roots(value)
    assert len(found) == len(expected)
    assert all(any(ball.contains(place) for ball in found) for place in expected)


def test_an_undecided_discriminant_keeps_its_root() -> None:
    """Where a double zero is not separated, a ball still holds it."""
    found = roots(T * T + arb(0, 1e-30))
    assert all(ball.is_finite() and ball.contains(0) for ball in found)
    assert len(found) == 2


def test_a_leading_coefficient_that_may_vanish_gives_no_number() -> None:
    """If the degree itself is undecided, the precision does not suffice, and the ball says so."""
    assert not roots(T * arb(0, 1e-30) + HALF)[0].is_finite()


@pytest.mark.parametrize(
    "operation",
    [
        lambda: T.exp(),
        lambda: 1 / T,
        lambda: roots(T**3 + HALF),
        lambda: roots(T + arb_series([0, 1], prec=2)),
    ],
)
def test_what_is_no_quadratic_is_refused(operation: Any) -> None:
    """Functions and quotients of the running variable, cubics and moving zeros are refused."""
    with pytest.raises(UnsupportedError):
        operation()
