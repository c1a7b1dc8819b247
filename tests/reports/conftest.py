"""Results made by hand."""

from __future__ import annotations

import runpy
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
