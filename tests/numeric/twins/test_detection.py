from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import partial, wraps
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from gradproof.numeric.twins.adaptor import FRAMEWORKS, detect, find_adaptor
from gradproof.symbolic.errors import DeclarationError, UnsupportedError


def of_numpy(z: Any) -> Any:
    """Return a sum by NumPy."""
    return np.sum(z)


def of_methods(z: Any) -> Any:
    """Return a sum that names no library."""
    return z.sum()


def with_import(z: Any) -> Any:
    """Return a sum by a library that is imported inside."""
    import torch

    return torch.sum(z)


def test_programs_of_numpy_are_what_remains() -> None:
    """Code that names NumPy, or no library at all, is taken for NumPy's, or for a default."""
    assert detect(of_numpy) == "numpy"
    assert detect(of_methods) == "numpy"
    assert detect(of_methods, "torch") == "torch"
    assert detect(of_numpy, "torch") == "numpy"
    assert detect(np.sum) == "numpy"
    assert detect(math.exp) == "numpy"


def _wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def inside(*args: Any) -> Any:
        return function(*args)

    return inside


class Called:
    """An object that is called, whose other method does the work."""

    def __init__(self, work: Callable[..., Any]) -> None:
        self.work = work

    def __call__(self, z: Any) -> Any:
        """Return what the work does."""
        return self.work(z)


def variants(function: Callable[..., Any]) -> dict[str, Any]:
    """Return programs that reach `function` in different ways."""

    def default(z: Any, f: Any = function) -> Any:
        return f(z)

    def keyword(z: Any, *, f: Any = function) -> Any:
        return f(z)

    def nested(z: Any) -> Any:
        def deeper() -> Any:
            return function(z)

        return deeper()

    module = ModuleType("a_module_of_the_user")
    module.work = function  # type: ignore[attr-defined]
    part = ModuleType("a_package_of_the_user")
    part.module = module  # type: ignore[attr-defined]
    space: dict[str, Any] = {"part": part, "module": module}
    through = eval("lambda z: module.work(z)", space)  # noqa: S307 (its globals are its own)
    deep = eval("lambda z: part.module.work(z)", space)  # noqa: S307

    class Static:
        @staticmethod
        def work(z: Any) -> Any:
            return function(z)

        @classmethod
        def made(cls, z: Any) -> Any:
            return function(z)

        @property
        def rule(self) -> Any:
            return function

    class Child(Called):
        pass

    return {
        "itself": function,
        "lambda": lambda z: function(z),
        "closure": nested,
        "default": default,
        "keyword": keyword,
        "partial": partial(function),
        "partial of a keyword": partial(keyword, f=function),
        "argument of a partial": partial(lambda f, z: f(z), function),
        "wrapped": _wrapped(function),
        "object": Called(function),
        "child": Child(function),
        "bound": Called(function).__call__,
        "static": Static.work,
        "class method": Static.made,
        "class": Static,
        "module": through,
        "module of a package": deep,
        "deep": Called(Called(partial(_wrapped(function)))),
    }


def programs_of(library: str) -> Callable[..., Any]:
    """Return a program of a library; that of Keras is not run, and need not be there."""
    if library == "torch":
        torch = pytest.importorskip("torch")
        return lambda z: torch.sum(z)
    if library == "keras":
        ops = ModuleType("keras.ops")
        return lambda z: ops.sum(z)
    jnp = pytest.importorskip("jax.numpy")
    return lambda z: jnp.sum(z)


@pytest.mark.parametrize("library", ["torch", "jax", "keras"])
@pytest.mark.parametrize("way", variants(of_numpy))
def test_the_framework_is_found_however_a_program_reaches_it(library: str, way: str) -> None:
    """Through closures, defaults, partials, wrappers, objects, classes and modules of the user."""
    function = programs_of(library)
    assert detect(variants(function)[way]) == library
    assert detect(variants(of_numpy)[way]) == "numpy"


def test_what_is_imported_inside_a_program_counts() -> None:
    """Whether or not it has ever been called."""
    assert detect(with_import) == "torch"
    assert detect(lambda z: with_import(z)) == "torch"


def test_modules_and_objects_of_frameworks() -> None:
    """A module of PyTorch, its bound method, a loss object and a compiled function of JAX."""
    torch = pytest.importorskip("torch")
    linear = torch.nn.Linear(2, 2)
    assert detect(linear) == "torch"
    assert detect(linear.forward) == "torch"
    assert detect(torch.nn.CrossEntropyLoss()) == "torch"
    assert detect(torch.nn.functional.cross_entropy) == "torch"
    assert detect(lambda z: linear(z)) == "torch"

    class Net(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, z: Any) -> Any:
            return z.exp()

    assert detect(Net()) == "torch"
    assert detect(Net) == "torch"
    jax = pytest.importorskip("jax")
    assert detect(jax.jit(of_methods)) == "jax"
    assert detect(jax.vmap(of_methods)) == "jax"
    assert detect(jax.nn.softmax) == "jax"


def test_the_name_of_an_attribute_is_no_global() -> None:
    """A method that is called like a global of the file does not bring the global in."""
    pytest.importorskip("torch")
    space: dict[str, Any] = {"np": np, "work": with_import}
    assert detect(eval("lambda z: np.asarray(z).work()", space)) == "numpy"  # noqa: S307
    assert detect(eval("lambda z: work(np.asarray(z))", space)) == "torch"  # noqa: S307


def test_programs_of_scipy_are_those_of_numpy() -> None:
    """What SciPy itself offers to other frameworks is not the user's."""
    special = pytest.importorskip("scipy.special")
    assert detect(lambda z: special.logsumexp(z)) == "numpy"
    assert detect(special.softmax) == "numpy"


def test_a_long_chain_of_things_is_followed() -> None:
    """Deeper than Python's stack, and around in a circle."""
    torch = pytest.importorskip("torch")
    chain: Any = lambda z: torch.sum(z)  # noqa: E731
    for _ in range(3 * sys.getrecursionlimit()):
        chain = Called(chain)
    assert detect(chain) == "torch"
    circle = Called(of_methods)
    circle.work = circle
    assert detect(circle) == "numpy"


def test_a_program_is_callable() -> None:
    """What is handed in by mistake, such as a result, is refused."""
    with pytest.raises(DeclarationError, match="not its result"):
        detect(np.ones(3))


def test_adaptors_are_found_by_name() -> None:
    """Each framework has one; another name is an error with the names."""
    assert find_adaptor("numpy") is find_adaptor("numpy")
    with pytest.raises(UnsupportedError, match="torch, jax, numpy, keras") as raised:
        find_adaptor("fortran")
    assert "framework=" in str(raised.value)
    assert set(FRAMEWORKS) == {"torch", "jax", "numpy", "keras"}


def test_a_framework_that_is_missing_is_told_with_the_extra(monkeypatch: Any) -> None:
    """The error says what to install."""
    find_adaptor.cache_clear()
    monkeypatch.delitem(sys.modules, "gradproof.numeric.twins.torch_adaptor", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    try:
        with pytest.raises(UnsupportedError, match=r"pip install 'gradproof\[torch\]'"):
            find_adaptor("torch")
    finally:
        find_adaptor.cache_clear()
