"""Certificates of any shape as lists and tables.

Guarantees: every entry of the data is shown, in the order it has there; formulas stand as code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .markdown import bullets, code, escape, paragraphs, sentences, table

_WORDS = r"[A-Za-z]+(?:[ ,;]+(?:[A-Za-z'-]{2,}|[aI]|\d+)){2,}"
"""A text of words alone, which is no formula."""

_LONG = 1000
"""Characters of a text that is shown whole."""


def explained(data: Mapping[str, Any]) -> str:
    """Return data as Markdown: bullets for what is simple, tables where entries are alike."""
    blocks: list[str] = []
    lines: list[str] = []
    for key, value in data.items():
        name = _label(str(key))
        if _is_simple(value) and not _is_prose(value):
            lines.append(f"{name}: {_simple(value)}")
            continue
        if lines:
            blocks.append(bullets(lines))
            lines = []
        blocks.append(f"{name}:")
        blocks.append(_nested(value))
    return paragraphs(*blocks, bullets(lines))


def _label(key: str) -> str:
    """Return a key as a label; symbols keep their case."""
    return escape(key[:1].upper() + key[1:] if key.isascii() and len(key) > 2 else key)


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
        return sentences(value).replace("\n", "\n  ")
    if isinstance(value, str):
        return escape(value) if re.fullmatch(_WORDS, value) else shortened(value)
    if isinstance(value, bool):  # before numbers: 1 equals True
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def shortened(text: str) -> str:
    """Return text as code, cut where it is very long."""
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
    labels = [_label(str(name)) for name in names]
    named = names[0] == ""
    cells = [
        [str(v) if named and k == 0 else _simple(v) for k, v in enumerate(row)] for row in rows
    ]
    return table(labels, cells)
