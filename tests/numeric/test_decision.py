from __future__ import annotations

from typing import Any

import pytest
from sympy import And, Equivalent, Function, Implies, Not, Or, Piecewise, cos, exp, log, sin
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne
from sympy.logic.boolalg import ITE, Xor

from gradproof.numeric import Point, decide
from gradproof.symbolic import (
    DeclarationError,
    K,
    S,
    UndefinedValueError,
    UnsupportedError,
    class_sum,
    i,
    p,
    relations,
    scalar,
    y,
    z,
)

t = scalar("t")
HIDDEN_ZERO = log(6) - log(2) - log(3)
EMPTY = Point({})
AT = Point({K: (0, 1), z: (0, 1), t: 2, y: 1, i: 2})
OPEN = Eq(HIDDEN_ZERO, 0)
LOG_OF_ZERO = Lt(log(K[1]), 0)


@pytest.mark.parametrize(
    ("statement", "truth"),
    [
        (t < 3, True),
        (t > 3, False),
        (t <= 2, True),
        (t >= 2, True),
        (Lt(t, 2), False),
        (Eq(t, 2), True),
        (Ne(t, 2), False),
        (Eq(exp(t), 7), False),
        (Ne(exp(t), 7), True),
        (Ge(exp(t), 7), True),
        (Eq(i, y), False),
        (Ne(i, y), True),
        (i > y, True),
    ],
    ids=str,
)
def test_relations_at_an_exact_point(statement: Any, truth: bool) -> None:
    """Each relation has its truth, also where both sides are exactly equal."""
    assert decide(statement, AT) is truth


def test_exact_sums_are_equal_exactly() -> None:
    """Thirds sum to 1 exactly; a ball would leave that open."""
    total = class_sum(lambda q: p[q])
    assert decide(Eq(total, 1), Point({p: ("1/3", "1/3", "1/3")})) is True
    assert decide(Eq(total, 1), Point({p: ("1/3", "1/3", "0.3333333333333333")})) is False


def test_balls_that_overlap_decide_nothing() -> None:
    """Equality of transcendental numbers is never read off two overlapping balls."""
    for relation in (Eq, Ne, Lt, Le, Gt, Ge):
        assert decide(relation(HIDDEN_ZERO, 0), EMPTY, max_bits=1024) is None


def test_a_difference_far_below_double_precision_is_decided() -> None:
    """Precision rises until the sign shows: 1 + e**-1000 > 1 needs 1443 bits."""
    above = cos(t) ** 2 + sin(t) ** 2 + exp(-500 * t)
    assert decide(above > 1, AT) is True
    assert decide(above > 1, AT, max_bits=256) is None


def test_the_hook_settles_exact_zeros() -> None:
    """Where a difference still holds 0 at 512 bits the hook may certify that it is 0."""
    asked: list[Any] = []

    def certify(expr: Any, point: Point) -> bool:
        asked.append((expr, point))
        return True

    assert decide(OPEN, EMPTY, exact_zero=certify) is True
    assert decide(HIDDEN_ZERO < 0, EMPTY, exact_zero=certify) is False
    assert decide(HIDDEN_ZERO <= 0, EMPTY, exact_zero=certify) is True
    assert len(asked) == 3


def test_the_hook_is_not_asked_without_need() -> None:
    """A difference that is decided, or precision below 512 bits, does not ask the hook."""

    def refuse(*asked: Any) -> bool:
        raise AssertionError(asked)

    assert decide(exp(t) > 7, AT, exact_zero=refuse) is True
    assert decide(OPEN, EMPTY, max_bits=256, exact_zero=refuse) is None


@pytest.mark.parametrize("answer", [None, False])
def test_a_hook_that_does_not_know_settles_nothing(answer: bool | None) -> None:
    """Only True is a certificate; a denial is not taken for a difference."""
    assert decide(OPEN, EMPTY, max_bits=1024, exact_zero=lambda *_: answer) is None


T, F, U = Lt(t, 3), Gt(t, 3), OPEN


