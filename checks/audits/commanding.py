"""The command that makes an audit again.

Guarantees: a command is returned only if every name in it leads back to the very object that was
audited, and every option can be written down.
Cannot see: whether a shell elsewhere finds the same installation.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from ...symbolic.loss import Loss
from ...symbolic.losses import LOSSES
from .jobs import USUAL_LOSS

_WORDS = ("target", "returns", "takes", "framework", "reduction", "time_limit", "seed")
_LISTS = ("dtypes", "sizes")
_FLAGS = ("quick", "isolate")
_NAMES = {"dtypes": "dtype"}


def audit_command(implementation: Any, loss: Loss | str, options: Mapping[str, Any]) -> str:
    """Return the command line that makes an audit again; empty if there is none.

    Parameters
    ----------
    implementation, loss
        What was audited, and the loss it is meant to be, or its name in the library.
    options
        The other keywords of `gradproof.audit` that were given.
    """
    module = sys.modules.get(getattr(implementation, "__module__", None) or "")
    name = getattr(implementation, "__qualname__", "")
    if module is None or _found(module, name) is not implementation:
        return ""
    meant = _loss_name(module, loss)
    words = _option_words(module, options)
    if meant is None or words is None:
        return ""
    loss_words = [] if meant == USUAL_LOSS else ["--loss", meant]
    return shlex.join(["gradproof", "audit", f"{_home(module)}:{name}", *loss_words, *words])


def _found(module: ModuleType, name: str) -> Any:
    """Return what a dotted name leads to in a module; None if nothing."""
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def _home(module: ModuleType) -> str:
    """Return how the module is named on the command line: a package's by its name, else its file.

    The command line has no current folder on its import path, so that a file by itself is run.
    """
    path = Path(getattr(module, "__file__", None) or "")
    packaged = (path.parent / "__init__.py").exists() or "site-packages" in path.parts
    if not path.suffix or packaged:
        return module.__name__
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _loss_name(module: ModuleType, loss: Loss | str) -> str | None:
    """Return the name by which the command line finds a loss; None if it does not."""
    if isinstance(loss, str):
        return None if isinstance(getattr(module, loss, None), Loss) else loss
    own = {name: value for name, value in vars(module).items() if isinstance(value, Loss)}
    if any(loss is one for one in LOSSES.values()) and not isinstance(own.get(loss.name), Loss):
        return loss.name
    return next((name for name, value in own.items() if value is loss), None)


def _option_words(module: ModuleType, options: Mapping[str, Any]) -> list[str] | None:
    """Return the options as words; None if one cannot be written down."""
    words: list[str] = []
    for key, value in options.items():
        option = f"--{_NAMES.get(key, key).replace('_', '-')}"
        if value is None or (key in _FLAGS and not value) or key in ("name", "progress"):
            continue
        if key in _FLAGS:
            words.append(option)
        elif key in _WORDS:
            words += [option, str(value)]
        elif key in _LISTS:
            words += [option, ",".join(map(str, _sequence(value)))]
        elif key == "values":
            words += [word for k, v in value.items() for word in ("--value", f"{k}={v}")]
        elif key == "gradient" and _found(module, getattr(value, "__qualname__", "")) is value:
            words += [option, value.__qualname__]
        else:
            return None
    return words


def _sequence(value: Any) -> Iterable[Any]:
    """Return several things, also where one was given alone."""
    return (value,) if isinstance(value, str | int) else value
