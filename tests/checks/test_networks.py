"""The prover of backpropagation: what it proves, where it stops, what it says at kinks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gradproof.checks import networks
from gradproof.checks.goals import Goal
from gradproof.checks.network_points import Confirmation
from gradproof.checks.networks import METHOD, applies, prove_backpropagation
from gradproof.checks.verdict import Evidence, Finding
from gradproof.symbolic import EngineConflict, Eq, Gt, Loss, S, UnsupportedError, log, n, y, z
from gradproof.symbolic.backward import RULES
from gradproof.symbolic.losses import (
    kde_cross_entropy,
    keras_cross_entropy_one_hot,
    multiclass_bce_one_hot,
    quadratic,
    softmax_cross_entropy,
)
from gradproof.symbolic.network import Backpropagation, backpropagation
from gradproof.symbolic.network_point import NetworkPoint

KINK = NetworkPoint([[[1, -2], [1, 1]], [[1, 0], [-1, 2]]], [[0, 0], [0, 1]], (2, 1), 1)
PLAIN = replace(KINK, input=(KINK.input[1], KINK.input[0]))


def proof(statement: Backpropagation) -> Evidence:
    """Return what the prover finds."""
    return prove_backpropagation(Goal(statement, ()), 0)


@pytest.mark.parametrize("loss", [softmax_cross_entropy, quadratic], ids=lambda a: a.name)
@pytest.mark.parametrize("widths", [(3, 2), (1, 1, 2), (2, 3, 2), (3, 4, 4, 3), (2, 3, 3, 3, 2)])
def test_an_architecture_is_proved_by_polynomials(loss: Loss, widths: tuple[int, ...]) -> None:
    """For both losses and each architecture: proved, replayed, with its scope and certificate."""
    found = proof(backpropagation(loss, widths))
    assert found.finding is Finding.PROVES
    assert found.method == METHOD
    spelled = "-".join(map(str, widths))
    assert found.scope == (
        f"all weights, biases, inputs and targets of ReLU networks {spelled} "
        "where no hidden pre-activation is 0"
    )
    certificate: Any = json.loads(json.dumps(found.to_json()))["certificate"]
    assert list(certificate) == ["architectures"]
    assert certificate["architectures"][spelled]["wrong twins caught"]


def test_every_architecture_is_proved_by_induction() -> None:
    """The certificate has the lemmas, the argument that joins them, and what was replayed."""
    found = proof(backpropagation(quadratic))
    assert found.finding is Finding.PROVES
    assert "networks of any depth and width" in found.scope
    assert found.certificate is not None
    assert len(found.certificate["lemmas"]) == 3
    assert "chain rule" in found.certificate["argument"]
    assert len(found.certificate["architectures"]) == len(networks.ARCHITECTURES)


def test_a_large_architecture_follows_from_the_induction() -> None:
    """Where polynomials would be too long, the induction proves it; the scope is its own."""
    found = proof(backpropagation(quadratic, (784, 512, 10)))
    assert found.finding is Finding.PROVES
    assert "784-512-10" in found.scope
    assert found.detail.startswith("By induction over the layers")


def test_the_domain_of_a_loss_is_in_the_scope() -> None:
    """A loss that needs two classes, or kernel values, says so; one class is not its domain."""
    found = proof(backpropagation(multiclass_bce_one_hot))
    assert found.scope.endswith(", n ≥ 2")
    assert proof(backpropagation(kde_cross_entropy)).scope.endswith("Σ_j K_j > 0")
    less = proof(backpropagation(multiclass_bce_one_hot, (2, 3, 1)))
    assert less.finding is Finding.NOTHING
    assert less.detail == "ALT is not defined for 1 class."


def test_a_loss_with_kinks_is_not_proved() -> None:
    """Clipping has edges in the logits: nothing is proved, and the condition is named."""
    for statement in (
        backpropagation(keras_cross_entropy_one_hot),
        backpropagation(keras_cross_entropy_one_hot, at=PLAIN),
        backpropagation(keras_cross_entropy_one_hot, at=KINK),
    ):
        assert proof(statement).finding is Finding.NOTHING
    hinge = Loss("HINGE", abs(z[y] - 1))
    found = proof(backpropagation(hinge, (2, 3, 2)))
    assert found.finding is Finding.NOTHING
    assert found.detail.startswith("That HINGE is differentiable in the logits needs")


def test_a_kink_is_undefined_and_named() -> None:
    """The unit whose pre-activation is 0 and the two one-sided derivatives are in the text."""
    found = proof(backpropagation(softmax_cross_entropy, at=KINK))
    assert found.finding is Finding.UNDEFINED
    assert found.scope == "this instance"
    assert found.detail.startswith(
        "The pre-activation is 0 at unit 1 of hidden layer 1. "
        "The derivative of CE by b1[1] is 0 from the left and -1.99"
    )
    assert found.detail.endswith("so that the loss is not differentiable there.")
    certificate: Any = found.certificate
    assert certificate["pre-activation 0"] == ["unit 1 of hidden layer 1"]
    assert NetworkPoint(**certificate["point"]) == KINK


def test_one_exact_network_is_proved() -> None:
    """Off the kinks an instance is proved, and confirmed at the very point."""
    found = proof(backpropagation(quadratic, at=PLAIN))
    assert found.finding is Finding.PROVES
    assert found.scope == "this instance"
    assert "At the point itself 12 derivatives at 1 exact point agree" in found.detail


def test_a_point_outside_the_domain_decides_nothing() -> None:
    """Kernel values that are all 0 are outside the loss's domain, at a kink or not."""
    for point in (KINK, PLAIN):
        outside = NetworkPoint(point.weights, point.biases, point.input, (0, 0))
        found = proof(backpropagation(kde_cross_entropy, at=outside))
        assert found.finding is Finding.NOTHING
        assert found.detail == "The point is outside the domain of KDE."


