"""Certificates of any shape as lists and tables, and derived limits in words.

Guarantees: every entry of the data is shown, in the order it has there; formulas stand as code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .markdown import bullets, code, escape, folded, paragraphs, sentences, table

_ON_THE_WAY = (
    "Certified values of the expression on its way, from exact points, with the limit there.\n"
    "The variable that moves has the value shown beside it, whatever it is at the point."
)
_LONG = 1000
"""Characters of a text that is shown whole."""


def explained(data: Mapping[str, Any]) -> str:
    """Return data as Markdown: bullets for what is simple, tables where entries are alike."""
    blocks: list[str] = []
    lines: list[str] = []
    for key, value in data.items():
        name = escape(str(key)[:1].upper() + str(key)[1:])
        if _is_simple(value) and not _is_prose(value):
            lines.append(f"{name}: {_simple(value)}")
            continue
        if lines:
            blocks.append(bullets(lines))
            lines = []
        blocks.append(f"{name}:")
        blocks.append(_nested(value))
    return paragraphs(*blocks, bullets(lines))


def _is_simple(value: Any) -> bool:
    if isinstance(value, Mapping):
        return not value
    if isinstance(value, (list, tuple)):
        return all(not isinstance(v, (Mapping, list, tuple)) for v in value)
    return True


def _is_prose(value: Any) -> bool:
    return isinstance(value, str) and value.endswith(".") and value.count(" ") > 3


def _simple(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_simple, value)) or "none"
    if isinstance(value, Mapping):
        return "none"
    if _is_prose(value):
        return " ".join(sentences(value).split("\n"))
    if isinstance(value, str):
        return _shortened(value)
    return {True: "yes", False: "no", None: "none"}.get(value, str(value))


def _shortened(text: str) -> str:
    return code(text if len(text) <= _LONG else f"{text[:_LONG].rstrip()} …") if text else "none"


def _nested(value: Any) -> str:
    if isinstance(value, str):
        return sentences(value)
    if isinstance(value, Mapping):
        rows = list(value.values())
        if _are_alike(rows):
            named = [(escape(str(key)), *row.values()) for key, row in value.items()]
            return _table(("", *rows[0]), named)
        return explained(value)
    if _are_alike(value):
        return _table(tuple(value[0]), [tuple(row.values()) for row in value])
    return paragraphs(*(_item(number, one) for number, one in enumerate(value, start=1)))


def _item(number: int, one: Any) -> str:
    text = explained(one) if isinstance(one, Mapping) else _nested(one)
    return paragraphs(f"{number}.", text)


def _are_alike(rows: Sequence[Any]) -> bool:
    """Tell whether rows make a table: the same keys, simple values."""
    if not rows or not all(isinstance(row, Mapping) and row for row in rows):
        return False
    return all(tuple(r) == tuple(rows[0]) and all(map(_is_simple, r.values())) for r in rows)


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    labels = [escape(str(name)[:1].upper() + str(name)[1:]) for name in names]
    named = names[0] == ""
    cells = [
        [str(v) if named and k == 0 else _simple(v) for k, v in enumerate(row)] for row in rows
    ]
    return table(labels, cells)


# -- limits ----------------------------------------------------------------------------------------


def limit_text(certificate: Mapping[str, Any]) -> str:
    """Return the derivation of limits, case by case, as Markdown."""
    found = [(case, one) for case, several in certificate.items() for one in several]
    ways = list(dict.fromkeys((one["limit of"], one["path"]) for _, one in found))
    whole = len(certificate) > 1
    rows = [
        (
            *([code(case)] if whole else []),
            *([code(one["limit of"])] if len(ways) > 1 else []),
            _shortened(one["leading terms"]),
            _shortened(one["limit"]),
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
        "The expression is expanded by how fast its terms grow; the fastest come first, and the "
        "dots stand for terms that are smaller still.",
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
        _shortened(one["along the path"]),
        _ON_THE_WAY if values else "",
        values,
    )
