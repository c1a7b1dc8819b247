"""Elementary functions of numbers with their derivatives.

Guarantees: each function encloses the exact one; a value outside its domain is nan, a pole is the
infinity that IEEE 754 gives, and a ball that leaves this open raises `Undecided`.
The names are those of the array API standard and of SciPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from flint import arb, fmpq

from ..elements import ONE, ZERO, Element
from . import extended
from .dual import Dual, compare
from .elementary import (
    HALF,
    Value,
    acosh,
    atan,
    ball,
    bell,
    between_poles,
    cos,
    cosh,
    digamma,
    exp,
    expm1,
    integral,
    lgamma,
    log,
    log1p,
    logarithm,
    logistic,
    nearest,
    on_unit_interval,
    sin,
    sinh,
    softplus,
    sqrt,
    trigamma,
    with_limits,
)
from .extended import INF, NAN, divide, finite, multiply, negate, power_of_integer, sign, subtract
from .origins import shared
from .powers import integer_power, power
from .tangents import combine

Slope: TypeAlias = Callable[[Element, Element], Element]
"""The derivative from the argument and the value."""


def _one_over(value: Value) -> Slope:
    return lambda x, _: divide(ONE, value(x))


def _of_argument(value: Value) -> Slope:
    return lambda x, _: value(x)


def _one_minus_square(x: Element) -> Element:
    return subtract(ONE, multiply(x, x))


TABLE: dict[str, tuple[Value, Slope]] = {
    "exp": (exp, lambda _, f: f),
    "exp2": (
        lambda x: (
            fmpq(2) ** int(x.p)
            if type(x) is fmpq and x.q == 1 and abs(x.p) < 2**12
            else exp(multiply(x, arb(2).log()))
        ),
        lambda _, f: multiply(f, arb(2).log()),
    ),
    "expm1": (expm1, _of_argument(exp)),
    "log": (log, lambda x, _: divide(ONE, x)),
    "log1p": (log1p, _one_over(lambda x: extended.add(ONE, x))),
    "log2": (logarithm(2), lambda x, _: divide(ONE, multiply(x, arb(2).log()))),
    "log10": (logarithm(10), lambda x, _: divide(ONE, multiply(x, arb(10).log()))),
    "sqrt": (sqrt, lambda _, f: divide(HALF, f)),
    "rsqrt": (lambda x: divide(ONE, sqrt(x)), lambda x, f: multiply(-HALF, divide(f, x))),
    "reciprocal": (lambda x: divide(ONE, x), lambda _, f: negate(multiply(f, f))),
    "square": (lambda x: multiply(x, x), lambda x, _: multiply(fmpq(2), x)),
    "sin": (sin, _of_argument(cos)),
    "cos": (cos, lambda x, _: negate(sin(x))),
    "tan": (
        with_limits(NAN, NAN, arb.tan, ZERO),
        lambda _, f: extended.add(ONE, multiply(f, f)),
    ),
    "asin": (
        on_unit_interval(arb.asin),
        _one_over(lambda x: sqrt(_one_minus_square(x))),
    ),
    "acos": (
        on_unit_interval(arb.acos),
        lambda x, _: negate(divide(ONE, sqrt(_one_minus_square(x)))),
    ),
    "atan": (atan, _one_over(lambda x: extended.add(ONE, multiply(x, x)))),
    "sinh": (sinh, _of_argument(cosh)),
    "cosh": (cosh, _of_argument(sinh)),
    # By the hyperbolic cosine, not by 1 - tanh**2, which has no digits left far out.
    "tanh": (
        with_limits(-ONE, ONE, arb.tanh, ZERO),
        _one_over(lambda x: power_of_integer(cosh(x), 2)),
    ),
    "asinh": (
        with_limits(-INF, INF, arb.asinh, ZERO),
        _one_over(lambda x: sqrt(extended.add(ONE, multiply(x, x)))),
    ),
    "acosh": (acosh, _one_over(lambda x: sqrt(negate(_one_minus_square(x))))),
    "atanh": (between_poles(-1, 1, arb.atanh), _one_over(_one_minus_square)),
    "erf": (with_limits(-ONE, ONE, arb.erf, ZERO), _of_argument(bell)),
    "erfc": (with_limits(fmpq(2), ZERO, arb.erfc, ONE), lambda x, _: negate(bell(x))),
    "erfinv": (between_poles(-1, 1, arb.erfinv), lambda _, f: divide(ONE, bell(f))),
    "lgamma": (lgamma, _of_argument(digamma)),
    "digamma": (digamma, _of_argument(trigamma)),
    "sigmoid": (logistic, lambda x, f: multiply(f, logistic(negate(x)))),
    "softplus": (softplus, _of_argument(logistic)),
    "log_sigmoid": (
        lambda x: negate(softplus(negate(x))),
        lambda x, _: logistic(negate(x)),
    ),
}
"""Each smooth function of one number: its value, and its derivative from argument and value."""

STEPS: dict[str, Value] = {
    "floor": integral(lambda x: int(x.floor())),
    "ceil": integral(lambda x: int(x.ceil())),
    "trunc": integral(lambda x: int(x.floor()) if x >= 0 else int(x.ceil())),
    "round": integral(nearest),
}
"""Functions that are constant between jumps."""


def apply(name: str, a: Dual) -> Dual:
    """Return the function of `TABLE` or `STEPS` called `name` at `a`."""
    if name in STEPS:
        return step(STEPS[name], a)
    return smooth(*TABLE[name], a)


def smooth(value: Value, derivative: Slope, a: Dual) -> Dual:
    """Return a smooth function of one number, from its value and its derivative."""
    result = shared(value, value(a.value), a.value)
    if a.slope is None:
        return Dual(result)
    # Where there is no value there is no derivative, though the formula for it may have one.
    weight = NAN if extended.is_nan(result) else derivative(a.value, result)
    return Dual(result, combine(((weight, a.slope),)))


def function(name: str) -> Callable[[Dual], Dual]:
    """Return the function of `TABLE` or `STEPS` called `name`."""
    return lambda a: apply(name, a)


def step(value: Value, a: Dual) -> Dual:
    """Return a function that is constant between jumps; a jump is met like any other tie."""
    result = value(a.value)
    if a.slope is not None and type(result) is fmpq:
        # The jumps lie at integers or half way between; on either side the value may change.
        for edge in (result, result - HALF, result + HALF, result - 1, result + 1):
            jumps = value(edge - fmpq(1, 2**20)) != value(edge + fmpq(1, 2**20))
            if jumps and subtract(a.value, edge) == 0:
                side = compare(a, Dual(edge))
                return Dual(value(edge + fmpq(side or 0, 2**20)))
    return Dual(result)


def sign_of(a: Dual) -> Dual:
    """Return the sign, 0 at 0, nan at nan."""
    outcome = compare(a, Dual(ZERO))
    return a if outcome is None else Dual(fmpq(outcome))


def atan2(a: Dual, b: Dual) -> Dual:
    """Return the angle of the point (b, a), in (-pi, pi]; its jump is met like any other tie."""
    value = _angle(a.value, b.value)
    on_cut = a.slope is not None and type(a.value) is not float and a.value == 0 and b.value < 0
    if on_cut and compare(a, Dual(ZERO)) == -1:
        value = negate(value)
    square = extended.add(multiply(a.value, a.value), multiply(b.value, b.value))
    pairs = ((divide(b.value, square), a.slope), (negate(divide(a.value, square)), b.slope))
    return Dual(value, combine(pairs))


def _angle(y: Element, x: Element) -> Element:
    if extended.is_nan(y) or extended.is_nan(x):
        return NAN
    if type(y) is float or type(x) is float:
        side, ahead = (v if type(v) is float else float(sign(v) or 0) for v in (y, x))
        return multiply(fmpq(round(math.atan2(side, ahead) * 4 / math.pi), 4), arb.pi())
    if not x > 0 and sign(y) == 0 and sign(x) == 0:  # an open sign of y leaves the side of the cut
        return ZERO
    if type(y) is fmpq and y == 0 and x > 0:
        return ZERO
    return finite(arb.atan2(ball(y), ball(x)))


def is_nan(a: Dual) -> bool:
    """Tell whether the number has no value."""
    return bool(a.value != a.value)


def is_infinite(a: Dual) -> bool:
    """Tell whether the number is an infinity."""
    return type(a.value) is float and a.value == a.value


def is_finite(a: Dual) -> bool:
    """Tell whether the number is finite."""
    return type(a.value) is not float


__all__ = [
    "STEPS",
    "TABLE",
    "apply",
    "function",
    "integer_power",
    "is_finite",
    "is_infinite",
    "is_nan",
    "power",
    "sign_of",
]
