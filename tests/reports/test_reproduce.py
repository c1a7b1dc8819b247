"""Laws of the commands and lines by which a reader checks a verdict."""

from __future__ import annotations

import runpy
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sympy import Function

from gradproof.checks.catalogue import catalogue
from gradproof.checks.claim import Claim
from gradproof.checks.claims_file import load_claims
from gradproof.checks.verdict import Outcome, Verdict
from gradproof.reports.reproduce import command, failing_part, snippet
from gradproof.symbolic import Eq, S, class_sum, y


@pytest.mark.parametrize("number", range(5))
def test_the_lines_print_the_verdict_again(
    number: int,
    results: tuple[tuple[Claim, Verdict], ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The lines of Python run by themselves and print the outcome, at a point at that point."""
    claim, verdict = results[number]
    file = tmp_path / "lines.py"
    file.write_text(snippet(claim, verdict), encoding="utf-8")
    runpy.run_path(str(file))
    printed = capsys.readouterr().out
    assert Outcome[printed.split()[0]].meets(verdict.outcome)
    assert str(verdict.counterexample or "") in printed


def test_lines_are_refused_rather_than_wrong() -> None:
    """A statement that cannot be spelled in Python has no lines."""
    claim = Claim("odd", Eq(Function("f")(y), 1))
    assert snippet(claim, Verdict(Outcome.UNDECIDED, "all n", "", ())) == ""


def test_a_refutation_shows_the_part_that_fails(
    results: tuple[tuple[Claim, Verdict], ...],
) -> None:
    """The failing part is found by its text; a text that is no part finds nothing."""
    claim, verdict = results[1]
    found = verdict.counterexample
    assert found is not None
    assert failing_part(claim, found) == claim.statement[0]
    assert failing_part(claim, replace(found, failing="1 = 2")) is None


def test_a_claim_of_the_catalogue_needs_no_file() -> None:
    """Every claim of the catalogue is decided again by its id alone."""
    claims = catalogue()
    assert [command(claim) for claim in claims] == [f"gradproof prove -k {c.id}" for c in claims]


def test_a_claim_in_no_file_has_no_command() -> None:
    """Where the claim was made in no file there is no command."""
    claim = Claim("loose", Eq(class_sum(S), 1))
    assert command(claim) == "gradproof prove test_reproduce.py -k loose"
    object.__setattr__(claim, "where", "<stdin>:1")
    assert command(claim) == ""


def test_the_command_works_in_the_folder_of_the_file(tmp_path: Path) -> None:
    """The command of a claim in a user's file decides that claim, also if the name has a space."""
    file = tmp_path / "claims of mine.py"
    file.write_text(
        "from gradproof import Claim\n"
        "from gradproof.symbolic import Eq, S, class_sum\n"
        "total = Claim('softmax-total', Eq(class_sum(S), 1))\n",
        encoding="utf-8",
    )
    (claim,) = load_claims(file)
    _, *arguments = shlex.split(command(claim))
    run = subprocess.run(
        [sys.executable, "-m", "gradproof", *arguments],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "softmax-total" in run.stdout
    assert "PROVED" in run.stdout
