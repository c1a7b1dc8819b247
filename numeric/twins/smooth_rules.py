"""Rules of one's own for smooth functions of one number.

Guarantees: the twin encloses the function as well as the value and the derivative handed in do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb

from ..elements import Element
from . import functions
from .arrays import Array, mapped, to_exact
from .elementary import ball
from .extended import NAN, finite
from .registry import rule


def smooth_rule(
    framework: str,
    *names: str,
    value: Callable[[arb], arb],
    derivative: Callable[[arb], arb],
) -> None:
    """Register a smooth function of one number as the exact meaning of a primitive.

    Parameters
    ----------
    framework, names
        As for `rule`.
    value, derivative
        The function and its derivative, from a ball of python-flint to a ball that encloses every
        value on it; a ball that is not finite asks for more precision.
        At infinities and nan the function has no value.

    Examples
    --------
    >>> from flint import arb
    >>> smooth_rule(
    ...     "torch",
    ...     "special_bessel_j0",
    ...     value=lambda x: x.bessel_j(arb(0)),
    ...     derivative=lambda x: -x.bessel_j(arb(1)),
    ... )
    """

    def enclosed(function: Callable[[arb], arb]) -> Callable[[Element], Element]:
        return lambda x: NAN if type(x) is float else finite(function(ball(x)))

    at, slope = enclosed(value), enclosed(derivative)
    apply = mapped(lambda a: functions.smooth(at, lambda x, _: slope(x), a))

    def registered(x: Any, **_: Any) -> Array:
        return apply(to_exact(x))

    rule(framework, *names)(registered)
