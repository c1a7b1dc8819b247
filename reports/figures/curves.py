"""A curve: certified values of one expression at exact places, drawn and told in digits.

Guarantees: what is drawn and what is told are the same values.
Cannot see: what happens between two places; a curve joins them by straight lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb
from sympy import Expr

from ...numeric import Point
from .numbers import decimal, value
from .style import Style


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Values of an expression along a line.

    Attributes
    ----------
    label
        What the curve is, as in a legend.
    places
        Where it was evaluated, in rising order.
    values
        The balls there.
    """

    label: str
    places: tuple[Fraction, ...]
    values: tuple[arb, ...]

    def ball(self, place: Fraction) -> arb:
        """Return the value at one of the places."""
        return self.values[self.places.index(place)]

    def at(self, place: Fraction, digits: int = 3) -> str:
        """Return the value at one of the places, to so many decimal places."""
        return decimal(self.ball(place), digits)

    @property
    def lowest(self) -> Fraction:
        """The place of the least value."""
        return min(self.places, key=lambda place: self.ball(place).mid())

    @property
    def highest(self) -> Fraction:
        """The place of the largest value."""
        return max(self.places, key=lambda place: self.ball(place).mid())


def curve(
    label: str, expr: Expr, places: Iterable[Fraction], point: Callable[[Fraction], Point]
) -> Curve:
    """Return the curve of an expression at the point of each place."""
    where = tuple(places)
    return Curve(label, where, tuple(value(expr, point(place)) for place in where))


def draw_curve(panel: Any, shown: Curve, style: Style, **options: Any) -> None:
    """Draw a curve with its label; `options` go to Matplotlib's ``plot``."""
    xs = [float(place) for place in shown.places]
    ys = [float(ball.mid()) for ball in shown.values]
    panel.plot(xs, ys, **({"label": shown.label} | style.curve | options))


def spelled(place: Fraction) -> str:
    """Return an exact place as a decimal, or as the fraction it is.

    >>> spelled(Fraction(1, 8)), spelled(Fraction(1, 3)), spelled(Fraction(-2, 10**8))
    ('0.125', '1/3', '−2e-8')
    """
    text = f"{float(place):g}".replace("e-0", "e-")
    return (text if Fraction(text) == place else str(place)).replace("-", "−", place < 0)
