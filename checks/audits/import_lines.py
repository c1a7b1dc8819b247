"""Import statements by which another program gets at an object.

Guarantees: a statement names a module that is loaded here and holds the very object; a public
module is preferred to a private one.
Cannot see: whether the other program has the same packages installed.
"""

from __future__ import annotations

import ast
import site
import sys
import sysconfig
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

_PRIVATE = ("src",)  # Keras keeps its code there


def is_installed(file: str) -> bool:
    """Tell whether a file belongs to Python or to an installed package."""
    path = Path(file)
    return any(path.is_relative_to(folder) for folder in _standard_folders())


def import_line(value: Any, name: str) -> str | None:
    """Return a statement that binds an object to a name; None if no loaded module holds it.

    >>> import math
    >>> import_line(math, "m"), import_line(math.exp, "exp")
    ('import math as m', 'from math import exp')
    """
    if isinstance(value, ModuleType):
        home = value.__name__
        return f"import {home}" if home == name else f"import {home} as {name}"
    for module in _homes(getattr(value, "__module__", None) or ""):
        for known in (getattr(value, "__qualname__", ""), getattr(value, "__name__", "")):
            if known.isidentifier() and vars(sys.modules[module]).get(known) is value:
                return f"from {module} import {renamed(known, name)}"
    return None


def renamed(known: str, name: str) -> str:
    """Return what an import statement says to bind something known by one name to another."""
    return known if known == name else f"{known} as {name}"


def narrowed(statement: ast.Import | ast.ImportFrom, name: str) -> str | None:
    """Return an import statement with only what binds a name; None if it is relative."""
    if isinstance(statement, ast.ImportFrom):
        if statement.level:
            return None
        chosen = next(a for a in statement.names if name == (a.asname or a.name))
        return f"from {statement.module} import {renamed(chosen.name, name)}"
    kept = [a for a in statement.names if name == (a.asname or a.name.partition(".")[0])]
    return "\n".join(f"import {renamed(a.name, a.asname or a.name)}" for a in kept)


def folder_of(line: str, beside: str) -> str | None:
    """Return the folder that must be on the import path for an import statement.

    Parameters
    ----------
    line
        The statement.
    beside
        The file that it stands in.

    Returns
    -------
    str or None
        None where the module is installed, or is not found at all.
    """
    top = line.split()[1].partition(".")[0]
    if top in sys.builtin_module_names or _is_found(top):
        return None
    folder = Path(beside).resolve().parent
    if (folder / f"{top}.py").exists() or (folder / top).is_dir():
        return str(folder)
    file = getattr(sys.modules.get(top), "__file__", None)
    if file is None:
        return None
    home = Path(file).resolve().parent
    return str(home.parent if Path(file).name == "__init__.py" else home)


def _homes(module: str) -> list[str]:
    """Return the loaded modules that may hold what was defined in one.

    Public ones come first, the outermost before all, since that is where a library offers things.
    """
    parts = module.split(".")
    public = [part for part in parts if not part.startswith("_") and part not in _PRIVATE]
    outer = [".".join(public[: k + 1]) for k in range(len(public))]
    return [name for name in [*outer, module] if name in sys.modules and name != "__main__"]


def _standard_folders() -> list[str]:
    paths = sysconfig.get_paths()
    folders = [paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    return [*folders, site.getusersitepackages()]


def _is_found(top: str) -> bool:
    """Tell whether a package is found whatever folder a program lies in."""
    prefixes = (sys.prefix, sys.base_prefix, site.getusersitepackages())
    folders = [p for p in sys.path if any(p and Path(p).is_relative_to(at) for at in prefixes)]
    if PathFinder.find_spec(top, folders) is not None:
        return True
    editable = [f for f in sys.meta_path if "__editable__" in str(getattr(f, "__module__", ""))]
    return any(finder.find_spec(top, None) is not None for finder in editable)
