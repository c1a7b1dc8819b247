"""Laws of how figures are drawn."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import Any

import matplotlib as mpl
import pytest

from gradproof.reports.figures.style import (
    OTHER,
    STYLES,
    is_drawable,
    legend,
    logarithmic,
    note,
    svg,
)
from gradproof.reports.markdown import MARKER

SVG = "{http://www.w3.org/2000/svg}"


def draw(figure: Any) -> None:
    """Draw something with every helper in it."""
    panel = figure.subplots()
    for number, style in enumerate((*STYLES, OTHER)):
        panel.plot([1, 10], [1 + number, 10], label=f"series {number}", **style.curve)
    logarithmic(panel)
    note(panel, "here", 1, 1)
    legend(figure, [panel, panel])


def drawn(description: str = "Lines.") -> str:
    """Return the figure of `draw`."""
    return svg("some", "Some lines", description, 2.0, draw)


def test_one_drawing_gives_one_text() -> None:
    """Drawn twice, and in processes with different hash seeds, the figure is the same."""
    program = (
        "import sys; from gradproof.reports.figures.style import svg;"
        "draw = lambda f: f.subplots().plot([1, 2], [1, 2], marker='o', clip_on=True);"
        "sys.stdout.write(svg('a', 'b', 'c', 2.0, draw))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1
    assert drawn() == drawn()


def test_the_svg_says_what_it_shows() -> None:
    """Title and description are the first things in the SVG, as text, and name it."""
    root = ET.fromstring(drawn('Less < more & "quoted".'))
    title, description = list(root)[:2]
    assert (title.tag, title.text) == (f"{SVG}title", "Some lines")
    assert (description.tag, description.text) == (f"{SVG}desc", 'Less < more & "quoted".')
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


def test_the_file_names_no_program_and_no_time() -> None:
    """No metadata, no document type of elsewhere, no font; the marker is the second line."""
    text = drawn()
    assert text.splitlines()[1] == MARKER
    for word in ("metadata", "DOCTYPE", "atplotlib v", "dc:date", "dc:creator", "<text", "font"):
        assert word not in text, word
    assert not re.search(r"[ \t]$", text, flags=re.MULTILINE)


def test_the_background_is_white_and_opaque() -> None:
    """The first thing drawn fills the whole picture with white."""
    root = ET.fromstring(drawn())
    _, _, width, height = map(float, str(root.get("viewBox")).split())
    first = next(root.iter(f"{SVG}path"))
    path = " ".join(str(first.get("d")).split())
    assert path == f"M 0 {height:g} L {width:g} {height:g} L {width:g} 0 L 0 0 z"
    assert first.get("style") == "fill: #ffffff"


def test_settings_of_the_user_do_not_show_and_stay() -> None:
    """Whatever the user set in Matplotlib leaves the figure as it is, and is kept."""
    expected = drawn()
    odd = {"font.size": 20.0, "svg.hashsalt": "x", "lines.linewidth": 5.0, "text.usetex": True}
    with mpl.rc_context({**odd, "figure.facecolor": "none"}):
        before = mpl.rcParams.copy()
        assert drawn() == expected
        assert mpl.rcParams.copy() == before


def test_series_differ_in_colour_line_and_marker() -> None:
    """Each style is told from every other by its colour, its line and its marker, each alone."""
    assert len({style.colour for style in (*STYLES, OTHER)}) == len(STYLES) + 1
    assert len({style.marker for style in (*STYLES, OTHER)}) == len(STYLES) + 1
    assert len({style.line for style in STYLES}) == len(STYLES)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, by the definition of WCAG 2."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_colours_are_seen_on_white() -> None:
    """Every colour stands out from white; the yellow of the same palette would not."""
    least = 2.5
    assert all(1.05 / (luminance(s.colour) + 0.05) > least for s in (*STYLES, OTHER))
    assert 1.05 / (luminance("#F0E442") + 0.05) < least


def test_a_label_is_once_in_the_legend() -> None:
    """Panels with the same series share one entry."""
    from matplotlib.figure import Figure

    figure = Figure()
    draw(figure)
    (entries,) = figure.legends
    assert len(entries.get_texts()) == len(STYLES) + 1


@pytest.mark.filterwarnings("error")
def test_what_is_called_drawable_is_drawn_without_a_warning() -> None:
    """The font has every character that is called drawable, and it shows as itself."""
    from gradproof.reports.figures.style import _LETTERS

    everything = "".join(c for c in map(chr, sorted(_LETTERS)) if c.isprintable() and c != "$")
    assert is_drawable(everything)
    svg("all", "All", "All.", 2.0, lambda figure: figure.text(0, 0, everything))


def test_what_the_font_lacks_is_not_drawable() -> None:
    """A character outside, or one that begins a formula, is found; the warning is real."""
    assert not is_drawable("損失")
    assert not is_drawable("cost in $")
    with pytest.warns(UserWarning, match="missing from font"):
        svg("one", "One", "One.", 2.0, lambda figure: figure.text(0, 0, "損失"))
