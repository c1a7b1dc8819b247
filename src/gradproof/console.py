"""What the command line prints: progress, verdicts and their summary.

Guarantees: standard output depends on the results alone, not on time or on the number of processes,
but for the number of verdicts known from earlier runs at its end; where it is no terminal it is
plain text without colour, one line for each claim.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import click

from .checks.explanation import (
    NO_VERDICT,
    command,
    comparison,
    counterexample_lines,
    expectation,
    headline,
    is_as_expected,
    reason,
)
from .checks.verdict import Outcome

if TYPE_CHECKING:
    from rich.progress import Progress

    from .checks.claim import Claim
    from .checks.runner import Result

WIDTH = 80
"""Columns that text is filled to; a line that is to be copied stays whole."""

_COLOURS = {
    "PROVED": "green",
    "REFUTED": "red",
    "SUPPORTED": "cyan",
    "UNDECIDED": "yellow",
    "UNDEFINED": "magenta",
    NO_VERDICT: "bold red",
}


def filled(text: str, indent: int) -> str:
    """Return `text` in lines of at most `WIDTH` columns, all indented."""
    margin = " " * indent
    return fill(
        text,
        WIDTH,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


def columns(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Yield the rows as lines of aligned columns; the last one is filled beside the others."""
    widths = [max(map(len, column)) + 2 for column in zip(*rows, strict=True)][:-1]
    for *cells, last in rows:
        head = "".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        yield head + filled(last, len(head)).lstrip()


class PlainDisplay:
    """Lines for a file, a pipe or a log: each claim as soon as it is decided."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        self.width = max(len(claim.id) for claim in claims)

    def running(self) -> AbstractContextManager[object]:
        """Return what to keep open while claims are decided."""
        return nullcontext()

    def decided(self, claim: Claim, result: Result) -> None:
        """Print the verdict on a claim."""
        click.echo(f"{headline(result):<10} {claim.id:<{self.width}}  {_scope(claim, result)}")
        for line in counterexample_lines(result):
            click.echo(filled(line, 11))

    def table(self, results: Sequence[tuple[Claim, Result]]) -> None:
        """Print nothing more: the lines are the table."""


class TerminalDisplay:
    """A terminal: a bar while claims are decided, then a table of all."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        from rich.console import Console

        self.console = Console(highlight=False, markup=False)
        self.progress = self._progress()
        self.task = self.progress.add_task("claims", total=len(claims))

    def _progress(self) -> Progress:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        parts = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
        return Progress(*parts, TimeElapsedColumn(), console=self.console, transient=True)

    def running(self) -> AbstractContextManager[object]:
        """Return what to keep open while claims are decided."""
        return self.progress

    def decided(self, claim: Claim, result: Result) -> None:
        """Move the bar on."""
        text = f"{headline(result)} {claim.id}"[: WIDTH // 3].ljust(WIDTH // 3)
        self.progress.update(self.task, advance=1, description=text)

    def table(self, results: Sequence[tuple[Claim, Result]]) -> None:
        """Print all verdicts."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("verdict", no_wrap=True)
        table.add_column("claim", overflow="fold")
        table.add_column("scope", overflow="fold")
        for claim, result in results:
            lines = [_scope(claim, result), *counterexample_lines(result)]
            name = Text(headline(result), _COLOURS[headline(result)])
            table.add_row(name, Text(claim.id), Text("\n".join(lines)))
        self.console.print(table)


def display_for(claims: Sequence[Claim]) -> PlainDisplay | TerminalDisplay:
    """Return the display that suits standard output."""
    return TerminalDisplay(claims) if sys.stdout.isatty() else PlainDisplay(claims)


def _scope(claim: Claim, result: Result) -> str:
    scope = str(getattr(result, "scope", "the engine failed"))
    return (
        scope
        if is_as_expected(claim, result)
        else f"{scope} (expected {expectation(claim, result)})"
    )


def print_summary(
    results: Sequence[tuple[Claim, Result]], files: dict[str, Path], seed: int, cached: int = 0
) -> None:
    """Print the claims whose verdict is not the expected one, then the counts.

    Parameters
    ----------
    results
        All results.
    files
        The file of each claim by its id; empty for the catalogue.
    seed
        The seed they were decided with.
    cached
        How many of the verdicts were known from earlier runs.
    """
    others = [(claim, result) for claim, result in results if not is_as_expected(claim, result)]
    if others:
        click.echo("\nNot as expected:")
    for claim, result in others:
        click.echo(f"  {claim.id}: {comparison(claim, result)}")
        click.echo(filled(reason(result), 4))
        click.echo(f"    claimed at {claim.where}")
        click.echo(f"    again with: {command(files.get(claim.id), claim, seed)}")
    counts = Counter(headline(result) for _, result in results)
    names = [name for name in (*Outcome.__members__, NO_VERDICT) if counts[name]]
    told = ", ".join(f"{counts[name]} {name}" for name in names)
    match = f"{len(others)} not as expected" if others else "all as expected"
    source = f"; {cached} from the cache" if cached else ""
    click.echo(f"\n{len(results)} claim{'s' if len(results) > 1 else ''}: {told}; {match}{source}")
