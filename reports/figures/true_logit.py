"""The figure of the gradient by the true logit against S_y, for three losses.

Guarantees: each value is the derivative of the library's loss, evaluated in balls at exact outputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from ...numeric import Point
from ...symbolic import losses
from ...symbolic.vocabulary import y
from .curves import Curve, curve, draw_curve, spelled
from .figure import Figure, Row
from .outputs import at_outputs, of_outputs
from .style import STYLES, legend, svg

NAME = "gradient-true-logit"
_TITLE = "The gradient by the true logit, for three losses"

_LOSSES = (losses.softmax_cross_entropy, losses.multiclass_bce_one_hot, losses.quadratic)
_SIZES = (2, 3, 10)
_PLACES = tuple(Fraction(k, 40) for k in range(1, 40))
_SHOWN = (Fraction(1, 10), Fraction(1, 2), Fraction(9, 10))

_Curves = Mapping[str, Mapping[int, Curve]]


def draw() -> Figure:
    """Return the figure."""
    curves = {
        loss.name: {
            size: curve(f"n = {size}", of_outputs(loss.gradient(y)), _PLACES, _even(size))
            for size in _SIZES
        }
        for loss in _LOSSES
    }
    words = _words(curves)
    return Figure(
        NAME,
        _TITLE,
        "The derivative of each loss by the logit of the true class, against the output S_y of "
        "that class. All wrong outputs are equal. The lower the curve, the harder the logit is "
        "pushed up.",
        words,
        svg(NAME, _TITLE, words, 3.1, lambda figure: _draw(figure, curves)),
        _table(curves),
    )


def _even(size: int) -> Any:
    """Return the map from S_y to the point where the other outputs are equal."""

    def point(place: Fraction) -> Point:
        rest = (1 - place) / (size - 1)
        return at_outputs((place, *(size - 1) * (rest,)), 1)

    return point


def _words(curves: _Curves) -> str:
    first, last = _SHOWN[0], _SHOWN[-1]
    told = []
    for name, by_size in curves.items():
        ends: dict[str, list[int]] = {}
        for size, shown in by_size.items():
            ends.setdefault(f"{shown.at(first)} and {shown.at(last)}", []).append(size)
        told.append(f"{name}: {'; '.join(f'{text} for {_named(n)}' for text, n in ends.items())}.")
    flat = curves[losses.quadratic.name][_SIZES[0]]
    return (
        f"The derivative by z_y at S_y = {spelled(first)} and at S_y = {spelled(last)}. "
        f"{' '.join(told)} "
        f"Of the places drawn, that of {losses.quadratic.name} with n = {_SIZES[0]} is lowest at "
        f"S_y = {spelled(flat.lowest)}, with {flat.at(flat.lowest)}; at "
        f"S_y = {spelled(_PLACES[0])}, where the prediction is worst, it is {flat.at(_PLACES[0])}."
    )


def _named(sizes: Sequence[int]) -> str:
    return f"n = {', '.join(map(str, sizes))}"


def _table(curves: _Curves) -> tuple[Row, ...]:
    header = ("Loss", "n", *(f"S_y = {spelled(place)}" for place in _SHOWN))
    rows = [
        (name, str(size), *(shown.at(place) for place in _SHOWN))
        for name, by_size in curves.items()
        for size, shown in by_size.items()
    ]
    return (header, *rows)


def _draw(figure: Any, curves: _Curves) -> None:
    panels = figure.subplots(1, len(curves), sharey=True)
    figure.subplots_adjust(left=0.085, right=0.985, bottom=0.15, top=0.81, wspace=0.08)
    for panel, (name, by_size) in zip(panels, curves.items(), strict=True):
        for number, (shown, style) in enumerate(zip(by_size.values(), STYLES, strict=False)):
            draw_curve(panel, shown, style, markevery=(4 * number + 2, 12))
        panel.set_title(name, weight="bold")
        panel.set_xlabel("$S_y$")
        panel.set_xlim(0, 1)
        panel.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"])
    panels[0].set_ylabel(r"$\partial L / \partial z_y$")
    legend(figure, panels)
