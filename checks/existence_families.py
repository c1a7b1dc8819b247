"""Families of exact points: values of the variables that depend on one number t.

Guarantees: every value is a rational function of t with rational coefficients, so that each whole t
gives an exact point; the simplest families come first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from typing import Any

from sympy import Dummy, Eq, Expr, IndexedBase, Integer, Rational, Symbol

from ..numeric.point import Point
from ..symbolic.cases import SIZES
from ..symbolic.errors import GradproofError
from ..symbolic.printing import to_text
from ..symbolic.vocabulary import bins, n
from .existence_question import Question
from .goals import admits

T = Dummy("t", positive=True)
"""The number that grows along a family."""
MOST_CLASSES = 3
"""The largest fixed number of classes in a family."""
LIMIT = 600
"""How many families are looked at."""
_LOOKED_AT, _SOME = 4_000, 7
"""How many are put into equations among the assumptions, and at which t."""

_REAL = (Integer(0), T, -T, Integer(1), 1 / T, Integer(-1), 2 * T)
_POSITIVE = (Integer(1), T, 1 / T, Integer(2), Rational(1, 2), 1 - 1 / T)
_NONNEGATIVE = (Integer(1), Integer(0), T, 1 / T)


@dataclass(frozen=True)
class Family:
    """A family of points in all variables but the chosen ones.

    Attributes
    ----------
    values
        Sizes and class indices as numbers (a size may be t), scalars as expressions in t, and
        families of numbers as tuples of them; where the number of classes is t, as the pair of the
        value at class 1 and that at all others.
    """

    values: tuple[tuple[Any, Any], ...]

    @property
    def grows(self) -> bool:
        """Whether the number of classes is t."""
        return dict(self.values).get(n) == T

    @property
    def moves(self) -> bool:
        """Whether a value depends on t."""
        return any(e.has(T) for _, v in self.values for e in (v if isinstance(v, tuple) else (v,)))

    def at(self, t: int) -> dict[Any, Any]:
        """Return the values for a whole number t."""
        found: dict[Any, Any] = {}
        for key, value in self.values:
            if isinstance(value, tuple):
                members = [_at(e, t) for e in value]
                found[key] = tuple([members[0], *[members[1]] * (t - 1)] if self.grows else members)
            else:
                found[key] = _at(value, t)
        return found

    def text(self, letter: str) -> str:
        """Return the family as text, with a letter for t."""
        named = Symbol(letter, positive=True)
        texts = []
        for key, value in self.values:
            several = isinstance(value, tuple)
            shown = [to_text(v.xreplace({T: named})) for v in (value if several else (value,))]
            more = ["…"] if several and self.grows else []
            inner = ", ".join([*shown, *more]) + ("," if several and len(shown) == 1 else "")
            texts.append(f"{key} = ({inner})" if several else f"{key} = {inner}")
        return ", ".join(texts) + (f", {letter} → ∞" if self.moves else "")


def _at(value: Expr, t: int) -> Fraction:
    number = value.xreplace({T: Integer(t)})
    return Fraction(int(number.p), int(number.q))


def families_of(question: Question) -> Iterator[Family]:
    """Yield families of the variables that are not chosen, the simplest first."""
    found = [
        (weight, number, family)
        for number, (weight, family) in enumerate(islice(_allowed(question), LIMIT))
    ]
    for _, _, family in sorted(found, key=lambda one: one[:2]):
        yield family


def _allowed(question: Question) -> Iterator[tuple[int, Family]]:
    """Yield families at which the equations among the assumptions hold, of a bounded number."""
    chosen = set(question.chosen)
    equations = [f for f in question.inner if isinstance(f, Eq) and not f.free_symbols & chosen]
    for weight, family in islice(_families(question), _LOOKED_AT if equations else None):
        point = point_of(family, _SOME, {}) if equations else None
        if point is None or admits(equations, point):
            yield weight, family


def _families(question: Question) -> Iterator[tuple[int, Family]]:
    several = [_of_size(question, count) for count in _counts(question)]
    # In turn, so that the limit cuts each size short and drops none.
    while several:
        for one in list(several):
            try:
                yield next(one)
            except StopIteration:
                several.remove(one)


def _counts(question: Question) -> Iterator[Expr | None]:
    """Yield numbers of classes: a few small ones and one that grows; None where there are none."""
    if n not in question.varying:
        yield None
        return
    low, high = question.inside.sizes[n]
    top = min(high or low + MOST_CLASSES - 1, max(MOST_CLASSES, low))
    yield from map(Integer, range(low, top + 1))
    if high is None:
        yield T


def _of_size(question: Question, count: Expr | None) -> Iterator[tuple[int, Family]]:
    """Yield the families of one number of classes with a weight that tells simple ones first."""
    sizes = {} if count is None else {n: count}
    sizes |= {bins: Integer(question.inside.sizes[bins][0])} if bins in question.varying else {}
    varying = [a for a in question.varying if a not in SIZES]
    indices = [a for a in varying if a in question.inside.indices]
    bases = [a for a in varying if isinstance(a, IndexedBase)]
    scalars = [a for a in varying if a not in indices and a not in bases]
    base_weight = 30 if count == T else 3 * int(count or 0)
    for places in _places(question, indices, sizes):
        choices = [_members(base, sizes) for base in bases] + [_numbers(s) for s in scalars]
        for total in range(1 + sum(len(c) - 1 for c in choices)):
            for picks in _summing(total, [len(c) for c in choices]):
                values = [c[pick] for c, pick in zip(choices, picks, strict=True)]
                pairs = [*sizes.items(), *zip(indices, places, strict=True)]
                pairs += zip((*bases, *scalars), values, strict=True)
                yield base_weight + total + 2 * len(set(places)), Family(tuple(pairs))


def _summing(total: int, lengths: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield the ways to pick a place in each list so that the places add up to a total."""
    if not lengths:
        if total == 0:
            yield ()
        return
    for first in range(min(total, lengths[0] - 1) + 1):
        for others in _summing(total - first, lengths[1:]):
            yield (first, *others)


