"""A formula along a family of points, decided for all large t and every admissible constant.

Guarantees: `fails_along` answers True only if, for every value of the chosen scalars that obeys the
facts on them, there is a bound beyond which every t gives a point at which all other facts hold,
the formula and those facts have values, and the formula is false; arithmetic is exact.
What it cannot see: signs that the calculus of growth does not find.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from sympy import (
    And,
    Basic,
    Equivalent,
    Expr,
    Implies,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Not,
    Or,
    Sum,
    nan,
    oo,
    zoo,
)
from sympy.core.relational import Relational
from sympy.tensor.indexed import Indexed

from ..symbolic.cases import Case, index_sizes
from ..symbolic.class_sums import collapse, collapse_deltas, substitute_family
from ..symbolic.domain import conditions, undischarged
from ..symbolic.errors import GradproofError, UnsupportedError
from ..symbolic.expansion import Expander
from ..symbolic.expansion_rules import eventually
from ..symbolic.growth import UnresolvedError
from ..symbolic.normal_form import normaliser_for, prepare
from ..symbolic.normaliser import Normaliser
from ..symbolic.universal import Every
from ..symbolic.vocabulary import bins, n
from .existence_families import Family, T
from .existence_question import Question
from .limits.leading import limit_of

ORDERS = (2, 4, 7)
"""How many terms of a series are tried, in turn."""
_PLAIN = Case({}, {n: (), bins: ()}, {n: 1, bins: 1}, "the family")


class Along:
    """Expressions along one family, as functions of t and the chosen scalars.

    Parameters
    ----------
    family
        The family.
    choice
        Facts on the chosen scalars.
    """

    def __init__(self, family: Family, choice: tuple[Basic, ...]) -> None:
        self._values: dict[Any, Any] = dict(family.values)
        self._grows = family.grows
        self._choice = [fact for fact in choice if isinstance(fact, Relational)]
        sizes = {s: v for s, v in self._values.items() if s in (n, bins) and v != T}
        self._classes = {s: tuple(map(Integer, range(1, int(v) + 1))) for s, v in sizes.items()}
        plain = (Integer, int)
        self._names = {
            a: v for a, v in self._values.items() if isinstance(v, plain) and _is_name(a)
        }

    def of(self, expr: Expr, more: Mapping[Expr, Expr] | None = None) -> Expr:
        """Return an expression along the family.

        Raises
        ------
        UnsupportedError
            If class sums over t classes stay, or SymPy finds no finite value.
        """
        names = {**self._names, **(more or {})}
        found = prepare(expr)
        found = self._members(found) if self._grows else found
        sizes = {s: Integer(len(same)) for s, same in self._classes.items()}
        classes = {n: (), bins: (), **self._classes}
        counts = {s: max(len(same), 1) for s, same in classes.items()}
        case = Case({**sizes, **names}, classes, counts, "the family")
        found = case.apply(collapse_deltas(case.apply(found)))
        found = collapse(found) if self._grows else self._members(found)
        scalars = {a: v for a, v in self._values.items() if isinstance(v, Expr) and a not in names}
        found = found.xreplace(scalars)
        if found.has(Sum, KroneckerDelta, Indexed, nan, zoo, oo):
            raise UnsupportedError(
                "an expression along a family of points is a function of t",
                found=found,
                remedy="state it for a fixed number of classes",
            )
        return found

    def _members(self, expr: Expr) -> Expr:
        """Return an expression with the members of families along the family."""
        values = {str(base): v for base, v in self._values.items() if isinstance(v, tuple)}
        for base in sorted({a.base for a in expr.atoms(Indexed)}, key=str):
            if str(base) in values:
                expr = substitute_family(expr, base, _member(values[str(base)], self._grows))
        return expr

    def formula(self, formula: Basic, more: Mapping[Expr, Expr] | None = None) -> Basic:
        """Return a formula along the family, in And, Or, Not and relations."""
        if isinstance(formula, Every):
            places = self._distinct(formula, formula.size, more or {})
            parts = [self.formula(formula.at(place), more) for place in places]
            return And(*parts, evaluate=False)
        if isinstance(formula, Relational):
            return formula.func(*(self.of(side, more) for side in formula.args), evaluate=False)
        parts = [self.formula(part, more) for part in formula.args]
        if isinstance(formula, Implies):
            return Or(Not(parts[0], evaluate=False), parts[1], evaluate=False)
        if isinstance(formula, (And, Or, Not)):
            return formula.func(*parts, evaluate=False)
        if isinstance(formula, Equivalent):
            none = [Not(part, evaluate=False) for part in parts]
            both = (And(*parts, evaluate=False), And(*none, evaluate=False))
            return Or(*both, evaluate=False)
        raise UnsupportedError(
            "a formula along a family is made of relations joined by and, or, not",
            found=type(formula).__name__,
            remedy="write it with such relations",
        )

    def instances(self, formula: Basic) -> Iterator[Mapping[Expr, Expr]]:
        """Yield classes for the free indices of a formula, all that it can tell apart."""
        sizes = index_sizes([formula])
        left = [a for a in sizes if not isinstance(a, Integer) and a not in self._names]
        for places in product(*(self._distinct(formula, sizes[a], {}) for a in left)):
            yield dict(zip(left, places, strict=True))

    def _distinct(
        self, formula: Basic, size: Expr, more: Mapping[Expr, Expr]
    ) -> tuple[Integer, ...]:
        """Return the classes that a formula can tell apart, one for each of its letters more.

        Where their number is t, all classes but the first and those named are alike.
        """
        if size in self._classes:
            return self._classes[size]
        letters = [a for a in index_sizes([formula]) if not isinstance(a, Integer)]
        numbers = [int(a) for a in index_sizes([formula]) if isinstance(a, Integer)]
        named = [1, *numbers, *map(int, self._names.values()), *map(int, more.values())]
        count = max(named) + len(letters) + len(formula.atoms(Every))
        return tuple(map(Integer, range(1, count + 1)))

    def expander(self, order: int) -> Expander:
        """Return what expands functions of t; it knows the facts on the chosen scalars."""
        return Expander(self._normaliser(), T, order, ())

    def _normaliser(self) -> Normaliser:
        return normaliser_for(_PLAIN, self._choice)

    def has_values(self, expander: Expander) -> bool:
        """Tell whether what does not depend on t has a value for every admissible choice."""
        return not any(undischarged(constant, self._choice) for constant in expander.constants)


def _is_name(key: Any) -> bool:
    return not isinstance(key, IndexedBase) and bool(key.is_integer) and key not in (n, bins)


def _member(values: tuple[Expr, ...], grows: bool) -> Any:
    def member(place: Expr) -> Expr:
        if grows:
            first, rest = values
            return rest + KroneckerDelta(place, 1) * (first - rest)
        return values[int(place) - 1]

    return member


def fails_along(question: Question, family: Family) -> bool:
    """Tell whether the formula is false along a family for every choice, from some t on."""
    for order in ORDERS:
        try:
            if _fails(question, Along(family, question.choice), order):
                return True
        except UnresolvedError:
            continue
        except (GradproofError, ZeroDivisionError, AttributeError, TypeError):
            return False
    return False


def _fails(question: Question, along: Along, order: int) -> bool:
    expander = along.expander(order)
    for fact in question.inner:
        if not _defined(fact, along, expander):
            return False
        if not all(truth(expander, along.formula(fact, m)) for m in along.instances(fact)):
            return False
    if not _defined(question.formula, along, expander):
        return False
    found = truth(expander, along.formula(question.formula))
    return found is False and along.has_values(expander)


def _defined(formula: Basic, along: Along, expander: Expander) -> bool:
    """Tell whether a formula has a value along the family."""
    for condition in conditions(formula):
        for places in along.instances(condition.shown):
            if truth(expander, along.formula(condition.shown, places)) is not True:
                return False
    return True


def truth(expander: Expander, formula: Basic) -> bool | None:
    """Tell whether a formula holds for all large t (True), fails (False), or neither is known.

    Raises
    ------
    NoValueError
        If a part of it has no value however large t is.
    """
    if formula in (True, False):
        return bool(formula)
    if isinstance(formula, Relational):
        try:
            return eventually(expander, formula)
        except UnresolvedError:
            return None
    parts = [truth(expander, part) for part in formula.args]
    if isinstance(formula, Not):
        return None if parts[0] is None else not parts[0]
    decisive = isinstance(formula, Or)
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def ratio_limit(question: Question, family: Family, ratio: Expr) -> Expr | None:
    """Return the limit of a ratio along a family, or None if it is not found."""
    along = Along(family, question.choice)
    for order in ORDERS:
        try:
            expander = along.expander(order)
            return limit_of(expander.calculus, expander.of(along.of(ratio)))
        except (GradproofError, ZeroDivisionError):
            continue
    return None
