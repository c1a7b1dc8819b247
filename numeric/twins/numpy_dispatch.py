"""Calls of NumPy's functions in an exact run: which rule, on which numbers, of which dtype.

Guarantees: constants enter as the exact values of the floats that the dtype in use makes of them;
dtypes follow NumPy's promotion, in which numbers of Python are weak; where no float is involved,
NumPy itself computes.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ...symbolic.errors import UnsupportedError
from .arrays import Array, as_array
from .dual import Dual
from .exact_array import FLOAT64, ExactArray, ExactScalar, integers, numbers, wrap
from .extended import NAN
from .numpy_kinds import Kind, common, is_float, kind_of, kinds_in, plain
from .numpy_messages import note_narrowing, public_name, refused
from .registry import Rule, find_rule
from .run import user_line

OWN: dict[str, Rule] = {}
"""Functions that take exact arrays as they are, by name."""

FROM_INTEGERS = frozenset({"average", "corrcoef", "linalg.norm", "mean", "median", "std", "var"})
"""Functions that give floats for integers."""

PROMOTING = frozenset(
    {"append", "concatenate", "cross", "dot", "einsum", "hstack", "inner", "kron", "outer"}
    | {"select", "stack", "tensordot", "vdot", "vstack", "where", "column_stack"}
)
"""Functions whose dtype depends on their integer arguments too."""

OPTIONS = frozenset(
    {"axis", "axes", "keepdims", "dtype", "ord", "ddof", "decimals", "rtol", "atol"}
)
"""Keywords that are no numbers of the program."""


IGNORED = frozenset(
    {"casting", "copy", "device", "dtype", "kind", "kth", "optimize", "order", "out"}
    | {"overwrite_input", "stable", "subok"}
)
"""Parameters that change no exact value, or that are seen to outside the rules."""


def name_of(function: Any) -> str:
    """Return the name that rules for a function of a library are registered by."""
    name = str(getattr(function, "__name__", function))
    module = str(getattr(function, "__module__", "") or "")
    if isinstance(function, np.ufunc) or module in ("numpy", "math"):
        return name
    if module == "numpy.linalg":
        return f"linalg.{name}"
    if module.startswith(("numpy.", "scipy.special")):
        return name
    return public_name(module, name)


@lru_cache(maxsize=4096)
def _loop(ufunc: np.ufunc, kinds: tuple[Kind, ...]) -> tuple[np.dtype[Any], ...]:
    return tuple(ufunc.resolve_dtypes((*kinds, *([None] * ufunc.nout))))


def call_ufunc(ufunc: np.ufunc, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """Return what a ufunc of NumPy or SciPy, or a method of one, means exactly."""
    if method == "__call__":
        return _call(ufunc, inputs, dict(options))
    from .numpy_ufunc_methods import METHODS

    if method not in METHODS:
        raise refused(f"{ufunc.__name__}.{method}")
    return METHODS[method](ufunc, *inputs, **options)


def _operand(value: Any) -> Any:
    if isinstance(value, list | tuple):
        from .numpy_creation import array

        return array(value)
    return value


def _call(ufunc: np.ufunc, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    out, where = options.pop("out", None), options.pop("where", True)
    asked = options.pop("dtype", None)
    inputs = [_operand(v) for v in inputs]
    if len(inputs) > ufunc.nin:
        out, inputs = tuple(inputs[ufunc.nin :]), inputs[: ufunc.nin]
    kinds = [kind_of(v) for v in inputs]
    if any(k is None for k in kinds):
        return NotImplemented
    dtypes = _loop(ufunc, tuple(kinds))
    if not any(map(is_float, (*kinds, *dtypes))):
        return _natively(ufunc, inputs, out, where, options)
    if any(d.kind not in "fiub" for d in dtypes):
        raise refused(f"{ufunc.__name__} on {dtypes}")
    rule = find_rule("numpy", ufunc.__name__)
    if rule is None:
        raise refused(ufunc.__name__)
    raws = [
        numbers(v, d) if d.kind == "f" else plain(v)
        for v, d in zip(inputs, dtypes[: ufunc.nin], strict=True)
    ]
    if where is not True:
        return _masked(rule, raws, plain(where), out, dtypes[-1])
    result = rule(*raws)
    if asked is not None and dtypes[-1].kind == "f":
        note_narrowing(dtypes[-1], np.dtype(asked))
        dtypes = (*dtypes[:-1], np.dtype(asked))
    if out is not None:
        return deliver(wrap(result, dtypes[-1]), out)
    if ufunc.nout > 1:
        return tuple(wrap(r, d) for r, d in zip(result, dtypes[ufunc.nin :], strict=True))
    return wrap(result, dtypes[-1])


def _natively(
    ufunc: np.ufunc, inputs: Sequence[Any], out: Any, where: Any, options: dict[str, Any]
) -> Any:
    """Compute with integers and booleans in NumPy itself."""
    if where is not True:
        options["where"] = plain(where)
    if out is not None and not isinstance(_first(out), np.ndarray):
        return deliver(wrap(ufunc(*plain(list(inputs)), **options), FLOAT64), out)
    result = ufunc(*plain(list(inputs)), out=out, **options)
    return wrap(result, FLOAT64)


def _masked(rule: Rule, raws: list[Array], where: Any, out: Any, dtype: np.dtype[Any]) -> Any:
    """Compute a ufunc only where a mask says so; elsewhere there is what `out` holds."""
    shape = np.broadcast_shapes(np.shape(where), *(np.shape(r) for r in raws))
    mask = np.broadcast_to(where, shape)
    chosen = rule(*(np.broadcast_to(r, shape)[mask] for r in raws))
    if out is None:
        blank = np.full(shape, Dual(NAN)) if chosen.dtype == object else np.zeros(shape, bool)
        target = wrap(np.array(blank), dtype)
        target = ExactArray(target.data, dtype) if isinstance(target, ExactScalar) else target
    else:
        target = _first(out)
        _check_target(target)
    target[mask] = wrap(chosen, dtype)
    return target


def _first(out: Any) -> Any:
    return out[0] if isinstance(out, tuple) else out


def _check_target(target: Any) -> None:
    if isinstance(target, ExactScalar) or not isinstance(target, ExactArray | np.ndarray):
        raise TypeError("return arrays must be of ArrayType")
    if isinstance(target, np.ndarray) and target.dtype.kind == "f":
        raise UnsupportedError(
            "an exact number is written into an array of the exact run",
            found=f"an array of floats from outside it at {user_line()}",
            remedy="create the array inside the program, or copy it with np.array first",
        )


def deliver(result: Any, out: Any) -> Any:
    """Write a result into `out`, and return that."""
    target = _first(out)
    if target is None:
        return result
    _check_target(target)
    if kind_of(result) is not None and is_float(kind_of(result)) and target.dtype.kind != "f":
        raise TypeError(f"Cannot cast ufunc output from {result.dtype!r} to {target.dtype!r}")
    target[...] = result
    return target


@lru_cache(maxsize=1024)
def _parameters(function: Any) -> tuple[tuple[str, ...], bool]:
    """Return the names of a function's parameters, and whether it takes any others."""
    try:
        found = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return (), False
    return tuple(found), any(p.kind is p.VAR_KEYWORD for p in found.values())


