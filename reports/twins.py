"""The negative control on a page: how many wrong twins were refuted, by kind of change, and where.

Guarantees: the counts are those of the evidence, added up over the parts of the statement; a twin
that was not refuted is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..checks.mutants import METHOD as TWINS, Fate
from ..checks.verdict import Evidence
from .markdown import code, escape, folded, paragraphs, table

SHOWN = 6
"""Refuted twins that are shown with the point that refutes them."""

_FATES = {
    Fate.FALSE: "Refuted",
    Fate.TRUE: "True as well",
    Fate.UNDEFINED: "Without a value somewhere",
    Fate.OPEN: "Neither refuted nor proved",
}


def twins_text(evidence: Sequence[Evidence]) -> str:
    """Return what the wrong twins of all parts of a statement show, empty if there are none."""
    found = [e.certificate for e in evidence if e.method == TWINS and e.certificate]
    wrong = sum(one["wrong"] for one in found)
    if not wrong:
        return ""
    refuted = sum(one["refuted"] for one in found)
    most = "at most " if _twins(found, Fate.OPEN) else ""
    details = paragraphs(_kinds(found), _points(found), _left(found))
    return paragraphs(
        f"Negative control: {refuted} of {most}{wrong} wrong twins of the statement were refuted.\n"
        "A wrong twin is the statement with one change, such as a sign, a factor or a lost term.",
        folded("The twins by kind of change", details) if details else "",
    )


def _kinds(found: Sequence[Mapping[str, Any]]) -> str:
    """Return a table of the kinds of change with the fates that occurred."""
    totals: dict[str, Counter[str]] = {}
    for one in found:
        for kind, counts in one.get("kinds", {}).items():
            totals.setdefault(kind, Counter()).update(counts)
    fates = [f for f in _FATES if any(counts[f.value] for counts in totals.values())]
    rows = [
        (escape(kind), *(str(counts[fate.value]) for fate in fates))
        for kind, counts in totals.items()
    ]
    return table(("Change", *(_FATES[fate] for fate in fates)), rows) if rows else ""


def _twins(found: Sequence[Mapping[str, Any]], fate: Fate) -> list[Mapping[str, str]]:
    return [t for one in found for t in one.get("twins", ()) if t["fate"] == fate.value]


def _points(found: Sequence[Mapping[str, Any]]) -> str:
    """Return the first refuted twins of different kinds, each with its point."""
    first: dict[str, Mapping[str, str]] = {}
    for twin in _twins(found, Fate.FALSE):
        if "point" in twin:
            first.setdefault(twin["kind"], twin)
    rows = [(_change(t), code(t["point"])) for t in list(first.values())[:SHOWN]]
    if not rows:
        return ""
    return paragraphs(
        "Some of the twins, each with the exact point at which it is false:",
        table(("Twin", "False at"), rows),
    )


def _left(found: Sequence[Mapping[str, Any]]) -> str:
    """Name the twins that were neither refuted nor proved, and those that are true."""
    lines = []
    for fate, said in ((Fate.OPEN, "Neither refuted nor proved"), (Fate.TRUE, "True as well")):
        names = "; ".join(dict.fromkeys(map(_change, _twins(found, fate))))
        if names:
            lines.append(f"{said}: {names}.")
    return "\n".join(lines)


def _change(twin: Mapping[str, str]) -> str:
    return f"{escape(twin['kind'])}, {code(twin['change'])}"
