"""NumPy programs and their exact twins.

Guarantees: the twin runs the user's own code, on exact arrays; his modules are not changed.
A program whose second call with the same inputs gives another result is refused.
"""

from __future__ import annotations

import copy
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...symbolic.errors import DeclarationError, GradproofError, UnsupportedError
from ..floats import FORMATS, round_to, to_float
from .adaptor import Executable, Program
from .arguments import Argument, FixedArgument, FloatArgument
from .arrays import Array, to_exact
from .dual import Dual
from .exact_array import ExactArray, ExactScalar
from .extended import is_special, subtract
from .numpy_autograd import gradient_of, session_for
from .numpy_messages import is_library, unswallowed
from .numpy_rebinding import Session
from .registry import impure
from .run import FIRST_BITS, Run, Undecided, current_run, running
from .tangents import is_zero

_OWN = str(Path(__file__).resolve().parents[1])


def place_of(program: Program) -> str:
    """Return file and line at which a program is defined."""
    function = getattr(program, "__func__", program)
    method = vars(type(program)).get("__call__")
    code = getattr(function, "__code__", None) or getattr(method, "__code__", None)
    return f"{Path(code.co_filename).name}:{code.co_firstlineno}" if code else repr(program)


def _users_error(error: Exception) -> DeclarationError:
    """Return the error for an exception of the user's program."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if not f.filename.startswith(_OWN) and not is_library(f.filename)]
    place = f" at {Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
    return DeclarationError(
        "a program returns a value for its inputs",
        found=f"{type(error).__name__}: {error}{place}",
        remedy="run it on these inputs in NumPy, and repair it or hand in others",
    )


def _called(program: Program, arguments: Sequence[Any]) -> Any:
    try:
        with unswallowed():
            return program(*arguments)
    except GradproofError:
        raise
    except Exception as error:
        raise _users_error(error) from error


def flattened(result: Any) -> list[Any]:
    """Return the arrays and numbers of a nested result in their order."""
    if isinstance(result, dict):
        return [leaf for part in result.values() for leaf in flattened(part)]
    if isinstance(result, tuple | list):
        return [leaf for part in result for leaf in flattened(part)]
    return [] if result is None else [result]


def _output(leaf: Any) -> Array:
    if isinstance(leaf, ExactArray):
        return leaf.data.copy()
    array = np.asarray(leaf)
    if array.dtype.kind not in "fiubO":
        raise DeclarationError(
            "a program returns numbers", found=repr(leaf), remedy="return a loss or a gradient"
        )
    return to_exact(array) if array.dtype.kind == "f" else array


def _fixed(value: Any, session: Session) -> Any:
    if isinstance(value, np.ndarray):
        return session.rebind(value.copy())
    if isinstance(value, list | dict | set):
        return session.rebind(copy.deepcopy(value))
    return session.rebind(value)


def _given(arguments: Sequence[Argument], arrays: Sequence[Array], session: Session) -> list[Any]:
    floats = iter(arrays)
    given: list[Any] = []
    for argument in arguments:
        if isinstance(argument, FixedArgument):
            given.append(_fixed(argument.value, session))
            continue
        dtype = _dtype(argument)
        data = next(floats).copy()
        given.append(ExactArray(data, dtype) if data.ndim else ExactScalar(data, dtype))
    return given


def _dtype(argument: FloatArgument) -> np.dtype[Any]:
    if argument.dtype == "bfloat16":
        raise UnsupportedError(
            "NumPy has the floats float16, float32 and float64",
            found="an argument of dtype bfloat16",
            remedy="name another dtype",
        )
    return np.dtype(argument.dtype)


def _unchanged(value: Any, before: Array) -> bool:
    if value.data.shape != before.shape:
        return False
    if before.dtype != object:
        return bool(np.array_equal(value.data, before))
    return all(a is b for a, b in zip(value.data.flat, before.flat, strict=True))


def _watched(program: Program, given: list[Any]) -> list[Array]:
    """Run a rebound program; note if it writes into its inputs."""
    arrays = [a for a in given if isinstance(a, ExactArray)]
    before = [a.data.copy() for a in arrays]
    result = _called(program, given)
    outputs = [_output(leaf) for leaf in flattened(result)]
    if not all(map(_unchanged, arrays, before)):
        current_run().note("the program changes its input")
    return outputs


def _session(program: Program) -> Session:
    return session_for(
        program, str(getattr(program, "__module__", None) or type(program).__module__)
    )


class NumpyAdaptor:
    """The border between gradproof and NumPy."""

    name = "numpy"

    def trace(self, program: Program, arguments: Sequence[Argument]) -> Executable:
        """Return `program` as something that runs in exact arithmetic."""
        arguments = tuple(arguments)

        def executable(arrays: Sequence[Array]) -> list[Array]:
            session = _session(program)
            return _watched(session.rebind(program), _given(arguments, arrays, session))

        _refuse_state(program, arguments)
        return executable

    def gradient(self, program: Program, argnums: Sequence[int]) -> Program:
        """Return the gradient that HIPS autograd makes of `program`."""
        return gradient_of(program, tuple(argnums))

    def floats(self, program: Program, arguments: Sequence[Argument]) -> list[Array]:
        """Return the outputs of a plain run in floats, as float64 arrays that hold them exactly."""
        given = [
            _floats(a) if isinstance(a, FloatArgument) else copy.deepcopy(a.value)
            for a in arguments
        ]
        with np.errstate(all="ignore"):
            result = _called(program, given)
        return [np.asarray(leaf, np.float64) for leaf in flattened(result)]


def _floats(argument: FloatArgument) -> Any:
    dtype = _dtype(argument)
    rounded = [to_float(round_to(v, FORMATS[argument.dtype])) for v in argument.values]
    return np.array(rounded, np.float64).astype(dtype).reshape(argument.shape)[()]


def _refuse_state(program: Program, arguments: Sequence[Argument]) -> None:
    """Refuse a program whose second call with the same inputs gives another result."""
    inputs = [a.duals() for a in arguments if isinstance(a, FloatArgument)]
    session = _session(program)
    try:
        with running(Run(), FIRST_BITS):
            rebound: Callable[..., Any] = session.rebind(program)
            first = _watched(rebound, _given(arguments, inputs, session))
            second = _watched(rebound, _given(arguments, inputs, session))
            same = len(first) == len(second) and all(map(_may_agree, first, second))
    except Undecided:
        return
    if not same:
        raise impure("a second call with the same inputs gives another result", place_of(program))


def _may_agree(first: Array, second: Array) -> bool:
    if first.shape != second.shape:
        return False
    if first.dtype != object or second.dtype != object:
        return bool(np.array_equal(first, second))
    return all(_overlap(a, b) for a, b in zip(first.flat, second.flat, strict=True))


def _overlap(a: Dual, b: Dual) -> bool:
    if is_special(a.value) or is_special(b.value):
        return repr(a.value) == repr(b.value)
    gap = subtract(a.value, b.value)
    return is_zero(gap) or (hasattr(gap, "contains") and bool(gap.contains(0)))
