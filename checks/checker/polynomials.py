"""Data of a certificate as exact polynomials, and nothing that was not checked.

Guarantees: what is read has the type and size stated, or `Rejected` is raised; arithmetic is that
of rationals, with no rounding anywhere.
The limits below refuse no certificate of practical use; without them a small file could take
for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from operator import add as plus
from reprlib import Repr
from typing import Any, NoReturn, TypeVar

Poly = dict[tuple[int, ...], Any]
"""Nonzero coefficients (int or Fraction) by exponents, in the order of the variables' names."""

DIGITS = 4000
EXPONENT = 200
MONOMIALS = 20_000
PRODUCTS = 1_000_000

T = TypeVar("T")
_NUMBER = re.compile(rf"-?[0-9]{{1,{DIGITS}}}(/[0-9]{{1,{DIGITS}}})?")
_BRIEF = Repr()
_BRIEF.maxstring = _BRIEF.maxother = 200


class Rejected(Exception):
    """The certificate proves nothing: where, what must hold there, and what was found."""


class TooLarge(Rejected):
    """The certificate is beyond what is read here, whether it proves something or not."""


def reject(invariant: str, found: object) -> NoReturn:
    """Raise the rejection for what must hold and what was found."""
    raise Rejected(f"{invariant}; found {plain(found)}")


def need(holds: bool, invariant: str, found: object) -> None:
    """Reject unless something holds."""
    if not holds:
        reject(invariant, found)


def bounded(fits: bool, invariant: str, found: object) -> None:
    """Reject as too large unless something fits."""
    if not fits:
        raise TooLarge(f"{invariant}; found {plain(found)}")


def within(place: str, step: Callable[..., T], *args: Any) -> T:
    """Take a step of the check; a rejection in it tells the place."""
    try:
        return step(*args)
    except Rejected as error:
        raise type(error)(f"{place}: {error}") from None


def plain(value: object) -> str:
    """Return a value in one short line that cannot command a terminal or forge a second line."""
    text = value if isinstance(value, str) else _BRIEF.repr(value)
    short = text if len(text) <= 1000 else f"{text[:1000]}…"
    return "".join(c if c.isprintable() else "?" for c in short)


def get(data: Any, key: str, kind: type[T]) -> T:
    """Return an entry of an object, which must be there and of this kind (True is no int)."""
    need(type(data) is dict, f"{key!r} is part of an object", data)
    need(key in data, f"there is an entry {key!r}", sorted(data))
    need(type(data[key]) is kind, f"{key!r} is of type {kind.__name__}", data[key])
    value: T = data[key]
    return value


def read_number(text: object) -> Any:
    """Return a rational number written as text, such as "-3/2"; an int where it is whole."""
    if type(text) is not str or not _NUMBER.fullmatch(text):
        reject(f"a number is a text like -3/2 of at most {DIGITS} digits", text)
    top, _, bottom = text.partition("/")
    need(not bottom or int(bottom) != 0, "a denominator is not 0", text)
    value = Fraction(int(top), int(bottom or 1))
    return value.numerator if value.denominator == 1 else value


def read_powers(data: Any, names: Sequence[str]) -> tuple[int, ...]:
    """Return the exponents of a product of powers, 0 for names that do not occur."""
    need(type(data) is dict, "powers are an object from name to exponent", data)
    for name, power in data.items():
        need(name in names, "a name was declared", name)
        whole = type(power) is int and 0 <= power <= EXPONENT
        need(whole, f"an exponent is a whole number from 0 to {EXPONENT}", power)
    return tuple(data.get(name, 0) for name in names)


def read_poly(data: Any, names: Sequence[str]) -> Poly:
    """Return a polynomial: a list of pairs of a coefficient and powers."""
    need(type(data) is list, "a polynomial is a list of terms", data)
    bounded(len(data) <= MONOMIALS, f"a polynomial has at most {MONOMIALS} terms", len(data))
    poly: Poly = {}
    for term in data:
        need(type(term) is list and len(term) == 2, "a term is [coefficient, powers]", term)
        accumulate(poly, read_powers(term[1], names), read_number(term[0]))
    return poly


def accumulate(poly: Poly, exponents: tuple[int, ...], coefficient: Any) -> None:
    """Add a term to a polynomial in place."""
    total = poly.get(exponents, 0) + coefficient
    if total:
        poly[exponents] = total
        bounded(len(poly) <= MONOMIALS, f"a polynomial has at most {MONOMIALS} terms", "more")
    else:
        poly.pop(exponents, None)


def add(p: Poly, q: Poly, factor: Any = 1) -> Poly:
    """Return p + factor q.

    >>> add({(1,): 2}, {(1,): 2, (0,): 1}, -1)
    {(0,): -1}
    """
    result = dict(p)
    for exponents, coefficient in q.items():
        accumulate(result, exponents, factor * coefficient)
    return result


def multiply(p: Poly, q: Poly) -> Poly:
    """Return p q.

    >>> multiply({(1,): 1, (0,): 1}, {(1,): 1, (0,): -1})
    {(2,): 1, (0,): -1}
    """
    bounded(len(p) * len(q) <= PRODUCTS, f"a product has at most {PRODUCTS} terms", "more")
    result: Poly = {}
    for a, x in p.items():
        for b, y in q.items():
            accumulate(result, tuple(map(plus, a, b)), x * y)
    return result


def raised(p: Poly, power: int, one: Poly) -> Poly:
    """Return p to a power, given the polynomial 1."""
    result = one
    for _ in range(power):
        result = multiply(result, p)
    return result


def unit(names: Sequence[str], name: str | None = None) -> Poly:
    """Return the polynomial that is one variable, or 1."""
    return {tuple(int(other == name) for other in names): 1}


def show(poly: Poly, names: Sequence[str]) -> str:
    """Return a polynomial as text.

    >>> show({(2, 1): 3, (0, 1): -1, (0, 0): Fraction(1, 2)}, ("a", "b"))
    '3*a^2*b - b + 1/2'
    """
    terms: list[str] = []
    for exponents, coefficient in list(poly.items())[:30]:
        pairs = zip(names, exponents, strict=True)
        factors = [name if power == 1 else f"{name}^{power}" for name, power in pairs if power]
        if abs(coefficient) != 1 or not factors:
            factors.insert(0, _figure(abs(coefficient)))
        terms.append(("- " if coefficient < 0 else "+ ") + "*".join(factors))
    if len(poly) > len(terms):
        terms.append(f"+ … ({len(poly)} terms)")
    text = " ".join(terms) or "0"
    return f"-{text[2:]}" if text.startswith("- ") else text.removeprefix("+ ")


def _figure(number: Any) -> str:
    """Return a number as text; Python refuses to print very long ones."""
    long = max(number.numerator.bit_length(), number.denominator.bit_length()) > 400
    return "(a long number)" if long else str(number)
