"""Classes and objects of a user's program, rebuilt so that their methods run exactly.

Guarantees: the user's class and object stay as they are; what a method writes on ``self`` is
written on the counterpart, and lasts as long as its session.
"""

from __future__ import annotations

import enum
import functools
import sys
from types import FunctionType, MethodType
from typing import Any, Protocol

_SKIPPED = frozenset(
    {"__dict__", "__weakref__", "__module__", "__doc__", "__slots__", "__init_subclass__"}
    | {"__class_getitem__", "__getattribute__", "__annotations__", "__qualname__", "__orig_bases__"}
)


class Rebinder(Protocol):
    """What rebinds the parts of a class."""

    def rebind(self, value: Any) -> Any:
        """Return the counterpart of a value."""

    def keep(self, value: Any, found: Any) -> None:
        """Remember the counterpart of a value."""

    def is_users(self, module: str, file: str) -> bool:
        """Tell whether code is the user's."""


def is_user_class(cls: type, session: Rebinder) -> bool:
    """Tell whether a class is written by the user and has methods to rebind."""
    if issubclass(cls, BaseException | enum.Enum | tuple) or cls.__module__ == "builtins":
        return False
    if "_gradproof_shadow" in vars(cls):
        return False
    module = sys.modules.get(cls.__module__)
    file = getattr(module, "__file__", None)
    if module is not None and file is None:
        return cls.__module__ == "__main__"
    return file is None or session.is_users(cls.__module__, file)


def shadow_class(cls: type, session: Rebinder) -> type:
    """Return a subclass of `cls` with all its methods rebound; `cls` where that cannot be."""
    bases = [session.rebind(b) for b in cls.__bases__]
    shadows = [b for b, original in zip(bases, cls.__bases__, strict=True) if b is not original]
    names = {"__slots__": (), "__module__": cls.__module__, "_gradproof_shadow": True}
    try:
        shadow: type = type(cls)(cls.__name__, (*shadows, cls), names)
    except TypeError:
        return cls
    session.keep(cls, shadow)
    shadow.__qualname__ = cls.__qualname__
    for name, value in vars(cls).items():
        if name in _SKIPPED:
            continue
        found = _member(value, session)
        if found is not value:
            setattr(shadow, name, found)
            if isinstance(found, functools.cached_property):
                found.__set_name__(shadow, name)
    setattr(shadow, "__getattribute__", _reading(shadow, session))  # noqa: B010
    return shadow


def _member(value: Any, session: Rebinder) -> Any:
    if isinstance(value, staticmethod | classmethod):
        return type(value)(session.rebind(value.__func__))
    if isinstance(value, property):
        get, put, drop = (session.rebind(p) for p in (value.fget, value.fset, value.fdel))
        return property(get, put, drop, value.__doc__)
    if isinstance(value, functools.cached_property):
        return functools.cached_property(session.rebind(value.func))
    if isinstance(value, FunctionType | functools._lru_cache_wrapper) or not hasattr(
        type(value), "__get__"
    ):
        return session.rebind(value)
    return value


def _reading(shadow: Any, session: Rebinder) -> Any:
    """Return how attributes of a shadow's instances are read: rebound, methods as they are."""

    def read(self: Any, name: str) -> Any:
        value = super(shadow, self).__getattribute__(name)
        if name.startswith("__") or (type(value) is MethodType and value.__self__ is self):
            return value
        return session.rebind(value)

    return read


def shadow_instance(value: Any, session: Rebinder) -> Any:
    """Return a counterpart of an object, with the same state; the object where that cannot be."""
    shadow = session.rebind(type(value))
    if shadow is type(value):
        return value
    try:
        found = object.__new__(shadow)
    except TypeError:
        return value
    session.keep(value, found)
    if hasattr(value, "__dict__"):
        object.__getattribute__(found, "__dict__").update(
            object.__getattribute__(value, "__dict__")
        )
    for base in type(value).__mro__:
        slots = vars(base).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                object.__setattr__(found, name, getattr(value, name))
    return found
