"""The summary of a test session: its claims and its audits, appended to a file at the end.

Guarantees: what is told is what the tests recorded as their properties, also where they ran in
several processes; a test that was run again counts once, as it ended.
Cannot see: audits and proofs that a test makes without the fixtures.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..symbolic.errors import GradproofError
from .summary import Line, append, audits_summary, check_appendable, claims_summary

_FIRST = ("claim", "audit")
"""The properties that begin what is told of a claim or an audit."""


class SessionSummary:
    """Collects the reports of tests, and writes the summary as the session ends."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.reports: dict[str, pytest.TestReport] = {}

    @classmethod
    def to(cls, file: Path) -> SessionSummary:
        """Return the summary that is appended to `file`.

        Raises
        ------
        UsageError
            If it cannot be.
        """
        try:
            check_appendable(file)
        except GradproofError as error:
            raise pytest.UsageError(str(error)) from None
        return cls(file)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test recorded."""
        if report.when == "call":
            self.reports[report.nodeid] = report

    def pytest_sessionfinish(self) -> None:
        """Append what there is to tell."""
        reports = [report for _, report in sorted(self.reports.items())]  # not as they came in
        lines = [line for report in reports for line in _lines(report)]
        claims = [line for line in lines if "claim" in line.facts]
        audits = [line for line in lines if "audit" in line.facts]
        parts = [claims_summary(claims)] if claims else []
        parts += [audits_summary(audits)] if audits else []
        if parts:
            append("\n\n".join(parts), self.file)


def _lines(report: pytest.TestReport) -> Iterator[Line]:
    """Yield a line for each claim and audit of a test."""
    groups: list[dict[str, str]] = []
    for name, value in report.user_properties:
        if name in _FIRST:
            groups.append({})
        if groups:
            groups[-1][name] = str(value)
    again = shlex.join(["pytest", report.nodeid])
    yield from (Line(facts, again) for facts in groups)
