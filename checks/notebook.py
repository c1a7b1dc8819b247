"""What a notebook shows of a claim and of a verdict.

Guarantees: the text is Markdown of the forms that reports use, with formulas as Jupyter renders
them; it follows from the value alone, and needs no part of Jupyter.
A verdict does not know its claim, so that the two are shown apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..numeric.point import Point
from ..symbolic.markdown import (
    code,
    display,
    escape,
    folded,
    for_notebook,
    formula,
    paragraphs,
    sentences,
    table,
)
from ..symbolic.notebook import given_markdown, source_markdown
from ..symbolic.printing import to_latex

if TYPE_CHECKING:
    from .claim import Claim
    from .verdict import Counterexample, Evidence, Verdict


def claim_markdown(claim: Claim) -> str:
    """Return what a notebook shows of a claim."""
    title = f": {escape(claim.title)}" if claim.title != claim.id else ""
    several = "All of these hold:" if len(claim.statement) > 1 else ""
    differs = "" if claim.expected == "PROVED" else f"Its author expects {claim.expected}."
    return for_notebook(
        paragraphs(
            f"**{escape(claim.id)}**{title}",
            several,
            *(display(to_latex(part)) for part in claim.statement),
            given_markdown("Assumed:", claim.given),
            paragraphs("At this point:", _points_table(claim.at)) if claim.at else "",
            source_markdown(claim.source),
            sentences(claim.note),
            differs,
        )
    )


def verdict_markdown(verdict: Verdict) -> str:
    """Return what a notebook shows of a verdict."""
    found = verdict.counterexample
    method = f", by {escape(verdict.method)}" if verdict.method else ""
    return for_notebook(
        paragraphs(
            f"**{verdict.outcome.name}**: {verdict.sentence}",
            f"Scope: {escape(verdict.scope)}{method}.",
            sentences(_more(verdict)),
            *(_shown(verdict, found) if found else ()),
            folded("Evidence", _evidence(verdict.evidence)),
        )
    )


def _more(verdict: Verdict) -> str:
    """Return the reason, unless it says no more than the counterexample that is shown."""
    found = verdict.counterexample
    same = f"{found.failing} is false at {found.point}." if found else ""
    return "" if verdict.reason == same else verdict.reason


def _shown(verdict: Verdict, found: Counterexample) -> Iterator[str]:
    """Yield the exact point and what has which value there."""
    yield _points_table(found.point)
    refuted = verdict.outcome.name == "REFUTED"
    if found.figures:
        figures = [(escape(name), code(value)) for name, value in found.figures]
        yield table((escape(found.failing) if refuted else "Side", "Certified value"), figures)
    elif refuted:
        yield f"There {code(found.failing)} is false."


def _points_table(point: Point) -> str:
    spelled = zip(point, point.to_json().values(), strict=True)
    rows = [(formula(to_latex(key)), code(text)) for key, text in spelled]
    return table(("Symbol", "Exact value"), rows)


def _evidence(evidence: Sequence[Evidence]) -> str:
    """Return what each method found; the same on several parts of a statement is one row."""
    rows = dict.fromkeys((e.method, e.finding.value, e.scope, e.detail) for e in evidence)
    return table(("Method", "Finding", "Scope", "Detail"), [[*map(escape, row)] for row in rows])
