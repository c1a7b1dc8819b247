"""How wide a formula is, roughly: what decides where it may be broken and what needs a box.

Guarantees: the estimate depends on the formula alone, in units of the size of its font.
What it cannot see are the font and the browser; it is meant to be no less than three quarters of
what they make of it.
"""

from __future__ import annotations

import unicodedata
from xml.etree import ElementTree as ET

_SCRIPT = 0.72
"""The size of a subscript, compared with what it belongs to."""

_SPACED = 0.55
"""The room around a relation or an operator between two terms."""


def width(item: ET.Element) -> float:
    """Return about how wide an element of MathML is, in em."""
    parts = [width(part) for part in item]
    if item.tag in ("msub", "msup"):
        return parts[0] + _SCRIPT * parts[1]
    if item.tag == "msubsup":
        return parts[0] + _SCRIPT * max(parts[1:])
    if item.tag in ("munder", "mover", "munderover"):
        return max(parts[0], *(_SCRIPT * part for part in parts[1:]))
    if item.tag == "mfrac":
        return 0.2 + max(parts)
    if item.tag == "mtable":
        return max(parts, default=0.0)
    if item.tag == "mspace":
        return _em(item.get("width", ""))
    if item.tag in ("msqrt", "mroot", "mtd"):
        return 0.9 + sum(parts)
    return sum(parts) + _text_width(item)


def _em(text: str) -> float:
    return float(text.removesuffix("em") or 0) if text.endswith("em") else 0.0


def _text_width(item: ET.Element) -> float:
    text = item.text or ""
    wide = sum(0.0 if unicodedata.category(letter) == "Cf" else 0.56 for letter in text)
    between = item.tag == "mo" and "lspace" not in item.attrib and text not in "()[]{}|,"
    return wide + (_SPACED if between and wide else 0.0)
