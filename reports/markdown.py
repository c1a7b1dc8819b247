"""The Markdown of reports: the forms that every layer writes, and the mark of a page.

Guarantees: what the forms guarantee, see `gradproof.symbolic.markdown`.
"""

from __future__ import annotations

from ..symbolic.markdown import (
    bullets,
    code,
    display,
    escape,
    fence,
    folded,
    formula,
    listed,
    paragraphs,
    sentences,
    table,
)

__all__ = [
    "MARKER",
    "bullets",
    "code",
    "display",
    "escape",
    "fence",
    "folded",
    "formula",
    "listed",
    "paragraphs",
    "sentences",
    "table",
]

MARKER = "<!-- written by gradproof -->"
"""First line of every page, by which a report is known again."""
