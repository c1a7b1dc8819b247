"""Makes the runner of an implementation: finds its framework and the order of its arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, get_args

from ...symbolic.errors import DeclarationError
from ..twins.adaptor import detect, uses_autograd
from .call import Form, Reduction, Returns
from .function_runner import FunctionRunner
from .toolkit import find_toolkit


def make_runner(
    implementation: Callable[..., Any],
    *,
    framework: str | None = None,
    form: Form = "index",
    returns: Returns | None = None,
    reduction: Reduction | None = None,
    gradient: Callable[..., Any] | None = None,
) -> FunctionRunner:
    """Return what runs an implementation.

    Parameters
    ----------
    implementation
        A callable of logits and target that returns the gradient by the logits, or the loss. Keras
        losses, and functions whose first two parameters are named ``y_true`` and ``y_pred``, get
        the target first, and a batch of one.
    framework
        What it is written in: ``"numpy"``, ``"torch"``, ``"jax"``, ``"keras"`` or ``"autograd"``;
        by default what the modules tell that its code names.
    form
        How it takes its target.
    returns
        What it returns; by default what the shape of its first result says.
    reduction
        How it makes one number of the losses of a batch; by default what the shape says.
    gradient
        A function of the same arguments that returns the gradient of the loss. It takes the place
        of differentiation; without it a loss in NumPy has no gradient.

    Raises
    ------
    DeclarationError
        If an argument has no meaning.
    UnsupportedError
        If the framework is not installed.
    """
    _check_callable(implementation, "an implementation is a callable of logits and target")
    if gradient is not None:
        _check_callable(gradient, "gradient= is a callable of logits and target")
    _check_option("form", form, get_args(Form))
    _check_option("returns", returns, (None, *get_args(Returns)))
    _check_option("reduction", reduction, (None, *get_args(Reduction)))
    if gradient is not None and returns == "gradient":
        raise DeclarationError(
            "gradient= goes with an implementation that returns the loss",
            found="returns='gradient'",
            remedy="leave one of the two out",
        )
    name = framework or detect_framework(implementation)
    return FunctionRunner(
        implementation,
        find_toolkit(name),
        framework=name,
        form=form,
        returns="loss" if gradient is not None else returns,
        reduction=reduction,
        gradient=gradient,
        target_first=_takes_target_first(implementation),
    )


def detect_framework(implementation: Any) -> str:
    """Return the framework that an implementation uses, from the modules that its code names.

    NumPy functions whose code names autograd count as autograd's, also if they return the gradient
    that it makes; NumPy is what remains if no module is named.
    """
    found = detect(implementation)
    return "autograd" if found == "numpy" and uses_autograd(implementation) else found


def _takes_target_first(implementation: Callable[..., Any]) -> bool:
    try:
        names = list(inspect.signature(implementation).parameters)
    except (TypeError, ValueError):  # of builtins
        return False
    return names[:2] == ["y_true", "y_pred"]


def _check_callable(function: Any, invariant: str) -> None:
    if not callable(function):
        raise DeclarationError(
            invariant, found=repr(function), remedy="hand in the function itself, not its result"
        )


def _check_option(name: str, value: Any, possible: tuple[Any, ...]) -> None:
    if value not in possible:
        raise DeclarationError(
            f"{name} is one of {', '.join(map(repr, possible))}",
            found=repr(value),
            remedy="name one of these",
        )
