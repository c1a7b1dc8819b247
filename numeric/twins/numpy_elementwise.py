"""Exact rules for NumPy's functions of numbers, one by one or two by two.

Guarantees: values and slopes are those of `functions` and `dual`; the conventions for infinities,
nan and 0 are those of IEEE 754 with every 0 positive.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb, fmpq

from . import arrays, dual, extended, functions
from .arrays import Array, as_array, mapped, tested, to_exact
from .dual import UNIT, ZERO, Dual, compare
from .registry import RULES, rule

_SMOOTH = {
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctanh": "atanh",
    "ceil": "ceil",
    "cos": "cos",
    "cosh": "cosh",
    "exp": "exp",
    "exp2": "exp2",
    "expm1": "expm1",
    "floor": "floor",
    "log": "log",
    "log10": "log10",
    "log1p": "log1p",
    "log2": "log2",
    "reciprocal": "reciprocal",
    "rint": "round",
    "sin": "sin",
    "sinh": "sinh",
    "sqrt": "sqrt",
    "square": "square",
    "tan": "tan",
    "tanh": "tanh",
    "trunc": "trunc",
    "fix": "trunc",
}

for _name, _own in _SMOOTH.items():
    RULES["numpy"][_name] = mapped(functions.function(_own))


def _by_operator(function: Callable[[Any, Any], Any]) -> Callable[[Array, Array], Array]:
    # The operators of object arrays call those of the numbers.
    return lambda a, b: as_array(function(a, b))


for _name, _function in {
    "add": operator.add,
    "divide": operator.truediv,
    "multiply": operator.mul,
    "subtract": operator.sub,
}.items():
    RULES["numpy"][_name] = _by_operator(_function)

for _name in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"):
    RULES["numpy"][_name] = getattr(arrays, _name)

_TWO, _HALF = Dual(fmpq(2)), Dual(fmpq(1, 2))


def logaddexp(a: Dual, b: Dual) -> Dual:
    """Return ``log(exp(a) + exp(b))``."""
    for this, other in ((a, b), (b, a)):
        if this.value != this.value:
            return this
        if functions.is_infinite(this):
            return other if this.value < 0 else this
    return a + functions.apply("softplus", b - a)


def _log_of_two() -> Dual:
    return Dual(arb(2).log())


def logaddexp2(a: Dual, b: Dual) -> Dual:
    """Return ``log2(2**a + 2**b)``."""
    scale = _log_of_two()
    return logaddexp(a * scale, b * scale) / scale


def hypot(a: Dual, b: Dual) -> Dual:
    """Return ``sqrt(a**2 + b**2)``."""
    return functions.apply("sqrt", a * a + b * b)


def arctan2(y: Dual, x: Dual) -> Dual:
    """Return the angle of the point (x, y)."""
    side = compare(x, ZERO)
    if side is None or y.value != y.value:
        return Dual(extended.NAN)
    angle = functions.apply("atan", y / x) if side else None
    above = compare(y, ZERO)
    if angle is not None and side == 1:
        return angle
    turn = Dual(arb.pi())
    if angle is not None:
        return angle + turn if above != -1 else angle - turn
    if not above:
        return ZERO
    quarter = turn * _HALF if above == 1 else -(turn * _HALF)
    return quarter - functions.apply("atan", x / y)


def fmax(a: Dual, b: Dual) -> Dual:
    """Return the greater number; a nan is left out."""
    if a.value != a.value or b.value != b.value:
        return b if a.value != a.value else a
    return dual.maximum(a, b)


def fmin(a: Dual, b: Dual) -> Dual:
    """Return the smaller number; a nan is left out."""
    if a.value != a.value or b.value != b.value:
        return b if a.value != a.value else a
    return dual.minimum(a, b)


def copysign(a: Dual, b: Dual) -> Dual:
    """Return the magnitude of `a` with the sign of `b`, 0 being positive."""
    size = dual.absolute(a)
    return -size if compare(b, ZERO) == -1 else size


def heaviside(a: Dual, at_zero: Dual) -> Dual:
    """Return 0 below 0, 1 above and `at_zero` at 0."""
    side = compare(a, ZERO)
    return a if side is None else at_zero if side == 0 else UNIT if side == 1 else ZERO


def floor_divide(a: Dual, b: Dual) -> Dual:
    """Return the quotient rounded down."""
    return functions.apply("floor", a / b)


def remainder(a: Dual, b: Dual) -> Dual:
    """Return the remainder that has the sign of `b`."""
    if dual.is_exact_zero(b):
        return Dual(extended.NAN)
    return a - b * floor_divide(a, b)


def fmod(a: Dual, b: Dual) -> Dual:
    """Return the remainder that has the sign of `a`."""
    if dual.is_exact_zero(b):
        return Dual(extended.NAN)
    return a - b * functions.apply("trunc", a / b)


for _name, _pair in {
    "arctan2": arctan2,
    "copysign": copysign,
    "float_power": functions.power,
    "floor_divide": floor_divide,
    "fmax": fmax,
    "fmin": fmin,
    "fmod": fmod,
    "heaviside": heaviside,
    "hypot": hypot,
    "logaddexp": logaddexp,
    "logaddexp2": logaddexp2,
    "power": functions.power,
    "remainder": remainder,
}.items():
    RULES["numpy"][_name] = mapped(_pair, 2)

RULES["numpy"]["divmod"] = lambda a, b: (
    RULES["numpy"]["floor_divide"](a, b),
    RULES["numpy"]["remainder"](a, b),
)
RULES["numpy"]["maximum"], RULES["numpy"]["minimum"] = arrays.maximum, arrays.minimum
RULES["numpy"]["absolute"] = RULES["numpy"]["fabs"] = arrays.absolute
RULES["numpy"]["sign"] = mapped(functions.sign_of)
RULES["numpy"]["negative"] = mapped(operator.neg)
RULES["numpy"]["positive"] = mapped(operator.pos)
RULES["numpy"]["conjugate"] = RULES["numpy"]["real"] = lambda x: x
RULES["numpy"]["cbrt"] = mapped(
    lambda x: functions.sign_of(x) * functions.power(dual.absolute(x), Dual(fmpq(1, 3)))
)
RULES["numpy"]["isnan"] = tested(functions.is_nan)
RULES["numpy"]["isinf"] = tested(functions.is_infinite)
RULES["numpy"]["isfinite"] = tested(functions.is_finite)
RULES["numpy"]["signbit"] = tested(lambda a: compare(a, ZERO) == -1)
RULES["numpy"]["isposinf"] = tested(lambda a: a.value == extended.INF and functions.is_infinite(a))
RULES["numpy"]["isneginf"] = tested(lambda a: a.value == -extended.INF and functions.is_infinite(a))


def _radians(x: Dual) -> Dual:
    return x * Dual(arb.pi() / 180)


def _degrees(x: Dual) -> Dual:
    return x / Dual(arb.pi() / 180)


for _name, _one in {
    "deg2rad": _radians,
    "radians": _radians,
    "rad2deg": _degrees,
    "degrees": _degrees,
}.items():
    RULES["numpy"][_name] = mapped(_one)


def truth(x: Any) -> Array:
    """Return which numbers are not 0."""
    found = np.asarray(x)
    return arrays.not_equal(found, ZERO) if found.dtype == object else found.astype(bool)


def _of_truths(ufunc: np.ufunc) -> Callable[..., Array]:
    return lambda *xs: ufunc(*(truth(x) for x in xs))


for _ufunc in (np.logical_and, np.logical_or, np.logical_xor, np.logical_not):
    RULES["numpy"][_ufunc.__name__] = _of_truths(_ufunc)


@rule("numpy", "sinc")
def sinc(x: Array) -> Array:
    """Return ``sin(pi x) / (pi x)``, 1 at 0."""

    def one(a: Dual) -> Dual:
        if dual.is_exact_zero(a):
            return UNIT  # the slope is 0 there
        turn = a * Dual(arb.pi())
        return functions.apply("sin", turn) / turn

    return mapped(one)(x)


@rule("numpy", "round", "around")
def round_to_decimals(a: Array, decimals: int = 0) -> Array:
    """Return the numbers rounded to a number of decimals, halves to the even one."""
    scale = Dual(fmpq(10) ** int(decimals))
    return mapped(lambda x: functions.apply("round", x * scale) / scale)(a)


@rule("numpy", "clip")
def clip(
    a: Array,
    a_min: Any = None,
    a_max: Any = None,
    *,
    min: Any = None,  # noqa: A002
    max: Any = None,  # noqa: A002
) -> Array:
    """Return the numbers limited to an interval."""
    low, high = a_min if min is None else min, a_max if max is None else max
    result = to_exact(a)
    if low is not None:
        result = arrays.maximum(result, to_exact(low))
    return result if high is None else arrays.minimum(result, to_exact(high))
