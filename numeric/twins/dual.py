"""A number of a run: an exact value or ball, with its first-order change.

Guarantees: value and slope enclose what the program computes without rounding, and its directional
derivative (forward), or carry the exact linear map for a gradient (reverse).
Comparisons are three-valued: True and False are certain, an open one raises `Undecided`.
Where both sides are exactly equal but move differently, the comparison is that of the points just
beyond, along the direction of the run; the tie is noted.
"""

from __future__ import annotations

from typing import Any

from flint import fmpq

from .. import elements
from ..elements import ONE, Element
from . import extended
from .origins import is_same
from .run import TieMet, current_run
from .tangents import Linear, Slope, combine, is_zero


class Dual:
    """A number: `value` in the extended reals, `slope` None where it depends on no input."""

    __slots__ = ("slope", "value")

    def __init__(self, value: Element, slope: Slope = None) -> None:
        self.value = value
        self.slope = slope

    def __add__(self, other: Any) -> Dual:
        b = lift(other)
        if b is None:
            return NotImplemented
        value = extended.add(self.value, b.value)
        if b.slope is None:
            return Dual(value, self.slope)
        if self.slope is None:
            return Dual(value, b.slope)
        return Dual(value, combine(((ONE, self.slope), (ONE, b.slope))))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Dual:
        b = lift(other)
        if b is None:
            return NotImplemented
        if b is self and not extended.is_special(self.value):
            return ZERO  # also to first order: the difference is no function of the inputs
        value = extended.subtract(self.value, b.value)
        if b.slope is None:
            return Dual(value, self.slope)
        if is_same(self.slope, b.slope):
            return Dual(value, elements.ZERO)
        return Dual(value, combine(((ONE, self.slope), (_MINUS, b.slope))))

    def __rsub__(self, other: Any) -> Dual:
        a = lift(other)
        return NotImplemented if a is None else a - self

    def __mul__(self, other: Any) -> Dual:
        b = lift(other)
        if b is None:
            return NotImplemented
        value = extended.multiply(self.value, b.value)
        if self.slope is None and b.slope is None:
            return Dual(value)
        return Dual(value, combine(((b.value, self.slope), (self.value, b.slope))))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Dual:
        b = lift(other)
        if b is None:
            return NotImplemented
        value = extended.divide(self.value, b.value)
        if self.slope is None and b.slope is None:
            return Dual(value)
        inverse = extended.divide(ONE, b.value)
        if b.slope is None:
            return Dual(value, combine(((inverse, self.slope),)))
        fall = extended.negate(extended.multiply(value, inverse))
        return Dual(value, combine(((inverse, self.slope), (fall, b.slope))))

    def __rtruediv__(self, other: Any) -> Dual:
        a = lift(other)
        return NotImplemented if a is None else a / self

    def __neg__(self) -> Dual:
        return Dual(extended.negate(self.value), combine(((_MINUS, self.slope),)))

    def __pos__(self) -> Dual:
        return self

    def __lt__(self, other: Any) -> bool:
        return compare(self, lifted(other)) == -1

    def __le__(self, other: Any) -> bool:
        return compare(self, lifted(other)) in (-1, 0)

    def __gt__(self, other: Any) -> bool:
        return compare(self, lifted(other)) == 1

    def __ge__(self, other: Any) -> bool:
        return compare(self, lifted(other)) in (1, 0)

    def __eq__(self, other: object) -> bool:
        b = lift(other)
        return NotImplemented if b is None else compare(self, b) == 0

    def __ne__(self, other: object) -> bool:
        b = lift(other)
        return NotImplemented if b is None else compare(self, b) != 0

    __hash__ = None  # type: ignore[assignment]  # equal numbers need not be equal objects

    def __repr__(self) -> str:
        return f"Dual({self.value}, {self.slope})"


_MINUS = fmpq(-1)
ZERO = Dual(fmpq(0))
UNIT = Dual(fmpq(1))


def lift(value: Any) -> Dual | None:
    """Return a number as a constant; None if it is none, such as an array of one number."""
    if type(value) is Dual:
        return value
    if getattr(value, "ndim", 0):
        return None
    try:
        return Dual(extended.exact(value))
    except (TypeError, ValueError, AttributeError):
        return None


