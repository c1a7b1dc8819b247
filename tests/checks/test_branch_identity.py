"""Equations with branches: proved in every way the branches can lie, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Abs, Eq as SymPyEq, Heaviside, Max, Min, Piecewise, Rational, sign

from gradproof.checks import branch_identity as module
from gradproof.checks.branch_identity import applies, prove_by_branches
from gradproof.checks.engine import prove
from gradproof.checks.goals import Goal
from gradproof.checks.verdict import Finding, Outcome
from gradproof.symbolic import (
    EngineConflict,
    Eq,
    Gt,
    Loss,
    Lt,
    Ne,
    S,
    class_sum,
    delta,
    i,
    losses,
    scalar,
    x,
    y,
    z,
)

c = scalar("c", positive=True)
HINGE = Loss("H", Max(0, 1 - z[y]))
SQUARED = Loss("SH", Max(0, 1 - z[y]) ** 2)
HUBER = Loss("HUB", Piecewise((z[y] ** 2 / 2, Abs(z[y]) <= 1), (Abs(z[y]) - Rational(1, 2), True)))
WIDE = Loss("HUBc", Piecewise((z[y] ** 2 / 2, Abs(z[y]) <= c), (c * Abs(z[y]) - c**2 / 2, True)))
RAMP = Loss("R", class_sum(lambda j: Max(0, z[j]) ** 2) / 2)
JUMP = Loss("J", Piecewise((0, z[y] < 0), (z[y] + 1, True)))
POINT = Loss("P", Piecewise((5, SymPyEq(z[y], 0)), (z[y] ** 2, True)))
SLOPE = Loss("F", Piecewise((5 * z[y], SymPyEq(z[y], 0)), (0, True)))
STEPS = Loss("T", Heaviside(z[y]) * Heaviside(-z[y]) + z[y] ** 2)

TRUE: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "squared hinge": (Eq(SQUARED.gradient(y), -2 * Max(0, 1 - z[y])), ()),
    "Huber": (Eq(HUBER.gradient(y), Max(-1, Min(1, z[y]))), ()),
    "Huber, any width": (Eq(WIDE.gradient(y), Max(-c, Min(c, z[y]))), ()),
    "a modulus times its argument": (
        Eq(Loss("A", Abs(z[y]) * z[y]).gradient(y), 2 * Abs(z[y])),
        (),
    ),
    "in a sum": (Eq(RAMP.gradient(i), Max(0, z[i])), ()),
    "cubes in a sum": (
        Eq(Loss("C", class_sum(lambda j: Abs(z[j]) ** 3)).gradient(i), 3 * z[i] * Abs(z[i])),
        (),
    ),
    "two ramps": (Eq(Loss("RR", Max(0, z[y]) - Max(0, -z[y])).gradient(y), 1), ()),
    "away from the kink": (Eq(HINGE.gradient(y), -1), (Lt(z[y], 1),)),
    "without a loss": (Eq(Max(x[i], 0) - Max(-x[i], 0), x[i]), ()),
    "clip": (Eq(Max(0, Min(1, x[i])), Min(1, Max(0, x[i]))), ()),
}

FALSE: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "hinge": (Eq(HINGE.gradient(y), -(1 + sign(1 - z[y])) / 2), ()),
    "squared hinge, factor": (Eq(SQUARED.gradient(y), -Max(0, 1 - z[y])), ()),
    "squared hinge, side": (Eq(SQUARED.gradient(y), -2 * Max(0, z[y] - 1)), ()),
    "Huber, width": (Eq(HUBER.gradient(y), Max(-2, Min(2, z[y]))), ()),
    "Huber, broken": (
        Eq(
            Loss("HB", Piecewise((z[y] ** 2, Abs(z[y]) <= 1), (2 * Abs(z[y]), True))).gradient(y),
            2 * Max(-1, Min(1, z[y])),
        ),
        (),
    ),
    "a jump": (Eq(JUMP.gradient(y), (1 + sign(z[y])) / 2), ()),
    "a value of its own": (Eq(POINT.gradient(y), 2 * z[y]), ()),
    "another class": (Eq(RAMP.gradient(i), Max(0, z[y])), ()),
    "only beside 0": (Eq(Abs(sign(x[i])), 1), ()),
}

OWN = Piecewise((5 * z[y], SymPyEq(z[y] * z[i], 0)), (0, True))
APART: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "a slope of its own": (Eq(SLOPE.gradient(y), Piecewise((5, SymPyEq(z[y], 0)), (0, True))), ()),
    "only where another is 0": (
        Eq(Loss("O", OWN + z[y] * Abs(z[y])).gradient(y), 5),
        (Eq(z[y], 0),),
    ),
    "a product of steps": (Eq(STEPS.gradient(y), 2 * z[y]), ()),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_true_equation_is_proved(name: str) -> None:
    """By itself and by the engine, which replays the proof at the kinks too."""
    statement, given = TRUE[name]
    evidence = prove_by_branches(Goal(statement, given))
    assert evidence.finding is Finding.PROVES, evidence.detail
    assert evidence.certificate
    assert prove(statement, given).outcome is Outcome.PROVED


@pytest.mark.parametrize("name", FALSE)
def test_a_false_equation_is_not_proved(name: str) -> None:
    """What fails, or has no value, in one way that the branches can lie is never proved."""
    statement, given = FALSE[name]
    assert prove_by_branches(Goal(statement, given)).finding is not Finding.PROVES
    assert prove(statement, given).outcome in (Outcome.REFUTED, Outcome.UNDEFINED)


@pytest.mark.parametrize("name", APART)
def test_a_branch_at_one_point_alone_is_no_slope(name: str) -> None:
    """A formula in force only where branches meet does not say what the derivative is there."""
    statement, given = APART[name]
    assert prove_by_branches(Goal(statement, given)).finding is not Finding.PROVES


def test_contradictory_assumptions_prove_nothing() -> None:
    """Where no way is left in which the branches can lie, there is no proof."""
    goal = Goal(Eq(Abs(x[i]), 7), (Gt(x[i], 1), Lt(x[i], 0)))
    assert prove_by_branches(goal).finding is Finding.NOTHING


@pytest.mark.parametrize(
    "statement",
    [
        Eq(
            Loss("L1", class_sum(lambda j: Abs(S(j) - delta(j, y)))).gradient(i),
            2 * S(y) * (S(i) - delta(i, y)),
        ),
        Eq(HUBER.hessian(y, y), 1),
        Eq(Max(x[1], x[2], x[3]), x[1]),
    ],
)
def test_what_is_beyond_the_method_did_not_run(statement: Any) -> None:
    """Differences of all classes at once, second derivatives, and maxima of three."""
    evidence = prove_by_branches(Goal(statement, ()))
    assert evidence.finding is Finding.DID_NOT_RUN
    assert evidence.detail == "Its branches are not of single classes."


def test_only_equations_with_branches_are_concerned() -> None:
    """Plain losses and inequalities are left to others."""
    plain = losses.softmax_cross_entropy.gradient(i)
    assert not applies(Goal(Eq(plain, S(i) - delta(i, y)), ()))
    assert not applies(Goal(Ne(Abs(x[i]), 1), ()))
    assert applies(Goal(SymPyEq(Abs(x[i]), 1), ()))


def test_a_proof_that_forgets_the_kink_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The replay meets the kink that a broken proof passes over."""
    monkeypatch.setattr(module, "_is_smooth", lambda *_: True)
    with pytest.raises(EngineConflict, match="derivative from both sides"):
        prove(Eq(Loss("A", Abs(z[y])).gradient(y), sign(z[y])))
