"""The prover of limits in the number of bins: convergence and order of midpoint rules.

Guarantees: PROVES only if the expression is a polynomial in B and 1/B, linear in sums over bins of
functions shown to have a value on the whole interval; its expansion follows by the lemma of
`gradproof.symbolic.bin_sums`, every positive power of B vanishes by the normal form, the constant
term is the value stated by the normal form, and certified values of the statement itself approach
it at exact points.
REFUTES only with an exact point at which the derived limit is certified to differ from the value.
What it cannot see: kernels that are 0 somewhere, and the order of a rule for functions with kinks.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from time import perf_counter
from typing import Any

from sympy import Eq, Expr, Ge, Integer, Le, oo
from sympy.logic.boolalg import Boolean

from ..symbolic.bin_sums import SMOOTH_ORDER, Expansion, expansion, place, unit_integrals
from ..symbolic.calculus import evaluate_terms
from ..symbolic.class_sums import expand_softmax
from ..symbolic.domain import undischarged
from ..symbolic.errors import UnsupportedError
from ..symbolic.limits import LimitTerm
from ..symbolic.printing import to_text
from ..symbolic.vocabulary import bins
from .bin_points import approach, failing_point
from .goals import Goal, concrete, scope_of
from .identity import prove_identity
from .verdict import Counterexample, Evidence, Finding

METHOD = "expansion in bins"
LEMMA = {
    True: "midpoint, left and right sums of a function with three continuous derivatives",
    False: "midpoint, left and right sums of a continuous function",
}


def applies(goal: Goal) -> bool:
    """Tell whether a goal states the limit of an expression for many bins."""
    return _limit_and_value(goal) is not None


def prove_bins(goal: Goal, seed: int) -> Evidence:
    """Return what the expansion in the number of bins says of a goal; see `decide_bins`."""
    return decide_bins(goal, seed)[0]


def decide_bins(goal: Goal, seed: int) -> tuple[Evidence, Counterexample | None]:
    """Decide ``Eq(limit(body, bins, oo), value)`` for every number of classes.

    Parameters
    ----------
    goal
        The equation under its assumptions; the limit may be either side.
    seed
        Seed of the exact points.

    Raises
    ------
    EngineConflict
        If certified values stay away from the limit derived.
    """
    return _Prover(goal, seed).decide()


def _limit_and_value(goal: Goal) -> tuple[LimitTerm, Expr] | None:
    if not isinstance(goal.formula, Eq) or any(f.has(LimitTerm, bins) for f in goal.given):
        return None
    for term, value in (goal.formula.args, goal.formula.args[::-1]):
        if isinstance(term, LimitTerm) and (term.variable, term.target) == (bins, oo):
            plain = not term.body.has(LimitTerm) and not value.has(LimitTerm, bins, oo)
            return (term, value) if plain else None
    return None


@dataclass
class _Prover:
    goal: Goal
    seed: int

    def __post_init__(self) -> None:
        self._start = perf_counter()
        self._scope = scope_of([self.goal.formula], self.goal.given)

    def _found(self, finding: Finding, detail: str, data: Any = None) -> Evidence:
        return Evidence(METHOD, finding, self._scope, detail, data, perf_counter() - self._start)

    def decide(self) -> tuple[Evidence, Counterexample | None]:
        """Return the evidence, and a counterexample where there is one."""
        parts = _limit_and_value(self.goal)
        if parts is None:
            return self._found(Finding.DID_NOT_RUN, "The goal is no limit for many bins."), None
        term, value = parts
        try:
            series = expansion(term.body)
            value = unit_integrals(expand_softmax(evaluate_terms(value)))
            missing = self._undefined(series, value)
        except UnsupportedError as error:
            return self._found(Finding.DID_NOT_RUN, f"{error}."), None
        if missing:
            return self._found(Finding.NOTHING, f"{missing} was not shown everywhere."), None
        return self._compare(series, term, value)

    def _undefined(self, series: Expansion, value: Expr) -> str:
        """Return a condition for a value that was not shown, or nothing."""
        inside = [Ge(place, 0, evaluate=False), Le(place, 1, evaluate=False)]
        facts = list(self.goal.given)
        missing = undischarged(series.rest, facts) + undischarged(value, facts)
        for one in series.sums:
            missing += undischarged(one.function, [*facts, *inside])
        return to_text(missing[0].shown) if missing else ""

    def _compare(
        self, series: Expansion, term: LimitTerm, value: Expr
    ) -> tuple[Evidence, Counterexample | None]:
        for power in sorted((p for p in series.coefficients if p > 0), reverse=True):
            if not self._equal(series.coefficients[power], Integer(0)):
                return self._different(series, term, power, Integer(0))
        if not series.settles_limit:
            detail = "What the lemma leaves open of the expression need not go to 0."
            return self._found(Finding.NOTHING, detail), None
        limit = series.coefficients.get(0, Integer(0))
        if not self._equal(limit, value):
            return self._different(series, term, 0, value)
        met = approach(term.body, limit, self.goal.given, Random(self.seed))
        if not met:
            detail = "The limit was derived, but no point was met at which to check it."
            return self._found(Finding.NOTHING, detail), None
        detail = (
            "The limit follows from the expansion of the sums over the bins; certified values for "
            f"growing numbers of bins approach it at {len(met)} exact points."
        )
        return self._found(Finding.PROVES, detail, _certificate(series, met)), None

    def _equal(self, left: Expr, right: Expr) -> bool:
        formula = Eq(left, right, evaluate=False)
        return prove_identity(Goal(formula, self.goal.given)).proved

    def _different(
        self, series: Expansion, term: LimitTerm, power: int, value: Expr
    ) -> tuple[Evidence, Counterexample | None]:
        """Look for a point at which a coefficient is certified not to be what it should be."""
        formula: Boolean = Eq(series.coefficients.get(power, Integer(0)), value, evaluate=False)
        where = failing_point(concrete(Goal(formula, self.goal.given)), Random(self.seed))
        if where is None:
            detail = "The expansion was derived, but what is stated does not follow from it."
            return self._found(Finding.NOTHING, detail), None
        (_, own), (_, stated) = where.figures or (("", "another value"), ("", to_text(value)))
        grows = f"grows without bound, by the power {power} of B with the coefficient {own}"
        found = f"has the limit {own}, not {stated}," if power == 0 else grows
        detail = f"{to_text(term.body)} {found} at {where.point}."
        counterexample = Counterexample(where.point, to_text(self.goal.formula), where.figures)
        return self._found(Finding.REFUTES, detail), counterexample


def _certificate(series: Expansion, met: list[dict[str, str]]) -> dict[str, Any]:
    names = {Integer(1) / 2: "midpoints", Integer(1): "left ends", Integer(0): "right ends"}
    return {
        "lemma": LEMMA[all(one.order == SMOOTH_ORDER for one in series.sums)],
        "sums": [f"{to_text(one.function)} at {names[one.offset]}" for one in series.sums],
        "expansion": {f"B^{p}": to_text(c) for p, c in sorted(series.coefficients.items())},
        "values": met,
    }
