"""Verdicts as badges: which words of a page are a verdict, and how it is marked.

Guarantees: a badge keeps the words of the page; colour and sign only repeat them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...checks.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Badge:
    """A verdict in a page.

    Attributes
    ----------
    label
        What a reader can filter by.
    kind
        The class of its look: good, bad, weak, open or void.
    """

    label: str
    kind: str


_KINDS = {
    Outcome.PROVED: "good",
    Outcome.REFUTED: "bad",
    Outcome.SUPPORTED: "weak",
    Outcome.UNDECIDED: "open",
    Outcome.UNDEFINED: "void",
}

_AUDITS = (
    (re.compile(r"It passes"), Badge("Passes", "good")),
    (re.compile(r"\d+ findings?"), Badge("Findings", "bad")),
    (re.compile(r"Nothing was judged"), Badge("Nothing judged", "open")),
)
"""The words with which pages of audits begin."""

SIGNS = {"good": "✓", "bad": "✗", "weak": "≈", "open": "?", "void": "∅"}
"""What stands before the words, so that verdicts differ without colour."""


def badge_of(text: str) -> Badge | None:
    """Return the badge that a text is, or None if it is no verdict.

    >>> badge_of("PROVED")
    Badge(label='PROVED', kind='good')
    >>> badge_of("PROVED by hand")
    """
    if text in Outcome.__members__:
        return Badge(text, _KINDS[Outcome[text]])
    return next((badge for pattern, badge in _AUDITS if pattern.fullmatch(text)), None)
