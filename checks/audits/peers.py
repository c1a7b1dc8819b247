"""What the frameworks' own gradient checkers say at a point: the comparison that teaches.

Guarantees: each checker is asked as its users ask it, in a bounded time, without output, and never
ends in an error; where it could not be asked, the opinion says why.
They compare with finite differences, so that they see neither errors that the function and its
gradient share nor those below their tolerances.

How each is asked:

- ``torch.autograd.gradcheck``: in float64, as it demands, with its default tolerances, whatever the
  dtype of the finding.
- ``jax.test_util.check_grads``: in the dtype of the finding, order 1, reverse mode.
- ``scipy.optimize.check_grad``: in float64; it returns the 2-norm of the difference and leaves the
  judgement to the user, who is taken to accept up to 1e-5 max(1, |g|): some hundred times what
  forward differences with its step of 1.5e-8 are off by for losses of moderate size.
- ``autograd.test_util.check_grads``: in float64, order 1, reverse mode.

Cannot bound the time of a single operation in C, nor any time outside the main thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...numeric.implementations.call import Array, Call, Returns
from ...numeric.implementations.limits import TimeUp, time_limited
from ...numeric.implementations.manners import Manner, arguments_of
from ...numeric.implementations.quietness import quiet
from ...numeric.implementations.toolkit import Toolkit, find_toolkit
from ...symbolic.errors import GradproofError
from .finding import Opinion

ACCEPTED = 1e-5
"""How far `scipy.optimize.check_grad` may find a gradient off, relative to max(1, its norm)."""


@dataclass(frozen=True, eq=False)
class _Question:
    """An implementation at a point.

    Attributes
    ----------
    function
        What is differentiated, or for SciPy the gradient.
    loss
        For SciPy the loss.
    """

    function: Callable[..., Any]
    call: Call
    toolkit: Toolkit
    manner: Manner
    target_first: bool = False
    loss: Callable[[Array], float] | None = None

    def logits(self, *, tracked: bool = False) -> Any:
        """Return the logits as the implementation gets them."""
        return arguments_of(self.toolkit, self.call, self.manner, tracked=tracked)[0]

    def at(self, z: Any) -> Any:
        """Return what the function returns for logits."""
        target = arguments_of(self.toolkit, self.call, self.manner, tracked=False)[1]
        return self.function(*((target, z) if self.target_first else (z, target)))

    def loss_at(self, x: Array) -> float:
        """Return the loss that the function returns for an array of float64 logits."""
        return float(np.sum(np.asarray(self.at(self._formed(x)), dtype=np.float64)))

    def gradient_at(self, x: Array) -> Array:
        """Return the gradient that the function returns for an array of float64 logits."""
        return np.asarray(self.at(self._formed(x)), dtype=np.float64).ravel()

    def _formed(self, x: Array) -> Array:
        copied = np.array(x)  # checkers hand in one array again and again
        return copied[None] if self.manner.batched else copied

    def in_dtype(self, dtype: str) -> _Question:
        """Return the same question with numbers of another dtype."""
        return replace(self, call=replace(self.call, dtype=dtype))


def ask_peers(
    implementation: Callable[..., Any],
    call: Call,
    *,
    framework: str,
    returns: Returns = "loss",
    gradient: Callable[..., Any] | None = None,
    manner: Manner | None = None,
    target_first: bool = False,
    loss_value: Callable[[Array], float] | None = None,
    seconds: float = 10.0,
) -> tuple[Opinion, ...]:
    """Return what the checker of a framework says of an implementation at a point.

    Parameters
    ----------
    implementation
        The callable of logits and target.
    call
        The point; a single one, no batch.
    framework
        ``"numpy"``, ``"torch"``, ``"jax"``, ``"keras"`` or ``"autograd"``; the checker of Keras is
        that of its backend.
    returns, gradient
        As for `gradproof.numeric.implementations.making.make_runner`.
    manner, target_first
        How it takes its arguments; by default the usual manner of the framework, logits first.
    loss_value
        The intended loss as a function of float64 logits, which SciPy's checker needs beside a
        function that returns the gradient.
    seconds
        How long the checker may take.

    Returns
    -------
    tuple of Opinion
        Empty for a loss in NumPy without a gradient, of which there is nothing to check.
    """
    if framework == "numpy" and returns == "loss" and gradient is None:
        return ()
    by_hand = gradient if returns == "loss" else implementation
    try:
        toolkit = find_toolkit(framework)
    except GradproofError as error:
        return (Opinion("the gradient checker", None, error.found),)
    name, ask = _CHECKERS[toolkit.name]
    usual = manner or Manner(toolkit.labels[0])
    question = _Question(implementation, call, toolkit, usual, target_first)
    if by_hand is not None:
        own = question.in_dtype("float64").loss_at
        loss = loss_value if returns == "gradient" else own
        reason = _why_not(toolkit, loss)
        if reason:
            return (Opinion(name, None, reason),)
        question = replace(question, function=by_hand, loss=loss)
    return (_opinion(name, ask, question, seconds),)


def _why_not(toolkit: Toolkit, loss: Callable[[Array], float] | None) -> str:
    """Return why a gradient written by hand cannot be checked; empty if it can."""
    if toolkit.name != "NumPy":
        return "it checks what the framework differentiates, no gradient by hand"
    return "" if loss is not None else "it needs the loss beside its gradient"


def _opinion(
    name: str, ask: Callable[[_Question], tuple[bool, str]], question: _Question, seconds: float
) -> Opinion:
    try:
        with question.toolkit.session(question.call.dtype), quiet(), time_limited(seconds):
            passes, detail = ask(question)
            return Opinion(name, passes, detail)
    except TimeUp:
        return Opinion(name, None, f"it took more than {seconds:g} s")
    except ModuleNotFoundError as error:
        return Opinion(name, None, f"{error.name} is not installed")
    except Exception as error:  # whatever checker or implementation raise
        first = next(iter(str(error).splitlines()), "")
        return Opinion(name, None, f"{type(error).__name__}: {first}".rstrip(": "))


def _ask_torch(question: _Question) -> tuple[bool, str]:
    from torch.autograd import gradcheck

    asked = question.in_dtype("float64")
    passes = gradcheck(asked.at, (asked.logits(tracked=True),), raise_exception=False)
    return bool(passes), "in float64, default tolerances"


def _ask_jax(question: _Question) -> tuple[bool, str]:
    from jax.test_util import check_grads

    detail = f"in {question.call.dtype}, default tolerances"
    try:
        check_grads(question.at, (question.logits(),), order=1, modes=["rev"])
    except AssertionError:
        return False, detail
    return True, detail


def _ask_autograd(question: _Question) -> tuple[bool, str]:
    from autograd.test_util import check_grads

    asked = question.in_dtype("float64")
    state = np.random.get_state()  # the checker draws a direction there
    np.random.seed(0)
    try:
        check_grads(asked.at, modes=["rev"], order=1)(asked.logits())
    except AssertionError:
        return False, "in float64"
    finally:
        np.random.set_state(state)
    return True, "in float64"


def _ask_scipy(question: _Question) -> tuple[bool, str]:
    from scipy.optimize import check_grad

    assert question.loss is not None
    asked = question.in_dtype("float64")
    start = np.array(asked.call.logits, dtype=np.float64)
    error = float(check_grad(question.loss, asked.gradient_at, start))
    size = float(np.linalg.norm(asked.gradient_at(start)))
    return error <= ACCEPTED * max(1.0, size), f"in float64, off by {error:.1e}"


_CHECKERS: dict[str, tuple[str, Callable[[_Question], tuple[bool, str]]]] = {
    "PyTorch": ("torch.autograd.gradcheck", _ask_torch),
    "JAX": ("jax.test_util.check_grads", _ask_jax),
    "NumPy": ("scipy.optimize.check_grad", _ask_scipy),
    "autograd": ("autograd.test_util.check_grads", _ask_autograd),
}
