"""What the site adds to its generator: how it reads docstrings, helps and reports."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("sphinx")

DOCSTRING = """
Return a number.

Parameters
----------
a, b
    Two numbers.

Raises
------
ValueError
    If there is none.

A remark on |a|.

>>> 1 + 1
2
""".splitlines()


def extension(checkout: Path, name: str) -> ModuleType:
    """Import a module of ``docs/_ext``."""
    folder = str(checkout / "docs" / "_ext")
    sys.path.insert(0, folder)
    try:
        return __import__(name)
    finally:
        sys.path.remove(folder)


def test_what_follows_fields_gets_a_heading(checkout: Path) -> None:
    """A remark after a section of fields is no field; no line of the docstring is lost."""
    found = extension(checkout, "docstrings").with_headings(DOCSTRING)
    at = found.index("A remark on |a|.")
    assert found[at - 3 : at] == ["Notes", "-----", ""]
    assert found[: at - 3] + found[at:] == DOCSTRING


def test_an_example_after_fields_gets_a_heading(checkout: Path) -> None:
    """An example after a section of fields is an example, and one in its section stays there."""
    lines = [line for line in DOCSTRING if "remark" not in line]
    docstrings = extension(checkout, "docstrings")
    found = docstrings.with_headings(lines)
    at = found.index(">>> 1 + 1")
    assert found[at - 3 : at] == ["Examples", "--------", ""]
    assert docstrings.with_headings(found) == found


def test_attributes_that_share_a_description_each_have_it(checkout: Path) -> None:
    """Two names before one description become two fields; parameters are left as they are."""
    lines = ["Attributes", "----------", "a, b", "    Both.", "c", "    One."]
    alone = extension(checkout, "docstrings").with_single_attributes
    assert alone(lines) == [*lines[:2], "a", "    Both.", "b", "    Both.", "c", "    One."]
    assert alone(DOCSTRING) == DOCSTRING


def test_bars_of_plain_text_are_no_substitution(checkout: Path) -> None:
    """A bar is escaped in words, and neither in code nor in an example."""
    with_bars = extension(checkout, "docstrings").with_bars
    assert with_bars("|u| and ``|u|``") == r"\|u\| and ``|u|``"
    assert with_bars(">>> a | b") == ">>> a | b"


def test_a_help_is_read_as_words_and_code(checkout: Path) -> None:
    """What is in quotes or backticks is code; marks elsewhere are themselves; apostrophes stay."""
    plain = extension(checkout, "command_line").plain
    assert plain("the user's claims_*.py, by 'a --b' or `c_d`") == (
        r"the user's claims\_\*.py, by ``a --b`` or ``c_d``"
    )


def test_formulas_of_a_report_are_marked_as_on_the_site(checkout: Path) -> None:
    """Dollars with backticks lose these; the index alone stands in the contents."""
    report = extension(checkout, "proof_report")
    assert report.copied("index.md", "$`a`$ and $`b`$") == "$a$ and $b$"
    assert report.copied("a.md", "$`a`$").endswith("---\n\n$a$")


def test_links_to_the_report_lead_to_its_copy(checkout: Path) -> None:
    """A link to a committed page becomes one to the copy, from any depth; others stay."""
    for page, up in (("tutorial", "../"), ("how-to/ci", "../../")):
        source = [f"[a]({up}reports/proofs/a.md) [b]({up}reports/twins/b.md)"]
        extension(checkout, "proof_report").to_copies(None, page, source)
        copy = up.removeprefix("../")
        assert source == [f"[a]({copy}proof-report/a.md) [b]({up}reports/twins/b.md)"]
