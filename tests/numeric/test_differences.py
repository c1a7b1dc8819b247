from __future__ import annotations

import mpmath
import pytest
from sympy import exp, sin

from gradproof.numeric import Point, difference_quotient, reference
from gradproof.symbolic import DeclarationError, S, log, scalar, y, z

t = scalar("t")


@pytest.mark.parametrize("digits", [15, 30, 60])
def test_quotients_have_the_digits_asked_for(digits: int) -> None:
    """The derivative of exp(sin t) has the digits asked for."""
    point = Point({t: "3/7"})
    expr = exp(sin(t))
    with mpmath.workdps(2 * digits):
        error = difference_quotient(expr, point, t, digits) - reference(expr.diff(t), point, digits)
        assert abs(error) < mpmath.mpf(10) ** -digits


def test_a_single_difference_would_not_have_them() -> None:
    """The wrong twin, one central difference of the same step, misses the digits."""
    point, step = Point({t: "3/7"}), Point({t: "1/10000"})[t]
    with mpmath.workdps(60):
        ahead, behind = (
            reference(exp(sin(t)), point.replace({t: point[t] + h}), 60) for h in (step, -step)
        )
        quotient = (ahead - behind) / (2 * mpmath.mpf(step.numerator) / step.denominator)
        exact = reference(exp(sin(t)).diff(t), point, 60)
        assert abs(quotient - exact) > mpmath.mpf(10) ** -12
        assert abs(difference_quotient(exp(sin(t)), point, t) - exact) < mpmath.mpf(10) ** -30


def test_members_are_shifted_by_class_or_index() -> None:
    """z[y] and z[2] are the same variable where y is 2."""
    point = Point({z: (1, 2, 3), y: 2})
    by_index, by_class = (difference_quotient(log(S(1)), point, v) for v in (z[y], z[2]))
    assert by_index == by_class


def test_a_variable_without_a_value_is_refused() -> None:
    """There is nothing to shift."""
    with pytest.raises(DeclarationError, match="found z"):
        difference_quotient(t, Point({t: 1}), z[1])
