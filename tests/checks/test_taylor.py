"""Derivatives in statements about one point, against Taylor series of the loss alone."""

from __future__ import annotations

from typing import Any

import pytest
from flint import arb

from gradproof.checks import taylor
from gradproof.checks.catalogue import kde_kernels
from gradproof.checks.engine import prove
from gradproof.checks.goals import goals_of
from gradproof.checks.taylor import METHOD, confirm_derivatives
from gradproof.checks.verdict import Finding, Outcome
from gradproof.numeric.point import Point
from gradproof.symbolic import Eq, Le, S, i, losses, n, y, z
from gradproof.symbolic.errors import EngineConflict
from gradproof.symbolic.kernels import KERNELS

CE = losses.softmax_cross_entropy
_POINT = Point({n: 3, z: (1, 2, 0), y: 2})


def test_every_class_of_a_gradient_is_confirmed() -> None:
    """A free class stands for all of them, each with its value."""
    (evidence,) = confirm_derivatives(goals_of([Eq(CE.gradient(i), S(i))]), _POINT)
    assert evidence.finding is Finding.CONFIRMS
    assert all(f"∂CE/∂z_{c} = " in evidence.detail for c in (1, 2, 3))


def test_nothing_is_said_without_a_derivative() -> None:
    """A statement about values has no such evidence."""
    assert confirm_derivatives(goals_of([Eq(CE.term, 0)]), _POINT) == ()


def test_a_wrong_derivative_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the symbolic derivative were wrong, no verdict would be given."""

    def wrong(*_: Any) -> arb:
        return arb(7)

    monkeypatch.setattr(taylor, "evaluate", wrong)
    with pytest.raises(EngineConflict, match="Taylor"):
        confirm_derivatives(goals_of([Eq(CE.gradient(1), 0)]), _POINT)


@pytest.mark.parametrize("claim", kde_kernels.CLAIMS, ids=lambda claim: claim.id)
def test_taylor_series_of_the_loss_over_an_interval(claim: Any) -> None:
    """For every kernel the Taylor series of the integral gives the derivative under it."""
    (evidence,) = confirm_derivatives(goals_of(claim.statement), claim.at)
    assert evidence.finding is Finding.CONFIRMS, evidence.detail


def test_there_is_a_claim_for_every_kernel() -> None:
    """The kernels of the library and the claims match one to one."""
    assert len(kde_kernels.CLAIMS) == len(KERNELS) == 13


def test_a_claim_and_its_wrong_twin() -> None:
    """At its point the integral of the bins' gradients is the derivative; twice it is not."""
    claim = next(c for c in kde_kernels.CLAIMS if c.id.endswith("uniform"))
    verdict = prove(claim)
    assert verdict.outcome is Outcome.PROVED
    assert METHOD in {e.method for e in verdict.evidence}
    (formula,) = claim.statement
    (gap,) = (a for a in formula.lhs.args if a != 2)
    wrong = Le((gap + gap.args[0]) ** 2, formula.rhs)
    assert prove(wrong, at=claim.at).outcome is Outcome.REFUTED
