"""What the benchmarks share: the machine, the best of several runs, tables in Markdown.

Every figure is a ratio to something that was measured in the same run.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from os import cpu_count
from pathlib import Path
from time import perf_counter
from typing import Any


def best(run: Callable[[], Any], times: int = 5, seconds: float = 20.0) -> float:
    """Return the least time of several runs, none of which begins after so many seconds."""
    found: list[float] = []
    while len(found) < times and (not found or sum(found) < seconds):
        start = perf_counter()
        run()
        found.append(perf_counter() - start)
    return min(found)


def together(runs: Sequence[Callable[[], Any]], times: int = 5) -> list[float]:
    """Return the least time of each of several runs, taken in turn: what slows one slows all."""
    found = [[best(run, 1) for run in runs] for _ in range(times)]
    return [min(column) for column in zip(*found, strict=True)]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def of_machine(*packages: str) -> str:
    """Return the machine, and the versions of what was measured on it."""
    system = f"{platform.machine()}, {cpu_count()} cores, Python {platform.python_version()}"
    return f"Measured on {system}; {', '.join(map(_with_version, ('gradproof', *packages)))}."


def _with_version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} not installed"


def ratio(one: float, other: float) -> str:
    """Return a ratio with two or three digits."""
    value = one / other
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}" if value >= 0.1 else f"{value:.1g}"


def command(report: Callable[..., str], about: str | None, *, draws: bool = False) -> None:
    """Print the report of a benchmark, or write it to a file.

    Parameters
    ----------
    report
        Makes it; ``short`` is True for a short form, which shows that it works and measures little.
    about
        What it measures.
    draws
        Whether the report takes ``figure``, a file for a figure or None.
    """
    parser = argparse.ArgumentParser(description=str(about).partition("\n")[0])
    parser.add_argument("--short", action="store_true", help="small sizes only")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table to a file")
    if draws:
        parser.add_argument("--figure", type=Path, metavar="FILE", help="draw a figure as SVG")
    chosen = vars(parser.parse_args())
    file = chosen.pop("markdown")
    text = report(**chosen)
    if file is None:
        print(text)
    else:
        file.write_text(f"{text}\n", encoding="utf-8")
