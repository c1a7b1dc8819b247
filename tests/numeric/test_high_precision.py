from __future__ import annotations

from typing import Any

import mpmath
import pytest
from sympy import (
    Abs,
    And,
    Function,
    Implies,
    Integral,
    Max,
    Min,
    Not,
    Or,
    Piecewise,
    exp,
    log,
    pi,
    sign,
    sqrt,
)

from gradproof.numeric import Point, reference
from gradproof.symbolic import (
    DeclarationError,
    K,
    Loss,
    S,
    UndefinedValueError,
    UnsupportedError,
    class_sum,
    i,
    scalar,
    y,
    z,
)

t = scalar("t")


def test_softmax_written_out() -> None:
    """The value is that of the formula written out in mpmath."""
    with mpmath.workdps(60):
        weights = [mpmath.exp(v) for v in (1, 2, mpmath.mpf("0.5"))]
        expected = weights[1] / sum(weights)
        error = reference(S(2), Point({z: (1, 2, "0.5")}), 50) - expected
        assert abs(error) < mpmath.mpf(10) ** -55


def test_a_loss_and_its_derivative_written_out() -> None:
    """Loss terms are evaluated: value and derivative of CE at n = 2 are the sigmoid's."""
    loss, point = Loss("CE", -log(S(y))), Point({z: (0, 1), y: 1, i: 1})
    with mpmath.workdps(60):
        sigmoid = 1 / (1 + mpmath.e)
        assert mpmath.almosteq(reference(loss.term, point), -mpmath.log(sigmoid), 1e-50)
        assert mpmath.almosteq(reference(loss.gradient(i), point), sigmoid - 1, 1e-50)


def test_precision_is_restored() -> None:
    """The precision of mpmath is what it was, after a value and after an error."""
    before = mpmath.mp.prec
    reference(exp(t), Point({t: 1}), 100)
    with pytest.raises(UndefinedValueError):
        reference(1 / t, Point({t: 0}), 100)
    assert mpmath.mp.prec == before


@pytest.mark.parametrize(
    ("expr", "value"),
    [
        (Abs(t), 2),
        (sign(t), -1),
        (Max(t, 1, 0), 1),
        (Min(t, 1, 0), -2),
        (Piecewise((1, And(t < 0, t > -1)), (2, Or(t > 5, Not(t > 0))), (3, True)), 2),
        (Piecewise((1, Implies(t > 0, t > 1)), (2, True)), 1),
        (t**2, 4),
        (sqrt(t + 6), 2),
        (class_sum(lambda q: K[q] * q), 11),
        (Integral(3 * Abs(t - 1) ** 2, (t, 0, 2)), 2),
    ],
    ids=str,
)
def test_values_that_are_known(expr: Any, value: int) -> None:
    """Simple formulas have their simple values."""
    assert mpmath.almosteq(reference(expr, Point({t: -2, K: (1, 2, 2)})), value, 1e-40)


def test_integrals_are_split_where_branches_change() -> None:
    """A tent of half-width 1/3 has area 1/3 to many digits; unsplit quadrature misses it."""
    tent = Max(0, 1 - 3 * Abs(t - pi / 7))
    value = reference(Integral(tent, (t, 0, 1)), Point({}), 20)
    with mpmath.workdps(35):
        unsplit = mpmath.quad(lambda u: max(0, 1 - 3 * abs(u - mpmath.pi / 7)), [0, 1])
        assert abs(value - mpmath.mpf(1) / 3) < mpmath.mpf(10) ** -20
        assert abs(unsplit - mpmath.mpf(1) / 3) > mpmath.mpf(10) ** -8


@pytest.mark.parametrize(
    ("expr", "error", "part"),
    [
        (log(t), UndefinedValueError, "division by 0"),
        (1 / t, UndefinedValueError, "division by 0"),
        (log(t - 1), UndefinedValueError, "log(t - 1)"),
        (sqrt(t - 1), UndefinedValueError, "sqrt(t - 1)"),
        (Piecewise((1, t > 0)), UndefinedValueError, "Piecewise"),
        (Function("f")(t), UnsupportedError, "_mpmath_"),
        (t + y, DeclarationError, "no value for y"),
    ],
    ids=str,
)
def test_what_has_no_value_is_an_error(expr: Any, error: type[Exception], part: str) -> None:
    """The reference gives no number where there is none."""
    with pytest.raises(error) as caught:
        reference(expr, Point({t: 0}))
    assert part in str(caught.value)


class Tripled(Function):
    """A function that mpmath is told how to evaluate."""

    def _mpmath_(self, args: list[Any]) -> Any:
        return 3 * args[0]


def test_a_function_may_value_itself() -> None:
    """The hook _mpmath_ gets values of the arguments and its value is used."""
    assert reference(1 + Tripled(t), Point({t: 2})) == 7
