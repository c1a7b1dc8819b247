"""The page of one claim: what it says, who says so, the verdict, and what the verdict rests on.

Guarantees: the text follows from the claim and the verdict alone, byte for byte; no times, dates or
facts about the machine; formulas stand in the forms that GitHub renders reliably.
A page judges nothing: it prints the verdict it is given.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..checks.claim import Claim
from ..checks.explanation import expectation
from ..checks.identity import METHOD as IDENTITY
from ..checks.mutants import METHOD as TWINS
from ..checks.verdict import Evidence, Outcome, Verdict
from ..numeric.point import Point
from ..symbolic.loss import Loss
from ..symbolic.printing import to_latex
from .certificates import certificate_name, is_replayable
from .derivations import Variable, derivation_text, variable_of
from .evidence import LONGEST, TOO_LONG, data_text, is_proof, methods_text, proof_section
from .figures.figure import Figure
from .figures.pages import figures_section
from .legend import legend
from .markdown import (
    MARKER,
    bullets,
    code,
    display,
    escape,
    fence,
    folded,
    formula,
    listed,
    paragraphs,
    sentences,
    table,
)
from .reproduce import claims_file, command, failing_part, snippet
from .twins import twins_text

_OPEN = (Outcome.UNDECIDED, Outcome.UNDEFINED)
"""Outcomes whose reason is no row of the table of evidence."""


def render_page(
    claim: Claim,
    verdict: Verdict,
    derivation: Callable[[Loss, Variable], str] = derivation_text,
    figures: Sequence[Figure] = (),
) -> str:
    """Return the Markdown page of a claim.

    Parameters
    ----------
    claim
        The claim.
    verdict
        What is known of it.
    derivation
        Returns the derivation of the gradient of a loss by a variable as Markdown.
    figures
        Those that illustrate the claim.
    """
    text = paragraphs(
        MARKER,
        f"# {escape(claim.title.removesuffix('.'))}",
        _badge(claim, verdict),
        _statement(claim),
        _origin(claim),
        _assumptions(claim),
        _failure(claim, verdict),
        figures_section(figures),
        _derivation(claim, derivation),
        _decision(verdict),
        proof_section(claim, verdict),
        _check(claim, verdict),
        "[All claims](index.md)",
    )
    return f"{text}\n"


def _derivation(claim: Claim, derivation: Callable[[Loss, Variable], str]) -> str:
    variable = variable_of(claim)
    if claim.loss is None or variable is None:
        return ""
    return derivation(claim.loss, variable)


def _badge(claim: Claim, verdict: Verdict) -> str:
    outcome = verdict.outcome
    lines = [f"**{outcome.name}** — {verdict.sentence}", f"Scope: {escape(verdict.scope)}."]
    lines += filter(None, [methods_text(verdict.evidence)])
    told = outcome in _OPEN or verdict.partial
    if told and verdict.counterexample is None and verdict.reason:
        lines.append(sentences(verdict.reason))
    if not claim.as_expected(verdict):
        lines.append(
            f"This is not what the author of the claim expects: {expectation(claim, verdict)}."
        )
    return "\n".join(lines)


def _statement(claim: Claim) -> str:
    parts = [display(to_latex(part)) for part in claim.statement]
    several = "All of these hold:" if len(parts) > 1 else ""
    instance = (
        paragraphs("The claim is about this instance:", _values(claim.at)) if claim.at else ""
    )
    return paragraphs("## Statement", several, *parts, instance, "Here:", bullets(legend(claim)))


def _values(point: Point) -> str:
    rows = [(formula(to_latex(key)), code(text)) for key, text in _spelled(point)]
    return table(("Symbol", "Exact value"), rows)


def _spelled(point: Point) -> list[tuple[Any, str]]:
    return list(zip(point, point.to_json().values(), strict=True))


def _origin(claim: Claim) -> str:
    if not (claim.source or claim.note):
        return ""
    source = claim.source.removesuffix(".")
    said = f"{escape(source[0].upper() + source[1:])}." if source else ""
    return paragraphs("## Who claims it", said, sentences(claim.note))


def _assumptions(claim: Claim) -> str:
    if not claim.given:
        return ""
    return paragraphs("## Assumptions", bullets(formula(to_latex(fact)) for fact in claim.given))


def _failure(claim: Claim, verdict: Verdict) -> str:
    """Describe the point at which a claim fails or has no value."""
    found = verdict.counterexample
    if found is None:
        return ""
    refuted = verdict.outcome is Outcome.REFUTED
    part = failing_part(claim, found) if refuted else None
    if part is not None:
        what = paragraphs("This part of the statement is false there:", display(to_latex(part)))
    elif refuted:
        what = f"This part of the statement is false there: {code(found.failing)}."
    else:
        what = f"What has no value there: {escape(found.failing)}."
    figures = [(escape(name), code(value)) for name, value in found.figures]
    lines = snippet(claim, verdict)
    return paragraphs(
        "## Counterexample" if refuted else "## Where it has no value",
        _values(found.point),
        what,
        table(("Side", "Certified value"), figures) if figures else "",
        "These lines reproduce it:" if lines else "",
        fence(lines, "python") if lines else "",
    )


def _decision(verdict: Verdict) -> str:
    return paragraphs(
        "## How it was decided",
        table(("Method", "Finding", "Scope", "Detail"), _rows(verdict.evidence)),
        twins_text(verdict.evidence),
        *_certificates(verdict.evidence),
    )


def _rows(evidence: Sequence[Evidence]) -> list[tuple[str, ...]]:
    """Return a row for each finding; the same finding on several parts is one row."""
    cells = Counter((e.method, e.finding.value, e.scope, e.detail) for e in evidence)
    rows = []
    for (*front, detail), count in cells.items():
        again = f" The same for {count} parts of the statement." if count > 1 else ""
        rows.append((*map(escape, front), escape(detail) + again))
    return rows


def _certificates(evidence: Sequence[Evidence]) -> list[str]:
    """Return, folded, the data of what is neither a control nor told as a proof.

    What is the same for several parts of a statement stands there once.
    """
    found = [e for e in evidence if e.certificate and e.method != TWINS and not is_proof(e)]
    totals, seen = Counter(e.method for e in found), Counter[str]()
    places: dict[tuple[str, str], list[int]] = {}
    for one in found:
        seen[one.method] += 1
        places.setdefault((one.method, _certificate(one)), []).append(seen[one.method])
    return [
        folded(f"Certificate: {method}{_parts(numbers, totals[method])}", text)
        for (method, text), numbers in places.items()
    ]


def _parts(numbers: Sequence[int], total: int) -> str:
    """Return which parts of a statement something is about, if there are several.

    >>> _parts([2], 2), _parts([1, 2, 4], 5)
    (', part 2 of 2', ', parts 1, 2 and 4 of 5')
    """
    if total == 1:
        return ""
    return f", part{'s' if len(numbers) > 1 else ''} {listed(map(str, numbers))} of {total}"


def _certificate(evidence: Evidence) -> str:
    data: Mapping[str, Any] = evidence.certificate or {}
    if evidence.method != IDENTITY:
        return data_text(data)
    if len(json.dumps(data, ensure_ascii=False, default=str)) > LONGEST:
        return TOO_LONG
    single = len(data) == 1  # its label says that no classes are named
    rows = [("the only one" if single else escape(c), code(form)) for c, form in data.items()]
    return table(("Case", "Normal form of both sides"), rows)


def _check(claim: Claim, verdict: Verdict) -> str:
    heading = "## How to check it yourself"
    stored = _replay(claim, verdict)
    run = command(claim)
    if run:
        file = claims_file(claim)
        where = f"In the folder of {code(file)}:" if file else ""
        return paragraphs(heading, where, fence(run, "bash"), stored)
    lines = "" if verdict.counterexample else snippet(claim, verdict)
    if not lines and not stored:
        return ""
    return paragraphs(heading, fence(lines, "python") if lines else "", stored)


def _replay(claim: Claim, verdict: Verdict) -> str:
    if not any(map(is_replayable, verdict.evidence)):
        return ""
    return paragraphs(
        "The certificate alone, in the folder of this page, by a checker that shares no code with "
        "the provers:",
        fence(f"gradproof replay {certificate_name(claim)}", "bash"),
        "It checks the polynomials, the lemmas on sums and every rule, and lists what it takes on "
        "trust: that the steps make up the statement, and facts of one variable.",
    )
