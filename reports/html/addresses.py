"""Where links lead: between the pages of one file, to certificates within it, and outside.

Guarantees: a link leads to a place in the file, to data that the file holds, or to an address on
the web that a reader chooses to follow; nothing is loaded from anywhere.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..writer import INDEX

TOP = "overview:"
"""The id of the overview; no page has a colon in its name."""

_OUTSIDE = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
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


def place_id(page: str, name: str, taken: set[str]) -> str:
    """Return an id for a heading or a figure of a page, not yet taken, and take it.

    It is the page's id and what GitHub makes of the name of a heading, so that links with a
    fragment lead to the same place in both.

    >>> place_id("ce-gradient", "Who claims it", set())
    'ce-gradient:who-claims-it'
    """
    slug = re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", name.lower()))
    base = f"{page.removesuffix(':')}:{slug}"
    found, number = base, 0
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    taken.add(found)
    return found


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of everything in a report.

    Attributes
    ----------
    files
        The texts of all files of the report by name.
    shown
        Where each image is shown first: the id of the place.
    """

    files: Mapping[str, str]
    shown: Mapping[str, str]

    @classmethod
    def of(cls, files: Mapping[str, str]) -> Addresses:
        """Return the addresses in a report of these files."""
        shown: dict[str, str] = {}
        for page, text in files.items():
            if page.endswith(".md"):
                for name in _IMAGE.findall(text):
                    shown.setdefault(name, place_id(page_id(page), name, set()))
        return cls(files, shown)

    def link(self, target: str) -> dict[str, str] | None:
        """Return the attributes of a link to a target of the Markdown, or None if it has none.

        Parameters
        ----------
        target
            A file relative to the folder of the pages, with or without a fragment, or an address
            on the web.
        """
        name, _, fragment = target.partition("#")
        if _OUTSIDE.match(target):
            return {"href": target}
        if name in self.shown:
            return {"href": f"#{self.shown[name]}"}
        if name not in self.files:
            return None
        if name.endswith(".md"):
            place = page_id(name)
            return {"href": f"#{place.removesuffix(':')}:{fragment}" if fragment else f"#{place}"}
        return {"href": self.data(name), "download": PurePosixPath(name).name}

    def data(self, name: str) -> str:
        """Return an address that holds the text of a file itself."""
        kind = _TYPES.get(PurePosixPath(name).suffix, "text/plain;charset=utf-8")
        return f"data:{kind};base64,{b64encode(self.files[name].encode()).decode()}"
