"""Laws of the pages that tell a proof."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gradproof.checks.claim import Claim
from gradproof.checks.verdict import Evidence, Finding, Outcome, Verdict
from gradproof.reports import render_page
from gradproof.reports.evidence import is_proof, proof_section
from gradproof.symbolic import Ge, S, i

HERE = Path(__file__).parent
Result = tuple[Claim, Verdict]
IDS = [file.stem for file in sorted((HERE / "evidence").glob("*.json"))]


@pytest.fixture(scope="module")
def proved() -> dict[str, Result]:
    """Return the results of ``proved.py``."""
    found: dict[str, Result] = runpy.run_path(str(HERE / "proved.py"))["RESULTS"]
    return found


@pytest.mark.parametrize("name", IDS)
def test_a_page_with_a_proof_is_what_was_stored(
    name: str, proved: dict[str, Result], equals_stored: Callable[[str, str], None]
) -> None:
    """Polynomials with lemmas, logarithms, limits, existence: the page is the stored one."""
    equals_stored(f"{name}.md", render_page(*proved[name], derivation=lambda *_: ""))


@pytest.mark.parametrize("name", IDS)
def test_formulas_and_folds_are_closed(name: str, proved: dict[str, Result]) -> None:
    """Every fence, fold and formula that opens is closed, and no dollar is left over."""
    page = render_page(*proved[name], derivation=lambda *_: "")
    fences = re.findall(r"^```(\w*)$", page, flags=re.MULTILINE)
    assert all(fences[::2])
    assert not any(fences[1::2])
    assert len(fences) % 2 == 0
    assert "$" not in re.sub(r"\$`[^`]+`\$", "", page)
    assert page.count("<details>") == page.count("</details>")
    for block in re.findall(r"```math\n(.*?)\n```", page, flags=re.DOTALL):
        assert block.count("{") == block.count("}")
        assert block.count(r"\begin") == block.count(r"\end")


@pytest.mark.parametrize("name", IDS)
def test_a_proof_has_one_sentence_a_line(name: str, proved: dict[str, Result]) -> None:
    """No line of a proof outside tables holds the end of a sentence and the begin of another."""
    section = re.sub(r"`[^`]*`", "x", proof_section(*proved[name]))
    lines = [line for line in section.splitlines() if not line.startswith("|")]
    assert not [line for line in lines if re.search(r"[a-z)$][.] [A-Z]", line)]


def test_every_step_of_the_stored_proofs_is_a_sentence(proved: dict[str, Result]) -> None:
    """Each step is a bullet that ends as a sentence does."""
    bullets = 0
    for result in proved.values():
        for line in proof_section(*result).splitlines():
            if line.startswith("- "):
                bullets += 1
                assert line.endswith((".", ":"))
    assert bullets > 5


def test_only_what_settles_a_part_is_told_as_a_proof(proved: dict[str, Result]) -> None:
    """A method that found nothing tells no proof, whatever data it left."""
    claim, verdict = proved["ce-convex"]
    open_ones = tuple(replace(e, finding=Finding.NOTHING) for e in verdict.evidence)
    assert not any(map(is_proof, open_ones))
    unproved = Verdict(Outcome.UNDECIDED, "all n", "", open_ones)
    assert proof_section(claim, unproved) == ""
    assert "gradproof replay" not in render_page(claim, unproved)


def test_a_claim_proved_in_part_says_so(proved: dict[str, Result]) -> None:
    """The heading of a proof of one part does not call it the proof of the claim."""
    claim, verdict = proved["ce-nonnegative"]
    page = render_page(claim, replace(verdict, outcome=Outcome.SUPPORTED))
    assert "## What was proved of it" in page
    assert "## Proof" not in page


def test_a_refutation_without_a_point_names_none(proved: dict[str, Result]) -> None:
    """Where the contrary is proved the page does not speak of a point."""
    page = render_page(*proved["ce-range-attained"])
    assert "**REFUTED** — The contrary of the claim is proved." in page
    assert "## Why it fails" in page


def test_a_witness_is_shown_with_its_values() -> None:
    """An existence statement that holds shows its exact point."""
    data = {"statement": "a > 0", "witness": {"n": "2", "a": "1/2"}, "values": {"left side": "1"}}
    found = Evidence("existence", Finding.PROVES, "a witness", "It holds.", data)
    section = proof_section(Claim("one", Ge(S(i), 0)), Verdict(Outcome.PROVED, "", "", (found,)))
    assert "| `a` | `1/2` |" in section
    assert "| left side | `1` |" in section


def test_pages_do_not_depend_on_the_hash_seed() -> None:
    """Two processes with different hash seeds print the same pages and certificates."""
    program = (
        "import runpy, sys; from gradproof.reports import render_page;"
        "from gradproof.reports.certificates import certificate_text;"
        "results = runpy.run_path(sys.argv[1])['RESULTS'].values();"
        "page = lambda r: render_page(*r, derivation=lambda *_: '');"
        "print(*(page(r) + certificate_text(*r) for r in results))"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", program, str(HERE / "proved.py")],
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert printed[0] == printed[1]
    assert b"## Proof" in printed[0]
