"""The page of an audit: what was audited, what was found, how bad it is and where.

Guarantees: everything the audit found is on the page, worst first, each finding with its exact
point and the program that shows it; two runs of one audit give one text, since no time is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..checks.audits.finding import Finding
from ..checks.audits.result import Audit, Worst
from ..checks.audits.words import (
    certification,
    counted,
    findings_text,
    groups,
    joined,
    kinks_text,
    opinions_of,
    point_text,
    score_text,
    sentence,
    stages_text,
)
from .audit_figure import NOTE, curves, figure_alternative
from .audit_method import method_text
from .markdown import MARKER, bullets, code, escape, fence, folded, paragraphs, table

_COLUMNS = ("Dtype", "Regime", "From", "Expected", "Found", "Score", "At")
"""What is said of each finding."""


def render_audit(audit: Audit, figure: str | None = None) -> str:
    """Return the page of an audit as Markdown.

    Parameters
    ----------
    audit
        What was found.
    figure
        The file of its figure, relative to the page; None if there is none.
    """
    parts = [
        f"{MARKER}\n\n# {escape(audit.implementation)}",
        f"{verdict_sentence(audit)}\n{_subject(audit)}",
        _facts(audit),
        *_findings(audit),
        "## Scores",
        _scores(audit),
        *_curves(audit, figure),
        *_notes("What the exact twin says", [sentence(text) for text in audit.twin]),
        *_notes("Remarks", [*filter(None, [kinks_text(audit)]), *map(sentence, audit.remarks)]),
        "## Method",
        method_text(audit),
    ]
    return paragraphs(*parts) + "\n"


def verdict_sentence(audit: Audit) -> str:
    """Return the outcome as a sentence of Markdown."""
    points = counted(audit.points, "point")
    if audit.passed:
        return f"**It passes**: nothing was found at {points}."
    if not audit.findings:
        return f"**Nothing was judged** in {joined(audit.unjudged)}, so that this says nothing."
    told = escape(findings_text(audit))
    return f"**{counted(len(audit.findings), 'finding')}** at {points}: {told}."


def _subject(audit: Audit) -> str:
    """Return what was held against what, in a sentence."""
    return f"It is held against {escape(audit.loss)}."


def _facts(audit: Audit) -> str:
    """Return what the audit rests on."""
    versions = ", ".join(f"{name} {version}" for name, version in audit.versions.items())
    rows = [
        ("Implementation", code(audit.implementation)),
        ("Loss that it is meant to be", escape(audit.loss)),
        ("Framework", escape(audit.framework)),
        ("Dtypes", escape(", ".join(audit.dtypes))),
        ("Points", f"{audit.points}, each dtype counted apart; seed {audit.seed}"),
        ("Calls", str(audit.calls)),
        ("Versions", escape(versions)),
    ]
    return table(("Audit", ""), [row for row in rows if row[1]])


def _findings(audit: Audit) -> Iterator[str]:
    """Yield the parts that tell what was found, worst first."""
    if audit.findings:
        yield "## Findings"
    for number, group in enumerate(groups(audit.findings), start=1):
        first = group[0]
        yield f"### {number}. {first.kind.text.capitalize()}: {escape(first.where)}"
        yield escape(sentence(first.kind.value))
        yield _filled_columns([_row(one) for one in group])
        yield bullets(_details(group))
        for text, dtypes in _reproducers(group).items():
            yield folded(f"Reproduce in {joined(dtypes)}", fence(text, "python"))


def _row(one: Finding) -> tuple[str, ...]:
    score = "" if one.score != one.score else score_text(one.score)
    place = code(point_text(one.point)) if one.point else ""
    cells = (one.dtype, one.regime, one.onset)
    return (*map(escape, cells), code(one.expected), code(one.found), score, place)


def _filled_columns(rows: Sequence[tuple[str, ...]]) -> str:
    """Return the table of findings, without the columns in which nothing is said."""
    used = [number for number in range(len(_COLUMNS)) if any(row[number] for row in rows)]
    return table([_COLUMNS[n] for n in used], [[row[n] for n in used] for row in rows])


def _details(group: Sequence[Finding]) -> Iterator[str]:
    """Yield how findings grow, who certifies them and what others say, one a line."""
    for one in group:
        stages = stages_text(one)
        if stages:
            yield f"{escape(one.dtype)}: {escape(stages)}."
        if one.note:
            yield f"{escape(one.dtype)}: {escape(sentence(one.note))}"
    if certification(group):
        yield escape(certification(group))
    for said in opinions_of(group):
        yield f"{escape(said)}."


def _reproducers(group: Sequence[Finding]) -> dict[str, list[str]]:
    """Return the programs, each with the dtypes that it is for."""
    found: dict[str, list[str]] = {}
    for one in group:
        if one.reproducer:
            found.setdefault(one.reproducer.strip("\n"), []).append(one.dtype)
    return found


def _scores(audit: Audit) -> str:
    """Return the table of the worst scores: a row a regime, a column a dtype."""
    if not audit.worst:
        return "No score was judged."
    cells = {(one.regime, one.dtype): one for one in audit.worst}
    regimes = dict.fromkeys(one.regime for one in audit.worst)
    rows = [
        (escape(regime), *(_cell(audit, cells.get((regime, d))) for d in audit.dtypes))
        for regime in regimes
    ]
    limits = [f"{audit.thresholds[d]:.4g}" if d in audit.thresholds else "" for d in audit.dtypes]
    return paragraphs(
        "The worst score of each regime, with the number of points; what is above the limit is "
        "bold.",
        table(("Regime", *map(escape, audit.dtypes)), [*rows, ("limit", *limits)]),
    )


def _cell(audit: Audit, worst: Worst | None) -> str:
    """Return a score with its points; bold if it is too large."""
    if worst is None:
        return ""
    left = f", {worst.undefined} without a gradient" if worst.undefined else ""
    if not worst.points:
        return f"not judged{left}"
    told = score_text(worst.score)
    limit = audit.thresholds.get(worst.dtype)
    shown = told if limit is None or worst.score <= limit else f"**{told}**"
    return f"{shown} ({counted(worst.points, 'point')}{left})"


def _curves(audit: Audit, figure: str | None) -> Iterator[str]:
    """Yield the parts about scores against margins."""
    if not audit.curves:
        return
    yield "## Score against the margin"
    words = bullets(map(escape, curves(audit)))
    if figure is not None:
        yield f"![{escape(figure_alternative(audit))}]({figure})"
        yield NOTE
        words = folded("The figure in words", words)
    yield words


def _notes(title: str, notes: Sequence[str]) -> Iterator[str]:
    """Yield a section with one line for each note, nothing without notes."""
    if notes:
        yield f"## {title}"
        yield bullets(map(escape, notes))