def lifted(value: Any) -> Dual:
    """Return a number as a constant.

    Raises
    ------
    TypeError
        If it is none.
    """
    dual = lift(value)
    if dual is None:
        raise TypeError(f"{value!r} is not a number")
    return dual


def compare(a: Dual, b: Dual, joins: bool = False) -> int | None:
    """Return the sign of ``a - b``; None if either is nan.

    Parameters
    ----------
    a, b
        The numbers.
    joins
        Whether it does not matter which of two numbers of equal value and slope is taken, as for a
        maximum.

    Raises
    ------
    Undecided
        If the precision does not tell.
    TieMet
        In a reverse accumulation, at a tie.
    """
    run = current_run()
    if (a.slope is None) != (b.slope is None):
        run.watch(b.value if b.slope is None else a.value)
    if run.gaps is not None and not (a.slope is None and b.slope is None):
        run.gaps.append(_apart(a, b, run.place()))
    if a is b:
        return None if a.value != a.value else 0
    if type(a.value) is float and type(b.value) is float:
        # Equal infinities, of which float arithmetic says nan.
        found = (a.value > b.value) - (a.value < b.value)
        outcome = None if a.value != a.value or b.value != b.value else found
    else:
        outcome = extended.sign(extended.subtract(a.value, b.value))
    if outcome == 0 and not (a.slope is None and b.slope is None):
        outcome = _beyond(a, b, joins)
    run.outcomes.append(2 if outcome is None else outcome)
    return outcome


def _apart(a: Dual, b: Dual, place: str) -> tuple[str, float, float]:
    """Return what is compared, the distance of the two and how fast it changes, about."""
    fixed = [extended.about(d.value) for d in (a, b) if d.slope is None]
    first, second = (elements.ZERO if d.slope is None else d.slope for d in (a, b))
    distance = extended.subtract(a.value, b.value)
    speed = extended.subtract(first, second)
    return f"{place} {fixed}", extended.about(distance), extended.about(speed)


def _beyond(a: Dual, b: Dual, joins: bool) -> int:
    """Return which of two equal numbers is the greater just beyond, along the direction."""
    run = current_run()
    if isinstance(a.slope, Linear) or isinstance(b.slope, Linear):
        raise TieMet
    run.ties.append(run.place())
    first, second = (elements.ZERO if d.slope is None else d.slope for d in (a, b))
    ahead = extended.sign(extended.subtract(first, second))
    if ahead is None or (ahead == 0 and not joins):
        run.flat.append(run.place())
    return ahead or 0  # without a slope, as of two infinities, they are what they are: equal


def maximum(a: Dual, b: Dual) -> Dual:
    """Return the greater number; nan if either is."""
    outcome = compare(a, b, joins=True)
    if outcome is None:
        return a if a.value != a.value else b
    return a if outcome >= 0 else b


def minimum(a: Dual, b: Dual) -> Dual:
    """Return the smaller number; nan if either is."""
    outcome = compare(a, b, joins=True)
    if outcome is None:
        return a if a.value != a.value else b
    return a if outcome <= 0 else b


def absolute(a: Dual) -> Dual:
    """Return the absolute value."""
    outcome = compare(a, ZERO, joins=True)
    return -a if outcome == -1 else a


def total(numbers: list[Dual]) -> Dual:
    """Return the sum of `numbers`, as one linear map; 0 if there are none."""
    value: Element = elements.ZERO
    for number in numbers:
        value = extended.add(value, number.value)
    return Dual(value, combine((ONE, n.slope) for n in numbers if n.slope is not None))


def inner(left: list[Dual], right: list[Dual]) -> Dual:
    """Return the sum of the products of `left` and `right`."""
    value: Element = elements.ZERO
    pairs: list[tuple[Element, Slope]] = []
    for a, b in zip(left, right, strict=True):
        value = extended.add(value, extended.multiply(a.value, b.value))
        if a.slope is not None:
            pairs.append((b.value, a.slope))
        if b.slope is not None:
            pairs.append((a.value, b.slope))
    return Dual(value, combine(pairs))


def constant(a: Dual) -> Dual:
    """Return the number without its slope."""
    return a if a.slope is None else Dual(a.value)


def is_exact_zero(a: Dual) -> bool:
    """Tell whether the value is exactly 0."""
    return is_zero(a.value)
