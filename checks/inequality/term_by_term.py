"""Sums over classes, term by term.

Guarantees: a sum is shown nonnegative by showing that each of its terms is, whichever class it
belongs to; a number outside the sums may be spread over the classes by positive weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import combinations
from typing import Any

from sympy import Add, Expr, Gt, Integer, Lt, Ne, Sum, Symbol
from sympy.core.basic import Basic

from ...symbolic.field import Fraction
from ...symbolic.printing import to_text
from ...symbolic.vocabulary import index
from .carriers import factors_of, is_carrier
from .data import Part
from .either_side import has_sides
from .scene import Scene
from .signs_in_cases import prove_sign, prove_value
from .splitting import Splitting

_FRESH = Symbol("_901", integer=True, positive=True)
"""The running class of what is made here."""


def prove(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Show that each term of the sums is nonnegative, and what is outside them."""
    found = _over_the_rest(scene, value, strict=strict)
    return _over_all(scene, value, strict=strict) if found is None else found


def _over_the_rest(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Show that each term of the sums over the remaining classes is nonnegative, and the rest."""
    splitting = Splitting(scene.case, scene.normaliser)
    split = splitting.split(value)
    if scene.normaliser.sign(split.den) != ">0":
        return None
    for rests in _choices(splitting, split):
        found = _in_terms(scene, splitting, split, rests, strict=strict)
        if found is not None:
            return found
    return None


def _choices(splitting: Splitting, split: Fraction) -> Iterator[list[int]]:
    """Yield the sums to be looked at term by term: those of unknown sign, with others or alone."""
    field = split.field
    rests = [a for a in field.used(split.num) if field.atoms[a] in splitting.rests]
    term = {a: splitting.rests[field.atoms[a]][0] for a in rests}
    odd = [a for a in rests if splitting.sign_of_rest(field.atoms[a]) == "real"]
    quotients = [
        a for a in rests if any(f.is_Pow and f.exp.is_negative for f in factors_of(term[a]))
    ]
    count = [a for a in rests if term[a] == 1]
    seen: list[set[int]] = [set()]
    for chosen in (odd, odd + count, odd + quotients, odd + quotients + count, rests):
        if (
            set(chosen) not in seen
            and len({splitting.rests[field.atoms[a]][2] for a in chosen}) == 1
        ):
            seen.append(set(chosen))
            yield sorted(set(chosen))


def _in_terms(
    scene: Scene, splitting: Splitting, split: Fraction, rests: list[int], *, strict: bool
) -> list[Part] | None:
    field = split.field
    parts = _linear_parts(field, split.num, rests)
    if parts is None:
        return None
    size = splitting.rests[field.atoms[rests[0]]][2]
    free, coefficients = parts
    member = _new_class(scene, size)
    whole = {d: _whole(splitting, d, scene) for d in splitting.rests}
    terms = Integer(0)
    left = field.make(free, split.den)
    for a, coefficient in coefficients.items():
        term, running, _ = splitting.rests[field.atoms[a]]
        factor = field.make(coefficient, split.den)
        terms += factor.expr().xreplace(whole) * term.xreplace({running: member})
        if term == 1:  # the unknown counts the classes beyond those that must exist
            left = left - factor * field.constant(splitting.surplus(size))
    outer = scene.of(left.expr().xreplace(whole))
    outside = prove_value(scene.after("the part outside the sums"), outer, strict=strict)
    if outside is not None:
        return _each_term(scene, terms, member, size, outside)
    if strict and not splitting.must_exist(size):
        return None
    for rate, weight in _shares(splitting, left, size):
        share = rate.expr().xreplace(whole) * weight.xreplace({_FRESH: member})
        found = _each_term(scene, terms + share, member, size, [], strict=strict)
        if found is not None:
            return found
    return None


def _shares(splitting: Splitting, value: Fraction, size: Expr) -> Iterator[tuple[Fraction, Expr]]:
    """Yield ways to write a value as a rate times the sum of a weight over the remaining classes.

    Where they may be none, the sum must be a factor of the value.
    """
    field = value.field
    for number in field.used(value.num):
        if field.atoms[number] not in splitting.rests:
            continue
        term, running, own = splitting.rests[field.atoms[number]]
        sign = splitting.sign_of_rest(field.atoms[number])
        if own != size or term == 1 or sign not in (">0", ">=0"):
            continue
        rate = value / field.whole(field.generator(number))
        if number not in field.used(rate.den) or sign == ">0":
            yield rate, term.xreplace({running: _FRESH})


def _each_term(
    scene: Scene,
    term: Expr,
    member: Symbol,
    size: Expr,
    outside: list[Part],
    known: Sequence[Basic] = (),
    *,
    strict: bool = False,
    apart: bool = True,
) -> list[Part] | None:
    """Prove the sign of a term for each class, or for each that is none of the named ones."""
    named = scene.case.classes.get(size, ())
    others = [Ne(member, c, evaluate=False) for c in named] if apart else []
    distinct = [Ne(a, b, evaluate=False) for a, b in combinations(named, 2)]
    given = [scene.case.apply(f) for f in scene.given]
    facts = [*given, *distinct, *others, *known]
    attempt = partial(prove_sign, strict=strict, work=scene.work, by_size=False)
    found = scene.work.on_half(partial(attempt, term, facts))
    if found is None:
        return None
    step = f"term by term over {'the remaining' if apart else 'all'} classes {member}"
    step += f", where {to_text(known[0])}" if known else ""
    return [*outside, *({**p, "steps": [*scene.steps, step, *p["steps"]]} for p in found)]


def _new_class(scene: Scene, size: Expr) -> Symbol:
    taken = {str(s) for f in scene.given for s in f.free_symbols} | {
        str(c) for c in scene.case.classes.get(size, ())
    }
    return next(index(letter) for letter in "jrstuabcde" if letter not in taken)


def _linear_parts(field: Any, poly: Any, numbers: list[int]) -> Any:
    """Return the part without the atoms, and the coefficient of each; None if not linear."""
    free: dict[Any, Any] = {}
    found: dict[int, dict[Any, Any]] = {}
    for exponents, coefficient in field.terms(poly):
        own = [a for a in numbers if exponents[a]]
        if not own:
            free[exponents] = coefficient
        elif len(own) == 1 and exponents[own[0]] == 1:
            rest = tuple(0 if a == own[0] else e for a, e in enumerate(exponents))
            found.setdefault(own[0], {})[rest] = coefficient
        else:
            return None
    return field.from_terms(free), {a: field.from_terms(d) for a, d in found.items()}


def _whole(splitting: Splitting, rest: Expr, scene: Scene) -> Expr:
    """Return a sum over the remaining classes as an expression again."""
    term, running, size = splitting.rests[rest]
    named = scene.case.classes.get(size, ())
    if term == 1:
        return size - len(named) - splitting.surplus(size)
    total: Expr = Sum(term.xreplace({running: _FRESH}), (_FRESH, 1, size))
    for member in named:
        total = total - term.xreplace({running: member})
    return total


# -- all classes, a part outside spread over them -------------------------------------------------


def _over_all(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Write the value as one sum over all classes, the rest of it spread by positive weights."""
    field, normaliser = value.field, scene.normaliser
    if normaliser.sign(value.den) != ">0":
        return None
    sums = [a for a in field.used(value.num) if a in normaliser.sums]
    atoms = field.atoms
    odd = [a for a in sums if is_carrier(normaliser, atoms[a]) or has_sides(atoms[a])]
    if not odd or len({normaliser.sums[a][2] for a in sums}) != 1:
        return None
    size = normaliser.sums[odd[0]][2]
    member = _new_class(scene, size)
    alone = [[a for a in sums if a != b] for b in sums if b not in odd and len(sums) > 2]
    ways = [_inside_and_outside(scene, value, c, member) for c in (odd, sums, *alone)]
    for terms, left in sorted(filter(None, ways), key=lambda way: not way[1].is_zero()):
        for spread in _spreads(scene, left, sums, member):
            found = _each_term(scene, terms + spread, member, size, [], strict=strict, apart=False)
            if found is not None:
                return found
        if strict and left.is_zero():
            found = _where_one_is_positive(scene, terms, member, size)
            if found is not None:
                return found
    return None


def _inside_and_outside(
    scene: Scene, value: Fraction, chosen: list[int], member: Symbol
) -> tuple[Expr, Fraction] | None:
    """Return the term of the chosen sums as one, and what is outside them; None if not linear."""
    field = value.field
    parts = _linear_parts(field, value.num, chosen)
    if parts is None:
        return None
    free, coefficients = parts
    rates = {a: field.make(c, value.den).expr() for a, c in coefficients.items()}
    terms = Add(*(rate * _term(scene.normaliser, a, member) for a, rate in rates.items()))
    return terms, field.make(free, value.den)


def _where_one_is_positive(
    scene: Scene, term: Expr, member: Symbol, size: Expr
) -> list[Part] | None:
    """Show that no term is negative, and that one is positive where one of a positive sum is."""
    weak = _each_term(scene, term, member, size, [], apart=False)
    if weak is None:
        return None
    for fact in scene.facts:
        if not isinstance(fact, (Gt, Lt)):
            continue
        one = _combined(scene, scene.of(fact.gts - fact.lts), member, size)
        if one is not None:
            known = (Gt(one, 0, evaluate=False),)
            found = _each_term(scene, term, member, size, weak, known, strict=True, apart=False)
            if found is not None:
                return found
    return None


def _combined(scene: Scene, value: Fraction, member: Symbol, size: Expr) -> Expr | None:
    """Return a term of which a value is the sum over the classes, None if none is known."""
    normaliser = scene.normaliser
    sums = [a for a in value.field.used(value.num) if a in normaliser.sums]
    others = any(normaliser.sums[a][2] != size for a in sums)
    if not sums or others or normaliser.sign(value.den) != ">0":
        return None
    found = _inside_and_outside(scene, value, sums, member)
    return None if found is None else found[0] + found[1].expr() / size


def _term(normaliser: Any, number: int, member: Expr) -> Expr:
    term, running, _ = normaliser.sums[number]
    return term.xreplace({running: member})


def _spreads(scene: Scene, left: Fraction, sums: list[int], member: Expr) -> Iterator[Expr]:
    """Yield ways to write a value as a sum over the classes: weights over their total."""
    normaliser = scene.normaliser
    if left.is_zero():
        yield Integer(0)
        return
    shares = []
    for number in sums:
        whole = left.field.whole(left.field.generator(number))
        if normaliser.sign_of_fraction(whole) == ">0":
            shares.append((left / whole).expr() * _term(normaliser, number, member))
            yield shares[-1]
    yield left.expr() / normaliser.sums[sums[0]][2]
    for one, other in combinations(shares[:3], 2):
        yield (one + other) / 2
