"""Results made by hand, and the comparison with stored texts."""

from __future__ import annotations

import os
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from gradproof.checks.claim import Claim
from gradproof.checks.verdict import Verdict

HERE = Path(__file__).parent
Results: TypeAlias = tuple[tuple[Claim, Verdict], ...]


@pytest.fixture(scope="session")
def results() -> Results:
    """Return the results of ``hand_made.py``."""
    found: Results = runpy.run_path(str(HERE / "hand_made.py"))["RESULTS"]
    return found


@pytest.fixture
def equals_stored() -> Callable[[str, str], None]:
    """Compare a text with the stored one of a name.

    With ``GRADPROOF_STORE=1`` in the environment it is stored anew, and the test fails so that
    nobody takes that for a pass.
    """

    def compare(name: str, text: str) -> None:
        file = HERE / "stored" / f"{name}.txt"  # no .md: formatters rewrite code in Markdown
        if os.environ.get("GRADPROOF_STORE"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
            pytest.fail(f"{file} was stored anew: read it, then run the test without storing")
        assert text == file.read_text(encoding="utf-8")

    return compare
