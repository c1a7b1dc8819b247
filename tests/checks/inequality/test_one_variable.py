"""Statements that depend on one number: which are seen as such, and over which range."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Basic, Expr, Interval, Rational, oo, sqrt

from gradproof.checks.inequality import one_variable
from gradproof.checks.inequality.one_variable import prove, range_of
from gradproof.checks.inequality.scene import scene_of
from gradproof.checks.inequality.work import Work
from gradproof.symbolic import Eq, Ge, Gt, Le, Lt, S, class_sum, exp, log, n, y, z
from gradproof.symbolic.cases import cases_of
from gradproof.symbolic.normal_form import prepare
from gradproof.symbolic.vocabulary import K, scalar

T = scalar("T", positive=True)
c = scalar("c")
a = scalar("a", nonnegative=True)
TOTAL = class_sum(lambda j: exp(z[j]))
MORE = Ge(n, 2)


def prove_one(expr: Expr, *given: Basic, strict: bool = False) -> list[Any] | None:
    """Return the certificate of the only case."""
    (case,) = cases_of([prepare(expr), *given], given)
    scene = scene_of(case, given, Work())
    return prove(scene, scene.of(prepare(expr)), strict=strict)


TRUE: list[tuple[Expr, list[Basic], bool]] = [
    (-log(S(y)) - (1 - S(y)), [], False),
    (-log(S(y)) - (1 - S(y)), [MORE], True),
    (exp(-1) + S(y) * log(S(y)), [], False),
    (log(TOTAL) - z[y], [MORE], True),
    (T - 1 - log(T), [], False),
    (exp(c) - 1 - c, [], False),
    (exp(-1) - a * exp(-a), [], False),
    (log(T), [Ge(T, 1)], False),
    (log(T), [Gt(T, 1)], True),
]

FALSE: list[tuple[Expr, list[Basic], bool]] = [
    (-log(S(y)) - (1 - S(y)), [], True),
    (-log(S(y)) - Rational(101, 100) * (1 - S(y)), [], False),
    (exp(-1) * Rational(99, 100) + S(y) * log(S(y)), [MORE], False),
    (log(TOTAL) - z[y], [], True),
    (T - 1 - log(T), [], True),
    (T - Rational(99, 100) - log(T) - Rational(1, 50), [], False),
    (log(T), [Gt(T, Rational(99, 100))], False),
    (log(T), [Ge(T, 1)], True),
    (log(TOTAL) + z[y], [MORE], False),
    (log(1 + exp(z[y])) - z[y] - TOTAL, [], False),
]


@pytest.mark.parametrize(("expr", "given", "strict"), TRUE)
def test_true_statements(expr: Expr, given: list[Basic], strict: bool) -> None:
    """Logarithmic bounds on one probability or one scalar have certificates."""
    found = prove_one(expr, *given, strict=strict)
    assert found
    assert {part["rule"] for part in found} == {"one variable"}


@pytest.mark.parametrize(("expr", "given", "strict"), FALSE)
def test_false_twins(expr: Expr, given: list[Basic], strict: bool) -> None:
    """Sharp constants moved by a hundredth, strict signs at the ends, and more than one number."""
    assert not prove_one(expr, *given, strict=strict)


@pytest.mark.parametrize(
    ("symbol", "facts", "expected"),
    [
        (c, [], Interval(-oo, oo)),
        (T, [], Interval.open(0, oo)),
        (a, [], Interval(0, oo)),
        (T, [Le(T, 2)], Interval(0, 2, True, False)),
        (T, [Lt(T, 2), Ge(T, 1)], Interval(1, 2, False, True)),
        (c, [Gt(0, c)], Interval.open(-oo, 0)),
        (c, [Ge(2 * c, 0), Le(c, K[y]), Le(c, sqrt(2))], Interval(-oo, oo)),
        (c, [Eq(c, 1)], Interval(-oo, oo)),
        (c, [Lt(c, 0), Gt(c, 1)], Interval(-oo, oo)),
    ],
)
def test_ranges(symbol: Any, facts: list[Basic], expected: Interval) -> None:
    """Rational bounds count; a single number, none at all, or other facts leave the whole line."""
    assert range_of(symbol, facts) == expected


def test_one_class_has_probability_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The range of S_y is closed at 1 exactly if there may be a single class."""
    seen: list[Interval] = []

    def watch(_expr: Expr, _variable: Any, domain: Interval, *_: Any) -> None:
        seen.append(domain)

    monkeypatch.setattr(one_variable, "prove_univariate", watch)
    prove_one(-log(S(y)))
    prove_one(-log(S(y)), MORE)
    assert seen == [Interval(0, 1, True, False), Interval.open(0, 1)]


def test_what_a_shift_changes_is_no_statement_on_a_probability() -> None:
    """z_y - log(sum) is invariant, z_y + log(sum) is not."""
    assert prove_one(log(TOTAL) - z[y]) is not None
    assert prove_one(log(TOTAL) + z[y] + 10**6) is None
