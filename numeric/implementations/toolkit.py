"""What runners need of a framework, which is imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import lru_cache
from importlib import import_module
from typing import Any, Literal, Protocol, TypeAlias

from ...symbolic.errors import DeclarationError, UnsupportedError
from .call import Array
from .reading import Numbers

Label: TypeAlias = Literal["array", "number"]
"""A class as an array of the framework without dimensions, or as a Python int."""

Pull: TypeAlias = Callable[[float], Any]
"""From what each loss is multiplied by to the gradient; to None if there is no differentiation."""


class Toolkit(Protocol):
    """Arrays of a framework and its differentiation.

    Attributes
    ----------
    name
        The framework, as it is written.
    labels
        The forms in which a class may be handed in, the usual one first.
    tracks
        Whether arrays must be marked before something can be differentiated by them.
    """

    name: str
    labels: tuple[Label, ...]
    tracks: bool

    def session(self, dtype: str) -> AbstractContextManager[Any]:
        """Return the context in which numbers of this dtype are what they are called."""

    def floats(self, values: Array, dtype: str, *, tracked: bool = False) -> Any:
        """Return a new array with these numbers; marked for differentiation if `tracked`."""

    def classes(self, values: Array) -> Any:
        """Return a new array of classes, which has no dimensions for a single one."""

    def read(self, result: Any) -> Numbers:
        """Return what an implementation handed back as numbers.

        Raises
        ------
        BadResult
            If it is no array of floats.
        """

    def image(self, array: Any) -> Any:
        """Return something that tells whether an array has been changed since."""

    def overwritten(self, old: Any, new: Any) -> Any:
        """Return the old array with the numbers of the new one, or the new one if it must be."""

    def differentiate(self, function: Callable[[Any], Any], logits: Any) -> tuple[Any, Pull]:
        """Return the result of `function`, and its gradient for later."""


_MODULES = {
    "numpy": ".numpy_toolkit:NumpyToolkit",
    "torch": ".torch_toolkit:TorchToolkit",
    "jax": ".jax_toolkit:JaxToolkit",
    "autograd": ".autograd_toolkit:AutogradToolkit",
}

FRAMEWORKS = ("numpy", "torch", "jax", "keras", "autograd")


@lru_cache(maxsize=8)
def find_toolkit(framework: str) -> Toolkit:
    """Return the toolkit of a framework; that of Keras is the one of its backend.

    Raises
    ------
    DeclarationError
        If there is no such framework.
    UnsupportedError
        If it is not installed, or Keras is set to a backend that gradproof has no toolkit for.
    """
    if framework not in FRAMEWORKS:
        raise DeclarationError(
            f"an implementation is written in one of {', '.join(FRAMEWORKS)}",
            found=framework,
            remedy="name its framework",
        )
    try:
        if framework == "keras":
            return _of_keras()
        home, _, name = _MODULES[framework].partition(":")
        toolkit: Toolkit = getattr(import_module(home, __package__), name)()
    except ModuleNotFoundError as error:
        raise UnsupportedError(
            f"a {framework} implementation is run by {_needed(framework)}",
            found=f"no module {error.name}",
            remedy=_BACKEND
            if framework == "keras" and error.name != "keras"
            else f"pip install 'gradproof[{framework}]'",
        ) from None
    return toolkit


def _needed(framework: str) -> str:
    return "keras and the backend that it is set to" if framework == "keras" else framework


_BACKEND = "set KERAS_BACKEND to jax or torch before keras is imported"


def _of_keras() -> Toolkit:
    backend = str(import_module("keras").backend.backend())
    if backend in ("jax", "torch"):
        return find_toolkit(backend)
    raise UnsupportedError(
        "Keras implementations are run on the backend jax or torch", found=backend, remedy=_BACKEND
    )
