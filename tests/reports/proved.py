"""Verdicts that the engine once gave, stored as data, so that pages can be compared with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gradproof.checks.catalogue import catalogue
from gradproof.checks.claim import Claim
from gradproof.checks.verdict import Counterexample, Evidence, Finding, Outcome, Verdict
from gradproof.numeric.point import Point
from gradproof.symbolic import c, n, p, outputs, y, z  # fmt: skip

HERE = Path(__file__).parent
IDS = tuple(sorted(file.stem for file in (HERE / "evidence").glob("*.json")))