@pytest.mark.parametrize(
    ("statement", "truth"),
    [
        (And(T, U), None),
        (And(F, U), False),
        (Or(T, U), True),
        (Or(F, U), None),
        (Not(U), None),
        (Implies(F, U), True),
        (Implies(U, T), True),
        (Implies(U, F), None),
        (Implies(T, F), False),
        (Equivalent(T, U), None),
        (Equivalent(T, F), False),
        (Equivalent(T, F, U), False),
        (Xor(T, F), True),
        (Xor(T, U), None),
        (ITE(U, T, T), True),
        (ITE(U, T, F), None),
        (ITE(F, T, F), False),
        (And(), True),
        (Or(), False),
    ],
    ids=str,
)
def test_kleenes_tables(statement: Any, truth: bool | None) -> None:
    """What the decided operands settle is settled; the rest stays open."""
    assert decide(statement, AT, max_bits=256) is truth


@pytest.mark.parametrize(
    "statement",
    [
        LOG_OF_ZERO,
        Not(LOG_OF_ZERO),
        And(T, LOG_OF_ZERO),
        Or(F, LOG_OF_ZERO),
        Implies(T, LOG_OF_ZERO),
        Equivalent(T, LOG_OF_ZERO),
        relations.Eq(1 / K[1], 1 / K[1]),
    ],
    ids=str,
)
def test_an_undefined_side_is_an_error(statement: Any) -> None:
    """A statement about a value that does not exist has no truth, also if both sides cancel."""
    with pytest.raises(UndefinedValueError, match=r"K\[1\] at n = 2"):
        decide(statement, AT)


@pytest.mark.parametrize(
    ("statement", "truth"),
    [
        (And(F, LOG_OF_ZERO), False),
        (Or(T, LOG_OF_ZERO), True),
        (Implies(K[1] > 0, LOG_OF_ZERO), True),
        (Implies(LOG_OF_ZERO, T), True),
    ],
    ids=str,
)
def test_a_decided_operand_spares_an_undefined_one(statement: Any, truth: bool) -> None:
    """An assumption that is false, or an operand that settles the whole, comes first."""
    assert decide(statement, AT) is truth


def test_an_open_operand_may_yet_spare_an_undefined_one() -> None:
    """If one operand is open and another undefined, the statement is open."""
    assert decide(And(U, LOG_OF_ZERO), AT, max_bits=256) is None


def test_nan_decides_nothing() -> None:
    """A log whose argument touches 0 at 64 bits is open there, not False."""
    touching = log(cos(t) ** 2 + sin(t) ** 2 + exp(-500 * t) - 1)
    assert decide(touching < 0, AT, max_bits=64) is None
    assert decide(touching < 0, AT) is True


@pytest.mark.parametrize("gap", [10, 10**4])
def test_the_sign_of_a_saturated_softmax(gap: int) -> None:
    """S_y - 1 < 0 at a gap of 10**4 is decided at once, where subtraction needs 14000 bits."""
    point = Point({z: (gap, 0, 0), y: 1})
    assert decide(S(y) - 1 < 0, point, max_bits=64) is True
    assert decide(S(y) < 1, point, max_bits=64) is True
    assert decide(S(y) >= 1, point, max_bits=64) is False
    assert decide(1 - S(y) > 0, point, max_bits=64) is True


def test_subtraction_would_leave_the_sign_open() -> None:
    """The wrong twin: the same difference by way of a product is not decided at 4096 bits."""
    point = Point({z: (10**4, 0, 0), y: 1, t: 1})
    blurred = cos(t) ** 2 + sin(t) ** 2
    assert decide(S(y) - blurred < 0, point) is None


def test_a_tie_of_branches_is_undecided() -> None:
    """A piecewise side whose branch is never decided leaves the statement open."""
    assert decide(Eq(Piecewise((1, HIDDEN_ZERO < 0), (2, True)), 2), EMPTY, max_bits=256) is None


def test_statements_of_other_kinds_are_refused() -> None:
    """What is neither a relation nor a connective is not judged."""
    with pytest.raises(UnsupportedError, match="relations joined by"):
        decide(Function("f")(t), AT)
    with pytest.raises(DeclarationError, match="no value for t"):
        decide(t < 3, EMPTY)
