"""The figure of the predictions at which a wrong logit is pushed up, for ALT and QUAD.

Guarantees: each mark is the certain sign of a derivative of the library's loss at exact outputs;
where no sign is certain there is no mark.
Cannot see: what lies between the marks.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flint import arb

from ...symbolic import losses
from ...symbolic.loss import Loss
from ...symbolic.vocabulary import i
from ..markdown import listed
from .curves import spelled
from .figure import Figure, Row
from .numbers import decimal, value
from .outputs import at_outputs, of_outputs
from .style import GREY, STYLES, legend, svg

NAME = "wrong-logit-sign"
_TITLE = "Where a wrong logit is pushed up"

_LOSSES = (losses.multiclass_bce_one_hot, losses.quadratic, losses.softmax_cross_entropy)
_STEPS = 20

_UP = {"color": STYLES[1].colour, "marker": "^", "markersize": 4.5}
_DOWN = {"color": STYLES[0].colour, "marker": "v", "markersize": 3.5, "fillstyle": "none"}

_TOLD = (Fraction(1, 10), Fraction(1, 10))
_SHOWN = (_TOLD, (Fraction(1, 4), Fraction(1, 4)), (Fraction(4, 5), Fraction(1, 10)))

_Place = tuple[Fraction, Fraction]
_Values = Mapping[_Place, arb]


def draw() -> Figure:
    """Return the figure."""
    values = {loss.name: _values(loss) for loss in _LOSSES}
    words = _words(values)
    return Figure(
        NAME,
        _TITLE,
        "Three classes: the true one y, the wrong one i and another wrong one; each mark is one "
        "prediction, by its outputs S_y and S_i. Marks that point up are those where a step "
        "against the gradient raises the wrong logit z_i, marks that point down those where it "
        "lowers it. At the lower left corner the third class has all.",
        words,
        svg(NAME, _TITLE, words, 3.3, lambda figure: _draw(figure, values)),
        _table(values),
    )


def _values(loss: Loss) -> dict[_Place, arb]:
    """Return the derivative by the logit of the wrong class at every place of the triangle."""
    gradient = of_outputs(loss.gradient(i))
    steps = [Fraction(k, _STEPS) for k in range(1, _STEPS)]
    places = [(true, wrong) for true in steps for wrong in steps if true + wrong < 1]
    return {(t, w): value(gradient, at_outputs((t, w, 1 - t - w), 2)) for t, w in places}


def _words(values: Mapping[str, _Values]) -> str:
    counts = [f"{len(_pushed(v, -1))} of {len(v)} for {name}" for name, v in values.items()]
    told = [f"{decimal(v[_TOLD])} for {name}" for name, v in values.items()]
    true, wrong = map(spelled, _TOLD)
    return (
        f"The wrong logit is pushed up at {listed(counts)} of the predictions drawn. "
        f"At S_y = {true} and S_i = {wrong} the derivative by z_i is {listed(told)}."
    )


def _pushed(values: _Values, sign: int) -> list[_Place]:
    """Return the places at which the derivative certainly has this sign."""
    return [place for place, ball in values.items() if sign * ball > 0]


def _table(values: Mapping[str, _Values]) -> tuple[Row, ...]:
    header = ("Loss", *(f"S_y = {spelled(t)}, S_i = {spelled(w)}" for t, w in _SHOWN))
    return (header, *((name, *(decimal(v[p]) for p in _SHOWN)) for name, v in values.items()))


def _draw(figure: Any, values: Mapping[str, _Values]) -> None:
    panels = figure.subplots(1, len(values), sharey=True)
    figure.subplots_adjust(left=0.075, right=0.985, bottom=0.14, top=0.82, wspace=0.08)
    for panel, (name, found) in zip(panels, values.items(), strict=True):
        _draw_marks(panel, _pushed(found, -1), _UP, "pushed up")
        _draw_marks(panel, _pushed(found, 1), _DOWN, "pushed down")
        panel.set_title(name, weight="bold")
        panel.set_xlabel("$S_y$")
        panel.set_xlim(0, 1)
        panel.set_ylim(0, 1)
        panel.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"])
        panel.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"])
        panel.plot([0, 1], [1, 0], color=GREY, linewidth=0.8)
    panels[0].set_ylabel("$S_i$")
    legend(figure, panels)


def _draw_marks(panel: Any, places: list[_Place], look: Mapping[str, Any], label: str) -> None:
    xs, ys = ([float(place[axis]) for place in places] for axis in (0, 1))
    panel.plot(xs, ys, linestyle="none", label=label, **look)
