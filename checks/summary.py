"""A summary of claims and audits in a few lines of Markdown, for continuous integration.

Guarantees: every result is counted; whatever is not as wanted has a row that says where it fails.
The text follows from the results alone, without times, in the tables that GitHub renders, so that
it may be appended to the file that the variable GITHUB_STEP_SUMMARY names.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..symbolic.errors import ReportError
from ..symbolic.markdown import code, escape, paragraphs, table
from .audits.result import Audit
from .audits.words import properties
from .claim import Claim
from .explanation import NO_VERDICT, command, expectation, headline, is_as_expected, reason
from .runner import Result
from .verdict import Outcome, Verdict

LONGEST = 300
"""Characters of a cell that are shown; a summary has to be short."""


@dataclass(frozen=True, slots=True)
class Line:
    """One result of a summary.

    Attributes
    ----------
    facts
        What is known of it, as `claim_facts` or `gradproof.checks.audits.words.properties` say.
    again
        The command that makes it again; empty if there is none.
    """

    facts: Mapping[str, str]
    again: str = ""

    @property
    def is_wanted(self) -> bool:
        """Whether nothing needs to be done."""
        return "no" not in (self.facts.get("as_expected"), self.facts.get("passes"))


def claim_facts(claim: Claim, result: Result) -> dict[str, str]:
    """Return what a machine-readable report says of a claim: texts by name, none of them empty."""
    facts = {
        "claim": claim.id,
        "verdict": headline(result),
        "scope": getattr(result, "scope", ""),
        "method": getattr(result, "method", ""),
        "expected": expectation(claim, result),
        "as_expected": "yes" if is_as_expected(claim, result) else "no",
    }
    found = result.counterexample if isinstance(result, Verdict) else None
    if found is not None:
        facts["counterexample"] = str(found.point)
        facts["values"] = ", ".join(f"{name} = {value}" for name, value in found.figures)
    told = found is not None and headline(result) == Outcome.REFUTED.name
    if not told and not is_as_expected(claim, result):
        facts["reason"] = reason(result)
    return {name: text for name, text in facts.items() if text}


def claim_lines(
    results: Iterable[tuple[Claim, Result]], files: Mapping[str, Path], seed: int
) -> list[Line]:
    """Return a line for each claim; `files` holds the file of each that is not in the catalogue."""
    return [
        Line(claim_facts(claim, result), command(files.get(claim.id), claim, seed))
        for claim, result in results
    ]


def audit_lines(audits: Iterable[Audit]) -> list[Line]:
    """Return a line for each audit; one with a finding is not wanted."""
    return [Line(properties(audit, passes=audit.passed)) for audit in audits]


def claims_summary(lines: Sequence[Line]) -> str:
    """Return the summary of claims; their facts are those of `claim_facts`."""
    unwanted = [line for line in lines if not line.is_wanted]
    all_of_them, others = (
        Counter(line.facts["verdict"] for line in some) for some in (lines, unwanted)
    )
    names = [name for name in (*Outcome.__members__, NO_VERDICT) if all_of_them[name]]
    rows = [(name, str(all_of_them[name]), str(others[name])) for name in names]
    total = ("**Total**", f"**{len(lines)}**", f"**{len(unwanted)}**")
    header = ("Claim", "Verdict", "Expected", "Why", "Again with")
    return paragraphs(
        "### Claims",
        table(("Verdict", "Claims", "Not as expected"), [*rows, total]),
        _table(header, map(_claim_row, unwanted)),
    )


def _claim_row(line: Line) -> tuple[str, ...]:
    facts = line.facts
    verdict = ", ".join(facts[name] for name in ("verdict", "scope") if name in facts)
    point = [code(facts["counterexample"])] if "counterexample" in facts else []
    why = [*point, *(escape(_cut(facts[name])) for name in ("values", "reason") if name in facts)]
    again = code(line.again) if line.again else ""
    return (code(facts["claim"]), escape(verdict), facts["expected"], ": ".join(why), again)


def audits_summary(lines: Sequence[Line], missing: int = 0) -> str:
    """Return the summary of audits; `missing` is the number of those that could not be made."""
    unwanted = [line for line in lines if not line.is_wanted]
    counts = {
        "passes": len(lines) - len(unwanted),
        "fails": len(unwanted),
        "could not be made": missing,
    }
    rows = [(name, str(count)) for name, count in counts.items() if count]
    header = ("Audit", "What was found", "Worst scores", "Again with")
    return paragraphs(
        "### Audits",
        table(("Outcome", "Audits"), [*rows, ("**Total**", f"**{len(lines) + missing}**")]),
        _table(header, map(_audit_row, unwanted)),
    )


def _audit_row(line: Line) -> tuple[str, ...]:
    texts = [_cut(line.facts.get(name, "")) for name in ("audit", "findings", "scores")]
    return (*map(escape, texts), code(line.again) if line.again else "")


def _table(header: Sequence[str], cells: Iterable[Sequence[str]]) -> str:
    """Return a table without the columns in which nothing is said; empty if there is no row."""
    rows = list(cells)
    used = [place for place in range(len(header)) if any(row[place] for row in rows)]
    if not used:
        return ""
    return table([header[p] for p in used], [[row[p] for p in used] for row in rows])


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def check_appendable(file: Path) -> None:
    """Check, before the work, that a summary can be appended to `file`, which need not exist.

    Raises
    ------
    ReportError
        If it cannot.
    """
    place = file if file.exists() else file.absolute().parent
    if file.is_dir() or not place.exists() or not os.access(place, os.W_OK):
        kind = "a folder" if file.is_dir() else "no place that may be written"
        raise _error(file, kind)


def append(text: str, file: Path) -> None:
    """Append a summary to `file`, behind what is there.

    Raises
    ------
    ReportError
        If it cannot be written.
    """
    try:
        with file.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(f"{text}\n\n")  # the next one begins with a paragraph of its own
    except OSError as error:
        raise _error(file, error.strerror or str(error)) from error


def _error(file: Path, found: str) -> ReportError:
    return ReportError(
        f"the summary can be appended to {file}", found=found, remedy="choose another file"
    )
