"""The command `gradproof exact`: a user's own program, or those of libraries, in exact arithmetic.

Exit status: 0 if every program agrees with its derivative and with what it means to be, 1 if one
differs or has no twin, 2 for wrong usage.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import choose_backend, numbers

if TYPE_CHECKING:
    from .checks.twins.rows import Row

_PATH = click.Path(path_type=Path)
_MARGIN = 4


@click.command("exact")
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--inputs", metavar="KINDS", help="Of a program of yours, as 'logits, label'.")
@click.option("--sizes", metavar="N,N", help="Its numbers of classes; 1,2,3,5 if not given.")
@click.option("--argnums", metavar="K,K", help="The inputs to differentiate by; the first, 0.")
@click.option("--gradient", metavar="NAME", help="Its gradient, where you wrote one.")
@click.option("--intended", metavar="NAME", help="The loss that it means to be, or FILE.py:NAME.")
@click.option("--framework", metavar="NAME", help="What it is written in, if not to be found out.")
@click.option("--backend", type=click.Choice(["jax", "torch"]), help="Of Keras.")
@click.option(
    "--dtype", metavar="NAME", help="Of the float arguments: float64 for NumPy, else float32."
)
@click.option("--digits", type=click.IntRange(5, 300), default=30, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--no-floats", is_flag=True, help="Leave out how far the float run falls.")
@click.option("--json", "data", metavar="FILE", type=_PATH, help="Write the results as JSON.")
@click.option("--markdown", metavar="FILE", type=_PATH, help="Write the table as Markdown.")
def exact_command(
    targets: tuple[str, ...],
    inputs: str | None,
    sizes: str | None,
    argnums: str | None,
    gradient: str | None,
    intended: str | None,
    framework: str | None,
    backend: str | None,
    dtype: str | None,
    digits: int,
    seed: int,
    no_floats: bool,
    data: Path | None,
    markdown: Path | None,
) -> int:
    """Run programs in exact arithmetic, and compare them with their derivatives and their losses.

    TARGET is a library (torch, jax, optax, keras, scipy, numpy), one of the targets that `gradproof
    list targets` shows, or a program of yours as FILE.py:NAME or module:NAME.
    """
    choose_backend(backend)
    from .checks.twins.loading import load_targets
    from .checks.twins.rows import rows
    from .outputs import check_file, write_json, write_text

    for file in (data, markdown):
        if file is not None:
            check_file(file)
    found = [
        target
        for name in targets
        for target in load_targets(
            name,
            inputs=inputs,
            sizes=numbers(sizes, "--sizes", 1),
            argnums=numbers(argnums, "--argnums", 0),
            gradient=gradient,
            intended=intended,
            framework=framework,
        )
    ]
    results = []
    for row in rows(found, dtype=dtype, digits=digits, seed=seed, floats=not no_floats):
        results.append(row)
        _print(row)
    _print_summary(results)
    if data is not None:
        write_json({"seed": seed, "rows": [r.to_json() for r in results]}, data)
    if markdown is not None:
        from .reports.twin_tables import twin_table

        write_text(twin_table(results, seed), markdown)
    return 0 if all(row.is_right for row in results) else 1


def _print(row: Row) -> None:
    from .console import filled

    click.echo(row.target.name)
    lines = [("backward = derivative of forward?", _answer(row.backward))]
    if row.forward is not None:
        lines.append((f"forward = {row.target.meaning}?", _answer(row.forward)))
    if row.error is not None:
        lines.append((f"{row.dtype} run of the forward:", f"{row.error}"))
    lines += [("remark:", text) for text in _remarks(row)]
    for question, answer in lines:
        click.echo(filled(f"{question} {answer}", _MARGIN))


def _remarks(row: Row) -> list[str]:
    """Return what the twins read differently from floats, each once."""
    parts = (row.backward, row.forward)
    return list(dict.fromkeys(t for p in parts for t in getattr(p, "remarks", ())))


def _answer(part: Any) -> str:
    from .checks.twins.comparison import Comparison

    if not isinstance(part, Comparison):
        return f"not compared: {part}"
    yes = "yes, " if part.is_correct else ""
    return f"{yes}{part.headline}{part.detail}{_aside(part)}"


def _aside(part: Any) -> str:
    counts = [
        (part.kinks, "with a valid subgradient where branches meet"),
        (part.undefined, "without a value"),
        (part.undecided, "undecided"),
    ]
    told = [f"{count} {what}" for count, what in counts if count]
    return f" ({', '.join(told)})" if told else ""


def _print_summary(results: list[Row]) -> None:
    wrong = sum(bool(row.findings) for row in results)
    missing = sum(not row.has_twin for row in results)
    right = sum(row.is_right for row in results)
    count = f"{len(results)} program{'s' if len(results) > 1 else ''}"
    left = len(results) - right - wrong - missing
    told = f"{right} right, {wrong} different, {missing} not compared"
    click.echo(f"\n{count}: {told}{f', {left} undecided or without a value' if left else ''}")