def _places(
    question: Question, indices: list[Expr], sizes: dict[Expr, Expr]
) -> Iterator[tuple[Expr, ...]]:
    """Yield the values of class indices, up to the order of classes."""
    tops = []
    for name in indices:
        count = sizes.get(question.inside.indices[name], Integer(1))
        tops.append(len(indices) if count == T else int(count))

    def build(found: tuple[int, ...]) -> Iterator[tuple[Expr, ...]]:
        if len(found) == len(indices):
            yield tuple(map(Integer, found))
            return
        for place in range(1, min(tops[len(found)], max(found, default=0) + 1) + 1):
            yield from build((*found, place))

    yield from build(())


def _sign_values(symbol: Expr) -> tuple[Expr, ...]:
    if symbol.is_positive:
        return _POSITIVE
    if symbol.is_nonnegative:
        return _NONNEGATIVE
    if symbol.is_negative or symbol.is_nonpositive:
        return tuple(-v for v in _POSITIVE)
    return _REAL


def _numbers(scalar: Symbol) -> list[Expr]:
    return list(_sign_values(scalar))


def _members(base: IndexedBase, sizes: dict[Expr, Expr]) -> list[tuple[Expr, ...]]:
    """Return values of a family, those with few different ones first."""
    values = _sign_values(base[1])
    count = sizes.get(base.shape[0], base.shape[0])
    if count == T:
        pairs = [(a, b) for a, b in product(values[:4], repeat=2)]
        shares = [] if values is _REAL else [(1 / T, 1 / T), (1 - 1 / T, 1 / (T * (T - 1)))]
        return [*shares[:1], *sorted(pairs, key=_busy), *shares[1:]]
    size = int(count)
    most = len(values) if size < 3 else 4 if size == 3 else 2
    found = sorted(product(values[:most], repeat=size), key=_busy)
    if values is _NONNEGATIVE or values is _POSITIVE:
        share = Rational(1, size)
        found = [(share,) * size, (1 - 1 / T, *[1 / T / max(size - 1, 1)] * (size - 1)), *found]
    return found[:120]


def _busy(members: tuple[Expr, ...]) -> tuple[int, int]:
    """Rank members: how many differ from 0, then how many move."""
    return sum(v != 0 for v in members), sum(v.has(T) for v in members)


def point_of(family: Family, t: int, chosen: dict[Any, Any]) -> Point | None:
    """Return the exact point of a family at t together with chosen values; None if it is none."""
    try:
        return Point({**family.at(t), **chosen})
    except (GradproofError, ZeroDivisionError, AttributeError):
        return None
