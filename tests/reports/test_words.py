"""Laws of the smaller texts on a page: reductions, ladders, limits, twins, data."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Interval, Symbol, exp, log

from gradproof.checks.inequality.univariate import prove_sign
from gradproof.checks.verdict import Evidence, Finding
from gradproof.reports.explanations import explained
from gradproof.reports.ladders import ladder_text
from gradproof.reports.limits import limit_text
from gradproof.reports.reductions import sentence, summary
from gradproof.reports.twins import SHOWN, twins_text

STEPS = {
    "each factor by itself": "one of its factors",
    "for √(A) >= 0 the squares of both sides are compared": "`√(A)`, is not negative",
    "where a ≥ 0": "Suppose that `a ≥ 0`",
    "a ≥ 0 never holds": "`a ≥ 0` is impossible here",
    "exp increases, so that this says a >= 1": "`a >= 1`",
    "log increases, so that the sign is that of b": "the sign is that of `b`",
    "Jensen: with the weights S_j the mean of log(S_j) is at most the logarithm of the mean": (
        "mean with the weights `S_j` of the logarithms of `S_j` over the classes j is at most"
    ),
    "the part outside the sums": "the part outside",
    "term by term over the remaining classes r": "the remaining classes `r`",
    "term by term over all classes r, where K_r > 0": "at a class `r` with `K_r > 0`",
    "with tangents of logarithms and exponentials": "what tangents say",
    "with tangents of log-sum-exp": "what convexity says",
    "shift the logits so that A = 1, and put s = B": "s = `B` alone",
    "a statement about c": "depends on `c` alone",
    "the statement has a value: S_y > 0": "needs `S_y > 0` to have a value",
    "something new": "Something new.",
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_a_sentence(step: str) -> None:
    """Each step that provers write reads as a sentence; an unknown one stands as it is."""
    text = sentence(step)
    assert STEPS[step] in text
    assert text[0].isupper()
    assert text.endswith(".")


def test_a_long_step_has_a_short_summary() -> None:
    """A title holds the beginning of a long step."""
    assert summary("a" * 60) == "a" * 60
    assert summary("a" * 61).endswith("a…")


s = Symbol("s")


def test_a_ladder_shows_functions_signs_and_ends() -> None:
    """Every rung is a row; the closed end and the certified value are there."""
    proof = prove_sign(-log(s) - (1 - s), s, Interval.Lopen(0, 1), ">=0")
    assert proof is not None
    text = ladder_text(proof.certificate)
    assert text.startswith("To show is `s - log(s) - 1 >= 0 for s in (0, 1]`.")
    assert text.count("| `s") == len(proof.certificate["ladder"])
    assert "positive at `0+`, positive at `1-`" in text
    assert "At `1/2` its value is `[0.19314718" in text
    assert "At the end `1` it is `0`." in text


def test_a_ladder_shows_zeros_and_divisors() -> None:
    """A zero inside is named, and what a function was divided by has a column."""
    proof = prove_sign(exp(s) - 1 - s, s, Interval(-1, 1), ">=0")
    assert proof is not None
    text = ladder_text(proof.certificate)
    assert "Its zeros inside are `0`; a certified value between decides each sign:" in text
    assert "| Divided by |" in text


def test_a_ladder_with_a_parameter_has_its_parts() -> None:
    """Each function of one variable that a parameter leaves is shown."""
    c = Symbol("c")
    proof = prove_sign(c * s + 1 - exp(-s), s, Interval(0, 2), ">=0", {c: Interval(0, 1)})
    assert proof is not None
    text = ladder_text(proof.certificate)
    assert text.count("To show is") == 1 + len(proof.certificate["parts"])


def limits(*cases: str) -> dict[str, Any]:
    """Return the certificate of a limit in several cases."""
    walk = {"point": "n = 2", "limit": "∞", "at": {"z = -16": "15.0", "z = -256": "255.0"}}
    one = {
        "limit of": "CE",
        "path": "z_y = -t, t → ∞",
        "along the path": "log(1 + exp(t))",
        "leading terms": "t + …",
        "limit": "∞",
        "values": [walk, walk],
    }
    return {case: [one] for case in cases}


def test_a_limit_shows_path_terms_and_values() -> None:
    """The substitution, the leading terms, the limit and each value at a point once."""
    text = limit_text(limits("the only case"))
    assert "`-t` is put for `z_y`, and `t` grows without bound." in text
    assert "| `t + …` | `∞` |" in text
    assert text.count("`255.0`") == 1
    assert "Case" not in text


def test_a_limit_in_several_cases_has_a_row_for_each() -> None:
    """Each case is a row of one table and a fold of its own; the way is told once."""
    text = limit_text(limits("i = y", "i ≠ y"))
    assert text.count("grows without bound") == 1
    assert "| `i ≠ y` | `t + …` | `∞` |" in text
    assert text.count("<details>") == 2


def twins(refuted: int, left: int) -> Evidence:
    """Return evidence of wrong twins, each kind different."""
    listed = [
        {"kind": f"kind {k}", "change": f"change {k}", "fate": "false", "point": f"n = {k}"}
        for k in range(refuted)
    ]
    listed += [{"kind": "sign", "change": f"left {k}", "fate": "open"} for k in range(left)]
    kinds: dict[str, Any] = {f"kind {k}": {"false": 1} for k in range(refuted)}
    kinds |= {"sign": {"open": left}} if left else {}
    data = {"refuted": refuted, "wrong": refuted + left, "kinds": kinds, "twins": listed}
    return Evidence("wrong twins", Finding.CONFIRMS, "twins", "Tried.", data)


def test_twins_are_counted_over_all_parts() -> None:
    """The line adds up the parts; the fold shows kinds, and the first points."""
    text = twins_text([twins(17, 0), twins(3, 0)])
    assert "Negative control: 20 of 20 wrong twins of the statement were refuted." in text
    assert "| kind 0 | 2 |" in text
    assert text.count("| `n = ") == SHOWN
    assert "Neither" not in text


def test_twins_that_are_left_are_named() -> None:
    """What was neither refuted nor proved makes the count an upper bound, and is named."""
    text = twins_text([twins(2, 1)])
    assert "2 of at most 3 wrong twins" in text
    assert "Neither refuted nor proved: sign, `left 0`." in text


def test_no_twins_no_words() -> None:
    """Without twins nothing is said of them."""
    assert twins_text([]) == ""


def test_data_of_any_shape_is_lists_and_tables() -> None:
    """Simple entries are bullets, alike ones a table, prose a paragraph; nothing is lost."""
    data = {
        "widths": [2, 3],
        "formula": "a_1 + 2",
        "argument": "This is the first sentence. This is the second one.",
        "runs": {"2-3": {"points": 3, "agrees": True}, "3-2": {"points": 4, "agrees": False}},
        "several": [{"z": "(0, 1)", "why": "a plain sentence of words"}],
        "nested": {"a": {"b": 1}, "c": 2},
    }
    assert explained(data).splitlines() == [
        "- Widths: 2, 3",
        "- Formula: `a_1 + 2`",
        "",
        "Argument:",
        "",
        "This is the first sentence.",
        "This is the second one.",
        "",
        "Runs:",
        "",
        "|  | Points | Agrees |",
        "| --- | --- | --- |",
        "| 2-3 | 3 | yes |",
        "| 3-2 | 4 | no |",
        "",
        "Several:",
        "",
        "| z | Why |",
        "| --- | --- |",
        "| `(0, 1)` | a plain sentence of words |",
        "",
        "Nested:",
        "",
        "a:",
        "",
        "- b: 1",
        "",
        "- c: 2",
    ]
