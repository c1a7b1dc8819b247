"""The figure of the gradient with a kernel that goes to the 0/1 kernel, and of its rate.

Guarantees: each error is the difference of two derivatives of library losses at one exact point,
evaluated in balls with enough digits for what cancels; the slopes are those of the balls.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flint import arb
from sympy import Abs

from ...numeric import Point
from ...symbolic import losses
from ...symbolic.vocabulary import K, delta, family, i, scalar, y, z
from ..markdown import listed
from .curves import Curve, curve, draw_curve, spelled
from .figure import Figure, Row
from .numbers import decimal, scientific, slope
from .style import STYLES, logarithmic, svg

NAME = "kernel-degeneration"
_TITLE = "The gradient goes to that of cross-entropy as the kernel goes to 0 and 1"

_t = scalar("t", positive=True)
_near = family("k", nonnegative=True)
_CE = losses.softmax_cross_entropy
_KDE = losses.kde_cross_entropy.substitute(
    K, lambda a: delta(a, y) + (1 - delta(a, y)) * _t * _near[a], "KDE[t]"
)
_PLACES = tuple(Fraction(1, 10**k) for k in range(8, -1, -1))
_SHOWN = (Fraction(1, 10**8), Fraction(1, 10**4), Fraction(1))
_AT = {z: (0, 1, -1), _near: (0, "1/2", 2), y: 1}


def draw() -> Figure:
    """Return the figure."""
    curves = [
        _error("the match i = y", 1),
        _error("i = 2 with k = 1/2", 2),
        _error("i = 3 with k = 2", 3),
    ]
    words = _words(curves)
    return Figure(
        NAME,
        _TITLE,
        "The error |∂KDE/∂z_i − ∂CE/∂z_i| where K is 1 at the match y = 1 and t k_j at the other "
        "points, against t, both axes logarithmic. Here n = 3, z = (0, 1, −1) and "
        "k = (·, 1/2, 2). A slope of 1 is an error proportional to t.",
        words,
        svg(NAME, _TITLE, words, 3.4, lambda figure: _draw(figure, curves)),
        _table(curves),
    )


def _error(label: str, member: int) -> Curve:
    """Return the error of one component."""
    error = Abs(_KDE.gradient(i) - _CE.gradient(i))
    return curve(label, error, _PLACES, lambda place: Point(_AT | {_t: place, i: member}))


def _words(curves: Sequence[Curve]) -> str:
    ends = [f"{scientific(shown.ball(_SHOWN[0]))} for {shown.label}" for shown in curves]
    slopes = [decimal(_slope(shown)) for shown in curves]
    return (
        f"At t = {spelled(_SHOWN[0])} the error is {listed(ends)}. Between the two least t the "
        f"slopes of the lines are {listed(slopes)}."
    )


def _slope(shown: Curve) -> arb:
    """Return the slope between the two least places."""
    return slope(shown.values[1::-1], shown.places[1::-1])


def _table(curves: Sequence[Curve]) -> tuple[Row, ...]:
    header = ("Component", *(f"t = {spelled(p)}" for p in _SHOWN), "slope")
    rows = [
        (c.label, *(scientific(c.ball(place)) for place in _SHOWN), decimal(_slope(c)))
        for c in curves
    ]
    return (header, *rows)


def _draw(figure: Any, curves: Sequence[Curve]) -> None:
    panel = figure.subplots()
    figure.subplots_adjust(left=0.115, right=0.985, bottom=0.14, top=0.97)
    logarithmic(panel)
    for shown, style in zip(curves, STYLES, strict=False):
        label = f"{shown.label}: slope {decimal(_slope(shown))}"
        draw_curve(panel, shown, style, label=label)
    panel.set_xlabel("$t$")
    panel.set_ylabel(r"error of $\partial L / \partial z_i$")
    panel.legend(loc="upper left", handlelength=3.2)
