"""The command `gradproof replay`: stored certificates are checked again, without the provers.

Guarantees: every certificate in the files is checked by `gradproof.checks.checker`, which shares no
code with the provers; a proved claim that has none is counted, never passed over in silence.
All files are read before the first is checked, so a file that cannot be used costs no work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from .symbolic.errors import CertificateFileError

ACCEPTED, REJECTED = 0, 1

Stored = tuple[Path, str, Any]
"""A certificate with its file and claim; None for a proved claim that has none."""


@click.command()
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
def replay(files: tuple[Path, ...]) -> int:
    """Check stored certificates again, with a checker that shares no code with the provers.

    FILE is a certificate, what 'prove --json' wrote, or a folder of such files (*.json).
    The report lists what was checked, and what no certificate proves and has to be believed.
    """
    counts: Counter[str] = Counter()
    for file, claim, certificate in [one for path in files for one in _stored(path)]:
        title = f"{claim} in {file}" if claim else str(file)
        counts[_show(title, certificate)] += 1
    told = [f"{counts[word]} {word}" for word in ("accepted", "rejected") if counts[word]]
    total = counts["accepted"] + counts["rejected"]
    text = f"{total} certificate{'s' if total != 1 else ''}: {', '.join(told)}"
    missing = counts["without"]
    more = f"; {missing} proved claim{'s' if missing != 1 else ''} without one" if missing else ""
    click.echo(f"\n{text}{more}")
    return REJECTED if counts["rejected"] else ACCEPTED


def _show(title: str, certificate: Any) -> str:
    """Check one certificate, print the report and return the outcome in a word."""
    from .checks.checker import check

    if certificate is None:
        click.echo(f"not checked  {title}: proved without a certificate of this format")
        return "without"
    report = check(certificate)
    outcome = "accepted" if report.accepted else "rejected"
    click.echo(f"{outcome}  {title}")
    for line in report.lines:
        click.echo(f"  {line}")
    return outcome


def _stored(path: Path) -> list[Stored]:
    """Return what a file or folder holds; at least one certificate.

    Raises
    ------
    CertificateFileError
        If it cannot be read or holds none.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    found = [one for file in files for one in _read(file)]
    if not any(certificate is not None for _, _, certificate in found):
        what = f"none in {len(files)} files *.json" if path.is_dir() else "none"
        raise _error(path, "holds a certificate", what)
    return found


def _read(file: Path) -> Iterator[Stored]:
    from .checks.checker import read, stored_in

    try:
        data = read(file)
    except (OSError, ValueError) as error:
        found = (isinstance(error, OSError) and error.strerror) or str(error)
        raise _error(file, "can be read as JSON", found) from error
    for claim, _, certificate in stored_in(data):
        yield file, claim, certificate


def _error(path: Path, holds: str, found: str) -> CertificateFileError:
    from .symbolic.errors import CertificateFileError  # behind it is SymPy, too slow for the rest

    remedy = "name a certificate, or a file that 'gradproof prove --json FILE' wrote"
    return CertificateFileError(f"{path} {holds}", found=found, remedy=remedy)
