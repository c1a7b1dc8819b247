from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from gradproof import audit, losses
from gradproof.checks.audits.finding import Kind
from gradproof.checks.audits.point import AuditPoint
from gradproof.checks.audits.twinning import LARGEST, TwinSide, differing, twin_inputs
from gradproof.checks.twins.agreement import Outcome
from gradproof.symbolic.errors import UnsupportedError
from tests.checks.audits.conftest import (
    CE_SOFT,
    at,
    flipped,
    loss_of,
    points,
    right,
    run_of,
    saturating,
    soft_at,
    soft_gradient,
    softmax,
)


def side(implementation: Any, *args: Any, **given: Any) -> TwinSide:
    """Return the exact twin of an implementation."""
    found = run_of(implementation, *args, **given).twin
    assert found is not None
    return found


def test_a_right_gradient_agrees() -> None:
    """In exact arithmetic S - delta is the gradient, whatever it is in floats."""
    for implementation in (right, saturating):
        found = side(implementation).compare("float32", 0, quick=True)
        assert set(found) == {"forward"}
        assert found["forward"].outcome is Outcome.AGREES
        assert differing(found) == []


def test_a_wrong_gradient_differs() -> None:
    """A sign error is a difference, certified at a point."""
    found = side(flipped).compare("float32", 0, quick=True)
    (different,) = differing(found)
    assert different.question == "forward"
    assert different.verdict is not None


def test_a_loss_has_two_questions() -> None:
    """Of a loss with its gradient, both are asked: is it the derivative, is it the loss."""
    good = side(loss_of, gradient=right).compare("float64", 0, quick=True)
    assert {k: v.outcome for k, v in good.items()} == {
        "backward": Outcome.AGREES,
        "forward": Outcome.AGREES,
    }
    wrong = side(loss_of, gradient=flipped).compare("float64", 0, quick=True)
    assert [c.question for c in differing(wrong)] == ["backward"]
    other = side(lambda z, y: loss_of(z / 2, y), gradient=lambda z, y: right(z / 2, y) / 2)
    assert [c.question for c in differing(other.compare("float64", 0, quick=True))] == ["forward"]


