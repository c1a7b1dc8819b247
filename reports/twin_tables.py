"""The Markdown table of programs against their derivatives and their losses.

Guarantees: the text depends on exact results alone, not on the time they took, nor on the machine:
the float runs, whose last bits differ from processor to processor, are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from ..checks.twins.comparison import Comparison
from ..checks.twins.rows import Row

_PACKAGES = ("torch", "jax", "optax", "keras", "scipy", "numpy")


_METHOD = (
    "Each program was run unmodified in exact arithmetic.",
    "The points are those of all regimes, where its comparisons change, and some drawn at random.",
    "An answer yes holds at the points tried, to the digits shown, and proves nothing beyond them.",
    "An answer no is certain, at the exact point that is shown below the table.",
)


def twin_table(rows: Sequence[Row], seed: int) -> str:
    """Return the page of a table of programs.

    Parameters
    ----------
    rows
        What was found.
    seed
        What it was found with.
    """
    lines = [
        "# Programs in exact arithmetic",
        "",
        *_METHOD,
        "",
        f"Arguments and constants are those of {_dtypes(rows)}; seed {seed}; {_versions(rows)}.",
        "",
        "| program | meant to be | backward = derivative of forward? | forward = the loss? |",
        "| --- | --- | --- | --- |",
    ]
    for row in rows:
        cells = (row.target.name, row.target.meaning, _cell(row.backward), _cell(row.forward))
        lines.append(f"| {' | '.join(cells)} |")
    found = [line for row in rows for line in _findings(row)]
    lines += ["", "## What was found", "", *found] if found else []
    return "\n".join(lines).rstrip("\n") + "\n"


def _dtypes(rows: Sequence[Row]) -> str:
    return " and ".join(sorted({row.dtype for row in rows}))


def _versions(rows: Sequence[Row]) -> str:
    used = {r.target.framework for r in rows} | {r.target.name.partition(":")[0] for r in rows}
    if "keras" in used:
        used.add(str(import_module("keras").backend.backend()))
    found = []
    for name in _PACKAGES:
        if name in used:
            try:
                found.append(f"{name} {version(name).partition('+')[0]}")
            except PackageNotFoundError:
                continue
    return ", ".join(found)


def _cell(part: object) -> str:
    if part is None:
        return ""
    if not isinstance(part, Comparison):
        return "not compared"
    if not part.is_correct:
        return f"**{'no' if part.verdict else part.outcome.name.lower()}**"
    digits = "exactly" if part.digits == float("inf") else f"{part.digits:.0f} digits"
    but = "" if part.verdict is None else ", but for rounded constants"
    kinks = f", {part.kinks} kinks" if part.kinks else ""
    return f"yes{but}: {digits}, {part.points} points{kinks}"


def _findings(row: Row) -> list[str]:
    lines = []
    for what, part in (("backward", row.backward), ("forward", row.forward)):
        if part is None:
            continue
        if not isinstance(part, Comparison):
            lines.append(f"- {what}: {part}.")
        elif part.detail:
            lines.append(f"- {what}: {part.outcome.name}{part.finding}.")
    return [f"### {row.target.name}", "", *lines, ""] if lines else []
