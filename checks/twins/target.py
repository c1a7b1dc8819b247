"""Losses of libraries that `gradproof exact` knows by name, each with the loss it means to be.

A framework is imported only when its targets are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from ...numeric.twins import Program
from ...symbolic.errors import DeclarationError, UnsupportedError
from ...symbolic.loss import Loss
from .inputs import Input

LIBRARIES = ("torch", "jax", "optax", "keras", "scipy", "numpy")
"""The libraries that have targets; those of Keras run on the backend that Keras is set to."""


@dataclass(frozen=True)
class Target:
    """A program of a library, and what it means to compute.

    Attributes
    ----------
    name
        ``library:function``.
    program
        The library's function as a program of the inputs, with one output.
    inputs
        What its arguments are.
    intended
        The loss that it means to be, as a formula or another program; None if that is unknown.
    framework
        What it is written in.
    gradient
        A gradient written by hand, if the framework makes none.
    sizes
        The numbers of classes to try.
    argnums
        The arguments to differentiate by.
    values
        Values of symbols of the loss.
    """

    name: str
    program: Program
    inputs: tuple[Input, ...]
    intended: Loss | Program | None
    framework: str
    gradient: Program | None = None
    sizes: tuple[int, ...] = (1, 2, 3, 5)
    argnums: tuple[int, ...] = (0,)
    values: dict[Any, Any] = field(default_factory=dict)

    @property
    def meaning(self) -> str:
        """The title of the loss that it means to be; empty if that is unknown."""
        if self.intended is None or isinstance(self.intended, Loss):
            return self.intended.title or self.intended.name if self.intended else ""
        return str(getattr(self.intended, "__name__", "another program"))


def targets_of(library: str) -> list[Target]:
    """Return the targets of a library.

    Raises
    ------
    DeclarationError
        If there is no such library here.
    UnsupportedError
        If it is not installed.
    """
    if library not in LIBRARIES:
        raise DeclarationError(
            f"a target begins with one of {', '.join(LIBRARIES)}",
            found=library,
            remedy="see gradproof list targets",
        )
    try:
        make: Callable[[], list[Target]] = import_module(
            f".{library}_targets", __package__
        ).make_targets
        return make()
    except ModuleNotFoundError as error:
        extra = {"optax": "jax", "scipy": "scipy"}.get(library, library)
        raise UnsupportedError(
            f"the targets of {library} need it installed",
            found=f"no module {error.name}",
            remedy=f"pip install 'gradproof[{extra}]'",
        ) from None


def find_targets(name: str) -> list[Target]:
    """Return the targets of a library, or the one called ``library:function``.

    Raises
    ------
    DeclarationError
        If there is none of that name.
    """
    library, _, function = name.partition(":")
    known = targets_of(library)
    found = [t for t in known if not function or t.name == name]
    if not found:
        raise DeclarationError(
            "a target is called by its name in the list",
            found=name,
            remedy=f"take one of {', '.join(t.name for t in known)}",
        )
    return found
