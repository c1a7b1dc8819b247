"""Scales of growth: ``exp(sum_k a_k t^k) t^b (log t)^c`` for t → ∞, compared exactly.

Guarantees: `growth` says that a scale grows, decays or is 1 only if the sign that decides it is
known at every point of the assumptions, in exact arithmetic.
What it cannot see: exponents that are equal for a reason that the normal form does not know; then
it raises, it never guesses.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Mul, Pow, Rational, Symbol, exp, log

from . import powers
from .errors import UndefinedValueError, UnsupportedError
from .field import Field, Fraction
from .normaliser import Normaliser


class UnresolvedError(UnsupportedError):
    """A growth, or the sign of a leading coefficient, is not decided by what is known."""


class TooShortError(UnresolvedError):
    """All terms of an expansion cancelled: more of them are needed."""


class NoValueError(UndefinedValueError):
    """An expression is shown to have no value however far its variable has gone."""


@dataclass(frozen=True, eq=False)
class Scale:
    """The function ``exp(sum_k rates[k] t^k) t^power (log t)^logs`` of a growing t.

    Attributes
    ----------
    rates
        Pairs of an exponent k > 0 and a coefficient that does not depend on t, the largest k first.
    power, logs
        The exponents of t and of log t.
    """

    rates: tuple[tuple[Rational, Fraction], ...]
    power: Fraction
    logs: Fraction

    @classmethod
    def one(cls, field: Field) -> Scale:
        """Return the scale of constants."""
        return cls((), field.constant(0), field.constant(0))

    @property
    def parts(self) -> tuple[Fraction, ...]:
        """Every coefficient in the scale."""
        return (*(rate for _, rate in self.rates), self.power, self.logs)

    def __mul__(self, other: Scale) -> Scale:
        total = dict(self.rates)
        for k, rate in other.rates:
            total[k] = total[k] + rate if k in total else rate
        rates = sorted(((k, r) for k, r in total.items() if not r.is_zero()), reverse=True, key=_k)
        return Scale(tuple(rates), self.power + other.power, self.logs + other.logs)

    def to(self, exponent: Fraction) -> Scale:
        """Return the power of the scale with an exponent that does not depend on t."""
        rates = ((k, rate * exponent) for k, rate in self.rates)
        kept = tuple((k, rate) for k, rate in rates if not rate.is_zero())
        return Scale(kept, self.power * exponent, self.logs * exponent)

    def over(self, other: Scale) -> Scale:
        """Return the quotient of two scales."""
        return self * other.to(self.power.field.constant(-1))

    def is_one(self) -> bool:
        """Tell whether the scale is that of constants."""
        return not self.rates and self.power.is_zero() and self.logs.is_zero()

    def expr(self, t: Symbol) -> Expr:
        """Return the scale as an expression in t."""
        rates = (exp(rate.expr() * t**k) for k, rate in self.rates)
        return Mul(*rates, Pow(t, self.power.expr()), Pow(log(t), self.logs.expr()))


Term = tuple[Scale, Fraction]


@dataclass(frozen=True, eq=False)
class Series:
    """A sum of coefficients times scales, up to an error of the order of the scales in `rest`."""

    terms: tuple[Term, ...]
    rest: tuple[Scale, ...] = ()


MOST_STEPS = 25_000
"""Several times what limits that are written down in papers take."""


class Effort:
    """What may be spent on expansions, counted in steps, so that the end of it is repeatable.

    Parameters
    ----------
    steps
        Comparisons of terms, and monomials in their coefficients.
    """

    def __init__(self, steps: int = MOST_STEPS) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Count steps.

        Raises
        ------
        UnresolvedError
            If there are none left.
        """
        self.left -= steps
        if self.left < 0:
            raise UnresolvedError(
                "the expansions of a limit are short enough",
                found="more steps than are spent on one statement",
                remedy="state the limit of a simpler expression",
            )


_MOST_TERMS, _LONGEST = 60, 400


def check_size(terms: int, coefficient: Fraction) -> None:
    """Raise `UnresolvedError` where an expansion has too many terms, or too long ones."""
    if terms > _MOST_TERMS or len(coefficient.num) + len(coefficient.den) > _LONGEST:
        raise UnresolvedError(
            "an expansion stays short",
            found=f"more than {_MOST_TERMS} terms or {_LONGEST} monomials in one",
            remedy="state the limit of a simpler expression",
        )


def _k(pair: tuple[Rational, Fraction]) -> Rational:
    return pair[0]


_STRICT = {">0": 1, "<0": -1, "==0": 0}


def strict_sign(normaliser: Normaliser, value: Fraction) -> int:
    """Return 1, 0 or -1, the sign of a coefficient.

    Raises
    ------
    UnresolvedError
        If the sign is not known, or the coefficient may be 0 at some point and not at another.
    """
    known = normaliser.sign_of_fraction(value)
    if known not in _STRICT and any(a in normaliser.arguments for a in value.field.used(value.num)):
        # log a > c exactly if a > exp(c)
        one = value.field.constant(1)
        known = normaliser.sign_of_fraction(powers.exponential(normaliser, value) - one)
    if known in _STRICT:
        return _STRICT[known]
    raise UnresolvedError(
        "the sign of a leading coefficient is known",
        found=str(value.expr()),
        remedy="add an assumption that settles it",
    )


def nonzero_sign(normaliser: Normaliser, value: Fraction) -> int:
    """Return 1 or -1, the sign of a coefficient that is never 0.

    Raises
    ------
    UnresolvedError
        If the coefficient is not known to be of one sign and never 0.
    """
    sign = strict_sign(normaliser, value)
    if sign:
        return sign
    raise UnresolvedError(
        "a leading coefficient is not 0",
        found=str(value.expr()),
        remedy="state the limit of a simpler expression",
    )


def growth(normaliser: Normaliser, scale: Scale) -> int:
    """Return 1 if the scale tends to ∞, -1 if it tends to 0, 0 if it is 1.

    Raises
    ------
    UnresolvedError
        If the sign of an exponent that decides it is not known.
    """
    for part in scale.parts:
        if not part.is_zero():
            sign = strict_sign(normaliser, part)
            if sign:
                return sign
    return 0
