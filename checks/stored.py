"""Verdicts as JSON data and back.

Guarantees: what `read_verdict` returns equals what `written_verdict` was given, certificates and
exact points included; a verdict for which that would not hold has no data.
The symbols of a counterexample are kept by the digest of their content and found again in the
claim, never by their names, which two of them may share.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from sympy import Basic, IndexedBase, Symbol

from ..numeric.point import Key, Point, Value
from ..symbolic.vocabulary import bins, n
from .claim import Claim
from .content import UnreadableContentError, formula_digest
from .goals import concrete, goals_of
from .verdict import Counterexample, Evidence, Finding, Outcome, Verdict


def written_verdict(verdict: Verdict, claim: Claim) -> str | None:
    """Return a verdict on a claim as JSON text, or None if it would not come back as it is."""
    try:
        text = json.dumps(_verdict_data(verdict), ensure_ascii=False, allow_nan=False)
        return text if read_verdict(text, claim) == verdict else None
    except (TypeError, ValueError, UnreadableContentError):  # a certificate that is no JSON data
        return None


def read_verdict(text: str, claim: Claim) -> Verdict | None:
    """Return the verdict on a claim that a text holds, or None if it holds none."""
    try:
        return _verdict(json.loads(text), claim)
    except Exception:  # whatever is wrong with the data, there is no verdict in it
        return None


def _verdict_data(verdict: Verdict) -> dict[str, Any]:
    found = verdict.counterexample
    return _field_data(verdict) | {
        "outcome": verdict.outcome.name,
        "evidence": [_field_data(e) | {"finding": e.finding.name} for e in verdict.evidence],
        "counterexample": found and _field_data(found) | {"point": _point_data(found.point)},
    }


def _verdict(data: Mapping[str, Any], claim: Claim) -> Verdict:
    found = data["counterexample"]
    evidence = (Evidence(**e | {"finding": Finding[e["finding"]]}) for e in data["evidence"])
    changes = {
        "outcome": Outcome[data["outcome"]],
        "evidence": tuple(evidence),
        "counterexample": found and _counterexample(found, claim),
    }
    return Verdict(**{**data, **changes})


def _field_data(record: Verdict | Evidence | Counterexample) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def _counterexample(data: Mapping[str, Any], claim: Claim) -> Counterexample:
    symbols = _symbols_of(claim)
    point = Point({symbols[digest]: value for digest, value in data["point"]})
    figures = tuple((name, value) for name, value in data["figures"])
    return Counterexample(point, data["failing"], figures)


def _point_data(point: Point) -> list[tuple[str, Any]]:
    return [(formula_digest(key), _value_data(value)) for key, value in point.items()]


def _value_data(value: Value) -> list[str] | str:
    return [str(member) for member in value] if isinstance(value, tuple) else str(value)


def _symbols_of(claim: Claim) -> dict[str, Key]:
    """Return what a point of a claim gives values to, also where a kernel was put in."""
    goals = goals_of(claim.statement, claim.given)
    formulas = [f for goal in (*goals, *map(concrete, goals)) for f in (goal.formula, *goal.given)]
    return {formula_digest(symbol): symbol for symbol in _atoms(formulas)}


def _atoms(formulas: Iterable[Basic]) -> set[Key]:
    return {n, bins}.union(*(formula.atoms(Symbol, IndexedBase) for formula in formulas))
