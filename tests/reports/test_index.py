"""Laws of the index of a report."""

from __future__ import annotations

import re
from collections.abc import Callable

from gradproof.checks.claim import Claim
from gradproof.checks.verdict import Outcome, Verdict
from gradproof.reports import render_index


def test_the_index_is_what_was_stored(
    results: tuple[tuple[Claim, Verdict], ...], equals_stored: Callable[[str, str], None]
) -> None:
    """The index is the stored one, byte for byte."""
    equals_stored("index.md", render_index(results, "Claims on losses"))


def test_every_claim_has_one_row(results: tuple[tuple[Claim, Verdict], ...]) -> None:
    """Each claim stands in one row with its link and its verdict."""
    row = r"^\| \[(\S+)\]\((\S+)\) \|.*\| ([A-Z]+) \|"
    rows = re.findall(row, render_index(results), re.MULTILINE)
    assert sorted(rows) == sorted((c.id, f"{c.id}.md", v.outcome.name) for c, v in results)


def test_the_counts_add_up(results: tuple[tuple[Claim, Verdict], ...]) -> None:
    """Every outcome of the closed list has a row with its sentence; all claims are counted."""
    rows = re.findall(r"^\| ([A-Z]+) \| (\d+) \| (.*) \|$", render_index(results), re.MULTILINE)
    assert [(name, said) for name, _, said in rows] == [(o.name, o.sentence) for o in Outcome]
    assert sum(int(count) for _, count, _ in rows) == len(results)


def test_claims_are_grouped_by_document(results: tuple[tuple[Claim, Verdict], ...]) -> None:
    """A document is named by what the sources of its claims share, in the order of the claims."""
    headings = re.findall(r"^## (.*)$", render_index(results), re.MULTILINE)
    assert headings == [
        "What PROVED rests on",
        "A Paper on Losses, A. Author",
        r"A forum, the thread on \|kernels\|, second post",
        "Claims without a source",
    ]


def test_surprises_are_named(results: tuple[tuple[Claim, Verdict], ...]) -> None:
    """The index names each claim whose verdict was not expected, in its summary and in its row."""
    text = render_index(results)
    assert "6 claims, 5 as expected.\nNot as expected: [kde-bound](kde-bound.md)." in text
    assert text.count("**no**, expected PROVED") == 1
    assert "Not as expected" not in render_index(results[:5])


def test_an_index_of_nothing_is_possible() -> None:
    """A report without claims says so."""
    assert "0 claims, 0 as expected." in render_index(())
