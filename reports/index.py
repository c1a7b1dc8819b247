"""The index of a report: how many claims met which fate, each claim with its verdict.

Guarantees: every claim of the results has one row; the claims stand in the order they were given,
under the document that makes them; the text follows from the results alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import TypeAlias

from ..checks.claim import Claim
from ..checks.explanation import expectation
from ..checks.verdict import Finding, Outcome, Verdict
from .figures.figure import Figure
from .figures.pages import figures_list
from .markdown import MARKER, bullets, escape, paragraphs, table

Results: TypeAlias = Sequence[tuple[Claim, Verdict]]

TITLE = "Claims and verdicts"
_ORPHANS = "Claims without a source"


def render_index(results: Results, title: str = TITLE, figures: Sequence[Figure] = ()) -> str:
    """Return the Markdown index of a report.

    Parameters
    ----------
    results
        Each claim with its verdict.
    title
        The heading.
    figures
        Those of the report, each with the claims in it that it illustrates.
    """
    text = paragraphs(
        MARKER,
        f"# {escape(title)}",
        _summary(results),
        _counts(results),
        _trust(results),
        *(_document(name, some) for name, some in _documents(results).items()),
        figures_list(figures),
    )
    return f"{text}\n"


def page_name(claim: Claim) -> str:
    """Return the name of the file that holds the page of a claim."""
    return f"{claim.id}.md"


def _summary(results: Results) -> str:
    surprises = [claim for claim, verdict in results if not claim.as_expected(verdict)]
    lines = [f"{_count(len(results), 'claim')}, {len(results) - len(surprises)} as expected."]
    if surprises:
        names = ", ".join(_link(claim) for claim in surprises)
        lines.append(f"Not as expected: {names}.")
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _counts(results: Results) -> str:
    counts = Counter(verdict.outcome for _, verdict in results)
    rows = [(outcome.name, str(counts[outcome]), outcome.sentence) for outcome in Outcome]
    return table(("Verdict", "Claims", "What it means"), rows)


def _trust(results: Results) -> str:
    """Say which methods proved something here, and what stood against them."""
    proving = _methods(results, Finding.PROVES)
    if not proving:
        return ""
    confirming = _methods(results, Finding.CONFIRMS)
    lines = [
        "PROVED comes only from a method that decides, never from points that were tried.",
        "Here these methods proved something:",
    ]
    second = "Beside the proofs these methods looked for a reason against them and found none:"
    return paragraphs(
        "## What PROVED rests on",
        "\n".join(lines),
        bullets(proving),
        second if confirming else "",
        bullets(confirming),
    )


def _methods(results: Results, finding: Finding) -> list[str]:
    """Return the methods with `finding` in proved claims, each with its number of claims."""
    counts: Counter[str] = Counter()
    for _, verdict in results:
        if verdict.outcome is Outcome.PROVED:
            counts.update({e.method for e in verdict.evidence if e.finding is finding})
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [f"{escape(method)}, in {_count(number, 'claim')}" for method, number in ordered]


def _documents(results: Results) -> dict[str, list[tuple[Claim, Verdict]]]:
    """Group results by document: the part of the source before the first comma.

    A group is called by what the sources of its claims have in common.
    """
    groups: dict[str, list[tuple[Claim, Verdict]]] = {}
    for claim, verdict in results:
        groups.setdefault(claim.source.partition(", ")[0], []).append((claim, verdict))
    return {_heading(claim for claim, _ in group): group for group in groups.values()}


def _heading(claims: Iterable[Claim]) -> str:
    """Return the leading parts that all sources share."""
    columns = zip(*(claim.source.split(", ") for claim in claims), strict=False)
    shared = takewhile(lambda parts: len(set(parts)) == 1, columns)
    name = ", ".join(parts[0] for parts in shared)
    return name[:1].upper() + name[1:] if name else _ORPHANS


def _document(name: str, results: Results) -> str:
    header = ("Claim", "What it says", "Verdict", "Scope", "As expected")
    return paragraphs(f"## {escape(name)}", table(header, (_row(*result) for result in results)))


def _row(claim: Claim, verdict: Verdict) -> tuple[str, ...]:
    met = claim.as_expected(verdict)
    expected = "yes" if met else f"**no**, expected {expectation(claim, verdict)}"
    scope = escape(verdict.scope)
    return (
        _link(claim),
        escape(claim.title.removesuffix(".")),
        verdict.outcome.name,
        scope,
        expected,
    )


def _link(claim: Claim) -> str:
    return f"[{escape(claim.id)}]({page_name(claim)})"
