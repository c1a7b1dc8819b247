"""Where links lead: between the pages of one file, to certificates within it, and outside.

Guarantees: a link leads to a place in the file, to data that the file holds, or to an address on
the web that a reader chooses to follow; nothing is loaded from anywhere.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from pathlib import PurePosixPath

from ..writer import INDEX

TOP = "overview:"
"""The id of the overview; no page has a colon in its name."""

_OUTSIDE = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_TYPES = {".json": "application/json", ".svg": "image/svg+xml"}


def is_page(name: str) -> bool:
    """Tell whether a file is a page of its own."""
    return name.endswith(".md") and name != INDEX


def page_id(name: str) -> str:
    """Return the id of a page in the document.

    >>> page_id("ce-gradient.md")
    'ce-gradient'
    """
    return TOP if name == INDEX else re.sub(r"[\s:]+", "-", name.removesuffix(".md"))


def heading_id(page: str, title: str, taken: set[str]) -> str:
    """Return an id for a heading of a page, not yet taken, and take it.

    It is the page's id and what GitHub makes of the title, so that links with a fragment lead to
    the same place in both.
    """
    slug = re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", title.lower()))
    base = f"{page.removesuffix(':')}:{slug}"
    found, number = base, 0
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    taken.add(found)
    return found


def address(target: str, files: Mapping[str, str]) -> dict[str, str] | None:
    """Return the attributes of a link to `target`, or None if it leads nowhere.

    Parameters
    ----------
    target
        The target in the Markdown, relative to the folder of the pages.
    files
        The texts of all files of the report by name.
    """
    name, _, fragment = target.partition("#")
    if _OUTSIDE.match(target):
        return {"href": target}
    if name not in files:
        return None
    if name.endswith(".md"):
        place = page_id(name)
        return {"href": f"#{place.removesuffix(':')}:{fragment}" if fragment else f"#{place}"}
    return {"href": data_address(name, files[name]), "download": PurePosixPath(name).name}


def data_address(name: str, text: str) -> str:
    """Return an address that holds the text of a file itself."""
    kind = _TYPES.get(PurePosixPath(name).suffix, "text/plain;charset=utf-8")
    return f"data:{kind};base64,{b64encode(text.encode()).decode()}"
