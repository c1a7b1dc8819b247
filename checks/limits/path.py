"""One limit in one case: the path of the variable, and where the expression goes along it.

Guarantees: a limit that is returned is that of the expression as written, at every point of the
assumptions in the case, and the expression has a value for all large t; every derivative in it is
taken where the loss has a value and no kink for all large t.
Arithmetic is exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from sympy import (
    Add,
    Basic,
    Expr,
    Ge,
    S as _S,
    Symbol,
    oo,
)

from ...symbolic.calculus import LossTerm
from ...symbolic.class_sums import bound_indices, replace_free
from ...symbolic.domain import conditions, undischarged
from ...symbolic.expansion import RUNNING, Expander
from ...symbolic.expansion_rules import eventually
from ...symbolic.growth import (
    Effort,
    NoValueError,
    Series,
    UnresolvedError,
    nonzero_sign,
)
from ...symbolic.kink_edges import kink_edges
from ...symbolic.limits import LimitTerm
from ...symbolic.normal_form import normaliser_for
from ...symbolic.normaliser import Normaliser
from ...symbolic.printing import to_text
from ...symbolic.remaining import Division
from ...symbolic.remaining_facts import facts_of
from ...symbolic.vocabulary import n
from .leading import TIME, largest_first, limit_of

_READABLE = 150
"""Operations beyond which an expression is not printed: nobody reads it, and it takes long."""

_SHOWN = 2
"""How many terms of an expansion a certificate shows."""

ORDERS = (2, 4, 7)
"""How many terms of a series are tried, in turn."""


@dataclass(frozen=True)
class Found:
    """A limit in one case.

    Attributes
    ----------
    value
        The limit, divided; it may be ``oo`` or ``-oo``.
    letter
        The letter for t in the texts.
    path, along, growth
        What the variable is put to, the expression along the path, and the leading terms of its
        expansion, as text in class sums.
    """

    value: Expr
    letter: str
    path: str
    along: str
    growth: str


class Path:
    """The way to a limit in one case: the assumptions on what is held fixed, and the expansions.

    Parameters
    ----------
    division
        The case.
    given
        Assumptions as stated.
    term
        The limit as stated.
    effort
        What may still be spent.
    """

    def __init__(
        self,
        division: Division,
        given: Sequence[Basic],
        term: LimitTerm,
        effort: Effort | None = None,
    ) -> None:
        self.division, self.term, self._effort = division, term, effort
        self.variable = division.member(term.variable)
        facts, bounds = facts_of(division, given, RUNNING)
        self.moving = [fact for fact in facts if fact.has(self.variable)]
        self.facts = [fact for fact in facts if not fact.has(self.variable)]
        self._bounds = [(value, place) for value, place in bounds if not value.has(self.variable)]
        if division.least > 1:
            self.facts.append(Ge(n, division.least, evaluate=False))
        self.place = self._place()
        self.normaliser = self._normaliser()

    def _normaliser(self) -> Normaliser:
        return normaliser_for(self.division.remaining, self.facts)

    def _place(self) -> Expr:
        target, side = self.term.target, self.term.side
        if target in (oo, -oo):
            return TIME if target == oo else -TIME
        place = self.division.apply(target)
        if place.has(self.variable):
            raise UnresolvedError(
                "the target of a limit does not move with its variable",
                found=f"{to_text(target)} in the case {self.division.label}",
                remedy="assume that the two classes differ",
            )
        return place + (1 / TIME if side == "+" else -1 / TIME)

    def expander(self, order: int) -> Expander:
        """Return what expands expressions along the path."""
        return Expander(self.normaliser, TIME, order, self._bounds, self._effort)

    def along(self, expr: Expr) -> Expr:
        """Return a divided expression with the variable on its way."""
        return replace_free(expr, {self.variable: self.place})

    # -- what must hold along the way ----------------------------------------------------------

    def admit(self) -> None:
        """Check that the variable may go its way: its sign, and the assumptions on it.

        Raises
        ------
        UnresolvedError
            If an assumption on the variable is not shown to hold for all large t.
        """
        expander = self.expander(ORDERS[0])
        calculus, variable = expander.calculus, self.variable
        if variable.is_integer:
            self._refuse(f"{to_text(self.term.variable)} is an integer")
        series = expander.of(self.place)
        allowed = {
            "is_positive": (1,),
            "is_nonnegative": (0, 1),
            "is_negative": (-1,),
            "is_nonpositive": (0, -1),
            "is_nonzero": (-1, 1),
        }
        for name, signs in allowed.items():
            if getattr(variable, name) and calculus.sign(series) not in signs:
                self._refuse(f"{to_text(self.term.variable)} is {name.removeprefix('is_')}")
        for fact in self.moving:
            if not eventually(expander, fact.func(*map(self.along, fact.args), evaluate=False)):
                shown = fact.func(*map(self.division.restore, fact.args), evaluate=False)
                self._refuse(to_text(shown))
        self._check_constants(expander)

    def _refuse(self, fact: str) -> None:
        raise UnresolvedError(
            "the assumptions on the variable of a limit hold on its way",
            found=f"{fact}, which is not so all the way",
            remedy="correct the target, the side or the assumption",
        )

    def _check_constants(self, expander: Expander) -> None:
        """Check that what does not depend on t has a value everywhere."""
        for constant in sorted(expander.constants, key=str):
            missing = undischarged(constant, self.facts)
            if missing:
                raise UnresolvedError(
                    "every part of a limit that is held fixed has a value",
                    found=to_text(self.division.restore(missing[0].expr)),
                    remedy=f"add the assumption that this is right: {missing[0].reason}",
                )

    # -- the limit -----------------------------------------------------------------------------

    def limit(self) -> Found:
        """Return the limit.

        Raises
        ------
        UnresolvedError
            If a sign that decides it is not known.
        NoValueError
            If the expression is shown to have no value for large t.
        """
        self._check_collapsed()
        body = self.along(self.division.apply(self.term.body))
        failure: UnresolvedError | None = None
        for order in ORDERS:
            expander = self.expander(order)
            try:
                series = expander.of(body)
                self._check_losses(expander)
                self._check_constants(expander)
                return self._found(expander, series, body)
            except UnresolvedError as error:
                failure = failure or error
        assert failure is not None
        raise failure

    def _check_collapsed(self) -> None:
        """Check that a case leaves no part without a value, which SymPy would simplify away.

        A product with a delta that is 0 in the case has the value 0, whatever its other factors.

        Raises
        ------
        NoValueError
            If a divisor, or what a logarithm or power is taken of, is a number that may not be.
        """
        for condition in conditions(self.division.without_zeros(self.term.body)):
            if bound_indices(condition.expr):
                continue
            value = self.division.apply(condition.expr)
            relation = condition.holds.func(value, 0)
            if value.is_number and relation != _S.true:
                raise NoValueError(
                    "every part of the expression has a value",
                    found=f"{to_text(condition.expr)} = {to_text(value)} in the case "
                    f"{self.division.label}",
                    remedy=f"leave out that case, by an assumption such as n >= {self._more()}",
                )

    def _more(self) -> int:
        return len(self.division.named) + self.division.least + 1

    def _found(self, expander: Expander, series: Series, body: Expr) -> Found:
        """Return the limit by the expansion, or by that of the normal form if terms cancel."""
        try:
            value = limit_of(expander.calculus, series)
        except UnresolvedError:
            calculus, exact = expander.calculus, expander.normaliser.of(body)
            over, under = (expander.of(calculus.field.poly_expr(p)) for p in (exact.num, exact.den))
            series = calculus.times(over, calculus.inverse(under))
            value = limit_of(calculus, series)
        taken = {str(s) for s in body.free_symbols - {TIME}}
        letter = next(name for name in "tsruwv" if name not in taken)
        terms = largest_first(expander.calculus, series)
        parts = [coefficient.expr() * scale.expr(TIME) for scale, coefficient in terms[:_SHOWN]]
        more = len(terms) > _SHOWN or series.rest
        growth = self._text(Add(*parts), letter) + (" + …" if more else "")
        place, along = self._text(self.place, letter), self._text(body, letter)
        return Found(value, letter, place, along, growth)

    def _text(self, expr: Expr, letter: str) -> str:
        if expr.count_ops() > _READABLE:
            return f"an expression of {expr.count_ops()} operations"
        named = Symbol(letter, positive=True)
        return to_text(self.division.restore(expr).xreplace({TIME: named}))

    def _check_losses(self, expander: Expander) -> None:
        """Check that each differentiated loss has a value and no kink for all large t."""
        for term in sorted(self.term.body.atoms(LossTerm), key=str):
            if not term.variables:
                continue
            if bound_indices(term.value):
                raise UnresolvedError(
                    "a loss that is differentiated is one of named classes",
                    found=to_text(term),
                    remedy="write the sum over the classes outside the loss",
                )
            expander.of(self.along(self.division.apply(term.value)))
            for edge in kink_edges(term.value, term.variables):
                for place in self._places(edge):
                    self._check_edge(expander, self.along(self.division.apply(place)))

    def _places(self, edge: Expr) -> Iterator[Expr]:
        """Yield an edge for every way to put named and remaining classes for bound ones."""
        names = sorted(bound_indices(edge), key=str)
        rests = RUNNING[: len(names)] if self.division.least else ()
        for places in product((*self.division.named, *rests), repeat=len(names)):
            yield edge.xreplace(dict(zip(names, places, strict=True)))

    def _check_edge(self, expander: Expander, edge: Expr) -> None:
        lead = expander.calculus.leading(expander.of(edge))
        if lead is None or not expander.normaliser.is_nonzero(lead[1]):
            if lead is not None:
                nonzero_sign(expander.normaliser, lead[1])
            raise UnresolvedError(
                "a derivative is taken where the loss has no kink",
                found=f"a kink where {to_text(self.division.restore(edge))} = 0",
                remedy="add an assumption that keeps away from it",
            )
