"""Claims files: Python files whose module-level claims are collected.

Guarantees: the claims come in order of definition, each once; no two have one id; a claim that is
written down at module level under a literal id is either collected or an error.
Cannot see: a claim that a function or a branch builds and that nothing at module level keeps.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from ..symbolic.errors import ClaimsFileError
from ..symbolic.loss import Loss
from .claim import Claim
from .user_file import one_line, run_file

PATTERN = "claims_*.py"
"""Names of the files that are taken from a folder, by the command line and by pytest."""


def load_claims(path: Path) -> tuple[Claim, ...]:
    """Return the claims of a Python file, or of all files ``claims_*.py`` below a folder.

    A claim is collected from a module-level name, or from lists and tuples that have one.

    Raises
    ------
    ClaimsFileError
        If a file cannot be read or run, has no claim, loses one, or if two claims have one id.
    """
    return tuple(claim for _, claim in load_all([path]))


def load_all(paths: Iterable[Path]) -> tuple[tuple[Path, Claim], ...]:
    """Return the claims of several files and folders, each with the file it was collected from.

    A file that is named twice, or by itself and by its folder, is run once.

    Raises
    ------
    ClaimsFileError
        As `load_claims`; ids are unique over all files.
    """
    files: dict[Path, Path] = {}
    for file in (file for path in paths for file in _files(path)):
        files.setdefault(file.resolve(), file)
    found = [(file, claim) for file in files.values() for claim in _claims_of(file)]
    first: dict[str, Claim] = {}
    for _, claim in found:
        other = first.setdefault(claim.id, claim)
        if other is not claim:
            raise one_line(
                claim.where,
                "every claim has an id of its own",
                f"{claim.id!r} here and at {other.where}",
                "rename one of the two",
            )
    return tuple(found)


def load_loss(target: str) -> Loss:
    """Return the loss that a user's file defines, given as ``FILE.py:NAME``.

    NAME is the name in the file, or the one the loss was given.

    Raises
    ------
    ClaimsFileError
        If the file cannot be read or run, or has no such loss.
    """
    file, _, name = target.rpartition(":") if not target.endswith(".py") else (target, "", "")
    values = vars(run_file(Path(file)))
    losses = {key: value for key, value in values.items() if isinstance(value, Loss)}
    by_name = {loss.name: loss for loss in losses.values()} | losses
    if name in by_name:
        return by_name[name]
    close = get_close_matches(name, by_name) or list(losses)
    found = f"no loss {name!r}" if name else "no :NAME after the file"
    remedy = f"take one of {', '.join(close)}" if close else "define one with Loss(name, value)"
    raise one_line(file, "the file defines the loss asked for", found, remedy)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.rglob(PATTERN) if file.is_file())
    if not files:
        remedy = f"name the files of claims {PATTERN}, or give their paths"
        raise one_line(path, "a folder of claims has files of claims", "none", remedy)
    return files


def _claims_of(file: Path) -> list[Claim]:
    claims: dict[int, Claim] = {}
    for value in vars(run_file(file)).values():
        claims |= {id(claim): claim for claim in _claims_in(value)}
    lost = _lost(file, {claim.id for claim in claims.values()})
    if lost is not None:
        raise lost
    if not claims:
        remedy = "write one at module level: claim = Claim(id, statement)"
        raise one_line(file, "a claims file has a claim", "none", remedy)
    return list(claims.values())


def _claims_in(value: object) -> Iterator[Claim]:
    if isinstance(value, Claim):
        yield value
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _claims_in(member)


def _lost(file: Path, collected: set[str]) -> ClaimsFileError | None:
    """Return the error for a claim that is written down at module level but was not collected."""
    for statement in ast.parse(file.read_bytes()).body:
        for node in ast.walk(statement) if isinstance(statement, _PLAIN) else ():
            name = _literal_id(node)
            if name is not None and name not in collected:
                return one_line(
                    f"{file}:{node.lineno}",  # type: ignore[attr-defined]
                    "every claim is kept under a module-level name of its own, or in a list",
                    f"{name!r}, which nothing keeps",
                    "assign it to a name that is not used again",
                )
    return None


_PLAIN = (ast.Assign, ast.AnnAssign, ast.Expr)
"""Statements that run whenever the file runs; a branch may leave its claims out on purpose."""


def _literal_id(node: ast.AST) -> str | None:
    """Return the id in an expression such as ``Claim("id", ...)``."""
    if not isinstance(node, ast.Call):
        return None
    name = getattr(node.func, "id", getattr(node.func, "attr", None))
    given = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "id")]
    if name != "Claim" or not given or not isinstance(given[0], ast.Constant):
        return None
    return str(given[0].value)
