from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq

from gradproof.checks.twins import label, logits, numbers
from gradproof.checks.twins.rounding import _relative, float_error
from gradproof.numeric.elements import working_precision
from gradproof.numeric.twins import exact

INF, NAN = math.inf, math.nan


def stable(z: Any, y: int) -> Any:
    """Return the cross entropy with the usual shift."""
    top = np.max(z)
    return np.log(np.sum(np.exp(z - top))) + (top - z[y])


def naive(z: Any, y: int) -> Any:
    """Return the cross entropy as the logarithm of a share."""
    return -np.log(np.exp(z[y]) / np.sum(np.exp(z)))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_program_that_overflows_is_told_by_a_point() -> None:
    """The naive loss is no number where an exponential overflows; its exact value is one."""
    found = float_error(naive)
    assert found.error == INF
    assert found.point is not None
    assert found.point.range > 80
    assert str(found).startswith("no number at z = ")
    assert found.found in ("inf", "nan")


def test_a_program_that_is_exact_has_no_error() -> None:
    """Doubling loses nothing, in any dtype."""
    for dtype in ("float32", "float64"):
        found = float_error(lambda z, y: z[y] * 2, dtype=dtype)
        assert found.error == 0
        assert found.point is None
        assert str(found) == f"no error at {found.points} points"
        assert found.points > 20


def test_an_error_is_that_of_the_dtype() -> None:
    """A quotient is off by half a unit in the last place at most, and by some of it somewhere."""
    for dtype, unit in (("float32", 2.0**-24), ("float64", 2.0**-53)):
        found = float_error(lambda z, y: (z[y] + 2000) / 7, dtype=dtype)
        assert unit / 100 < found.error < 4 * unit
        assert "relative error" in str(found)


def test_what_cancels_loses_everything() -> None:
    """The stable loss is 0 in floats where the label wins by far: a relative error of 1."""
    found = float_error(stable)
    assert found.error >= 0.5
    assert "relative error" in str(found)


def test_the_float_run_of_a_gradient_may_be_asked_for() -> None:
    """A twin, such as that of a backward program, is taken as it is."""
    twin = exact(lambda x: x * x, gradient=lambda g, x: 2 * x * g, dtype="float32")
    found = float_error(twin.backward(), (numbers(name="g"), numbers()))
    assert found.error <= 2.0**-24
    assert float_error(exact(naive, dtype="float32"), (logits(), label())).points > 0


@pytest.mark.parametrize(
    ("value", "found", "error"),
    [
        (fmpq(2), 2.0, 0.0),
        (fmpq(2), 3.0, 0.5),
        (fmpq(2), 0.0, 1.0),
        (fmpq(2), INF, INF),
        (fmpq(2), NAN, INF),
        (fmpq(0), 0.0, 0.0),
        (fmpq(0), 1e-300, INF),
        (INF, INF, 0.0),
        (INF, 1e300, INF),
        (NAN, NAN, 0.0),
        (NAN, 1.0, INF),
        (fmpq(1, 10**400), 1.0, INF),
        (arb(0, 1e-150), 1e-17, INF),
        (arb(0, 1e-10), 1e-17, 0.0),
    ],
    ids=str,
)
def test_relative_errors_are_those_of_the_run_alone(value: Any, found: float, error: float) -> None:
    """Infinite where a number should be none, or 0; what a ball leaves open is no error."""
    with working_precision(256):
        assert _relative(value, found) == pytest.approx(error)
