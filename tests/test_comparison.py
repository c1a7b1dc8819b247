"""The comparison with finite-difference checkers: its figures are those of the script."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

FIGURES = Path("docs", "comparison-figures.md")
WORDS = {"caught", "only there", "missed", "accepted", "rejected", "rejected there", "-"}


def tables(text: str) -> list[list[list[str]]]:
    """Return the cells of the tables in a text, the row of dashes left out."""
    found: list[list[list[str]]] = [[]]
    for line in text.splitlines():
        if not line.startswith("|"):
            found.append([])
        elif not line.startswith("| --- |"):
            found[-1].append([cell.strip(" *`") for cell in line.strip("|").split(" | ")])
    return [table for table in found if table]


def shape(table: list[list[str]]) -> tuple[list[str], list[str]]:
    """Return the heads of the columns and of the rows of a table."""
    return table[0], [row[0] for row in table]


def strange_cells(table: list[list[str]]) -> list[str]:
    """Return the cells that are no word, no count and no number of seconds."""
    cells = [cell for row in table[1:] for cell in row[1:]]
    return [c for c in cells if c not in WORDS and not re.fullmatch(r"\d+ of \d+|[\d.e+-]+", c)]


def counted_wrongly(table: list[list[str]]) -> list[str]:
    """Return the counts under a table of words that are not those of its columns."""
    words = [row for row in table[1:] if row[1] in WORDS]
    good = {"caught": {"caught"}, "caught, told where": {"caught", "only there"}}
    found = []
    for row in table[len(words) + 1 :]:
        for place, cell in enumerate(row[1:], 1):
            column = [one[place] for one in words if one[place] != "-"]
            right = sum(word in good.get(row[0], {"accepted"}) for word in column)
            if cell not in (f"{right} of {len(column)}", "-"):
                found.append(f"{row[0]}: {cell}")
    return found


def test_stored_figures_are_counted_rightly(checkout: Path) -> None:
    """Below the stored tables stand the counts of their columns; audits miss and reject nothing."""
    stored = tables((checkout / FIGURES).read_text(encoding="utf-8"))
    for table in stored:
        assert strange_cells(table) == []
    for table, word in zip(stored[:2], ("caught", "accepted"), strict=True):
        assert counted_wrongly(table) == []
        assert {row[-1] for row in table[1:] if row[1] in WORDS} == {word}


def test_a_wrong_count_is_found(checkout: Path) -> None:
    """The check above can fail: another word or another count in a table is told."""
    text = (checkout / FIGURES).read_text(encoding="utf-8")
    for right, wrong in (("| missed |", "| caught |"), ("**2 of 11**", "**3 of 11**")):
        assert right in text
        assert counted_wrongly(tables(text.replace(right, wrong, 1))[0])
    assert strange_cells(tables(text.replace("| missed |", "| unknown |", 1))[0]) == ["unknown"]


@pytest.mark.slow
def test_the_script_prints_tables_of_the_stored_shape(checkout: Path) -> None:
    """Today's tables have the stored rows and columns, and the stored words for audits.

    What other checkers say may change with their versions, and seconds with the machine.
    """
    ran = subprocess.run(
        [sys.executable, "benchmarks/compare_checkers.py"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    today = tables(ran.stdout)
    stored = tables((checkout / FIGURES).read_text(encoding="utf-8"))
    without_mutants = [table for table in stored if table[0][0] != "Checker of"]
    assert [shape(table) for table in today] == [shape(table) for table in without_mutants]
    for table, other in zip(today, without_mutants, strict=True):
        assert strange_cells(table) == []
        if table[0][0] != "Of one gradient":
            assert [row[-1] for row in table] == [row[-1] for row in other]
