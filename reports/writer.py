"""Writing a report: all of it or nothing.

Guarantees: the folder holds either the report it held before or the new one, also after an error,
an interrupt or a kill; a folder with a file that gradproof did not write is left alone.
On systems that cannot exchange two folders in one step (other than Linux and macOS, and some file
systems), a kill between two steps leaves the folder absent; the next report puts it back.
What it cannot see: a power cut between two steps of the file system.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..checks.cache import Cache
from ..symbolic.errors import ReportError
from ..symbolic.loss import Loss
from .certificates import FOLDER, certificate_name, certificate_text, is_certificate
from .derivations import Variable, derivations_of
from .figures.choice import figures_of
from .figures.figure import FOLDER as FIGURES, is_figure
from .index import TITLE, Results, page_name, render_index
from .markdown import MARKER
from .page import render_page
from .workshop import OLD, swap, workshop

INDEX = "index.md"

_FOLDERS = {FOLDER: is_certificate, FIGURES: is_figure}
"""Folders of a report beside its pages, and what tells whether a file in them is its own."""


def write_report(
    results: Results, folder: Path, title: str = TITLE, cache: Cache | None = None
) -> Path:
    """Write a page for each claim, its certificates and an index, and return the index's path.

    Parameters
    ----------
    results
        Each claim with its verdict; the ids differ.
    folder
        Where the report goes; missing parents are made.
        An earlier report there is replaced as a whole.
    title
        The heading of the index.
    cache
        Derivations of earlier runs, which are not found again; new ones are added to it.

    Raises
    ------
    ReportError
        If two pages would have one name, the folder holds files of someone else, or it cannot be
        written.
    """
    with _trouble(folder):
        check_replaceable(folder)
    write_pages(report_files(results, title, cache), folder)
    return Path(folder) / INDEX


def report_files(
    results: Results, title: str = TITLE, cache: Cache | None = None
) -> dict[str, str]:
    """Return the text of each file of a report by its name, without writing any.

    Parameters
    ----------
    results, title, cache
        As in `write_report`.

    Raises
    ------
    ReportError
        If two pages would have one name.
    """
    return _pages(results, title, derivations_of(cache))


def write_pages(pages: Mapping[str, str], folder: Path) -> None:
    """Write the files of a report, each text under its name, in the place of an earlier report.

    Raises
    ------
    ReportError
        If the folder holds files of someone else, or cannot be written.
    """
    home = Path(folder).resolve()
    with _trouble(folder):
        check_replaceable(home)
        home.parent.mkdir(parents=True, exist_ok=True)
        with workshop(home) as folder_beside:
            _write(pages, folder_beside / "new")
            _exchange(folder_beside / "new", home, folder_beside / OLD)


@contextmanager
def _trouble(folder: Path) -> Iterator[None]:
    """Say of trouble with the file system that the report cannot be written."""
    try:
        yield
    except OSError as error:
        raise ReportError(
            "the folder of a report can be written",
            found=f"{folder}: {error.strerror or error}",
            remedy="choose a folder that you may write, or free the space it needs",
        ) from error


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
    foreign = sorted(_foreign(home))
    if foreign:
        raise ReportError(
            "a folder that is replaced by a report holds nothing but an earlier report",
            found=f"{foreign[0]} in {home}",
            remedy="choose an empty folder, or move the file away",
        )


def _foreign(home: Path) -> Iterator[str]:
    """Yield what a folder holds beside pages, figures and certificates of a report."""
    for path in home.iterdir():
        is_own = _FOLDERS.get(path.name)
        if is_own is not None and path.is_dir() and not path.is_symlink():
            yield from (f"{path.name}/{p.name}" for p in path.iterdir() if not is_own(p))
        elif not (_is_page(path) or is_figure(path)):
            yield path.name


def _is_page(path: Path) -> bool:
    """Tell whether a file is a page of a report, by the marker in its first line."""
    if path.suffix != ".md" or path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.readline().strip() == MARKER.encode()


def _pages(
    results: Results, title: str, derivation: Callable[[Loss, Variable], str]
) -> dict[str, str]:
    """Return the text of each file of the report by its name."""
    figures = figures_of(results)
    pages = {INDEX: render_index(results, title, figures)}
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
        shown = [figure for figure in figures if claim.id in figure.claims]
        pages[name] = render_page(claim, verdict, derivation, shown)
        stored = certificate_text(claim, verdict)
        if stored:
            pages[certificate_name(claim)] = stored
    return pages | {figure.file: figure.svg for figure in figures}


def _write(pages: Mapping[str, str], folder: Path) -> None:
    folder.mkdir()
    for inner in _FOLDERS:
        if any(name.startswith(f"{inner}/") for name in pages):
            (folder / inner).mkdir()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _exchange(new: Path, home: Path, old: Path) -> None:
    """Put `new` in the place of `home`, at once where the system can, or in two steps.

    Trouble between the two is undone; what a kill leaves between them, the next report mends.
    """
    if home.exists() and swap(new, home):
        return
    try:
        if home.exists():
            home.rename(old)
        new.rename(home)
    except BaseException:
        if old.exists() and not home.exists():
            old.rename(home)
        raise
