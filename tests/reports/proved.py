"""Claims of the catalogue with verdicts that the engine once gave, stored as data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gradproof.checks.catalogue import catalogue
from gradproof.checks.claim import Claim
from gradproof.checks.verdict import Counterexample, Evidence, Finding, Outcome, Verdict
from gradproof.numeric.point import Point
from gradproof.symbolic import n, scalar, y, z
from gradproof.symbolic.printing import to_text

_FILES = sorted((Path(__file__).parent / "evidence").glob("*.json"))
_SYMBOLS = (n, y, z, scalar("c", positive=True))


def _evidence(data: dict[str, Any]) -> Evidence:
    return Evidence(**{**data, "finding": Finding(data["finding"])})


def _result(file: Path) -> tuple[Claim, Verdict]:
    data = json.loads(file.read_text(encoding="utf-8"))
    claim = next(one for one in catalogue() if one.id == data["id"])
    where = None
    if data["counterexample"]:
        point = Point.from_json(data["counterexample"], _SYMBOLS)
        where = Counterexample(point, to_text(claim.statement[0].formula), ())
    evidence = tuple(map(_evidence, data["evidence"]))
    outcome = Outcome[data["verdict"]]
    return claim, Verdict(outcome, data["scope"], data["method"], evidence, where)


RESULTS = {file.stem: _result(file) for file in _FILES}
"""Each claim with its verdict by its id."""
