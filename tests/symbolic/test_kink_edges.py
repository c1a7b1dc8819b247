"""What vanishes at the kinks of a loss, by the variables that it is differentiated by."""

from __future__ import annotations

import pytest
from sympy import Abs, Expr, Max, Min, Piecewise, Rational

from gradproof.symbolic import S, class_sum, i, x, y, z
from gradproof.symbolic.kink_edges import kink_edges

OWN = class_sum(lambda j: Abs(z[j]))
SHARED = class_sum(lambda j: Abs(S(j) - Rational(1, 2)))

CASES: list[tuple[Expr, tuple[Expr, ...], set[Expr]]] = [
    (Abs(z[y]), (z[y],), {z[y]}),
    (Abs(z[y]), (z[i],), {z[y]}),
    (Abs(x[y]) * z[y], (z[y],), set()),
    (OWN, (z[y],), {z[y]}),
    (OWN * z[y], (z[y], z[i]), {z[y], z[i]}),
    (OWN * z[y], (z[i], z[i]), {z[i]}),
    (Max(0, 1 - z[y]), (z[y],), {1 - z[y]}),
    (Max(x[i], 1 - z[y], z[i]), (x[i],), {x[i] + z[y] - 1, x[i] - z[i]}),
    (Min(z[y], 0), (z[y],), {z[y]}),
    (Piecewise((0, z[y] < 1), (z[y] - 1, True)), (z[y],), {z[y] - 1}),
]


@pytest.mark.parametrize(("loss", "variables", "edges"), CASES)
def test_edges(loss: Expr, variables: tuple[Expr, ...], edges: set[Expr]) -> None:
    """Every variable counts, and of what each class has for itself only the variable's class."""
    found = list(kink_edges(loss, variables))
    assert {frozenset((e, -e)) for e in found} == {frozenset((e, -e)) for e in edges}
    assert len(found) == len(edges)


def test_what_every_class_moves_is_left_for_every_class() -> None:
    """The outputs of all classes depend on each logit, so that no class can be left out."""
    (edge,) = kink_edges(SHARED, (z[i],))
    assert not edge.has(i)
