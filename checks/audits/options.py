"""What an audit is asked to do, checked once at the start.

Guarantees: a mistake in an option is one error that says what is possible.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from ...numeric.floats import FORMATS
from ...numeric.implementations.call import Form, Reduction, Returns
from ...symbolic.errors import DeclarationError
from ...symbolic.loss import Loss
from ...symbolic.losses import find_loss
from .intended import Intended, intended_by

DTYPES = ("float32", "float64")
"""The dtypes that are audited unless others are asked for."""

Progress = Callable[[str, float], None]
"""Told what is being done, and which share of it, from 0 to 1, is behind."""


@dataclass(frozen=True, eq=False)
class Options:
    """Everything an audit is asked to do; see `gradproof.audit`."""

    implementation: Callable[..., Any]
    intended: Intended
    form: Form
    takes: str = "logits"
    returns: Returns | None = None
    framework: str | None = None
    dtypes: tuple[str, ...] = DTYPES
    reduction: Reduction | None = None
    gradient: Callable[..., Any] | None = None
    sizes: tuple[int, ...] | None = None
    seed: int = 0
    quick: bool = False
    isolate: bool = False
    time_limit: float | None = 10.0
    name: str = ""
    progress: Progress | None = None


def read_options(
    implementation: Any,
    loss: Any,
    *,
    target: str | None,
    takes: str,
    dtypes: Sequence[str] | str | None,
    sizes: Sequence[int] | None,
    values: Mapping[Any, Any] | None,
    name: str | None,
    progress: Progress | None,
    **rest: Any,
) -> Options:
    """Return the options of an audit.

    Raises
    ------
    DeclarationError
        If one of them has no meaning.
    """
    if not callable(implementation):
        raise DeclarationError(
            "an implementation is a callable of logits and a target",
            found=repr(implementation),
            remedy="hand in the function itself, not its result",
        )
    meant = _loss(loss)
    if takes not in ("logits", "probabilities"):
        raise DeclarationError(
            "an implementation takes logits or probabilities",
            found=repr(takes),
            remedy="name one of them",
        )
    intended = intended_by(meant.of_outputs() if takes == "probabilities" else meant, values or {})
    return Options(
        implementation,
        intended,
        _form(target, intended),
        takes,
        dtypes=_dtypes(dtypes),
        sizes=_sizes(sizes),
        name=name or _name_of(implementation),
        progress=progress,
        **rest,
    )


def _loss(loss: Any) -> Loss:
    if isinstance(loss, Loss):
        return loss
    if isinstance(loss, str):
        return find_loss(loss)
    raise DeclarationError(
        "the intended loss is a Loss, or the name of one of the library",
        found=repr(loss),
        remedy="hand in gradproof.losses.softmax_cross_entropy, say",
    )


def _form(target: str | None, intended: Intended) -> Form:
    forms: tuple[Form, ...] = get_args(Form)
    if target is None:
        return intended.form
    if target not in forms:
        raise DeclarationError(
            f"a target is one of {', '.join(forms)}", found=repr(target), remedy="name one of them"
        )
    if intended.has_label != (target in ("index", "one-hot")):
        suits = ("index", "one-hot") if intended.has_label else ("soft", "kernel")
        raise DeclarationError(
            f"the target of {intended.loss.name} is {' or '.join(suits)}",
            found=repr(target),
            remedy="name one of them, or a loss with another target",
        )
    return next(form for form in forms if form == target)


def _dtypes(dtypes: Sequence[str] | str | None) -> tuple[str, ...]:
    chosen = DTYPES if dtypes is None else (dtypes,) if isinstance(dtypes, str) else tuple(dtypes)
    wrong = [d for d in chosen if d not in FORMATS]
    if wrong or not chosen:
        raise DeclarationError(
            f"a float dtype is one of {', '.join(FORMATS)}",
            found=", ".join(map(repr, wrong)) or "none",
            remedy="name one of them",
        )
    return tuple(dict.fromkeys(chosen))


def _sizes(sizes: Sequence[int] | None) -> tuple[int, ...] | None:
    if sizes is None:
        return None
    wrong = [n for n in sizes if type(n) is not int or n < 1]
    if wrong or not sizes:
        raise DeclarationError(
            "a number of classes is a positive integer",
            found=", ".join(map(repr, wrong)) or "none",
            remedy="hand in sizes=(2, 3, 10), say",
        )
    return tuple(dict.fromkeys(sizes))


def _name_of(implementation: Any) -> str:
    name = getattr(implementation, "__qualname__", None) or type(implementation).__qualname__
    return str(name).replace("<locals>.", "")
