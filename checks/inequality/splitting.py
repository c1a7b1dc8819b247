"""From the normal form to real unknowns: class sums split at the named classes.

Guarantees: every polynomial made here has, at the values that the unknowns stand for, the value of
the polynomial it was made of, for every number of classes that the case allows; and the unknowns
have the signs stated.
The sum over the classes that no name is given to is one unknown of the sign of its terms; what is
known of it beyond that is said by `lemmas`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sympy import Abs, Dummy, Expr, Mul, Pow, Rational, Sum, Symbol, exp
from sympy.core.add import Add
from sympy.tensor.indexed import Indexed

from ...symbolic.cases import SIZES, Case
from ...symbolic.field import Fraction, Poly as FieldPoly
from ...symbolic.letters import letters, names_in
from ...symbolic.normaliser import Normaliser
from ...symbolic.printing import to_text
from ...symbolic.vocabulary import SLOT
from .question import Poly, Unknown, context_of

_SIGNS = {">0": ">0", ">=0": ">=0", "==0": ">=0"}
_ROUNDS = 6


class Splitting:
    """The unknowns of one case of a statement, made as polynomials of the field arrive."""

    def __init__(self, case: Case, normaliser: Normaliser) -> None:
        self.case = case
        self.normaliser = normaliser
        self.rests: dict[Expr, tuple[Expr, Symbol, Expr]] = {}
        """For each rest: its term, running class and size."""
        self._rest_of: dict[tuple[Expr, Expr], Expr] = {}

    # -- splitting in the field ----------------------------------------------------------------

    def split(self, value: Fraction) -> Fraction:
        """Return `value` with every class sum and size split at the named classes."""
        field = self.normaliser.field
        for _ in range(_ROUNDS):
            used = {*field.used(value.num), *field.used(value.den)}
            values = {a: self._value(a) for a in used}
            changed = {a: v for a, v in values.items() if v is not None}
            if not changed:
                return value
            value = _put(field, value.num, changed) / _put(field, value.den, changed)
        return value

    def _value(self, number: int) -> Fraction | None:
        """Return what an atom is split into; None if it stays."""
        normaliser = self.normaliser
        atom = normaliser.field.atoms[number]
        if atom in SIZES:
            return self._size(atom)
        if number not in normaliser.sums:
            return None
        term, running, size = normaliser.sums[number]
        return self._sum(term, running, size)

    def _size(self, size: Expr) -> Fraction:
        field = self.normaliser.field
        named = len(self.case.classes.get(size, ()))
        return field.constant(named + self.surplus(size)) + self.rest(Rational(1), Dummy(), size)

    def _sum(self, term: Expr, running: Symbol, size: Expr) -> Fraction:
        total = self.rest(term, running, size)
        for member in self.case.classes.get(size, ()):
            total = total + self.normaliser.of(term.xreplace({running: member}))
        return total

    def rest(self, term: Expr, running: Symbol, size: Expr) -> Fraction:
        """Return the sum over the remaining classes as an atom (for the count: what is above)."""
        place = Symbol("_j", integer=True, positive=True)
        key = (term.xreplace({running: place}), size)
        if key not in self._rest_of:
            rest = Dummy("rest", real=True)
            self._rest_of[key] = rest
            self.rests[rest] = (term, running, size)
        return self.normaliser.field.atom(self._rest_of[key])

    def count(self, size: Expr) -> Fraction:
        """Return the number of remaining classes."""
        field = self.normaliser.field
        return self.split(field.atom(size)) - field.constant(len(self.case.classes.get(size, ())))

    def surplus(self, size: Expr) -> int:
        """Return how many classes there must be besides the named ones."""
        return max(self.case.smallest.get(size, 1) - len(self.case.classes.get(size, ())), 0)

    def must_exist(self, size: Expr) -> bool:
        """Tell whether there must be a class besides the named ones."""
        return self.case.smallest.get(size, 1) > len(self.case.classes.get(size, ()))

    # -- unknowns ------------------------------------------------------------------------------

    def unknowns(self, polys: Iterable[FieldPoly]) -> dict[int, Unknown]:
        """Return the unknown for each atom that occurs in the polynomials."""
        field = self.normaliser.field
        used = sorted({a for poly in polys for a in field.used(poly)})
        taken: set[str] = set()
        result = {}
        for number in used:
            result[number] = self._unknown(number, taken)
            taken.add(result[number].name)
        return result

    def _unknown(self, number: int, taken: set[str]) -> Unknown:
        atom = self.normaliser.field.atoms[number]
        if atom in self.rests:
            return self._rest_unknown(atom, taken)
        sign = self.sign_of_atom(atom)
        name = _fresh(_name(atom), taken)
        return Unknown(name, sign, to_text(atom), grades(atom))

    def _rest_unknown(self, rest: Expr, taken: set[str]) -> Unknown:
        term, running, size = self.rests[rest]
        named = self.case.classes.get(size, ())
        but = f", {size} without {', '.join(map(str, named))}" if named else ""
        if term == 1:
            least = max(self.case.smallest.get(size, 1), len(named))
            return Unknown(_fresh("N", taken), ">=0", f"{size} - {least}", {})
        classes = names_in(term).union(map(str, named))
        letter = Symbol(next(letters(classes)), integer=True, positive=True)
        meaning = f"sum over {letter} of {to_text(term.xreplace({running: letter}))}{but}"
        return Unknown(
            _fresh("R1", taken),
            self.sign_of_rest(rest),
            meaning,
            powers(term, running),
            f"rest of {size}",
        )

    def sign_of_rest(self, rest: Expr) -> str:
        """Return the sign of a sum over the remaining classes."""
        term, _running, size = self.rests[rest]
        sign = _SIGNS.get(self.sign_of_term(term) or "", "real")
        if sign == ">0" and not self.must_exist(size):
            return ">=0"
        return sign

    def sign_of_term(self, term: Expr) -> str | None:
        """Return the sign of the term of a class sum, whatever its class is."""
        return self.normaliser.sign_of_fraction(self.normaliser.of(term))

    def sign_of_atom(self, atom: Expr) -> str:
        """Return the sign of an atom."""
        if isinstance(atom, Abs):
            return ">=0"
        value = self.normaliser.field.atom(atom)
        known = self.normaliser.sign_of_fraction(value)
        if known in (">0", ">=0"):
            return str(known)
        return "real"

    # -- polynomials in the unknowns -----------------------------------------------------------

    def polynomials(
        self, polys: Iterable[FieldPoly], unknowns: Mapping[int, Unknown]
    ) -> tuple[Any, list[Poly]]:
        """Return the context of the unknowns, and the polynomials in it."""
        context = context_of([u.name for u in unknowns.values()])
        place = {number: k for k, number in enumerate(unknowns)}
        found = []
        for poly in polys:
            data: dict[tuple[int, ...], Any] = {}
            for exponents, coefficient in self.normaliser.field.terms(poly):
                new = [0] * len(place)
                for number, exponent in enumerate(exponents):
                    if exponent:
                        new[place[number]] = exponent
                data[tuple(new)] = coefficient
            found.append(context.from_dict(data))
        return context, found


def _put(field: Any, poly: FieldPoly, values: Mapping[int, Fraction]) -> Fraction:
    total = field.constant(0)
    powers_of: dict[tuple[int, int], Fraction] = {}
    for exponents, coefficient in field.terms(poly):
        left = tuple(0 if a in values else e for a, e in enumerate(exponents))
        term = field.make(field.from_terms({left: coefficient}), field.constant(1).num)
        for a, e in enumerate(exponents):
            if e and a in values:
                key = (a, e)
                if key not in powers_of:
                    powers_of[key] = values[a] ** e
                term = term * powers_of[key]
        total = total + term
    return total


Powers = dict[Expr, Rational]
"""The exponents of base factors, each written with the slot in place of its class."""


def powers(term: Expr, running: Symbol) -> Powers:
    """Return the exponents of the base factors of the term of a class sum."""
    found: Powers = {}
    for factor in Mul.make_args(term):
        for base, exponent in _base_factors(factor):
            key = base.xreplace({running: SLOT})
            found[key] = found.get(key, Rational(0)) + exponent
    return {k: e for k, e in found.items() if e}


def grades(atom: Expr) -> Powers:
    """Return how often base factors count in an atom that belongs to one class."""
    places = {a for member in atom.atoms(Indexed) for a in member.indices}
    if isinstance(atom, (Indexed, exp, Abs)) and len(places) == 1:
        return powers(atom, places.pop())
    return {}


def _base_factors(factor: Expr) -> list[tuple[Expr, Rational]]:
    if isinstance(factor, exp):
        parts = [part.as_coeff_Mul() for part in Add.make_args(factor.args[0])]
        return [(exp(unit), Rational(rate)) for rate, unit in parts]
    if isinstance(factor, Pow) and factor.exp.is_Rational:
        return [(base, e * factor.exp) for base, e in _base_factors(factor.base)]
    return [(factor, Rational(1))]


def _name(atom: Expr) -> str:
    """Return a short name for an atom."""
    if isinstance(atom, Indexed):
        return f"{atom.base}_{'_'.join(map(str, atom.indices))}"
    if isinstance(atom, exp):
        unit = atom.args[0]
        if isinstance(unit, Indexed):
            letter = "w" if str(unit.base) == "z" else f"e{unit.base}"
            return f"{letter}_{'_'.join(map(str, unit.indices))}"
        return "e1"
    if isinstance(atom, Symbol):
        return str(atom)
    if isinstance(atom, Abs):
        return "a1"
    if isinstance(atom, Sum):
        return "s1"
    return "u1"


def _fresh(name: str, taken: set[str]) -> str:
    name = "".join(c if c.isalnum() or c == "_" else "" for c in name) or "u1"
    if name not in taken:
        return name
    stem = name.rstrip("0123456789")
    number = 1
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"
