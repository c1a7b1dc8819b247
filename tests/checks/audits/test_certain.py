from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from flint import arb

from gradproof.checks.audits.certain import TWIN, certain_findings
from gradproof.checks.audits.finding import Finding, Kind
from tests.checks.audits.conftest import deaf_loss, flipped, loss_of, right, run_of


def certain(implementation: Any, dtype: str = "float64", **given: Any) -> list[Finding]:
    """Return what the exact twin finds by itself."""
    run = run_of(implementation, **given)
    assert run.twin is not None
    comparisons = run.twin.compare(dtype, 0, quick=not given.get("full", False))
    return certain_findings(comparisons, run.twin, run.bench, dtype)


def test_what_agrees_is_no_finding() -> None:
    """A right gradient, and a right loss with it, have none."""
    assert certain(right) == []
    assert certain(loss_of, gradient=right) == []


def test_a_wrong_gradient_is_a_certified_formula() -> None:
    """The finding has the float of a call at the exact point, and what it should be."""
    (found,) = certain(flipped)
    assert (found.kind, found.certified, found.regime) == (Kind.FORMULA, True, TWIN)
    assert found.point is not None
    assert found.where.startswith("g[")
    assert found.note.startswith("in exact arithmetic it is ")
    assert found.score > 64
    answer = run_of(flipped).bench.run(found.point, "float64")
    place = int(found.where[2:-1])
    assert answer.gradient is not None
    assert float(found.found) == float(f"{answer.gradient[place]:.9g}")
    truth = run_of(flipped).bench.truth(found.point)
    assert found.expected == truth.gradient[place].str(9, radius=False)


def test_a_wrong_backward_pass_is_a_formula() -> None:
    """The note tells the upstream gradient with which the twin was asked."""
    (found,) = certain(loss_of, gradient=flipped)
    assert (found.kind, found.certified) == (Kind.FORMULA, True)
    assert "for an upstream gradient of 7/4" in found.note


def test_another_loss_is_told_by_its_value() -> None:
    """A loss that is differentiated rightly and is another one is found at the loss."""
    (found,) = certain(lambda z, y: loss_of(z, y) * 2, gradient=lambda z, y: right(z, y) * 2)
    assert (found.kind, found.where) == (Kind.ANOTHER_LOSS, "the loss")
    assert not math.isnan(found.score)


def test_both_faults_are_found() -> None:
    """Another loss with a wrong gradient has two findings."""
    kinds = {f.kind for f in certain(lambda z, y: loss_of(z, y) + 1, gradient=flipped)}
    assert kinds == {Kind.FORMULA, Kind.ANOTHER_LOSS}


def test_a_fault_that_starts_later_has_a_margin() -> None:
    """A formula that is wrong from a lead of 5 on has its start there, about."""

    def later(z: Any, y: Any) -> Any:
        return flipped(z, y) if max(z) - min(z) > 5 else right(z, y)

    (found,) = certain(later)
    assert found.kind is Kind.FORMULA
    assert found.point is not None
    values = [float(v) for v in found.point.logits if v is not None]
    assert max(values) - min(values) > 5


def test_a_gradient_that_forgets_the_upstream_is_no_formula() -> None:
    """What is right for an upstream gradient of 1 is a fault of behaviour, with both numbers."""
    run = run_of(deaf_loss())
    assert run.twin is not None
    comparisons = run.twin.compare("float64", 0, quick=False)
    (found,) = certain_findings(comparisons, run.twin, run.bench, "float64")
    assert (found.kind, found.where) == (Kind.PROTOCOL, "upstream gradient")
    assert (found.certified, found.upstream) == (True, 1.75)
    assert found.point is not None
    truth = run.bench.truth(found.point).gradient[int(found.expected[2])]
    expected = Fraction(found.expected.partition(" = ")[2])
    assert (1.75 * truth).contains(arb(expected.numerator) / expected.denominator)
    said = float(found.found.partition(" ")[0])
    assert math.isclose(said, expected / Fraction(7, 4), rel_tol=1e-14)
