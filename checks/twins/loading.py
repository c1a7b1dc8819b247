"""Programs that a user names on the command line, and what their arguments are.

Guarantees: a mistake in a name or a description is one error that says what is possible.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from ...numeric.twins.adaptor import detect
from ...symbolic.errors import DeclarationError, GradproofError
from ...symbolic.loss import Loss
from ...symbolic.losses import LOSSES
from ..user_file import run_file
from .comparing import SIZES
from .inputs import KINDS, Input
from .target import LIBRARIES, Target, find_targets

_INPUT = re.compile(r"\s*(?:(\w+)\s*=\s*)?(\w+)\s*(?:\(([\w\s,]*)\))?\s*")
_NAMES = {"logits": "z", "label": "y", "targets": "p", "one_hot": "p", "bits": "p", "signs": "t"}


def parse_inputs(text: str) -> tuple[Input, ...]:
    """Return the inputs that a text such as ``"logits, label"`` or ``"w=numbers(3,n)"`` names.

    Raises
    ------
    DeclarationError
        If a part is no input.

    >>> [(i.name, i.kind, i.shape) for i in parse_inputs("logits, label")]
    [('z', 'logits', ('n',)), ('y', 'label', ())]
    """
    parts = re.split(r",(?![^()]*\))", text)
    return tuple(_input(part) for part in parts)


def _input(text: str) -> Input:
    match = _INPUT.fullmatch(text)
    if match is None or match[2] not in KINDS:
        raise DeclarationError(
            "an input is written KIND, NAME=KIND or KIND(SHAPE), with commas between inputs",
            found=repr(text.strip()),
            remedy=f"take a KIND of {', '.join(KINDS)}",
        )
    name, kind, shape = match[1] or _NAMES.get(match[2], "x"), match[2], match[3]
    if shape is None:
        return Input(kind, () if kind == "label" else ("n",), name)
    sizes = [part.strip() for part in shape.split(",") if part.strip()]
    return Input(kind, tuple(int(s) if s.isdigit() else s for s in sizes), name)


def load_targets(
    name: str,
    *,
    inputs: str | None = None,
    sizes: tuple[int, ...] | None = None,
    argnums: tuple[int, ...] | None = None,
    gradient: str | None = None,
    intended: str | None = None,
    framework: str | None = None,
) -> list[Target]:
    """Return the targets that a name on the command line stands for.

    Parameters
    ----------
    name
        A library, ``library:function``, ``FILE.py:NAME`` or ``module:NAME``.
    inputs
        What the arguments of a user's program are; logits and a label if not given.
    sizes, argnums
        Of a user's program: the numbers of classes to try, and the arguments to differentiate by.
    gradient, intended
        Names, in the same file, of its gradient and of the loss it means to be; the latter may be
        that of a loss of the library, or ``FILE.py:NAME`` of another file.
    framework
        What it is written in, if that is not to be found out.

    Raises
    ------
    DeclarationError
        If a name means nothing.
    """
    library, _, function = name.partition(":")
    if library in LIBRARIES:
        return find_targets(name)
    home, _, function = name.rpartition(":")
    if not home or not function:
        raise DeclarationError(
            "a target is a library, library:function, FILE.py:NAME or module:NAME",
            found=name,
            remedy=f"the libraries are {', '.join(LIBRARIES)}",
        )
    module = load_module(home)
    program = callable_of(module, function)
    return [
        Target(
            name,
            program,
            parse_inputs(inputs or "logits, label"),
            _intended(module, intended),
            framework or detect(program),
            callable_of(module, gradient) if gradient else None,
            sizes or SIZES,
            argnums or (0,),
        )
    ]


def load_module(home: str) -> ModuleType:
    """Return the module that a name on the command line stands for: a file or a module.

    Raises
    ------
    ClaimsFileError
        If the file cannot be run.
    DeclarationError
        If the module cannot be imported.
    """
    if home.endswith(".py"):
        return run_file(Path(home))
    try:
        return import_module(home)
    except GradproofError:
        raise
    except Exception as error:  # whatever its code raises
        raise DeclarationError(
            "the module of a program can be imported",
            found=f"{home}: {type(error).__name__}: {error}",
            remedy="give the path of the file instead, as in FILE.py:NAME",
        ) from None


def callable_of(module: ModuleType, name: str) -> Callable[..., Any]:
    """Return the callable of a module, or of something in it, by its name.

    Raises
    ------
    DeclarationError
        If there is none; the text names the closest ones.
    """
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    if callable(found):
        return found
    known = [key for key, value in vars(module).items() if callable(value)]
    close = get_close_matches(name, known) or known
    raise DeclarationError(
        "a program is a callable of the file",
        found=f"no callable {name!r} in {getattr(module, '__file__', module.__name__)}",
        remedy=f"take one of {', '.join(close)}" if close else "define one",
    )


def named_in(module: ModuleType, name: str) -> tuple[ModuleType, str]:
    """Return the module in which to look for a name: `module`, unless it says ``FILE.py:NAME``.

    Raises
    ------
    DeclarationError, ClaimsFileError
        If another module is named and cannot be loaded.
    """
    home, _, own = name.rpartition(":")
    return (load_module(home), own) if home else (module, name)


def loss_of(module: ModuleType, name: str) -> Loss | None:
    """Return the loss that a module, or else the library, has under a name; None if none does.

    ``FILE.py:NAME`` is looked for in that file alone.
    """
    home, own = named_in(module, name)
    if isinstance(found := getattr(home, own, None), Loss):
        return found
    by_name = {loss.name: loss for loss in LOSSES.values()} | dict(LOSSES)
    return by_name.get(name)  # in which no name has a colon


def _intended(module: ModuleType, name: str | None) -> Any:
    """Return the loss that a program means to be, or the other program that it is held against."""
    if name is None:
        return None
    found = loss_of(module, name)
    return callable_of(*named_in(module, name)) if found is None else found
