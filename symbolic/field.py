"""Exact fractions of polynomials over the rationals in a growing set of atoms.

Guarantees: arithmetic is exact (FLINT's `fmpq_mpoly`); a fraction that is identically zero modulo
the stored relations has numerator 0, so `is_zero()` never answers True wrongly as long as the
relations hold for the atoms.
An atom is any expression that the caller does not look into; two atoms are different unknowns.
It cannot see an algebraic relation between atoms that nobody stored: then a zero goes unnoticed,
which is safe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx
from sympy import Add, Expr, Integer, Mul, Pow, Rational

Poly = Any
"""A multivariate polynomial over the rationals (`flint.fmpq_mpoly`)."""


HIGH = 200
"""Degrees above this are not split into irreducible factors, which takes minutes and gigabytes."""


def factored(poly: Poly) -> tuple[Any, list[tuple[Poly, int]]]:
    """Return a constant and factors with their exponents, whose product is `poly`.

    The factors are irreducible; of high degree they are only free of squares.
    """
    high = max(poly.degrees(), default=0) > HIGH
    content, factors = poly.factor_squarefree() if high else poly.factor()
    return content, [(factor, int(exponent)) for factor, exponent in factors]


class Field:
    """The field of fractions in the atoms met so far; atoms are added as they come."""

    def __init__(self, capacity: int = 32) -> None:
        self.atoms: list[Expr] = []
        self._number: dict[Expr, int] = {}
        self._relations: dict[int, tuple[int, Fraction]] = {}
        self.brought_in: set[Expr] = set()
        """Denominators that no expression had: a quotient by one says nothing where it is 0."""
        self._set_capacity(capacity)

    def _set_capacity(self, capacity: int) -> None:
        names = [f"g{number}" for number in range(capacity)]
        self._ctx = fmpq_mpoly_ctx.get(names, Ordering.degrevlex)
        self._gens = self._ctx.gens()

    def _poly(self, poly: Poly) -> Poly:
        """Return `poly` in the current context, to which atoms may have been added since."""
        if poly.context() is self._ctx:
            return poly
        return poly.project_to_context(self._ctx)

    def constant(self, value: Any) -> Fraction:
        """Return a rational number as a fraction of the field."""
        if isinstance(value, Rational):
            value = fmpq(int(value.p), int(value.q))
        return Fraction(self, self._ctx.constant(fmpq(value)), self._ctx.constant(1))

    def atom(self, expr: Expr) -> Fraction:
        """Return the atom `expr`, adding it if it is new."""
        number = self._number.get(expr)
        if number is None:
            number = len(self.atoms)
            if number == len(self._gens):
                self._set_capacity(2 * number)
            self.atoms.append(expr)
            self._number[expr] = number
        return Fraction(self, self._gens[number], self._ctx.constant(1))

    def knows(self, expr: Expr) -> bool:
        """Tell whether `expr` is an atom already."""
        return expr in self._number

    def relate(self, expr: Expr, power: int, value: Fraction) -> None:
        """Store ``expr**power == value`` for the atom `expr`; `value` must be a polynomial."""
        assert value.den.is_constant()
        self._relations[self._number[expr]] = (power, value)

    def is_free(self, poly: Poly) -> bool:
        """Tell whether no atom of `poly` is bound by a relation.

        Such a polynomial is not zero on any branch of the relations, so a quotient by it may pass
        through: ``|x| - x`` would be zero for every positive x.
        """
        return not self._relations.keys() & set(self.used(poly))

    def make(self, num: Poly, den: Poly) -> Fraction:
        """Return ``num / den`` in lowest terms, reduced by the relations."""
        num, den = self._reduce(self._poly(num)), self._reduce(self._poly(den))
        if den.is_zero():
            raise ZeroDivisionError("the denominator is identically zero")
        if num.is_zero():
            return Fraction(self, num, self._ctx.constant(1))
        if not den.is_constant():
            common = num.gcd(den)
            if not common.is_constant():
                num, den = num / common, den / common
        lead = den.leading_coefficient()
        return Fraction(self, num / lead, den / lead)

    def _reduce(self, poly: Poly) -> Poly:
        changed = True
        while changed and self._relations:
            changed = False
            degrees = poly.degrees()
            for number, (power, value) in self._relations.items():
                if degrees[number] >= power:
                    poly = self._reduce_one(poly, number, power, self._poly(value.num))
                    changed = True
                    break
        return poly

    def _reduce_one(self, poly: Poly, number: int, power: int, value: Poly) -> Poly:
        result = self._ctx.constant(0)
        for exponent, coefficient in self.by_power(poly, number).items():
            rest = self._gens[number] ** (exponent % power)
            result = result + coefficient * rest * value ** (exponent // power)
        return result

    def whole(self, poly: Poly) -> Fraction:
        """Return a polynomial as a fraction over 1."""
        return self.make(poly, self._ctx.constant(1))

    def single(self, poly: Poly) -> int | None:
        """Return the number of the atom that `poly` is, or None if it is more than an atom."""
        used = self.used(poly)
        alone = len(used) == 1 and self._poly(poly) == self._gens[used[0]]
        return used[0] if alone else None

    def by_power(self, poly: Poly, number: int) -> dict[int, Poly]:
        """Return the coefficients of `poly` as a polynomial in the atom of that number."""
        parts: dict[int, dict[tuple[int, ...], Any]] = {}
        for monomial, coefficient in self._poly(poly).to_dict().items():
            exponent = monomial[number]
            rest = (*monomial[:number], 0, *monomial[number + 1 :])
            parts.setdefault(exponent, {})[rest] = coefficient
        return {e: self._ctx.from_dict(terms) for e, terms in parts.items()}

    def generator(self, number: int) -> Poly:
        """Return the atom of that number as a polynomial."""
        return self._gens[number]

    def substitute(self, poly: Poly, values: dict[int, Fraction]) -> Poly:
        """Return a polynomial with the sign of `poly` once atoms are replaced by fractions.

        It is the numerator times the denominator of the result.
        """
        total = self.constant(0)
        for monomial, coefficient in self.terms(poly):
            rest = tuple(0 if a in values else e for a, e in enumerate(monomial))
            term = self.make(self.from_terms({rest: coefficient}), self.constant(1).num)
            for number, value in values.items():
                if number < len(monomial) and monomial[number]:
                    term = term * value ** monomial[number]
            total = total + term
        return total.num * total.den

    def from_terms(self, terms: dict[tuple[int, ...], Any]) -> Poly:
        """Return the polynomial with the given monomials and coefficients.

        A monomial may have been read before the last atoms were added.
        """
        width = len(self._gens)
        return self._ctx.from_dict({m + (0,) * (width - len(m)): c for m, c in terms.items()})

    def terms(self, poly: Poly) -> list[tuple[tuple[int, ...], Any]]:
        """Return the monomials of `poly` (exponents by atom number) with their coefficients."""
        return list(self._poly(poly).to_dict().items())

    def used(self, poly: Poly) -> list[int]:
        """Return the numbers of the atoms that occur in `poly`."""
        return [number for number, degree in enumerate(self._poly(poly).degrees()) if degree > 0]

    def factors(self, poly: Poly) -> tuple[Any, list[tuple[Poly, int]]]:
        """Return the constant and the factors (`factored`), each with leading coefficient 1."""
        content, factors = factored(self._poly(poly))
        result = []
        for factor, exponent in factors:
            lead = factor.leading_coefficient()
            content = content * lead**exponent
            result.append((factor / lead, exponent))
        return content, sorted(result, key=lambda pair: str(pair[0]))

    def poly_expr(self, poly: Poly) -> Expr:
        """Return `poly` as a SymPy expression in the atoms."""
        return Add(*(self._term_expr(m, c) for m, c in self.terms(poly)))

    def _term_expr(self, monomial: tuple[int, ...], coefficient: Any) -> Expr:
        powers = [Pow(self.atoms[a], e) for a, e in enumerate(monomial) if e]
        return Mul(Rational(int(coefficient.p), int(coefficient.q)), *powers)


@dataclass(frozen=True, eq=False)
class Fraction:
    """A quotient of two polynomials of one `Field`, in lowest terms."""

    field: Field
    num: Poly
    den: Poly

    def __add__(self, other: Fraction) -> Fraction:
        a, b, c, d = self._aligned(other)
        return self.field.make(a * d + c * b, b * d)

    def __sub__(self, other: Fraction) -> Fraction:
        a, b, c, d = self._aligned(other)
        return self.field.make(a * d - c * b, b * d)

    def __mul__(self, other: Fraction) -> Fraction:
        a, b, c, d = self._aligned(other)
        return self.field.make(a * c, b * d)

    def __truediv__(self, other: Fraction) -> Fraction:
        a, b, c, d = self._aligned(other)
        return self.field.make(a * d, b * c)

    def __neg__(self) -> Fraction:
        return Fraction(self.field, -self.num, self.den)

    def __pow__(self, exponent: int) -> Fraction:
        if exponent < 0:
            return self.field.make(self.den**-exponent, self.num**-exponent)
        return self.field.make(self.num**exponent, self.den**exponent)

    def _aligned(self, other: Fraction) -> tuple[Poly, Poly, Poly, Poly]:
        lift = self.field._poly
        return lift(self.num), lift(self.den), lift(other.num), lift(other.den)

    def is_zero(self) -> bool:
        """Tell whether the fraction is identically zero."""
        return bool(self.num.is_zero())

    def is_constant(self) -> bool:
        """Tell whether the fraction is a rational number."""
        return bool(self.num.is_constant() and self.den.is_constant())

    def rational(self) -> Rational:
        """Return the value of a constant fraction."""
        quotient = self.field.terms(self.num)[0][1] if not self.is_zero() else fmpq(0)
        return Rational(int(quotient.p), int(quotient.q))

    def expr(self) -> Expr:
        """Return the fraction as a SymPy expression in the atoms."""
        den = self.field.poly_expr(self.den)
        num = self.field.poly_expr(self.num)
        return num if den == Integer(1) else num / den
