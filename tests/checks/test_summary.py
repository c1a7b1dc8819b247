"""The summary for continuous integration: what it tells, and the file that it is appended to."""

from __future__ import annotations

import os
import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from gradproof.checks.audits.words import properties
from gradproof.checks.claim import Claim
from gradproof.checks.explanation import is_as_expected
from gradproof.checks.runner import Failure, Result
from gradproof.checks.summary import (
    LONGEST,
    Line,
    append,
    audit_lines,
    audits_summary,
    check_appendable,
    claim_facts,
    claim_lines,
    claims_summary,
)
from gradproof.symbolic import Eq, ReportError, S, class_sum

HERE = Path(__file__).parent
RESULTS = runpy.run_path(str(HERE.parent / "reports" / "hand_made.py"))["RESULTS"]
AUDITS = runpy.run_path(str(HERE / "audits" / "hand_made_audits.py"))
FOUND, PASSED = AUDITS["FOUND"], AUDITS["PASSED"]

READER = MarkdownIt("commonmark").enable("table")


def with_expectation(claim: Claim, expected: str) -> Claim:
    """Return a claim whose author expects something else."""
    return Claim(claim.id, claim.statement, given=claim.given, at=claim.at, expected=expected)


UNWANTED: list[tuple[Claim, Result]] = [
    *((with_expectation(claim, "SUPPORTED"), verdict) for claim, verdict in RESULTS),
    (Claim("broken", Eq(class_sum(lambda j: S(j)), 1)), Failure("an error | of *gradproof*")),
]
"""Claims with verdicts that their authors do not expect, and one without a verdict."""


def rows(markdown: str) -> list[list[str]]:
    """Return the cells of every table in Markdown, row by row, heads included."""
    found: list[list[str]] = []
    for token in READER.parse(markdown):
        if token.type == "tr_open":
            found.append([])
        elif token.type == "inline" and found and token.level > 2:
            found[-1].append(token.content)
    return found


@pytest.mark.parametrize(("name", "results"), [("claims", RESULTS), ("unwanted-claims", UNWANTED)])
def test_a_summary_of_claims_is_what_was_stored(
    name: str, results: list[tuple[Claim, Result]], equals_stored: Callable[[str, str], None]
) -> None:
    """Verdicts are counted; what is not as expected has a row with its point and its reason."""
    lines = claim_lines(results, {"broken": Path("claims_a.py")}, 7)
    equals_stored(f"summary-{name}.md", f"{claims_summary(lines)}\n")


def test_a_summary_of_audits_is_what_was_stored(equals_stored: Callable[[str, str], None]) -> None:
    """Audits are counted, also those that could not be made; what fails has a row."""
    lines = [*audit_lines([PASSED, FOUND]), Line(properties(FOUND, passes=True), "pytest a")]
    equals_stored("summary-audits.md", f"{audits_summary(lines, missing=2)}\n")


def test_every_claim_that_is_not_as_expected_has_one_row() -> None:
    """A row for each of them and for no other, whatever marks its texts hold."""
    text = claims_summary(claim_lines(UNWANTED, {}, 0))
    others = [f"`{claim.id}`" for claim, result in UNWANTED if not is_as_expected(claim, result)]
    told = [row for row in rows(text) if len(row) == 5][1:]
    assert len(others) > 3
    assert [row[0] for row in told] == others
    assert "**Total**" in text


def test_where_all_is_as_expected_no_row_is_told() -> None:
    """A summary of what is as expected has the counts alone."""
    results = [pair for pair in RESULTS if is_as_expected(*pair)]
    text = claims_summary(claim_lines(results, {}, 0))
    assert rows(text)[-1] == ["**Total**", f"**{len(results)}**", "**0**"]


def test_an_audit_that_judged_nothing_fails() -> None:
    """An audit without findings that says nothing of a dtype is no pass."""
    (line,) = audit_lines([replace(PASSED, worst=())])
    assert not line.is_wanted
    assert "nothing was judged in float32" in audits_summary([line])


def test_a_long_reason_is_cut() -> None:
    """A summary stays short."""
    claim = Claim("long", Eq(class_sum(lambda j: S(j)), 1))
    text = claims_summary(claim_lines([(claim, Failure("x" * 1000))], {}, 0))
    assert "x" * (LONGEST - 3) + "..." in text
    assert "x" * LONGEST not in text


def test_the_facts_of_a_claim_are_texts_that_say_something() -> None:
    """Facts are what a report of a session can hold: no empty ones, and no other types."""
    for claim, result in [*RESULTS, *UNWANTED]:
        facts = claim_facts(claim, result)
        assert all(isinstance(text, str) and text for text in facts.values())
        assert facts["as_expected"] == ("yes" if is_as_expected(claim, result) else "no")


def test_a_summary_is_appended(tmp_path: Path) -> None:
    """What is in the file stays; two summaries are apart."""
    file = tmp_path / "summary.md"
    file.write_text("before\n\n", encoding="utf-8")
    check_appendable(file)
    append("### A\n\n| a |\n| --- |", file)
    append("### B", file)
    text = "before\n\n### A\n\n| a |\n| --- |\n\n### B\n\n"
    assert file.read_text(encoding="utf-8") == text


def test_a_check_writes_nothing(tmp_path: Path) -> None:
    """Whether a summary can be appended is seen without making the file."""
    check_appendable(tmp_path / "new.md")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("place", "found"),
    [(".", "a folder"), ("missing/summary.md", "no place that may be written")],
)
def test_a_place_that_holds_no_summary_is_refused(tmp_path: Path, place: str, found: str) -> None:
    """A folder, or a file in no folder, is refused before the work, in one line."""
    file = tmp_path / place
    with pytest.raises(ReportError) as error:
        check_appendable(file)
    told = f"the summary can be appended to {file}; found {found}; choose another file"
    assert str(error.value) == told


def test_trouble_as_it_is_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disc that is full ends in the one line too."""

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(ReportError, match="found No space left on device"):
        append("text", tmp_path / "summary.md")
