"""Elementary functions of numbers with their derivatives.

Guarantees: each function encloses the exact one; a value outside its domain is nan, a pole is the
infinity that IEEE 754 gives, and a ball that leaves this open raises `Undecided`.
The names are those of the array API standard and of SciPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from flint import arb, fmpq

from ..elements import ONE, Element
from . import extended
from .dual import Dual, compare
from .extended import INF, NAN, divide, finite, multiply, negate, sign, subtract
from .tangents import combine

Value: TypeAlias = Callable[[Element], Element]
Slope: TypeAlias = Callable[[Element, Element], Element]
"""The derivative from the argument and the value."""

_HALF = fmpq(1, 2)


def _ball(x: Element) -> arb:
    return x if isinstance(x, arb) else arb(x)


def _power(x: Element, count: int) -> Element:
    return extended.power_of_integer(x, count)


def exp(x: Element) -> Element:
    """Return ``exp(x)``."""
    if type(x) is float:
        return extended.ZERO if x == -INF else x
    if type(x) is fmpq:
        return ONE if x == 0 else finite(arb(x).exp())
    return finite(x.exp())


def log(x: Element) -> Element:
    """Return ``log(x)``: -inf at 0, nan below."""
    if type(x) is float:
        return x if x > 0 or x != x else NAN
    below = sign(x)
    if below == 0:
        return -INF
    if below == -1:
        return NAN
    return extended.ZERO if type(x) is fmpq and x == 1 else finite(_ball(x).log())


def sqrt(x: Element) -> Element:
    """Return the square root: exact for squares of rationals, nan below 0."""
    if type(x) is float:
        return x if x > 0 or x != x else NAN
    below = sign(x)
    if below == 0:
        return extended.ZERO
    if below == -1:
        return NAN
    if type(x) is fmpq and x.p.is_square() and x.q.is_square():
        return x.sqrt()
    return finite(_ball(x).sqrt())


def _at_infinity(low: Element, high: Element, inside: Callable[[arb], arb], zero: Element) -> Value:
    """Return a function on the reals with its limits and its exact value at 0."""

    def value(x: Element) -> Element:
        if type(x) is float:
            return x if x != x else high if x > 0 else low
        if type(x) is fmpq and x == 0 and zero is not None:
            return zero
        return finite(inside(_ball(x)))

    return value


def _between(low: int | None, high: int | None, inside: Callable[[arb], arb]) -> Value:
    """Return a function on an open interval, with infinities at its ends and nan outside."""

    def value(x: Element) -> Element:
        if x != x:
            return NAN
        for end, outwards in ((low, -1), (high, 1)):
            if end is not None:
                beyond = sign(subtract(x, fmpq(end)))
                if beyond == 0:
                    return outwards * INF
                if beyond == outwards:
                    return NAN
        if type(x) is float:
            return x
        return extended.ZERO if type(x) is fmpq and x == 0 else finite(inside(_ball(x)))

    return value


def logistic(x: Element) -> Element:
    """Return ``1 / (1 + exp(-x))``."""
    if type(x) is float:
        return x if x != x else ONE if x > 0 else extended.ZERO
    if type(x) is fmpq and x == 0:
        return _HALF
    return finite(1 / (1 + (-_ball(x)).exp()))


def softplus(x: Element) -> Element:
    """Return ``log(1 + exp(x))``."""
    if type(x) is float:
        return extended.ZERO if x == -INF else x
    return finite((1 + _ball(x).exp()).log())


def _integral(rounding: Callable[[Element], int]) -> Value:
    def value(x: Element) -> Element:
        if type(x) is float:
            return x
        if type(x) is fmpq:
            return fmpq(rounding(x))
        low, high = (rounding(x.lower().fmpq()), rounding(x.upper().fmpq()))
        if low != high:
            raise extended.Undecided
        return fmpq(low)

    return value


def _nearest(x: fmpq) -> int:
    doubled = 2 * x
    below = int(x.floor())
    if doubled.q == 1 and int(doubled.p) % 2:  # half way between integers: to the even one
        return below + below % 2
    return int((x + _HALF).floor())


_TWO_OVER_ROOT_PI: Value = lambda x: 2 * (-_ball(x) * _ball(x)).exp() / arb.pi().sqrt()  # noqa: E731


def _one_over(value: Value) -> Slope:
    return lambda x, _: divide(ONE, value(x))


def _scaled(value: Value, base: int) -> Value:
    def scaled(x: Element) -> Element:
        plain = value(x)
        return plain if type(plain) is float else plain / arb(base).log()

    return scaled


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
    "expm1": (lambda x: subtract(exp(x), ONE), lambda x, _: exp(x)),
    "log": (log, lambda x, _: divide(ONE, x)),
    "log1p": (lambda x: log(extended.add(ONE, x)), _one_over(lambda x: extended.add(ONE, x))),
    "log2": (_scaled(log, 2), lambda x, _: divide(ONE, multiply(x, arb(2).log()))),
    "log10": (_scaled(log, 10), lambda x, _: divide(ONE, multiply(x, arb(10).log()))),
    "sqrt": (sqrt, lambda _, f: divide(_HALF, f)),
    "rsqrt": (lambda x: divide(ONE, sqrt(x)), lambda x, f: multiply(-_HALF, divide(f, x))),
    "reciprocal": (lambda x: divide(ONE, x), lambda _, f: negate(multiply(f, f))),
    "square": (lambda x: multiply(x, x), lambda x, _: multiply(fmpq(2), x)),
    "sin": (_at_infinity(NAN, NAN, arb.sin, extended.ZERO), lambda x, _: finite(_ball(x).cos())),
    "cos": (_at_infinity(NAN, NAN, arb.cos, ONE), lambda x, _: finite(-_ball(x).sin())),
    "tan": (
        _at_infinity(NAN, NAN, arb.tan, extended.ZERO),
        lambda _, f: extended.add(ONE, multiply(f, f)),
    ),
    "asin": (
        lambda x: finite(_ball(x).asin()) if sign(subtract(ONE, multiply(x, x))) != -1 else NAN,
        _one_over(lambda x: sqrt(subtract(ONE, multiply(x, x)))),
    ),
    "acos": (
        lambda x: finite(_ball(x).acos()) if sign(subtract(ONE, multiply(x, x))) != -1 else NAN,
        lambda x, _: negate(divide(ONE, sqrt(subtract(ONE, multiply(x, x))))),
    ),
    "atan": (
        lambda x: (
            multiply(fmpq(1 if x > 0 else -1, 2), arb.pi())
            if type(x) is float
            else extended.ZERO
            if x == 0
            else finite(_ball(x).atan())
        ),
        _one_over(lambda x: extended.add(ONE, multiply(x, x))),
    ),
    "sinh": (
        _at_infinity(-INF, INF, arb.sinh, extended.ZERO),
        lambda x, _: finite(_ball(x).cosh()),
    ),
    "cosh": (_at_infinity(INF, INF, arb.cosh, ONE), lambda x, _: finite(_ball(x).sinh())),
    "tanh": (
        _at_infinity(-ONE, ONE, arb.tanh, extended.ZERO),
        lambda _, f: subtract(ONE, multiply(f, f)),
    ),
    "asinh": (
        _at_infinity(-INF, INF, arb.asinh, extended.ZERO),
        _one_over(lambda x: sqrt(extended.add(ONE, multiply(x, x)))),
    ),
    "acosh": (
        lambda x: NAN if sign(subtract(x, ONE)) == -1 else finite(_ball(x).acosh()),
        _one_over(lambda x: sqrt(subtract(multiply(x, x), ONE))),
    ),
    "atanh": (
        _between(-1, 1, arb.atanh),
        _one_over(lambda x: subtract(ONE, multiply(x, x))),
    ),
    "erf": (_at_infinity(-ONE, ONE, arb.erf, extended.ZERO), lambda x, _: _TWO_OVER_ROOT_PI(x)),
    "erfc": (
        _at_infinity(fmpq(2), extended.ZERO, arb.erfc, ONE),
        lambda x, _: -_TWO_OVER_ROOT_PI(x),
    ),
    "erfinv": (_between(-1, 1, arb.erfinv), lambda _, f: divide(ONE, _TWO_OVER_ROOT_PI(f))),
    "lgamma": (lambda x: finite(_ball(x).lgamma()), lambda x, _: finite(_ball(x).digamma())),
    "digamma": (
        lambda x: finite(_ball(x).digamma()),
        lambda x, _: finite(arb(2).zeta(_ball(x))),  # Hurwitz's zeta(2, x), the trigamma function
    ),
    "sigmoid": (logistic, lambda _, f: multiply(f, subtract(ONE, f))),
    "softplus": (softplus, lambda x, _: logistic(x)),
    "log_sigmoid": (
        lambda x: negate(softplus(negate(x))),
        lambda x, _: logistic(negate(x)),
    ),
}
"""Each smooth function of one number: its value, and its derivative from argument and value."""

STEPS: dict[str, Value] = {
    "floor": _integral(lambda x: int(x.floor())),
    "ceil": _integral(lambda x: int(x.ceil())),
    "trunc": _integral(lambda x: int(x.floor()) if x >= 0 else int(x.ceil())),
    "round": _integral(_nearest),
}
"""Functions that are constant between jumps."""


def apply(name: str, a: Dual) -> Dual:
    """Return the function of `TABLE` or `STEPS` called `name` at `a`."""
    if name in STEPS:
        return step(STEPS[name], a)
    value, derivative = TABLE[name]
    result = value(a.value)
    if a.slope is None:
        return Dual(result)
    return Dual(result, combine(((derivative(a.value, result), a.slope),)))


def function(name: str) -> Callable[[Dual], Dual]:
    """Return the function of `TABLE` or `STEPS` called `name`."""
    return lambda a: apply(name, a)


def step(value: Value, a: Dual) -> Dual:
    """Return a function that is constant between jumps; a jump is met like any other tie."""
    result = value(a.value)
    if a.slope is not None and type(result) is fmpq:
        # The jumps lie at integers or half way between; on either side the value may change.
        for edge in (result, result - _HALF, result + _HALF, result - 1, result + 1):
            jumps = value(edge - fmpq(1, 2**20)) != value(edge + fmpq(1, 2**20))
            if jumps and subtract(a.value, edge) == 0:
                side = compare(a, Dual(edge))
                return Dual(value(edge + fmpq(side or 0, 2**20)))
    return Dual(result)


def sign_of(a: Dual) -> Dual:
    """Return the sign, 0 at 0, nan at nan."""
    outcome = compare(a, Dual(extended.ZERO))
    return a if outcome is None else Dual(fmpq(outcome))


def power(base: Dual, exponent: Dual) -> Dual:
    """Return ``base ** exponent``; a negative base needs an integer exponent.

    Anything to the power 0 is 1, as in IEEE 754.
    """
    if exponent.slope is None and _is_integer(exponent.value):
        return integer_power(base, int(exponent.value.p))
    value = _real_power(base.value, exponent.value)
    if base.slope is None and exponent.slope is None:
        return Dual(value)
    by_base = multiply(exponent.value, _real_power(base.value, subtract(exponent.value, ONE)))
    if exponent.slope is None:
        return Dual(value, combine(((by_base, base.slope),)))
    zero = type(base.value) is not float and sign(base.value) == 0
    by_exponent = extended.ZERO if zero else multiply(value, log(base.value))
    return Dual(value, combine(((by_base, base.slope), (by_exponent, exponent.slope))))


def integer_power(base: Dual, exponent: int) -> Dual:
    """Return ``base ** exponent``."""
    value = extended.power_of_integer(base.value, exponent)
    if base.slope is None or exponent == 0:
        return Dual(value)
    by_base = multiply(fmpq(exponent), _power(base.value, exponent - 1))
    return Dual(value, combine(((by_base, base.slope),)))


def _is_integer(value: Element) -> bool:
    return type(value) is fmpq and value.q == 1 and abs(value.p) < 2**16


def _real_power(base: Element, exponent: Element) -> Element:
    if _is_integer(exponent):
        return _power(base, int(exponent.p))
    if type(base) is float or type(exponent) is float:
        return extended.exact(float(_approximate(base)) ** float(_approximate(exponent)))
    below = sign(base)
    if below == -1:
        return NAN
    if below == 0:
        return extended.ZERO if sign(exponent) == 1 else INF
    if type(exponent) is fmpq and exponent.q == 2:
        return _power(sqrt(base), int(exponent.p))
    return exp(multiply(exponent, log(base)))


def _approximate(value: Element) -> float:
    """Return a float in place of a finite number beside an infinity: its side of 0 and of 1."""
    if type(value) is float:
        return value
    below = sign(value) or 0
    return below * (1.0 + 0.5 * (sign(subtract(multiply(value, value), ONE)) or 0))


def atan2(a: Dual, b: Dual) -> Dual:
    """Return the angle of the point (b, a), in (-pi, pi]."""
    value = arb.atan2(_ball(a.value), _ball(b.value))
    if type(a.value) is fmpq and a.value == 0 and sign(b.value) != -1:
        return Dual(extended.ZERO, _turn(a, b))
    return Dual(finite(value), _turn(a, b))


def _turn(a: Dual, b: Dual) -> Element:
    square = extended.add(multiply(a.value, a.value), multiply(b.value, b.value))
    pairs = ((divide(b.value, square), a.slope), (negate(divide(a.value, square)), b.slope))
    return combine(pairs)


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
