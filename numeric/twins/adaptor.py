"""What a framework offers so that its programs have exact twins.

An adaptor imports its framework when it is first used, so that none is needed to import gradproof.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any, Protocol, TypeAlias

from ...symbolic.errors import DeclarationError, UnsupportedError
from .arguments import Argument
from .arrays import Array

Program: TypeAlias = Callable[..., Any]

Executable: TypeAlias = Callable[[Sequence[Array]], list[Array]]
"""A traced program: from the object arrays of its float arguments to its output arrays."""


class Adaptor(Protocol):
    """The border between gradproof and a framework."""

    name: str

    def trace(self, program: Program, arguments: Sequence[Argument]) -> Executable:
        """Return `program` as something that runs in exact arithmetic.

        The shapes and the fixed arguments are those of `arguments`; the float arguments of the
        executable are given anew in each run, in their order.
        The executable is called inside ``running(run, bits)``; outputs that are floats are object
        arrays, others plain arrays.
        """

    def gradient(self, program: Program, argnums: Sequence[int]) -> Program:
        """Return the gradient that the framework makes of `program`, its custom rules included.

        It takes one more argument in front, the upstream gradient, an array of the output's shape,
        and returns a tuple with an array for each of `argnums`, counted without the upstream.
        """

    def floats(self, program: Program, arguments: Sequence[Argument]) -> list[Array]:
        """Return the outputs of a plain run in floats, as float64 arrays that hold them exactly."""


_MODULES = {
    "torch": ".torch_adaptor:TorchAdaptor",
    "jax": ".jax_adaptor:JaxAdaptor",
    "numpy": ".numpy_adaptor:NumpyAdaptor",
}

FRAMEWORKS = (*_MODULES, "keras")


@lru_cache(maxsize=8)
def find_adaptor(framework: str) -> Adaptor:
    """Return the adaptor of a framework; that of Keras is the one of its backend.

    Raises
    ------
    UnsupportedError
        If the framework is unknown or not installed.
    """
    if framework not in FRAMEWORKS:
        raise UnsupportedError(
            f"a program is written in one of {', '.join(FRAMEWORKS)}",
            found=framework,
            remedy="name its framework: exact(program, framework=...)",
        )
    try:
        if framework == "keras":
            backend = str(import_module("keras").backend.backend())
            return find_adaptor(backend)
        home, _, name = _MODULES[framework].partition(":")
        adaptor: Adaptor = getattr(import_module(home, __package__), name)()
    except ModuleNotFoundError as error:
        raise UnsupportedError(
            f"the exact twin of a {framework} program needs {framework}",
            found=f"no module {error.name}",
            remedy=f"pip install 'gradproof[{framework}]'",
        ) from None
    return adaptor


_LIBRARIES = {
    "torch": "torch",
    "jax": "jax",
    "jaxlib": "jax",
    "optax": "jax",
    "keras": "keras",
}
"""Top-level modules that tell the framework of a program; NumPy is what remains."""


def detect(program: Any) -> str:
    """Return the framework that `program` uses, from the modules that its code names.

    Raises
    ------
    DeclarationError
        If it is not callable.
    """
    if not callable(program):
        raise DeclarationError(
            "a program is a callable of arrays",
            found=repr(program),
            remedy="hand in the function itself, not its result",
        )
    found = set(_frameworks_of(program, set()))
    order = ("keras", "torch", "jax")
    return next((name for name in order if name in found), "numpy")


def _frameworks_of(thing: Any, seen: set[int]) -> set[str]:
    if id(thing) in seen:
        return set()
    seen.add(id(thing))
    top = _top_of(thing)
    if top in _LIBRARIES:
        return {_LIBRARIES[top]}
    found: set[str] = set()
    for part in _parts(thing):
        found |= _frameworks_of(part, seen)
    return found


def _top_of(thing: Any) -> str:
    home = thing.__name__ if isinstance(thing, ModuleType) else _home(thing)
    return str(home).partition(".")[0]


def _home(thing: Any) -> str:
    own = getattr(thing, "__module__", None)
    if isinstance(own, str) and own.partition(".")[0] in _LIBRARIES:
        return own
    kind = type(thing)
    for base in (*getattr(thing, "__mro__", ()), *kind.__mro__):
        if str(base.__module__).partition(".")[0] in _LIBRARIES:
            return str(base.__module__)
    return own or ""


def _parts(thing: Any) -> list[Any]:
    """Return what the code of a callable refers to: globals, cells, defaults, wrapped functions."""
    parts = [getattr(thing, name, None) for name in ("__wrapped__", "func", "__func__")]
    parts += list(getattr(thing, "args", ()) if hasattr(thing, "func") else ())
    if inspect.isclass(thing):
        parts += [v for v in vars(thing).values() if isinstance(v, FunctionType | staticmethod)]
    elif not isinstance(thing, FunctionType) and hasattr(thing, "__dict__"):
        parts += list(vars(thing).values()) if not isinstance(thing, ModuleType) else []
        parts.append(getattr(type(thing), "__call__", None))
    if isinstance(thing, FunctionType):
        names = _names(thing.__code__)
        parts += [thing.__globals__[name] for name in names if name in thing.__globals__]
        parts += [c.cell_contents for c in thing.__closure__ or () if _filled(c)]
        parts += list(thing.__defaults__ or ())
    return [part for part in parts if part is not None]


def _names(code: Any) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if inspect.iscode(constant):
            names |= _names(constant)
    return names


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
