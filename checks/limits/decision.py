"""A goal about limits, case by case: the derived limits and whether the relation holds for them.

Guarantees: the cases are exhaustive; `holds` says that the relation is shown at every point of a
case, in exact arithmetic.
What it cannot see: why a case that has a problem has it; the problem is kept as a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

from sympy import Basic, Dummy, Eq, Expr, Ge, Gt, Le, Lt, Ne, Symbol, oo
from sympy.core.relational import Relational

from ...numeric import decide, evaluate
from ...numeric.point import Point
from ...symbolic.cases import cases_of
from ...symbolic.domain import Condition, undischarged
from ...symbolic.errors import EngineConflict, GradproofError
from ...symbolic.growth import Effort, NoValueError, UnresolvedError
from ...symbolic.limits import LimitTerm
from ...symbolic.printing import to_text
from ...symbolic.remaining import Division, divisions, finer
from ...symbolic.vocabulary import is_class, n
from ..goals import Goal
from ..identity import prove_identity
from ..inequality.prover import prove_inequality
from ..verdict import Finding
from .path import Found, Path
from .points import Walk, concrete_kernel, divided_point

_BITS = 256

SHOWN_BY = {
    Eq: ("==0",),
    Le: ("<0", "<=0", "==0"),
    Lt: ("<0",),
    Ge: (">0", ">=0", "==0"),
    Gt: (">0",),
    Ne: ("<0", ">0"),
}
"""The signs of left minus right that show a relation."""


@dataclass(frozen=True)
class Decided:
    """What was found in one case.

    Attributes
    ----------
    division
        The case.
    limits
        The derived limits.
    sides
        The sides of the relation with the limits put in, divided.
    holds
        Whether the relation is shown to hold everywhere in the case.
    problem
        Why the case is not decided, or nothing.
    without_value
        Whether the problem is that an expression is shown to have no value on its way.
    walks
        The points at which the limits were compared with certified values.
    """

    division: Division
    limits: dict[LimitTerm, Found] = field(default_factory=dict)
    sides: tuple[Expr, Expr] = (oo, oo)
    holds: bool = False
    problem: str = ""
    without_value: bool = False
    walks: list[Walk] = field(default_factory=list)


def limits_in(goal: Goal) -> list[LimitTerm]:
    """Return the limits in a goal, in a fixed order."""
    return sorted(goal.formula.atoms(LimitTerm), key=str)


def parts_of(goal: Goal) -> list[Basic]:
    """Return the expressions of a goal, those inside its limits among them."""
    found: list[Basic] = []
    for term in limits_in(goal):
        found += [term.body, term.variable]
        found += [] if term.target in (oo, -oo) else [term.target]
    return found + _outside(goal)


def _outside(goal: Goal) -> list[Basic]:
    """Return the sides with a stand-in for each limit."""
    stand_ins = {term: Dummy(real=True) for term in limits_in(goal)}
    sides = (side.xreplace(stand_ins) for side in goal.formula.args if side not in (oo, -oo))
    return [side for side in sides if side not in stand_ins.values()]


def decide_cases(goal: Goal, effort: Effort) -> Iterator[Decided]:
    """Decide a goal in every case of coinciding, named and further classes.

    Raises
    ------
    UnsupportedError
        If the goal holds something that the calculus of growth does not know.
    """
    for side in _outside(goal):
        missing = [c for c in undischarged(side, goal.given) if not _is_certified(c, goal)]
        if missing:
            raise UnresolvedError(
                "the value that a limit is compared with is defined",
                found=f"{to_text(missing[0].shown)}, which was not shown everywhere",
                remedy="add it to the assumptions",
            )
    for case in cases_of(parts_of(goal), goal.given):
        for division in divisions(case):
            if _is_empty(division, goal.given):
                continue
            decided = _attempt(goal, division, effort)
            derived = decided.limits or decided.without_value
            parts = finer(division) if decided.problem and not derived else []
            yield from (_attempt(goal, part, effort) for part in parts) if parts else [decided]


def _is_certified(condition: Condition, goal: Goal) -> bool:
    """Tell whether a condition follows from the assumptions by certificates of signs."""
    try:
        proof = prove_inequality(Goal(condition.shown, goal.given))
    except GradproofError:
        return False
    return proof.finding is Finding.PROVES


def _is_empty(division: Division, given: Iterable[Basic]) -> bool:
    """Tell whether an assumption is plainly false in a case, such as z_y > z_y."""
    facts = (division.apply_to(fact) for fact in given)
    return any(isinstance(f, (Gt, Lt, Ne)) and f.lhs - f.rhs == 0 for f in facts)


def _attempt(goal: Goal, division: Division, effort: Effort) -> Decided:
    try:
        return _decide(goal, division, effort)
    except NoValueError as error:
        return Decided(division, problem=f"{error}.", without_value=True)
    except UnresolvedError as error:
        return Decided(division, problem=f"{error}.")


def _decide(goal: Goal, division: Division, effort: Effort) -> Decided:
    limits: dict[LimitTerm, Found] = {}
    for term in limits_in(goal):
        path = Path(division, goal.given, term, effort)
        path.admit()
        limits[term] = path.limit()
    left, right = (_side(division, side, limits) for side in goal.formula.args)
    holds = _holds(type(goal.formula), left, right, path)
    holds = holds or _is_proved(goal, division, (left, right))
    problem = "" if holds else "The limit was derived, but the relation is not shown for it."
    return Decided(division, limits, (left, right), holds, problem)


def _side(division: Division, side: Expr, limits: dict[LimitTerm, Found]) -> Expr:
    """Return a side with the limits put in, divided."""
    if side in limits:
        return limits[side].value
    if side in (oo, -oo):
        return side
    inside = {term: Dummy(real=True) for term in limits if side.has(term)}
    values = {stand_in: limits[term].value for term, stand_in in inside.items()}
    if any(value in (oo, -oo) for value in values.values()):
        raise UnresolvedError(
            "a limit inside a larger expression is finite",
            found=to_text(side),
            remedy="state the limit of the whole expression",
        )
    return division.apply(side.xreplace(inside)).xreplace(values)


def _holds(kind: type[Relational], left: Expr, right: Expr, path: Path) -> bool:
    """Tell whether a relation is shown to hold for the limits, whatever is held fixed."""
    if _is_infinite(left, right):
        return compare_infinite(left, right) in SHOWN_BY[kind]
    gap = path.normaliser.of(left) - path.normaliser.of(right)
    if kind is Ne:
        return path.normaliser.is_nonzero(gap)
    return path.normaliser.sign_of_fraction(gap) in SHOWN_BY[kind]


def _is_proved(goal: Goal, division: Division, sides: tuple[Expr, Expr]) -> bool:
    """Tell whether the relation between finite limits, in class sums again, is proved in a case.

    The assumptions hold far out on the way, and the limits do not depend on the variable.
    """
    if _is_infinite(*sides):
        return False
    formula = type(goal.formula)(*map(division.restore, sides), evaluate=False)
    known = goal.formula.free_symbols.union(*(fact.free_symbols for fact in goal.given))
    new = {a for a in division.named if isinstance(a, Symbol)} - known
    if formula.free_symbols & new:
        return False
    named = [a for a in division.named if a not in new]
    apart = [Ne(a, b, evaluate=False) for a, b in combinations(named, 2)]
    same = [
        Eq(a, b, evaluate=False)
        for a, b in division.case.substitution.items()
        if is_class(a) and a != b
    ]
    least = len(division.named) + division.least
    size = (Ge if division.least else Eq)(n, least, evaluate=False)
    goal = Goal(formula, (*goal.given, *apart, *same, size))
    try:
        if isinstance(formula, Eq):
            return prove_identity(goal).proved
        return prove_inequality(goal).finding is Finding.PROVES
    except GradproofError:
        return False


def _is_infinite(left: Expr, right: Expr) -> bool:
    return any(side in (oo, -oo) for side in (left, right))


def compare_infinite(left: Expr, right: Expr) -> str:
    """Return the sign of left minus right, of which one is infinite."""
    if left == right:
        return "==0"
    return ">0" if left == oo or right == -oo else "<0"


def check_sides(goal: Goal, case: Decided, point: Point) -> None:
    """Compare what was stated and what is printed with what it became in the case.

    Raises
    ------
    EngineConflict
        If the two certainly differ at the point.
    """
    finite = [found.value for found in case.limits.values() if found.value not in (oo, -oo)]
    pairs = [(case.division.restore(value), value) for value in finite]
    pairs += zip(goal.formula.args, case.sides, strict=True)
    known = set(point)
    for stated, divided in pairs:
        unnamed = {s for s in stated.free_symbols if is_class(s)} - known
        if stated.has(LimitTerm) or stated in (oo, -oo) or unnamed:
            continue
        own = evaluate(concrete_kernel(stated), point, _BITS)
        other = evaluate(concrete_kernel(divided), divided_point(case.division, point), _BITS)
        if own.is_finite() and other.is_finite() and not own.overlaps(other):
            raise EngineConflict(
                f"{to_text(stated)} keeps its value where its class sums are split",
                found=f"{own} against {other} at {point}",
                remedy="report this: the splitting of class sums is wrong",
            )


def fails_at(goal: Goal, case: Decided, point: Point) -> bool:
    """Tell whether the relation between the derived limits is certified to fail at a point."""
    left, right = case.sides
    kind = type(goal.formula)
    if _is_infinite(left, right):
        return compare_infinite(left, right) not in SHOWN_BY[kind]
    relation = kind(concrete_kernel(left), concrete_kernel(right), evaluate=False)
    try:
        return decide(relation, divided_point(case.division, point)) is False
    except GradproofError:
        return False
