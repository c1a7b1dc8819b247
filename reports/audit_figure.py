"""The figure of an audit: the score against the margin, for each dtype, as SVG.

Guarantees: what `figures.style` guarantees of every figure; dtypes differ in colour, in line and in
marker; a score beyond the axis, or infinite, is a marker at the top edge, one of 0 a marker at the
bottom edge, never left out.
Cannot see: scores between the margins that were tried.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..checks.audits.result import Audit, Curve
from ..checks.audits.words import score_text
from ..symbolic.errors import UnsupportedError
from .figures.style import GREY, OTHER, SMALL, STYLES, legend, logarithmic, svg

_STYLES = dict(zip(("float64", "float32", "float16", "bfloat16"), STYLES, strict=True))

_AXES = {"margin": "lead of the label's logit", "gap": "lead of another class's logit"}

_LEAST = 0.01
"""The smallest score that is told from 0 in the figure."""

_MOST = 1e20
"""The largest score that is drawn at its place."""

_BEND = 40.0
"""Where the axis of margins turns from linear to logarithmic, if there are some far beyond."""

NOTE = (
    "An open mark at the top edge is a score beyond the axis; it is infinite where the result is "
    "not a number.\n"
    "A mark at the bottom edge is a score below the axis, such as 0 where the result is exact or "
    "what is off underflows."
)
"""What the marks at the edges of the figure mean."""

_TICKS = (0, 10, 20, 30, 40, 100, 1000, 10_000, 100_000)


def figure_svg(audit: Audit, name: str = "audit") -> str:
    """Return the figure as SVG.

    Parameters
    ----------
    audit
        An audit with at least one curve.
    name
        A word that no other figure of a page has.

    Raises
    ------
    UnsupportedError
        If the audit has no curve.
    """
    if not audit.curves:
        raise UnsupportedError(
            "a figure shows the curves of an audit",
            found=f"none for {audit.implementation}",
            remedy="audit a loss of logits, in all regimes",
        )
    title = f"Scores of {audit.implementation}"
    return svg(name, title, figure_alternative(audit), 3.4, lambda figure: _draw(figure, audit))


def figure_alternative(audit: Audit) -> str:
    """Return in words what the figure shows."""
    return " ".join(["Score against the lead of a logit, on a logarithmic axis.", *curves(audit)])


def curves(audit: Audit) -> list[str]:
    """Return a sentence for each curve: where it passes the limit, and how far it goes."""
    return [_curve_text(audit, curve) for curve in audit.curves]


def _curve_text(audit: Audit, curve: Curve) -> str:
    limit = audit.thresholds.get(curve.dtype)
    worst = max(curve.scores, default=0.0)
    where = "the label leads" if curve.name == "margin" else "another class leads"
    if limit is None:
        return f"{curve.dtype}, {where}: at most {score_text(worst)}."
    over = [m for m, s in zip(curve.margins, curve.scores, strict=True) if not s <= limit]
    if not over:
        return f"{curve.dtype}, {where}: at most {score_text(worst)}, limit {limit:.4g}."
    start = f"above the limit {limit:.4g} from {min(over):.4g} on"
    return f"{curve.dtype}, {where}: {start}, at most {score_text(worst)}."


def _draw(figure: Any, audit: Audit) -> None:
    """Draw one panel for each name of a curve, with one axis of scores for all."""
    names = list(dict.fromkeys(curve.name for curve in audit.curves))
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    figure.subplots_adjust(left=0.095, right=0.975, bottom=0.15, top=0.87, wspace=0.08)
    bottom, top = _limits(audit)
    for panel, name in zip(panels, names, strict=True):
        shown = [curve for curve in audit.curves if curve.name == name]
        _draw_panel(panel, shown, bottom, top)
        _draw_limits(panel, sorted({v for d, v in audit.thresholds.items() if _has(shown, d)}))
        panel.set_xlabel(_AXES.get(name, name))
    panels[0].set_ylabel("score")
    legend(figure, panels)


def _has(curves: Sequence[Curve], dtype: str) -> bool:
    return any(curve.dtype == dtype for curve in curves)


def _draw_limits(panel: Any, limits: Sequence[float]) -> None:
    """Draw a line at each limit; the name of the lowest of several is below its line."""
    for number, limit in enumerate(limits):
        below = number == 0 and len(limits) > 1
        panel.axhline(limit, color=GREY, linewidth=0.9, zorder=1)
        panel.annotate(
            f"limit {limit:.4g}",
            (1.0, limit),
            xycoords=("axes fraction", "data"),
            xytext=(0, -2 if below else 2),
            textcoords="offset points",
            horizontalalignment="right",
            verticalalignment="top" if below else "bottom",
            color="0.25",
            fontsize=SMALL,
        )


def _draw_panel(panel: Any, curves: Sequence[Curve], bottom: float, top: float) -> None:
    """Draw the curves of one name."""
    logarithmic(panel, "y")
    panel.set_ylim(bottom, top)
    if max((m for curve in curves for m in curve.margins), default=0.0) > 2 * _BEND:
        panel.set_xscale("symlog", linthresh=_BEND, linscale=2.0)
        furthest = max(m for curve in curves for m in curve.margins)
        panel.set_xticks([t for t in _TICKS if t <= furthest], minor=False)
        panel.set_xticks([], minor=True)
        panel.xaxis.set_major_formatter("{x:g}")
    for curve in curves:
        style = _STYLES.get(curve.dtype, OTHER)
        common = {"color": style.colour, "markersize": 3.0}
        drawn = [max(s, bottom) if s <= top else math.nan for s in curve.scores]
        panel.plot(
            curve.margins,
            drawn,
            linestyle=style.line,
            marker=style.marker,
            linewidth=1.2,
            label=curve.dtype,
            clip_on=False,
            **common,
        )
        broken = [m for m, s in zip(curve.margins, curve.scores, strict=True) if not s <= top]
        at_edge = {"linestyle": "none", "marker": style.marker, "markerfacecolor": "none"}
        if broken:
            panel.plot(broken, [top] * len(broken), clip_on=False, zorder=4, **at_edge, **common)


def _limits(audit: Audit) -> tuple[float, float]:
    """Return the ends of the axis of scores: whole powers of 10 around all that is finite."""
    scores = [s for curve in audit.curves for s in curve.scores if s <= _MOST]
    seen = [s for s in [*scores, *audit.thresholds.values()] if s > _LEAST] or [1.0]
    bottom = 10.0 ** math.floor(math.log10(min(*seen, 1.0)))
    return bottom, 10.0 ** (math.floor(math.log10(max(seen))) + 1)
