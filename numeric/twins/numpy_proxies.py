"""What stands in for the modules of NumPy, SciPy and Python while a program runs exactly.

Guarantees: constants and dtypes are NumPy's own; functions go by their exact rules; random numbers
are refused; the real modules are never changed.
"""

from __future__ import annotations

import functools
import math
import random
from importlib import import_module
from types import BuiltinFunctionType, BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from . import (
    numpy_elementwise,
    numpy_functions,
    numpy_products,
    numpy_reductions,
    numpy_special,
    numpy_structure,
)
from .exact_array import ExactArray, ExactScalar
from .numpy_creation import TRICKS, single, vectorize
from .numpy_dispatch import OWN, call_function, call_ufunc, name_of
from .numpy_math import MATH, weak
from .numpy_messages import FloatsAskedError, recorded, refused
from .registry import find_rule, impure
from .run import user_line

RULE_MODULES = (
    *(numpy_elementwise, numpy_functions, numpy_products, numpy_reductions),
    *(numpy_special, numpy_structure),
)
"""The modules whose import registers the rules."""

_DISPATCHER = type(np.sum)
_FUNCTIONS = (FunctionType, BuiltinFunctionType, BuiltinMethodType, np.ufunc, _DISPATCHER)

MODULES = {
    "array_api_compat.numpy": "numpy",
    "array_api_compat.numpy.linalg": "numpy.linalg",
    "autograd.numpy": "numpy",
    "autograd.numpy.linalg": "numpy.linalg",
    "autograd.scipy": "scipy",
    "autograd.scipy.special": "scipy.special",
    "math": "math",
    "numpy": "numpy",
    "numpy.linalg": "numpy.linalg",
    "scipy": "scipy",
    "scipy.special": "scipy.special",
    "scipy.stats": "scipy.stats",
}
"""Modules that are stood in for, and the module whose functions they offer."""

_RANDOM = ("numpy.random", "random", "secrets", "autograd.numpy.random")
_GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)


class Kind(type):
    """The type of what stands in for a scalar type, so that it converts exact numbers too."""

    real: Any

    def __call__(cls, *args: Any, **options: Any) -> Any:
        """Return a number as one of the type."""
        value = args[0] if args else 0.0
        if not isinstance(value, ExactArray):
            return cls.real(*args, **options)
        if cls.real is float:
            return weak(value.number)
        return single(value, cls.real)

    def __instancecheck__(cls, value: Any) -> bool:
        if isinstance(value, ExactScalar):
            return issubclass(float if value.weak else value.dtype.type, cls.real)
        return isinstance(value, cls.real)

    def __subclasscheck__(cls, other: Any) -> bool:
        return issubclass(getattr(other, "real", other), cls.real)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls.real, name)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls.real

    def __hash__(cls) -> int:
        return hash(cls.real)

    def __repr__(cls) -> str:
        return repr(cls.real)


@functools.lru_cache(maxsize=16)
def stand_in(real: type) -> Kind:
    """Return what stands in for a type of floats; NumPy takes it for the dtype."""
    return Kind(real.__name__, (), {"real": real, "dtype": np.dtype(real)})


_FLOAT_TYPES = (np.float16, np.float32, np.float64)


class FunctionProxy:
    """A function of NumPy or SciPy that goes by its exact rule."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.__name__ = getattr(real, "__name__", repr(real))
        self.__doc__ = getattr(real, "__doc__", None)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Call the rule."""
        if not isinstance(self.real, np.ufunc):
            return call_function(self.real, args, options)
        result = call_ufunc(self.real, "__call__", args, options)
        if result is NotImplemented:
            return self.real(*args, **options)
        return result

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        if isinstance(self.real, np.ufunc) and callable(found):
            return lambda *args, **options: call_ufunc(self.real, name, args, options)
        return found

    def __repr__(self) -> str:
        return repr(self.real)


class LibraryProxy(FunctionProxy):
    """A function of SciPy that has a rule, or runs on exact arrays because it only calls NumPy."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Call the rule; without one, the function itself."""
        name = name_of(self.real)
        if find_rule("numpy", name) is not None:
            return call_function(self.real, args, options)
        try:
            return self.real(*args, **options)
        except FloatsAskedError:
            raise refused(name) from None


def random_function(name: str) -> Any:
    """Return a function that tells that random numbers make a program impure."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise recorded(impure(f"random numbers ({name})", user_line()))

    return refuse


class ModuleProxy(ModuleType):
    """A module whose functions go by their exact rules."""

    def __init__(self, real: ModuleType) -> None:
        super().__init__(real.__name__, real.__doc__)
        self.__dict__["_real"] = real

    def __getattr__(self, name: str) -> Any:
        real = self.__dict__["_real"]
        if real is np and name in TRICKS:
            return TRICKS[name]
        found = proxied(getattr(real, name))
        self.__dict__[name] = found
        return found

    def __dir__(self) -> list[str]:
        return dir(self.__dict__["_real"])


class _RandomProxy(ModuleType):
    """A module or generator of random numbers, each of whose functions is refused."""

    def __init__(self, real: Any, name: str) -> None:
        super().__init__(name)
        self.__dict__["_real"] = real

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.__dict__["_real"], name)
        return found if isinstance(found, type) else random_function(f"{self.__name__}.{name}")


@functools.lru_cache(maxsize=32)
def _module(name: str) -> ModuleProxy:
    return ModuleProxy(import_module(name))


def numpy_proxy() -> ModuleProxy:
    """Return what stands in for NumPy, which follows the array API standard."""
    return _module("numpy")


_MATH_FUNCTIONS = {id(getattr(math, name)): MATH[name] for name in MATH if hasattr(math, name)}


def _function(value: Any) -> Any:
    if id(value) in _MATH_FUNCTIONS:
        return _MATH_FUNCTIONS[id(value)]
    owner = getattr(value, "__self__", None)
    if isinstance(owner, _GENERATORS):
        return random_function(f"{type(owner).__module__}.{value.__name__}")
    module = str(getattr(value, "__module__", "") or "")
    known = isinstance(value, np.ufunc) or module.startswith(("numpy", "scipy.special"))
    if known and not module.startswith("numpy.random"):
        return FunctionProxy(value)
    if module.startswith("scipy."):
        return LibraryProxy(value)
    return FunctionProxy(value) if _has_rule(value) else value


def _has_rule(value: Any) -> bool:
    name = name_of(value)
    return "." in name and (name in OWN or find_rule("numpy", name) is not None)


def proxied(value: Any) -> Any:
    """Return what stands in for something of a library; the thing itself if nothing does."""
    if isinstance(value, ModuleType):
        if isinstance(value, ModuleProxy | _RandomProxy):
            return value
        name = value.__name__
        if name in _RANDOM:
            return _RandomProxy(value, name)
        return _module(MODULES[name]) if name in MODULES else value
    if isinstance(value, type):
        if value is np.vectorize:
            return vectorize
        return stand_in(value) if value is float or value in _FLOAT_TYPES else value
    if isinstance(value, _GENERATORS):
        return _RandomProxy(value, f"{type(value).__module__}.{type(value).__name__}")
    if isinstance(value, _FUNCTIONS) and not isinstance(value, MethodType):
        return _function(value)
    return value