def test_assumptions_on_a_point_are_refused() -> None:
    """An assumption could exclude the point, so that a kink there would mean nothing."""
    goal = Goal(backpropagation(quadratic, at=KINK), (Gt(n, 3),))
    with pytest.raises(UnsupportedError, match="has no further assumptions"):
        prove_backpropagation(goal, 0)


def test_other_statements_are_refused() -> None:
    """The prover says which formulas it is for."""
    assert applies(backpropagation(quadratic))
    assert not applies(Eq(S(1), 1))
    with pytest.raises(UnsupportedError, match="the statement is about backpropagation"):
        prove_backpropagation(Goal(Eq(S(1), 1), ()), 0)


def test_the_same_seed_gives_the_same_evidence() -> None:
    """Evidence follows from the statement and the seed alone."""
    statement = backpropagation(quadratic, (2, 3, 2))
    assert proof(statement) == proof(statement)


def test_a_mistake_in_backpropagation_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the rules wrong, polynomials would say so: no verdict comes of it."""
    wrong = replace(RULES, gate=lambda slope, received: -slope * received)
    monkeypatch.setattr(networks, "RULES", wrong)
    with pytest.raises(EngineConflict, match="polynomials tell backpropagation from its wrong"):
        proof(backpropagation(quadratic, (2, 3, 2)))


def test_a_twin_that_passes_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a comparison blind, its wrong twins would show it."""
    monkeypatch.setattr(networks, "wrong_twins", lambda _widths: {"none": networks.by_rules(RULES)})
    with pytest.raises(EngineConflict, match="none"):
        proof(backpropagation(quadratic, (2, 3, 2)))


def test_a_proof_that_no_point_confirms_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A confirmation that did not run is not taken for one."""
    monkeypatch.setattr(networks, "confirm", lambda *_: Confirmation())
    found = proof(backpropagation(quadratic, (2, 3, 2)))
    assert found.finding is Finding.NOTHING
    assert found.certificate is None


def test_a_lemma_that_is_not_proved_stops_the_induction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a lemma nothing is said of all networks; one architecture needs no lemma."""
    monkeypatch.setattr(networks, "unproved", lambda: [networks.lemmas()[0]])
    found = proof(backpropagation(quadratic))
    assert found.finding is Finding.NOTHING
    assert found.detail == "The normal form does not prove the lemma on a weight into a unit."
    assert proof(backpropagation(quadratic, (2, 3, 2))).finding is Finding.PROVES


def test_a_class_named_by_number_must_exist() -> None:
    """The loss of class 2 is proved for two classes and more, and the scope says so."""
    second = Loss("SECOND", -log(S(2)))
    assert proof(backpropagation(second)).scope.endswith(", n ≥ 2")
    assert proof(backpropagation(second, (2, 3, 1))).finding is Finding.NOTHING
