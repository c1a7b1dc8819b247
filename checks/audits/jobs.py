"""Implementations that a user names on the command line, with how they are to be audited.

Guarantees: a mistake in a name is one error that says what is possible; what a built-in
implementation means is known, so that options that would say otherwise are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ...symbolic.errors import DeclarationError
from ...symbolic.loss import Loss
from ...symbolic.losses import find_loss
from ..twins.loading import callable_of, load_module, loss_of, named_in
from .implementation_list import LIBRARIES, Implementation, find_implementations

USUAL_LOSS = "CE"
"""The loss that a program of a user's means, unless said otherwise."""


@dataclass(frozen=True, eq=False)
class Job:
    """An implementation that is to be audited.

    Attributes
    ----------
    name
        As the user gave it.
    implementation
        The callable.
    loss
        The loss that it means to be.
    options
        Keywords of `gradproof.audit` that go with it.
    """

    name: str
    implementation: Callable[..., Any]
    loss: Loss
    options: Mapping[str, Any]


def find_jobs(
    name: str,
    *,
    loss: str | None = None,
    gradient: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> list[Job]:
    """Return what a name on the command line stands for.

    Parameters
    ----------
    name
        A library, ``library:function``, ``FILE.py:NAME`` or ``module:NAME``.
    loss, gradient
        Names of the loss that a program means to be and of its gradient, in the same file; the
        former may be that of a loss of the library, softmax cross-entropy if not given, or
        ``FILE.py:NAME`` of another file.
    options
        Other keywords of `gradproof.audit` that were given; those that are None were not.

    Raises
    ------
    DeclarationError
        If a name means nothing, or an option contradicts a built-in implementation.
    ClaimsFileError
        If the file cannot be run.
    UnsupportedError
        If the library is not installed.
    """
    given = {key: value for key, value in (options or {}).items() if value is not None}
    if name.partition(":")[0] in LIBRARIES:
        said = given | {k: v for k, v in (("loss", loss), ("gradient", gradient)) if v}
        return [_built_in(one, said) for one in find_implementations(name)]
    home, _, function = name.rpartition(":")
    if not home or not function:
        raise DeclarationError(
            "a target is a library, library:function, FILE.py:NAME or module:NAME",
            found=name,
            remedy=f"the libraries are {', '.join(LIBRARIES)}",
        )
    module = load_module(home)
    program = callable_of(module, function)
    if gradient is not None:
        given["gradient"] = callable_of(module, gradient)
    return [Job(name, program, _meant(module, loss or USUAL_LOSS), given)]


def _meant(module: ModuleType, name: str) -> Loss:
    """Return the loss of a name in the program's own module, another file or the library."""
    found = loss_of(module, name)
    if found is not None:
        return found
    home, own = named_in(module, name)
    if home is module:
        return find_loss(name)  # which says what names there are
    known = sorted(key for key, value in vars(home).items() if isinstance(value, Loss))
    raise DeclarationError(
        "the loss that a program means is a Loss of the file named",
        found=f"no Loss {own!r} in {name.rpartition(':')[0]}",
        remedy=f"take one of {', '.join(known)}" if known else "define one there",
    )


_KNOWN = ("loss", "gradient", "target", "returns", "takes", "framework", "reduction", "values")
"""What is known of a built-in implementation."""


def _built_in(one: Implementation, given: Mapping[str, Any]) -> Job:
    said = [key for key in _KNOWN if key in given]
    if said:
        raise DeclarationError(
            "what a built-in implementation means is known",
            found=f"--{said[0]} for {one.name}",
            remedy=f"leave --{said[0]} out, or name a program of your own",
        )
    known = {
        "target": one.target,
        "returns": one.returns,
        "framework": one.framework,
        "dtypes": one.dtypes,
        "reduction": one.reduction,
        "gradient": one.gradient,
        "values": one.values or None,
    }
    options = {key: value for key, value in known.items() if value is not None}
    return Job(one.name, one.function, one.loss, options | dict(given))
