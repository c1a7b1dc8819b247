"""Exact rules for the functions of ``scipy.special`` that losses use.

Guarantees: values outside a domain are SciPy's infinities and nan; sums of exponentials are shifted
by nothing, since exact exponentials neither overflow nor round.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import fmpq

from . import arrays, dual, functions
from .arrays import Array, Axes, as_array, mapped, to_exact
from .dual import UNIT, ZERO, Dual, compare, is_exact_zero
from .extended import INF, NAN
from .numpy_messages import refused
from .registry import RULES, rule

for _name, _own in {
    "erf": "erf",
    "erfc": "erfc",
    "erfinv": "erfinv",
    "expit": "sigmoid",
    "digamma": "digamma",
    "gammaln": "lgamma",
    "log_expit": "log_sigmoid",
    "psi": "digamma",
    "softplus": "softplus",
}.items():
    RULES["numpy"][_name] = mapped(functions.function(_own))


def _log(x: Dual) -> Dual:
    return functions.apply("log", x)


def _exp(x: Dual) -> Dual:
    return functions.apply("exp", x)


def logit(p: Dual) -> Dual:
    """Return ``log(p / (1 - p))``."""
    return _log(p) - functions.apply("log1p", -p)


def xlogy(x: Dual, y: Dual) -> Dual:
    """Return ``x log(y)``, 0 where `x` is."""
    if is_exact_zero(x) and y.value == y.value:
        # Its slope is that of x log(y) at y > 0.
        return x * _log(y) if x.slope is not None and not is_exact_zero(y) else ZERO
    return x * _log(y)


def xlog1py(x: Dual, y: Dual) -> Dual:
    """Return ``x log(1 + y)``, 0 where `x` is."""
    return xlogy(x, UNIT + y)


def entr(x: Dual) -> Dual:
    """Return ``-x log(x)``, 0 at 0 and -inf below."""
    side = compare(x, ZERO)
    if side == -1:
        return Dual(-INF)
    return ZERO if side == 0 else -(x * _log(x))


def rel_entr(x: Dual, y: Dual) -> Dual:
    """Return ``x log(x / y)``, 0 at ``x = 0 <= y`` and inf outside."""
    first, second = compare(x, ZERO), compare(y, ZERO)
    if first is None or second is None:
        return Dual(NAN)
    if first == 1 and second == 1:
        return x * _log(x / y)
    return ZERO if first == 0 and second != -1 else Dual(INF)


def kl_div(x: Dual, y: Dual) -> Dual:
    """Return ``x log(x / y) - x + y``."""
    found = rel_entr(x, y)
    return found if functions.is_infinite(found) else found - x + y


def huber(delta: Dual, r: Dual) -> Dual:
    """Return the Huber loss."""
    if compare(delta, ZERO) == -1:
        return Dual(INF)
    size = dual.absolute(r)
    half = Dual(fmpq(1, 2))
    if compare(size, delta, joins=True) != 1:
        return half * r * r
    return delta * (size - half * delta)


def pseudo_huber(delta: Dual, r: Dual) -> Dual:
    """Return the smooth approximation of the Huber loss."""
    if compare(delta, ZERO) == -1:
        return Dual(INF)
    if is_exact_zero(delta) or is_exact_zero(r):
        return ZERO
    share = r / delta
    return delta * delta * (functions.apply("sqrt", UNIT + share * share) - UNIT)


def exprel(x: Dual) -> Dual:
    """Return ``(exp(x) - 1) / x``, 1 at 0."""
    if is_exact_zero(x):
        return Dual(UNIT.value, (x * Dual(fmpq(1, 2))).slope)
    return functions.apply("expm1", x) / x


def boxcox(x: Dual, power: Dual) -> Dual:
    """Return the Box-Cox transformation."""
    if is_exact_zero(power):
        return _log(x)
    return (functions.power(x, power) - UNIT) / power


for _name, _function, _count in (
    ("boxcox", boxcox, 2),
    ("entr", entr, 1),
    ("exprel", exprel, 1),
    ("huber", huber, 2),
    ("kl_div", kl_div, 2),
    ("logit", logit, 1),
    ("pseudo_huber", pseudo_huber, 2),
    ("rel_entr", rel_entr, 2),
    ("xlog1py", xlog1py, 2),
    ("xlogy", xlogy, 2),
):
    RULES["numpy"][_name] = mapped(_function, _count)


def log_total(numbers: list[Dual]) -> Dual:
    """Return the logarithm of the sum of exponentials."""
    if any(functions.is_infinite(n) and n.value > 0 for n in numbers):
        return Dual(INF)
    return _log(dual.total([_exp(n) for n in numbers]))


@rule("numpy", "logsumexp")
def logsumexp(
    a: Array, axis: Axes = None, b: Any = None, keepdims: bool = False, return_sign: bool = False
) -> Array:
    """Return the logarithm of the (weighted) sum of exponentials along an axis."""
    if return_sign:
        raise refused("logsumexp with return_sign=True")
    if b is None:
        return arrays.reduce(log_total, to_exact(a), axis, keepdims)
    terms = mapped(lambda x, w: ZERO if is_exact_zero(w) else w * _exp(x), 2)(
        to_exact(a), to_exact(b)
    )
    return mapped(_log)(arrays.total_along(terms, axis, keepdims))


@rule("numpy", "softmax")
def softmax(x: Array, axis: Axes = None) -> Array:
    """Return the exponentials divided by their sum along an axis."""
    powers = mapped(_exp)(to_exact(x))
    return as_array(powers / arrays.total_along(powers, axis, keepdims=True))


@rule("numpy", "log_softmax")
def log_softmax(x: Array, axis: Axes = None) -> Array:
    """Return the logarithm of the softmax."""
    return as_array(to_exact(x) - logsumexp(x, axis, keepdims=True))


@rule("numpy", "multigammaln")
def multigammaln(a: Array, d: int) -> Array:
    """Return the logarithm of the multivariate gamma function."""
    from flint import arb

    shifts = [Dual(fmpq(-k, 2)) for k in range(int(d))]
    total = dual.ZERO
    for shift in shifts:
        total = total + functions.apply("lgamma", as_array(a)[()] + shift)
    return np.asarray(total + Dual(fmpq(int(d) * (int(d) - 1), 4) * arb.pi().log()), object)
