"""What a framework offers so that its programs have exact twins.

An adaptor imports its framework when it is first used, so that none is needed to import gradproof.
"""

from __future__ import annotations

import dis
import inspect
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from importlib import import_module
from types import CellType, CodeType, FunctionType, ModuleType
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
        keras = framework == "keras" and error.name != "keras"
        raise UnsupportedError(
            f"the exact twin of a {framework} program needs {framework}",
            found=f"no module {error.name}",
            remedy="set KERAS_BACKEND to jax or torch before keras is imported"
            if keras
            else f"pip install 'gradproof[{framework}]'",
        ) from None
    return adaptor


_LIBRARIES = {
    "torch": "torch",
    "jax": "jax",
    "jaxlib": "jax",
    "optax": "jax",
    "keras": "keras",
    "numpy": "numpy",
    "scipy": "numpy",
    "autograd": "autograd",
}
"""Top-level modules that tell the framework of a program."""

_RUNNERS = ("_pytest", "pytest", "pluggy", "hypothesis")
"""Top-level modules of what runs tests: pytest puts calls of its own into each assertion, from
which everything can be reached that it has loaded.
"""


def detect(program: Any, default: str = "numpy") -> str:
    """Return the framework that `program` uses, from the modules that its code names.

    It is `default` if the code names none, as where only methods of arrays are called.
    Programs of HIPS autograd are NumPy's; `uses_autograd` tells them apart.

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
    found = {"numpy" if name == "autograd" else name for name in _frameworks_of(program)}
    order = ("keras", "torch", "jax", "numpy")
    return next((name for name in order if name in found), default)


def uses_autograd(program: Any) -> bool:
    """Tell whether the code of `program` names HIPS autograd."""
    return "autograd" in _frameworks_of(program)


def _frameworks_of(program: Any) -> set[str]:
    found: set[str] = set()
    seen: dict[int, Any] = {}  # the things themselves, too, so that no other takes their place
    left = [program]
    while left:
        thing = left.pop()
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing
        top = _top_of(thing)
        if top in _LIBRARIES:
            found.add(_LIBRARIES[top])
        else:
            left += parts_of(thing)
            found |= {_LIBRARIES[name] for name in _imported(thing) if name in _LIBRARIES}
    return found


def is_of_a_library(thing: Any) -> bool:
    """Tell whether `thing` belongs to a framework, a package beside one or the standard library."""
    top = _top_of(thing)
    return top in _LIBRARIES or top == "sklearn" or top in sys.stdlib_module_names


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


def parts_of(thing: Any) -> list[Any]:
    """Return what the code of a callable refers to: globals, cells, defaults, wrapped functions."""
    parts = [getattr(thing, name, None) for name in ("__wrapped__", "__func__", "__self__")]
    if isinstance(thing, partial):
        parts += [thing.func, *thing.args, *thing.keywords.values()]
    if _top_of(thing) in sys.stdlib_module_names or _top_of(thing) in _RUNNERS:
        pass  # it calls what it is handed, but names no framework
    elif inspect.isclass(thing):
        members = [v for base in thing.__mro__ if base is not object for v in vars(base).values()]
        methods = (FunctionType, staticmethod, classmethod)
        parts += [v for v in members if isinstance(v, methods)]
        parts += [v.fget for v in members if isinstance(v, property)]
    elif isinstance(thing, FunctionType):
        parts += _named(thing)
        parts += [c.cell_contents for c in thing.__closure__ or () if _filled(c)]
        parts += [*(thing.__defaults__ or ()), *(thing.__kwdefaults__ or {}).values()]
    elif hasattr(thing, "__dict__") and not isinstance(thing, ModuleType):
        parts += [*vars(thing).values(), type(thing)]
    return [part for part in parts if part is not None]


def _named(function: FunctionType) -> list[Any]:
    """Return the globals that a function names, and what it takes from modules among them."""
    known = function.__globals__
    steps = _instructions(function.__code__)
    found: list[Any] = []
    for place, step in enumerate(steps):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME") and step.argval in known:
            found.append(known[step.argval])
            for after in steps[place + 1 :]:
                if not isinstance(found[-1], ModuleType):
                    break
                found.append(vars(found[-1]).get(str(after.argval)))
    return found


def _imported(thing: Any) -> list[str]:
    """Return the top-level modules that a function imports when it is called."""
    if not isinstance(thing, FunctionType):
        return []
    steps = _instructions(thing.__code__)
    return [str(s.argval).partition(".")[0] for s in steps if s.opname == "IMPORT_NAME"]


@lru_cache(maxsize=4096)
def _instructions(code: CodeType) -> tuple[dis.Instruction, ...]:
    found = list(dis.get_instructions(code))
    for constant in code.co_consts:
        if inspect.iscode(constant):
            found += _instructions(constant)
    return tuple(found)


def _filled(cell: CellType) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
