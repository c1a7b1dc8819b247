"""The figure of an audit."""

from __future__ import annotations

import math
import re
import runpy
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from gradproof.checks.audits.result import Audit, Curve
from gradproof.reports.audit_figure import figure_alternative, figure_svg
from gradproof.reports.markdown import MARKER
from gradproof.symbolic.errors import UnsupportedError

MADE: dict[str, Any] = runpy.run_path(
    str(Path(__file__).parents[1] / "checks" / "audits" / "hand_made_audits.py")
)
FOUND: Audit = MADE["FOUND"]
DTYPES = ("float16", "bfloat16", "float32", "float64")


def with_curves(curves: Sequence[Curve]) -> Audit:
    """Return an audit with other curves, with limits for every dtype."""
    limits = {"float16": 32.0, "bfloat16": 32.0, "float32": 64.0, "float64": 64.0}
    return replace(FOUND, curves=tuple(curves), thresholds=limits)


def test_one_audit_gives_one_text() -> None:
    """Drawn twice, the figure is the same to the letter, and holds no date."""
    svg = figure_svg(FOUND)
    assert figure_svg(FOUND) == svg
    assert "<dc:date>" not in svg
    assert svg.splitlines()[1] == MARKER


def test_no_setting_of_matplotlib_is_left_changed() -> None:
    """The settings of the figure hold while it is drawn, and for nobody else."""
    import matplotlib as mpl

    before = mpl.rcParams.copy()
    figure_svg(FOUND)
    assert mpl.rcParams.copy() == before


def test_settings_of_the_user_do_not_show() -> None:
    """Fonts and sizes that the user set elsewhere leave the figure as it is."""
    import matplotlib as mpl

    svg = figure_svg(FOUND)
    with mpl.rc_context({"font.size": 20.0, "svg.hashsalt": "x", "lines.linewidth": 5.0}):
        assert figure_svg(FOUND) == svg


def test_text_is_drawn_as_paths() -> None:
    """No font of the reader's machine is asked for."""
    root = ET.fromstring(figure_svg(FOUND))
    assert root.tag.endswith("}svg")
    assert not list(root.iter("{http://www.w3.org/2000/svg}text"))


def test_dtypes_differ_in_colour_line_and_marker() -> None:
    """Each dtype is told by its colour, by its dashes and by its marker, each by itself."""
    curves = [Curve("margin", dtype, (1.0, 2.0), (1.0, 2.0)) for dtype in DTYPES]
    svg = figure_svg(with_curves(curves))
    strokes = re.findall(r'style="fill: none;([^"]*)stroke: (#\w{6});', svg)
    coloured = {(colour, "dasharray" in dashes) for dashes, colour in strokes}
    assert {colour for colour, _ in coloured} >= {"#0072b2", "#d55e00", "#009e73", "#cc79a7"}
    assert len(set(re.findall(r"stroke-dasharray: ([\d., ]+)", svg))) == 3


def test_a_score_that_is_not_finite_is_drawn_at_the_top() -> None:
    """An infinite score is a marker at the upper end of the axis, one that is NaN too."""
    finite = with_curves([Curve("gap", "float32", (0.0, 9.0), (1.0, 2.0))])
    for odd in (math.inf, math.nan, 1e30):
        broken = with_curves([Curve("gap", "float32", (0.0, 9.0), (1.0, odd))])
        assert marks_at_the_top(broken) == marks_at_the_top(finite) + 1


def marks_at_the_top(audit: Audit) -> int:
    """Return the number of marks, those of the axis counted too, at the top of the panels."""
    svg = figure_svg(audit)
    top = re.findall(r'<rect x="[^"]*" y="([^"]*)"', svg)[0]
    return len(re.findall(rf'<use [^>]*y="{re.escape(top)}"', svg))


@settings(max_examples=10)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 1e4),
            st.one_of(st.just(0.0), st.floats(1e-300, 1e300), st.just(math.inf)),
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda pair: pair[0],
    )
)
def test_any_curve_is_drawn(pairs: list[tuple[float, float]]) -> None:
    """Whatever margins and scores there are, the figure is well-formed and warns of nothing."""
    margins, scores = zip(*sorted(pairs), strict=True)
    ET.fromstring(figure_svg(with_curves([Curve("margin", "float64", margins, scores)])))


def test_the_figure_is_told_in_words() -> None:
    """The text alternative says for each curve where it passes the limit, and how far it goes."""
    assert figure_alternative(FOUND) == (
        "Score against the lead of a logit, on a logarithmic axis. "
        "float32, the label leads: above the limit 64 from 17 on, at most 8.39e+06. "
        "float64, the label leads: above the limit 64 from 38 on, at most 9e+03. "
        "float32, another class leads: above the limit 64 from 100 on, at most infinite."
    )
    flat = Curve("margin", "float32", (0.0, 1.0), (1.0, 2.0))
    words = "float32, the label leads: at most 2, limit 64."
    assert figure_alternative(with_curves([flat])).endswith(words)
    unlimited = replace(FOUND, curves=(flat,), thresholds={})
    assert figure_alternative(unlimited).endswith("float32, the label leads: at most 2.")


def test_an_audit_without_curves_has_no_figure() -> None:
    """Nothing to be drawn is an error, no empty figure."""
    with pytest.raises(UnsupportedError, match=r"found none for naive\.py:gradient"):
        figure_svg(replace(FOUND, curves=()))
