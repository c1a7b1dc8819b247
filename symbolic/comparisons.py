"""Scales side by side: which grows faster, which term of a series leads, what a remainder covers.

Guarantees: a scale counts as small against another, or as of its order at most, only if the signs
of the exponents say so at every point of the assumptions.
What it cannot see: exponents whose signs are not known; then nothing is dropped, and `leading`
raises.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, Rational

from .field import Fraction
from .growth import (
    Effort,
    Scale,
    Series,
    Term,
    TooShortError,
    UnresolvedError,
    check_size,
    growth,
    nonzero_sign,
)
from .normaliser import Normaliser

_WEAK = ("<0", "<=0", "==0")


class Comparisons:
    """The making and comparing of terms in one case.

    Parameters
    ----------
    normaliser
        Holds the field of the coefficients and knows their signs.
    effort
        What may still be spent on comparing terms.
    """

    def __init__(self, normaliser: Normaliser, effort: Effort | None = None) -> None:
        self.normaliser, self.effort = normaliser, effort or Effort()
        self.field = normaliser.field
        self.one = Scale.one(self.field)
        self._growths: dict[tuple[Expr, ...], int] = {}

    # -- making --------------------------------------------------------------------------------

    def constant(self, value: Fraction) -> Series:
        """Return the series of a number that does not depend on t."""
        return Series(() if value.is_zero() else ((self.one, value),))

    def number(self, value: int | Rational) -> Series:
        """Return the series of a rational number."""
        return self.constant(self.field.constant(value))

    def power_of_t(self, exponent: Rational) -> Scale:
        """Return the scale ``t^exponent``."""
        return Scale((), self.field.constant(exponent), self.field.constant(0))

    def log_of_t(self) -> Scale:
        """Return the scale ``log t``."""
        return Scale((), self.field.constant(0), self.field.constant(1))

    # -- comparing -----------------------------------------------------------------------------

    def grows(self, scale: Scale) -> int:
        """Return the growth of a scale: 1, 0 or -1."""
        key = tuple(part.expr() for part in scale.parts)
        if key not in self._growths:
            self._growths[key] = growth(self.normaliser, scale)
        return self._growths[key]

    def at_most(self, scale: Scale, bound: Scale) -> bool:
        """Tell whether `scale` is known to be of the order of `bound` at most."""
        ratio = scale.over(bound)
        try:
            return self.grows(ratio) <= 0
        except UnresolvedError:
            return all(self.normaliser.sign_of_fraction(part) in _WEAK for part in ratio.parts)

    def same(self, a: Scale, b: Scale) -> bool:
        """Tell whether two scales are one."""
        if [k for k, _ in a.rates] != [k for k, _ in b.rates]:
            return False
        return all((p - q).is_zero() for p, q in zip(a.parts, b.parts, strict=True))

    def collect(self, terms: Iterable[Term], rest: Iterable[Scale]) -> Series:
        """Add up terms of one scale and drop what the remainder covers."""
        bounds: list[Scale] = []
        for scale in rest:
            if not any(self.at_most(scale, bound) for bound in bounds):
                bounds = [b for b in bounds if not self.at_most(b, scale)] + [scale]
        kept: list[Term] = []
        for scale, coefficient in terms:
            check_size(len(kept), coefficient)
            self.effort.spend(1 + len(kept) + len(coefficient.num) + len(coefficient.den))
            for place, (own, before) in enumerate(kept):
                if self.same(own, scale):
                    kept[place] = (own, before + coefficient)
                    break
            else:
                if not any(self.at_most(scale, bound) for bound in bounds):
                    kept.append((scale, coefficient))
        return Series(tuple(term for term in kept if not term[1].is_zero()), tuple(bounds))

    def leading(self, series: Series) -> Term | None:
        """Return the term that all others and the remainder are small against; None for 0.

        Its coefficient may still be 0 at some points: whoever divides by it asks for its sign.

        Raises
        ------
        TooShortError
            If the remainder is not known to be small against a term.
        UnresolvedError
            If no term is known to grow fastest.
        """
        if not series.terms and not series.rest:
            return None
        for scale, coefficient in series.terms:
            others = [other for other, _ in series.terms if other is not scale]
            if all(self.smaller(other, scale) for other in others):
                if all(self.smaller(bound, scale) for bound in series.rest):
                    return scale, coefficient
                break
        if series.rest:
            raise TooShortError(
                "the terms of an expansion do not all cancel",
                found="nothing but a remainder",
                remedy="state the limit of a simpler expression",
            )
        raise UnresolvedError(
            "one term of an expansion grows fastest",
            found="terms that cannot be compared",
            remedy="add an assumption on the exponents",
        )

    def smaller(self, scale: Scale, bound: Scale) -> bool:
        """Tell whether `scale` is known to be small against `bound`."""
        try:
            return self.grows(scale.over(bound)) < 0
        except UnresolvedError:
            return False

    def sign(self, series: Series) -> int:
        """Return the sign that the function has for all large t."""
        lead = self.leading(series)
        return 0 if lead is None else nonzero_sign(self.normaliser, lead[1])
