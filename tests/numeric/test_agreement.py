from __future__ import annotations

from typing import Any

import mpmath
from flint import arb


def test_a_narrow_ball_around_the_value_agrees(agree: Any) -> None:
    """Agreement is closeness and narrowness."""
    assert agree(arb("0.5"), mpmath.mpf("0.5"))


def test_a_wide_ball_does_not_agree(agree: Any, wide: arb) -> None:
    """A ball that holds the value but nearly everything else too is no agreement."""
    assert not agree(wide, mpmath.mpf("0.5"))


def test_a_narrow_wrong_ball_does_not_agree(agree: Any) -> None:
    """A narrow ball elsewhere is no agreement."""
    assert not agree(arb("0.5001"), mpmath.mpf("0.5"))


def test_a_ball_that_is_not_finite_does_not_agree(agree: Any) -> None:
    """A non-finite ball agrees with nothing."""
    assert not agree(arb("nan"), mpmath.mpf("0.5"))
