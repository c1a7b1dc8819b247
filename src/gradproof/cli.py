"""The command line: `gradproof prove`, `replay`, `derive` and `list`, and where the others join.

Guarantees: every mistake of a user's ends in one line on standard error and exit status 2, without
a traceback; help and version are shown without loading mathematics, so commands import what they
need themselves.

Exit status: 0 if every verdict is as expected, 1 if some verdict differs or is missing, 2 for wrong
usage and for files that cannot be read, run or written, 130 after Ctrl-C.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from .audit_command import audit_command, rows as implementation_rows
from .replaying import replay
from .twin_command import exact_command

if TYPE_CHECKING:
    from .checks.cache import Cache
    from .checks.claim import Claim
    from .checks.engine import Settings
    from .checks.runner import Result
    from .outputs import Outputs

AS_EXPECTED, DIFFERS, UNUSABLE, INTERRUPTED = 0, 1, 2, 130

_PATH = click.Path(path_type=Path)

_NO_CACHE = "off"
"""What stands in the place of a folder, in the environment mostly, for no cache."""

_LISTS = ["claims", "losses", "kernels", "targets", "implementations"]

_FEW = 8
"""A number of claims that is mostly decided in less time than it takes to start a process."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gradproof", message="gradproof %(version)s")
def app() -> None:
    """Prove or refute gradients and properties of loss functions, for every number of classes."""


@app.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=_PATH)
@click.option(
    "-k", "expression", metavar="EXPR", help="Only claims with these words: 'a and not b'."
)
@click.option("--report", metavar="DIR", type=_PATH, help="Write a page for each claim.")
@click.option("--html", metavar="FILE", type=_PATH, help="Write all of it as one page of HTML.")
@click.option("--json", "data", metavar="FILE", type=_PATH, help="Write the results as JSON.")
@click.option(
    "--summary", metavar="FILE", type=_PATH, help="Append a table of Markdown, as for GitHub."
)
@click.option(
    "--jobs", metavar="N", type=click.IntRange(min=1), help="Processes; one a core for many claims."
)
@click.option("--seed", metavar="N", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--digits",
    metavar="N",
    type=click.IntRange(1, 1000),
    default=12,
    show_default=True,
    help="Certified digits of the figures of a counterexample.",
)
@click.option(
    "--cache",
    metavar="DIR",
    type=_PATH,
    envvar="GRADPROOF_CACHE",
    show_envvar=True,
    help="Where verdicts are kept for later runs, or 'off'.",
)
@click.option("--no-cache", is_flag=True, help="Decide every claim, and keep nothing.")
def prove(
    paths: tuple[Path, ...],
    expression: str | None,
    report: Path | None,
    html: Path | None,
    data: Path | None,
    summary: Path | None,
    jobs: int | None,
    seed: int,
    digits: int,
    cache: Path | None,
    no_cache: bool,
) -> int:
    """Decide the claims in PATHs, or those of the built-in catalogue.

    PATH is a Python file that defines claims, or a folder of files claims_*.py.
    """
    from .checks.claims_file import load_all
    from .checks.engine import Settings
    from .checks.selection import select
    from .checks.summary import claim_lines, claims_summary
    from .console import print_summary
    from .outputs import Outputs

    outputs = Outputs(report, html, data, summary)
    outputs.check()
    loaded = load_all(paths) if paths else ()
    claims: Sequence[Claim] = [claim for _, claim in loaded] if paths else _catalogue()
    if expression is not None:
        claims = select(claims, expression)
    files = {claim.id: file for file, claim in loaded}
    results: list[tuple[Claim, Result]] = []
    store = None if no_cache else _cache(cache)
    try:
        _decide(claims, Settings(seed=seed, digits=digits), jobs, store, results)
        print_summary(results, files, seed, store.hits if store else 0)
        outputs.append(lambda: claims_summary(claim_lines(results, files, seed)))
        return _conclude(results, outputs, seed, store)
    except KeyboardInterrupt:
        kept = "; no report was written" if outputs.asked() else ""
        told = f"{len(results)} of {len(claims)} claims were decided"
        click.echo(f"error: interrupted; {told}{kept}", err=True)
        return INTERRUPTED


app.add_command(replay)
app.add_command(exact_command)
app.add_command(audit_command)


def _catalogue() -> Sequence[Claim]:
    from .checks.catalogue import catalogue

    return catalogue()


def _cache(folder: Path | None) -> Cache | None:
    """Return the cache in a folder, or in that of the user; none if there is no place for it."""
    from .checks.cache import Cache, default_folder

    folder = folder or default_folder()
    return None if folder is None or str(folder) == _NO_CACHE else Cache(folder)


