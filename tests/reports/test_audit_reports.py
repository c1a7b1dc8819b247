"""The pages of audits."""

from __future__ import annotations

import math
import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from gradproof.checks.audits.result import Audit
from gradproof.reports.audit_page import render_audit, verdict_sentence
from gradproof.reports.audits import render_index, write_audits
from gradproof.symbolic.errors import ReportError

MADE: dict[str, Any] = runpy.run_path(
    str(Path(__file__).parents[1] / "checks" / "audits" / "hand_made_audits.py")
)
FOUND: Audit = MADE["FOUND"]
PASSED: Audit = MADE["PASSED"]


def test_a_page_with_findings(equals_stored: Callable[[str, str], None]) -> None:
    """The page of an audit that found something, word for word."""
    equals_stored("audit-found.md", render_audit(FOUND, "naive.svg"))


def test_a_page_without_findings(equals_stored: Callable[[str, str], None]) -> None:
    """The page of an audit that passes, word for word."""
    equals_stored("audit-passed.md", render_audit(PASSED))


def test_an_index(equals_stored: Callable[[str, str], None]) -> None:
    """The index names each audit with its classes of findings and its worst scores."""
    equals_stored("audit-index.md", render_index([FOUND, PASSED], ["naive", "torch-ce"]))


@pytest.mark.parametrize("audit", [FOUND, PASSED], ids=["found", "passed"])
def test_pages_depend_on_what_was_found_alone(audit: Audit) -> None:
    """The time an audit took is on no page."""
    assert render_audit(replace(audit, seconds=1e6)) == render_audit(audit)


def test_every_table_has_its_cells() -> None:
    """Each row of a table has as many cells as its head, whatever stands in them."""
    odd = replace(FOUND.findings[0], expected="a | b", where="*g*[1] | `x`", regime="<b>")
    page = render_audit(replace(FOUND, findings=(odd,), implementation="a|b:`c`"))
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    counts: list[int] = []
    for token in tokens:
        if token.type == "tr_open":
            counts.append(0)
        elif token.type in ("td_open", "th_open"):
            counts[-1] += 1
        elif token.type == "table_close":
            assert len(set(counts)) == 1
            counts.clear()
    assert "html_inline" not in {leaf.type for t in tokens for leaf in t.children or []}


def test_a_program_is_shown_once_for_the_dtypes_it_is_for() -> None:
    """Two dtypes with one reproducer share it."""
    one = FOUND.findings[1]
    page = render_audit(replace(FOUND, findings=(one, replace(one, dtype="float64"))))
    assert page.count("<summary>Reproduce") == 1
    assert "<summary>Reproduce in float32 and float64</summary>" in page


def test_a_verdict_says_what_and_where() -> None:
    """The sentence on top names every class with dtypes and onsets."""
    assert verdict_sentence(PASSED) == "**It passes**: nothing was found at 120 points."
    assert verdict_sentence(FOUND) == (
        "**4 findings** at 852 points: overflow, g\\[1\\] (float32 from gap 88.72 on); "
        "rounding, g\\[0\\] (float32 from margin 12.1 on, float64 from margin 31 on); "
        "protocol, the logits (float32)."
    )


def test_a_score_above_its_limit_is_bold() -> None:
    """What fails is told from what passes in the table; a regime that was not judged says so."""
    page = render_audit(FOUND)
    assert "| confident | **8.39e+06** (300 points) | **8.39e+03** (300 points) |" in page
    assert "| moderate | 2.25 (120 points, 3 without a gradient) | 2.5 (120 points) |" in page
    assert "| extreme, 1000 | **infinite** (12 points) |  |" in page
    nothing = replace(FOUND.worst[0], points=0)
    assert "| moderate | not judged, 3 without a gradient |" in render_audit(
        replace(PASSED, worst=(nothing,))
    )
    assert "No score was judged." in render_audit(replace(PASSED, worst=()))


def test_a_report_has_a_page_and_a_figure_for_each(tmp_path: Path) -> None:
    """Audits of one name have pages of different names; only those with curves have figures."""
    index = write_audits([FOUND, PASSED, FOUND], tmp_path / "out")
    assert index == tmp_path / "out" / "index.md"
    assert sorted(path.name for path in index.parent.iterdir()) == [
        "index.md",
        "naive-py-gradient-2.md",
        "naive-py-gradient-2.svg",
        "naive-py-gradient.md",
        "naive-py-gradient.svg",
        "torch-cross_entropy.md",
    ]
    text = index.read_text(encoding="utf-8")
    for name in ("naive-py-gradient", "naive-py-gradient-2", "torch-cross_entropy"):
        assert f"]({name}.md)" in text
    page = (index.parent / "naive-py-gradient.md").read_text(encoding="utf-8")
    assert "](naive-py-gradient.svg)" in page


def test_a_report_replaces_an_earlier_one_alone(tmp_path: Path) -> None:
    """An earlier report goes as a whole; a folder with a file of someone else is left alone."""
    folder = tmp_path / "out"
    write_audits([FOUND], folder)
    write_audits([PASSED], folder)
    assert sorted(path.name for path in folder.iterdir()) == ["index.md", "torch-cross_entropy.md"]
    (folder / "drawing.svg").write_text("<?xml?>\n<svg/>\n", encoding="utf-8")
    with pytest.raises(ReportError, match=r"found drawing\.svg in"):
        write_audits([FOUND], folder)
    assert (folder / "torch-cross_entropy.md").exists()


def test_a_name_that_is_no_name_of_a_file_has_a_page_all_the_same(tmp_path: Path) -> None:
    """A page is never called like the index, nor without a name."""
    odd = [replace(PASSED, implementation=name) for name in ("index", "λ", "../x/y.py:f")]
    folder = write_audits(odd, tmp_path / "out").parent
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["audit.md", "index-2.md", "index.md", "x-y-py-f.md"]


def test_a_finding_without_a_score_has_no_column_of_scores() -> None:
    """Columns in which nothing is said are left out."""
    page = render_audit(replace(FOUND, findings=FOUND.findings[-1:]))
    assert "| Dtype | Expected | Found |\n" in page
    assert math.isnan(FOUND.findings[-1].score)


def test_what_was_not_judged_is_no_pass() -> None:
    """The page and the index say of an audit that judged nothing that this says nothing."""
    unjudged = replace(PASSED, worst=())
    assert verdict_sentence(unjudged) == (
        "**Nothing was judged** in float32, so that this says nothing."
    )
    index = render_index([unjudged], ["page"])
    assert "1 audited: 0 without a finding, 0 with some, 1 with nothing judged" in index
    assert "| nothing judged |" in index
