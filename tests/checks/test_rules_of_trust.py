"""The rules of trust, each with a case that breaks it on purpose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import Integer, Rational, asin, cosh, sinh

from gradproof.checks import engine, explicit, identity, judging, mutants, replay, support
from gradproof.checks.claim import Claim
from gradproof.checks.engine import prove
from gradproof.checks.goals import Goal
from gradproof.checks.verdict import Evidence, Finding, Outcome, TruthValueError
from gradproof.numeric import Point
from gradproof.symbolic import (
    Eq,
    K,
    Le,
    Loss,
    LossTerm,
    Lt,
    Ne,
    S,
    class_sum,
    delta,
    i,
    k,
    log,
    losses,
    n,
    scalar,
    y,
    z,
)
from gradproof.symbolic.errors import EngineConflict
from gradproof.symbolic.normal_form import CaseComparison, Comparison

CE = losses.softmax_cross_entropy
TRUE = Eq(CE.gradient(i), S(i) - delta(i, y))
FALSE = Eq(CE.gradient(i), S(i) + delta(i, y))


def _no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the sign certificates away, so that a true inequality is left without a proof."""
    nothing = Evidence(judging.SIGNS, Finding.NOTHING, "all n", "No certificate was found.")
    monkeypatch.setattr(judging, "prove_inequality", lambda *_, **__: nothing)
    monkeypatch.setattr(judging, "prove_some_sizes", lambda *_: (None, nothing))


def _every_side_equal(*_: Any) -> Comparison:
    return Comparison((CaseComparison("broken", S(i), S(i), True),))


def test_sampling_never_proves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 1: a true inequality that holds at any number of points is supported, not proved."""
    _no_certificates(monkeypatch)
    many = Evidence(support.METHOD, Finding.SUPPORTS, "1000000 points", "It held.")
    monkeypatch.setattr(engine, "gather_support", lambda *_, **__: many)
    assert prove(Le(0, CE.term)).outcome is Outcome.SUPPORTED


def test_support_that_claims_a_proof_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 1: the engine takes no proof from the method that only evaluates at points."""
    _no_certificates(monkeypatch)
    lie = Evidence(support.METHOD, Finding.PROVES, "all n", "It held.")
    monkeypatch.setattr(engine, "gather_support", lambda *_, **__: lie)
    assert prove(Le(0, CE.term)).outcome is Outcome.UNDECIDED


def test_certificates_alone_are_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 2: a goal that certificates prove must hold at exact points as well."""
    unmet = Evidence(support.METHOD, Finding.DID_NOT_RUN, "no points", "No point was met.")
    monkeypatch.setattr(judging, "gather_support", lambda *_, **__: unmet)
    verdict = prove(Le(0, CE.term))
    assert verdict.outcome is not Outcome.PROVED
    assert unmet in verdict.evidence


def test_a_false_certificate_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 2: an inequality that fails at a point is refuted, whatever is certified of it."""
    lie = Evidence(judging.SIGNS, Finding.PROVES, "all n", "Certified.")
    monkeypatch.setattr(judging, "prove_inequality", lambda *_, **__: lie)
    assert prove(Lt(S(y), 1)).outcome is Outcome.REFUTED


def test_replay_catches_a_prover_that_proves_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 2: a false identity that the prover passes ends in a conflict with both sides."""
    monkeypatch.setattr(identity, "compare", _every_side_equal)
    with pytest.raises(EngineConflict, match=r"agrees with the proof of .* against "):
        prove(FALSE)


def test_replay_catches_a_wrong_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 3: a sign error shared by differentiation and claim is caught by the loss alone."""
    right = LossTerm.doit
    monkeypatch.setattr(
        LossTerm, "doit", lambda self, **_: -right(self) if self.variables else right(self)
    )
    loss = Loss("flipped", -log(S(y)))  # another name: what is evaluated is kept
    with pytest.raises(EngineConflict):
        prove(Eq(loss.gradient(i), delta(i, y) - S(i)))


def test_a_value_that_balls_leave_open_is_no_conflict() -> None:
    """Rule 2: 0 to a power that is not whole has no ball; the proof is not replayed, nor denied."""
    total = class_sum(lambda j: CE.gradient(j))
    verdict = prove(Eq(total ** Rational(19, 10), 0))
    assert verdict.outcome is Outcome.UNDECIDED
    assert "could not be replayed" in str(verdict)


def test_a_scalar_may_have_the_name_of_a_member() -> None:
    """A member of a family is not taken for a scalar that is called like it."""
    number = scalar("z_1")
    assert prove(Eq(z[1] - number, 0)).outcome is Outcome.REFUTED
    square = Eq((z[1] + number) ** 2, z[1] ** 2 + 2 * z[1] * number + number**2)
    assert prove(square).outcome is Outcome.PROVED


def test_oracle_alone_catches_a_wrong_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 3: the derivative oracle needs no other path to catch the error."""
    right = LossTerm.doit
    monkeypatch.setattr(
        LossTerm, "doit", lambda self, **_: -right(self) if self.variables else right(self)
    )
    monkeypatch.setattr(replay, "_check_certified", lambda *_: False)
    monkeypatch.setattr(replay, "_check_explicit", lambda *_: False)
    loss = Loss("fresh", -log(S(y)))  # another name: compiled formulas are kept
    with pytest.raises(EngineConflict, match="derivative of the loss alone"):
        prove(Eq(loss.gradient(i), delta(i, y) - S(i)))


def test_overlapping_balls_decide_nothing() -> None:
    """Rule 4: an equality that no method certifies is undecided however many bits agree."""
    verdict = prove(Eq(cosh(z[1]) ** 2, 1 + sinh(z[1]) ** 2), at={z: (1, 0)})
    assert verdict.outcome is Outcome.UNDECIDED


def test_an_exact_equality_is_certified_without_balls() -> None:
    """Rule 4: the same question is decided where the normal form shows an exact zero."""
    assert (
        prove(Eq(log(4 * S(1)), 2 * log(2) + log(S(1))), at={z: (1, 0)}).outcome is Outcome.PROVED
    )


def test_a_counterexample_is_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 5: a point that is printed wrongly is not taken for a counterexample."""

    def elsewhere(_point: Point) -> dict[str, str]:
        return {"n": "2", "i": "1", "y": "2", "z": "(0, 0)"}

    monkeypatch.setattr(Point, "to_json", elsewhere)
    with pytest.raises(EngineConflict, match="printed form"):
        prove(FALSE)


