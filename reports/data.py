"""Results as JSON data, for other programs.

Guarantees: the keys of a claim are those of `KEYS`, in that order; every value is what the page
shows, as text or numbers that `json.dumps` takes as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from ..checks.claim import Claim
from ..checks.verdict import Verdict
from ..symbolic.printing import to_text

KEYS = (
    "id",
    "title",
    "source",
    "statement",
    "assumptions",
    "verdict",
    "scope",
    "method",
    "evidence",
    "counterexample",
    "expected",
    "as_expected",
    "seconds",
)


def results_json(results: Sequence[tuple[Claim, Verdict]], seed: int) -> dict[str, Any]:
    """Return results as JSON data.

    Parameters
    ----------
    results
        Each claim with its verdict.
    seed
        The seed they were found with.
    """
    return {
        "version": version("gradproof"),
        "seed": seed,
        "claims": [_claim(claim, verdict) for claim, verdict in results],
    }


def _claim(claim: Claim, verdict: Verdict) -> dict[str, Any]:
    """Return one claim; several parts of a statement are separated by semicolons."""
    found = verdict.to_json() | {
        "id": claim.id,
        "title": claim.title,
        "source": claim.source,
        "statement": "; ".join(to_text(part) for part in claim.statement),
        "assumptions": [to_text(fact) for fact in claim.given],
        "expected": claim.expected,
        "as_expected": claim.as_expected(verdict),
    }
    return {key: found[key] for key in KEYS}
