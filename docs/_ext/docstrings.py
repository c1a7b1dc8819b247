"""Docstrings in the form that Sphinx reads.

Guarantees: only marks are changed, no words.
The docstrings of the program are those of numpydoc with three liberties: an example or a remark
after a section such as ``Raises`` has no heading of its own; two attributes may share a
description; the docstring of a value may hold a colon in its first line.
Bars in plain text are those of an absolute value.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

FIELDS = ("Parameters", "Attributes", "Raises")
"""Sections in which a line at the margin is a name, with its meaning indented below it."""


BAR = re.compile(r"``.+?``|`.+?`|\|")
"""Code, in which a bar is one already, or a bar."""


def is_underline(line: str) -> bool:
    """Tell whether a line underlines the heading of a section."""
    return len(line) > 2 and set(line) == {"-"}


def with_headings(lines: list[str]) -> list[str]:
    """Return a docstring with a heading above what follows a section of fields and is no field."""
    section, found = "", []
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else ""
        if is_underline(after):
            section = line
        begins = bool(line.strip()) and line[0] != " " and not lines[number - 1].strip()
        if section in FIELDS and begins and not is_underline(after) and after[:1] != " ":
            section = "Examples" if line.startswith(">>>") else "Notes"
            found += [section, "-" * len(section), ""]
        found.append(line)
    return found


def with_single_attributes(lines: list[str]) -> list[str]:
    """Return a docstring in which each attribute has a description of its own."""
    section, found, number = "", [], 0
    while number < len(lines):
        line = lines[number]
        end = number + 1
        if end < len(lines) and is_underline(lines[end]):
            section = line
        elif section == "Attributes" and ", " in line and line[0] != " ":
            while end < len(lines) and lines[end][:1] == " ":
                end += 1
            for name in line.split(", "):
                found += [name, *lines[number + 1 : end]]
            number = end
            continue
        found.append(line)
        number += 1
    return found


def with_bars(line: str) -> str:
    """Return a line in which the bars of an absolute value in plain text are bars."""
    if line.lstrip().startswith((">>>", "...")):
        return line
    return BAR.sub(lambda found: found[0] if found[0] != "|" else r"\|", line)


def prepare(_: Sphinx, what: str, *others: Any) -> None:
    """Change the lines of a docstring, the last argument, in place, as the event asks for."""
    lines: list[str] = others[-1]
    lines[:] = map(with_bars, lines)
    if what in ("data", "attribute", "property"):
        lines[:0] = ["..", ""]  # napoleon takes what stands before a colon in the first for a type
    else:
        lines[:] = with_single_attributes(with_headings(lines))


def setup(app: Sphinx) -> dict[str, bool]:
    """See docstrings before napoleon does."""
    app.connect("autodoc-process-docstring", prepare, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
