"""`Max` and `Min` that are worked out for numbers only."""

from __future__ import annotations

import pytest
from sympy import I, Integer, Rational, Symbol, cos, nan, oo, sin, sqrt, zoo

from gradproof.symbolic.kernel_functions import Max, Min

T = Symbol("t", real=True)


@pytest.mark.parametrize("bound", [Max, Min])
def test_an_argument_without_a_value_leaves_none(bound: type) -> None:
    """The greatest of a number and 1/0, log of -1 or 0/0 has no value, and raises no error."""
    for bad in (zoo, I, nan, sqrt(Integer(-2))):
        assert bound(bad, 1) is nan
        assert bound(1, bad, T).xreplace({T: Integer(3)}) is nan
    assert bound(1 / T, 0).xreplace({T: Integer(0)}) is nan


def test_numbers_are_compared_and_symbols_are_not() -> None:
    """Numbers and the infinities are compared; with a symbol, or an undecided zero, all stays."""
    assert (Max(1, Rational(3, 2), -oo), Min(1, oo)) == (Rational(3, 2), 1)
    assert Max(1, 2, T).args == (1, 2, T)
    zero = sin(1) ** 2 + cos(1) ** 2 - 1
    assert isinstance(Max(zero, 0), Max)