@lru_cache(maxsize=1024)
def _positional(function: Any) -> tuple[str, ...]:
    """Return the names of what a function takes by place; of none if it takes any number."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return ()
    if any(p.kind is p.VAR_POSITIONAL for p in found):
        return ()
    return tuple(p.name for p in found if p.kind is not p.KEYWORD_ONLY)


def call_function(function: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Return what a function of NumPy or SciPy means exactly."""
    name = name_of(function)
    if name in OWN:
        return OWN[name](*args, **kwargs)
    values = (*args, *(v for n, v in kwargs.items() if n not in OPTIONS))
    kinds = [k for v in values for k in kinds_in(v)]
    asked = kwargs.get("dtype")
    wanted = asked is not None and np.dtype(asked).kind == "f"
    if not (any(map(is_float, kinds)) or wanted or name in FROM_INTEGERS):
        given = {n: plain(v) for n, v in kwargs.items()}
        return wrap(function(*(plain(v) for v in args), **given), FLOAT64)
    rule = find_rule("numpy", name)
    if rule is None:
        raise refused(name)
    chosen = kinds if name in PROMOTING else [k for k in kinds if is_float(k)]
    dtype = common(chosen)
    if name in FROM_INTEGERS and isinstance(args[0], list | tuple):
        args = (_operand(args[0]), *args[1:])
    positional, options = _bound(function, args, kwargs)
    out, asked = options.pop("out", None), options.pop("dtype", None)
    _drop(rule, name, options)
    given = {n: v if n in OPTIONS else lowered(v, dtype) for n, v in options.items()}
    result = rule(*(lowered(v, dtype) for v in positional), **given)
    return deliver(wrap(result, dtype) if asked is None else _cast(result, dtype, asked), out)


def _bound(
    function: Any, args: Sequence[Any], kwargs: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Return arguments with those by name that come after one that a rule does not take."""
    names = _positional(function)
    options, positional = dict(kwargs), list(args)
    for place, name in enumerate(names[: len(args)]):
        if name in IGNORED:
            options |= dict(zip(names[place:], args[place:], strict=False))
            return positional[:place], options
    return positional, options


def _drop(rule: Rule, name: str, options: dict[str, Any]) -> None:
    """Leave out the options that change no exact value; refuse what the rule does not know."""
    names, free = _parameters(rule)
    for option in list(options):
        if option in names or free:
            continue
        if option not in IGNORED or (option == "copy" and not options[option]):
            raise refused(f"{name} with {option}=")
        del options[option]


def _cast(result: Any, before: np.dtype[Any], asked: Any) -> Any:
    after = np.dtype(asked)
    if after.kind != "f":
        return wrap(integers(as_array(result), after), after)
    note_narrowing(before, after)
    return wrap(result, after)


def lowered(value: Any, dtype: np.dtype[Any]) -> Any:
    """Return an argument as a rule takes it: floats as arrays of numbers, the rest plain."""
    if isinstance(value, list | tuple):
        if any(is_float(k) for k in kinds_in(value)):
            if all(kind_of(v) is not None and not np.shape(v) for v in value):
                return numbers(value, dtype)
            return [lowered(v, dtype) for v in value]
        return plain(value)
    kind = kind_of(value)
    return numbers(value, dtype) if kind is not None and is_float(kind) else plain(value)
