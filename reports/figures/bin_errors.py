"""The figure of bins that converge to the integral, in loss and gradient.

Guarantees: each error is the difference of the library's loss in bins and over the interval, or of
their derivatives, at one exact point, evaluated in balls; integrals are enclosed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import Abs, Expr, Integer

from ...numeric import Point
from ...symbolic import kernels
from ...symbolic.kernel import Kernel
from ...symbolic.kernel_losses import kde_binned, kde_integral, lower, upper
from ...symbolic.loss import Loss
from ...symbolic.vocabulary import bins, x, z
from ..markdown import listed
from .curves import Curve, curve, draw_curve, spelled
from .figure import Figure, Row
from .numbers import decimal, scientific, slope
from .style import STYLES, logarithmic, svg

NAME = "bins-converge"
_TITLE = "Bins converge to the integral"

_KERNELS = (kernels.gaussian, kernels.laplace)
_PLACES = tuple(Fraction(2) ** k for k in range(9))
_SHOWN = (_PLACES[0], _PLACES[4], _PLACES[-1])
_AT = {z: (0, 1, -1), x: ("-1/3", "1/7", "3/5"), lower: -1, upper: 1}

_Curves = Mapping[str, Sequence[Curve]]


def draw() -> Figure:
    """Return the figure."""
    curves = {
        "loss": [_error(kernel, lambda loss: loss.term) for kernel in _KERNELS],
        "derivative by z_1": [_error(kernel, lambda loss: loss.gradient(1)) for kernel in _KERNELS],
    }
    words = _words(curves)
    return Figure(
        NAME,
        _TITLE,
        "The error of B bins, each with its midpoint, against B, both axes logarithmic; a slope of "
        "−2 is an error that falls to a quarter with twice as many bins. The slopes are those from "
        "each number of bins to the next; the Laplace kernel has its kinks at the data points. "
        "Here the interval is (−1, 1), z = (0, 1, −1), x = (−1/3, 1/7, 3/5), and the bandwidth is "
        "1.",
        words,
        svg(NAME, _TITLE, words, 3.4, lambda figure: _draw(figure, curves)),
        _table(curves),
    )


def _error(kernel: Kernel, part: Callable[[Loss], Expr]) -> Curve:
    """Return the error of the part of the loss that is named, in bins against the integral."""

    def shape(distance: Expr) -> Expr:
        return kernel(distance, Integer(1))

    binned, whole = kde_binned(shape, f"KDEB[{kernel.name}]"), kde_integral(shape, "KDEI")
    error = Abs(part(binned) - part(whole))
    return curve(kernel.title, error, _PLACES, lambda count: Point(_AT | {bins: count}))


def _slopes(shown: Curve) -> str:
    """Return the least and the largest slope between two places that follow each other."""
    found = [
        slope(shown.values[k : k + 2], shown.places[k : k + 2]) for k in range(len(_PLACES) - 1)
    ]
    ends = (pick(found, key=lambda ball: ball.mid()) for pick in (min, max))
    return " to ".join(dict.fromkeys(decimal(end, 2) for end in ends))


def _words(curves: _Curves) -> str:
    last = _PLACES[-1]
    told = [
        f"For the {name} with B = {spelled(last)} the error is "
        + listed(f"{scientific(c.ball(last))} with the {c.label} kernel" for c in some)
        + f"; the slopes are {listed(map(_slopes, some))}."
        for name, some in curves.items()
    ]
    return " ".join(told)


def _table(curves: _Curves) -> tuple[Row, ...]:
    header = ("Error of", "Kernel", *(f"B = {spelled(p)}" for p in _SHOWN), "slopes")
    rows = [
        (name, c.label, *(scientific(c.ball(p)) for p in _SHOWN), _slopes(c))
        for name, some in curves.items()
        for c in some
    ]
    return (header, *rows)


def _draw(figure: Any, curves: _Curves) -> None:
    panels = figure.subplots(1, len(curves), sharey=True)
    figure.subplots_adjust(left=0.095, right=0.985, bottom=0.14, top=0.91, wspace=0.06)
    for panel, (name, some) in zip(panels, curves.items(), strict=True):
        for shown, style in zip(some, STYLES, strict=False):
            label = f"{shown.label}: slopes {_slopes(shown)}"
            draw_curve(panel, shown, style, label=label)
        logarithmic(panel)
        panel.legend(loc="upper right", handlelength=3.2)
        panel.set_xlabel("$B$")
        panel.set_title(name.replace("z_1", "$z_1$"))
    top = max(float(c.values[0].mid()) for some in curves.values() for c in some)
    panels[0].set_ylim(top=100 * top)  # room for the legends
    panels[0].set_ylabel("error")
