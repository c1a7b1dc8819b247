"""Walks to a limit: certified values along the path contradict a wrong limit."""

from __future__ import annotations

from random import Random

import pytest
from sympy import Expr, log, oo

from gradproof.checks.limits.points import points_of, walk
from gradproof.symbolic import EngineConflict, S, exp, limit, scalar, y, z
from gradproof.symbolic.cases import cases_of
from gradproof.symbolic.limits import LimitTerm
from gradproof.symbolic.remaining import divisions

w = scalar("w")
SLOW = limit(1 / log(w), w, oo)
FAST = limit(S(y), z[y], oo)
GROWING = limit(exp(w) + z[y], w, oo)
BOUNDED = limit(w / (1 + w), w, oo)


def walked(term: LimitTerm, value: Expr) -> object:
    """Walk to a stated limit at one point with several classes."""
    division = divisions(next(iter(cases_of([term, z[y]]))))[-1]
    division.apply(z[y])
    (point,) = points_of(division, [term.body, w, z[y]], [], Random(3), 1)
    return walk(term, value, division, point)


@pytest.mark.parametrize(("term", "value"), [(SLOW, 0), (FAST, 1), (GROWING, oo), (BOUNDED, 1)])
def test_a_right_limit_is_walked_to(term: LimitTerm, value: Expr) -> None:
    """Slow and fast limits, and growth beyond every bound, pass."""
    assert walked(term, exp(0) * value) is not None


@pytest.mark.parametrize(
    ("term", "value"),
    [
        (SLOW, exp(-2)),
        (FAST, exp(-1)),
        (FAST, exp(0) * 2),
        (GROWING, -oo),
        (GROWING, exp(3)),
        (BOUNDED, oo),
        (BOUNDED, exp(0) * 0),
    ],
)
def test_a_wrong_limit_is_a_conflict(term: LimitTerm, value: Expr) -> None:
    """A value off by little, of the wrong sign, or infinite in place of finite is contradicted."""
    with pytest.raises(EngineConflict, match="agrees with the limit"):
        walked(term, value)
