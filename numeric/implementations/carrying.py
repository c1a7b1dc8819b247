"""How a callable reaches another process: by pickling, or by its name in a module or file.

Guarantees: what arrives is what the same file defines, run anew; a callable that can be neither
named nor pickled is refused before anything is started.
Cannot see: that a module behaves otherwise when it is imported a second time.
"""

from __future__ import annotations

import inspect
import io
import pickle
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from ...symbolic.errors import DeclarationError, GradproofError, UnsupportedError
from ..twins.run import is_user_file
from .known_files import use_files

REMEDY = (
    "see that its file runs by itself, with what it does beside defining it under "
    "if __name__ == '__main__'"
)
_MAIN = "__main__"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A callable on its way.

    Attributes
    ----------
    module, name
        Where it is found; empty if it is pickled.
    pickled
        It, if it cannot be named.
    files
        The files of the user's modules, for those that cannot be imported by their names.
    """

    module: str
    name: str
    pickled: bytes
    files: Mapping[str, str]


def pack(thing: Callable[..., Any] | str) -> Parcel:
    """Return a callable, or what is named ``FILE.py:NAME`` or ``module:NAME``, as a parcel.

    Raises
    ------
    DeclarationError
        If a text is no such name.
    UnsupportedError
        If the callable can be neither named nor pickled.
    """
    if isinstance(thing, str):
        return _named(thing)
    files = _files(thing)
    try:
        parcel = Parcel("", "", pickle.dumps(thing), files)
    except Exception as error:  # whatever the classes of its parts raise
        place = _place_of(thing)
        if place is None:
            raise _unreachable(f"{_name_of(thing)}: {_line(error)}") from None
        parcel = Parcel(*place, b"", files)
    if _MAIN not in files and (parcel.module == _MAIN or _MAIN.encode() in parcel.pickled):
        raise _unreachable(f"{_name_of(thing)}, whose program is no file")
    return parcel


def unpack(parcel: Parcel) -> Any:
    """Return the callable of a parcel, in the process that it was sent to.

    Raises
    ------
    DeclarationError
        If its module cannot be run again, or does not define it.
    """
    use_files(parcel.files)
    if parcel.module in parcel.files and "." not in parcel.module:
        sys.path.insert(0, str(Path(parcel.files[parcel.module]).parent))  # for its neighbours
    try:
        if parcel.pickled:
            return _Unpickler(io.BytesIO(parcel.pickled), parcel.files).load()
        return _attribute(parcel.module, parcel.name, parcel.files)
    except GradproofError:
        raise
    except (Exception, SystemExit) as error:  # whatever the module's code raises
        raise DeclarationError(
            "a program that runs in a process of its own can be loaded there",
            found=_line(error),
            remedy=REMEDY,
        ) from None


def _named(text: str) -> Parcel:
    home, _, name = text.rpartition(":")
    if not home or not name:
        raise DeclarationError(
            "an implementation is named FILE.py:NAME or module:NAME",
            found=repr(text),
            remedy="give it such a name",
        )
    if not home.endswith(".py"):
        return Parcel(home, name, b"", {})
    file = Path(home).resolve()
    if not file.is_file():
        raise DeclarationError(
            "the file of an implementation exists", found=home, remedy="correct the path"
        )
    own = f"_isolated_{file.stem}"  # no other module has such a name
    return Parcel(own, name, b"", {own: str(file)})


def _place_of(thing: Any) -> tuple[str, str] | None:
    """Return module and name under which a callable is found, if it is found there."""
    module = getattr(thing, "__module__", None)
    space = getattr(inspect.unwrap(thing), "__globals__", None)
    if not isinstance(space, dict):
        space = vars(sys.modules[module]) if module in sys.modules else {}
    module = space.get("__name__", module)
    own = [getattr(thing, "__qualname__", None), getattr(thing, "__name__", None)]
    for name in (*own, *(key for key, value in space.items() if value is thing)):
        if isinstance(module, str) and isinstance(name, str) and space.get(name) is thing:
            return module, name
    return None


def _files(thing: Any) -> dict[str, str]:
    """Return the files of the user's modules, the one that defines the callable among them."""
    # Not by getattr, at which some libraries import what they have put off.
    modules = {n: getattr(m, "__dict__", {}).get("__file__") for n, m in sys.modules.items()}
    space = getattr(inspect.unwrap(thing), "__globals__", {})
    if isinstance(space, dict):
        modules[str(space.get("__name__"))] = space.get("__file__")
    return {
        name: str(Path(file).resolve())
        for name, file in modules.items()
        if isinstance(file, str) and file.endswith(".py") and is_user_file(file)
    }


def _attribute(module: str, name: str, files: Mapping[str, str]) -> Any:
    found: Any = _module(module, files)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _module(name: str, files: Mapping[str, str]) -> ModuleType:
    """Import a module, or run its file under its name if another has that name.

    The user's program is run under another name, so that what stands under
    ``if __name__ == "__main__"`` is not.
    """
    if name == _MAIN:
        if sys.modules[_MAIN].__name__ == _MAIN:
            sys.modules[_MAIN] = _run("__mp_main__", files[_MAIN])
        return sys.modules[_MAIN]
    found = import_module(name)
    same = name not in files or Path(str(found.__file__)).resolve() == Path(files[name])
    return found if same else _run(name, files[name])


def _run(name: str, file: str) -> ModuleType:
    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {file}")
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class _Unpickler(pickle.Unpickler):
    """Finds classes and functions also in files that cannot be imported by name."""

    def __init__(self, stream: io.BytesIO, files: Mapping[str, str]) -> None:
        super().__init__(stream)
        self._files = files

    def find_class(self, module: str, name: str) -> Any:
        return _attribute(module, name, self._files)


def _unreachable(found: str) -> UnsupportedError:
    return UnsupportedError(
        "an implementation that runs in a process of its own is pickled, or found there by name",
        found=found,
        remedy="define it by def at the top level of a file, or do not isolate it",
    )


def _name_of(thing: Any) -> str:
    return str(getattr(thing, "__qualname__", None) or type(thing).__qualname__)


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
