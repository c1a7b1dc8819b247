"""Certified values of formulas at exact points.

Guarantees: every number here is a ball of Arb that holds the true value; more precision only makes
it narrower.
Arithmetic: python-flint, exact rationals as long as no transcendental function is met.
Cannot see: that a value is exactly 0 when no rational arithmetic shows it (``log(6) - log(2) -
log(3)``); such a value stays a small ball around 0 and ends in `PrecisionError`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq
from sympy import Expr, Symbol, sympify
from sympy.tensor.indexed import Indexed

from ..symbolic.errors import DeclarationError, PrecisionError, UndefinedValueError
from ..symbolic.vocabulary import n
from . import elements
from .digits import certified_text
from .elements import Element
from .evaluator import compile_expression, prepare
from .point import Point
from .run import KinkError, Run

_BITS_PER_DIGIT = math.log2(10)

_WRITTEN_OUT = 2**20
"""Numbers with binary exponents beyond this are printed by Arb, not written out as fractions."""


@dataclass(frozen=True, slots=True, eq=False)
class Enclosure:
    """A real number known to lie in a ball.

    Parameters
    ----------
    ball
        A finite Arb ball that holds the number.
    exact
        The number itself, where rational arithmetic gave it.

    `str` prints the digits that every number in the ball shares, then ``...``; a value known
    exactly prints as the fraction it is.
    Where the ball straddles a power of ten or 0 no digit is shared, and ``[m ± r]`` is printed.
    Two enclosures are equal when they are the same ball, which says nothing about the numbers.
    """

    ball: arb
    exact: Fraction | None = None

    def __post_init__(self) -> None:
        if not self.ball.is_finite():
            raise DeclarationError(
                "an enclosure is a bounded ball",
                found=self.ball,
                remedy="ask enclose() for the value: it says where it is undefined",
            )

    @classmethod
    def of(cls, value: Element) -> Enclosure:
        """Return the enclosure of an element, keeping an exact rational exact."""
        if isinstance(value, fmpq):
            return cls(arb(value), elements.fraction(value))
        exact = elements.fraction(value) if value.is_exact() and value.is_finite() else None
        return cls(value, exact)

    @property
    def mid(self) -> Fraction:
        """The centre of the ball; the value itself if it is exact."""
        return elements.fraction(self.ball.mid()) if self.exact is None else self.exact

    @property
    def rad(self) -> Fraction:
        """The radius of the ball; 0 if the value is exact."""
        return elements.fraction(self.ball.rad()) if self.exact is None else Fraction(0)

    @property
    def lower(self) -> Fraction:
        """A number that is not above the value."""
        return self.mid - self.rad

    @property
    def upper(self) -> Fraction:
        """A number that is not below the value."""
        return self.mid + self.rad

    @property
    def is_exact(self) -> bool:
        """Whether the value is known exactly."""
        return self.exact is not None

    @property
    def digits(self) -> float:
        """Certified significant decimal digits: infinite if exact, 0 if the ball holds 0."""
        return math.inf if self.is_exact else significant_digits(self.ball)

    def contains(self, number: Fraction) -> bool:
        """Tell whether `number` lies in the ball."""
        return self.lower <= number <= self.upper

    def sign(self) -> int | None:
        """Return 1 or -1 if certain, 0 for an exact zero, None if undecided."""
        if self.exact is not None:
            return (self.exact > 0) - (self.exact < 0)
        return elements.sign(self.ball)

    def text(self, digits: int = 15) -> str:
        """Return the value with at most `digits` digits, all of them certified."""
        if self.exact is not None and _length(self.exact) <= digits + 3:
            return str(self.exact)
        if abs(int(self.ball.mid().man_exp()[1])) > _WRITTEN_OUT:
            return str(self.ball.str(digits))
        return certified_text(self.lower, self.upper, digits)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Enclosure({self})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Enclosure):
            return NotImplemented
        return (self.mid, self.rad) == (other.mid, other.rad)

    def __hash__(self) -> int:
        return hash((self.mid, self.rad))


def _length(value: Fraction) -> int:
    """Return about how many characters `value` takes in decimal."""
    bits = value.numerator.bit_length() + (value.denominator - 1).bit_length()
    return math.ceil(bits / _BITS_PER_DIGIT)


def significant_digits(ball: arb) -> int:
    """Return how many significant decimal digits `ball` certifies, at least 0."""
    return max(0, math.floor((ball.rel_accuracy_bits() - 1) / _BITS_PER_DIGIT))


def evaluate(expr: Any, point: Point, bits: int = 128) -> arb:
    """Return a ball that holds the value of `expr` at `point`.

    Parameters
    ----------
    expr
        A class-sum expression.
    point
        A value for each of its symbols.
    bits
        The working precision; the ball is wider by the roundings on the way.

    Returns
    -------
    arb
        A non-finite ball where the value is undefined, or not shown to be defined.

    Raises
    ------
    DeclarationError
        If the point leaves a symbol without a value.
    UnsupportedError
        If the expression has a part that cannot be enclosed.
    """
    program = compile_expression(sympify(expr))
    program.check(point)
    with elements.working_precision(bits):
        return elements.to_ball(program(Run(point)))


def evaluate_vector(expr: Any, index: Symbol, point: Point, bits: int = 128) -> list[arb]:
    """Return the balls of `expr` for `index` = 1, 2, ... up to its size, sharing what they share.

    The size is that of the families `index` is a place of; ``n`` if there are none.
    What the point says about `index` is left aside.
    """
    expr = sympify(expr)
    program = compile_expression(expr)
    program.check(point, but=frozenset({index}))
    size = _size(expr, index, point)
    with elements.working_precision(bits):
        run = Run(point)
        values = []
        for member in range(1, size + 1):
            run.classes[index] = member
            values.append(elements.to_ball(program(run)))
        return values


def _size(expr: Expr, index: Symbol, point: Point) -> int:
    bases = {a.base for a in prepare(expr).atoms(Indexed) if index in a.indices}
    sizes = {len(point[base]) for base in bases}
    if not sizes and n in point:
        sizes = {point[n]}
    if len(sizes) != 1:
        raise DeclarationError(
            f"the index {index} runs over families of one size",
            found=f"sizes {sorted(sizes)} in {expr}",
            remedy="give the point a value of n, and use the index with families of one size",
        )
    return int(sizes.pop())


def enclose(expr: Any, point: Point, digits: int = 30, max_bits: int = 2**16) -> Enclosure:
    """Return the value of `expr` at `point` to `digits` certified digits, or as an exact number.

    Raises
    ------
    UndefinedValueError
        If a subexpression certainly has no value: its text names the subexpression and the point.
    KinkError
        If the branch of a piecewise formula is not decided at any precision.
    PrecisionError
        If `max_bits` bits do not suffice.
    """
    program = compile_expression(sympify(expr))
    program.check(point)
    bits = max(64, math.ceil(digits * _BITS_PER_DIGIT) + 32)
    while True:
        with elements.working_precision(min(bits, max_bits)):
            run = Run(point)
            value = program(run)
            if elements.is_finite(value):
                enclosure = Enclosure.of(value)
                if enclosure.digits >= digits:
                    return enclosure
            elif run.undefined:
                raise undefined_error(run, point)
        if bits >= max_bits:
            raise _given_up(expr, value, run, point, digits, max_bits)
        bits *= 2


def spell(point: Point) -> str:
    """Return the point for use in an error's text."""
    return str(point) or "the empty point"


def undefined_error(run: Run, point: Point) -> UndefinedValueError:
    """Return the error that names what is undefined first."""
    return UndefinedValueError(
        "an expression has a value at every point it is evaluated at",
        found=f"{run.undefined[0]} at {spell(point)}",
        remedy="choose a point in its domain, or assume the domain",
    )


def kink_error(run: Run, point: Point) -> KinkError:
    """Return the error that names the condition that ties."""
    return KinkError(
        "a branch is taken only where the sign that selects it is decided",
        found=f"a tie of {run.ties[0].place} = 0 at {spell(point)}",
        remedy="move the point off the kink, or ask for one-sided values",
    )


def _given_up(
    expr: Any, value: Element, run: Run, point: Point, digits: int, max_bits: int
) -> Exception:
    if run.ties and not elements.is_finite(value):
        return kink_error(run, point)
    return PrecisionError(
        f"the value has {digits} certified digits within {max_bits} bits",
        found=f"{elements.to_ball(value).str(10)} for {expr} at {spell(point)}",
        remedy="the value may be exactly 0; raise max_bits, or ask for fewer digits",
    )
