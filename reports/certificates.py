"""Certificates as files: what `gradproof replay` reads, beside the pages of a report.

Guarantees: the text of a file follows from the certificates alone; a file is known again by its
content, so that nobody else's file is taken for one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..checks.checker.report import FORMAT
from ..checks.claim import Claim
from ..checks.verdict import Evidence, Finding, Verdict

FOLDER = "certificates"
"""The folder beside the pages."""

_WRITER = "written by"
_WIDTH = 100


def is_replayable(evidence: Evidence) -> bool:
    """Tell whether evidence is a proof with a certificate of the format that a replay reads."""
    found = evidence.certificate
    proves = evidence.finding in (Finding.PROVES, Finding.REFUTES)
    return proves and found is not None and found.get("format") == FORMAT


def certificate_name(claim: Claim) -> str:
    """Return the path of a claim's certificates below the folder of the report."""
    return f"{FOLDER}/{claim.id}.json"


def certificate_text(claim: Claim, verdict: Verdict) -> str:
    """Return all certificates of a claim as one JSON text, empty if there are none."""
    found = [
        {"method": e.method, "scope": e.scope, "certificate": e.certificate}
        for e in verdict.evidence
        if is_replayable(e)
    ]
    if not found:
        return ""
    entry = {"id": claim.id, "verdict": verdict.outcome.name, "evidence": found}
    # Through JSON once, so that what is sorted and laid out is what a reader gets.
    data = json.loads(json.dumps({"claims": [entry], _WRITER: "gradproof"}))
    return _laid_out(data, 0) + "\n"


def is_certificate(path: Path) -> bool:
    """Tell whether a file was written by gradproof as certificates of a report."""
    if path.suffix != ".json" or path.is_symlink() or not path.is_file():
        return False
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and data.get(_WRITER) == "gradproof"


def _laid_out(data: Any, depth: int) -> str:
    """Return JSON in which whatever fits on a line stands on one."""
    short = json.dumps(data, ensure_ascii=False, sort_keys=True)
    if not isinstance(data, (dict, list)) or len(short) + depth <= _WIDTH:
        return short
    inner = " " * (depth + 1)
    if isinstance(data, dict):
        keys = ((json.dumps(k, ensure_ascii=False), data[k]) for k in sorted(data))
        items = [f"{inner}{key}: {_laid_out(value, depth + 1)}" for key, value in keys]
        return _bracketed("{", items, "}", depth)
    return _bracketed("[", [f"{inner}{_laid_out(v, depth + 1)}" for v in data], "]", depth)


def _bracketed(opening: str, items: Sequence[str], closing: str, depth: int) -> str:
    body = ",\n".join(items)
    return f"{opening}\n{body}\n{' ' * depth}{closing}"
