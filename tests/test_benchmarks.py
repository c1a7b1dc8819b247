"""The benchmarks: each runs in its short form, and writes a table of the stored shape."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

STORED = Path("docs/benchmark-tables")
NAMES = (
    "audits",
    "catalogue",
    "certified_gradients",
    "fuzzing",
    "proof_for_all_n",
    "start_up",
)


def headers(text: str) -> list[list[str]]:
    """Return the first cells of each table in Markdown, the size in them left out."""
    lines = text.splitlines()
    above = [first for first, second in pairwise(lines) if "| --- |" in second]
    return [line.strip("| ").split(" | ") for line in above]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_short_form_writes_tables_of_the_stored_shape(
    name: str, checkout: Path, tmp_path: Path
) -> None:
    """It ends well, and its tables have the stored headers, of which sizes may be fewer."""
    written = tmp_path / "table.md"
    ran = subprocess.run(
        [sys.executable, f"benchmarks/{name}.py", "--short", "--markdown", str(written)],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    today = written.read_text(encoding="utf-8")
    stored = (checkout / STORED / f"{name}.md").read_text(encoding="utf-8")
    assert len(headers(today)) == len(headers(stored)) > 0
    for short, whole in zip(headers(today), headers(stored), strict=True):
        assert set(short) <= set(whole)
    for text in (today, stored):
        assert "Measured on " in text
        assert " cores, Python " in text


def test_the_page_shows_every_table(checkout: Path) -> None:
    """Each benchmark that has a short form has a stored table, its command, and its place."""
    scripts = checkout / "benchmarks"
    short = {
        f.stem for f in scripts.glob("*.py") if "command(report, __doc__" in f.read_text("utf-8")
    }
    assert short == set(NAMES)
    page = (checkout / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert f"`python benchmarks/{name}.py`" in page
        assert f"{{include}} benchmark-tables/{name}.md" in page
        assert (checkout / STORED / f"{name}.md").is_file()
