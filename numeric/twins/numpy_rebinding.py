"""Programs rebuilt so that the names in them mean exact functions.

Guarantees: the code that runs is the user's; his modules, functions, classes and objects stay as
they are, and lists and dictionaries of plain data are shared with them.
Functions of installed libraries are not rebuilt.
"""

from __future__ import annotations

import builtins
import functools
import inspect
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from .arrays import to_exact
from .dual import Dual
from .exact_array import ExactArray, ExactScalar
from .numpy_builtins import shadowed
from .numpy_classes import is_user_class, shadow_class, shadow_instance
from .numpy_creation import vectorize
from .numpy_messages import is_library, is_own
from .numpy_proxies import FunctionProxy, Kind, ModuleProxy, proxied

PLAIN = frozenset(
    {bool, bytes, complex, float, int, str, type(None), range, slice, type(...), Dual, np.dtype}
    | {ExactArray, ExactScalar, np.float64, np.float32, np.int64, np.bool_, FunctionProxy, Kind}
    | {ModuleProxy}
)
"""Types of values in which there is nothing to rebind."""


class Globals(dict[str, Any]):
    """The globals of a rebuilt function: those of the original, each rebound when it is read."""

    def __init__(self, original: dict[str, Any], session: Session) -> None:
        super().__init__(
            __builtins__=session.builtins, __name__=original.get("__name__", "__main__")
        )
        self.original = original
        self.session = session

    def __missing__(self, name: str) -> Any:
        if name in self.original:
            value = self.original[name]
            found = self.session.rebind(value)
            if found is not value:
                self[name] = found
            return found
        if name in self.session.builtins:
            self[name] = self.session.builtins[name]
            return self[name]
        raise KeyError(name)


