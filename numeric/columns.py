"""A number for each class: the arithmetic of class sums without a step of Python for each class.

Guarantees: every number is a ball that holds the true value, at the working precision of
python-flint's context; sums and multiples run inside FLINT.
Where there is *nothing*, as beside the one class that a Kronecker delta chooses, a product is
nothing too, whatever the other factor is; a number that is 0 has no such power.
Cannot see: an exact rational; whoever needs one evaluates class by class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import TypeAlias

from flint import arb, arb_poly

from .vectors import Vector

Terms: TypeAlias = Mapping[Vector, arb]
Cell: TypeAlias = "arb | None"
"""A number, or nothing."""


@dataclass(frozen=True, slots=True)
class Column:
    """A number for each class: a combination of vectors, but for some places.

    Attributes
    ----------
    size
        The number of classes.
    constant
        What every class has; None for nothing.
    terms
        Vectors, with what each is multiplied by; their sum is added to the constant.
    patches
        What single classes, counted from 0, have in place of these; None for nothing.
    """

    size: int
    constant: Cell = None
    terms: Terms = field(default_factory=dict)
    patches: Mapping[int, Cell] = field(default_factory=dict)

    @classmethod
    def of(cls, vector: Vector) -> Column:
        """Return the column of a vector."""
        return cls(vector.size, None, {vector: arb(1)})

    @property
    def is_sparse(self) -> bool:
        """Whether there is nothing but for single classes."""
        return self.constant is None and not self.terms

    def cell(self, place: int) -> Cell:
        """Return what a class, counted from 0, has."""
        if place in self.patches:
            return self.patches[place]
        parts = [factor * vector[place] for vector, factor in self.terms.items()]
        return _sum_of([self.constant, *parts])

    def at(self, place: int) -> arb:
        """Return the number of a class, counted from 0; nothing is 0."""
        return _number(self.cell(place))

    def with_patches(self, patches: Mapping[int, Cell]) -> Column:
        """Return the column with something else for single classes."""
        return Column(self.size, self.constant, self.terms, {**self.patches, **patches})

    def selecting(self) -> Column:
        """Return the column with nothing where it is exactly 0."""

        def seen(cell: Cell) -> Cell:
            return None if cell is None or cell.is_zero() else cell

        patches = {place: seen(cell) for place, cell in self.patches.items()}
        return Column(self.size, seen(self.constant), self.terms, patches)

    def times(self, factor: arb) -> Column:
        """Return a multiple."""
        return Column(
            self.size,
            _times(self.constant, factor),
            {vector: held * factor for vector, held in self.terms.items()},
            {place: _times(cell, factor) for place, cell in self.patches.items()},
        )

    def plus(self, other: Column) -> Column:
        """Return the sum, class by class."""
        places = {**self.patches, **other.patches}
        return Column(
            self.size,
            _sum_of([self.constant, other.constant]),
            _added(self.terms, other.terms),
            {place: _sum_of([self.cell(place), other.cell(place)]) for place in places},
        )

    def by(self, other: Column) -> Column:
        """Return the product, class by class; nothing where one of them has nothing."""
        places = {**self.patches, **other.patches}
        patches = {place: _times(self.cell(place), other.cell(place)) for place in places}
        if self.is_sparse or other.is_sparse:
            return Column(self.size, None, {}, patches)
        one, two = self._merged(), other._merged()
        terms: Terms = {}
        for v, f in one.terms.items():
            terms = _added(terms, {v.times(w): f * g for w, g in two.terms.items()})
        for vectors, constant in ((one.terms, two.constant), (two.terms, one.constant)):
            if constant is not None:
                terms = _added(terms, {v: f * constant for v, f in vectors.items()})
        return Column(self.size, _times(one.constant, two.constant), terms, patches)

    def _merged(self) -> Column:
        """Return the column with one vector at most, but for its patches."""
        if len(self.terms) < 2:
            return self
        return Column.of(Vector(self.size, vector=self._vector()))

    def _vector(self) -> arb_poly:
        """Return the numbers of all classes as a new vector, without those of single ones."""
        parts = [v.vector if f == 1 else v.vector * f for v, f in self.terms.items()]
        if self.constant is not None or not parts:
            parts.append(_number(self.constant) * arb_poly([1] * self.size))
        elif len(parts) == 1 and parts[0] is next(iter(self.terms)).vector:
            return parts[0] + 0
        return reduce(arb_poly.__add__, parts)

    def inverted(self) -> Column:
        """Return the reciprocals."""
        patches = {p: None if cell is None else 1 / cell for p, cell in self.patches.items()}
        if not self.terms:
            constant = None if self.constant is None else 1 / self.constant
            return Column(self.size, constant, {}, patches)
        whole = Column(self.size, self.constant, self.terms)
        one = whole._merged() if self.constant is None else Column.of(whole.dense())
        ((vector, factor),) = one.terms.items()
        return Column(self.size, None, {vector.inverted(): 1 / factor}, patches)

    def mapped(self, function: Callable[[arb], arb]) -> Column:
        """Return the values of a function; nothing counts as 0."""
        patches: dict[int, Cell] = {place: function(self.at(place)) for place in self.patches}
        if not self.terms:
            return Column(self.size, function(_number(self.constant)), {}, patches)
        bare = Column(self.size, self.constant, self.terms).dense()
        balls = bare.balls
        if patches:
            balls = list(balls)
            for place in patches:
                balls[place] = arb(0)  # what stands there may have no value
        values = Vector(self.size, balls=list(map(function, balls)))
        return Column(self.size, None, {values: arb(1)}, patches)

    def total(self) -> arb:
        """Return the sum over all classes."""
        return self.without(())

    def without(self, places: Iterable[int]) -> arb:
        """Return the sum over all classes but some; nothing is subtracted."""
        left_out = frozenset({*self.patches, *places})
        parts = [factor * vector.sum_but(left_out) for vector, factor in self.terms.items()]
        singles = [cell for place, cell in self.patches.items() if place not in places]
        rest = _times(self.constant, arb(self.size - len(left_out)))
        return _number(_sum_of([*parts, *singles, rest]))

    def dense(self) -> Vector:
        """Return the numbers of all classes as one vector."""
        if not self.patches and self.constant is None and len(self.terms) == 1:
            ((vector, factor),) = self.terms.items()
            if factor == 1:
                return vector
        found = self._vector()
        for place in self.patches:
            found[place] = self.at(place)
        return Vector(self.size, vector=found)


def _number(cell: Cell) -> arb:
    return arb(0) if cell is None else cell


def _times(one: Cell, other: Cell) -> Cell:
    return None if one is None or other is None else one * other


def _sum_of(cells: Iterable[Cell]) -> Cell:
    held = [cell for cell in cells if cell is not None]
    return reduce(arb.__add__, held) if held else None


def _added(one: Terms, other: Terms) -> Terms:
    found = dict(one)
    for vector, factor in other.items():
        found[vector] = found[vector] + factor if vector in found else factor
    return found


def scattered(size: int, cells: Mapping[int, Cell]) -> Column:
    """Return the column that has nothing but for single classes."""
    return Column(size, None, {}, cells)


def uniform(size: int, value: arb) -> Column:
    """Return the column of one number for all classes."""
    return Column(size, value)
