"""What a notebook shows of a loss and of a kernel: its formula, where it is defined, its source.

Guarantees: the text is Markdown of the forms that reports use, with formulas as Jupyter renders
them; it follows from the value alone, and needs no part of Jupyter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sympy import Expr, S as _S, Symbol
from sympy.logic.boolalg import Boolean

from .markdown import display, escape, for_notebook, formula, listed, paragraphs
from .printing import to_latex
from .relations import Eq
from .vocabulary import S, Softmax, i

if TYPE_CHECKING:
    from .kernel import Kernel
    from .loss import Loss

_ARGUMENT = Symbol("t", real=True)
"""The argument of a kernel: a distance on the line, an angle on the circle."""


def loss_latex(loss: Loss) -> str:
    """Return a loss as an equation: its name and its value."""
    return to_latex(Eq(loss.term, loss.value))


def loss_markdown(loss: Loss) -> str:
    """Return what a notebook shows of a loss."""
    title = f": {escape(loss.title)}" if loss.title else ""
    return for_notebook(
        paragraphs(
            f"**{escape(loss.name)}**{title}",
            display(loss_latex(loss)),
            _softmax_text(loss),
            given_markdown("Defined for", loss.given),
            source_markdown(loss.source),
        )
    )


def _softmax_text(loss: Loss) -> str:
    softmax = S(i)
    if not any(node.logit == softmax.logit for node in loss.value.atoms(Softmax)):
        return ""
    return f"Here {formula(to_latex(Eq(softmax, softmax.definition())))}."


def given_markdown(words: str, given: tuple[Boolean, ...]) -> str:
    """Return conditions as a sentence; empty if there are none."""
    return f"{words} {listed(formula(to_latex(fact)) for fact in given)}." if given else ""


def source_markdown(source: str) -> str:
    """Return where something comes from as a sentence; empty if that is not said."""
    return f"Source: {escape(source.removesuffix('.'))}." if source else ""


def kernel_latex(kernel: Kernel, argument: Symbol) -> str:
    """Return a kernel as an equation, `argument` being that of its profile; on its support."""
    size = _ARGUMENT if kernel.circular else _ARGUMENT / kernel.scale
    value = _S(kernel.constant) * kernel.profile.xreplace({argument: size})
    low, high = (to_latex(end * kernel.scale) for end in kernel.support)
    where = rf", \quad {low} \le t \le {high}" if kernel.compact else ""
    return f"K(t) = {to_latex(value)}{where}"


def kernel_markdown(kernel: Kernel, argument: Symbol) -> str:
    """Return what a notebook shows of a kernel."""
    known = kernel.title.casefold() in ("", kernel.name.replace("_", " ").casefold())
    title = "" if known else f", {escape(kernel.title)}"
    place = "an angle $`t`$ in radians" if kernel.circular else "a distance $`t`$"
    return for_notebook(
        paragraphs(
            f"**{escape(kernel.name)}**{title}: a kernel of {place}",
            display(kernel_latex(kernel, argument)),
            " ".join(_facts(kernel)),
            source_markdown(kernel.source),
        )
    )


def _facts(kernel: Kernel) -> Iterator[str]:
    """Yield sentences on where a kernel is 0 and how smooth it is."""
    if kernel.compact:
        yield "It is 0 elsewhere."
    if not kernel.kinks:
        yield "It has no kink."
        return
    places = listed(formula(f"t = {to_latex(_place(kernel, kink))}") for kink in kernel.kinks)
    if kernel.smoothness < 0:
        yield f"It jumps at {places}, where it is the mean of both sides."
    elif kernel.smoothness == 0:
        yield f"It is continuous, with kinks at {places}."
    else:
        times = {1: "once", 2: "twice"}.get(int(kernel.smoothness), f"{kernel.smoothness} times")
        yield f"It is {times} continuously differentiable, no more often at {places}."


def _place(kernel: Kernel, kink: Expr) -> Expr:
    return kink if kernel.circular else kink * kernel.scale
