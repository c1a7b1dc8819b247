"""The order of findings, worst first, each told once.

Guarantees: of findings that say the same of one dtype, the certified one is kept.
Where the exact twin shows a fault that is there whatever the logits, nothing more is said of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .certain import TWIN
from .curves import NAMES
from .finding import Finding, Kind

_RANKS = (
    Kind.FORMULA,
    Kind.ANOTHER_LOSS,
    Kind.PROTOCOL,
    Kind.KINK,
    Kind.DOMAIN,
    Kind.OVERFLOW,
    Kind.DTYPE,
    Kind.ROUNDING,
)


def ordered(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings by kind, then by score, without repetitions."""
    kept: dict[tuple[object, ...], Finding] = {}
    for one in findings:
        key = _key(one)
        held = kept.get(key)
        if held is None or (one.certified and not held.certified):
            kept[key] = one
    everywhere = {
        (one.kind, one.where == "the loss")
        for one in kept.values()
        if one.certified
        and one.regime == TWIN
        and one.margin is None
        and one.kind in (Kind.FORMULA, Kind.ANOTHER_LOSS)
    }
    left = [
        one
        for one in kept.values()
        if one.regime == TWIN or (one.kind, one.where == "the loss") not in everywhere
    ]
    return sorted(_joined(left), key=_rank)


def _joined(findings: Sequence[Finding]) -> list[Finding]:
    """Tell of several components that go wrong alike as one, in a note."""
    joined: dict[tuple[object, ...], Finding] = {}
    for one in sorted(findings, key=_rank):
        alike: tuple[object, ...] = one.kind, one.dtype, one.regime
        if one.kind is Kind.PROTOCOL or not one.where.startswith("g["):
            alike = (id(one),)
        held = joined.get(alike)
        if held is None:
            joined[alike] = one
            continue
        also = f"{one.where} too" + (f", from {one.onset} on" if one.onset else "")
        joined[alike] = replace(held, note="; ".join(filter(None, (held.note, also))))
    return list(joined.values())


def _key(one: Finding) -> tuple[object, ...]:
    """Return what makes a finding the same as another."""
    if one.kind in (Kind.FORMULA, Kind.ANOTHER_LOSS):
        row = (one.dtype, one.regime) if one.regime in NAMES else ()
        return one.kind, one.where == "the loss", row
    return one.kind, one.dtype, one.where, one.margin_name, one.found if one.point is None else ""


def _rank(one: Finding) -> tuple[int, float]:
    score = one.score if one.score == one.score else float("inf")
    return _RANKS.index(one.kind), -score
