"""Files that the command line writes: seen to be possible before the work, whole or not at all.

Guarantees: a file that is there under its final name is complete.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .reports import check_replaceable
from .reports.workshop import workshop
from .symbolic.errors import ReportError


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
