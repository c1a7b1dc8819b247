"""The documentation site: what its pages show comes out, every block has a fate, it builds."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from shown import SET_UP, blocks_of, objections
from shown_pages import page_runs, pages, run_page

sys.path.remove(str(Path(__file__).parent))

RUNS = [(page, needs) for page in pages() if page != "README.md" for needs in page_runs(page)]


@pytest.mark.parametrize(("page", "needs"), RUNS)
@pytest.mark.slow
def test_what_a_page_shows_is_what_comes_out(
    checkout: Path, tmp_path: Path, page: str, needs: str
) -> None:
    """Each command and each program of a page prints the output shown below it."""
    run_page(checkout, page, tmp_path, needs)


@pytest.mark.parametrize("page", pages())
def test_no_block_is_left_out(checkout: Path, page: str) -> None:
    """Every block of a page is run, compared, a file, or a command that sets an environment up."""
    assert objections((checkout / page).read_text(encoding="utf-8")) == []


LINK = re.compile(r"\[[^][]*\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def dead_files(page: Path) -> list[str]:
    """Return the files that a page links to and that are not there."""
    text = page.read_text(encoding="utf-8")
    return [link for link in LINK.findall(text) if not (page.parent / link).exists()]


@pytest.mark.parametrize("page", pages())
def test_links_lead_to_files_of_the_repository(checkout: Path, page: str) -> None:
    """A page that is read in the repository links to files that are there."""
    assert dead_files(checkout / page) == []


def test_a_link_to_no_file_is_found(tmp_path: Path) -> None:
    """The check above can fail, and leaves out addresses and places in the page itself."""
    page = tmp_path / "a.md"
    page.write_text("[1](a.md#b) [2](b.md) [3](https://example.org/c) [4](#d)\n")
    assert dead_files(page) == ["b.md"]


def test_what_is_not_run_is_shown(checkout: Path) -> None:
    """The list of commands that are not run holds none that no page shows."""
    texts = [(checkout / page).read_text(encoding="utf-8") for page in pages()]
    shown = {block.text.strip() for text in texts for block in blocks_of(text) if block.is_set_up}
    assert shown == set(SET_UP)
