"""Writing a report: all of it or nothing.

Guarantees: the folder holds either the report it held before or the new one, also after an error or
an interrupt; a folder with a file that gradproof did not write is left alone.
What it cannot see: a power cut between two steps of the file system.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..symbolic.errors import ReportError
from .index import TITLE, Results, page_name, render_index
from .markdown import MARKER
from .page import render_page

INDEX = "index.md"


def write_report(results: Results, folder: Path, title: str = TITLE) -> Path:
    """Write a page for each claim and an index, and return the path of the index.

    Parameters
    ----------
    results
        Each claim with its verdict; the ids differ.
    folder
        Where the report goes; missing parents are made.
        An earlier report there is replaced as a whole.
    title
        The heading of the index.

    Raises
    ------
    ReportError
        If two pages would have one name, the folder holds files of someone else, or it cannot be
        written.
    """
    home = Path(folder).resolve()
    try:
        check_replaceable(home)
        pages = _pages(results, title)
        home.parent.mkdir(parents=True, exist_ok=True)
        with _workshop(home) as workshop:
            _write(pages, workshop / "new")
            _exchange(workshop / "new", home, workshop / "old")
    except OSError as error:
        raise ReportError(
            "the folder of a report can be written",
            found=f"{folder}: {error.strerror or error}",
            remedy="choose a folder that you may write, or free the space it needs",
        ) from error
    return Path(folder) / INDEX


def check_replaceable(folder: Path) -> None:
    """Check that writing a report to `folder` would remove nothing but an earlier report.

    Raises
    ------
    ReportError
        If it is a file, or holds anything but pages of a report.
    """
    home = Path(folder).resolve()
    if not home.exists():
        return
    if not home.is_dir():
        raise ReportError(
            "a report is written to a folder",
            found=f"the file {home}",
            remedy="choose another name for the report",
        )
    foreign = sorted(path.name for path in home.iterdir() if not _is_page(path))
    if foreign:
        raise ReportError(
            "a folder that is replaced by a report holds nothing but an earlier report",
            found=f"{foreign[0]} in {home}",
            remedy="choose an empty folder, or move the file away",
        )


def _is_page(path: Path) -> bool:
    if path.suffix != ".md" or path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.readline().strip() == MARKER.encode()


def _pages(results: Results, title: str) -> dict[str, str]:
    """Return the text of each file of the report by its name."""
    pages = {INDEX: render_index(results, title)}
    taken = {INDEX: "the index"}
    for claim, verdict in results:
        name = page_name(claim)
        same = taken.get(name.casefold())  # file systems differ in whether case matters
        if same is not None:
            raise ReportError(
                "the pages of a report have different names",
                found=f"{name} for {same} and for claim {claim.id!r}",
                remedy="give one claim another id",
            )
        taken[name.casefold()] = f"claim {claim.id!r}"
        pages[name] = render_page(claim, verdict)
    return pages


@contextmanager
def _workshop(home: Path) -> Iterator[Path]:
    """Make a folder beside `home`, on the same file system, and remove it in the end.

    What was moved into it from `home` and could not be moved back is never removed.
    """
    workshop = Path(tempfile.mkdtemp(prefix=f".{home.name}-", dir=home.parent))
    try:
        yield workshop
    finally:
        if home.exists() or not (workshop / "old").exists():
            shutil.rmtree(workshop, ignore_errors=True)


def _write(pages: Mapping[str, str], folder: Path) -> None:
    folder.mkdir()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _exchange(new: Path, home: Path, old: Path) -> None:
    """Put `new` in the place of `home`, which becomes `old`; undo that if it does not work out."""
    try:
        if home.exists():
            home.rename(old)
        new.rename(home)
    except BaseException:
        if old.exists() and not home.exists():
            old.rename(home)
        raise
