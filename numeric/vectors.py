"""Balls of all classes as one vector of FLINT, with what has been computed of them.

Guarantees: every entry is a ball that holds the true value, at the working precision of
python-flint's context; sums run inside FLINT.
Arithmetic: Arb; a vector is a polynomial of which only coefficients are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from weakref import ref

from flint import arb, arb_poly


class Vector:
    """Balls of all classes, as a list and as a vector of FLINT, each made when it is asked for.

    Parameters
    ----------
    size
        The number of classes.
    balls, vector
        The balls in one form or the other.
    make
        Returns the list, if neither is there yet.
    divisor
        The vector of which these are the reciprocals: a product with them is a quotient.
    apart
        Places that sums may be asked to leave out, as `set_apart` has them.
    """

    __slots__ = (
        "__weakref__",
        "_apart",
        "_balls",
        "_largest",
        "_make",
        "_products",
        "_rest",
        "_vector",
        "divisor",
        "size",
    )

    def __init__(
        self,
        size: int,
        *,
        balls: list[arb] | None = None,
        vector: arb_poly | None = None,
        make: Callable[[], list[arb]] | None = None,
        divisor: Vector | None = None,
        apart: frozenset[int] = frozenset(),
    ) -> None:
        self.size = size
        self.divisor = divisor
        self._apart = apart
        self._products: dict[int, tuple[ref[Vector], Vector]] = {}
        self._rest: arb | None = None
        self._largest: int | None = None
        self._balls, self._vector, self._make = balls, vector, make

    @property
    def balls(self) -> list[arb]:
        """The balls as a list."""
        if self._balls is None:
            if self._vector is not None:
                found = self._vector.coeffs()
                found += [arb(0)] * (self.size - len(found))  # a polynomial ends with its last one
                self._balls = found
            else:
                assert self._make is not None
                self._balls = self._make()
        return self._balls

    @property
    def vector(self) -> arb_poly:
        """The balls as the coefficients of a polynomial; not to be changed."""
        if self._vector is None:
            self._vector = arb_poly(self.balls)
        return self._vector

    def __getitem__(self, place: int) -> arb:
        if self._balls is not None:
            return self._balls[place]
        if self._vector is None and self.divisor is not None:
            return 1 / self.divisor[place]  # without the others
        return self.vector[place]

    @property
    def largest(self) -> int:
        """The place of the largest ball, by its midpoint if that is not certain."""
        if self._largest is None:
            best = max(self.balls)
            self._largest = next(k for k, ball in enumerate(self.balls) if ball is best)
        return self._largest

    def sum_but(self, places: frozenset[int] = frozenset()) -> arb:
        """Return the sum of all balls but those in some places: nothing is subtracted."""
        self.set_apart(places)
        if self._rest is None:
            self._rest = self._sum_of_rest()
        return sum((self[place] for place in self._apart - places), self._rest)

    def set_apart(self, places: frozenset[int]) -> None:
        """Say which places sums may be asked to leave out.

        All others are added up once; each place that comes later costs that sum anew.
        """
        if not places <= self._apart:
            self._apart |= places
            self._rest = None  # which holds what stands in these places

    def _sum_of_rest(self) -> arb:
        """Return the sum of all balls but those that may be left out."""
        vector = self.vector
        kept = {place: vector[place] for place in self._apart}
        for place in kept:
            vector[place] = 0
        total = vector(1)
        for place, ball in kept.items():
            vector[place] = ball
        return total

    def times(self, other: Vector) -> Vector:
        """Return the products of what stands in the same place; made once for two vectors."""
        for one, two in ((self, other), (other, self)):
            known = one._products.get(id(two))
            if known is not None and known[0]() is two:
                return known[1]
        if other.divisor is not None:
            product = self._over(other.divisor)
        elif self.divisor is not None:
            product = other._over(self.divisor)
        else:
            product = self._joined(arb.__mul__, other)
        # Weakly, so that vectors are freed when nobody holds them; an id may be given anew.
        self._products[id(other)] = ref(other), product
        return product

    def _over(self, divisor: Vector) -> Vector:
        return self._joined(arb.__truediv__, divisor)

    def _joined(self, operation: Callable[[arb, arb], arb], other: Vector) -> Vector:
        balls = list(map(operation, self.balls, other.balls))
        return Vector(self.size, balls=balls, apart=self._apart | other._apart)

    def inverted(self) -> Vector:
        """Return the reciprocals."""
        if self.divisor is not None:
            return self.divisor
        return Vector(self.size, make=lambda: [1 / ball for ball in self.balls], divisor=self)


class Balls:
    """The balls of all classes, kept as one vector of FLINT; a sequence of `arb`."""

    __slots__ = ("_vector",)

    def __init__(self, vector: Vector) -> None:
        self._vector = vector

    def __len__(self) -> int:
        return self._vector.size

    def __getitem__(self, place: int) -> arb:
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return self._vector[place % len(self)]

    def __iter__(self) -> Iterator[arb]:
        return iter(self._vector.balls)
