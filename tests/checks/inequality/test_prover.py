"""The inequality prover as a whole: kinds of formulas, definedness, certificates, bounded work."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sympy import And, Equivalent, Implies, Ne, Not, Or, Rational, Symbol
from sympy.logic.boolalg import Boolean

from gradproof.checks.checker import check
from gradproof.checks.checker.polynomials import MONOMIALS
from gradproof.checks.goals import Goal
from gradproof.checks.inequality import prover
from gradproof.checks.inequality.prover import (
    METHOD,
    defined,
    negation,
    prove_defined,
    prove_formula,
    prove_inequality,
)
from gradproof.checks.inequality.work import CONTROL, PROOF, Work
from gradproof.checks.verdict import Finding
from gradproof.symbolic import (
    Eq,
    Ge,
    Gt,
    Le,
    Lt,
    S,
    class_sum,
    every,
    i,
    log,
    losses,
    m,
    n,
    x,
    y,
    z,
)
from gradproof.symbolic.errors import EngineConflict, UnsupportedError
from gradproof.symbolic.vocabulary import K, index, scalar

T = scalar("T", positive=True)
c = scalar("c")
j = index("j")
LOGS = class_sum(lambda m: log(K[m]))

GRADIENT = losses.softmax_cross_entropy.gradient(i)
LEAST = every(lambda r: Le(z[m], z[r]))
OTHERS_LESS = every(lambda r: Implies(Ne(r, m), Lt(z[r], z[m]), evaluate=False))
SQUARES = class_sum(lambda r: x[r] ** 2)
WEIGHTED = class_sum(lambda r: (S(r) * x[r]) ** 2)

BELOW = K[i] ** 4 - K[i] ** 2 * K[y] ** 2 + K[y] ** 4 + 1
DIVIDED = Goal(Eq(K[i] / BELOW - K[y], K[i] / BELOW - K[y] * 2 + K[y]), ())

Formula = tuple[Boolean, list[Boolean]]

TRUE: dict[str, Formula] = {
    "at most": (Le(S(y), 1), []),
    "at least": (Ge(1, S(y)), []),
    "below": (Lt(S(y), 2), []),
    "above": (Gt(2, S(y)), []),
    "different": (Ne(S(y), 0), []),
    "different, below": (Ne(S(y), 2), []),
    "both": (And(Ge(S(y), 0), Le(S(y), 1), evaluate=False), []),
    "if": (Implies(Ge(n, 2), Lt(S(y), 1), evaluate=False), []),
    "exactly if": (Equivalent(Ge(z[i], z[y]), Ge(S(i), S(y)), evaluate=False), []),
    "not": (Not(Gt(S(y), 1), evaluate=False), []),
    "one of two": (Or(Le(S(i), Rational(1, 2)), Le(S(y), Rational(1, 2))), [Ne(i, y)]),
    "different, by the case": (Ne(GRADIENT, 0), [Ge(n, 2)]),
    "in either order": (Gt(K[i] ** 2 + K[y] ** 2, 2 * K[i] * K[y]), [Ne(K[i], K[y])]),
    "a bounded factor": (Ge(WEIGHTED, S(m) ** 2 * SQUARES), [LEAST]),
    "a bounded factor, once": (Ge(class_sum(lambda j: S(j) * x[j] ** 2), S(m) * SQUARES), [LEAST]),
    "but for one class": (Lt(S(i), S(m)), [OTHERS_LESS, Ne(i, m)]),
    "powers of sums": (Le(class_sum(lambda j: S(j) ** 3), 1), []),
    "power sums, twice": (Le(class_sum(lambda j: K[j] ** 4), class_sum(lambda j: K[j]) ** 4), []),
}

FALSE: dict[str, Formula] = {
    "different": (Ne(S(y), 1), []),
    "both": (And(Ge(S(y), 0), Lt(S(y), 1), evaluate=False), []),
    "if": (Implies(Le(n, 2), Lt(S(y), 1), evaluate=False), []),
    "exactly if": (Equivalent(Ge(z[i], z[y]), Gt(S(i), S(y)), evaluate=False), []),
    "not": (Not(Ge(S(y), 1), evaluate=False), []),
    "one of two": (Or(Lt(S(i), Rational(1, 2)), Lt(S(y), Rational(1, 2))), [Ne(i, y)]),
    "one of two, one class": (Or(Lt(S(i), Rational(1, 2)), Le(S(y), Rational(1, 2))), []),
    "only if": (Implies(Ge(S(y), S(i)), Gt(z[y], z[i]), evaluate=False), []),
    "different, by the case, one class": (Ne(GRADIENT, 0), []),
    "in either order, not strict": (Gt(K[i] ** 2 + K[y] ** 2, 2 * K[i] * K[y]), []),
    "a bounded factor, of another class": (Ge(WEIGHTED, S(i) ** 2 * SQUARES), [LEAST]),
    "a bounded factor, of weights of either sign": (
        Ge(class_sum(lambda j: S(j) * x[j]), S(m) * class_sum(lambda j: x[j])),
        [LEAST],
    ),
    "but for one class, of that class": (Lt(S(i), S(m)), [OTHERS_LESS]),
    "powers of sums, strict": (Lt(class_sum(lambda j: S(j) ** 3), 1), []),
    "powers of sums, too much": (Le(class_sum(lambda j: S(j) ** 3), Rational(9, 10)), []),
    "powers of sums, of either sign": (
        Le(class_sum(lambda j: x[j] ** 3), class_sum(lambda j: x[j]) ** 3),
        [],
    ),
}


@pytest.mark.parametrize("name", TRUE)
def test_kinds_of_formulas(name: str) -> None:
    """Relations and what connectives make of them are proved; the certificate is plain JSON."""
    formula, given = TRUE[name]
    evidence = prove_inequality(Goal(formula, tuple(given)))
    assert evidence.finding is Finding.PROVES, evidence.detail
    assert evidence.method == METHOD
    assert evidence.certificate is not None
    again = json.loads(json.dumps(evidence.certificate))
    assert again == evidence.certificate
    assert check(again).accepted


@pytest.mark.parametrize("name", FALSE)
def test_false_formulas(name: str) -> None:
    """None of their false twins is proved."""
    formula, given = FALSE[name]
    evidence = prove_inequality(Goal(formula, tuple(given)), CONTROL)
    assert evidence.finding in (Finding.NOTHING, Finding.DID_NOT_RUN)


def test_negation_of_relations() -> None:
    """The negation of a relation is the opposite one; other formulas have none here."""
    assert negation(Le(S(y), 1)) == Gt(S(y), 1)
    assert negation(Lt(S(y), 1)) == Ge(S(y), 1)
    assert negation(Eq(c, 1)) == Ne(c, 1)
    assert negation(Not(Symbol("A"), evaluate=False)) == Symbol("A")
    assert negation(And(Le(c, 1), Le(0, c), evaluate=False)) is None


@pytest.mark.parametrize(
    ("formula", "given", "needs"),
    [
        (Ge(LOGS + K[j], LOGS), [], "K_k > 0"),
        (Ge(LOGS + K[j], LOGS), [Gt(K[j], 0)], "K_k > 0"),
        (Ge(LOGS + 1, LOGS), [Gt(K[j], 0)], "K_k > 0"),
        (Ge(LOGS + 1, LOGS), [Gt(K[j], 0), Gt(K[index("k")], 0)], "K_l > 0"),
        (Ge(1 / c**2 + 1, 1 / c**2), [], "c ≠ 0"),
        (Ge(log(c) + 1, log(c)), [Ge(c, 0)], "c > 0"),
    ],
)
def test_a_value_everywhere(formula: Boolean, given: list[Boolean], needs: str) -> None:
    """A statement is proved only where it has a value; a fact on one class says nothing of others.

    The letter for any class is none that the statement or an assumption uses.
    """
    evidence = prove_inequality(Goal(formula, tuple(given)))
    assert evidence.finding is Finding.NOTHING
    assert f"{needs} was not shown everywhere" in evidence.detail


def test_definedness_by_certificates() -> None:
    """A denominator that only a certificate shows to be positive is shown."""
    missing, parts = defined(Ge(1 / BELOW + 1, 1 / BELOW), ())
    assert missing is None
    assert parts
    assert prove_defined(DIVIDED).finding is Finding.PROVES


def test_the_work_is_bounded() -> None:
    """An attempt is given up after a number of steps, which is the same on every machine."""
    formula = TRUE["exactly if"][0]
    with pytest.raises(UnsupportedError, match="bounded number of steps"):
        prove_formula(formula, (), Work(5))
    evidence = prove_inequality(Goal(formula, ()), 5)
    assert evidence.finding is Finding.DID_NOT_RUN
    assert "bounded number of steps" in evidence.detail
    assert CONTROL < PROOF


def test_an_attempt_on_half_of_the_work() -> None:
    """An attempt that needs too much leaves the other half; what it finds is passed on."""
    work = Work(100)
    assert work.on_half(lambda: work.spend(80)) is None
    assert work.left == 50
    assert work.on_half(lambda: (work.spend(9), "found")[1]) == "found"
    assert work.left == 40


def test_the_same_goal_gives_the_same_certificate() -> None:
    """Nothing in an attempt depends on the clock or on what was proved before."""
    goal = Goal(Le(class_sum(lambda m: S(m) ** 2), 1), ())
    assert prove_inequality(goal).certificate == prove_inequality(goal).certificate


def test_contradictory_assumptions_are_for_the_engine() -> None:
    """Under them everything holds; where no case is left there is nothing to certify."""
    assert prove_formula(Gt(S(y), 2), [Lt(n, 1)]) is None
    assert prove_formula(Gt(S(y), 2), [Ne(i, y), Eq(i, y)]) is None
    assert prove_formula(Ne(S(y), 2), [Ne(i, y), Eq(n, 1)]) is None


def test_a_certificate_that_the_checker_rejects_is_a_conflict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the prover certifies is replayed; a disagreement is no verdict."""

    def forged(*_: Any, **__: Any) -> list[Any]:
        return [{"case": "the only case"}]

    monkeypatch.setattr(prover, "at_least", forged)
    with pytest.raises(EngineConflict, match="separate checker accepts"):
        prove_inequality(Goal(Le(S(y), 1), ()))


