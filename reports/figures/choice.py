"""Which figures a report has.

Guarantees: figures of the catalogue come first, in its order, then those of refuted claims that no
other figure illustrates, in the order of the report; the choice follows from the results alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from ...checks.claim import Claim
from ...checks.verdict import Verdict
from .assignment import catalogue_figures
from .figure import Figure
from .refutation import MOST, refutation_figure


def figures_of(results: Iterable[tuple[Claim, Verdict]]) -> tuple[Figure, ...]:
    """Return the figures of a report, each with the claims in it that it illustrates."""
    pairs = list(results)
    figures = catalogue_figures(claim for claim, _ in pairs)
    shown = {name for figure in figures for name in figure.claims}
    drawn = (refutation_figure(c, verdict) for c, verdict in pairs if c.id not in shown)
    return (*figures, *islice((figure for figure in drawn if figure is not None), MOST))
