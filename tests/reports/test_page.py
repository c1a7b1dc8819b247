"""Laws of the page of a claim."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sympy import Basic, IndexedBase

from gradproof.checks.claim import Claim
from gradproof.checks.verdict import Evidence, Finding, Outcome, Verdict
from gradproof.reports import render_page
from gradproof.reports.derivations import variable_of
from gradproof.symbolic import (
    Eq,
    Gt,
    K,
    Loss,
    S,
    UnsupportedError,
    class_sum,
    kernels,
    log,
    losses,
    scalar,
    x,
    y,
    z,
)
from gradproof.symbolic.derivation import derive

HERE = Path(__file__).parent
HEADINGS = [
    "Statement",
    "Who claims it",
    "Assumptions",
    "Counterexample",
    "Where it has no value",
    "How it was decided",
    "How to check it yourself",
]


@pytest.fixture(params=range(6))
def result(request: pytest.FixtureRequest, results: tuple[tuple[Claim, Verdict], ...]) -> object:
    """Return each of the results."""
    return results[request.param]


def test_a_page_is_what_was_stored(
    result: tuple[Claim, Verdict], equals_stored: Callable[[str, str], None]
) -> None:
    """The page of each outcome is the stored one, byte for byte."""
    equals_stored(f"{result[0].id}.md", render_page(*result))


def test_formulas_are_closed(result: tuple[Claim, Verdict]) -> None:
    """Every fence that opens is closed, and every dollar belongs to a formula."""
    page = render_page(*result)
    fences = re.findall(r"^```(\w*)$", page, flags=re.MULTILINE)
    assert all(fences[::2])
    assert not any(fences[1::2])
    assert len(fences) % 2 == 0
    assert "$" not in re.sub(r"\$`[^`]+`\$", "", page)


def test_the_parts_come_in_one_order(result: tuple[Claim, Verdict]) -> None:
    """The parts of a page keep one order; what does not apply is left out."""
    found = re.findall(r"^## (.*)$", render_page(*result), flags=re.MULTILINE)
    assert found == [heading for heading in HEADINGS if heading in found]
    assert ("Assumptions" in found) == bool(result[0].given)


def test_a_page_has_no_time(result: tuple[Claim, Verdict]) -> None:
    """How long anything took does not change a page."""
    claim, verdict = result
    evidence = tuple(replace(one, seconds=77.125) for one in verdict.evidence)
    slow = replace(verdict, evidence=evidence, seconds=99.5)
    assert render_page(claim, slow) == render_page(claim, verdict)


def test_the_derivation_of_the_loss_is_on_the_page(
    results: tuple[tuple[Claim, Verdict], ...],
) -> None:
    """A claim about a loss shows the loss's derivation before how it was decided."""
    loss = losses.softmax_cross_entropy
    claim = Claim("with-loss", Eq(loss.gradient(), loss.gradient()), loss=loss)
    page = render_page(claim, results[0][1])
    shown, decided = derive(loss).to_markdown().strip(), "## How it was decided"
    assert page.index(shown) < page.index(decided)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (lambda loss: Eq(loss.gradient(wrt=x), 0), x),
        (lambda loss: Eq(loss.gradient(wrt=x), loss.gradient()), z),
        (lambda loss: Gt(loss.term, 0), z),
        (lambda loss: Eq(losses.softmax_cross_entropy.gradient(), loss.gradient(wrt=x)), x),
    ],
)
def test_the_derivation_is_by_what_the_claim_is_about(
    statement: Callable[[Loss], Basic], expected: IndexedBase
) -> None:
    """A statement on the derivatives by the positions shows how those are derived."""
    gaussian, t = kernels.gaussian, scalar("t")
    loss = losses.kde_cross_entropy.substitute(K, lambda a: gaussian(t - x[a]), "KDE[gaussian]")
    claim = Claim("by-position", statement(loss), loss=loss)
    assert variable_of(claim) == expected
    page = render_page(claim, Verdict(Outcome.UNDECIDED, "all n", "", ()))
    assert derive(loss, expected).to_markdown().strip() in page


def test_a_derivation_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no derivation can be written the page says why."""

    def refuse(loss: Loss, _: object) -> None:
        raise UnsupportedError("a rule applies", found=loss.name, remedy="write another loss")

    monkeypatch.setattr("gradproof.reports.derivations.derive", refuse)
    loss = Loss("ODD", -log(S(y)))
    claim = Claim("odd", Eq(loss.gradient(), 0), loss=loss)
    page = render_page(claim, Verdict(Outcome.UNDECIDED, "all n", "", ()))
    assert "No derivation was written: a rule applies; found ODD; write another loss." in page


def test_an_unexpected_verdict_is_called_so(results: tuple[tuple[Claim, Verdict], ...]) -> None:
    """A page says where its verdict is not what the author expects, and only there."""
    said = "This is not what the author of the claim expects: {}."
    assert said.format("PROVED") in render_page(*results[5])
    assert "expects" not in render_page(*results[1])


def test_a_long_certificate_is_not_printed() -> None:
    """A certificate that no reader would read is left to the JSON."""
    long = Evidence("boxes", Finding.PROVES, "all n", "Done.", {"boxes": list(range(2000))})
    page = render_page(
        Claim("total", Eq(class_sum(S), 1)), Verdict(Outcome.PROVED, "all n", "boxes", (long,))
    )
    assert "It is too long to print; `gradproof prove --json FILE` writes it." in page
    assert "1999" not in page


def test_texts_do_not_depend_on_the_hash_seed() -> None:
    """Two processes with different hash seeds print the same pages, index and data."""
    program = (
        "import json, runpy, sys; from gradproof.reports import *;"
        "results = runpy.run_path(sys.argv[1])['RESULTS'];"
        "print(*(render_page(*result) for result in results), render_index(results));"
        "print(json.dumps(results_json(results, 0)))"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", program, str(HERE / "hand_made.py")],
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert printed[0] == printed[1]
    assert b"**PROVED**" in printed[0]
