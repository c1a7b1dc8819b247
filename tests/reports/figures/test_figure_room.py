"""Nothing that is written in a figure leaves the picture."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from gradproof.checks.claim import Claim
from gradproof.checks.verdict import Counterexample, Outcome, Verdict
from gradproof.numeric import Point
from gradproof.reports.audit_figure import figure_svg
from gradproof.reports.figures.assignment import ROWS
from gradproof.reports.figures.refutation import refutation_figure
from gradproof.reports.figures.style import STYLES, WIDTH, legend, svg
from gradproof.symbolic import Eq, scalar
from gradproof.symbolic.printing import to_text

MADE = Path(__file__).parents[2] / "checks" / "audits" / "hand_made_audits.py"


@pytest.fixture
def overhang(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Collect by how many points what is drawn leaves the picture, for each figure drawn."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    found: list[float] = []
    original = FigureCanvasSVG.print_svg

    def measured(canvas: Any, *arguments: Any, **options: Any) -> Any:
        figure = canvas.figure
        figure.dpi = 72
        inside = figure.get_tightbbox(FigureCanvasAgg(figure).get_renderer()).extents * 72
        width, height = figure.get_size_inches() * 72
        left, bottom, right, top = inside
        found.append(max(-left, -bottom, right - width, top - height))
        return original(canvas, *arguments, **options)

    monkeypatch.setattr(FigureCanvasSVG, "print_svg", measured)
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.claims[0])
def test_figures_of_the_catalogue_have_room(row: Any, overhang: list[float]) -> None:
    """Labels and legends of each figure lie within it."""
    row.draw()
    assert overhang
    assert max(overhang) < 1


M = scalar("M")


@pytest.mark.parametrize("side", [M + M**2 + M**3 + M**4, M * 12345678, M * 10**40])
def test_figures_of_refutations_have_room(side: Any, overhang: list[float]) -> None:
    """Formulas in the legend, and large numbers at the axis, lie within the picture."""
    claim = Claim("mine", Eq(side, M * 100 + 2))
    where = Counterexample(Point({M: 2}), to_text(claim.statement[0]), ())
    figure = refutation_figure(claim, Verdict(Outcome.REFUTED, "", "", (), where))
    assert figure is not None
    assert max(overhang) < 1


def test_figures_of_audits_have_room(overhang: list[float]) -> None:
    """The figure of an audit lies within its picture."""
    figure_svg(runpy.run_path(str(MADE))["FOUND"])
    assert max(overhang) < 1


def test_what_leaves_the_picture_is_found(overhang: list[float]) -> None:
    """The measure of this file can fail: a legend that is too long is seen."""

    def draw(figure: Any) -> None:
        panel = figure.subplots()
        for style in STYLES:
            panel.plot([0, 1], [0, 1], label=30 * style.marker, **style.curve)
        legend(figure, [panel])

    svg("long", "Long", "Long.", WIDTH, draw)
    assert max(overhang) > 20
