"""Exact meaning of PyTorch's elementwise operations, by their ATen and prims names.

Guarantees: each rule is the operation's definition over the extended reals.
A Python float reaches a rule as the number it is in the dtype of the operands.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import fmpq

from . import (
    arrays,
    extended,
    functions,
    torch_distances,  # noqa: F401  (here and below: registers its rules)
    torch_indexing,  # noqa: F401
    torch_losses,  # noqa: F401
    torch_orders,  # noqa: F401
    torch_reductions,  # noqa: F401
    torch_special,  # noqa: F401
    torch_structure,  # noqa: F401
    torch_windows,  # noqa: F401
)
from .arrays import Array, as_array, is_exact, mapped, tested, to_exact
from .dual import ZERO, Dual
from .registry import rule

_SAME = (
    "exp exp2 expm1 log log1p log2 log10 sqrt rsqrt reciprocal sin cos tan asin acos atan sinh cosh"
    " tanh asinh acosh atanh erf erfc erfinv lgamma sigmoid floor ceil trunc"
)


def _elementwise(name: str) -> Any:
    array = mapped(functions.function(name))
    return lambda x: array(to_exact(x))


for _name in _SAME.split():
    rule("torch", _name)(_elementwise(_name))

_other = {"special_expit": "sigmoid", "special_erf": "erf", "special_erfc": "erfc"}
_other |= {"special_erfinv": "erfinv", "special_log1p": "log1p", "special_expm1": "expm1"}
for _alias, _name in _other.items():
    rule("torch", _alias)(_elementwise(_name))

rule("torch", "log_sigmoid")(_elementwise("log_sigmoid"))


def _pair(a: Any, b: Any) -> tuple[Array, Array]:
    """Return two operands as arrays of one kind: exact as soon as one of them is."""
    left, right = as_array(a), as_array(b)
    if is_exact(left) or is_exact(right):
        return to_exact(left), to_exact(right)
    return left, right


def _scaled(b: Any, alpha: Any) -> Array:
    left, right = _pair(b, alpha)
    return as_array(left * right)


@rule("torch", "add")
def add(a: Any, b: Any, alpha: Any = 1) -> Array:
    """Return ``a + alpha * b``."""
    left, right = _pair(a, b if alpha == 1 else _scaled(b, alpha))
    return as_array(left | right if left.dtype == bool else left + right)


@rule("torch", "sub")
def subtract(a: Any, b: Any, alpha: Any = 1) -> Array:
    """Return ``a - alpha * b``."""
    left, right = _pair(a, b if alpha == 1 else _scaled(b, alpha))
    return as_array(left - right)


@rule("torch", "rsub")
def subtract_from(a: Any, b: Any, alpha: Any = 1) -> Array:
    """Return ``b - alpha * a``."""
    return subtract(b, a, alpha)


@rule("torch", "mul")
def multiply(a: Any, b: Any) -> Array:
    """Return ``a * b``; the product with a boolean keeps or drops."""
    left, right = _pair(a, b)
    return as_array(left * right)


@rule("torch", "div", "true_divide")
def divide(a: Any, b: Any, rounding_mode: str | None = None) -> Array:
    """Return ``a / b``, rounded down or towards 0 on request."""
    result = as_array(to_exact(a) / to_exact(b))
    if rounding_mode is None:
        return result
    return mapped(functions.function(rounding_mode))(result)


@rule("torch", "floor_divide")
def floor_divide(a: Any, b: Any) -> Array:
    """Return the quotient, rounded down."""
    left, right = _pair(a, b)
    if not is_exact(left):
        return as_array(left // right)
    return divide(a, b, "floor")


@rule("torch", "remainder")
def remainder(a: Any, b: Any) -> Array:
    """Return ``a - b * floor(a / b)``."""
    left, right = _pair(a, b)
    if not is_exact(left):
        return as_array(left % right)
    return as_array(left - right * divide(left, right, "floor"))


@rule("torch", "fmod")
def fmod(a: Any, b: Any) -> Array:
    """Return ``a - b * trunc(a / b)``."""
    left, right = to_exact(a), to_exact(b)
    return as_array(left - right * divide(left, right, "trunc"))


@rule("torch", "neg")
def negative(a: Array) -> Array:
    """Return ``-a``."""
    return as_array(-a)


@rule("torch", "abs")
def absolute(a: Array) -> Array:
    """Return ``|a|``."""
    return arrays.absolute(a) if is_exact(a) else as_array(np.abs(a))


@rule("torch", "sign", "sgn")
def sign(a: Array) -> Array:
    """Return the sign; 0 at 0."""
    return mapped(functions.sign_of)(a) if is_exact(a) else as_array(np.sign(a))


@rule("torch", "round")
def round_(a: Array, decimals: int = 0) -> Array:
    """Return the nearest integer, the even one half way between two."""
    scale = Dual(fmpq(10) ** decimals)
    return as_array(mapped(functions.function("round"))(a * scale) / scale)


@rule("torch", "pow")
def power(a: Any, b: Any) -> Array:
    """Return ``a ** b``."""
    left, right = _pair(a, b)
    return as_array(left**right) if not is_exact(left) else mapped(functions.power, 2)(left, right)


@rule("torch", "maximum", "fmax")
def maximum(a: Any, b: Any) -> Array:
    """Return the greater one."""
    left, right = _pair(a, b)
    return arrays.maximum(left, right) if is_exact(left) else as_array(np.maximum(left, right))


@rule("torch", "minimum", "fmin")
def minimum(a: Any, b: Any) -> Array:
    """Return the smaller one."""
    left, right = _pair(a, b)
    return arrays.minimum(left, right) if is_exact(left) else as_array(np.minimum(left, right))


@rule("torch", "clamp", "clip")
def clamp(a: Any, min: Any = None, max: Any = None) -> Array:  # noqa: A002 (PyTorch's names)
    """Return `a` within the bounds; the upper one wins where they cross."""
    result = a
    if min is not None:
        result = maximum(result, min)
    return result if max is None else minimum(result, max)


@rule("torch", "clamp_min")
def clamp_min(a: Any, min: Any) -> Array:  # noqa: A002
    """Return the greater of `a` and the bound."""
    return maximum(a, min)


@rule("torch", "clamp_max")
def clamp_max(a: Any, max: Any) -> Array:  # noqa: A002
    """Return the smaller of `a` and the bound."""
    return minimum(a, max)


@rule("torch", "relu")
def relu(a: Array) -> Array:
    """Return the greater of `a` and 0."""
    return maximum(a, 0)


@rule("torch", "threshold")
def threshold(a: Any, bound: Any, value: Any) -> Array:
    """Return `a` where it exceeds the bound, else the value."""
    left, right = _pair(a, bound)
    return where(arrays.greater(left, right), left, value)


_COMPARISONS = {
    "eq": (arrays.equal, np.equal),
    "ne": (arrays.not_equal, np.not_equal),
    "lt": (arrays.less, np.less),
    "le": (arrays.less_equal, np.less_equal),
    "gt": (arrays.greater, np.greater),
    "ge": (arrays.greater_equal, np.greater_equal),
}


def _comparison(exact: Any, plain: Any) -> Any:
    def compared(a: Any, b: Any) -> Array:
        left, right = _pair(a, b)
        return exact(left, right) if is_exact(left) else as_array(plain(left, right))

    return compared


for _name, (_exact, _plain) in _COMPARISONS.items():
    rule("torch", _name)(_comparison(_exact, _plain))

_truth = tested(lambda a: (a if isinstance(a, Dual) else Dual(extended.exact(a))) != 0)


def truth(a: Any) -> Array:
    """Return where numbers are not 0."""
    array = as_array(a)
    return _truth(array) if is_exact(array) else array.astype(bool)


rule("torch", "logical_and")(lambda a, b: truth(a) & truth(b))
rule("torch", "logical_or")(lambda a, b: truth(a) | truth(b))
rule("torch", "logical_xor")(lambda a, b: truth(a) ^ truth(b))
rule("torch", "logical_not")(lambda a: ~truth(a))
rule("torch", "bitwise_and")(lambda a, b: as_array(a & b))
rule("torch", "bitwise_or")(lambda a, b: as_array(a | b))
rule("torch", "bitwise_xor")(lambda a, b: as_array(a ^ b))
rule("torch", "bitwise_not")(lambda a: as_array(~a))
rule("torch", "isnan")(lambda a: tested(functions.is_nan)(to_exact(a)))
rule("torch", "isinf")(lambda a: tested(functions.is_infinite)(to_exact(a)))
rule("torch", "isfinite")(lambda a: tested(functions.is_finite)(to_exact(a)))


@rule("torch", "where")
def where(condition: Any, a: Any, b: Any) -> Array:
    """Return `a` where the condition holds, else `b`."""
    left, right = _pair(a, b)
    return as_array(np.where(np.asarray(condition, bool), left, right))


@rule("torch", "masked_fill")
def masked_fill(a: Any, mask: Any, value: Any) -> Array:
    """Return `a` with the value where the mask is true."""
    return where(mask, value, a)


@rule("torch", "signbit")
def signbit(a: Any) -> Array:
    """Return where numbers are below 0; there is one 0 here, a positive one."""
    return arrays.less(to_exact(a), as_array(ZERO))


@rule("torch", "hardshrink_backward", "softshrink_backward")
def shrink_backward(upstream: Array, a: Array, bound: Any) -> Array:
    """Return the gradient of what is 0 between the bounds, both of them included."""
    left, right = _pair(a, bound)
    inside = arrays.less_equal(arrays.absolute(left), right)
    return where(inside, ZERO, upstream)
