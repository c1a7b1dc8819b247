"""Expansions for t → ∞: finite sums of scales with exact coefficients and a bounded remainder.

Guarantees: a `Series` made here differs from the function it stands for by at most a constant times
the sum of its remainder scales, for all large t, whatever the values held fixed are; a quotient,
logarithm or power is formed only if its leading coefficient is known to have the sign it needs, so
that the function has a value for all large t.
Arithmetic is exact (`field`).
What it cannot see: functions whose terms all cancel up to the remainder; then it raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product

from sympy import Rational

from . import powers
from .comparisons import Comparisons
from .field import Fraction
from .growth import (
    Effort,
    NoValueError,
    Scale,
    Series,
    Term,
    TooShortError,
    UnresolvedError,
    nonzero_sign,
)
from .normaliser import Normaliser


class Calculus(Comparisons):
    """The arithmetic of expansions in one case.

    Parameters
    ----------
    normaliser
        Holds the field of the coefficients and knows their signs.
    order
        How many terms of the series of exp, log and 1/(1 + s) are kept.
    effort
        What may still be spent.
    """

    def __init__(self, normaliser: Normaliser, order: int, effort: Effort | None = None) -> None:
        super().__init__(normaliser, effort)
        self.order = order

    # -- ring ----------------------------------------------------------------------------------

    def add(self, *several: Series) -> Series:
        """Return the sum."""
        terms = [term for series in several for term in series.terms]
        return self.collect(terms, [bound for series in several for bound in series.rest])

    def times(self, a: Series, b: Series, rest: Sequence[Scale] = ()) -> Series:
        """Return the product, up to a further remainder `rest`."""
        terms = [(s * r, c * d) for (s, c), (r, d) in product(a.terms, b.terms)]
        sizes_a, sizes_b = [s for s, _ in a.terms], [s for s, _ in b.terms]
        bounds = [s * r for s, r in product((*sizes_a, *a.rest), b.rest)]
        bounds += [s * r for s, r in product(a.rest, sizes_b)]
        return self.collect(terms, [*bounds, *rest])

    def scaled(self, series: Series, factor: Fraction) -> Series:
        """Return the product with a number."""
        return self.times(series, self.constant(factor))

    def negated(self, series: Series) -> Series:
        """Return the negative."""
        return self.scaled(series, self.field.constant(-1))

    # -- composition ---------------------------------------------------------------------------

    def compose(self, coefficient: Callable[[int], Fraction], small: Series) -> Series:
        """Return ``sum_k coefficient(k) s^k`` for a series s that tends to 0.

        The remainder is of the order of the first power left out: right for a function that is
        analytic at 0.
        """
        if not small.terms and not small.rest:
            return self.constant(coefficient(0))
        count = self.field.constant(self.order + 1)
        sizes = self.collect((), [*(scale for scale, _ in small.terms), *small.rest]).rest
        rest = [scale.to(count) for scale in sizes]
        total = self.constant(coefficient(self.order))
        for k in range(self.order - 1, -1, -1):
            total = self.times(total, small, rest)
            total = self.add(total, self.constant(coefficient(k)))
        return total

    def _around_leading(self, series: Series) -> tuple[Scale, Fraction, Series]:
        """Return m, c and s with ``series = c m (1 + s)`` and s tending to 0."""
        lead = self.leading(series)
        if lead is None:
            raise NoValueError(
                "a denominator, or what a logarithm is taken of, is not 0",
                found="0 however far the variable has gone",
                remedy="state the limit of an expression that has values",
            )
        scale, coefficient = lead
        others = ((s.over(scale), c / coefficient) for s, c in series.terms if s is not scale)
        small = Series(tuple(others), tuple(bound.over(scale) for bound in series.rest))
        return scale, coefficient, small

    def inverse(self, series: Series) -> Series:
        """Return ``1 / series``."""
        scale, coefficient, small = self._around_leading(series)
        if not self.normaliser.is_nonzero(coefficient):
            nonzero_sign(self.normaliser, coefficient)
        minus = self.field.constant(-1)
        factor = Series(((scale.to(minus), self.field.constant(1) / coefficient),))
        return self.times(self.compose(lambda k: minus**k, small), factor)

    def _positive(self, coefficient: Fraction) -> None:
        if nonzero_sign(self.normaliser, coefficient) < 0:
            raise NoValueError(
                "a logarithm or a power is taken of a positive number",
                found="a number that is negative however far the variable has gone",
                remedy="state the limit of an expression that has values",
            )

    def log(self, series: Series) -> Series:
        """Return the logarithm."""
        scale, coefficient, small = self._around_leading(series)
        self._positive(coefficient)
        terms = self._log_of_scale(scale)
        terms.append((self.one, powers.logarithm(self.normaliser, coefficient)))
        near = self.compose(
            lambda k: self.field.constant(Rational((-1) ** (k + 1), k) if k else 0), small
        )
        return self.add(self.collect(terms, ()), near)

    def _log_of_scale(self, scale: Scale) -> list[Term]:
        if not scale.logs.is_zero():
            raise UnresolvedError(
                "a logarithm is taken of exponentials and powers",
                found="a logarithm of a logarithm",
                remedy="state the limit of a simpler expression",
            )
        terms = [(self.power_of_t(k), rate) for k, rate in scale.rates]
        return [*terms, (self.log_of_t(), scale.power)]

    def log_of_order(self, least: Series, whole: Series) -> Series:
        """Return the logarithm of `whole`, which is at least `least`, up to a bounded remainder.

        Raises
        ------
        UnresolvedError
            If `whole` is not known to be of the order of `least`, and that to be positive.
        """
        scale, coefficient, _ = self._around_leading(least)
        self._positive(coefficient)
        sizes = [*(size for size, _ in whole.terms), *whole.rest]
        if not all(self.at_most(size, scale) for size in sizes):
            raise UnresolvedError(
                "a logarithm is taken of a sum of known order",
                found="terms that cannot be compared",
                remedy="add an assumption on the exponents",
            )
        return self.collect(self._log_of_scale(scale), [self.one])

    def inverse_of_order(self, least: Series, exponent: int) -> Series:
        """Return a negative power of what is at least `least`: a remainder and nothing else."""
        scale, coefficient, _ = self._around_leading(least)
        self._positive(coefficient)
        return Series((), (scale.to(self.field.constant(exponent)),))

    def exp(self, series: Series) -> Series:
        """Return the exponential."""
        outer, constant, small = self.one, self.field.constant(0), []
        for scale, coefficient in series.terms:
            size = self.grows(scale)
            if size < 0:
                small.append((scale, coefficient))
            elif size == 0:
                constant = constant + coefficient
            else:
                outer = outer * self._exponential_scale(scale, coefficient)
        self.vanishing(series.rest)
        near = self.compose(self._exponential_coefficient, Series(tuple(small), series.rest))
        factor = powers.exponential(self.normaliser, constant)
        return self.times(near, Series(((outer, factor),)))

    def vanishing(self, rest: Iterable[Scale]) -> None:
        """Check that a remainder tends to 0."""
        if not all(self.smaller(bound, self.one) for bound in rest):
            raise TooShortError(
                "the remainder of an expansion tends to 0",
                found="one that is not known to",
                remedy="state the limit of a simpler expression",
            )

    def _exponential_coefficient(self, k: int) -> Fraction:
        value = Rational(1)
        for factor in range(2, k + 1):
            value /= factor
        return self.field.constant(value)

    def _exponential_scale(self, scale: Scale, coefficient: Fraction) -> Scale:
        """Return ``exp(coefficient * scale)`` for a scale that grows."""
        zero = self.field.constant(0)
        if not scale.rates and scale.logs.is_zero() and scale.power.is_constant():
            return Scale(((scale.power.rational(), coefficient),), zero, zero)
        if self.same(scale, self.log_of_t()):
            return Scale((), coefficient, zero)
        raise UnresolvedError(
            "an exponent grows like a power or a logarithm of the variable",
            found=f"an exponent of other growth, times {coefficient.expr()}",
            remedy="state the limit of a simpler expression",
        )

    def power(self, series: Series, exponent: Fraction) -> Series:
        """Return ``series**exponent`` for an exponent that does not depend on t."""
        scale, coefficient, small = self._around_leading(series)
        self._positive(coefficient)
        log = powers.logarithm(self.normaliser, coefficient)
        factor = powers.exponential(self.normaliser, log * exponent)
        outer = Series(((scale.to(exponent), factor),))
        return self.times(self.compose(lambda k: self._binomial(exponent, k), small), outer)

    def _binomial(self, exponent: Fraction, k: int) -> Fraction:
        result = self.field.constant(1)
        for step in range(k):
            shifted = exponent - self.field.constant(step)
            result = result * shifted / self.field.constant(step + 1)
        return result
