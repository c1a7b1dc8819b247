"""Class sums split at the named classes: the same value, whichever way it is written."""

from __future__ import annotations

from random import Random

import pytest
from sympy import Expr, exp

from gradproof.checks.limits.points import divided_point, points_of
from gradproof.numeric import evaluate
from gradproof.symbolic import Max, S, class_sum, delta, i, log, losses, n, p, y, z
from gradproof.symbolic.cases import cases_of
from gradproof.symbolic.errors import UnsupportedError
from gradproof.symbolic.relations import Eq, Ge
from gradproof.symbolic.remaining import divisions, finer
from gradproof.symbolic.remaining_facts import facts_of
from gradproof.symbolic.vocabulary import family, scalar

EXPRESSIONS = [
    losses.softmax_cross_entropy.gradient(i),
    losses.quadratic.gradient(i),
    (n - 1) * class_sum(lambda j: z[j] / (n + 1)) - n**2 / (2 * n - 1),
    class_sum(lambda j: log(1 + exp(z[j])), but=(y,)) * z[i],
    class_sum(lambda j: class_sum(lambda k: delta(j, k) * p[j] + p[k] * z[j] * delta(k, y))),
    class_sum(lambda j: (S(j) - delta(j, y)) ** 2),
]


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=range(len(EXPRESSIONS)))
def test_splitting_keeps_the_value(expr: Expr) -> None:
    """In every case, split and put back, an expression has the value it had."""
    stated = expr + 0 * z[y] + S(y)
    count = 0
    for case in cases_of([stated], [Ge(n, 2)]):
        for division in [part for d in divisions(case) for part in (d, *finer(d))]:
            divided = division.apply(stated)
            for point in points_of(division, [stated, p[y]], [Ge(n, 2)], Random(1), 3):
                value = evaluate(stated, point, 200)
                assert value.overlaps(evaluate(divided, divided_point(division, point), 200))
                if all(name in point for name in division.named):
                    assert value.overlaps(evaluate(division.restore(divided), point, 200))
                count += 1
    assert count >= 6


def test_divisions_leave_no_number_of_classes_out() -> None:
    """All classes are named, or some remain; with n >= 4 and two names at least two remain."""
    (case,) = (c for c in cases_of([z[i] + z[y]], [Ge(n, 2)]) if len(c.classes[n]) == 2)
    assert [d.least for d in divisions(case)] == [0, 1]
    (case,) = (c for c in cases_of([z[i] + z[y]], [Ge(n, 4)]) if len(c.classes[n]) == 2)
    assert [d.least for d in divisions(case)] == [2]
    assert [(len(d.named), d.least) for d in finer(divisions(case)[0])] == []


def test_a_vanishing_sum_of_excesses_bounds_every_class() -> None:
    """That no class exceeds gives a bound for each named and for each remaining class."""
    g = scalar("g", positive=True)
    fact = Eq(class_sum(lambda j: Max(0, z[j] - z[y] + g), but=(y,)), 0)
    (case,) = cases_of([z[y]], [fact])
    division = divisions(case)[-1]
    facts, bounds = facts_of(division, [fact], [i])
    assert len(bounds) == 1
    assert bounds[0][0].has(z[i])
    assert len(facts) == 1


def test_families_of_two_indices_are_refused() -> None:
    """A family with two indices is not split."""
    w = family("w").func(family("w").label, shape=(n, n), real=True)
    (division, *_) = divisions(next(iter(cases_of([z[y]], []))))
    with pytest.raises(UnsupportedError, match="one index"):
        division.apply(w[y, y])
