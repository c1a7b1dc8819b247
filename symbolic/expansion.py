"""From an expression to its expansion for t → ∞, node by node.

Guarantees: an expansion that is returned is one of the expression as written, at every point of the
assumptions and for every number of remaining classes, and every part of the expression that depends
on t has a value for all large t; the parts that do not are kept in `constants`, for the caller to
check where they are defined.
A class sum is expanded term by term, which is right since it is finite at every point.
What it cannot see: integrals whose integrand depends on t, and functions that it has no rule for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Integer,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
    sign,
)
from sympy.core.function import Function

from . import expansion_functions, expansion_rules as rules
from .asymptotics import Calculus
from .errors import UnsupportedError
from .field import Fraction
from .growth import Effort, Scale, Series, UnresolvedError
from .normaliser import Normaliser

RUNNING = tuple(Dummy(f"r{depth}", integer=True, positive=True) for depth in range(3))
"""The running classes of nested sums, the outermost first: any of the remaining classes."""


class Expander:
    """Expands expressions of one case.

    Parameters
    ----------
    normaliser
        Holds the field of the coefficients; it knows the assumptions, those on each of `RUNNING`
        among them.
    t
        The variable that grows; it occurs in no assumption.
    order
        How many terms are kept.
    bounds
        Expressions in a running class that are at most 0 for every remaining class.
    effort
        What may still be spent.
    """

    def __init__(
        self,
        normaliser: Normaliser,
        t: Symbol,
        order: int,
        bounds: Sequence[tuple[Expr, Symbol]],
        effort: Effort | None = None,
    ) -> None:
        self.calculus = Calculus(normaliser, order, effort)
        self.normaliser, self.t = normaliser, t
        self.constants: set[Expr] = set()
        self._bounds = [(normaliser.of(value), running) for value, running in bounds]
        self._known: dict[Expr, Series] = {}
        self._depth = 0

    def of(self, expr: Expr) -> Series:
        """Return the expansion of `expr`.

        Raises
        ------
        UnresolvedError
            If a sign that matters is not known.
        NoValueError
            If the expression is shown to have no value for large t.
        UnsupportedError
            If the expression holds something that there is no rule for.
        """
        if expr not in self._known:
            self._known[expr] = self._expand(expr)
        return self._known[expr]

    def fixed(self, expr: Expr) -> Fraction:
        """Return the normal form of an expression that does not depend on t."""
        self.constants.add(expr)
        return self.normaliser.of(expr)

    def moves(self, expr: Expr) -> bool:
        """Tell whether an expression depends on t."""
        return expr.has(self.t)

    def _expand(self, expr: Expr) -> Series:
        calculus = self.calculus
        if not self.moves(expr):
            return calculus.constant(self.fixed(expr))
        if expr == self.t:
            return Series(((calculus.power_of_t(Rational(1)), self.normaliser.field.constant(1)),))
        if isinstance(expr, Add):
            return calculus.add(*(self.of(a) for a in self._grouped(expr)))
        if isinstance(expr, Mul):
            result = calculus.number(1)
            for factor in self._grouped(expr):
                result = calculus.times(result, self.of(factor))
            return result
        if isinstance(expr, exp):
            return calculus.exp(self.of(expr.args[0]))
        if isinstance(expr, Pow):
            return self._power(expr)
        if isinstance(expr, log):
            return self._log(expr.args[0])
        if isinstance(expr, Sum):
            return self._sum(expr)
        if isinstance(expr, Piecewise):
            return self._branches(expr)
        return self._function(expr)

    def _grouped(self, expr: Expr) -> list[Expr]:
        """Return the arguments of a sum or product, those without t as one."""
        fixed = [a for a in expr.args if not self.moves(a)]
        return ([expr.func(*fixed)] if fixed else []) + [a for a in expr.args if self.moves(a)]

    # -- powers --------------------------------------------------------------------------------

    def _power(self, expr: Pow) -> Series:
        base, exponent = expr.args
        if base == exp(1):
            return self.calculus.exp(self.of(exponent))
        if self.moves(exponent):
            return self.calculus.exp(self.calculus.times(self.of(exponent), self._log(base)))
        if isinstance(exponent, Integer):
            return self._whole_power(base, int(exponent))
        try:
            return self.calculus.power(self.of(base), self.fixed(exponent))
        except UnresolvedError:
            if not rules.is_root_of_nonnegative(base, exponent):
                raise
            return rules.root(self, self.of(base), exponent)

    def _log(self, base: Expr) -> Series:
        try:
            return self.calculus.log(self.of(base))
        except UnresolvedError as error:
            known = rules.log_of_product(self, base) or rules.log_of_sum(self, base)
            if known is None:
                raise error from None
            return known

    def _whole_power(self, base: Expr, exponent: int) -> Series:
        try:
            return self._integer_power(self.of(base), exponent)
        except UnresolvedError as error:
            known = rules.inverse_of_sum(self, base, exponent) if exponent < 0 else None
            if known is None:
                raise error from None
            return known

    def _integer_power(self, base: Series, exponent: int) -> Series:
        if exponent < 0:
            base, exponent = self.calculus.inverse(base), -exponent
        result = self.calculus.number(1)
        for _ in range(exponent):
            result = self.calculus.times(result, base)
        return result

    # -- sums ----------------------------------------------------------------------------------

    def _sum(self, expr: Sum) -> Series:
        *inner, (running, _, size) = expr.limits
        body = Sum(expr.function, *inner) if inner else expr.function
        if self._depth == len(RUNNING):
            raise UnsupportedError(
                f"class sums are nested at most {len(RUNNING)} deep",
                found=expr,
                remedy="state the limit of a simpler expression",
            )
        member = RUNNING[self._depth]
        self._depth += 1
        try:
            series = self.of(body.xreplace({running: member}))
        finally:
            self._depth -= 1
        return self._sum_of(series, member, size)

    def _sum_of(self, series: Series, member: Symbol, size: Expr) -> Series:
        """Sum an expansion over a class that its coefficients and scales may depend on."""
        terms, rest = [], []
        for scale, coefficient in series.terms:
            if any(_mentions(part, member) for part in scale.parts):
                rest.append(self._uniform(scale, member))
            else:
                total = Sum(coefficient.expr(), (member, 1, size))
                terms.append((scale, self.normaliser.of(total)))
        for scale in series.rest:
            mentions = any(_mentions(part, member) for part in scale.parts)
            rest.append(self._uniform(scale, member) if mentions else scale)
        return self.calculus.collect(terms, rest)

    def _uniform(self, scale: Scale, member: Symbol) -> Scale:
        """Return a scale that is at least as large for every class.

        The first coefficient may be replaced by an upper bound without the class; the others must
        not depend on it.
        """
        (k, rate), *others = scale.rates or ((Rational(0), self.normaliser.field.constant(0)),)
        free = [*(r for _, r in others), scale.power, scale.logs]
        bound = self._bound(rate, member)
        if bound is None or any(_mentions(part, member) for part in free):
            raise UnresolvedError(
                "the terms of a class sum have a common order of growth",
                found=f"one that depends on the class: {scale.expr(self.t)}",
                remedy="assume which class leads, and by what gap",
            )
        first = () if bound.is_zero() else ((k, bound),)
        return Scale((*first, *others), scale.power, scale.logs)

    def _bound(self, rate: Fraction, member: Symbol) -> Fraction | None:
        """Return an upper bound of `rate` for all classes, by one that is given.

        The largest of finitely many numbers below a bound is below it by a gap.
        """
        gap = self.normaliser.of(Dummy("gap", positive=True))
        for value, running in self._bounds:
            if running != member:
                continue
            own = _coefficients(value, member)
            for monomial, coefficient in _coefficients(rate, member).items():
                ratio = coefficient / own[monomial] if monomial in own else 0
                if ratio > 0:
                    bound = rate - value * self.normaliser.field.constant(ratio)
                    if not _mentions(bound, member):
                        below = self.normaliser.sign_of_fraction(value) == "<0"
                        return bound - gap if below else bound
        return -gap if self.normaliser.sign_of_fraction(rate) == "<0" else None

    # -- functions -----------------------------------------------------------------------------

    def _branches(self, expr: Piecewise) -> Series:
        for value, condition in expr.args:
            if rules.eventually(self, condition):
                return self.of(value)
        raise UnsupportedError(
            "a Piecewise ends in a branch for all that is left",
            found=expr,
            remedy="write the last branch as (value, True)",
        )

    def _function(self, expr: Expr) -> Series:
        if isinstance(expr, Abs):
            return rules.absolute(self, self.of(expr.args[0]))
        if isinstance(expr, sign):
            return rules.sign_of(self, self.of(expr.args[0]))
        if isinstance(expr, (Max, Min)):
            return rules.extreme(self, expr)
        if isinstance(expr, Function):
            return expansion_functions.function(self, expr)
        raise UnsupportedError(
            "a limit is taken of numbers, variables, functions and class sums",
            found=f"{type(expr).__name__}: {expr}",
            remedy="evaluate or rewrite this part of the statement",
        )


def _mentions(value: Fraction, member: Symbol) -> bool:
    return not value.is_constant() and value.expr().has(member)


def _coefficients(value: Fraction, member: Symbol) -> dict[tuple[int, ...], Any]:
    """Return the terms of a polynomial that depend on a class, with their coefficients."""
    field = value.field
    if not value.den.is_constant():
        return {}
    dependent = {a for a, atom in enumerate(field.atoms) if atom.has(member)}
    return {
        monomial: coefficient
        for monomial, coefficient in field.terms(value.num)
        if any(exponent and a in dependent for a, exponent in enumerate(monomial))
    }
