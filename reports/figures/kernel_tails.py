"""The figures of a data point that moves away from its bin, for every kernel of the library.

Guarantees: each value is the derivative of the loss in one bin by the weight, or by the position,
of the moving point, evaluated in balls; the places avoid the kinks of the kernels.
Cannot see: the edge of the uniform kernel, where the derivative by the position has no value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import Expr, Integer

from ...checks.catalogue.kde_points import CLAIMS
from ...numeric import Point
from ...symbolic import losses
from ...symbolic.kernel import Kernel
from ...symbolic.kernel_losses import position as t
from ...symbolic.kernels import KERNELS
from ...symbolic.loss import Loss
from ...symbolic.vocabulary import K, S, i, n, x, z
from .curves import Curve, curve, draw_curve, spelled
from .figure import Figure, Row
from .numbers import decimal, value
from .style import GREY, OTHER, STYLES, legend, note, svg

BY_WEIGHT, BY_POSITION = "kernel-tails-weight", "kernel-tails-position"

_NEAR = Fraction(1, 2)
"""Where the point is that does not move; the bin is at 0."""

_LINE = (
    *(Fraction(2 * k + 1, 32) for k in range(24)),
    *(Fraction(2 * k + 1, 16) for k in range(12, 40)),
)
_CIRCLE = tuple(place for place in _LINE if place < Fraction(22, 7))
_SHOWN = (Fraction(1, 32), Fraction(31, 32), Fraction(49, 16))
_FAR = _SHOWN[-1]

_COLUMNS, _ROWS = 4, 4
_SETTING = (
    "Two data points of equal weight: the second at 1/2 from the bin, the first, i, at the "
    "distance on the axis, in bandwidths (on the circle, in radians, up to half a turn)."
)

_KINDS = {
    "kernel on the line": STYLES[0],
    "kernel with an edge": STYLES[1],
    "kernel on the circle": STYLES[2],
}


def by_weight() -> Figure:
    """Return the figure of the derivative by the weight z_i."""
    curves = _curves(lambda loss: loss.gradient(i))
    share = value(S(i), _point(_FAR))
    title = "The gradient by the weight of a point that moves away, kernel by kernel"
    words = f"Here S_i = {decimal(share)}. {_far_text(curves, 'z_i')}"
    bounds = {float(share.mid()): "$S_i$", float(share.mid()) - 1: "$S_i - 1$"}
    return Figure(
        BY_WEIGHT,
        title,
        f"The derivative by the weight z_i in one bin. {_SETTING} Where it is negative the weight "
        "is pushed up; the thin lines are S_i and S_i − 1, between which every derivative lies.",
        words,
        svg(BY_WEIGHT, title, words, 6.2, lambda f: _draw(f, curves, "z_i", (-0.7, 0.85), bounds)),
        _table(curves, "z_i"),
    )


def by_position() -> Figure:
    """Return the figure of the derivative by the position x_i, with the squared error beside it."""
    curves = _curves(lambda loss: loss.gradient(i, wrt=x)) | {"squared error": _squared_error()}
    title = "The gradient by the position of a point that moves away, kernel by kernel"
    words = _far_text(curves, "x_i")
    return Figure(
        BY_POSITION,
        title,
        f"The derivative by the position x_i in one bin. {_SETTING} Last, for comparison, half the "
        "sum of squared distances from the bin, whose derivative leaves the panel.",
        words,
        svg(BY_POSITION, title, words, 6.2, lambda f: _draw(f, curves, "x_i", (-0.3, 3.0), {})),
        _table(curves, "x_i"),
    )


def _curves(derivative: Callable[[Loss], Expr]) -> dict[str, Curve]:
    """Return the curve of each kernel by its title."""
    return {
        kernel.title: curve(
            _kind(kernel),
            derivative(_loss(kernel)),
            _CIRCLE if kernel.circular else _LINE,
            _point,
        )
        for kernel in KERNELS.values()
    }


def _kind(kernel: Kernel) -> str:
    if kernel.circular:
        return "kernel on the circle"
    return "kernel with an edge" if kernel.compact else "kernel on the line"


def _loss(kernel: Kernel) -> Loss:
    """Return the loss in the bin at t; bandwidth and concentration are 1."""
    return losses.kde_cross_entropy.substitute(
        K, lambda a: kernel(t - x[a], Integer(1)), f"KDE[{kernel.name}]"
    )


def _point(place: Fraction) -> Point:
    return Point({n: 2, z: (0, 0), x: (place, _NEAR), t: 0, i: 1})


def _squared_error() -> Curve:
    """Return the curve of the loss that the catalogue compares with."""
    (loss,) = (claim.loss for claim in CLAIMS if claim.id == "mse-far" and claim.loss)
    return curve("squared error", loss.gradient(i), _LINE, _point)


def _far_text(curves: Mapping[str, Curve], variable: str) -> str:
    """Return the derivatives far out, those with one value together."""
    found: dict[str, list[str]] = {}
    for title, shown in curves.items():
        found.setdefault(shown.at(_FAR), []).append(title)
    told = [f"{number} ({', '.join(titles)})" for number, titles in found.items()]
    return f"At the distance {spelled(_FAR)} the derivative by {variable} is {', '.join(told)}."


def _table(curves: Mapping[str, Curve], variable: str) -> tuple[Row, ...]:
    header = ("Kernel", *(f"by {variable} at {spelled(place)}" for place in _SHOWN))
    return (header, *((title, *map(c.at, _SHOWN)) for title, c in curves.items()))


def _draw(
    figure: Any,
    curves: Mapping[str, Curve],
    variable: str,
    limits: tuple[float, float],
    bounds: Mapping[float, str],
) -> None:
    panels = list(figure.subplots(_ROWS, _COLUMNS, sharex=True, sharey=True).flat)
    figure.subplots_adjust(left=0.09, right=0.985, bottom=0.075, top=0.965, wspace=0.1, hspace=0.3)
    for panel, (title, shown) in zip(panels, curves.items(), strict=False):
        panel.axhline(0, color=GREY, linewidth=0.8)
        for bound, name in bounds.items():
            panel.axhline(bound, color=GREY, linewidth=0.8)
            note(panel, name, 0.12, bound, va="bottom")
        draw_curve(panel, shown, _KINDS.get(shown.label, OTHER), markevery=(5, 8))
        panel.set_title(title)
        panel.set_ylim(*limits)
        panel.set_xlim(0, 5)
    _label(panels, variable, len(curves))
    legend(figure, panels[: len(curves)], "lower right", 1)


def _label(panels: Sequence[Any], variable: str, used: int) -> None:
    """Label the outer axes, and leave out the panels that nothing is drawn in."""
    for number, panel in enumerate(panels):
        if number >= used:
            panel.remove()
        elif number + _COLUMNS >= used:
            panel.set_xlabel("distance")
            panel.tick_params(labelbottom=True)
    for panel in panels[::_COLUMNS]:
        panel.set_ylabel(rf"$\partial L / \partial {variable}$")
