"""Derived limits, and families of points along which a statement fails, for a reader.

Guarantees: terms, limits, points and values are those of the certificate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .explanations import shortened
from .markdown import code, escape, folded, paragraphs, table

LEGEND = (
    "Expressions are expanded by how fast their terms grow: the fastest come first, and the dots "
    "stand for terms that are smaller still."
)
"""What a reader has to know of leading terms."""

_ON_THE_WAY = (
    "Certified values of the expression on its way, from exact points, with the limit there.\n"
    "The variable that moves has the value shown beside it, whatever it is at the point."
)


def limit_text(certificate: Mapping[str, Any]) -> str:
    """Return the derivation of limits, case by case, as Markdown."""
    found = [(case, one) for case, several in certificate.items() for one in several]
    ways = list(dict.fromkeys((one["limit of"], one["path"]) for _, one in found))
    whole = len(certificate) > 1
    rows = [
        (
            *([code(case)] if whole else []),
            *([code(one["limit of"])] if len(ways) > 1 else []),
            shortened(one["leading terms"]),
            shortened(one["limit"]),
        )
        for case, one in found
    ]
    header = (
        *(["Case"] if whole else []),
        *(["Expression"] if len(ways) > 1 else []),
        "Leading terms",
        "Limit",
    )
    return paragraphs(
        *(_way(*way) for way in ways),
        table(header, rows),
        *(folded(*_details(case, one, whole=whole)) for case, one in found),
    )


def _way(expression: str, path: str) -> str:
    place, _, end = path.rpartition(", ")
    variable, _, value = place.partition(" = ")
    letter = end.partition(" ")[0]
    if value == letter:
        return f"The limit is that of {code(expression)} as {code(variable)} grows without bound."
    return (
        f"The limit is that of {code(expression)}: {code(value)} is put for {code(variable)}, and "
        f"{code(letter)} grows without bound."
    )


def _details(case: str, one: Mapping[str, Any], *, whole: bool) -> tuple[str, str]:
    where = f", {case}" if whole else ""
    rows: list[tuple[str, str, str]] = []
    for walk in {walk["point"]: walk for walk in one["values"]}.values():
        for k, (place, value) in enumerate(walk["at"].items()):
            rows.append((code(walk["point"]) if k == 0 else "", code(place), code(value)))
        rows.append(("", "limit", code(walk["limit"])))
    values = table(("Exact point", "Place", "Certified value"), rows) if rows else ""
    return f"Along the path{where}", paragraphs(
        "With the path put in, the expression is:",
        shortened(one["along the path"]),
        _ON_THE_WAY if values else "",
        values,
    )


# -- families --------------------------------------------------------------------------------------


def families_text(families: Sequence[Mapping[str, Any]]) -> str:
    """Return families of points, along each of which a statement fails for every choice."""
    return paragraphs(*map(_family, families))


def _family(one: Mapping[str, Any]) -> str:
    limit = one.get("limit", "")
    values = [(code(name), code(value)) for name, value in one["values"].items()]
    point = [(code(name), code(str(value))) for name, value in one["point"].items()]
    return paragraphs(
        f"For {escape(one['for'])} it fails along {code(one['along'])}.",
        f"The reason is that {code(limit)}." if limit else "",
        table(("Along the family", "Certified value"), values) if values else "",
        "One exact point of it at which the statement is certified to fail:",
        table(("Symbol", "Exact value"), point),
    )


def witness_text(witness: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """Return an exact point at which a statement holds, with certified values there."""
    point = [(code(name), code(str(value))) for name, value in witness.items()]
    figures = [(escape(name), code(str(value))) for name, value in values.items()]
    return paragraphs(
        "The statement is certified to hold at this exact point:",
        table(("Symbol", "Exact value"), point),
        table(("Side", "Certified value"), figures) if figures else "",
    )
