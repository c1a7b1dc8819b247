"""Statements that are no plain relations reach the method that is made for them, and no other."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import oo

from gradproof.checks import existence
from gradproof.checks.goals import Goal
from gradproof.checks.special import decide_special, is_special
from gradproof.checks.verdict import Evidence, Finding
from gradproof.symbolic import Eq, Ge, Gt, Le, S, exists, limit, y, z
from gradproof.symbolic.errors import UnsupportedError
from gradproof.symbolic.vocabulary import scalar

T = scalar("T", positive=True)
LIMIT = Eq(limit(S(y), z[y], oo), 1)
EXISTENCE = exists(T, Gt(S(y), T))


def test_plain_statements_are_not_special() -> None:
    """Relations between class sums are for the plain methods."""
    assert not is_special(Le(S(y), 1))
    assert not is_special(Eq(z[y], z[y] + T))
    assert is_special(EXISTENCE)
    assert is_special(LIMIT)


def test_a_limit_goes_to_its_method() -> None:
    """A limit is decided for every n, a wrong one refuted or left."""
    evidence, where = decide_special(Goal(LIMIT, (Ge(z[y], 0),)), 0)
    assert evidence.finding is Finding.PROVES
    assert where is None
    wrong, _ = decide_special(Goal(Eq(limit(S(y), z[y], oo), 2), ()), 0)
    assert wrong.finding is not Finding.PROVES


def test_an_existence_statement_goes_to_its_method(monkeypatch: pytest.MonkeyPatch) -> None:
    """What that method finds is handed on as it is."""
    seen: list[Any] = []
    found = Evidence("existence", Finding.PROVES, "n = 1", "A point.")

    def decide(goal: Goal, seed: int) -> tuple[Evidence, None]:
        seen.append((goal.formula, seed))
        return found, None

    monkeypatch.setattr(existence, "decide_existence", decide)
    assert decide_special(Goal(EXISTENCE, ()), 7) == (found, None)
    assert seen == [(EXISTENCE, 7)]


def test_what_no_method_can_treat_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The finding is that no method ran, with the reason; it is never a proof."""

    def refuse(*_: Any) -> None:
        raise UnsupportedError("points are finite", found="an infinite one", remedy="bound it")

    monkeypatch.setattr(existence, "decide_existence", refuse)
    evidence, where = decide_special(Goal(EXISTENCE, ()), 0)
    assert evidence.finding is Finding.DID_NOT_RUN
    assert "an infinite one" in evidence.detail
    assert where is None
