"""A page of Markdown as HTML: formulas, links, tables, badges and headings made fit for one file.

Guarantees: the text of the page is kept, nothing is added but marks; headings keep their order.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from .addresses import Addresses, place_id
from .badges import Badge, badge_of
from .flow import block, inline
from .parsing import FORMULA, every_line, parsed, plain_text, rendered
from .tables import in_boxes

if TYPE_CHECKING:
    from markdown_it.token import Token

_MARKS = frozenset(".,:;!?)")
"""What must not begin a line; browsers break lines after any formula."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is ready for the document.

    Attributes
    ----------
    id
        Where links to it lead.
    title
        Its first heading, as plain text.
    body
        HTML.
    badge
        The verdict that it tells, if it tells one.
    """

    id: str
    title: str
    body: str
    badge: Badge | None


def page(identity: str, text: str, addresses: Addresses) -> Page:
    """Return a page whose headings begin one level lower, for an article of its own.

    Parameters
    ----------
    identity
        The id of the page in the document.
    text
        Its Markdown.
    addresses
        Where links and images lead.
    """
    tokens = page_tokens(identity, text, addresses, shift=1)
    titles = [plain_text(line.children) for _, line in headings(tokens)]
    badges = [badge for line in every_line(tokens) for badge in _mark_badges(line.children or [])]
    return Page(
        identity,
        titles[0] if titles else identity,
        rendered(tokens),
        badges[0] if badges else None,
    )


def page_tokens(identity: str, text: str, addresses: Addresses, shift: int) -> list[Token]:
    """Return the tokens of a page whose links, formulas, tables and headings are final."""
    tokens = in_boxes(parsed(text))
    taken: set[str] = set()
    _finish_headings(identity, tokens, shift, taken)
    for token in tokens:
        _finish_block(token)
        if token.children:
            token.children = _finished_line(token.children, addresses)
            for image in (child for child in token.children if child.type == "image"):
                _finish_image(image, identity, addresses, taken)
    return tokens


def headings(tokens: Sequence[Token]) -> list[tuple[Token, Token]]:
    """Return each heading: the token that opens it, and its line."""
    return [
        (token, tokens[place + 1])
        for place, token in enumerate(tokens)
        if token.type == "heading_open"
    ]


def _finish_headings(identity: str, tokens: Sequence[Token], shift: int, taken: set[str]) -> None:
    """Shift headings and give each an id."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + shift, 6)}"
    for opening, line in headings(tokens):
        opening.attrSet("id", place_id(identity, plain_text(line.children), taken))


def _finish_block(token: Token) -> None:
    """Turn a formula that stands by itself into MathML."""
    if token.type == "fence" and token.info.strip() == "math":
        token.type = "html_block"
        token.content = block(token.content.strip())


def _finished_line(children: Sequence[Token], addresses: Addresses) -> list[Token]:
    """Return the tokens of a line with formulas and links as they are in the document.

    Of a link that leads nowhere only the words are kept.
    """
    found: list[Token] = []
    kept: list[bool] = []
    for token, after in zip(children, [*children[1:], None], strict=True):
        if token.type == FORMULA:
            token.type, token.content = "html_inline", inline(token.content, _taken_mark(after))
        if token.type == "link_open":
            attributes = addresses.link(str(token.attrGet("href")))
            kept.append(attributes is not None)
            token.attrs = {**(attributes or {})}
        if token.type not in ("link_open", "link_close") or kept[-1]:
            found.append(token)
        if token.type == "link_close":
            kept.pop()
    return found


def _taken_mark(after: Token | None) -> str:
    """Return the mark with which the text after a formula begins, and take it away there."""
    if after is None or after.type != "text" or after.content[:1] not in _MARKS:
        return ""
    mark, after.content = after.content[:1], after.content[1:]
    return mark


def _finish_image(token: Token, identity: str, addresses: Addresses, taken: set[str]) -> None:
    """Put the image itself into the page, or its description if it is not among the files."""
    name = str(token.attrGet("src"))
    alternative = html.escape(plain_text(token.children))
    token.type, token.content = "html_inline", alternative
    if name in addresses.files:
        place, source = place_id(identity, name, taken), addresses.data(name)
        token.content = f'<img class="figure" id="{place}" src="{source}" alt="{alternative}">'


def _mark_badges(children: Sequence[Token]) -> list[Badge]:
    """Mark what is bold and a verdict as a badge, and return the badges."""
    found = []
    for before, token in pairwise(children):
        if before.type == "strong_open" and token.type == "text":
            badge = badge_of(token.content)
            if badge is not None:
                before.attrSet("class", f"badge {badge.kind}")
                found.append(badge)
    return found
