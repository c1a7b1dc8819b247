"""Split the term of a class sum into a canonical sum of pieces in its running class.

Guarantees: the pieces add up to the term exactly.
Each piece is a factor free of the running class times a power product of atoms that depend on it,
over at most one power of one denominator wherever the denominators share a variable in which they
are linear.
A quotient by a quantity that is not a denominator of the term is formed only where that quantity
is known not to be 0, or where no assumption restricts the variables: then it vanishes on no open
set of the domain, so that the pieces are right there by continuity.
What it cannot see: pieces that are equal only through denominators of higher degree in several
variables; then equal sums may stay unequal atoms, which is safe.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sympy import Expr, Mul, Pow, Symbol

from .field import Field, Fraction, Poly

if TYPE_CHECKING:
    from .normaliser import Normaliser

Denominators = tuple[tuple[Poly, int], ...]
"""Distinct irreducible denominators that depend on the running class, with their powers."""


def split(normaliser: Normaliser, value: Fraction, running: Symbol) -> list[tuple[Fraction, Expr]]:
    """Return pairs ``(factor, inner)`` with ``value = sum of factor * inner``.

    `factor` is free of the running class, `inner` is 1 or depends on nothing but atoms with it.
    Pieces with the same `inner` are added up.
    """
    field = normaliser.field
    dependent = {number for number, atom in enumerate(field.atoms) if running in atom.free_symbols}
    content, factors = field.factors(value.den)
    outside = field.constant(1)
    inside: Denominators = ()
    for factor, exponent in factors:
        if dependent.intersection(field.used(factor)):
            inside += ((factor, exponent),)
        else:
            outside = outside * field.make(factor, field.constant(1).num) ** exponent
    outside = outside * field.make(field.constant(1).num * content, field.constant(1).num)
    start = field.make(value.num, field.constant(1).num) / outside
    pieces: dict[Expr, Fraction] = {}
    for factor, inner in _pieces(normaliser, start, inside, dependent):
        pieces[inner] = pieces[inner] + factor if inner in pieces else factor
    return [(factor, inner) for inner, factor in pieces.items() if not factor.is_zero()]


def _pieces(
    normaliser: Normaliser, value: Fraction, inside: Denominators, dependent: set[int]
) -> Iterator[tuple[Fraction, Expr]]:
    """Yield the pieces of ``value / product of inside``; `value` is a polynomial in `dependent`."""
    field = normaliser.field
    pair = _common_variable(normaliser, inside, dependent)
    if pair is not None:
        yield from _separate(normaliser, value, inside, dependent, *pair)
        return
    variable = _division_variable(normaliser, value.num, inside, dependent)
    if variable is not None:
        yield from _divide(normaliser, value, inside, dependent, variable)
        return
    below = Mul(*(Pow(field.poly_expr(d), -e) for d, e in inside))
    for monomial, coefficient in field.terms(value.num):
        outer = tuple(0 if a in dependent else e for a, e in enumerate(monomial))
        powers = (Pow(field.atoms[a], e) for a, e in enumerate(monomial) if e and a in dependent)
        yield field.make(field.from_terms({outer: coefficient}), value.den), Mul(*powers) * below


def _linear(field: Field, poly: Poly, variable: int, dependent: set[int]) -> Poly | None:
    """Return the coefficient of `variable` if `poly` is linear in it with a free coefficient."""
    parts = field.by_power(poly, variable)
    if set(parts) - {0, 1} or 1 not in parts:
        return None
    return None if dependent.intersection(field.used(parts[1])) else parts[1]


def _may_divide(normaliser: Normaliser, divisor: Poly) -> bool:
    """Tell whether terms may be divided by what no expression had as a denominator."""
    return not normaliser.restricted or all(
        normaliser.field.poly_expr(factor) in normaliser.nonzero
        or normaliser.sign(factor) in (">0", "<0")
        for factor, _ in normaliser.field.factors(divisor)[1]
    )


def _common_variable(
    normaliser: Normaliser, inside: Denominators, dependent: set[int]
) -> tuple[int, Poly, Poly] | None:
    field = normaliser.field
    keys = [d for d, _ in inside]
    for position, first in enumerate(keys):
        for second in keys[position + 1 :]:
            for variable in sorted(dependent):
                slopes = [_linear(field, d, variable, dependent) for d in (first, second)]
                if None not in slopes:
                    rest = slopes[0] * second - slopes[1] * first
                    free = not dependent.intersection(field.used(rest)) and field.is_free(rest)
                    if free and _may_divide(normaliser, rest):
                        return variable, first, second
    return None


def _separate(
    normaliser: Normaliser,
    value: Fraction,
    inside: Denominators,
    dependent: set[int],
    variable: int,
    first: Poly,
    second: Poly,
) -> Iterator[tuple[Fraction, Expr]]:
    """Use ``1/(D E) = (a/D - b/E) / (a E - b D)`` with the slopes a of D and b of E."""
    field = normaliser.field
    one = field.constant(1).num
    a, b = (_linear(field, d, variable, dependent) for d in (first, second))
    rest = field.make(a * second - b * first, one)
    _bring_in(field, rest.num)
    left, right = value * field.make(a, one) / rest, -(value * field.make(b, one)) / rest
    yield from _pieces(normaliser, left, _less(inside, second), dependent)
    yield from _pieces(normaliser, right, _less(inside, first), dependent)


def _bring_in(field: Field, divisor: Poly) -> None:
    field.brought_in |= {field.poly_expr(factor) for factor, _ in field.factors(divisor)[1]}


def has_gaps(normaliser: Normaliser, value: Fraction) -> bool:
    """Tell whether `value` may have no meaning where the expression it was made of has one.

    An equation holds there as well, by continuity; a strict sign may not.
    """
    field = normaliser.field
    factors = field.factors(value.den)[1] if field.brought_in else []
    keys = [(factor, field.poly_expr(factor)) for factor, _ in factors]
    return any(
        key in field.brought_in
        and key not in normaliser.nonzero
        and normaliser.sign(factor) not in (">0", "<0")
        for factor, key in keys
    )


def _less(inside: Denominators, factor: Poly) -> Denominators:
    return tuple((d, e - (d == factor)) for d, e in inside if e - (d == factor) > 0)


def _division_variable(
    normaliser: Normaliser, num: Poly, inside: Denominators, dependent: set[int]
) -> int | None:
    """Return the variable in which `num` is divided by the only denominator, if it is large.

    The first suitable variable is the only one used: a division in several would not be canonical.
    """
    if len(inside) != 1:
        return None
    field = normaliser.field
    ((divisor, _exponent),) = inside
    degrees, own = field._poly(num).degrees(), field._poly(divisor).degrees()
    for variable in sorted(dependent):
        if own[variable]:
            lead = field.by_power(divisor, variable)[own[variable]]
            if not dependent.intersection(field.used(lead)) and field.is_free(lead):
                large = degrees[variable] >= own[variable]
                return variable if large and _may_divide(normaliser, lead) else None
    return None


def _divide(
    normaliser: Normaliser,
    value: Fraction,
    inside: Denominators,
    dependent: set[int],
    variable: int,
) -> Iterator[tuple[Fraction, Expr]]:
    """Use ``value = quotient * D + remainder`` in one variable."""
    field = normaliser.field
    ((divisor, _exponent),) = inside
    one = field.constant(1).num
    top = field._poly(divisor).degrees()[variable]
    lead = field.make(field.by_power(divisor, variable)[top], one)
    _bring_in(field, lead.num)
    whole = field.make(divisor, one)
    quotient, remainder = field.constant(0), value
    while remainder.num.degrees()[variable] >= top and not remainder.is_zero():
        degree = remainder.num.degrees()[variable]
        coefficient = field.by_power(remainder.num, variable)[degree]
        shift = field.generator(variable) ** (degree - top)
        step = field.make(coefficient * shift, remainder.den) / lead
        quotient, remainder = quotient + step, remainder - step * whole
    if not remainder.is_zero():
        yield from _pieces(normaliser, remainder, inside, dependent)
    if not quotient.is_zero():
        yield from _pieces(normaliser, quotient, _less(inside, divisor), dependent)
