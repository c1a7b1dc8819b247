"""The report of audits: an index, a page for each, and its figure.

Guarantees: the report replaces an earlier one as a whole, or nothing is changed; pages depend on
what was found alone, not on the time it took.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..checks.audits.result import Audit
from ..checks.audits.words import score_text, tally
from .audit_figure import figure_svg
from .audit_page import render_audit, verdict_sentence
from .markdown import MARKER, bullets, escape, paragraphs, table
from .writer import INDEX, write_pages

TITLE = "Audits"


def write_audits(audits: Sequence[Audit], folder: Path, title: str = TITLE) -> Path:
    """Write a page for each audit, its figure and an index, and return the index's path.

    Parameters
    ----------
    audits
        What was found.
    folder
        Where the report goes; missing parents are made, an earlier report there is replaced.
    title
        The heading of the index.

    Raises
    ------
    ReportError
        If the folder holds files of someone else, or cannot be written.
    """
    write_pages(audit_files(audits, title), folder)
    return Path(folder) / INDEX


def audit_files(audits: Sequence[Audit], title: str = TITLE) -> dict[str, str]:
    """Return the text of each file of a report of audits by its name, without writing any.

    Parameters
    ----------
    audits, title
        As in `write_audits`.
    """
    names = _names(audits)
    files = {INDEX: render_index(audits, names, title)}
    for audit, name in zip(audits, names, strict=True):
        figure = f"{name}.svg" if audit.curves else None
        if figure is not None:
            files[figure] = figure_svg(audit, name)
        files[f"{name}.md"] = render_audit(audit, figure)
    return files


def render_index(audits: Sequence[Audit], names: Sequence[str], title: str = TITLE) -> str:
    """Return the index as Markdown.

    Parameters
    ----------
    audits
        What was found.
    names
        The name of the page of each, without its ending.
    title
        The heading.
    """
    dtypes = list(dict.fromkeys(dtype for audit in audits for dtype in audit.dtypes))
    rows = [_row(audit, name, dtypes) for audit, name in zip(audits, names, strict=True)]
    found = [
        f"[{escape(audit.implementation)}]({name}.md): {verdict_sentence(audit)}"
        for audit, name in zip(audits, names, strict=True)
        if audit.findings
    ]
    return (
        paragraphs(
            f"{MARKER}\n\n# {escape(title)}",
            f"{len(audits)} audited: {tally(audits)}.",
            table(
                ("Implementation", "Meant to be", "Findings", *(f"Worst in {d}" for d in dtypes)),
                rows,
            ),
            "A score says how many times worse a component of the gradient is than the rounding "
            "of the logits alone makes it; what is above the limit is bold.",
            *(["## What was found", bullets(found)] if found else []),
        )
        + "\n"
    )


def _row(audit: Audit, name: str, dtypes: Sequence[str]) -> tuple[str, ...]:
    kinds = list(dict.fromkeys(one.kind.text for one in audit.findings))
    link = f"[{escape(audit.implementation)}]({name}.md)"
    scores = [_score(audit, dtype) for dtype in dtypes]
    nothing = "none" if audit.passed else "nothing judged"
    return (link, escape(audit.loss), ", ".join(kinds) or nothing, *scores)


def _score(audit: Audit, dtype: str) -> str:
    if not any(one.dtype == dtype and one.points for one in audit.worst):
        return ""
    score = audit.worst_score(dtype)
    limit = audit.thresholds.get(dtype)
    text = score_text(score)
    return text if limit is None or score <= limit else f"**{text}**"


def _names(audits: Sequence[Audit]) -> list[str]:
    """Return a name for each page, each once whatever file systems say of case."""
    taken: dict[str, int] = {"index": 1}
    return [_unique(_plain(audit.implementation), taken) for audit in audits]


def _unique(name: str, taken: dict[str, int]) -> str:
    """Return the name, with a number behind it if it is taken."""
    number = taken.get(name, 0)
    taken[name] = number + 1
    return _unique(f"{name}-{number + 1}", taken) if number else name


def _plain(text: str) -> str:
    """Return lower-case letters, digits and underscores, with a hyphen for all between them."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-") or "audit"
