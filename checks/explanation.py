"""Words for results: what is printed of a verdict on a terminal and by pytest.

Guarantees: a counterexample is printed with its exact point; the command that is printed decides
the claim again with the same outcome.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from .claim import Claim
from .runner import Failure, Result
from .verdict import Outcome, Verdict

NO_VERDICT = "NO VERDICT"
"""What stands in the place of an outcome where the engine failed."""


def headline(result: Result) -> str:
    """Return the name of the outcome, or that there is none."""
    return NO_VERDICT if isinstance(result, Failure) else result.outcome.name


def is_as_expected(claim: Claim, result: Result) -> bool:
    """Tell whether there is a verdict and it is the one that the author of the claim expects."""
    return isinstance(result, Verdict) and claim.as_expected(result)


def counterexample_lines(result: Result) -> list[str]:
    """Return the counterexample, if there is one: its point, what fails there, certified figures.

    A refutation is made of figures; where a statement has no value, it is said why.
    """
    if isinstance(result, Failure) or result.counterexample is None:
        return []
    found = result.counterexample
    fails = " is false" if result.outcome is Outcome.REFUTED else ""
    figures = ", ".join(f"{name} = {value}" for name, value in found.figures)
    return [f"at {found.point}: {found.failing}{fails}", *([figures] if figures else [])]


def reason(result: Result) -> str:
    """Return in one line why the outcome is what it is."""
    if isinstance(result, Failure):
        return result.reason
    return result.reason or result.outcome.sentence


def comparison(claim: Claim, result: Result) -> str:
    """Return the outcome beside what was expected."""
    return f"{headline(result)}{_for(result)}, expected {expectation(claim, result)}"


def expectation(claim: Claim, result: Result) -> str:
    """Return what the author of a claim expects, as far as the result differs from it."""
    return claim.expected + (" for every n" if _is_partial(result) else "")


def _for(result: Result) -> str:
    return f" for {result.scope}" if isinstance(result, Verdict) and _is_partial(result) else ""


def _is_partial(result: Result) -> bool:
    return isinstance(result, Verdict) and result.partial


def command(file: Path | None, claim: Claim, seed: int = 0) -> str:
    """Return the command that decides one claim of a file, or of the catalogue, again."""
    words = ["gradproof", "prove", *([str(file)] if file else []), "-k", claim.id]
    return shlex.join([*words, *(["--seed", str(seed)] if seed else [])])


def explain(claim: Claim, result: Result, file: Path | None) -> list[str]:
    """Return the lines that tell the author of a claim what became of it."""
    lines = [f"{claim.id}: {comparison(claim, result)}"]
    if claim.title != claim.id:
        lines.append(claim.title)
    if isinstance(result, Verdict):
        lines.append(f"scope: {result.scope}")
    lines += counterexample_lines(result) or [reason(result)]
    return [*lines, f"claimed at {claim.where}", f"again with: {command(file, claim)}"]
