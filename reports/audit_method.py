"""The method of an audit in words: what a score is, what passes and why, what is not seen."""

from __future__ import annotations

from ..checks.audits.result import Audit
from .markdown import display, paragraphs, table

_ROUNDOFF = {
    "float64": "2^{-53}",
    "float32": "2^{-24}",
    "float16": "2^{-11}",
    "bfloat16": "2^{-8}",
}

_SCORE = (
    r"\max\!\left(0, \frac{|\hat g_i - g_i| - f}"
    r"{u \left(|g_i| + \sum_j |z_j \, \partial g_i / \partial z_j|\right)}\right)"
)


def method_text(audit: Audit) -> str:
    """Return the method by which an audit was made, as Markdown."""
    return paragraphs(_score(audit), _limits(audit), _twin(audit), _UNSEEN)


def _score(audit: Audit) -> str:
    roundoffs = [
        f"$`u = {_ROUNDOFF[dtype]}`$ for {dtype}" for dtype in audit.dtypes if dtype in _ROUNDOFF
    ]
    unit = f", {', '.join(roundoffs)}" if roundoffs else ""
    return paragraphs(
        "The program was called as it is, in floats, at exact points.\n"
        "Its gradient was held against the derivative of the intended loss, by enclosures that "
        "hold the true value for certain.\n"
        "A component $`\\hat g_i`$ that should be $`g_i`$ has the score",
        display(_SCORE),
        f"with u the unit roundoff{unit}, and f the least normal number of the dtype, so that what "
        "underflows is forgiven.\n"
        "It says how many times worse the component is than the rounding of the logits alone makes "
        "it, which no program can undo.\n"
        "Targets and kernel values other than 0 and 1 add terms of their own to the sum.",
    )


def _limits(audit: Audit) -> str:
    """Return what passes, and why."""
    if not audit.thresholds:
        return ""
    reason = (
        "Code whose every step is backward stable scores a few units for each step that the data "
        "pass through; measured, stable codes score at most 10 in every regime.\n"
        "The limits leave room above that, for other orders of summation and other machines; they "
        "are lower in the short formats, where a unit is already a visible error.\n"
        "Where a formula cancels or saturates, scores grow far beyond them."
    )
    rows = [(dtype, f"{limit:.4g}") for dtype, limit in audit.thresholds.items()]
    return paragraphs(reason, table(("Dtype", "Largest score that passes"), rows))


def _twin(audit: Audit) -> str:
    """Return what rests on the exact twin."""
    if audit.has_twin:
        return (
            "The exact twin runs the same program in exact arithmetic, with every constant the "
            "binary number that it is.\n"
            "It tells a wrong formula, and another loss, from rounding: what it finds is certain "
            "at its exact point; agreement holds at the points tried and is no proof beyond them."
        )
    return (
        "There is no exact twin of the program, so that a wrong formula and rounding are told "
        "apart by the floats alone, which certifies neither."
    )


_UNSEEN = (
    "Not seen is what shows at none of the points, and what depends on the machine: another "
    "processor, another release or a compiler may round otherwise.\n"
    "Derivatives by anything but the logits are not judged."
)
