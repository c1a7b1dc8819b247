"""What `gradproof audit` prints: the table of each audit as soon as it is made.

Guarantees: where it is no terminal, standard output depends on the results and on versions alone,
not on time, and is plain text without colour or progress.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import click

from .checks.audits.table import audit_text
from .checks.audits.words import counted, tally

if TYPE_CHECKING:
    from rich.progress import Progress

    from .checks.audits.result import Audit

_STEP_WIDTH = 46


class PlainDisplay:
    """Text for a file, a pipe or a log."""

    def running(self) -> AbstractContextManager[object]:
        """Return what to keep open while audits are made."""
        return nullcontext()

    def begins(self, name: str) -> None:
        """Take note that an audit begins; nothing is printed."""

    def step(self, text: str, share: float) -> None:
        """Take note of what is being done, and which share is behind; nothing is printed."""

    def made(self, audit: Audit) -> None:
        """Print an audit."""
        click.echo(f"{audit_text(audit, timing=False)}\n")

    def failed(self, name: str, reason: str) -> None:
        """Print that an audit could not be made."""
        click.echo(f"{name}: not audited: {reason}\n")


class TerminalDisplay(PlainDisplay):
    """A terminal: a bar over the audits with what is being done, and colours."""

    def __init__(self, total: int) -> None:
        from rich.console import Console

        # The stream as it is now: while an implementation runs, what it prints goes elsewhere, and
        # the bar, which is drawn from a thread, must not be taken for that.
        self.console = Console(file=sys.stdout, highlight=False, markup=False)
        self.progress = self._progress()
        self.task = self.progress.add_task("audits", total=total)
        self.name = ""
        self.behind = 0

    def _progress(self) -> Progress:
        from rich.progress import (
            BarColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeElapsedColumn,
        )

        parts = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
        return Progress(
            *parts,
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def running(self) -> AbstractContextManager[object]:
        """Return what to keep open while audits are made."""
        return self.progress

    def begins(self, name: str) -> None:
        """Show which audit begins."""
        self.name = name
        self.step("", 0.0)

    def step(self, text: str, share: float) -> None:
        """Show what is being done, and which share is behind."""
        shown = f"{self.name} {text}"[:_STEP_WIDTH].ljust(_STEP_WIDTH)
        self.progress.update(self.task, description=shown, completed=self.behind + share)

    def made(self, audit: Audit) -> None:
        """Print an audit, and move the bar on."""
        head, _, rest = audit_text(audit).partition("\n")
        self._print(head, "bold green" if audit.passed else "bold red")
        self._print(f"{rest}\n", "")
        self._moved_on()

    def failed(self, name: str, reason: str) -> None:
        """Print that an audit could not be made, and move the bar on."""
        self._print(f"{name}: not audited: {reason}\n", "bold yellow")
        self._moved_on()

    def _moved_on(self) -> None:
        self.behind += 1
        self.progress.update(self.task, completed=self.behind)

    def _print(self, text: str, style: str) -> None:
        from rich.text import Text

        self.console.print(Text(text, style), soft_wrap=True)


def display_for(total: int) -> PlainDisplay:
    """Return the display that suits standard output."""
    return TerminalDisplay(total) if sys.stdout.isatty() else PlainDisplay()


def print_summary(audits: list[Audit], missing: int) -> None:
    """Print the counts of several audits, and of those that could not be made."""
    if len(audits) + missing < 2:
        return
    left = f", {missing} not audited" if missing else ""
    click.echo(f"{counted(len(audits) + missing, 'implementation')}: {tally(audits)}{left}")
