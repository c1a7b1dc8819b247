"""Files that the command line writes: seen to be possible before the work, whole or not at all.

Guarantees: a file that is there under its final name is complete.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from .checks.summary import append, check_appendable
from .reports import check_replaceable
from .reports.workshop import workshop
from .symbolic.errors import ReportError


@dataclass(frozen=True, slots=True)
class Outputs:
    """The files that a command was asked for.

    Attributes
    ----------
    report
        The folder of a report.
    html
        The file of a report as one page.
    data
        The file of the results as JSON.
    summary
        The file that a summary is appended to.
    """

    report: Path | None = None
    html: Path | None = None
    data: Path | None = None
    summary: Path | None = None

    def asked(self) -> bool:
        """Tell whether there is anything to write."""
        return any(path is not None for path in (self.report, self.html, self.data))

    def check(self) -> None:
        """Check, before the work, that all of them can be written.

        Raises
        ------
        ReportError
            If one cannot.
        """
        if self.report is not None:
            check_folder(self.report)
        if self.html is not None:
            check_page(self.html)
        if self.data is not None:
            check_file(self.data)
        if self.summary is not None:
            check_appendable(self.summary)

    def append(self, summary: Callable[[], str]) -> None:
        """Append the summary, if it was asked for.

        Raises
        ------
        ReportError
            If it cannot be written.
        """
        if self.summary is not None:
            append(summary(), self.summary)
            click.echo(f"summary: {self.summary}")

    def write(
        self, files: Callable[[], Mapping[str, str]], data: Callable[[], Mapping[str, Any]]
    ) -> Iterator[str]:
        """Write what was asked for, and yield a line for each that is there.

        Parameters
        ----------
        files
            Returns the text of each file of the report by its name.
        data
            Returns the results for JSON.

        Raises
        ------
        ReportError
            If one cannot be written.
        """
        if self.report is not None or self.html is not None:
            yield from self._write_report(files())
        if self.data is not None:
            write_json(data(), self.data)
            yield f"JSON: {self.data}"

    def _write_report(self, files: Mapping[str, str]) -> Iterator[str]:
        from .reports.html import write_html
        from .reports.writer import INDEX, write_pages

        if self.report is not None:
            write_pages(files, self.report)
            yield f"report: {self.report / INDEX}"
        if self.html is not None:
            write_html(files, self.html)
            yield f"HTML: {self.html}"


def check_folder(folder: Path) -> None:
    """Check that a report can be written to `folder`, which may not exist or hold an earlier one.

    Raises
    ------
    ReportError
        If it cannot.
    """
    remedy = "choose another folder with --report"
    try:
        check_replaceable(folder)
    except OSError as error:
        raise _error("report", folder, error.strerror or str(error), remedy) from error
    # The writer works beside the folder, in a parent that it makes if need be.
    parent = next(path for path in folder.resolve().parents if path.exists())
    _try_folder(parent, "report", folder, remedy)


def check_file(file: Path) -> None:
    """Check that `file` can be written or replaced.

    Raises
    ------
    ReportError
        If it cannot.
    """
    remedy = "choose another file with --json"
    if file.is_dir():
        raise _error("JSON file", file, f"a folder at {file}", remedy)
    _try_folder(file.absolute().parent, "JSON file", file, remedy)


def check_page(file: Path) -> None:
    """Check that a report can be written to `file`, which may not exist or be an earlier one.

    Raises
    ------
    ReportError
        If it cannot.
    """
    from .reports.html import check_html

    check_html(file)
    parent = next(path for path in file.resolve().parents if path.exists())
    _try_folder(parent, "report", file, "choose another file with --html")


def _try_folder(folder: Path, what: str, target: Path, remedy: str) -> None:
    try:
        with workshop(folder / target.name):
            pass
    except OSError as error:
        raise _error(what, target, f"{error.strerror} at {folder}", remedy) from error


def write_json(data: Mapping[str, Any], file: Path) -> None:
    """Write `data` to `file`, which keeps its old content until the new one is complete.

    Raises
    ------
    ReportError
        If the file cannot be written.
    """
    write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", file)


def write_text(text: str, file: Path) -> None:
    """Write `text` to `file`, which keeps its old content until the new one is complete.

    Raises
    ------
    ReportError
        If the file cannot be written.
    """
    try:
        with workshop(file.absolute()) as folder:
            (folder / "new").write_text(text, encoding="utf-8")
            (folder / "new").replace(file)
    except OSError as error:
        remedy = "choose another file"
        raise _error("file", file, error.strerror or str(error), remedy) from error


def _error(what: str, target: Path, found: str, remedy: str) -> ReportError:
    return ReportError(f"the {what} {target} can be written", found=found, remedy=remedy)
