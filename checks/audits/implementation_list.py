"""Implementations of libraries that `gradproof audit` knows by name, each with the loss it means.

A framework is imported only when its implementations are asked for.
Each function is ordinary code of logits and a target, as one would write it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from ...numeric.implementations.call import Form, Reduction, Returns
from ...symbolic.errors import DeclarationError, UnsupportedError
from ...symbolic.loss import Loss

LIBRARIES = ("torch", "jax", "optax", "keras", "scipy", "sklearn", "numpy", "autograd", "stable")
"""The libraries that have implementations; Keras runs on the backend that it is set to.

``stable`` is gradproof's own.
"""

_EXTRAS = {"optax": "jax"}
"""The extra that brings a library, where it has another name."""

USUAL_DTYPES = ("float32", "float64")
"""The dtypes that an implementation is audited in unless it is made for others."""


@dataclass(frozen=True, eq=False)
class Implementation:
    """A function of a library, and the loss that it means to compute.

    Attributes
    ----------
    name
        ``library:function``.
    function
        The function of logits and a target.
    loss
        The loss that it means.
    target
        The form in which it takes its target.
    framework
        What it is written in: ``numpy``, ``torch``, ``jax``, ``keras`` or ``autograd``.
    description
        What it is, in one line.
    returns
        Whether it gives the loss or the gradient by the logits.
    dtypes
        The float dtypes that it makes sense in.
    reduction
        How the losses of a batch become one number; None if it takes one sample at a time.
    gradient
        A gradient written by hand beside it; None if there is none.
    values
        Values of the loss's scalars.
    """

    name: str
    function: Callable[..., Any]
    loss: Loss
    target: Form
    framework: str
    description: str
    returns: Returns = "loss"
    dtypes: tuple[str, ...] = USUAL_DTYPES
    reduction: Reduction | None = None
    gradient: Callable[..., Any] | None = None
    values: Mapping[Any, Any] = field(default_factory=dict)

    @property
    def library(self) -> str:
        """The library in its name."""
        return self.name.partition(":")[0]


def implementations_of(library: str) -> list[Implementation]:
    """Return the implementations of a library.

    Raises
    ------
    DeclarationError
        If there is no such library here.
    UnsupportedError
        If it is not installed; the text says how to install it.
    """
    if library not in LIBRARIES:
        close = get_close_matches(library, LIBRARIES)
        raise DeclarationError(
            f"the name of an implementation begins with one of {', '.join(LIBRARIES)}",
            found=repr(library),
            remedy=f"take {' or '.join(close)}" if close else "see gradproof audit --list",
        )
    try:
        make: Callable[[], list[Implementation]] = import_module(
            f".{library}_implementations", __package__
        ).make_implementations
        return make()
    except ModuleNotFoundError as error:
        raise _missing(library, error) from None


def _missing(library: str, error: ModuleNotFoundError) -> UnsupportedError:
    """Return the error for a library without what it imports; Keras may want a backend."""
    remedy = f"pip install 'gradproof[{_EXTRAS.get(library, library)}]'"
    if library == "keras" and error.name != "keras":
        remedy = "set KERAS_BACKEND to jax or torch, whichever is installed"
    return UnsupportedError(
        f"the implementations of {library} need it installed",
        found=f"no module {error.name}",
        remedy=remedy,
    )


def find_implementations(name: str) -> list[Implementation]:
    """Return the implementations of a library, or the one called ``library:function``.

    Raises
    ------
    DeclarationError
        If there is none of that name; the text names the closest ones.
    UnsupportedError
        If the library is not installed.
    """
    library, _, function = name.partition(":")
    known = {one.name: one for one in implementations_of(library)}
    if not function:
        return list(known.values())
    if name in known:
        return [known[name]]
    close = get_close_matches(name, known, cutoff=0.7) or list(known)
    raise DeclarationError(
        "an implementation is called by its name in the list",
        found=repr(name),
        remedy=f"take one of {', '.join(close)}",
    )
