"""The first call of an implementation: what is wrong with how it was declared.

Guarantees: a wrong signature, a result that means nothing and a wrong form of the target are one
error that says what to do.
Cannot see: a target of a wrong form that the implementation computes with nevertheless, as where
NumPy subtracts a class from a vector.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from ...symbolic.errors import DeclarationError
from .call import Call, Form
from .guarding import guarded
from .manners import is_label
from .runner import Runner

_SIGNATURE = re.compile(
    r"TypeError: .*(?:positional argument|required (?:keyword-only )?argument|takes no arguments"
    r"|unexpected keyword|not callable)[^()]*$"
)


def first_contact(runner: Runner, call: Call) -> None:
    """Make a first call at a harmless point and raise what is wrong with the declaration.

    What takes too long, or kills its process, is not raised: it is for others to judge.

    Parameters
    ----------
    runner
        Of the implementation, guarded or not.
    call
        With moderate logits.

    Raises
    ------
    DeclarationError
        If there is no answer; it names the form of the target with which there is one, if any.
    UnsupportedError
        If the framework lacks the dtype.
    """
    answer = guarded(runner, time_limit=None).run(call)
    if answer.failure_kind != "error":
        return
    form = _working_form(runner, call)
    if form is not None:
        raise DeclarationError(
            f"an implementation takes targets of the form that is declared, {runner.form!r}",
            found=answer.failure,
            remedy=f"give target={form!r}, with which it answers",
        )
    taken, given = _arguments(call)
    if _SIGNATURE.search(answer.failure):
        raise DeclarationError(
            f"an implementation is called with {taken} and {given}",
            found=answer.failure,
            remedy="hand in a function of these two, such as lambda z, y: loss(z, y)",
        )
    raise DeclarationError(
        f"an implementation of {taken} and {given} returns the gradient by the logits or the loss",
        found=answer.failure,
        remedy=f"give framework=, if it is not written in {runner.framework}, or mend it"
        if answer.failure.startswith("AttributeError")
        else "mend it, or wrap it as a function of these two",
    )


def _arguments(call: Call) -> tuple[str, str]:
    shape = call.logits.shape
    if not is_label(call):
        target = "a target of that shape"
    else:
        target = "a class counted from 0" if len(shape) == 1 else "a class for each row"
    return f"logits of shape {shape}", target


def _working_form(runner: Runner, call: Call) -> Form | None:
    """Return another form of the same target with which the implementation answers."""
    target = np.asarray(call.target)
    other: Form
    if is_label(call):
        other, formed = "one-hot", np.eye(call.logits.shape[-1])[target]
    elif np.array_equal(np.sort(target)[..., -1:], np.ones((*target.shape[:-1], 1))) and (
        np.count_nonzero(target) == target.size // target.shape[-1]
    ):
        other, formed = "index", np.argmax(target, axis=-1)
    else:
        return None
    answer = guarded(runner, time_limit=None).run(replace(call, target=formed))
    return None if answer.failure else other
