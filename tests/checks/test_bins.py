"""The prover of limits in the number of bins, and its wrong twins."""

from __future__ import annotations

import pytest
from sympy import Expr, Integer, Rational, log, oo
from sympy.logic.boolalg import Boolean

from gradproof.checks.bin_points import approach
from gradproof.checks.bins import applies, decide_bins
from gradproof.checks.catalogue import kde_bins
from gradproof.checks.goals import Goal, goals_of
from gradproof.checks.verdict import Finding
from gradproof.numeric import decide
from gradproof.symbolic import Eq, S, class_sum, losses
from gradproof.symbolic.errors import EngineConflict
from gradproof.symbolic.kernel_losses import kde_binned, kde_integral, lower, open_kernel, upper
from gradproof.symbolic.kernels import epanechnikov, laplace
from gradproof.symbolic.limits import limit
from gradproof.symbolic.vocabulary import bins, x

L, B = losses.kde_integral_cross_entropy, losses.kde_binned_cross_entropy
ORDER = next(c for c in kde_bins.CLAIMS if c.id == "kde-bins-order").statement[0].rhs


def _goal(formula: Boolean) -> Goal:
    return goals_of([formula], L.given)[0]


def _rule(offset: Expr) -> Expr:
    def in_bin(number: Expr) -> Expr:
        node = lower + (number - offset) * (upper - lower) / bins
        return log(class_sum(lambda j: S(j) * open_kernel(node - x[j])))

    return -class_sum(in_bin, size=bins) / bins


def _one_bin(end: Expr) -> Expr:
    return -log(class_sum(lambda j: S(j) * open_kernel(end - x[j])))


@pytest.mark.parametrize(
    "formula",
    [f for claim in kde_bins.CLAIMS for f in claim.statement]
    + [
        Eq(limit(_rule(Integer(1)), bins, oo), L.term),
        Eq(
            limit(bins * (_rule(Integer(1)) - L.term), bins, oo),
            -(_one_bin(upper) - _one_bin(lower)) / 2,
        ),
        Eq(limit(bins * (B.term - L.term), bins, oo), 0),
    ],
)
def test_convergence_and_order_are_proved(formula: Boolean) -> None:
    """Midpoint, left and right rules converge; the error has the order and constant stated."""
    evidence, where = decide_bins(_goal(formula), 0)
    assert evidence.finding is Finding.PROVES, evidence.detail
    assert where is None
    assert evidence.certificate["values"]


@pytest.mark.parametrize(
    "formula",
    [
        Eq(limit(bins**2 * (B.term - L.term), bins, oo), 2 * ORDER),
        Eq(limit(bins**2 * (B.term - L.term), bins, oo), -ORDER),
        Eq(limit(bins * (B.term - L.term), bins, oo), ORDER),
        Eq(limit(bins**3 * (B.term - L.term), bins, oo), 0),
        Eq(limit(bins**2 * (_rule(Integer(1)) - L.term), bins, oo), ORDER),
        Eq(limit(bins * (_rule(Integer(1)) - L.term), bins, oo), 0),
        Eq(limit(_rule(Rational(1, 2)), bins, oo), 2 * L.term),
    ],
)
def test_wrong_twins_are_refuted_at_an_exact_point(formula: Boolean) -> None:
    """1/12 for 1/24, order 1 or 3, and left sums with order 2 are refuted."""
    evidence, where = decide_bins(_goal(formula), 0)
    assert evidence.finding is Finding.REFUTES, evidence.detail
    assert where is not None
    assert decide(L.given[0], where.point) is True


def test_no_order_is_proved_for_a_kernel_with_a_kink() -> None:
    """The lemma says nothing of the order of a rule for the Laplace kernel."""
    rough = kde_binned(laplace).term - kde_integral(laplace).term
    for value in (Integer(0), ORDER):
        evidence, _ = decide_bins(_goal(Eq(limit(bins**2 * rough, bins, oo), value)), 0)
        assert evidence.finding in (Finding.NOTHING, Finding.DID_NOT_RUN)


def test_a_kernel_that_vanishes_is_not_shown_to_converge() -> None:
    """Where a density may be 0 the loss has no value, and nothing is proved."""
    formula = Eq(limit(kde_binned(epanechnikov).term, bins, oo), kde_integral(epanechnikov).term)
    evidence, _ = decide_bins(_goal(formula), 0)
    assert evidence.finding in (Finding.NOTHING, Finding.DID_NOT_RUN)


def test_other_goals_are_left_alone() -> None:
    """Only equations of one limit for B to infinity are treated."""
    for formula in (
        Eq(B.term, L.term),
        Eq(limit(B.term, bins, oo), B.term),
        Eq(limit(B.term, bins, oo), oo),
    ):
        assert not applies(_goal(formula))
        assert decide_bins(_goal(formula), 0)[0].finding is Finding.DID_NOT_RUN


def test_certified_values_contradict_a_wrong_limit() -> None:
    """Values that keep their distance from a limit are a conflict, not a verdict."""
    from random import Random

    with pytest.raises(EngineConflict):
        approach(B.term, L.term + 1, L.given, Random(0))
