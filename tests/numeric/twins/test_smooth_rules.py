"""Rules of one's own for smooth functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb, fmpq

from gradproof.numeric.twins import exact, smooth_rule
from gradproof.numeric.twins.arrays import from_numbers
from gradproof.numeric.twins.dual import Dual
from gradproof.numeric.twins.functions import apply
from gradproof.numeric.twins.origins import REMEMBERING_BITS
from gradproof.numeric.twins.registry import RULES, UnsupportedPrimitive
from gradproof.numeric.twins.run import Run, running


@pytest.fixture(autouse=True)
def rules() -> Iterator[None]:
    """Leave the rules as they were."""
    exact(loss)  # the rules of a framework are there once it is used
    before = {name: dict(table) for name, table in RULES.items()}
    yield
    for name, table in before.items():
        RULES[name].clear()
        RULES[name].update(table)


def loss(z: Any) -> Any:
    """Use a function that has no rule."""
    return np.sum(np.i0(z) * z)


def test_a_function_of_a_users_own_has_value_and_derivative() -> None:
    """Without a rule the program is refused; with one it has a twin, as mpmath confirms."""
    with pytest.raises(UnsupportedPrimitive, match="i0"):
        exact(loss).value([0.5])
    smooth_rule(
        "numpy",
        "i0",
        value=lambda x: x.bessel_i(arb(0)),
        derivative=lambda x: x.bessel_i(arb(1)),
    )
    twin = exact(loss)
    with mpmath.workdps(40):
        half = mpmath.mpf(1) / 2
        value = half * mpmath.besseli(0, half)
        slope = mpmath.besseli(0, half) + half * mpmath.besseli(1, half)
    assert float(twin.value([0.5]).mid) == pytest.approx(float(value), rel=1e-15)
    assert float(twin.gradient([0.5])[0].mid) == pytest.approx(float(slope), rel=1e-15)


def test_a_ball_that_is_not_finite_asks_for_more_precision() -> None:
    """A value that first precisions do not reach is computed with more."""
    asked = []

    def value(x: Any) -> Any:
        from flint import ctx

        asked.append(ctx.prec)
        return x.exp() if ctx.prec > 300 else arb("nan")

    smooth_rule("numpy", "i0", value=value, derivative=lambda x: x.exp())
    assert float(exact(loss).value([1.0]).mid) == pytest.approx(np.e, rel=1e-15)
    assert max(asked) > 300 > min(asked)


def test_two_functions_of_one_name_are_two_functions() -> None:
    """Where origins are remembered, a user's function is not taken for the library's."""
    smooth_rule("numpy", "exp", value=lambda x: x.sinh(), derivative=lambda x: x.cosh())
    with running(Run(), REMEMBERING_BITS):
        library = apply("exp", Dual(fmpq(1, 3))).value
        own = RULES["numpy"]["exp"](from_numbers([Dual(fmpq(1, 3))], (1,)))[0].value
    assert not own.overlaps(library)
    assert own.overlaps(arb(fmpq(1, 3)).sinh())
