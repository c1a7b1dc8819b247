"""Figures as parts of pages: the section of a claim's page, and the list in the index.

Guarantees: wherever a figure is shown, what it shows stands beside it in words.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..markdown import bullets, escape, folded, paragraphs, sentences, table
from .figure import Figure
from .refutation import MOST, PREFIX


def figures_section(figures: Sequence[Figure]) -> str:
    """Return the section of a page that shows figures, empty if there are none."""
    if not figures:
        return ""
    heading = "## Figure" if len(figures) == 1 else "## Figures"
    return paragraphs(heading, *map(_shown, figures))


def _shown(figure: Figure) -> str:
    header, *rows = figure.table or ((),)
    values = table([escape(cell) for cell in header], [list(map(escape, row)) for row in rows])
    return paragraphs(
        f"![{escape(figure.title)}]({figure.file})",
        f"**{escape(figure.title)}.**\n{sentences(figure.caption)}",
        f"In words:\n{sentences(figure.alternative)}",
        folded("Values of the figure", values) if rows else "",
    )


def figures_list(figures: Sequence[Figure]) -> str:
    """Return the section of the index that lists the figures with the claims they illustrate."""
    if not figures:
        return ""
    lines = [
        f"[{escape(figure.title)}]({figure.file}): "
        + ", ".join(f"[{escape(claim)}]({claim}.md)" for claim in figure.claims)
        for figure in figures
    ]
    refutations = sum(figure.name.startswith(PREFIX) for figure in figures)
    left_out = f"Figures of refuted claims end after the first {MOST}."
    return paragraphs("## Figures", bullets(lines), left_out if refutations == MOST else "")
