"""Exact meaning of PyTorch's special functions."""

from __future__ import annotations

from typing import Any

from flint import arb

from . import functions
from .arrays import Array, mapped, to_exact
from .dual import UNIT, Dual, lifted
from .extended import finite
from .registry import rule
from .tangents import combine


@rule("torch", "atan2")
def atan2(a: Any, b: Any) -> Array:
    """Return the angle of the point (b, a)."""
    return mapped(functions.atan2, 2)(to_exact(a), to_exact(b))


@rule("torch", "digamma")
def digamma(a: Any) -> Array:
    """Return the logarithmic derivative of the gamma function."""
    return mapped(functions.function("digamma"))(to_exact(a))


@rule("torch", "hypot")
def hypot(a: Any, b: Any) -> Array:
    """Return the length of the vector (a, b)."""
    return mapped(lambda p, q: functions.apply("sqrt", p * p + q * q), 2)(to_exact(a), to_exact(b))


@rule("torch", "special_erfcx", "erfcx")
def erfcx(a: Any) -> Array:
    """Return ``exp(a**2) * erfc(a)``."""
    return mapped(
        lambda x: functions.apply("exp", x * x) * functions.apply("erfc", x),
    )(to_exact(a))


def _quantile(p: Dual) -> Dual:
    return functions.apply("erfinv", p * 2 - UNIT) * functions.apply("sqrt", lifted(2))


rule("torch", "special_ndtri", "ndtri")(lambda a: mapped(_quantile)(to_exact(a)))


def _polygamma(order: int, x: Any) -> arb:
    """Return ``(-1)**(order + 1) * order! * zeta(order + 1, x)``, for a positive x."""
    sign = 1 if order % 2 else -1
    return finite(sign * arb(order).fac() * arb(order + 1).zeta(arb(x)))


@rule("torch", "polygamma")
def polygamma(order: int, a: Any) -> Array:
    """Return a derivative of the digamma function; `order` 0 is that function itself."""
    if order == 0:
        return digamma(a)

    def of_number(x: Dual) -> Dual:
        value = _polygamma(order, x.value)
        if x.slope is None:
            return Dual(value)
        return Dual(value, combine(((_polygamma(order + 1, x.value), x.slope),)))

    return mapped(of_number)(to_exact(a))
