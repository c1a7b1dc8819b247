from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from sympy import Implies
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from gradproof.checks.catalogue.alt import CLAIMS as ALT_CLAIMS
from gradproof.checks.catalogue.ce import CLAIMS as CE_CLAIMS
from gradproof.checks.claim import Claim, rounds_to
from gradproof.checks.engine import prove
from gradproof.checks.exact import exact_zero
from gradproof.checks.goals import goals_of
from gradproof.checks.verdict import Outcome, Verdict
from gradproof.numeric import decide
from gradproof.symbolic import losses
from gradproof.symbolic.vocabulary import y, z

IDENTITY, INEQUALITY, INSTANCE = "identity", "inequality", "instance"
FALSE, NOWHERE = "false", "false everywhere"
"""What mathematics says: the first two hold for all n, an instance holds at its point.

What is false fails at some point; a value that is nowhere taken is missed for every n.
"""

TRUTHS = {
    "ce-gradient": IDENTITY,
    "ce-gradient-soft": IDENTITY,
    "ce-derivation": IDENTITY,
    "softmax-range": INEQUALITY,
    "softmax-sum": IDENTITY,
    "softmax-log-odds": IDENTITY,
    "softmax-shift": IDENTITY,
    "ce-log-form": IDENTITY,
    "ce-example-softmax": INSTANCE,
    "ce-example-loss-rounded": INSTANCE,
    "ce-example-loss": FALSE,
    "ce-example-gradient": INSTANCE,
    "ce-nonnegative": INEQUALITY,
    "ce-range-attained": NOWHERE,
    "ce-unbounded": INEQUALITY,
    "ce-limit-zero": INEQUALITY,
    "ce-epsilon-logits": FALSE,
    "ce-sign": INEQUALITY,
    "ce-true-magnitude": IDENTITY,
    "ce-true-proportional": FALSE,
    "ce-wrong-proportional": IDENTITY,
    "ce-perfect": INEQUALITY,
    "ce-gradient-sum": IDENTITY,
    "ce-monotone": INEQUALITY,
    "ce-hessian": IDENTITY,
    "ce-convex": INEQUALITY,
    "ce-smooth": INEQUALITY,
    "ce-symmetric": FALSE,
    "alt-wrong-outputs-no-loss": IDENTITY,
    "alt-wrong-logits-learn": INEQUALITY,
    "alt-gradient": IDENTITY,
    "alt-gradient-true-class": INEQUALITY,
    "alt-gradient-wrong-class": IDENTITY,
    "alt-wrong-sign": FALSE,
    "alt-wrong-sign-binary": INEQUALITY,
    "alt-binary": IDENTITY,
    "alt-at-least-ce": INEQUALITY,
    "alt-example-first": INSTANCE,
    "alt-example-second": INSTANCE,
    "alt-example-distribution": FALSE,
    "alt-example-better": FALSE,
    "alt-equalises": INEQUALITY,
    "ce-indifferent": IDENTITY,
    "alt-zero-target": FALSE,
    "alt-zero-target-alt": INEQUALITY,
    "ce-below-zero": NOWHERE,
    "bce-sigmoid": IDENTITY,
    "keras-normalise": IDENTITY,
    "keras-clip-inside": IDENTITY,
    "keras-clip-outside": IDENTITY,
    "keras-not-differentiable": FALSE,
}

ALLOWED = {
    IDENTITY: {Outcome.PROVED},
    INSTANCE: {Outcome.PROVED},
    INEQUALITY: {Outcome.PROVED},
    FALSE: {Outcome.REFUTED},
    NOWHERE: {Outcome.REFUTED},
}

EXPECTED = {
    IDENTITY: "PROVED", INSTANCE: "PROVED", INEQUALITY: "PROVED",
    FALSE: "REFUTED", NOWHERE: "REFUTED",
}  # fmt: skip

CLAIMS = {claim.id: claim for claim in (*CE_CLAIMS, *ALT_CLAIMS)}

VerdictOf = Callable[[str], Verdict]


@pytest.fixture(scope="session")
def verdict_of() -> VerdictOf:
    """Return the verdict of a claim by its id; each is found once in a session."""
    return cache(lambda name: prove(CLAIMS[name]))


