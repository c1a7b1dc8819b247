"""Equality of class-sum expressions for every number of classes, decided by the normal form.

Guarantees: `compare` answers "equal" only if the difference of the two sides is identically zero in
exact rational arithmetic in every case of coinciding classes; then the sides are equal wherever
both are defined, for every number of classes that the assumptions allow.
What it cannot see: where the sides are defined (`domain` does), and why two sides differ; a
difference that does not vanish here is no refutation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from sympy import Eq, Expr, Sum, sympify
from sympy.core.basic import Basic
from sympy.tensor.indexed import Indexed

from .calculus import evaluate_terms
from .cases import SIZES, Case, cases_of
from .class_sums import collapse_deltas, expand_softmax
from .everywhere import Everywhere
from .field import Fraction, Poly
from .normaliser import Normaliser
from .signs import Signs
from .universal import Every, replace_in
from .vocabulary import is_class


@dataclass(frozen=True)
class CaseComparison:
    """What the normal form found in one case.

    Attributes
    ----------
    label
        Which named classes coincide.
    left, right
        The normal forms of the two sides.
    equal
        Whether they are the same.
    """

    label: str
    left: Expr
    right: Expr
    equal: bool


@dataclass(frozen=True)
class Comparison:
    """The comparison of two expressions, case by case."""

    cases: tuple[CaseComparison, ...]

    @property
    def equal(self) -> bool:
        """Whether the sides have the same normal form in every case."""
        return all(case.equal for case in self.cases)


@lru_cache(maxsize=2048)
def prepare(expr: Expr) -> Expr:
    """Return `expr` with losses, derivatives and softmax written out."""
    return expand_softmax(evaluate_terms(expr))


def normaliser_for(
    case: Case, given: Iterable[Basic], *, restricted: bool | None = None
) -> Normaliser:
    """Return a normaliser for one case that knows the assumptions `given`.

    Terms of sums are divided by what may be 0 unless `restricted`, which is the default where
    an assumption is about numbers.
    """
    given = list(given)
    known = _with_members(case, given)
    facts = [case.apply(collapse_deltas(case.apply(prepare(fact)))) for fact in known]
    if restricted is None:
        restricted = any(_is_about_numbers(fact) for fact in facts)
    rewrite: dict[Expr, Expr] = {}
    for fact in facts:
        if isinstance(fact, Eq):
            before = Normaliser(rewrite, Signs(case, facts), restricted=restricted)
            found = _solve(before, fact)
            if found is not None:
                rewrite[found[0]] = found[1]
    everywhere = Everywhere(case, map(prepare, given)).put
    return Normaliser(rewrite, Signs(case, facts), restricted=restricted, everywhere=everywhere)


def _is_about_numbers(fact: Basic) -> bool:
    """Tell whether a fact restricts more than classes and their number."""
    return not all(is_class(s) or s in SIZES for s in fact.free_symbols)


def _with_members(case: Case, given: Iterable[Basic]) -> Iterator[Basic]:
    """Yield the assumptions, and what those about every class say of each named class."""
    for fact in given:
        yield fact
        if not isinstance(fact, Every):
            continue
        for formula, but in fact.parts():
            excepted = {case.substitution.get(a, a) for a in but}
            for member in case.classes.get(fact.size, ()):
                if member not in excepted:
                    yield replace_in(formula, {fact.running: member})


def _solve(normaliser: Normaliser, fact: Eq) -> tuple[Expr, Expr] | None:
    """Solve an equation for an atom in which it is linear with a coefficient that is never 0."""
    field = normaliser.field
    value = normaliser.of(fact.lhs - fact.rhs)
    candidates = [a for a in field.used(value.num) if isinstance(field.atoms[a], (Sum, Indexed))]
    candidates += [a for a in field.used(value.num) if field.atoms[a].is_Symbol]
    for number in candidates:
        parts = field.by_power(value.num, number)
        if set(parts) <= {0, 1} and _never_zero(normaliser, parts[1]):
            one = field.constant(1).num
            rest = field.make(parts.get(0, one * 0), one) / field.make(parts[1], one)
            if not _mentions(rest.expr(), field.atoms[number]):
                return field.atoms[number], (-rest).expr()
    return None


def _never_zero(normaliser: Normaliser, poly: Poly) -> bool:
    return bool(poly.is_constant()) or normaliser.sign(poly) in (">0", "<0")


def _mentions(expr: Expr, atom: Expr) -> bool:
    return expr.has(atom) or (isinstance(atom, Indexed) and expr.has(Sum))


def normalise(case: Case, normaliser: Normaliser, expr: Expr) -> Fraction:
    """Return the normal form of a prepared expression in one case."""
    plain = case.apply(collapse_deltas(case.apply(expr)))
    return normaliser.of(normaliser.everywhere(plain))


def compare(left: Expr, right: Expr, given: Iterable[Basic] = ()) -> Comparison:
    """Compare the normal forms of two sides in every case that `given` allows.

    Parameters
    ----------
    left, right
        Class-sum expressions; losses and derivatives in them are evaluated first.
    given
        Assumptions; those that cannot be used are not used, which is safe.

    Raises
    ------
    UnsupportedError
        If a side contains something that the normal form does not know.
    """
    given = list(given)
    left, right = prepare(sympify(left)), prepare(sympify(right))
    found = []
    for case in cases_of([left, right], given):
        normaliser = normaliser_for(case, given)
        a = normalise(case, normaliser, left)
        b = normalise(case, normaliser, right)
        found.append(CaseComparison(case.label, a.expr(), b.expr(), (a - b).is_zero()))
    return Comparison(tuple(found))


def equal(left: Expr, right: Expr, given: Iterable[Basic] = ()) -> bool:
    """Tell whether two sides are proved equal for every number of classes.

    >>> from gradproof.symbolic import S, class_sum
    >>> equal(class_sum(lambda j: S(j)), 1)
    True
    """
    return compare(left, right, given).equal
