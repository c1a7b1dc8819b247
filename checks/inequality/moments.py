"""The sums over the remaining classes that the lemmas speak of.

Guarantees: each moment is the polynomial it stands for, in the unknowns of the question.
Beside the sums that occur there are the number of classes, sums that an assumption fixes, and sums
that complete an instance of the Cauchy-Schwarz inequality.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from sympy import Mul, Pow, Sum

from ...symbolic.errors import UnsupportedError
from ...symbolic.field import Poly as FieldPoly
from ...symbolic.vocabulary import SLOT
from .lemmas import Moment
from .question import Poly
from .splitting import Powers, Splitting, powers

_MOST = 4
"""Sums added to complete lemmas."""


@dataclass(frozen=True)
class FixedSum:
    """A sum over the remaining classes that an assumption gives a value."""

    poly: FieldPoly
    powers: Powers
    group: str
    nonnegative: bool


def fixed_sums(splitting: Splitting) -> Iterator[FixedSum]:
    """Yield what is left for the remaining classes of sums that an assumption fixes."""
    normaliser = splitting.normaliser
    for atom, fixed in normaliser.rewrite.items():
        if not isinstance(atom, Sum) or len(atom.limits) != 1:
            continue
        running, _first, size = atom.limits[0]
        term = atom.function
        try:
            rest = normaliser.of(fixed)
            for member in splitting.case.classes.get(size, ()):
                rest = rest - normaliser.of(term.xreplace({running: member}))
            split = splitting.split(rest)
        except (UnsupportedError, ZeroDivisionError):
            continue
        if split.den.is_constant():
            sign = splitting.sign_of_term(term)
            known = powers(term, running)
            yield FixedSum(split.num, known, f"rest of {size}", sign in (">0", ">=0"))


def auxiliary(splitting: Splitting, polys: Iterable[FieldPoly]) -> list[FieldPoly]:
    """Return sums that are missing beside two others in the Cauchy-Schwarz inequality."""
    field = splitting.normaliser.field
    used = sorted({a for poly in polys for a in field.used(poly)})
    rests = [field.atoms[a] for a in used if field.atoms[a] in splitting.rests]
    known = {r: _powers(splitting, r) for r in rests if splitting.rests[r][0] != 1}
    present = [frozenset(p.items()) for p in known.values()]
    found: list[FieldPoly] = []
    for mixed, other in product(known, repeat=2):
        if splitting.rests[mixed][2] != splitting.rests[other][2] or len(found) >= _MOST:
            continue
        if splitting.sign_of_rest(mixed) != "real" or splitting.sign_of_rest(other) == "real":
            continue
        left = {
            b: 2 * known[mixed].get(b, 0) - known[other].get(b, 0)
            for b in {*known[mixed], *known[other]}
        }
        left = {b: e for b, e in left.items() if e}
        plain = left and all(e > 0 and e == int(e) for e in left.values())
        if plain and frozenset(left.items()) not in present:
            present.append(frozenset(left.items()))
            _term, running, size = splitting.rests[mixed]
            term = Mul(*(Pow(b.xreplace({SLOT: running}), e) for b, e in left.items()))
            found.append(splitting.rest(term, running, size).num)
    return found


def _powers(splitting: Splitting, rest: Any) -> Powers:
    term, running, _size = splitting.rests[rest]
    return powers(term, running)


def moments_of(
    splitting: Splitting, unknowns: Any, context: Any, fixed: Iterable[tuple[FixedSum, Poly]]
) -> dict[str, list[Moment]]:
    """Return the sums over the same remaining classes, their number among them."""
    gens = dict(zip(context.names(), context.gens(), strict=True))
    groups: dict[str, list[Moment]] = {}
    atoms = splitting.normaliser.field.atoms
    for number, unknown in unknowns.items():
        if unknown.group:
            poly: Poly = gens[unknown.name]
            moment = Moment(unknown.name, poly, unknown.powers, unknown.sign != "real")
            groups.setdefault(unknown.group, []).append(moment)
        elif atoms[number] in splitting.rests:
            size = splitting.rests[atoms[number]][2]
            over = f"rest of {size}"
            value = gens[unknown.name] + splitting.surplus(size)
            groups.setdefault(over, []).append(
                Moment(f"number of the {over}", value, {}, True, over)
            )
    for number, (one, poly) in enumerate(fixed, 1):
        moment = Moment(f"fixed sum {number}", poly, one.powers, one.nonnegative, one.group)
        groups.setdefault(one.group, []).append(moment)
    return groups
