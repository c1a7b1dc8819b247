"""Certificates by linear combination: what they may use, and that they are identities."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from gradproof.checks.checker import check
from gradproof.checks.inequality.combination import by_coefficients, by_combination
from gradproof.checks.inequality.question import (
    Hypothesis,
    Node,
    Question,
    Unknown,
    context_of,
    poly_data,
)


def question(
    goal: str, signs: dict[str, str], *known: tuple[str, str], strict: bool = False
) -> Question:
    """Return the question about a polynomial written in Python's syntax."""
    gens = dict(zip(signs, context_of(signs).gens(), strict=True))

    def read(text: str) -> Any:
        return gens_one(gens) * eval(text, {"q": fmpq}, gens)  # noqa: S307 - texts of this file

    unknowns = tuple(Unknown(name, sign, name) for name, sign in signs.items())
    facts = tuple(Hypothesis(read(text), sign, "assumption", text) for text, sign in known)
    return Question(unknowns, read(goal), strict, facts)


def gens_one(gens: dict[str, Any]) -> Any:
    """Return the polynomial 1."""
    return next(iter(gens.values())).context().constant(1)


def accepted(asked: Question, proof: Node) -> bool:
    """Tell whether the separate checker accepts the proof of a question."""
    part = {
        "case": "the only case",
        "steps": [],
        "variables": {u.name: u.sign for u in asked.unknowns},
        "meanings": {u.name: u.meaning for u in asked.unknowns},
        "factors": {},
        "bases": {},
        "moments": {},
        "hypotheses": [
            {
                "polynomial": poly_data(h.poly),
                "relation": h.relation,
                "lemma": h.lemma,
                "of": {},
                "text": h.text,
            }
            for h in asked.hypotheses
        ],
        "goal": {"polynomial": poly_data(asked.goal), "relation": asked.relation},
        "proof": proof,
    }
    whole = {
        "format": "gradproof certificate",
        "version": 1,
        "statement": "",
        "assumptions": [],
        "scope": "all n",
        "parts": [part],
    }
    report = check(whole)
    assert report.accepted, report.error
    return True


POSITIVE, SIGNED, REAL = (
    {"a": ">0", "b": ">0"},
    {"a": ">=0", "b": ">=0"},
    {"x": "real", "y": "real"},
)

BY_SIGN = [
    ("a*b + 2*a", SIGNED, False, True),
    ("a*b + 2*a", SIGNED, True, False),
    ("a*b + 2*a", POSITIVE, True, True),
    ("a + 1", SIGNED, True, True),
    ("a - b", POSITIVE, False, False),
    ("x**2 + 3*x**4*y**2", REAL, False, True),
    ("x**2 + 1", REAL, True, True),
    ("x**2 + x*y + y**2", REAL, False, False),
    ("0*x", REAL, False, True),
    ("0*x", REAL, True, False),
]


@pytest.mark.parametrize(("goal", "signs", "strict", "found"), BY_SIGN)
def test_signs_of_the_terms(goal: str, signs: dict[str, str], strict: bool, found: bool) -> None:
    """A goal is read off its terms if each has the sign, and one is positive if it must be."""
    asked = question(goal, signs, strict=strict)
    node = by_coefficients(asked)
    assert (node is not None) is found
    assert node is None or accepted(asked, node)


Case = tuple[str, dict[str, str], list[tuple[str, str]], bool]

TRUE: list[Case] = [
    ("x**2 - 2*x*y + y**2", REAL, [], False),
    ("a**2 - a*b + b**2", SIGNED, [], False),
    ("a**2 - a*b + b**2", POSITIVE, [], True),
    ("a - 1", SIGNED, [("a - b", ">=0"), ("b - 1", ">=0")], False),
    ("a - 1", SIGNED, [("a - b", ">=0"), ("b - 1", ">0")], True),
    ("a - 1", SIGNED, [("a - b - 1", "==0")], False),
    ("1 - a*b", SIGNED, [("1 - a - b", "==0")], True),
    ("1 - 4*a*b", SIGNED, [("1 - a - b", "==0")], False),
    ("x*y", REAL, [("x", ">=0"), ("y", ">=0")], False),
    ("x**2", REAL, [("x", ">0")], True),
    ("q(1, 2) - a", SIGNED, [("1 - 2*a - b", "==0")], False),
]

FALSE: list[Case] = [
    ("x**2 - 2*x*y + y**2", REAL, [], True),
    ("q(99, 100)*x**2 - 2*x*y + y**2", REAL, [], False),
    ("a - 1", SIGNED, [("a - b", ">=0"), ("b - 1", ">=0")], True),
    ("a - b", SIGNED, [("b - a", ">=0")], False),
    ("a - b", SIGNED, [("a - b", ">=0")], True),
    ("a - 1", SIGNED, [("a - b - q(99, 100)", "==0")], False),
    ("1 - 4*a*b", SIGNED, [("1 - a - b", "==0")], True),
    ("q(99, 100) - 4*a*b", SIGNED, [("1 - a - b", "==0")], False),
    ("x*y", REAL, [("x", ">=0"), ("y", "==0")], True),
    ("x", REAL, [("x**2", ">0")], False),
    ("q(1, 2) - a", SIGNED, [("1 - 2*a - b", "==0")], True),
]


@pytest.mark.parametrize(("goal", "signs", "known", "strict"), TRUE)
def test_true_goals_are_certified(
    goal: str, signs: dict[str, str], known: list[tuple[str, str]], strict: bool
) -> None:
    """Products of variables, hypotheses and squares are found, and the checker accepts them."""
    asked = question(goal, signs, *known, strict=strict)
    node = by_combination(asked)
    assert node is not None
    assert accepted(asked, node)


@pytest.mark.parametrize(("goal", "signs", "known", "strict"), FALSE)
def test_false_goals_are_not(
    goal: str, signs: dict[str, str], known: list[tuple[str, str]], strict: bool
) -> None:
    """A goal that fails somewhere, if only by being zero, has no certificate."""
    assert by_combination(question(goal, signs, *known, strict=strict)) is None


def test_a_multiplier_is_written_down() -> None:
    """a^3 + b^3 - a^2 b - a b^2 = (a + b)(a - b)^2 needs none; a^2 - a b + b^2 over a + b does."""
    asked = question("a**2 - a*b + b**2", POSITIVE, strict=True)
    gens = asked.context.gens()
    node = by_combination(asked, gens[0] + gens[1])
    assert node is not None
    assert node["multiplier"] == poly_data(gens[0] + gens[1])
    assert accepted(asked, node)


def test_hypotheses_that_contradict_each_other_give_no_strict_goal_away() -> None:
    """From 0 > 0 alone a strict goal has no combination: the goal must take part in it."""
    asked = question("a - 5", SIGNED, ("-b", ">0"), strict=True)
    node = by_combination(asked)
    assert node is None or accepted(asked, node)