def ids_of(*truths: str) -> list[str]:
    """Return the ids of the claims with one of these truths."""
    return [name for name, truth in TRUTHS.items() if truth in truths]


def wrong(formula: Boolean) -> Boolean:
    """Return `formula` with the sign of its right side changed, or 1 added where that is 0."""
    if isinstance(formula, Implies):
        premise, conclusion = formula.args
        return Implies(premise, wrong(conclusion))
    assert isinstance(formula, Relational)
    right = -formula.rhs if formula.rhs != 0 else formula.rhs + 1
    return formula.func(formula.lhs, right, evaluate=False)


def parts_of(names: list[str]) -> list[tuple[Claim, int]]:
    """Return each claim with the position of each of its formulas."""
    return [(CLAIMS[name], at) for name in names for at in range(len(CLAIMS[name].statement))]


def test_the_families_are_complete() -> None:
    """Every claim of the two families is in the catalogue, once, and no other."""
    assert [claim.id for claim in (*CE_CLAIMS, *ALT_CLAIMS)] == list(TRUTHS)


@pytest.mark.parametrize("name", TRUTHS)
def test_the_author_expects_the_truth(name: str) -> None:
    """What a claim expects is what is so."""
    assert CLAIMS[name].expected == EXPECTED[TRUTHS[name]]


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS.keys())
def test_a_claim_names_its_source(claim: Claim) -> None:
    """A claim cites document and place, says in words what it claims, and stands in its file."""
    document = (
        "Cross Entropy Loss Derivative, Roei Bahumi, section "
        if claim in CE_CLAIMS
        else "Data Science Stack Exchange, the question on cross entropy in the keras source, "
    )
    assert claim.source.startswith(document)
    assert claim.title != claim.id
    assert claim.title.endswith((".", "0.462"))


@pytest.mark.slow
@pytest.mark.parametrize("name", TRUTHS)
def test_the_verdict_is_the_truth(name: str, verdict_of: VerdictOf) -> None:
    """True identities, inequalities and instances are proved, false claims refuted."""
    verdict = verdict_of(name)
    assert verdict.outcome in ALLOWED[TRUTHS[name]], str(verdict)


@pytest.mark.slow
@pytest.mark.parametrize("name", ids_of(FALSE))
def test_a_counterexample_fails_again(name: str, verdict_of: VerdictOf) -> None:
    """At the point of a refutation the assumptions hold and part of the statement is false."""
    found = verdict_of(name).counterexample
    assert found is not None
    goals = goals_of(CLAIMS[name].statement, CLAIMS[name].given)
    assert any(
        all(decide(fact, found.point, exact_zero=exact_zero) is True for fact in goal.given)
        and decide(goal.formula, found.point, exact_zero=exact_zero) is False
        for goal in goals
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("claim", "place"),
    parts_of(ids_of(IDENTITY, INSTANCE)),
    ids=lambda value: getattr(value, "id", value),
)
def test_a_wrong_twin_is_refuted(claim: Claim, place: int) -> None:
    """With another sign on the right side no formula of a proved claim holds."""
    verdict = prove([wrong(claim.statement[place])], claim.given, at=claim.at)
    assert verdict.outcome is Outcome.REFUTED, str(verdict)


def test_the_wrong_sign_has_a_point_with_three_classes(verdict_of: VerdictOf) -> None:
    """ALT raises a wrong logit at z = (0, 3, 0), y = 1; the smallest such point has n = 3."""
    gradient = losses.multiclass_bce_one_hot.gradient(3)
    assert prove([rounds_to(gradient, "-0.364")], at={z: (0, 3, 0), y: 1}).outcome.name == "PROVED"
    found = verdict_of("alt-wrong-sign").counterexample
    assert found is not None
    assert "n = 3" in str(found)


def test_the_edge_of_the_clip_shows_both_derivatives(verdict_of: VerdictOf) -> None:
    """At the edge the loss has slope S_y - 1 or S_i on one side and 0 on the other."""
    found = verdict_of("keras-not-differentiable").counterexample
    assert found is not None
    (_, inside), (_, below) = found.figures
    assert (inside == "0", below) == (False, "0")
