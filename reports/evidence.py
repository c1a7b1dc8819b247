"""What the decisive evidence of a claim says to a reader: proofs, derived limits, refutations.

Guarantees: only evidence that proves or refutes is told as a proof; the kind of text follows from
the method and the data of its certificate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..checks.claim import Claim
from ..checks.identity import METHOD as IDENTITY
from ..checks.limits.prover import METHOD as GROWTH
from ..checks.mutants import METHOD as TWINS
from ..checks.verdict import Evidence, Finding, Outcome, Verdict
from .certificates import certificate_name, is_replayable
from .explanations import explained
from .limits import LEGEND, families_text, limit_text, witness_text
from .markdown import code, escape, listed, paragraphs
from .proof import lemma_section, lemmas_used, method_text, proof_text

LONGEST = 8_000
"""Characters of data that a page still shows."""

_SHORT = 80
"""Characters of a statement that fits a heading."""


TOO_LONG = "It is too long to print; `gradproof prove --json FILE` writes it."

_HEADINGS = {Outcome.PROVED: "## Proof", Outcome.REFUTED: "## Why it fails"}


DECIDING = (Finding.PROVES, Finding.REFUTES, Finding.UNDEFINED)
"""What evidence finds that settles a part of a claim."""


def is_proof(evidence: Evidence) -> bool:
    """Tell whether evidence settles a part of a claim by data that is told as a proof."""
    settled = evidence.finding in DECIDING
    return settled and bool(evidence.certificate) and evidence.method not in (IDENTITY, TWINS)


def methods_text(evidence: Sequence[Evidence]) -> str:
    """Return, in a sentence, by which methods a claim was decided; empty where none did."""
    deciding = _methods(evidence, DECIDING)
    if not deciding:
        return ""
    confirming = [m for m in _methods(evidence, (Finding.CONFIRMS,)) if m not in deciding]
    also = f", and confirmed by {listed(confirming)}" if confirming else ""
    return f"Decided by {listed(deciding)}{also}."


def _methods(evidence: Sequence[Evidence], findings: Sequence[Finding]) -> list[str]:
    return list(dict.fromkeys(escape(e.method) for e in evidence if e.finding in findings))


def data_text(data: Mapping[str, Any]) -> str:
    """Return data of any shape as Markdown, or that it is too long."""
    if len(json.dumps(data, ensure_ascii=False, default=str)) > LONGEST:
        return TOO_LONG
    return explained(data)


def proof_section(claim: Claim, verdict: Verdict) -> str:
    """Return the section that tells the proofs, empty if there is none to tell.

    Parameters
    ----------
    claim
        The claim, by whose id the file of certificates is named.
    verdict
        What is known of it.
    """
    found = [e for e in verdict.evidence if is_proof(e)]
    if not found:
        return ""
    stored = [e.certificate for e in found if is_replayable(e) and e.certificate]
    limits = any(e.method == GROWTH for e in found)
    name = certificate_name(claim)
    return paragraphs(
        _HEADINGS.get(verdict.outcome, "## What was proved of it"),
        method_text(stored),
        LEGEND if limits else "",
        *(paragraphs(_heading(claim, found, k), _text(one)) for k, one in enumerate(found)),
        lemma_section(set().union(*map(lemmas_used, stored))) if stored else "",
        f"The certificate is the file [{name}]({name})." if stored else "",
    )


def _heading(claim: Claim, found: Sequence[Evidence], number: int) -> str:
    """Return which part of a statement a proof is about, if there are several."""
    stated = str((found[number].certificate or {}).get("statement", ""))
    if len(found) == 1:
        return f"This part of the statement is {code(stated)}." if _is_one_of(claim, stated) else ""
    part = f"### Part {number + 1} of {len(found)}"
    if not stated or len(stated) > _SHORT:
        return paragraphs(part, f"It is {code(stated)}." if stated else "")
    return f"{part}: {code(stated)}"


def _is_one_of(claim: Claim, stated: str) -> bool:
    return bool(stated) and len(claim.statement) > 1


def _text(one: Evidence) -> str:
    data = one.certificate or {}
    if is_replayable(one):
        return proof_text(data)
    if one.method == GROWTH:
        return limit_text(data)
    if "families" in data:
        return families_text(data["families"])
    if "witness" in data:
        return witness_text(data["witness"], data.get("values", {}))
    return data_text({k: v for k, v in data.items() if k != "statement"} or data)
