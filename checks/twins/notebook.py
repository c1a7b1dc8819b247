"""What a notebook shows of a comparison of two programs.

Guarantees: the text is Markdown of the forms that reports use; it follows from the value alone, and
needs no part of Jupyter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...symbolic.markdown import code, escape, paragraphs, sentences, table

if TYPE_CHECKING:
    from .comparison import Comparison

_QUESTIONS = {
    "backward": "Is the backward pass the derivative of the forward?",
    "forward": "Is the forward the loss that was meant?",
}


def comparison_markdown(comparison: Comparison) -> str:
    """Return what a notebook shows of a comparison."""
    question = _QUESTIONS[comparison.question]
    return paragraphs(
        f"{question}\n**{escape(comparison.headline)}**",
        escape(comparison.outcome.sentence),
        *_difference(comparison),
        _counts(comparison),
        *map(sentences, comparison.remarks),
    )


def _difference(comparison: Comparison) -> Iterator[str]:
    """Yield the point that shows a difference, with the two values, and where it starts."""
    found, point = comparison.verdict, comparison.point
    if found is None or point is None:
        return
    rows = [("Expected", found.expected), ("The program's", found.found), ("Off by", found.gap)]
    shown = [(name, code(value)) for name, value in rows if value]
    yield table((f"At {code(str(point))}", escape(found.where)), shown)
    if found.note:
        yield f"{escape(found.note[:1].upper() + found.note[1:])}."
    if comparison.onset is not None:
        yield f"It starts at about {code(comparison.onset.about())}."


def _counts(comparison: Comparison) -> str:
    counts = [
        (comparison.kinks, "with a valid subgradient where branches meet"),
        (comparison.undefined, "without a value"),
        (comparison.undecided, "undecided"),
    ]
    told = [f"{count} {what}" for count, what in counts if count]
    return f"Further points: {', '.join(told)}." if told else ""
