"""How figures are drawn: colours, lines, markers, sizes, and the text of the SVG.

Guarantees: one drawing gives one text under one release of Matplotlib, whatever the user has set
there: no date, no name of a program, no random names, and text as paths, so that no font of the
reader's machine is asked for; the background is white and opaque; the SVG says in its own title and
description what it shows; the second line is the marker by which a report knows its files.
Series differ in colour (those of Okabe and Ito), in line and in marker, each by itself, so that a
figure reads in print and by the colour-blind.
Cannot see: whether what is drawn is readable; somebody has to look.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from ..markdown import MARKER

WIDTH = 7.2
"""The width of every figure in inches: 691 pixels on a screen, a column of text in print."""

SMALL = 8.5
"""The size of the smallest text, in points."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a series is drawn."""

    colour: str
    line: str
    marker: str

    @property
    def curve(self) -> dict[str, Any]:
        """What Matplotlib's ``plot`` is told of a curve."""
        return {
            "color": self.colour,
            "linestyle": self.line,
            "marker": self.marker,
            "linewidth": 1.4,
            "markersize": 4.0,
        }


STYLES = (
    Style("#0072B2", "-", "o"),
    Style("#D55E00", "--", "s"),
    Style("#009E73", "-.", "^"),
    Style("#CC79A7", ":", "D"),
)
"""The styles of the first, the second, ... series of a figure."""

OTHER = Style("#000000", "-", "x")
"""The style of a series that is none of those."""

GREY = "0.35"
"""The colour of lines that are no series, such as a bound; dark enough for print."""

_SETTINGS = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.labelsize": 9.0,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 9.0,
    "axes.unicode_minus": True,
    "font.family": ["DejaVu Sans"],  # comes with Matplotlib
    "font.size": 9.0,
    "grid.color": "0.92",
    "grid.linewidth": 0.6,
    "legend.fontsize": 9.0,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "gradproof",
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
}


def svg(name: str, title: str, description: str, height: float, draw: Callable[[Any], None]) -> str:
    """Return a figure as SVG.

    Parameters
    ----------
    name
        A word that no other figure of a page has; identifiers begin with it.
    title, description
        What the figure shows, for whoever does not see it.
    height
        In inches; the width is `WIDTH`.
    draw
        Draws into the Matplotlib figure that it is given.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        figure = Figure(figsize=(WIDTH, height))
        canvas = FigureCanvasSVG(figure)
        draw(figure)
        text = io.StringIO()
        # Not `savefig`, which draws everything twice, the first time to measure it.
        canvas.print_svg(text, metadata={"Date": None})
    return _finished(text.getvalue(), name, title, description)


def _finished(text: str, name: str, title: str, description: str) -> str:
    """Return the SVG with marker, title and description, without what names a program."""
    root, _, body = text[text.index("<svg ") :].partition(">\n")
    body = re.sub(r" *<metadata>.*?</metadata>\n", "", body, flags=re.DOTALL)
    lines = [
        '<?xml version="1.0" encoding="utf-8" standalone="no"?>',
        MARKER,
        f'{root} role="img" aria-labelledby="{name}-title {name}-desc">',
        f' <title id="{name}-title">{escape(title)}</title>',
        f' <desc id="{name}-desc">{escape(description)}</desc>',
        # Version control would complain of blanks at the ends of lines.
        *(line.rstrip() for line in body.splitlines()),
    ]
    return "\n".join(lines) + "\n"


def legend(
    figure: Any, panels: Sequence[Any], place: str = "upper center", columns: int = 4
) -> None:
    """Draw one legend for all panels, above them unless said otherwise, with every label once."""
    found = {
        label: handle
        for panel in panels
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True)
    }
    figure.legend(list(found.values()), list(found), loc=place, ncols=columns, handlelength=3.2)


def logarithmic(panel: Any, axes: str = "xy") -> None:
    """Make axes of a panel logarithmic, with marks at powers of ten only."""
    for axis in axes:
        getattr(panel, f"set_{axis}scale")("log")
        getattr(panel, f"{axis}axis").minorticks_off()


def note(panel: Any, text: str, x: float, y: float, **options: Any) -> None:
    """Write a few words at a place of the data, beside what they name."""
    options = {"fontsize": SMALL, "color": "0.2"} | options
    panel.annotate(text, (x, y), **options)


_LETTERS = frozenset(
    code
    for codes in (
        range(0x20, 0x7F),
        range(0xA0, 0x180),  # Latin
        range(0x391, 0x3CA),  # Greek
        range(0x2200, 0x2300),  # mathematical operators
        (0x1D40, 0x2212),  # superscript T, minus
    )
    for code in codes
)
"""Characters that the font certainly has, of those that formulas are printed in."""


def is_drawable(text: str) -> bool:
    """Tell whether the font has every character of a text, and no character begins a formula.

    >>> is_drawable("∂CE/∂z_i ≤ 1"), is_drawable("損失"), is_drawable("$")
    (True, False, False)
    """
    return _LETTERS.issuperset(map(ord, text)) and "$" not in text
