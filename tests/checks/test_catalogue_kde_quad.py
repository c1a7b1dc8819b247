"""The claims on the kernel density estimate and on the quadratic loss: each gets its truth."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from sympy import Eq

from gradproof.checks.catalogue import kde, quad
from gradproof.checks.claim import Claim
from gradproof.checks.engine import prove
from gradproof.checks.goals import Goal, goals_of
from gradproof.checks.identity import prove_identity
from gradproof.checks.verdict import Outcome, Verdict

IDENTITIES = (
    "kde-gradient",
    "kde-degenerate",
    "kde-scale-gradient",
    "kde-scale-loss",
    "kde-unnormalised",
    "kde-relative",
    "kde-gradient-sum",
    "kde-shift",
    "kde-integral-gradient",
    "quad-gradient",
    "quad-chain",
    "quad-last-layer",
    "quad-sign-binary",
    "ce-bits",
    "ce-kl",
    "entropy-uniform",
    "quadratic-kinds",
)
INEQUALITIES = (
    "kde-degenerate-limit",
    "kde-posterior",
    "kde-bounds",
    "kde-sign",
    "kde-monotone",
    "mse-far",
    "kde-far-position",
    "kde-far-weight",
    "quad-upper",
    "quad-lower-min",
    "quad-sign-true",
    "quad-plateau",
    "quad-uniform",
    "gibbs",
    "norms-order",
)
FALSE = (
    "kde-degenerate-several",
    "kde-scale-multiplies",
    "kde-points-sum",
    "kde-points-sum-weighted",
    "quad-lower",
    "quad-sign",
    "ce-not-a-norm",
    "ce-not-a-norm-symmetric",
    "ce-not-a-norm-zero",
    "ce-not-a-norm-homogeneous",
    "ce-label-free",
)
WITHOUT_VALUE = ("kde-degenerate-none",)

CLAIMS = {claim.id: claim for claim in (*kde.CLAIMS, *quad.CLAIMS)}


@pytest.fixture(scope="session")
def verdict_of() -> Callable[[str], Verdict]:
    """Return the verdict on a claim by its id, found once a session."""
    return cache(lambda name: prove(CLAIMS[name]))


def wrong_twin(goal: Goal) -> Goal | None:
    """Return an equation with the sign of its right side turned, or 1 added to a right side 0."""
    if not isinstance(goal.formula, Eq):
        return None
    left, right = goal.formula.args
    return Goal(Eq(left, -right if right != 0 else right + 1, evaluate=False), goal.given)


def test_every_claim_is_in_the_table_once() -> None:
    """The table below and the catalogue have the same ids, each once."""
    table = [*IDENTITIES, *INEQUALITIES, *FALSE, *WITHOUT_VALUE]
    assert sorted(table) == sorted(claim.id for claim in (*kde.CLAIMS, *quad.CLAIMS))


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_is_proved(verdict_of: Callable[[str], Verdict], name: str) -> None:
    """A true identity is proved for every number of classes."""
    assert verdict_of(name).outcome is Outcome.PROVED


@pytest.mark.parametrize("name", INEQUALITIES)
def test_a_true_inequality_is_proved(verdict_of: Callable[[str], Verdict], name: str) -> None:
    """A true inequality or limit is proved, never refuted and never without a value."""
    assert verdict_of(name).outcome is Outcome.PROVED


@pytest.mark.parametrize("name", FALSE)
def test_a_false_claim_is_refuted(verdict_of: Callable[[str], Verdict], name: str) -> None:
    """A false claim is refuted at an exact point, never proved and never supported."""
    verdict = verdict_of(name)
    assert verdict.outcome is Outcome.REFUTED
    assert verdict.counterexample is not None


@pytest.mark.parametrize("name", WITHOUT_VALUE)
def test_a_claim_without_a_value_says_where(
    verdict_of: Callable[[str], Verdict], name: str
) -> None:
    """Where a statement has no value on its domain, the verdict names a point of it."""
    verdict = verdict_of(name)
    assert verdict.outcome is Outcome.UNDEFINED
    assert verdict.counterexample is not None


def test_the_catalogue_expects_the_truth() -> None:
    """What the catalogue expects of a claim is the outcome that the table gives it."""
    outcomes = {"PROVED": (*IDENTITIES, *INEQUALITIES), "REFUTED": FALSE}
    outcomes |= {"UNDEFINED": WITHOUT_VALUE}
    table = {name: outcome for outcome, names in outcomes.items() for name in names}
    assert {name: claim.expected for name, claim in CLAIMS.items()} == table


@pytest.mark.parametrize("name", IDENTITIES)
def test_a_wrong_twin_is_not_proved(name: str) -> None:
    """Each equation of a proved claim, its right side turned, is not proved."""
    claim = CLAIMS[name]
    twins = [wrong_twin(goal) for goal in goals_of(claim.statement, claim.given)]
    assert all(twins)
    assert not any(prove_identity(twin).proved for twin in twins if twin)


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_a_claim_says_where_it_comes_from(claim: Claim) -> None:
    """Each claim has a title in words and cites a document and a place in it."""
    assert claim.title != claim.id
    assert ", " in claim.source
