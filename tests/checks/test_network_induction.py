"""The lemmas of the induction over the layers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradproof.checks.network_induction import ARGUMENT, lemmas, unproved
from gradproof.symbolic.backward import RULES, LocalRules

WRONG = {
    "no mask": (replace(RULES, gate=lambda _d, s: s), 2),
    "sign": (replace(RULES, gate=lambda d, s: -d * s), 2),
    "no weight": (replace(RULES, through=lambda _w, e: e), 2),
    "no activation": (replace(RULES, weight=lambda e, _h: e), 0),
    "no bias": (replace(RULES, bias=lambda e: 0 * e), 1),
}


def test_every_lemma_is_proved() -> None:
    """The normal form proves each for a symbolic number of units."""
    assert not unproved()
    assert [lemma.text for lemma in lemmas()] == [
        "e ∂/∂w_i (b + Σ_j h_j w_j) = e h_i",
        "e ∂/∂b (b + Σ_j h_j w_j) = e",
        "Σ_j g_j ∂/∂a (c_j + v_j max(0, a)) = (1/2 + sign(a)/2) Σ_j g_j v_j, if a ≠ 0",
    ]


@pytest.mark.parametrize(("rules", "place"), WRONG.values(), ids=WRONG)
def test_a_wrong_rule_fails_its_lemma(rules: LocalRules, place: int) -> None:
    """Each wrong local rule leaves just the lemma about it unproved."""
    assert [lemma.name for lemma in unproved(rules)] == [lemmas()[place].name]


def test_the_lemma_on_a_unit_needs_a_pre_activation_off_0() -> None:
    """Without that assumption the normal form does not prove it."""
    unit = lemmas()[2]
    assert not replace(unit, goal=replace(unit.goal, given=())).proved


def test_the_argument_names_what_is_not_checked() -> None:
    """The certificate says that the chain rule joins the lemmas."""
    assert "chain rule" in ARGUMENT
