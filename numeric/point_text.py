"""Values of an exact point as text, and back.

Guarantees: `parsed` reads what `spelled` wrote, but for the short form, which is for readers.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby
from typing import Any


def parsed(text: str) -> Any:
    """Return a value as a number in text, or several of them."""
    if not text.startswith("("):
        return text
    return tuple(part.strip() for part in text.strip("()").split(",") if part.strip())


_RUN = 9
"""From this many on, equal members in a row are counted where a point is printed for readers."""


def spelled(value: int | Fraction | tuple[Fraction, ...], *, short: bool = False) -> str:
    """Return a value as text."""
    if not isinstance(value, tuple):
        return str(value)
    texts = []
    for member, run in groupby(value):
        count = len(list(run))
        several = short and count >= _RUN
        texts += [f"{count} times {member}"] if several else [str(member)] * count
    inner = ", ".join(texts)
    return f"({inner},)" if len(value) == 1 else f"({inner})"
