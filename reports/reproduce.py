"""How a reader checks a verdict: a command, or a few lines of Python that run by themselves.

Guarantees: nothing is printed that depends on the folder or the machine that wrote the report; the
lines of Python hold the formula and the point, so they need neither this report nor a claims file.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sympy import IndexedBase
from sympy.core.basic import Basic
from sympy.core.relational import Relational

from ..checks import catalogue
from ..checks.claim import Claim
from ..checks.goals import goals_of
from ..checks.verdict import Counterexample, Outcome, Verdict
from ..numeric.point import Point
from ..symbolic.errors import UnsupportedError
from ..symbolic.printing import to_text
from .source import PythonSource

_CATALOGUE = Path(str(catalogue.__file__)).resolve().parent
_CHECKS = _CATALOGUE.parent
_WIDTH = 88


def command(claim: Claim) -> str:
    """Return the command that decides `claim` again, or nothing if it is in no file.

    A file outside the catalogue is called by its name, as from its own folder.
    """
    file = claims_file(claim)
    if file is None:
        return ""
    path = f"{shlex.quote(file)} " if file else ""
    return f"gradproof prove {path}-k {claim.id}"


def claims_file(claim: Claim) -> str | None:
    """Return the name of the file a claim was made in, "" for the catalogue, None for no file."""
    path = Path(claim.where.rpartition(":")[0])
    if path.suffix != ".py":
        return None
    if path.is_relative_to(_CATALOGUE):
        return ""
    return None if path.is_relative_to(_CHECKS) else path.name


def failing_part(claim: Claim, found: Counterexample) -> Relational | None:
    """Return the relation of the statement that fails, or None if it is not one relation."""
    for goal in goals_of(claim.statement, claim.given):
        for part in sorted(goal.formula.atoms(Relational), key=to_text):
            if to_text(part) == found.failing:
                return part
    return None


def snippet(claim: Claim, verdict: Verdict) -> str:
    """Return lines of Python that print the verdict again, or nothing if it has no such form.

    At a counterexample they hold the part of the statement that fails and the point; otherwise the
    whole statement with its assumptions.
    """
    point, given, formulas = claim.at, claim.given, claim.statement
    found = verdict.counterexample
    if found is not None:
        point = found.point
        part = failing_part(claim, found) if verdict.outcome is Outcome.REFUTED else None
        if part is not None:
            formulas, given = (part,), ()
    try:
        return _program(formulas, given, point)
    except UnsupportedError:
        return ""


def _program(formulas: Iterable[Basic], given: Iterable[Basic], point: Point | None) -> str:
    formulas, given = list(formulas), list(given)
    spelled = PythonSource([*formulas, *given, *(point or ())])
    statement = _several([spelled.doprint(formula) for formula in formulas])
    arguments = ["statement"]
    if given:
        arguments.append(f"given={_several([spelled.doprint(g) for g in given], list_one=True)}")
    if point is not None:
        values = (f"{spelled.doprint(key)}: {_value(key, value)}" for key, value in point.items())
        arguments.append(f"at={{{', '.join(values)}}}")
    return "\n".join(
        [
            "from gradproof import prove",
            *_imports(spelled.imports),
            "",
            *spelled.declarations,
            f"statement = {statement}",
            f"print(prove({', '.join(arguments)}))",
        ]
    )


def _several(texts: list[str], *, list_one: bool = False) -> str:
    if len(texts) == 1 and not list_one:
        return texts[0]
    joined = ", ".join(texts)
    return f"[{joined}]" if len(joined) < _WIDTH else "[\n    " + ",\n    ".join(texts) + ",\n]"


def _imports(used: Iterable[tuple[str, str]]) -> list[str]:
    lines = []
    modules = sorted({module for module, _ in used})
    for module in modules:
        names = sorted(name for home, name in used if home == module)
        line = f"from {module} import {', '.join(names)}"
        if len(line) > _WIDTH:
            line = f"from {module} import (\n    {', '.join(names)},\n)"
        lines.append(line)
    return lines


def _value(key: Any, value: Any) -> str:
    if not isinstance(key, IndexedBase):
        return _number(value)
    members = [_number(member) for member in value]
    return f"({', '.join(members)}{',' if len(members) == 1 else ''})"


def _number(value: Any) -> str:
    """Return a rational as a literal that is read back exactly."""
    text = str(value)
    return text if text.lstrip("-").isdigit() else f'"{text}"'