class UserModule(ModuleType):
    """A module of the user's whose functions are rebound when they are read."""

    def __init__(self, real: ModuleType, session: Session) -> None:
        super().__init__(real.__name__)
        self.__dict__.update(_real=real, _session=session)

    def __getattr__(self, name: str) -> Any:
        shared = self.__dict__["_session"].globals_of(vars(self.__dict__["_real"]))
        try:
            return shared[name]
        except KeyError:
            return getattr(self.__dict__["_real"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__["_session"].globals_of(vars(self.__dict__["_real"]))[name] = value


class Session:
    """What has been rebound, so that each thing has one counterpart.

    Parameters
    ----------
    home
        The package of the program, whose functions are the user's even if it is installed.
    """

    def __init__(self, home: str = "") -> None:
        self.home = home.partition(".")[0]
        self.builtins = shadowed(self._import)
        self._made: dict[int, tuple[Any, Any]] = {}
        self._globals: dict[int, Globals] = {}

    def rebind(self, value: Any) -> Any:
        """Return the counterpart of a value; itself if nothing in it needs one."""
        if type(value) in PLAIN:
            return value
        known = self._made.get(id(value))
        if known is not None:
            return known[1]
        found = self._rebound(value)
        if found is not value or callable(value):
            self.keep(value, found)
        return found

    def keep(self, value: Any, found: Any) -> None:
        """Remember the counterpart of a value; both are kept, so that their ids stay theirs."""
        self._made[id(value)] = (value, found)
        self._made[id(found)] = (found, found)

    def globals_of(self, original: dict[str, Any]) -> Globals:
        """Return the globals that stand in for those of a module."""
        if isinstance(original, Globals):
            return original
        found = self._globals.get(id(original))
        if found is None:
            found = self._globals[id(original)] = Globals(original, self)
        return found

    def is_users(self, module: str, file: str) -> bool:
        """Tell whether code is the user's, who does not install his programs."""
        top = module.partition(".")[0]
        return (not is_library(file) and not is_own(file)) or (bool(self.home) and top == self.home)

    def _import(self, name: str, globals: Any = None, *rest: Any, **options: Any) -> Any:  # noqa: A002
        original = globals.original if isinstance(globals, Globals) else globals
        return self.rebind(builtins.__import__(name, original, *rest, **options))

    def _rebound(self, value: Any) -> Any:
        if isinstance(value, FunctionType) and value.__code__.co_filename == "<string>":
            return self.function(value)
        if getattr(value, "_is_autograd_primitive", False):
            return self.rebind(value.fun)
        stand_in = proxied(value)
        if stand_in is not value:
            return stand_in
        if isinstance(value, FunctionType):
            users = self.is_users(value.__module__ or "", value.__code__.co_filename)
            return self.function(value) if users else value
        if isinstance(value, MethodType):
            return self._method(value)
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, list | tuple | dict):
            return self._container(value)
        if isinstance(value, ModuleType):
            file = getattr(value, "__file__", None)
            users = file is not None and self.is_users(value.__name__, file)
            return UserModule(value, self) if users else value
        return self._object(value)

    def _method(self, value: MethodType) -> Any:
        function, owner = self.rebind(value.__func__), self.rebind(value.__self__)
        unchanged = function is value.__func__ and owner is value.__self__
        return value if unchanged else MethodType(function, owner)

    def _array(self, value: np.ndarray[Any, Any]) -> Any:
        if value.dtype.kind == "f" and value.dtype.itemsize <= 8:
            return ExactArray(to_exact(value), value.dtype)
        return ExactArray(value, value.dtype) if value.dtype.kind in "iub" else value

    def _container(self, value: Any) -> Any:
        if all(type(v) in PLAIN for v in (value.values() if isinstance(value, dict) else value)):
            return value
        if type(value) is dict:
            pairs = {k: self.rebind(v) for k, v in value.items()}
            return pairs if any(pairs[k] is not v for k, v in value.items()) else value
        if not isinstance(value, list | tuple):
            return value
        parts = [self.rebind(v) for v in value]
        if all(a is b for a, b in zip(parts, value, strict=True)):
            return value
        if hasattr(value, "_make"):
            return value._make(parts)
        return type(value)(parts) if type(value) in (list, tuple) else value

    def _object(self, value: Any) -> Any:
        if isinstance(value, functools.partial):
            args = [self.rebind(a) for a in value.args]
            words = {k: self.rebind(v) for k, v in value.keywords.items()}
            return functools.partial(self.rebind(value.func), *args, **words)
        if isinstance(value, functools._lru_cache_wrapper):
            # A cache does not change what a pure function returns, and exact arrays have no hash.
            return self.rebind(value.__wrapped__)
        if isinstance(value, type):
            return shadow_class(value, self) if is_user_class(value, self) else value
        if isinstance(value, np.vectorize):
            return vectorize(self.rebind(value.pyfunc))
        compiled = getattr(value, "py_func", None)
        if isinstance(compiled, FunctionType):
            return self.rebind(compiled)
        if hasattr(value, "rebound"):
            return value.rebound(self)
        return shadow_instance(value, self) if is_user_class(type(value), self) else value

    def function(self, value: FunctionType) -> FunctionType:
        """Return the function with its code and rebound globals, cells and defaults."""
        scope = self.globals_of(value.__globals__)
        for name in _class_body_names(value.__code__):
            # A class body reads globals without asking for what is missing.
            if name not in scope and name in scope.original:
                scope[name] = self.rebind(scope.original[name])
        cells = [self._cell(c) for c in value.__closure__ or ()]
        found = FunctionType(
            value.__code__, scope, value.__name__, None, tuple(c for c, _ in cells) or None
        )
        self.keep(value, found)
        for cell, original in cells:
            if original is not None:
                cell.cell_contents = self.rebind(original.cell_contents)
        if value.__defaults__:
            found.__defaults__ = tuple(self.rebind(d) for d in value.__defaults__)
        if value.__kwdefaults__:
            found.__kwdefaults__ = {k: self.rebind(d) for k, d in value.__kwdefaults__.items()}
        found.__qualname__, found.__doc__ = value.__qualname__, value.__doc__
        found.__dict__.update(
            {k: self.rebind(v) for k, v in value.__dict__.items() if k != "__wrapped__"}
        )
        return found

    def _cell(self, cell: CellType) -> tuple[CellType, CellType | None]:
        """Return the counterpart of a cell, and the cell to fill it from if that is to be done."""
        known = self._made.get(id(cell))
        if known is not None:
            return known[1], None
        try:
            content = cell.cell_contents
        except ValueError:  # not filled yet
            return cell, None
        fresh = CellType(content)
        self.keep(cell, fresh)
        return fresh, cell


def _class_body_names(code: CodeType) -> set[str]:
    names: set[str] = set()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _class_body_names(constant)
            if not constant.co_flags & inspect.CO_OPTIMIZED:
                names |= set(constant.co_names)
    return names
