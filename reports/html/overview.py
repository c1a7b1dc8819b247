"""The overview of a report: its index, and the contents that are made from it.

Guarantees: every page of the report is in the contents, under the heading of the index below which
it is listed; a row of the index that leads to a page says which, so that it can be filtered.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..index import TITLE
from .addresses import TOP, Addresses
from .badges import SIGNS
from .page import Page, page_tokens
from .parsing import plain_text, rendered

if TYPE_CHECKING:
    from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class Group:
    """A section of the index.

    Attributes
    ----------
    id, title
        Of its heading.
    pages
        The ids of the pages to which its tables lead, in their order.
    """

    id: str
    title: str
    pages: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Overview:
    """The index, ready for the document.

    Attributes
    ----------
    title
        The heading of the report.
    body
        HTML below that heading.
    groups
        The sections.
    """

    title: str
    body: str
    groups: tuple[Group, ...]

    def ordered(self, pages: Mapping[str, Page]) -> list[Page]:
        """Return all pages in the order of the contents."""
        listed = (name for group in self.groups for name in group.pages)
        return [pages[name] for name in dict.fromkeys([*listed, *pages])]


def overview(text: str, addresses: Addresses, pages: Mapping[str, Page]) -> Overview:
    """Return the overview of a report.

    Parameters
    ----------
    text
        The Markdown of the index.
    addresses
        Where links and images lead.
    pages
        The pages by their ids.
    """
    title, tokens = _titled(page_tokens(TOP, text, addresses, shift=0))
    parts = _parts(tokens)
    groups = [Group(TOP, title), *(_section(part) for part in parts[1:])]
    for group, part in zip(groups, parts, strict=True):
        group.pages.extend(_mark_rows(part, pages))
        _mark_items(part, pages)
    sections = (f"<section>\n{rendered(part)}</section>\n" for part in parts[1:])
    return Overview(title, rendered(parts[0]) + "".join(sections), tuple(groups))


def _titled(tokens: list[Token]) -> tuple[str, list[Token]]:
    """Return the heading of the index as plain text, and the tokens without it."""
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            title = plain_text(tokens[place + 1].children)
            return title, tokens[:place] + tokens[place + 3 :]
    return TITLE, tokens


def _parts(tokens: Sequence[Token]) -> list[list[Token]]:
    """Return the tokens before the first section, and those of each section."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.type == "heading_open" and token.tag == "h2":
            parts.append([])
        parts[-1].append(token)
    return parts


def _section(tokens: Sequence[Token]) -> Group:
    return Group(str(tokens[0].attrGet("id")), plain_text(tokens[1].children))


def _mark_rows(tokens: Sequence[Token], pages: Mapping[str, Page]) -> Iterator[str]:
    """Yield the pages to which rows lead, and make their first cells the headers of the rows."""
    for place, token in enumerate(tokens):
        if token.type == "tr_open" and tokens[place + 1].type == "td_open":
            target = _target(tokens[place + 2], pages)
            if target is not None:
                token.attrSet("data-page", target)
                tokens[place + 1].tag = tokens[place + 3].tag = "th"
                tokens[place + 1].attrSet("scope", "row")
                yield target


def _mark_items(tokens: Sequence[Token], pages: Mapping[str, Page]) -> None:
    """Say of the items of lists to which page they lead, if they begin with a link to one."""
    for place, token in enumerate(tokens):
        if token.type == "list_item_open" and tokens[place + 1].type == "paragraph_open":
            target = _target(tokens[place + 2], pages)
            if target is not None:
                token.attrSet("data-page", target)


def _target(line: Token, pages: Mapping[str, Page]) -> str | None:
    """Return the page to which the link leads with which a line begins."""
    first = line.children[0] if line.children else None
    if first is None or first.type != "link_open":
        return None
    target = str(first.attrGet("href")).removeprefix("#")
    return target if target in pages else None


def contents(found: Overview, pages: Mapping[str, Page]) -> str:
    """Return the list of all pages, by the sections of the index."""
    listed = {name for group in found.groups for name in group.pages}
    others = Group("", "Other pages", [name for name in pages if name not in listed])
    items = "".join(_group(group, pages) for group in (*found.groups, others))
    return f'<ul class="contents">\n<li><a href="#{TOP}">Overview</a></li>\n{items}</ul>\n'


def _group(group: Group, pages: Mapping[str, Page]) -> str:
    title = html.escape(group.title)
    if not group.pages and group.id in ("", TOP):
        return ""
    if not group.pages:
        return f'<li><a href="#{group.id}">{title}</a></li>\n'
    items = "".join(_entry(pages[name]) for name in dict.fromkeys(group.pages))
    count = len(set(group.pages))
    return (
        f'<li class="group"><details>\n<summary>{title} <span class="count">{count}</span>'
        f"</summary>\n<ul>\n{items}</ul>\n</details></li>\n"
    )


def _entry(page: Page) -> str:
    mark = ""
    if page.badge is not None:
        sign = SIGNS[page.badge.kind]
        label = html.escape(page.badge.label)
        mark = (
            f'<span class="sign {page.badge.kind}" aria-hidden="true">{sign}</span>'
            f'<span class="unseen">{label}: </span>'
        )
    name = html.escape(page.id)
    return f'<li data-page="{name}"><a href="#{name}">{mark}{name}</a></li>\n'


def search_form(pages: Sequence[Page]) -> str:
    """Return the search and the filter by verdict, hidden until the script shows them."""
    counts = Counter(page.badge.label for page in pages if page.badge is not None)
    kinds = {page.badge.label: page.badge.kind for page in pages if page.badge is not None}
    choices = [_choice("", "All", "", len(pages))]
    ordered = sorted(counts, key=lambda label: list(SIGNS).index(kinds[label]))
    choices += [_choice(label, label, kinds[label], counts[label]) for label in ordered]
    fieldset = (
        f"<fieldset><legend>Verdict</legend>\n{''.join(choices)}</fieldset>\n"
        if len(counts) > 1
        else ""
    )
    return (
        '<form class="search" role="search" hidden>\n'
        '<label for="search:">Search</label>\n'
        '<input id="search:" type="search" name="words" autocomplete="off" spellcheck="false">\n'
        f"{fieldset}"
        '<output for="search:"></output>\n'
        '<button class="scheme" type="button">Dark or light</button>\n'
        "</form>\n"
    )


def _choice(value: str, label: str, kind: str, count: int) -> str:
    checked = "" if value else " checked"
    return (
        f'<label class="choice {kind}"><input type="radio" name="verdict" '
        f'value="{html.escape(value)}"{checked}> {html.escape(label)} '
        f'<span class="count">{count}</span></label>\n'
    )