def test_scope_and_detail() -> None:
    """The evidence says for which n, under which assumptions, and by how many certificates."""
    evidence = prove_inequality(Goal(Lt(S(y), 1), (Ge(n, 2),)))
    assert evidence.scope == "all n ≥ 2"
    assert evidence.detail.startswith("1 certificate, replayed by the checker")
    assert evidence.certificate is not None
    assert evidence.certificate["statement"] == "S_y < 1"
    assert evidence.certificate["assumptions"] == ["n ≥ 2"]


def test_a_certificate_that_is_too_large_is_no_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the checker does not read for its size proves nothing, and accuses nobody."""
    certificate = prove_inequality(Goal(Lt(S(i) + S(y), 1), (Ne(i, y), Ge(n, 3)))).certificate
    assert certificate is not None
    large = json.loads(json.dumps(certificate))
    large["parts"][0]["goal"]["polynomial"] = [["1", {}]] * (MONOMIALS + 1)
    report = check(large)
    assert report.too_large
    assert not report.accepted
    assert not check({**certificate, "parts": []}).too_large
    monkeypatch.setattr(prover, "check", lambda _: report)
    for evidence in (prove_inequality(Goal(Le(S(y), 1), ())), prove_defined(DIVIDED)):
        assert evidence.finding is Finding.DID_NOT_RUN
        assert "at most 20000 terms" in evidence.detail
