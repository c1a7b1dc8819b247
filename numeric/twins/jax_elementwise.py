"""Rules of JAX's elementwise arithmetic, functions and comparisons.

Guarantees: on floats each rule is the exact operation, on integers and booleans that of XLA.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from ..elements import fraction
from . import arrays, functions, jax_functions
from .arrays import Array, as_array, is_exact, mapped, tested, to_exact
from .dual import Dual
from .functions import function
from .registry import rule

_NAMES = {
    "acos": "acos",
    "acosh": "acosh",
    "asin": "asin",
    "asinh": "asinh",
    "atan": "atan",
    "atanh": "atanh",
    "ceil": "ceil",
    "cos": "cos",
    "cosh": "cosh",
    "erf": "erf",
    "erf_inv": "erfinv",
    "erfc": "erfc",
    "exp": "exp",
    "exp2": "exp2",
    "expm1": "expm1",
    "floor": "floor",
    "lgamma": "lgamma",
    "log": "log",
    "log1p": "log1p",
    "logistic": "sigmoid",
    "rsqrt": "rsqrt",
    "sin": "sin",
    "sinh": "sinh",
    "sqrt": "sqrt",
    "tan": "tan",
    "tanh": "tanh",
}
"""JAX's names of the functions of `functions.TABLE` and `functions.STEPS`."""

_Operation = Callable[..., Any]


def _keyword_free(operation: _Operation) -> _Operation:
    return lambda *operands, **_: operation(*operands)


def _either(on_floats: _Operation, on_integers: _Operation) -> _Operation:
    """Return a rule that does one thing on exact numbers and another on integers."""
    return lambda *operands, **_: (on_floats if is_exact(operands[0]) else on_integers)(*operands)


for _name, _own in _NAMES.items():
    rule("jax", _name)(_keyword_free(mapped(function(_own))))

rule("jax", "add", "add_any")(_keyword_free(operator.add))
rule("jax", "sub")(_keyword_free(operator.sub))
rule("jax", "mul")(_keyword_free(operator.mul))
rule("jax", "neg")(_keyword_free(operator.neg))
rule("jax", "square")(_either(mapped(function("square")), np.square))
rule("jax", "abs")(_either(arrays.absolute, np.abs))
rule("jax", "sign")(_either(mapped(functions.sign_of), np.sign))
rule("jax", "max")(_either(arrays.maximum, np.maximum))
rule("jax", "min")(_either(arrays.minimum, np.minimum))
rule("jax", "cbrt")(_keyword_free(mapped(jax_functions.cbrt)))
rule("jax", "digamma")(_keyword_free(mapped(jax_functions.digamma)))
rule("jax", "polygamma")(_keyword_free(mapped(jax_functions.polygamma, 2)))
rule("jax", "atan2")(_keyword_free(mapped(jax_functions.atan2, 2)))
rule("jax", "is_finite")(_keyword_free(tested(functions.is_finite)))
rule("jax", "lt", "lt_to")(_either(arrays.less, np.less))
rule("jax", "le", "le_to")(_either(arrays.less_equal, np.less_equal))
rule("jax", "gt")(_either(arrays.greater, np.greater))
rule("jax", "ge")(_either(arrays.greater_equal, np.greater_equal))
rule("jax", "eq", "eq_to")(_either(arrays.equal, np.equal))
rule("jax", "ne")(_either(arrays.not_equal, np.not_equal))

_rounded = {0: mapped(jax_functions.rounded_away), 1: mapped(function("round"))}


@rule("jax", "round")
def _round(x: Array, *, rounding_method: Any, **_: Any) -> Array:
    return _rounded[int(rounding_method)](x)


@rule("jax", "integer_pow")
def _integer_power(x: Array, *, y: int, **_: Any) -> Any:
    if not is_exact(x):
        return x**y
    if y == 2:
        return mapped(function("square"))(x)
    return mapped(lambda a: functions.integer_power(a, y))(x)


_power = mapped(functions.power, 2)


@rule("jax", "pow")
def _pow(x: Array, y: Array, **_: Any) -> Any:
    return _power(x, to_exact(y)) if is_exact(x) else np.power(x, y)


@rule("jax", "div")
def _divide(x: Array, y: Array, **_: Any) -> Any:
    if is_exact(x):
        return x / y
    quotient = np.floor_divide(x, y)
    # XLA rounds towards 0, and gives -1 for a division by 0.
    quotient = quotient + ((quotient < 0) & (np.remainder(x, y) != 0)).astype(quotient.dtype)
    return np.where(y == 0, np.array(-1).astype(x.dtype), quotient)


_remainder = mapped(jax_functions.remainder, 2)


@rule("jax", "rem")
def _rem(x: Array, y: Array, **_: Any) -> Any:
    return _remainder(x, y) if is_exact(x) else np.where(y == 0, x, np.fmod(x, y))


@rule("jax", "clamp")
def _clamp(low: Array, x: Array, high: Array, **_: Any) -> Any:
    if not is_exact(x):
        return np.minimum(np.maximum(x, low), high)
    return arrays.minimum(arrays.maximum(x, low), high)


@rule("jax", "select_n")
def _select(which: Array, *cases: Array, **_: Any) -> Array:
    if which.ndim == 0:
        return cases[int(which)]
    if which.dtype == bool:
        return np.where(which, cases[1], cases[0])
    result = cases[0]
    for place, case in enumerate(cases[1:], 1):
        result = np.where(which == place, case, result)
    return result


@rule("jax", "convert_element_type")
def _convert(x: Array, *, new_dtype: Any, written: bool, **_: Any) -> Array:
    target = np.dtype(new_dtype)
    if target.name in arrays.FLOATS:
        # A float that stands in the program is the one its dtype holds; what is computed, and an
        # integer, is not rounded.
        return _written(x, target.name) if written and is_exact(x) else to_exact(x)
    if not is_exact(x):
        return x.astype(target)
    return _to_integers(x, target)


def _written(x: Array, dtype: str) -> Array:
    return mapped(lambda a: arrays.constant(_middle(a), dtype) if functions.is_finite(a) else a)(x)


def _middle(a: Dual) -> Fraction:
    # In a loose run a constant is a ball around the number that stands in the program.
    return fraction(a.value.mid() if isinstance(a.value, arb) else a.value)


def _to_integers(x: Array, target: np.dtype[Any]) -> Array:
    if target.kind == "b":
        return tested(jax_functions.is_truthy)(x)
    if target.kind not in "iu":
        raise TypeError(f"no exact numbers of dtype {target.name}")
    limits = np.iinfo(target)
    low, high = int(limits.min), int(limits.max)
    integers = mapped(lambda a: jax_functions.float_to_integer(a, low, high))(x)
    return as_array(integers).astype(target)


@rule("jax", "reduce_precision")
def _reduce_precision(x: Array, **_: Any) -> Array:
    return x


@rule("jax", "copy", "copy_p", "stop_gradient", "name", "sharding_constraint", "pvary", "reshard")
def _same(x: Array, **_: Any) -> Array:
    return x


@rule("jax", "device_put", "optimization_barrier")
def _all_the_same(*operands: Array, **_: Any) -> Sequence[Array]:
    return operands
