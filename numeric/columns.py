"""A number for each class: the arithmetic of class sums without a step of Python for each class.

Guarantees: every number is a ball that holds the true value, at the working precision of
python-flint's context; sums and multiples run inside FLINT.
Cannot see: an exact rational; whoever needs one evaluates class by class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, TypeAlias

from flint import arb, arb_poly

from .vectors import Vector

Terms: TypeAlias = Mapping[Vector, arb]


@dataclass(frozen=True, slots=True)
class Column:
    """A number for each class: a combination of vectors, but for some places.

    Attributes
    ----------
    size
        The number of classes.
    constant
        What every class has.
    terms
        Vectors, with what each is multiplied by; their sum is added to the constant.
    patches
        Numbers of single classes, counted from 0, that stand in place of these.
    """

    size: int
    constant: arb
    terms: Terms = field(default_factory=dict)
    patches: Mapping[int, arb] = field(default_factory=dict)

    @classmethod
    def of(cls, vector: Vector) -> Column:
        """Return the column of a vector."""
        return cls(vector.size, arb(0), {vector: arb(1)})

    @property
    def is_zero(self) -> bool:
        """Whether every number but those of single classes is exactly 0."""
        return not self.terms and bool(self.constant.is_zero())

    def at(self, place: int) -> arb:
        """Return the number of a class, counted from 0."""
        if place in self.patches:
            return self.patches[place]
        return sum((factor * vector[place] for vector, factor in self.terms.items()), self.constant)

    def with_patches(self, patches: Mapping[int, arb]) -> Column:
        """Return the column with other numbers for single classes."""
        return Column(self.size, self.constant, self.terms, {**self.patches, **patches})

    def times(self, factor: arb) -> Column:
        """Return a multiple."""
        return Column(
            self.size,
            self.constant * factor,
            {vector: held * factor for vector, held in self.terms.items()},
            {place: value * factor for place, value in self.patches.items()},
        )

    def plus(self, other: Column) -> Column:
        """Return the sum, class by class."""
        patches = {k: self.at(k) + other.at(k) for k in (*self.patches, *other.patches)}
        return Column(
            self.size,
            self.constant + other.constant,
            _sum_of(self.terms, other.terms),
            patches,
        )

    def by(self, other: Column) -> Column:
        """Return the product, class by class; 0 where one factor is exactly 0, whatever the other.

        So a factor made of Kronecker deltas selects classes.
        """
        patches = {k: _product(self, other, k) for k in (*self.patches, *other.patches)}
        if self.is_zero or other.is_zero:
            return Column(self.size, arb(0), {}, patches)
        one, two = self._merged(), other._merged()
        terms: Terms = {}
        if not two.constant.is_zero():
            terms = {v: f * two.constant for v, f in one.terms.items()}
        if not one.constant.is_zero():
            terms = _sum_of(terms, {v: f * one.constant for v, f in two.terms.items()})
        for v, f in one.terms.items():
            terms = _sum_of(terms, {v.times(w): f * g for w, g in two.terms.items()})
        return Column(self.size, one.constant * two.constant, terms, patches)

    def _merged(self) -> Column:
        """Return the column with one vector at most, but for its patches."""
        if len(self.terms) < 2:
            return self
        return Column.of(Vector(self.size, vector=self._vector()))

    def _vector(self) -> arb_poly:
        """Return the numbers of all classes as a new vector, without those of single ones."""
        parts = [v.vector if f == 1 else v.vector * f for v, f in self.terms.items()]
        if not (self.constant.is_zero() and parts):
            parts.append(self.constant * arb_poly([1] * self.size))
        elif len(parts) == 1 and parts[0] is next(iter(self.terms)).vector:
            return parts[0] + 0
        return reduce(arb_poly.__add__, parts)

    def inverted(self) -> Column:
        """Return the reciprocals."""
        patches = {place: 1 / value for place, value in self.patches.items()}
        if not self.terms:
            return Column(self.size, 1 / self.constant, {}, patches)
        one = (
            self if self.constant.is_zero() else Column.of(Vector(self.size, vector=self._vector()))
        )
        ((vector, factor),) = one._merged().terms.items()
        return Column(self.size, arb(0), {vector.inverted(): 1 / factor}, patches)

    def mapped(self, function: Callable[[arb], arb]) -> Column:
        """Return the values of a function."""
        patches = {place: function(value) for place, value in self.patches.items()}
        if not self.terms:
            return Column(self.size, function(self.constant), {}, patches)
        bare = Column(self.size, self.constant, self.terms).dense()
        balls = bare.balls
        if patches:
            balls = list(balls)
            for place in patches:
                balls[place] = arb(0)  # what stands there may have no value
        values = Vector(self.size, balls=list(map(function, balls)))
        return Column(self.size, arb(0), {values: arb(1)}, patches)

    def total(self) -> arb:
        """Return the sum over all classes."""
        return self.without({})

    def without(self, places: Mapping[int, Any]) -> arb:
        """Return the sum over all classes but some; nothing is subtracted."""
        left_out = frozenset({*self.patches, *places})
        rest = self.constant * (self.size - len(left_out))
        rest = sum((f * vector.sum_but(left_out) for vector, f in self.terms.items()), rest)
        return sum((v for place, v in self.patches.items() if place not in places), rest)

    def dense(self) -> Vector:
        """Return the numbers of all classes as one vector."""
        if not self.patches and self.constant.is_zero() and len(self.terms) == 1:
            ((vector, factor),) = self.terms.items()
            if factor == 1:
                return vector
        found = self._vector()
        for place, value in self.patches.items():
            found[place] = value
        return Vector(self.size, vector=found)


def _sum_of(one: Terms, other: Terms) -> Terms:
    found = dict(one)
    for vector, factor in other.items():
        found[vector] = found[vector] + factor if vector in found else factor
    return found


def _product(one: Column, other: Column, place: int) -> arb:
    if _is_zero_at(one, place) or _is_zero_at(other, place):
        return arb(0)
    return one.at(place) * other.at(place)


def _is_zero_at(column: Column, place: int) -> bool:
    held = column.patches.get(place)
    return column.is_zero if held is None else bool(held.is_zero())


def scattered(size: int, values: Mapping[int, arb]) -> Column:
    """Return the column that is 0 but for single classes."""
    return Column(size, arb(0), {}, values)


def uniform(size: int, value: arb) -> Column:
    """Return the column of one number for all classes."""
    return Column(size, value)
