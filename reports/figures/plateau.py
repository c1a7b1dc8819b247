"""The figure of the plateau of the quadratic loss, beside cross-entropy.

Guarantees: each value is a loss of the library, or the length of its gradient by the logits,
evaluated in balls at exact logits.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import Expr, sqrt

from ...numeric import Point
from ...symbolic import losses
from ...symbolic.loss import Loss
from ...symbolic.vocabulary import S, class_sum, k, y, z
from .curves import Curve, curve, draw_curve, spelled
from .figure import Figure, Row
from .numbers import scientific
from .style import GREY, OTHER, STYLES, legend, logarithmic, svg

NAME = "quadratic-plateau"
_TITLE = "The plateau of the quadratic loss, beside cross-entropy"

_CE, _QUAD = losses.softmax_cross_entropy, losses.quadratic
_PLACES = tuple(Fraction(k, 2) for k in range(-6, 25))
_SHOWN = (Fraction(-3), Fraction(0), Fraction(6), Fraction(12))


@dataclass(frozen=True)
class _Data:
    losses: tuple[Curve, Curve]
    lengths: tuple[Curve, Curve]
    upper: Curve
    lower: Curve


def draw() -> Figure:
    """Return the figure."""
    ce, quad = _length(_CE), _length(_QUAD)
    data = _Data(
        (_curve("CE", _CE.term), _curve("QUAD", _QUAD.term)),
        (_curve("CE", ce), _curve("QUAD", quad)),
        _curve("CE times ½", ce / 2),
        _curve("CE times the least $S_i$", ce * S(k)),
    )
    words = _words(data)
    return Figure(
        NAME,
        _TITLE,
        "The losses, and the lengths of their gradients by the logits (logarithmic), against a "
        "wrong logit z_2; the label is 1 and z = (0, z_2, −3). The thin lines are half the length "
        "for CE, and the least output times that length.",
        words,
        svg(NAME, _TITLE, words, 3.3, lambda figure: _draw(figure, data)),
        _table(data),
    )


def _length(loss: Loss) -> Expr:
    return sqrt(class_sum(lambda a: loss.gradient(a) ** 2))


def _curve(label: str, expr: Expr) -> Curve:
    # Class 3 has the least output everywhere on the line.
    return curve(label, expr, _PLACES, lambda place: Point({z: (0, place, -3), y: 1, k: 3}))


def _words(data: _Data) -> str:
    *_, last = _SHOWN
    ce, quad = (scientific(shown.ball(last), 4) for shown in data.losses)
    long, short = (scientific(shown.ball(last)) for shown in data.lengths)
    top = data.lengths[1].highest
    return (
        f"At z_2 = {spelled(last)}, where the prediction is confidently wrong, the quadratic loss "
        f"is {quad} and its gradient has the length {short}; cross-entropy is {ce} and its "
        f"gradient has the length {long}. "
        f"Of the places drawn, the quadratic gradient is longest at z_2 = {spelled(top)}, with "
        f"{scientific(data.lengths[1].ball(top))}."
    )


def _table(data: _Data) -> tuple[Row, ...]:
    header = ("", *(f"z_2 = {spelled(place)}" for place in _SHOWN))
    told = [
        *((f"{c.label}, loss", c) for c in data.losses),
        *((f"{c.label}, length of the gradient", c) for c in data.lengths),
        ("½ length for CE", data.upper),
        ("least output times length for CE", data.lower),
    ]
    rows = ((name, *(scientific(c.ball(place)) for place in _SHOWN)) for name, c in told)
    return (header, *rows)


def _draw(figure: Any, data: _Data) -> None:
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.075, right=0.985, bottom=0.15, top=0.8, wspace=0.22)
    for panel, curves in ((left, data.losses), (right, data.lengths)):
        for number, (shown, style) in enumerate(zip(curves, STYLES, strict=False)):
            draw_curve(panel, shown, style, markevery=(2 + 2 * number, 6))
        panel.set_xlabel("$z_2$")
    thin = {"linewidth": 1.0, "marker": "none"}
    draw_curve(right, data.upper, OTHER, linestyle="--", **thin)
    draw_curve(right, data.lower, OTHER, linestyle=":", **thin)
    logarithmic(right, "y")
    left.set_ylim(-0.1, 4)
    left.axhline(1, color=GREY, linewidth=0.8)
    for panel in (left, right):
        panel.set_xticks([-3, 0, 3, 6, 9, 12])
    left.set_title("loss")
    right.set_title("length of the gradient")
    legend(figure, [left, right])
