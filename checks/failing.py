"""What is certified at one point: that a goal fails there, or that it has no value there.

Guarantees: a failure rests on balls that exclude the statement, at a point that satisfies every
assumption and at which every derivative in it exists; `certify` re-evaluates it from its printed
form, and mpmath agrees with the balls.
"""

from __future__ import annotations

from collections.abc import Collection

from mpmath import mp, mpf
from sympy import Expr, Implies
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from ..numeric import decide, enclose, evaluate
from ..numeric.point import Point
from ..symbolic.domain import conditions
from ..symbolic.errors import (
    EngineConflict,
    GradproofError,
    PrecisionError,
    UndefinedValueError,
    UnsupportedError,
)
from ..symbolic.printing import to_text
from .exact import exact_zero
from .explicit import agrees
from .goals import Goal, admits, instances, ties_matter
from .kink_sides import sides_at, sides_in_words, undefined_form
from .smoothness import Smoothness, smoothness
from .verdict import Counterexample

QUICK_BITS = 192
FULL_BITS = 8192
UNCONFIRMED = " Explicit classes in mpmath were not able to confirm it."


def fails_at(goal: Goal, point: Point, max_bits: int = QUICK_BITS) -> bool:
    """Tell whether the goal is certified to fail at a point of its domain.

    Where it is not known whether a loss has a derivative there, nothing is certified.

    Raises
    ------
    UndefinedValueError
        If it has no value there: a part is undefined, or a loss has no derivative.
    """
    if not admits(goal.given, point):
        return False
    hook = exact_zero if ties_matter(goal.formula) else None
    bits = max(max_bits, 1024) if hook else max_bits
    fails = decide(goal.formula, point, max_bits=bits, exact_zero=hook) is False
    return fails and differentiable(goal.formula, point)


def differentiable(formula: Boolean, point: Point) -> bool:
    """Tell whether every derivative in `formula` exists at a point; balls give one at a kink too.

    Raises
    ------
    UndefinedValueError
        If one certainly does not exist.
    """
    state = smoothness(formula, point)
    if state is Smoothness.KINK:
        where = broken_condition(formula, point, ("kink",))
        raise UndefinedValueError(
            "a loss has a derivative", found=f"{where} at {point}", remedy="leave the kink out"
        )
    return state is Smoothness.SMOOTH


def certify(goal: Goal, point: Point, digits: int) -> tuple[Counterexample, str]:
    """Re-evaluate a counterexample from its printed form and return it with certified figures.

    The text returned says so where explicit classes could not be asked to confirm it.

    Raises
    ------
    EngineConflict
        If the point does not refute the goal when read back, or explicit classes disagree.
    """
    again = Point.from_json(point.to_json(), list(point))
    if not fails_at(goal, again, FULL_BITS):
        raise EngineConflict(
            "a counterexample fails again when it is read from its printed form",
            found=str(point),
            remedy="report this: the search or the printing of points is wrong",
        )
    parts = _relations(goal.formula)
    failing = next((r for r in parts if fails_at(Goal(r, ()), again, FULL_BITS)), None)
    shown = failing if failing is not None else goal.formula
    alone = "" if confirm_by_explicit_classes(shown, again) else UNCONFIRMED
    return Counterexample(again, to_text(shown), figures_at(shown, again, digits)), alone


def _relations(formula: Boolean) -> list[Relational]:
    if isinstance(formula, Relational):
        return [formula]
    if isinstance(formula, Implies):
        return _relations(formula.args[1])
    return []


def figures_at(formula: Boolean, point: Point, digits: int) -> tuple[tuple[str, str], ...]:
    """Return the certified values of the two sides of a relation."""
    if not isinstance(formula, Relational):
        return ()
    found = []
    for name, side in (("left side", formula.lhs), ("right side", formula.rhs)):
        try:
            found.append((name, enclose(side, point, digits=digits).text(digits)))
        except PrecisionError:
            zero = exact_zero(side, point) is True
            found.append((name, "0" if zero else "0 as far as certified"))
    return tuple(found)


def confirm_by_explicit_classes(formula: Boolean, point: Point) -> bool:
    """Check both sides by explicit classes, SymPy's plain derivative and mpmath's numbers.

    Returns False where that cannot be done: for what is no relation, or not supported there.

    Raises
    ------
    EngineConflict
        If the two evaluations of a side differ.
    """
    if not isinstance(formula, Relational):
        return False
    for side in formula.args:

        def middle(side: Expr = side) -> mpf:
            return mpf(evaluate(side, point, mp.prec).mid().str(mp.dps, radius=False))

        try:
            agree, (expected, found) = agrees(point, (side,), middle)
        except (UnsupportedError, UndefinedValueError):  # a root of what rounds below 0
            return False
        if not agree:
            raise EngineConflict(
                "explicit classes agree with certified balls",
                found=f"{expected} against {found} for {to_text(side)} at {point}",
                remedy="report this: one of the two evaluations is wrong",
            )
    return True


def has_no_value(goal: Goal, point: Point) -> bool:
    """Tell whether a statement certainly has no value at a point of its domain."""
    return bool(_why_undefined(goal, point))


def undefined_at(goal: Goal, point: Point) -> Counterexample:
    """Return the point at which a statement has no value, and what is undefined there."""
    what = _why_undefined(goal, point)
    if not what:
        raise EngineConflict(
            "an undefined point is undefined again when it is re-evaluated",
            found=str(point),
            remedy="report this: the search is wrong",
        )
    form, sides = undefined_form(goal.formula, point), sides_at(goal.formula, point)
    return Counterexample(point, what + (f" ({form})" if form else sides_in_words(sides)), sides)


def _why_undefined(goal: Goal, point: Point) -> str:
    """Return in words why a statement has no value at a point of its domain, or nothing.

    Balls may give a value where a part has none, such as 0 for what is multiplied by 0; of
    relations that are joined, one without a value may not matter.
    """
    if not admits(goal.given, point):
        return ""
    where = broken_condition(goal.formula, point, _PLAIN)
    if where and isinstance(goal.formula, Relational):
        return where
    try:
        fails_at(goal, point)
        differentiable(goal.formula, point)
    except UndefinedValueError as error:
        where = where or broken_condition(goal.formula, point)
        return where or f"{error.invariant}: {error.found}"
    return ""


def broken_condition(formula: Boolean, point: Point, reasons: Collection[str] = ()) -> str:
    """Return in words a condition of definedness that fails at a point, or nothing.

    At a kink the condition fails although the branches may have the same derivative.
    """
    for condition in conditions(formula):
        if reasons and condition.reason not in reasons:
            continue
        for place in instances([Goal(condition.shown, ())], point):
            try:
                holds = decide(condition.shown, place, max_bits=1024, exact_zero=exact_zero)
            except GradproofError:
                continue
            if holds is False:
                return f"{_NEEDS[condition.reason]} {to_text(condition.shown)}, which fails there"
    return ""


_NEEDS = {
    "logarithm": "a logarithm needs",
    "division": "a division needs",
    "root": "a root needs",
    "power": "a power needs",
    "kink": "a derivative needs",
}
_PLAIN = frozenset(_NEEDS) - {"kink"}
