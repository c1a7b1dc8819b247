"""Signs of quadratic polynomials by completing squares, whatever the signs of their variables.

Guarantees: a sign that is returned holds for all real values of the atoms; a strict one where the
atoms said not to be 0 are not. Arithmetic is exact, and the decision complete for nonnegativity.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import fmpq

from .field import Field, Poly
from .sign_rules import Sign

_MOST = 6
"""Variables beyond this number are left alone."""

_Form = dict[tuple[int, int], fmpq]
"""A symmetric matrix by its places."""


def quadratic_sign(field: Field, poly: Poly, is_nonzero: Callable[[int], bool]) -> Sign:
    """Return the sign of a polynomial of degree 2, or None.

    Parameters
    ----------
    field, poly
        The polynomial.
    is_nonzero
        Tells whether the atom of a number is known not to be 0.
    """
    degrees = [sum(monomial) for monomial, _ in field.terms(poly)]
    used = field.used(poly)
    if max(degrees, default=0) != 2 or len(used) > _MOST:
        return None
    for way, strict, weak in ((1, ">0", ">=0"), (-1, "<0", "<=0")):
        form = _form(field, poly, used, way)
        size = len(used) + 1
        if not _is_nonnegative(form, size):
            continue
        # The constant 1 is the last variable.
        kept = [place for place, number in enumerate(used) if is_nonzero(number)] + [size - 1]
        least = (_least(form, size, place) for place in kept)
        return strict if any(value > 0 for value in least) else weak
    return None


def _form(field: Field, poly: Poly, used: list[int], way: int) -> _Form:
    place_of = {number: place for place, number in enumerate(used)}
    form: _Form = {}
    for monomial, coefficient in field.terms(poly):
        places = [place_of[a] for a, e in enumerate(monomial) for _ in range(e)]
        first, second = (*places, len(used), len(used))[:2]
        share = way * coefficient / (1 if first == second else 2)
        form[first, second] = form.get((first, second), fmpq(0)) + share
        if first != second:
            form[second, first] = form.get((second, first), fmpq(0)) + share
    return form


def _is_nonnegative(form: _Form, size: int) -> bool:
    return _eliminated(form, list(range(size))) is not None


def _least(form: _Form, size: int, kept: int) -> fmpq:
    """Return the largest s for which the form is at least s times the square of a variable."""
    left = _eliminated(form, [place for place in range(size) if place != kept])
    return fmpq(-1) if left is None else left.get((kept, kept), fmpq(0))


def _eliminated(form: _Form, order: list[int]) -> _Form | None:
    """Return what is left after completing squares in some variables, None if one is negative."""
    left = dict(form)
    for pivot in order:
        head = left.get((pivot, pivot), fmpq(0))
        row = {b: v for (a, b), v in left.items() if a == pivot and b != pivot and v != 0}
        if head < 0 or (head == 0 and row):
            return None
        left = {key: v for key, v in left.items() if pivot not in key}
        for a, v in row.items():
            for b, w in row.items():
                left[a, b] = left.get((a, b), fmpq(0)) - v * w / head
    return left
