"""What a statement amounts to: goals, each a formula to be shown under its own assumptions.

Guarantees: the statement holds under its assumptions exactly if every goal does.
An assumption that has no value at a point does not hold there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from sympy import And, Basic, Eq, Ge, Implies, Integer, Le, Ne, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanFunction

from ..numeric import decide
from ..numeric.point import Point
from ..symbolic import kernels
from ..symbolic.cases import index_sizes, size_bounds
from ..symbolic.errors import UndefinedValueError
from ..symbolic.existence import Exists
from ..symbolic.kernel import instantiate
from ..symbolic.kernel_functions import KernelShape
from ..symbolic.letters import letters, names_in
from ..symbolic.printing import to_text
from ..symbolic.universal import Every
from ..symbolic.vocabulary import index, n
from .exact import exact_zero

ASSUMPTION_BITS = 1024
"""Precision up to which an assumption is decided at a point."""


@dataclass(frozen=True)
class Goal:
    """A formula to be shown under assumptions."""

    formula: Boolean
    given: tuple[Boolean, ...]


def goals_of(statement: Iterable[Boolean], given: Iterable[Boolean] = ()) -> list[Goal]:
    """Return the goals of a statement: conjunctions split, implications moved to assumptions.

    What shall hold for every class becomes a goal about a free class of its own.
    """
    facts = tuple(conjuncts(given))
    return [goal for formula in statement for goal in _goals(formula, facts)]


def _goals(formula: Boolean, given: tuple[Boolean, ...]) -> Iterator[Goal]:
    if isinstance(formula, And):
        for part in formula.args:
            yield from _goals(part, given)
    elif isinstance(formula, Implies):
        yield from _goals(formula.args[1], (*given, *conjuncts([formula.args[0]])))
    elif isinstance(formula, Every) and not formula.has(Exists):
        # What exists for each class need not be one and the same for all of them.
        taken = {name for one in (formula, *given) for name in names_in(one)}
        yield from _goals(formula.at(index(next(letters(taken)))), given)
    else:
        yield Goal(formula, given)


def conjuncts(formulas: Iterable[Boolean]) -> Iterator[Boolean]:
    """Yield the parts of conjunctions, also of what holds for every class."""
    for formula in formulas:
        if isinstance(formula, And):
            yield from conjuncts(formula.args)
        elif isinstance(formula, Every) and isinstance(formula.formula, And):
            parts = (Every(a, *formula.args[1:], evaluate=False) for a in formula.formula.args)
            yield from conjuncts(parts)
        else:
            yield formula


def ties_matter(formula: Basic) -> bool:
    """Tell whether a formula may be false where two sides are exactly equal."""
    plain = isinstance(formula, (Eq, Le, Ge))
    parts = formula.args if isinstance(formula, And) else ()
    return not plain and (not parts or any(ties_matter(part) for part in parts))


def concrete(goal: Goal) -> Goal:
    """Return the goal with a Gaussian in place of a kernel left open, so that it has numbers.

    One kernel that breaks a statement about every kernel refutes it; a proof never uses this.
    """

    def put(formula: Basic) -> Basic:
        if not formula.has(KernelShape):
            return formula
        if isinstance(formula, BooleanFunction):
            return type(formula)(*map(put, formula.args), evaluate=False)
        return type(formula)(
            *(instantiate(a, kernels.gaussian) for a in formula.args), evaluate=False
        )

    return Goal(put(goal.formula), tuple(put(fact) for fact in goal.given))


def admits(given: Iterable[Basic], point: Point) -> bool:
    """Tell whether every assumption is certified to hold at a point.

    One that cannot be decided, or has no value there, does not hold.
    """
    try:
        return all(
            decide(fact, point, max_bits=ASSUMPTION_BITS, exact_zero=exact_zero) is True
            for fact in given
        )
    except UndefinedValueError:
        return False


def scope_of(statement: Iterable[Basic], given: Iterable[Boolean]) -> str:
    """Return the scope of a general proof in words: for which n, under which assumptions.

    A class that the statement names by its number must exist.
    """
    facts = list(conjuncts(given))
    low, high = size_bounds(facts, n)
    sizes = index_sizes([*statement, *facts])
    low = max([low, *(int(a) for a, size in sizes.items() if a.is_Integer and size == n)])
    if high is not None:
        several = f"n = {low}..{high}" if low < high else "no n"
        text = f"n = {low}" if low == high else several
    else:
        text = "all n" if low == 1 else f"all n ≥ {low}"
    others = [f for f in facts if not _bounds_n(f)]
    return text + (f", {', '.join(to_text(f) for f in others)}" if others else "")


def _bounds_n(fact: Basic) -> bool:
    """Tell whether a fact only says how many classes there are, which the scope says in words."""
    if not isinstance(fact, Relational) or isinstance(fact, Ne):
        return False
    return n in fact.args and any(isinstance(side, Integer) for side in fact.args)


def instances(goals: Iterable[Goal], at: Point) -> Iterator[Point]:
    """Yield the points that `at` stands for: free class indices run over all their classes."""
    sizes = index_sizes([goal.formula for goal in goals])
    left = [a for a in sizes if isinstance(a, Symbol) and a not in at]
    ranges = [range(1, int(at[sizes[a]]) + 1) for a in left]
    for values in product(*ranges):
        yield at.replace(dict(zip(left, values, strict=True)))
