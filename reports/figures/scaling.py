"""The figure of what a factor of the kernel does: nothing to the gradient, a shift to the loss.

Guarantees: each value is that of the library's loss with ``c K_j`` put in for K_j, or of its
derivative, evaluated in balls.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import Expr, log

from ...numeric import Point
from ...symbolic import losses
from ...symbolic.vocabulary import K, scalar, z
from .curves import Curve, curve, draw_curve, spelled
from .figure import Figure, Row
from .style import OTHER, STYLES, legend, logarithmic, svg

NAME = "kernel-scale"
_TITLE = "A factor of the kernel leaves the gradient and shifts the loss"

_c = scalar("c", positive=True)
_KDE = losses.kde_cross_entropy
_SCALED = _KDE.substitute(K, lambda a: _c * K[a], "KDE[cK]")
_PLACES = tuple(Fraction(10) ** k * m for k in range(-2, 3) for m in (1, 2, 5) if k < 2 or m < 2)
_SHOWN = (Fraction(1, 100), Fraction(1), Fraction(100))
_AT = {z: (0, 1, -1), K: (1, "1/4", 2)}


@dataclass(frozen=True)
class _Data:
    """The derivatives with the factor and c times those without, and the loss both ways."""

    scaled: tuple[Curve, ...]
    multiplied: tuple[Curve, ...]
    loss: Curve
    shifted: Curve


def draw() -> Figure:
    """Return the figure."""
    members = (1, 2, 3)
    data = _Data(
        tuple(_curve(f"i = {k}, K times c", _SCALED.gradient(k)) for k in members),
        tuple(_curve(f"i = {k}, times c", _c * _KDE.gradient(k)) for k in members),
        _curve("loss, K times c", _SCALED.term),
        _curve("loss − log c", _KDE.term - log(_c)),
    )
    words = _words(data)
    return Figure(
        NAME,
        _TITLE,
        "Left, the derivative by each z_i with K multiplied by c, with marks; the thin lines are c "
        "times the derivative with K alone. Right, the loss with K multiplied by c, on the loss "
        "with K alone less log c. Here z = (0, 1, −1) and K = (1, 1/4, 2).",
        words,
        svg(NAME, _TITLE, words, 3.3, lambda figure: _draw(figure, data)),
        _table(data),
    )


def _curve(label: str, expr: Expr) -> Curve:
    return curve(label, expr, _PLACES, lambda place: Point(_AT | {_c: place}))


def _words(data: _Data) -> str:
    first, _, last = _SHOWN
    kept = [f"{shown.at(first)} and {shown.at(last)}" for shown in data.scaled]
    grown = [f"{shown.at(first)} and {shown.at(last)}" for shown in data.multiplied]
    return (
        f"At c = {spelled(first)} and at c = {spelled(last)} the derivatives with K times c are "
        f"{'; '.join(kept)}. "
        f"c times the derivatives with K alone would be {'; '.join(grown)}. "
        f"The loss falls from {data.loss.at(first)} to {data.loss.at(last)}; the loss with K alone "
        f"less log c is {data.shifted.at(first)} and {data.shifted.at(last)}."
    )


def _table(data: _Data) -> tuple[Row, ...]:
    header = ("", *(f"c = {spelled(place)}" for place in _SHOWN))
    curves = (*data.scaled, *data.multiplied, data.loss, data.shifted)
    return (header, *((shown.label, *map(shown.at, _SHOWN)) for shown in curves))


def _draw(figure: Any, data: _Data) -> None:
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.105, right=0.985, bottom=0.15, top=0.83, wspace=0.2)
    for scaled, multiplied, style in zip(data.scaled, data.multiplied, STYLES, strict=False):
        draw_curve(left, scaled, style, label=scaled.label.partition(",")[0])
        thin = {"linewidth": 0.9, "marker": "none", "label": "_"}
        draw_curve(left, multiplied, style, **thin)
    left.set_ylim(-1, 1)
    left.set_ylabel(r"$\partial L / \partial z_i$")
    draw_curve(right, data.loss, OTHER, label=data.loss.label, linestyle="none", markersize=5.5)
    draw_curve(right, data.shifted, OTHER, label=data.shifted.label, marker="none", linewidth=1)
    right.set_ylabel("loss")
    for panel in (left, right):
        logarithmic(panel, "x")
        panel.set_xlabel("$c$")
    legend(figure, [left, right], columns=5)
