"""Which figure illustrates which claims of the catalogue.

Guarantees: a figure is drawn for a claim only if the claim is the catalogue's own in every part,
formulas and words: that a claim has the id of one of the catalogue is not enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from ...checks.catalogue import catalogue
from ...checks.claim import Claim
from . import (
    bin_errors,
    degeneration,
    kernel_tails,
    plateau,
    scaling,
    true_logit,
    wrong_signs,
)
from .figure import Figure


@dataclass(frozen=True, slots=True)
class Row:
    """A figure and the ids of the claims that it illustrates."""

    draw: Callable[[], Figure]
    claims: tuple[str, ...]


ROWS = (
    Row(
        true_logit.draw,
        (
            "ce-true-magnitude",
            "ce-true-proportional",
            "alt-gradient-true-class",
            "quad-sign-true",
        ),
    ),
    Row(wrong_signs.draw, ("alt-wrong-logits-learn", "alt-wrong-sign", "quad-sign")),
    Row(degeneration.draw, ("kde-degenerate-limit",)),
    Row(scaling.draw, ("kde-scale-gradient", "kde-scale-loss", "kde-scale-multiplies")),
    Row(kernel_tails.by_position, ("mse-far", "kde-far-position")),
    Row(kernel_tails.by_weight, ("kde-bounds", "kde-far-weight")),
    Row(bin_errors.draw, ("kde-bins", "kde-bins-gradient", "kde-bins-order", "kde-bins-kink")),
    Row(plateau.draw, ("quad-upper", "quad-lower-min", "quad-lower", "quad-plateau")),
)
"""The figures, in the order of the catalogue."""


def catalogue_figures(claims: Iterable[Claim]) -> list[Figure]:
    """Return the figures that illustrate some of these claims, each with those it illustrates."""
    named = {claim.id: claim for claim in claims}
    found = []
    for row in ROWS:
        own = tuple(name for name in row.claims if name in named and _is_own(named[name]))
        if own:
            found.append(replace(_drawn(row.draw), claims=own))
    return found


def _is_own(claim: Claim) -> bool:
    """Tell whether a claim is the catalogue's."""
    return _catalogue().get(claim.id) == claim


@cache
def _catalogue() -> Mapping[str, Claim]:
    return {claim.id: claim for claim in catalogue()}


@cache  # a figure of the catalogue is the same in every report
def _drawn(draw: Callable[[], Figure]) -> Figure:
    return draw()