def _decide(
    claims: Sequence[Claim],
    settings: Settings,
    jobs: int | None,
    cache: Cache | None,
    results: list[tuple[Claim, Result]],
) -> None:
    """Append each claim with its result to `results`, showing it."""
    from .checks.runner import run_claims, usable_cores
    from .console import display_for

    jobs = jobs or (usable_cores() if len(claims) > _FEW else 1)
    display = display_for(claims)
    with display.running(), closing(run_claims(claims, settings, jobs, cache)) as running:
        for claim, result in running:
            results.append((claim, result))
            display.decided(claim, result)
    display.table(results)


def _conclude(
    results: Sequence[tuple[Claim, Result]], outputs: Outputs, seed: int, cache: Cache | None
) -> int:
    """Write what was asked for and return the exit status."""
    from .checks.explanation import is_as_expected
    from .checks.verdict import Verdict
    from .reports import results_json
    from .reports.writer import report_files

    verdicts = [(claim, result) for claim, result in results if isinstance(result, Verdict)]
    missing = len(results) - len(verdicts)
    if missing:
        kept = "; no report was written" if outputs.asked() else ""
        told = f"{missing} of {len(results)} claims have no verdict, a defect of gradproof"
        click.echo(f"error: {told}{kept}", err=True)
        return DIFFERS
    written = outputs.write(
        lambda: report_files(verdicts, cache=cache), lambda: results_json(verdicts, seed)
    )
    for line in written:
        click.echo(line)
    return AS_EXPECTED if all(is_as_expected(*pair) for pair in verdicts) else DIFFERS


@app.command()
@click.argument("loss")
@click.option("--latex", is_flag=True, help="As LaTeX.")
@click.option("--markdown", is_flag=True, help="As Markdown.")
def derive(loss: str, latex: bool, markdown: bool) -> None:
    """Derive the gradient of LOSS, step by step.

    LOSS is a name that `gradproof list losses` shows, or FILE.py:NAME for a loss of your own.
    """
    if latex and markdown:
        raise click.UsageError("choose one of --latex and --markdown")
    from .checks.claims_file import load_loss
    from .console import WIDTH
    from .symbolic.derivation import derive as derivation_of
    from .symbolic.losses import find_loss

    own = loss.endswith(".py") or loss.rpartition(":")[0].endswith(".py")
    derivation = derivation_of(load_loss(loss) if own else find_loss(loss))
    if latex:
        click.echo(derivation.to_latex())
    elif markdown:
        click.echo(derivation.to_markdown())
    else:
        click.echo(derivation.to_text(WIDTH))


@app.command("list")
@click.argument("what", type=click.Choice(_LISTS), required=False)
def list_names(what: str | None) -> None:
    """List what is built in, by name: all of it, or one kind.

    The targets are those of 'gradproof exact', the implementations those of 'gradproof audit'.
    """
    from .console import columns

    for number, kind in enumerate([what] if what else _LISTS):
        if what is None:
            click.echo(f"{chr(10) if number else ''}{kind}:")
        for line in columns(_names(kind)):
            click.echo(line)


def _names(kind: str) -> list[tuple[str, ...]]:
    """Return a row for each thing of a kind: its name, and what it is."""
    if kind == "claims":
        return [(claim.id, claim.title) for claim in _catalogue()]
    if kind == "losses":
        from .symbolic.losses import LOSSES

        return [(name, loss.name, loss.title) for name, loss in LOSSES.items()]
    if kind == "targets":
        return _targets()
    if kind == "implementations":
        return implementation_rows()
    from .symbolic.kernels import KERNELS

    return [(kernel.name, kernel.title) for kernel in KERNELS.values()]


def _targets() -> list[tuple[str, ...]]:
    """Return the targets of every library that is installed, and the others as not installed."""
    from .checks.twins.target import LIBRARIES, targets_of
    from .symbolic.errors import UnsupportedError

    found: list[tuple[str, ...]] = []
    for library in LIBRARIES:
        try:
            found += [(target.name, target.meaning) for target in targets_of(library)]
        except UnsupportedError as error:
            found.append((library, f"not installed: {error.remedy}"))
    return found


def run(arguments: Sequence[str]) -> int:
    """Run the command line with `arguments` and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # formulas on a terminal without Unicode
    try:
        return int(
            app.main([*arguments] or ["--help"], prog_name="gradproof", standalone_mode=False) or 0
        )
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "gradproof"
        message = " ".join(error.format_message().split()).rstrip(".")
        return _fail(f"{message}; see '{path} --help'", UNUSABLE)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted", INTERRUPTED)
    except Exception as error:
        from .symbolic.errors import GradproofError  # behind it is SymPy, too slow for the above

        if not isinstance(error, GradproofError):
            raise
        return _fail(" ".join(str(error).split()), UNUSABLE)


def _fail(message: str, status: int) -> int:
    click.echo(f"error: {message}", err=True)
    return status


def main() -> NoReturn:
    """Run the command line with the arguments of this process."""
    sys.exit(run(sys.argv[1:]))
