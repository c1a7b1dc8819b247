"""The command `gradproof audit`: float implementations against the loss that they mean.

Guarantees: every name is looked up before the first audit begins, so that a mistake costs no work.

Exit status: 0 if nothing is found, 1 if something is or nothing could be judged in some dtype, 2
for wrong usage and for what cannot be loaded or audited.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import choose_backend, numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .audit_display import PlainDisplay
    from .checks.audits.jobs import Job
    from .checks.audits.result import Audit
    from .outputs import Outputs

PASSES, FOUND, UNUSABLE = 0, 1, 2

_PATH = click.Path(path_type=Path)
_DTYPES = ("float16", "bfloat16", "float32", "float64")


@click.command("audit")
@click.argument("targets", nargs=-1, metavar="TARGET...")
@click.option("--list", "listing", is_flag=True, help="List what is built in, and audit nothing.")
@click.option(
    "--loss", metavar="NAME", help="The loss that it means, or FILE.py:NAME; by default CE."
)
@click.option(
    "--target",
    type=click.Choice(["index", "one-hot", "soft", "kernel"]),
    help="How it takes its target.",
)
@click.option("--returns", type=click.Choice(["gradient", "loss"]), help="What it gives back.")
@click.option("--takes", type=click.Choice(["logits", "probabilities"]), help="What it is given.")
@click.option(
    "--framework",
    type=click.Choice(["numpy", "torch", "jax", "keras", "autograd"]),
    help="What it is written in, if not to be found out.",
)
@click.option("--backend", type=click.Choice(["jax", "torch"]), help="Of Keras.")
@click.option(
    "--dtype", "dtypes", metavar="NAME", multiple=True, help="Repeatable, or with commas between."
)
@click.option(
    "--reduction", type=click.Choice(["sum", "mean", "none"]), help="Of a batch, if it takes one."
)
@click.option("--gradient", metavar="NAME", help="Its gradient, where you wrote one.")
@click.option("--value", "values", metavar="NAME=X", multiple=True, help="Of a symbol of the loss.")
@click.option("--sizes", metavar="N,N", help="The numbers of classes to try.")
@click.option("--quick", is_flag=True, help="Fewer points.")
@click.option("--isolate", is_flag=True, help="Run it in a process of its own, which may crash.")
@click.option(
    "--time-limit",
    metavar="S",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds that a call may take.",
)
@click.option("--seed", metavar="N", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--json", "data", metavar="FILE", type=_PATH, help="Write the results as JSON.")
@click.option("--report", metavar="DIR", type=_PATH, help="Write a page with a figure for each.")
@click.option("--html", metavar="FILE", type=_PATH, help="Write all of them as one page of HTML.")
@click.option(
    "--summary", metavar="FILE", type=_PATH, help="Append a table of Markdown, as for GitHub."
)
def audit_command(
    targets: tuple[str, ...],
    listing: bool,
    loss: str | None,
    backend: str | None,
    dtypes: tuple[str, ...],
    gradient: str | None,
    values: tuple[str, ...],
    sizes: str | None,
    quick: bool,
    isolate: bool,
    data: Path | None,
    report: Path | None,
    html: Path | None,
    summary: Path | None,
    **others: Any,
) -> int:
    """Audit implementations: is the gradient right, and where does its arithmetic break.

    TARGET is a program of yours as FILE.py:NAME or module:NAME, or what `gradproof audit --list`
    shows: a library or library:function.
    """
    choose_backend(backend)
    if listing:
        return _list()
    if not targets:
        raise click.UsageError("name a TARGET, or ask for --list")
    from .checks.summary import audit_lines, audits_summary
    from .outputs import Outputs

    outputs = Outputs(report, html, data, summary)
    outputs.check()
    options = others | {
        "dtypes": _dtypes(dtypes),
        "values": _values(values),
        "sizes": numbers(sizes, "--sizes", 1),
        "quick": quick or None,
        "isolate": isolate or None,
    }
    jobs = _jobs(targets, loss, gradient, options)
    audits = _audit(jobs)
    outputs.append(lambda: audits_summary(audit_lines(audits), len(jobs) - len(audits)))
    _write(audits, outputs)
    if len(audits) < len(jobs):
        return UNUSABLE
    return PASSES if all(audit.passed for audit in audits) else FOUND


def rows() -> list[tuple[str, ...]]:
    """Return a row for each built-in implementation: its name, and what it is."""
    from .checks.audits.implementation_list import LIBRARIES, implementations_of
    from .symbolic.errors import UnsupportedError

    found: list[tuple[str, ...]] = []
    for library in LIBRARIES:
        try:
            known = implementations_of(library)
            found += [(one.name, f"{one.loss.name}: {one.description}") for one in known]
        except UnsupportedError as error:
            found.append((library, f"not installed: {error.remedy}"))
    return found


def _list() -> int:
    from .console import columns

    for line in columns(rows()):
        click.echo(line)
    return PASSES


def _dtypes(names: Sequence[str]) -> tuple[str, ...] | None:
    """Return the dtypes of options that may hold several with commas between them."""
    found = [name.strip() for one in names for name in one.split(",")]
    for name in found:
        if name not in _DTYPES:
            raise click.BadParameter(
                f"{name!r} is not one of {', '.join(_DTYPES)}", param_hint="--dtype"
            )
    return tuple(dict.fromkeys(found)) or None


def _values(texts: Sequence[str]) -> dict[str, str] | None:
    """Return the values of symbols by name, each as the number that is spelled."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise click.BadParameter(f"{text!r} is not NAME=X", param_hint="--value")
        found[name.strip()] = value.strip()
    return found or None


def _jobs(
    targets: Sequence[str], loss: str | None, gradient: str | None, options: dict[str, Any]
) -> list[Job]:
    from .checks.audits.jobs import find_jobs

    return [
        job
        for name in targets
        for job in find_jobs(name, loss=loss, gradient=gradient, options=options)
    ]


def _audit(jobs: Sequence[Job]) -> list[Audit]:
    """Make the audits, printing each; those that cannot be made are told and left out."""
    from .audit_display import display_for, print_summary
    from .symbolic.errors import DeclarationError, UnsupportedError

    display = display_for(len(jobs))
    audits: list[Audit] = []
    with display.running():
        for job in jobs:
            display.begins(job.name)
            try:
                audits.append(_made(job, display))
            except (DeclarationError, UnsupportedError) as error:
                if len(jobs) == 1:
                    raise
                display.failed(job.name, " ".join(str(error).split()))
            else:
                display.made(audits[-1])
    print_summary(audits, len(jobs) - len(audits))
    return audits


def _made(job: Job, display: PlainDisplay) -> Audit:
    from .checks.audits.auditing import audit

    return audit(job.implementation, job.loss, name=job.name, progress=display.step, **job.options)


def _write(audits: Sequence[Audit], outputs: Outputs) -> None:
    """Write what was asked for."""
    from .reports.audits import audit_files

    def data() -> dict[str, Any]:
        return {"version": version("gradproof"), "audits": [one.to_json() for one in audits]}

    for line in outputs.write(lambda: audit_files(audits), data):
        click.echo(line)