@pytest.mark.parametrize("expected", [o.name for o in Outcome])
@pytest.mark.parametrize("name", ["true", "ce-gradient", "refuted"])
def test_no_verdict_from_a_name_or_an_expectation(name: str, expected: str) -> None:
    """Rule 6: id, title, source and expectation change nothing in a verdict."""
    plain = prove(Claim("plain", FALSE))
    dressed = prove(Claim(name, FALSE, title="PROVED", source="true", expected=expected))
    assert dressed == plain


def test_a_replay_that_did_not_run_leaves_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 7: a skipped replay never counts as a passed one."""
    skipped = Evidence(replay.METHOD, Finding.DID_NOT_RUN, "no points", "No point was met.")
    monkeypatch.setattr(judging, "replay_identity", lambda *_: skipped)
    verdict = prove(TRUE)
    assert verdict.outcome is Outcome.UNDECIDED
    assert skipped in verdict.evidence


def test_contradictory_assumptions_prove_nothing() -> None:
    """Rule 7: from assumptions that no point satisfies, no proof follows."""
    total = class_sum(lambda j: K[j])
    verdict = prove(Eq(total, 3), [Eq(total, 1), Eq(total, 2)])
    assert verdict.outcome is Outcome.UNDECIDED


def test_a_method_that_cannot_treat_a_goal_says_so() -> None:
    """Rule 7: the identity prover does not stay silent on an inequality."""
    verdict = prove(Lt(0, CE.term), [n >= 2])
    assert verdict.evidence[0].finding is Finding.DID_NOT_RUN


def test_every_proof_has_refuted_twins() -> None:
    """Rule 8: the evidence of a proof counts wrong twins, and all of them are refuted."""
    evidence = next(e for e in prove(TRUE).evidence if e.method == mutants.METHOD)
    assert evidence.certificate is not None
    assert evidence.certificate["refuted"] == evidence.certificate["wrong"] >= 6


def test_a_prover_that_proves_a_refuted_twin_is_caught() -> None:
    """Rule 8: a twin that is refuted and proved is a conflict, not a verdict."""
    with pytest.raises(EngineConflict, match="twin"):
        mutants.try_mutants(Goal(TRUE, ()), 0, lambda _: True)


def test_a_true_twin_is_not_counted() -> None:
    """Rule 8: a change that leaves the claim true is recognised as such."""
    symmetric = Eq(CE.hessian(i, k), S(i) * delta(i, k) - S(i) * S(k))
    evidence = next(e for e in prove(symmetric).evidence if e.method == mutants.METHOD)
    assert evidence.certificate is not None
    assert evidence.certificate["true"] == 1


def test_a_verdict_is_not_a_truth_value() -> None:
    """A verdict raises where a truth value is asked for."""
    with pytest.raises(TruthValueError, match=r"compare verdict\.outcome"):
        bool(prove(Ne(S(i), S(i) + 1)))


def test_verdicts_compare_by_value() -> None:
    """The same statement gives the same verdict, whatever time it took."""
    first = prove(FALSE)
    assert replace(first, seconds=first.seconds + 1) == prove(FALSE)


def test_an_instance_outside_its_assumptions_proves_nothing() -> None:
    """Rule 7: at a point that breaks the assumptions a statement is not vacuously proved."""
    verdict = prove(Eq(S(1), 2), [Lt(z[1], 0)], at={z: (1, 0)})
    assert verdict.outcome is Outcome.UNDECIDED
    assert "does not satisfy the assumptions" in verdict.reason


def test_an_instance_is_confirmed_by_explicit_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 2: a proof of an instance is checked by an evaluation that shares nothing with it."""
    monkeypatch.setattr(explicit, "written_out", lambda *_: Integer(99))
    with pytest.raises(EngineConflict, match="explicit classes agree"):
        prove(Lt(z[1], 2), at={z: (1, 0)})


def test_a_formula_beyond_every_method_is_undecided() -> None:
    """Rule 7: where no method can treat a formula, each says so and there is no verdict on it."""
    verdict = prove(Le(class_sum(lambda j: asin(z[j])), 7))
    assert verdict.outcome is Outcome.UNDECIDED
    assert {e.finding for e in verdict.evidence} == {Finding.DID_NOT_RUN}
    assert "asin" in verdict.reason


def test_a_numbered_class_must_exist() -> None:
    """The scope of a proof names the least n at which the classes of the statement exist."""
    assert prove(Eq(log(S(3)) - log(S(1)), z[3] - z[1])).scope == "all n ≥ 3"


def test_a_proved_part_is_replayed_where_the_whole_is_not_proved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rule 2: no finding of a proof is printed without its replay."""
    _no_certificates(monkeypatch)
    verdict = prove([TRUE, Le(0, CE.term)])
    assert verdict.outcome is Outcome.SUPPORTED
    assert [e.finding for e in verdict.evidence if e.method == replay.METHOD] == [Finding.CONFIRMS]
