"""The whole report as one document: its head, its contents, its overview and an article a page.

Guarantees: one text for one report, byte for byte, under one release of the libraries that convert
it; nothing in it is loaded from elsewhere, which its own policy forbids as well; it reads in full
without a script.
"""

from __future__ import annotations

import html
import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files as resources

from ..markdown import MARKER
from ..writer import INDEX
from .addresses import TOP, Addresses, is_page, page_id
from .fonts import font_rule
from .overview import contents, overview, search_form
from .page import Page, page

START = f"<!doctype html>\n{MARKER}\n"
"""With these lines every report begins, by which it is known again."""

_STYLE = re.compile(r' style="([^"]*)"')


def html_text(files: Mapping[str, str]) -> str:
    """Return a report as one document of HTML.

    Parameters
    ----------
    files
        The texts of all files of the report by name: its index `index.md`, its pages as Markdown,
        and what they link to or show, such as certificates and figures.
    """
    addresses = Addresses.of(files)
    pages = {
        page_id(name): page(page_id(name), text, addresses)
        for name, text in files.items()
        if is_page(name)
    }
    found = overview(files.get(INDEX, ""), addresses, pages)
    ordered = found.ordered(pages)
    body = (
        '<a class="skip" href="#main:">Skip to the report</a>\n'
        f'<header>\n<p class="kind">gradproof</p>\n<h1>{html.escape(found.title)}</h1>\n</header>\n'
        '<nav aria-label="Contents">\n'
        f"{search_form(ordered)}{contents(found, pages)}</nav>\n"
        '<main id="main:">\n'
        f'<div id="{TOP}">\n{found.body}</div>\n'
        f"{''.join(map(_article, ordered))}</main>\n"
        f"<footer>\n{_FOOTER.format(version('gradproof'))}</footer>\n"
    )
    return _document(found.title, body)


_FOOTER = """\
<p>Written by gradproof {}. This file is complete: it needs no network and no program to be read.
A link to a certificate saves the certificate, which is a part of this file;
<code>gradproof replay FILE</code> checks it.</p>
"""


def _article(found: Page) -> str:
    label = f' data-badge="{html.escape(found.badge.label)}"' if found.badge else ""
    name = html.escape(found.id)
    return (
        f'<article id="{name}"{label}>\n'
        f'<p class="name"><a href="#{name}">{name}</a></p>\n{found.body}</article>\n'
    )


def _document(title: str, body: str) -> str:
    """Return the document; styles within elements become classes, as its policy wants it."""
    body, rules = _without_styles(body)
    style = font_rule() + _resource("style.css") + rules
    script = _resource("script.js")
    policy = "; ".join(
        (
            "default-src 'none'",
            "img-src data:",
            "font-src data:",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return (
        f'{START}<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{html.escape(title)}</title>\n'
        f"<style>{style}</style>\n</head>\n<body>\n{body}<script>{script}</script>\n"
        "</body>\n</html>\n"
    )


def _without_styles(body: str) -> tuple[str, str]:
    """Return the body with a class for each style within an element, and the rules of these."""
    names = {
        text: f"s{number}" for number, text in enumerate(dict.fromkeys(_STYLE.findall(body)), 1)
    }
    rules = "".join(f".{name} {{ {text} }}\n" for text, name in names.items())
    return _STYLE.sub(lambda match: f' class="{names[match[1]]}"', body), rules


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _resource(name: str) -> str:
    return (resources(__package__ or "") / name).read_text(encoding="utf-8")
