"""Reports of one file to look at, and a browser to look with."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from gradproof.checks.claim import Claim
from gradproof.checks.verdict import Verdict
from gradproof.reports.html import html_text
from gradproof.reports.writer import report_files

Files: TypeAlias = Mapping[str, str]

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    "--no-sandbox",  # as root there is none
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def _needed(reason: str) -> Any:
    """Leave a test out for a reason; where GRADPROOF_BROWSER is set, that is an error."""
    if os.environ.get("GRADPROOF_BROWSER"):
        pytest.fail(f"GRADPROOF_BROWSER is set, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def files(results: tuple[tuple[Claim, Verdict], ...]) -> Files:
    """Return the files of a report with one claim of each outcome."""
    return report_files(results)


@pytest.fixture(scope="session")
def committed(checkout: Path) -> Files:
    """Return the files of the committed report."""
    home = checkout / "reports" / "proofs"
    found = sorted(path for path in home.rglob("*") if path.is_file())
    return {path.relative_to(home).as_posix(): path.read_text("utf-8") for path in found}


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return a real browser without a window.

    It is the one that GRADPROOF_BROWSER names, if that is a path, or a Chromium that is installed.
    """
    if importlib.util.find_spec("playwright") is None:
        _needed("Playwright is not installed: pip install 'gradproof[browser]'")
    named = os.environ.get("GRADPROOF_BROWSER", "")
    found = named if Path(named).is_file() else next(filter(None, map(shutil.which, _BROWSERS)), "")
    if not found:
        _needed(f"none of {', '.join(_BROWSERS)} is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=list(_ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def report_file(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a report of one file on disk."""
    file = tmp_path_factory.mktemp("html") / "report.html"
    file.write_text(html_text(files), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def committed_file(committed: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the committed report as one file on disk."""
    file = tmp_path_factory.mktemp("committed") / "report.html"
    file.write_text(html_text(committed), encoding="utf-8")
    return file
