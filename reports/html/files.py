"""Writing a report of one file: all of it or nothing, and never over somebody else's file.

Guarantees: under its name stands either what was there before or the whole report.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...symbolic.errors import ReportError
from ..workshop import workshop
from .document import START, html_text


def write_html(files: Mapping[str, str], file: Path) -> None:
    """Write a report as one file, in the place of an earlier report.

    Parameters
    ----------
    files
        The texts of all files of the report by name.
    file
        Where the report goes; missing parents are made.

    Raises
    ------
    ReportError
        If there is something else under that name, or it cannot be written.
    """
    check_html(file)
    text = html_text(files)
    try:
        home = Path(file).resolve()
        home.parent.mkdir(parents=True, exist_ok=True)
        with workshop(home) as folder:
            (folder / "new").write_text(text, encoding="utf-8", newline="\n")
            (folder / "new").replace(home)
    except OSError as error:
        raise _unwritable(file, error) from error


def check_html(file: Path) -> None:
    """Check that writing a report to `file` would remove nothing but an earlier report.

    Raises
    ------
    ReportError
        If it is a folder, or a file that gradproof did not write.
    """
    home = Path(file).resolve()
    try:
        if home.is_dir():
            raise ReportError(
                "a report of one file is written to a file",
                found=f"the folder {home}",
                remedy="choose a name such as report.html",
            )
        if home.exists() and not _is_report(home):
            raise ReportError(
                "a file that is replaced by a report is an earlier report",
                found=f"another file at {home}",
                remedy="choose another name, or move the file away",
            )
    except OSError as error:
        raise _unwritable(file, error) from error


def _is_report(file: Path) -> bool:
    start = START.encode()
    with file.open("rb") as opened:
        return opened.read(len(start)) == start


def _unwritable(file: Path, error: OSError) -> ReportError:
    return ReportError(
        "the file of a report can be written",
        found=f"{file}: {error.strerror or error}",
        remedy="choose a place where you may write, or free the space it needs",
    )
