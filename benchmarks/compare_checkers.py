"""Finite-difference checkers and audits beside each other: what each says of the same gradients.

Run it with ``python benchmarks/compare_checkers.py``, which prints the tables, or with ``--write``,
which writes them to ``docs/comparison-figures.md``; ``--mutants`` adds the counts over every fourth
wrong implementation of the tests, which takes a quarter of an hour (see ``audit_mutants.py``).
Checkers that are not installed have dashes: ``pip install scipy torch jax autograd``.

Every gradient of `checker_cases` is put to every checker at two places: five logits of a standard
normal distribution with a label, the same for all, as its documentation shows; and where the fault
is, or where finite differences have a hard time, which nobody knows who needs a checker.
``gradproof.audit`` is asked once, with its defaults and without a place.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter

import audit_mutants
import numpy as np
from checker_cases import RIGHT, WRONG, Case
from checkers_asked import CHECKERS, passes

from gradproof import audit

TARGET = Path(__file__).resolve().parents[1] / "docs" / "comparison-figures.md"
AUDIT = "audit"
SIZE, LABEL = 5, 1

CAUGHT, THERE, MISSED = "caught", "only there", "missed"
ACCEPTED, REJECTED = "accepted", "rejected there"
NOT_ASKED = "-"


@dataclass(frozen=True)
class Row:
    """What all checkers say of one gradient.

    Attributes
    ----------
    case
        The gradient.
    words
        What each says, in one of the words above.
    seconds
        How long each took, 0 where it was not asked.
    """

    case: Case
    words: tuple[str, ...]
    seconds: tuple[float, ...]

    def __str__(self) -> str:
        return line([self.case.name, *self.words])


def row_of(case: Case, wrong: bool) -> Row:
    """Ask all checkers about one gradient."""
    found = [timed(lambda name=name: word_of(name, case, wrong)) for name in CHECKERS]
    found.append(timed(lambda: audited(case, wrong)))
    return Row(case, tuple(word for word, _ in found), tuple(spent for _, spent in found))


def timed(ask: Callable[[], str]) -> tuple[str, float]:
    """Return what was said, with the seconds that it took."""
    start = perf_counter()
    word = ask()
    return word, 0.0 if word == NOT_ASKED else perf_counter() - start


def word_of(checker: str, case: Case, wrong: bool) -> str:
    """Return what a checker says of one gradient at a random point, and at its own."""
    random = np.random.default_rng(0).standard_normal(SIZE)
    usual = passes(checker, case, random, LABEL)
    there = passes(checker, case, case.there, case.label)
    if usual is None or there is None:
        return NOT_ASKED
    if not wrong:
        return ACCEPTED if usual and there else REJECTED if usual else "rejected"
    return CAUGHT if not usual else MISSED if there else THERE


def audited(case: Case, wrong: bool) -> str:
    """Return what an audit says: of a fault, whether a finding names its class."""
    values = dict(case.values) or None
    found = audit(case.loss, case.meant, gradient=case.gradient, values=values)
    if not wrong:
        return ACCEPTED if found.passed else "rejected"
    return CAUGHT if case.kind in {one.kind.text for one in found.findings} else MISSED


def line(cells: Sequence[str]) -> str:
    """Return a row of a table in Markdown."""
    return f"| {' | '.join(cells)} |"


def table(rows: Sequence[Row], first: str) -> Iterator[str]:
    """Yield the lines of a table with its counts."""
    yield line([first, *CHECKERS, AUDIT])
    yield line(["---"] * (len(CHECKERS) + 2))
    yield from map(str, rows)


def counts(rows: Sequence[Row], words: Sequence[str], what: str) -> str:
    """Return the row of counts: how many cells of each column hold one of some words."""
    cells = []
    for column in zip(*(row.words for row in rows), strict=True):
        asked = [word for word in column if word != NOT_ASKED]
        cells.append(
            f"{sum(word in words for word in asked)} of {len(asked)}" if asked else NOT_ASKED
        )
    return line([f"**{what}**", *(f"**{cell}**" for cell in cells)])


def seconds(rows: Sequence[Row]) -> str:
    """Return the row of the median seconds for one gradient, of this machine."""
    columns = zip(*(row.seconds for row in rows), strict=True)
    medians = [float(np.median(column)) for column in columns]
    return line(["median seconds", *(f"{s:.2g}" if s else NOT_ASKED for s in medians)])


def versions() -> str:
    """Return the versions of what was compared."""
    found = []
    for name in ("gradproof", "numpy", "scipy", "torch", "jax", "autograd"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)


def missed(row: audit_mutants.Row) -> str:
    """Return why an audit does not catch one of the implementations, or as what it does."""
    found = f"found, but as {' and '.join(row.classes)}" if row.classes else "nothing is found"
    return getattr(row.case, "missed", "") or found


def over_mutants() -> list[str]:
    """Return the lines about the wrong implementations of the tests: the counts alone."""
    chosen = audit_mutants.MUTANTS[::4]
    rows = [audit_mutants.row_of(case) for case in chosen]
    columns = [*zip(*(row.peers for row in rows), strict=True), [row.objected for row in rows]]
    asked = [[one for one in column if one is not None] for column in columns]
    cells = [f"{sum(column)} of {len(column)}" if column else NOT_ASKED for column in asked]
    told = (
        f"Every fourth of {len(audit_mutants.MUTANTS)}, in the framework that each is written in, "
        "so that not every checker can be asked of each."
    )
    names = {module: name for name, (module, _) in CHECKERS.items()}
    heads = [names[module] for module, _, _ in audit_mutants.PEERS.values()]
    return [
        "## Over the wrong implementations of the tests",
        "",
        told,
        "",
        line(["Checker of", *heads, AUDIT]),
        line(["---"] * (len(heads) + 2)),
        line(["caught", *cells]),
        "",
        "Not caught by the audit, which has to name the right class:",
        "",
        *(f"- {row.case.id}: {missed(row)}" for row in rows if not row.objected),
        "",
    ]


def figures(mutants: bool = False) -> str:
    """Return the tables in Markdown."""
    wrong = [row_of(case, wrong=True) for case in WRONG]
    right = [row_of(case, wrong=False) for case in RIGHT]
    return "\n".join(
        [
            "<!-- written by benchmarks/compare_checkers.py -->",
            "",
            "## Gradients that are wrong",
            "",
            *table(wrong, "What is wrong"),
            counts(wrong, [CAUGHT], "caught"),
            counts(wrong, [CAUGHT, THERE], "caught, told where"),
            "",
            "## Gradients that are right",
            "",
            *table(right, "What is right"),
            counts(right, [ACCEPTED], "accepted"),
            "",
            *(over_mutants() if mutants else []),
            "## What it costs",
            "",
            *list(table([], "Of one gradient")),
            seconds([*wrong, *right]),
            "",
            f"Versions: {versions()}.",
            "The seconds are those of one machine; the words may change with the versions.",
            "",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print or write the tables."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--write", action="store_true", help=f"write them to docs/{TARGET.name}")
    parser.add_argument("--mutants", action="store_true", help="count over those of the tests too")
    chosen = parser.parse_args(arguments)
    text = figures(chosen.mutants)
    if chosen.write:
        TARGET.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
