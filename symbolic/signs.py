"""Signs of polynomials in atoms of the normal form, for every number of classes.

Guarantees: a sign that is returned holds at every point of the assumptions where the polynomial is
defined, for every number of classes allowed in the case.
The method: each irreducible factor by itself; every class sum with terms of known sign is split at
the named classes, the rest of it being a nonnegative number; then all coefficients must agree.
What it cannot see: signs that need a relation between sums or a square; it answers None.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Abs, Expr, Ge, Gt, Integral, Le, Lt, Max, Min, Ne, Pow, Sum, exp
from sympy.core.basic import Basic

from .cases import Case
from .field import Fraction, Poly
from .normaliser import Normaliser
from .partial_fractions import has_gaps
from .positive_sums import is_positive
from .quadratics import quadratic_sign
from .ranges import named_classes
from .sign_rules import Sign, declared_sign, negated, plus, times, to_power, weakest
from .sum_splitter import SumSplitter
from .universal import Every, replace_in

_DEPTH = 3
"""How many polynomials may wait for the sign of a part of them."""


class Signs:
    """The sign oracle of one case: assumptions, named classes and the least number of classes."""

    def __init__(self, case: Case, facts: Sequence[Basic] = ()) -> None:
        self._case = case
        plain = [f for f in facts if isinstance(f, (Gt, Ge, Lt, Le, Ne))]
        # a normal form is kept: a modulus must not be met before what is known of its argument
        self._facts = sorted(plain, key=lambda f: f.has(Abs, Max, Min))
        self._every = [f for f in facts if isinstance(f, Every)]
        self._learnt: set[Expr] = set()
        self._known: list[tuple[Fraction, Sign]] | None = None
        self._positive_sums: list[int] = []
        self._products: list[tuple[set[Expr], Sign]] = []
        self._busy: set[Expr] = set()
        self._sums = SumSplitter(case)

    def __call__(self, normaliser: Normaliser, poly: Poly) -> Sign:
        """Return the sign of `poly`, or None."""
        self._learn(normaliser)  # first: a factor that waits for its sign would be unknown there
        field = normaliser.field
        content, factors = field.factors(poly)
        result: Sign = ">0" if content > 0 else "<0"
        product = {field.poly_expr(factor) for factor, exponent in factors if exponent % 2}
        for several, known in self._products:
            if several <= product:
                result = times(result, known)
                product -= several
                factors = [(f, e) for f, e in factors if field.poly_expr(f) not in several]
        for factor, exponent in factors:
            sign = to_power(self._for_every_class(normaliser, factor), exponent)
            if sign == ">=0" and field.poly_expr(factor) in normaliser.nonzero:
                sign = ">0"
            result = times(result, sign)
        return result

    def _for_every_class(self, normaliser: Normaliser, factor: Poly) -> Sign:
        """Return the sign of `factor` whatever class a running class in it is.

        The named classes of the case differ from each other, but a running class may be any of
        them, also one that does not occur in `factor`.
        """
        sign = self._factor(normaliser, factor)
        expr = normaliser.field.poly_expr(factor)
        for size, named in named_classes([expr]).items():
            fixed = set(self._case.classes.get(size, ()))
            for running in sorted((a for a in named - fixed if a.is_Symbol), key=str):
                for other in sorted((named | fixed) - {running}, key=str):
                    if sign is None:
                        return None
                    value = normaliser.of(expr.xreplace({running: other}))
                    sign = weakest(sign, normaliser.sign_of_fraction(value))
        return sign

    def _learn(self, normaliser: Normaliser) -> list[tuple[Fraction, Sign]]:
        if self._known is None:
            self._known = []
            for fact in self._facts:
                self._learn_one(normaliser, fact)
        return self._known

    def _learn_one(self, normaliser: Normaliser, fact: Basic) -> None:
        big, small = (fact.rhs, fact.lhs) if isinstance(fact, (Lt, Le)) else fact.args
        value = normaliser.of(big - small)
        if isinstance(fact, (Gt, Lt, Ne)) and has_gaps(normaliser, value):
            return
        if isinstance(fact, Ne):
            factors = normaliser.field.factors(value.num)[1]
            normaliser.nonzero |= {normaliser.field.poly_expr(f) for f, _ in factors}
        else:
            self._note(normaliser, value, ">0" if isinstance(fact, (Gt, Lt)) else ">=0")

    def _term_sign(self, normaliser: Normaliser, number: int) -> Sign:
        """Return the sign of the term of a sum; what holds for every class holds for its class."""
        term, running, size = normaliser.sums[number]
        if running not in self._learnt:
            self._learnt.add(running)
            self._learn(normaliser)
            for every in (f for f in self._every if f.size == size):
                for part, but in every.parts():
                    if isinstance(part, (Gt, Ge, Lt, Le, Ne)) and not but:
                        self._learn_one(normaliser, replace_in(part, {every.running: running}))
        return normaliser.sign_of_fraction(normaliser.of(term))

    def _note(self, normaliser: Normaliser, value: Fraction, sign: Sign) -> None:
        """Store what ``value > 0`` says of its numerator, factors of known sign taken out."""
        field = normaliser.field
        content, factors = field.factors(value.num * value.den)
        if content < 0:
            sign = negated(sign)
        left = []
        for factor, exponent in factors:
            own = to_power(self._factor(normaliser, factor), exponent)
            if own in (">0", "<0"):
                sign = times(sign, own)
            else:
                left.append((factor, exponent))
        if len(left) > 1 and all(exponent % 2 for _, exponent in left):
            self._products.append(({field.poly_expr(factor) for factor, _ in left}, sign))
        if len(left) == 1 and left[0][1] % 2 and self._known is not None:
            poly = left[0][0]
            self._known.append((field.whole(poly), sign))
            used = field.used(poly)
            if sign == ">0" and poly == field.generator(used[0]) and used[0] in normaliser.sums:
                self._positive_sums.append(used[0])

    def _factor(self, normaliser: Normaliser, factor: Poly) -> Sign:
        key = normaliser.field.poly_expr(factor)
        if key in self._busy:
            return None
        self._busy.add(key)
        try:
            sign = self._search(normaliser, factor)
        finally:
            self._busy.discard(key)
        return sign[0] + "0" if sign in (">=0", "<=0") and key in normaliser.nonzero else sign

    def _search(self, normaliser: Normaliser, factor: Poly) -> Sign:
        """Return the sign of a factor by the first way that gives one."""
        field = normaliser.field
        facts = self._learn(normaliser)
        direct = self._by_coefficients(normaliser, factor)
        if direct in (">0", "<0", "==0"):
            return direct
        for fact, sign in facts:
            if field._poly(fact.num) == field._poly(factor):
                return sign
        for others in ({}, self._case.classes):
            split = self._sums.split(normaliser, factor, others, self._term_sign)
            refined = self._by_coefficients(normaliser, split)
            if refined in (">0", "<0"):
                return refined
            direct = direct or refined
        found = direct or self._with_facts(normaliser, factor) or self._scaled(normaliser, factor)
        found = found or self._grouped(normaliser, factor)
        if found in (None, ">=0", "<=0"):
            squares = quadratic_sign(field, factor, lambda a: self._is_nonzero(normaliser, a))
            found = squares if squares in (">0", "<0") else found or squares
        return found

    def _grouped(self, normaliser: Normaliser, poly: Poly) -> Sign:
        """Add up the signs of what stands beside each product of nonnegative atoms."""
        field = normaliser.field
        plain = {a for a in field.used(poly) if self._assumed(normaliser, a) in (">0", ">=0")}
        groups: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
        for monomial, coefficient in field.terms(poly):
            outer = tuple(e if a in plain else 0 for a, e in enumerate(monomial))
            inner = tuple(0 if a in plain else e for a, e in enumerate(monomial))
            groups.setdefault(outer, {})[inner] = coefficient
        if len(groups) < 2 or len(self._busy) >= _DEPTH:
            return None
        total: Sign = "==0"
        for outer, terms in groups.items():
            sign = self(normaliser, field.from_terms(terms))
            for atom, exponent in enumerate(outer):
                if exponent:
                    sign = times(sign, to_power(self._assumed(normaliser, atom), exponent))
            total = plus(total, sign)
            if total is None:
                return None
        return total

    def _is_nonzero(self, normaliser: Normaliser, number: int) -> bool:
        atom = normaliser.field.atoms[number]
        return atom in normaliser.nonzero or self._assumed(normaliser, number) in (">0", "<0")

    def _with_facts(self, normaliser: Normaliser, factor: Poly) -> Sign:
        """Subtract a multiple of one known quantity that removes a monomial."""
        field = normaliser.field
        for fact, sign in self._known or []:
            own = dict(field.terms(fact.num))
            for monomial, coefficient in field.terms(factor):
                if monomial not in own:
                    continue
                ratio = coefficient / own[monomial]
                rest = field._poly(factor) - field._poly(fact.num) * ratio
                part = sign if ratio > 0 else negated(sign)
                rest_sign = self._rest(normaliser, rest)
                whole = plus(rest_sign, part)
                if whole is not None:
                    return whole
        return None

    def _scaled(self, normaliser: Normaliser, factor: Poly) -> Sign:
        """Subtract a known quantity times an atom of known sign, as n in n (1 - a)."""
        field = normaliser.field
        for number in field.used(factor):
            own = self._assumed(normaliser, number)
            for fact, sign in (self._known or []) if own else []:
                product = field._poly(fact.num) * field._poly(field.generator(number))
                terms = dict(field.terms(product))
                for ratio in [c / terms[m] for m, c in field.terms(factor) if m in terms]:
                    part = times(times(sign, own), ">0" if ratio > 0 else "<0")
                    rest = field._poly(factor) - field._poly(product) * ratio
                    whole = plus(self._by_coefficients(normaliser, rest), part)
                    if whole is not None:
                        return whole
        return None

    def _rest(self, normaliser: Normaliser, rest: Poly) -> Sign:
        """Return the sign of what is left beside a known quantity, by another one if need be."""
        if rest.is_zero():
            return "==0"
        direct = self._by_coefficients(normaliser, rest)
        if direct is None and len(self._busy) < _DEPTH:
            return self(normaliser, rest)
        return direct

    def _by_coefficients(self, normaliser: Normaliser, poly: Poly) -> Sign:
        field = normaliser.field
        signs = {a: self._assumed(normaliser, a) for a in field.used(poly)}
        total: Sign = "==0"
        for monomial, coefficient in field.terms(poly):
            sign: Sign = ">0" if coefficient > 0 else "<0"
            for atom, exponent in enumerate(monomial):
                if exponent:
                    sign = times(sign, to_power(signs[atom], exponent))
            total = plus(total, sign)
            if total is None:
                return None
        return total

    def _assumed(self, normaliser: Normaliser, number: int) -> Sign:
        """Return the sign of an atom: its own, or what an assumption says of it."""
        own = self._atom(normaliser, normaliser.field.atoms[number])
        if own in (">0", "<0", "==0"):
            return own
        generator = normaliser.field.generator(number)
        for fact, sign in self._known or []:
            if normaliser.field._poly(fact.num) == generator:
                return sign if sign in (">0", "<0") else own or sign
        return own

    def _atom(self, normaliser: Normaliser, atom: Expr) -> Sign:
        if isinstance(atom, exp) or atom == exp(1):
            return ">0"
        if isinstance(atom, Abs):
            looked_at = normaliser.of(atom.args[0])
            return ">0" if normaliser.is_nonzero(looked_at) else ">=0"
        if isinstance(atom, Pow) and atom.exp.is_Rational:
            inside = normaliser.sign_of_fraction(normaliser.of(atom.base))
            return ">0" if inside == ">0" else ">=0"
        if isinstance(atom, Sum):
            return self._sum(normaliser, atom)
        if atom.has(Integral):  # SymPy would integrate it numerically and believe the result
            return None
        return declared_sign(atom)

    def _sum(self, normaliser: Normaliser, atom: Sum) -> Sign:
        number = normaliser.field.used(normaliser.field.atom(atom).num)[0]
        if number not in normaliser.sums:
            return None
        sign = self._term_sign(normaliser, number)
        positive = [normaliser.sums[s] for s in self._positive_sums]
        return ">0" if sign == ">=0" and is_positive(normaliser, number, positive) else sign
