"""The claims on ReLU networks, and how the two gradients compare by hidden weights."""

from __future__ import annotations

import pickle

import pytest

from gradproof.checks.catalogue.networks import CLAIMS
from gradproof.checks.claim import Claim
from gradproof.checks.engine import prove
from gradproof.checks.goals import goals_of
from gradproof.checks.networks import applies, prove_backpropagation
from gradproof.checks.verdict import Finding, Outcome
from gradproof.symbolic import to_latex, to_text

BY_ID = {claim.id: claim for claim in CLAIMS}
CHAINS = [claim for claim in CLAIMS if applies(claim.statement[0])]
_FINDINGS = {"PROVED": Finding.PROVES, "UNDEFINED": Finding.UNDEFINED}


def test_the_claims_are_named_and_sourced() -> None:
    """Ids differ, each claim has a title, a source and a statement that prints and travels."""
    assert len(BY_ID) == len(CLAIMS)
    for claim in CLAIMS:
        assert claim.title != claim.id
        assert claim.source
        assert pickle.loads(pickle.dumps(claim)) == claim
        for formula in claim.statement:
            assert to_text(formula)
            assert to_latex(formula).count("{") == to_latex(formula).count("}")


@pytest.mark.parametrize("claim", CHAINS, ids=lambda claim: claim.id)
def test_backpropagation_is_settled(claim: Claim) -> None:
    """Every claim on backpropagation comes out as expected, for both losses."""
    for goal in goals_of(claim.statement, claim.given):
        assert prove_backpropagation(goal, 0).finding is _FINDINGS[claim.expected]


def test_the_chain_rule_through_a_unit_is_proved_by_the_normal_form() -> None:
    """For every number of classes, and by differentiating the losses as they stand."""
    verdict = prove(BY_ID["relu-unit"])
    assert verdict.outcome is Outcome.PROVED
    assert verdict.scope == "all n"


def test_half_the_length_is_no_bound_by_hidden_weights() -> None:
    """An exact point breaks it, and explicit classes in mpmath confirm the point."""
    verdict = prove(BY_ID["quad-hidden-upper"])
    assert verdict.outcome is Outcome.REFUTED
    assert verdict.counterexample is not None
    assert "not able to confirm" not in verdict.reason


def test_no_constant_is_a_bound_by_hidden_weights() -> None:
    """Along some weights cross-entropy is flat while the quadratic loss is not."""
    assert prove(BY_ID["quad-hidden-zero"]).outcome is Outcome.PROVED