def test_a_difference_is_kept_where_the_other_question_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A backward pass that is wrong for certain is found, whatever becomes of the forward."""

    def refuses(*_args: Any, **_given: Any) -> Any:
        raise UnsupportedError("an operation has a rule", found="erfcx", remedy="none")

    monkeypatch.setattr("gradproof.checks.audits.twinning.check_forward", refuses)
    wrong = side(loss_of, gradient=flipped)
    found = wrong.compare("float64", 0, quick=True)
    assert [c.question for c in differing(found)] == ["backward"]
    assert wrong.told(found)[-1] == "the loss is the intended: not compared exactly (erfcx)"
    audited = audit(loss_of, losses.softmax_cross_entropy, gradient=flipped, quick=True)
    assert not audited.has_twin
    assert any(f.certified and f.kind is Kind.FORMULA for f in audited.findings)


@settings(max_examples=25)
@given(point=points())
def test_what_is_asked_at_a_point(point: AuditPoint) -> None:
    """At any point the twin of a right gradient does not differ, and that of a wrong one does."""
    assert RIGHT.kinds_at(point, "float32") == {"forward": False}
    assert WRONG.kinds_at(point, "float32") == {"forward": True}


def test_both_questions_are_asked_at_a_point() -> None:
    """Of a loss with a wrong gradient the backward differs, the forward does not."""
    found = side(loss_of, gradient=flipped).kinds_at(at(1, 0.5, -3), "float32")
    assert found == {"forward": False, "backward": True}


def test_approximations_as_good_as_floats_are_no_difference() -> None:
    """A function approximated to less than half a score is right; beyond that it differs."""

    def approximate(share: float) -> Any:
        return lambda z, y: right(z, y) * (1 + share)

    point = at(1, 0.5, -3)
    assert side(approximate(2.0**-27)).kinds_at(point, "float32") == {"forward": False}
    assert side(approximate(2.0**-20)).kinds_at(point, "float32") == {"forward": True}
    assert side(approximate(2.0**-27)).kinds_at(point, "float64") == {"forward": True}


def test_where_the_twin_cannot_say() -> None:
    """Masked classes, and more classes than can be run, are not asked about."""
    masked = AuditPoint((Fraction(1), None, Fraction(0)), 0)
    assert RIGHT.kinds_at(masked, "float32") is None
    many = AuditPoint(tuple(Fraction(k % 3) for k in range(LARGEST + 1)), 0)
    assert RIGHT.kinds_at(many, "float32") is None


def test_what_has_no_twin_says_why() -> None:
    """A program that exact arithmetic cannot run has a problem, and is asked nothing more."""

    def odd(z: Any, y: Any) -> Any:
        g = right(z, y)
        return np.array([math.frexp(float(v))[0] * 2.0 ** math.frexp(float(v))[1] for v in g])

    found = side(odd)
    assert found.compare("float64", 0, quick=True) == {}
    assert found.problem
    assert found.kinds_at(at(1, 2), "float64") is None


def test_an_isolated_implementation_has_no_twin() -> None:
    """What runs in a process of its own is not run in this one."""
    found = run_of(top_level, isolate=True)
    try:
        assert found.twin is None
    finally:
        found.bench.runner.close()


def top_level(z: Any, y: Any) -> Any:
    """Return the gradient of softmax cross-entropy; at the top level, so that a child finds it."""
    e = np.exp(z - np.max(z))
    g = e / np.sum(e)
    g[y] = 0
    g[y] = -np.sum(g)
    return g


@settings(max_examples=25)
@given(point=points())
def test_points_go_to_the_twin_and_back(point: AuditPoint) -> None:
    """A point of the audit is the same point once the twin has had it."""
    for twin in (RIGHT, ONE_HOT):
        assert twin.audit_point(twin._twin_point(point)) == point


def test_soft_points_go_to_the_twin_and_back() -> None:
    """Targets are numbers of the point."""
    twin = side(soft_gradient, CE_SOFT)
    point = soft_at((1, 2), 0.25, 0.75)
    assert twin.audit_point(twin._twin_point(point)) == point
    assert twin.kinds_at(point, "float32") == {"forward": False}


def test_targets_come_first_where_they_are_declared_first() -> None:
    """A function of y_true and y_pred is run with its arguments in its own order."""

    def loss(y_true: Any, y_pred: Any) -> Any:
        return softmax(y_pred) - y_true

    twin = side(loss, target="one-hot")
    assert twin.kinds_at(at(1, 0.5, -3, label=1), "float32") == {"forward": False}


@pytest.mark.parametrize(
    ("arguments", "kinds", "shapes"),
    [
        (("index", "logits", True), ("logits", "label"), [("n",), ()]),
        (("index", "logits", True, True), ("logits", "label"), [(1, "n"), (1,)]),
        (("one-hot", "logits", True), ("logits", "one_hot"), [("n",), ("n",)]),
        (("soft", "logits", True), ("logits", "targets"), [("n",), ("n",)]),
        (("soft", "logits", False), ("logits", "bits"), [("n",), ("n",)]),
        (("kernel", "logits", True), ("logits", "positive"), [("n",), ("n",)]),
        (("index", "probabilities", True), ("probabilities", "label"), [("n",), ()]),
    ],
)
def test_the_inputs_of_a_twin(arguments: Any, kinds: Any, shapes: Any) -> None:
    """What the arguments are follows from how they are handed in."""
    found = twin_inputs(*arguments)
    assert tuple(one.kind for one in found) == kinds
    assert [one.shape for one in found] == shapes


def test_kernel_losses_have_twins() -> None:
    """A loss of kernel values is compared at positive numbers."""

    def of_kernel(z: Any, K: Any) -> Any:
        s = softmax(z)
        return s - s * K / np.sum(s * K)

    twin = side(of_kernel, losses.kde_cross_entropy)
    assert differing(twin.compare("float64", 0, quick=True)) == []


RIGHT, WRONG = side(right), side(flipped)
ONE_HOT = side(lambda z, p: softmax(z) - p, target="one-hot")


def test_why_there_is_no_twin_is_true() -> None:
    """Too many classes for exact arithmetic, and too few for the loss, are told apart."""
    for loss, size, why in (
        (losses.softmax_cross_entropy, LARGEST + 1, "there are too many classes"),
        (losses.multiclass_bce_one_hot, 1, "the loss has no value for so many classes"),
    ):
        twin = side(right, loss, sizes=(size,), returns="gradient")
        assert twin.compare("float64", 0, quick=True) == {}
        assert twin.problem == why
