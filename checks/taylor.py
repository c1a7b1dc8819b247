"""Derivatives in a statement about one point, against Taylor series of the loss alone.

Guarantees: CONFIRMS only if, for every derivative named and every class it stands for, the ball of
the derivative taken symbolically and that of a Taylor series put through the loss overlap and are
narrow; balls that are apart are an `EngineConflict`.
What it cannot see: derivatives inside class sums, and derivatives of more than the second order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import perf_counter

from flint import arb
from sympy import Expr, Integer

from ..numeric import evaluate
from ..numeric.enclosure import Enclosure
from ..numeric.oracle import derivative
from ..numeric.point import Point
from ..symbolic.calculus import LossTerm
from ..symbolic.class_sums import bound_indices
from ..symbolic.errors import EngineConflict, GradproofError
from ..symbolic.printing import to_text
from .goals import Goal, instances
from .verdict import Evidence, Finding

METHOD = "Taylor arithmetic on the loss alone"
SCOPE = "this instance"
BITS = 128
DIGITS = 20
NARROW = arb(10) ** -20
"""How wide a ball may be, relative to 1 and its value."""


def confirm_derivatives(goals: list[Goal], at: Point) -> tuple[Evidence, ...]:
    """Return the evidence of Taylor series for the derivatives in `goals` at a point.

    Nothing is returned where no derivative is named.

    Raises
    ------
    EngineConflict
        If a derivative and its Taylor series are certainly different.
    """
    terms = list(dict.fromkeys(_derivatives(goals)))
    if not terms:
        return ()
    start = perf_counter()
    try:
        values = [one for term in terms for one in _values(term, goals, at)]
    except EngineConflict:
        raise
    except GradproofError as error:
        return (_evidence(Finding.DID_NOT_RUN, f"{str(error).rstrip('.')}.", start),)
    detail = f"Taylor series give {'; '.join(values)}, as the derivative taken symbolically does."
    return (_evidence(Finding.CONFIRMS, detail, start),)


def _evidence(finding: Finding, detail: str, start: float) -> Evidence:
    return Evidence(METHOD, finding, SCOPE, detail, None, perf_counter() - start)


def _derivatives(goals: Iterable[Goal]) -> Iterator[LossTerm]:
    for goal in goals:
        for term in sorted(goal.formula.atoms(LossTerm), key=str):
            if term.variables and not bound_indices(term):
                yield term


def _values(term: LossTerm, goals: list[Goal], at: Point) -> Iterator[str]:
    """Yield the value of a derivative at each point that `at` stands for."""
    seen: set[str] = set()
    for point in instances(goals, at):
        alone = derivative(term.value, point, *term.variables, bits=BITS)
        symbolic = evaluate(term, point, BITS)
        _compare(term, alone, symbolic, point)
        named = term.xreplace(dict(_classes(term, point)))
        text = f"{to_text(named)} = {Enclosure.of(alone).text(DIGITS)}"
        if text not in seen:
            seen.add(text)
            yield text


def _classes(term: LossTerm, point: Point) -> Iterator[tuple[Expr, Integer]]:
    for variable in term.variables:
        for place in getattr(variable, "indices", ()):
            if place in point:
                yield place, Integer(int(point[place]))


def _compare(term: LossTerm, alone: arb, symbolic: arb, point: Point) -> None:
    if not alone.overlaps(symbolic) and symbolic.is_finite():
        raise EngineConflict(
            f"a Taylor series of the loss gives the derivative {to_text(term)}",
            found=f"{alone} against {symbolic} at {point}",
            remedy="report this: differentiation or evaluation is wrong",
        )
    for ball in (alone, symbolic):
        if not (ball.is_finite() and bool(ball.rad() < NARROW * (1 + abs(ball)))):
            raise GradproofError(
                "balls are compared where they are narrow",
                found=f"{ball} for {to_text(term)}",
                remedy="choose a point where the loss is easier to evaluate",
            )
