"""What the tests of the numeric layer share: what it means that two values agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from flint import arb


def agreement(ball: Any, value: Any, digits: int = 15) -> bool:
    """Tell whether `ball` holds `value` (an mpf, exact to some more digits) and is narrow.

    Closeness alone would accept a ball as wide as the line; narrowness alone a wrong one.
    """
    if not ball.is_finite():
        return False
    with mpmath.workdps(4 * digits + 60):
        exact = mpmath.mpf(value)
        middle = _to_mpf(ball.mid())
        radius = _to_mpf(ball.rad())
        scale = max(abs(exact), mpmath.mpf(10) ** -digits)
        close = abs(exact - middle) <= radius + scale * mpmath.mpf(10) ** -digits
        narrow = radius <= scale * mpmath.mpf(10) ** -digits
    return bool(close and narrow)


def _to_mpf(exact: Any) -> Any:
    mantissa, exponent = exact.man_exp()
    return mpmath.mpf(int(mantissa)) * mpmath.mpf(2) ** int(exponent)


@pytest.fixture(scope="session")
def agree() -> Callable[..., bool]:
    """Return the test for agreement of a ball with a value of mpmath."""
    return agreement


@pytest.fixture(scope="session")
def wide() -> arb:
    """Return a ball that holds nearly everything."""
    return arb(0, 100)
