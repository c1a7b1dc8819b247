"""Exact constants of one-variable proofs: rationals, logarithms of primes, roots and powers of e.

Guarantees: a constant that prints as 0 is 0; the sign of any other is read from a ball (Arb) that
excludes 0, or not at all.
What it cannot see: relations between constants that are kept opaque, such as log(1 + log(2));
a zero hidden in one stays undecided.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from math import floor
from typing import Any

from flint import arb, fmpq, fmpz

from .univariate_balls import Undecided, certified_sign

LARGEST_FACTORED = 10**12

Atom = tuple[Any, ...]
Monomial = frozenset[tuple[Atom, Fraction]]

GROWTH: Atom = ("L",)
"""The logarithm of 1/t, which grows without bound as t falls to 0."""

_ONE: Monomial = frozenset()


@dataclass(frozen=True, slots=True)
class Constant:
    """A polynomial with rational coefficients in atoms, each a real number or `GROWTH`."""

    terms: dict[Monomial, fmpq] = field(default_factory=dict)

    def __add__(self, other: Constant) -> Constant:
        terms = dict(self.terms)
        for monomial, coefficient in other.terms.items():
            _accumulate(terms, monomial, coefficient)
        return Constant(terms)

    def __mul__(self, other: Constant) -> Constant:
        terms: dict[Monomial, fmpq] = {}
        for left, a in self.terms.items():
            for right, b in other.terms.items():
                monomial, factor = _product(left, right)
                _accumulate(terms, monomial, a * b * factor)
        return Constant(terms)

    def scaled(self, factor: fmpq | int) -> Constant:
        """Return the constant times a rational number."""
        return Constant({m: c * factor for m, c in self.terms.items() if factor != 0})

    @property
    def zero(self) -> bool:
        """Whether the constant is 0 by its form."""
        return not self.terms

    @property
    def key(self) -> frozenset[tuple[Monomial, fmpq]]:
        """The constant as something to compare and to look up."""
        return frozenset(self.terms.items())

    def rational(self) -> fmpq | None:
        """Return the constant as a rational number if it is one by its form."""
        if not self.terms:
            return fmpq(0)
        return self.terms[_ONE] if set(self.terms) == {_ONE} else None

    def grows(self) -> int:
        """Return the degree in `GROWTH`."""
        return max((_degree(m) for m in self.terms), default=0)

    def leading(self) -> Constant:
        """Return the coefficient of the highest power of `GROWTH`."""
        top = self.grows()
        kept = {m: c for m, c in self.terms.items() if _degree(m) == top}
        return Constant({frozenset(p for p in m if p[0] != GROWTH): c for m, c in kept.items()})

    def part(self, degree: int) -> Constant:
        """Return the terms of one degree in `GROWTH`."""
        return Constant({m: c for m, c in self.terms.items() if _degree(m) == degree})

    def ball(self) -> arb:
        """Return an enclosure at the working precision; there must be no `GROWTH`."""
        total = arb(0)
        for monomial, coefficient in self.terms.items():
            value = arb(coefficient)
            for atom, exponent in monomial:
                value *= _atom_ball(atom, exponent)
            total += value
        return total

    def sign(self) -> int:
        """Return the sign as t falls to 0; undecided where no ball excludes 0."""
        if self.zero:
            return 0
        lead = self.leading()
        return certified_sign(lead.ball)

    def __str__(self) -> str:
        texts = []
        for monomial, c in sorted(self.terms.items(), key=lambda item: _monomial_text(item[0])):
            text = _monomial_text(monomial)
            texts.append(f"{c}*{text}" if text and c != 1 else text or str(c))
        return " + ".join(texts) or "0"


def number(value: fmpq | int | Fraction) -> Constant:
    """Return a rational number as a constant."""
    if isinstance(value, Fraction):
        value = fmpq(value.numerator, value.denominator)
    return Constant({_ONE: fmpq(value)} if value != 0 else {})


def growth() -> Constant:
    """Return `GROWTH` as a constant."""
    return _atom(GROWTH)


def pi() -> Constant:
    """Return the circle number."""
    return _atom(("pi",))


def logarithm(value: Constant) -> Constant:
    """Return the logarithm of a positive constant."""
    if len(value.terms) == 1:
        ((monomial, coefficient),) = value.terms.items()
        factors = prime_factors(coefficient)
        if factors is not None and _is_plain(monomial):
            total = Constant()
            for prime, exponent in factors:
                total += _atom(("log", prime)).scaled(exponent)
            for atom, power in monomial:
                inner = (
                    _atom(("log", atom[1])) if atom[0] == "root" else Constant({atom[1]: fmpq(1)})
                )
                total += inner * number(power)
            return total
    return _opaque("ln", value)


def exponential(value: Constant) -> Constant:
    """Return e to a constant."""
    if value.grows():
        raise Undecided
    result = number(1)
    for monomial, coefficient in value.terms.items():
        power = Fraction(int(coefficient.p), int(coefficient.q))
        pairs = list(monomial)
        if len(pairs) == 1 and pairs[0][0][0] == "log" and pairs[0][1] == 1:
            result *= prime_power(pairs[0][0][1], power)
        else:
            result *= _atom(("exp", monomial), power)
    return result


def power(value: Constant, exponent: Fraction) -> Constant:
    """Return a constant to a rational power; a positive one unless the power is an integer."""
    if exponent.denominator == 1 and exponent >= 0:
        result = number(1)
        for _ in range(int(exponent)):
            result *= value
        return result
    if len(value.terms) == 1:
        ((monomial, coefficient),) = value.terms.items()
        plain = _is_plain(monomial)
        if plain and exponent.denominator == 1:
            return number(coefficient ** int(exponent)) * _scaled_monomial(monomial, exponent)
        factors = prime_factors(coefficient)
        if plain and factors is not None:
            result = _scaled_monomial(monomial, exponent)
            for prime, multiplicity in factors:
                result *= prime_power(prime, multiplicity * exponent)
            return result
    return _opaque("pow", value, exponent)


def arctangent(value: Constant) -> Constant:
    """Return the arc tangent of a constant."""
    return Constant() if value.zero else _opaque("atan", value)


def prime_power(prime: int, exponent: Fraction) -> Constant:
    """Return a rational power of a prime."""
    whole = floor(exponent)
    return _atom(("root", prime), exponent - whole).scaled(fmpq(prime) ** whole)


def _is_plain(monomial: Monomial) -> bool:
    """Tell whether a product is one of roots of primes and of exponentials."""
    return all(atom[0] in ("exp", "root") for atom, _ in monomial)


def _opaque(kind: str, value: Constant, exponent: Fraction = Fraction(1)) -> Constant:
    if value.grows():
        raise Undecided
    return _atom((kind, value.key, exponent))


def _atom(atom: Atom, exponent: Fraction = Fraction(1)) -> Constant:
    return Constant({frozenset([(atom, exponent)]) if exponent else _ONE: fmpq(1)})


def _scaled_monomial(monomial: Monomial, exponent: Fraction) -> Constant:
    result = number(1)
    for atom, own in monomial:
        total = own * exponent
        result *= prime_power(atom[1], total) if atom[0] == "root" else _atom(atom, total)
    return result


def _product(left: Monomial, right: Monomial) -> tuple[Monomial, fmpq]:
    factor = fmpq(1)
    if not left or not right:
        return left or right, factor
    powers = dict(left)
    for atom, exponent in right:
        total = powers.get(atom, Fraction(0)) + exponent
        if atom[0] == "root" and total >= 1:
            total -= 1
            factor *= atom[1]
        powers[atom] = total
    return frozenset((a, e) for a, e in powers.items() if e), factor


def _accumulate(terms: dict[Monomial, fmpq], monomial: Monomial, value: fmpq) -> None:
    total = terms.get(monomial, fmpq(0)) + value
    if total == 0:
        terms.pop(monomial, None)
    else:
        terms[monomial] = total


def _degree(monomial: Monomial) -> int:
    return next((int(e) for atom, e in monomial if atom == GROWTH), 0)


@cache
def prime_factors(value: fmpq) -> tuple[tuple[int, int], ...] | None:
    """Return primes and exponents of a positive rational number, None where it is too large."""
    if value <= 0 or max(value.p, value.q) > LARGEST_FACTORED:
        return None
    up = [(int(p), int(e)) for p, e in fmpz(value.p).factor()]
    return tuple(up + [(int(p), -int(e)) for p, e in fmpz(value.q).factor()])


def _atom_ball(atom: Atom, exponent: Fraction) -> arb:
    power = arb(fmpq(exponent.numerator, exponent.denominator))
    match atom[0]:
        case "log":
            base = arb(atom[1]).log()
        case "exp":
            return (power * Constant({atom[1]: fmpq(1)}).ball()).exp()
        case "root":
            return arb(atom[1]) ** power
        case "pi":
            base = arb.pi()
        case _:
            base = _opaque_ball(atom)
    return base ** int(exponent)


def _opaque_ball(atom: Atom) -> arb:
    kind, key, exponent = atom
    inner = Constant(dict(key)).ball()
    match kind:
        case "ln":
            return inner.log()
        case "atan":
            return inner.atan()
        case _:
            return inner ** arb(fmpq(exponent.numerator, exponent.denominator))


def _monomial_text(monomial: Monomial) -> str:
    return "*".join(sorted(_power_text(atom, e) for atom, e in monomial))


def _power_text(atom: Atom, exponent: Fraction) -> str:
    match atom[0]:
        case "log":
            name = f"log({atom[1]})"
        case "root":
            name = str(atom[1])
        case "L" | "pi":
            name = str(atom[0])
        case "exp":
            name = f"exp({_monomial_text(atom[1]) or 1})"
        case _:
            name = f"{atom[0]}({Constant(dict(atom[1]))})"
    return name if exponent == 1 else f"{name}^({exponent})"
