"""A figure of a report: what it shows, as a picture, in words and in numbers.

Guarantees: a figure is never without its text alternative, its caption and its title.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...symbolic.errors import DeclarationError
from ..markdown import MARKER

FOLDER = "figures"
"""The folder of the figures, beside the pages."""

Row = tuple[str, ...]
"""The cells of a row of a table."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with everything that a page says of it.

    Parameters
    ----------
    name
        The name of its file, without the ending.
    title
        What it shows, in a few words.
    caption
        How to read it: what was computed, at which point, and what the lines are.
    alternative
        What is to be seen, in sentences with the values that say so.
    svg
        The picture.
    table
        Values of the curves, the header first; empty if the sentences hold them all.
    claims
        The ids of the claims that it illustrates.

    Raises
    ------
    DeclarationError
        If one of the texts is empty.
    """

    name: str
    title: str
    caption: str
    alternative: str
    svg: str
    table: tuple[Row, ...] = ()
    claims: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for part in ("name", "title", "caption", "alternative", "svg"):
            if not getattr(self, part).strip():
                raise DeclarationError(
                    "a figure is told in words too",
                    found=f"no {part} of the figure {self.name!r}",
                    remedy=f"give it a {part}",
                )

    @property
    def file(self) -> str:
        """The path of its file below the folder of the report."""
        return f"{FOLDER}/{self.name}.svg"


def is_figure(path: Path) -> bool:
    """Tell whether a file was written by gradproof as a figure, by the marker in its second line.

    The first line of an SVG file says that it is XML.
    """
    if path.suffix != ".svg" or path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return [file.readline().strip() for _ in range(2)][1] == MARKER.encode()
