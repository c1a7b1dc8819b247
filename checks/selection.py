"""Select claims by an expression over their ids and titles, as pytest selects tests with ``-k``.

Guarantees: an expression that is the id of a claim selects that claim alone; an expression that
selects nothing is an error, so that a misspelt one does not pass for a success.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import TypeAlias

from ..symbolic.errors import GradproofError
from .claim import Claim

_Test: TypeAlias = Callable[[str], bool]

_TOKEN = re.compile(r"[()]|[^()\s]+")


class SelectionError(GradproofError):
    """An expression that selects claims cannot be read, or selects none."""


def select(claims: Sequence[Claim], expression: str) -> tuple[Claim, ...]:
    """Return the claims that `expression` selects, in their order.

    A word stands for the claims in whose id or title it occurs, in capitals or not; words are
    joined by ``and``, ``or``, ``not`` and parentheses.

    Raises
    ------
    SelectionError
        If the expression cannot be read or selects no claim.

    >>> from gradproof.symbolic import Ge, S, i
    >>> claims = [Claim("ce-sign", Ge(S(i), 0)), Claim("kde-sign", Ge(S(i), 0))]
    >>> [claim.id for claim in select(claims, "sign and not kde")]
    ['ce-sign']
    """
    exact = tuple(claim for claim in claims if claim.id == expression)
    if exact:
        return exact
    test = _Reader(expression).read()
    found = tuple(claim for claim in claims if test(f"{claim.id}\n{claim.title}".lower()))
    if not found:
        ids = [claim.id for claim in claims]
        close = get_close_matches(expression, ids) or [*ids[:4], *("..." for _ in ids[4:5])]
        raise SelectionError(
            "-k selects at least one claim",
            found=f"none of {len(claims)} for {expression!r}",
            remedy=f"use words of ids or titles; ids are {', '.join(close)}",
        )
    return found


class _Reader:
    """Reads an expression into a test of a claim's text; a method for each level of precedence."""

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.tokens = _TOKEN.findall(expression)

    def read(self) -> _Test:
        test = self._either()
        if self.tokens:
            raise self._error()
        return test

    def _either(self) -> _Test:
        tests = [self._both()]
        while self._next("or"):
            tests.append(self._both())
        return lambda text: any(test(text) for test in tests)

    def _both(self) -> _Test:
        tests = [self._one()]
        while self._next("and"):
            tests.append(self._one())
        return lambda text: all(test(text) for test in tests)

    def _one(self) -> _Test:
        if self._next("not"):
            negated = self._one()
            return lambda text: not negated(text)
        if self._next("("):
            inner = self._either()
            if not self._next(")"):
                raise self._error()
            return inner
        if not self.tokens or self.tokens[0] in ("and", "or", ")"):
            raise self._error()
        word = self.tokens.pop(0).lower()
        return lambda text: word in text

    def _next(self, token: str) -> bool:
        """Take the next token if it is `token`."""
        if self.tokens[:1] != [token]:
            return False
        del self.tokens[0]
        return True

    def _error(self) -> SelectionError:
        place = f"at {self.tokens[0]!r}" if self.tokens else "at its end"
        return SelectionError(
            "-k is made of words, 'and', 'or', 'not' and parentheses",
            found=f"{self.expression!r}, which breaks off {place}",
            remedy="write it like 'kde and not (hessian or bound)'",
        )
