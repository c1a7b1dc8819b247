r"""Formulas that flow: broken where a line ends, at relations and between terms.

Guarantees: the parts of a broken formula, one after the other, are the formula; no break is inside
a fraction, a script, a root or brackets that grow; a part that may be wider than a narrow screen
stands in a box of its own, which scrolls there.
Aligned lines become rows of a grid, whose reasons stand beside or below the formulas.

Browsers do not break formulas themselves, so that a long one would be cut off in print.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from xml.etree import ElementTree as ET

from .mathml import as_written, element, serialised
from .widths import width

_RELATIONS = frozenset("=≠≤≥<>≈≡∈∉→⟹⟺")
_TERMS = frozenset("+−±")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")

_SHORT = 12.0
"""What is no wider, in em, is kept in one piece, to be read in one piece."""

_NARROW = 13.0
"""What is wider, in em, may be too wide for a narrow screen."""

_PAPER = (34.0, 48.0)
"""What is wider than these, in em, is set smaller in print, in two steps."""


def inline(latex: str, mark: str = "") -> str:
    """Return a formula within a line of text as HTML.

    Parameters
    ----------
    latex
        The formula.
    mark
        What follows it and must not begin a line, such as a full stop.
    """
    found = element(latex)
    parts = [as_written(latex)] if found is None else list(_flowing(list(found), {}))
    if mark:
        parts[-1] = f'<span class="whole">{parts[-1]}{mark}</span>'
    return "".join(parts)


def block(latex: str) -> str:
    """Return a formula on lines of its own as HTML."""
    found = element(latex, display=True)
    if found is None:
        return f'<div class="formula">{as_written(latex)}</div>\n'
    attributes = dict(found.attrib)
    if len(found) == 1 and found[0].tag == "mtable":
        return _grid(found[0], attributes)
    return f'<div class="formula">{"".join(_flowing(list(found), attributes))}</div>\n'


def _flowing(items: Sequence[ET.Element], attributes: Mapping[str, str]) -> Iterator[str]:
    """Yield a formula as parts between which a line may end."""
    for part in _parts(items):
        math = ET.Element("math", dict(attributes))
        math.extend(part)
        size = width(math)
        steps = sum(size > limit for limit in _PAPER)
        small = f" small-{steps}" if steps else ""
        text = serialised(math)
        yield text if size <= _NARROW else f'<span class="wide{small}">{text}</span>'


def _parts(items: Sequence[ET.Element]) -> list[Sequence[ET.Element]]:
    """Break a row at its outermost breaks, and what is still long at the next ones within."""
    breaks = _breaks(items)
    parts: list[Sequence[ET.Element]] = []
    for start, end in _spans(items, breaks, 0, len(items)):
        if start and items[start].tag == "mo":
            items[start].set("form", "infix")  # alone at the beginning it would pass for a sign
        parts.append(items[start:end])
    return parts


def _spans(
    items: Sequence[ET.Element], breaks: Mapping[int, int], start: int, end: int
) -> Iterator[tuple[int, int]]:
    """Yield the places between which the parts of a row lie."""
    inside = {place: level for place, level in breaks.items() if start < place < end}
    if not inside or sum(map(width, items[start:end])) <= _SHORT:
        yield start, end
        return
    outermost = min(inside.values())
    chosen = [start, *(place for place, level in inside.items() if level == outermost), end]
    for one, other in pairwise(chosen):
        yield from _spans(items, breaks, one, other)


def _breaks(items: Sequence[ET.Element]) -> dict[int, int]:
    """Return the places before which a line may end, each with the brackets around it."""
    found: dict[int, int] = {}
    level = 0
    for place, item in enumerate(items):
        text = item.text if item.tag == "mo" else None
        level += (text in _OPENING) - (text in _CLOSING)
        if place and _may_begin(item, items[place - 1]):
            found[place] = level
        if text == "," and place + 1 < len(items):
            found[place + 1] = level
    return found


def _may_begin(item: ET.Element, before: ET.Element) -> bool:
    """Tell whether an item may begin a line: a relation, or a sign between two terms."""
    if item.tag != "mo":
        return False
    if item.text in _RELATIONS:
        return True
    is_sign = item.get("lspace") is not None or (
        before.tag == "mo" and before.text in _OPENING | _RELATIONS
    )
    return item.text in _TERMS and not is_sign


def _grid(table: ET.Element, attributes: Mapping[str, str]) -> str:
    """Return aligned lines as a grid of left sides, right sides and reasons."""
    rows: list[list[list[ET.Element]]] = []
    for line in table:
        cells = [list(cell) for cell in line]
        if rows and _continues(cells):
            rows[-1][1].extend(cells[1][1:])
        else:
            rows.append(cells)
    body = "".join(_row(row, attributes) for row in rows)
    return f'<div class="steps">\n{body}</div>\n'


def _continues(cells: Sequence[Sequence[ET.Element]]) -> bool:
    """Tell whether a line only continues a long right side: nothing on the left, an indent."""
    return len(cells) == 2 and not cells[0] and bool(cells[1]) and cells[1][0].tag == "mspace"


def _row(cells: Sequence[Sequence[ET.Element]], attributes: Mapping[str, str]) -> str:
    left, right = ("".join(_flowing(cell, attributes)) for cell in cells[:2])
    reasons = "".join(_reason(cell) for cell in cells[2:] if cell)
    reason = f'<div class="reason">{reasons}</div>' if reasons else ""
    return f'<div class="left">{left}</div><div class="right">{right}</div>{reason}\n'


def _reason(cell: Sequence[ET.Element]) -> str:
    """Return a reason as text, where it is nothing else."""
    if all(item.tag == "mtext" for item in cell):
        text = "".join(item.text or "" for item in cell)
        return html.escape(text.replace("\N{NO-BREAK SPACE}", " "), quote=False)
    return "".join(_flowing(cell, {}))
