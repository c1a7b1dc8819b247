"""Tables for readers of every kind: headers that say what they head, boxes for wide ones.

Guarantees: every cell keeps its text; a table wider than the page scrolls by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .badges import badge_of
from .parsing import plain_text

if TYPE_CHECKING:
    from markdown_it.token import Token


def in_boxes(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens with each table in a box, its headers and badges marked."""
    from markdown_it.token import Token as MadeToken

    found: list[Token] = []
    for place, token in enumerate(tokens):
        if token.type == "th_open":
            _finish_header(token, tokens[place + 2], not tokens[place + 1].content)
        elif token.type == "td_open":
            _finish_cell(tokens[place + 1])
        if token.type == "table_open":
            found.append(MadeToken("html_block", "", 0, content='<div class="table">\n'))
        found.append(token)
        if token.type == "table_close":
            found.append(MadeToken("html_block", "", 0, content="</div>\n"))
    return found


def _finish_header(opening: Token, closing: Token, is_empty: bool) -> None:
    """Say of a header that it heads a column; one without words heads nothing."""
    if is_empty:
        opening.tag = closing.tag = "td"
    else:
        opening.attrSet("scope", "col")


def _finish_cell(line: Token) -> None:
    """Mark a cell that holds a verdict and nothing else."""
    from markdown_it.token import Token as MadeToken

    badge = badge_of(line.content)
    if badge is not None and plain_text(line.children) == line.content:
        opening = MadeToken("strong_open", "strong", 1, attrs={"class": f"badge {badge.kind}"})
        line.children = [opening, *(line.children or []), MadeToken("strong_close", "strong", -1)]
