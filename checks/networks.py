"""The prover of backpropagation: networks of one architecture, of every one, or one exact network.

Guarantees: PROVES only if the loss is differentiable in the logits on its whole domain and either
the derivative and backpropagation are the same polynomials for the architecture, or every lemma of
the induction over the layers is proved; every wrong twin of backpropagation was caught, and oracles
that know no gradient formula agreed at exact points.
UNDEFINED names the hidden unit whose pre-activation is 0 and gives both one-sided derivatives.
What it cannot see: subgradients; at a kink no value is taken to be right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from time import perf_counter
from typing import Any

from sympy.core.basic import Basic

from ..numeric.network import kinks
from ..symbolic.backward import RULES
from ..symbolic.errors import EngineConflict, UnsupportedError
from ..symbolic.loss import Loss
from ..symbolic.network import Backpropagation
from ..symbolic.network_point import NetworkPoint, spell_widths
from ..symbolic.network_polynomials import (
    Widths,
    by_rules,
    first_difference,
    is_small,
    unknowns,
    wrong_twins,
)
from ..symbolic.printing import to_text
from .goals import Goal
from .instance import SCOPE as INSTANCE_SCOPE
from .network_induction import ARGUMENT, lemmas, unproved
from .network_kinks import at_kink
from .network_losses import class_bounds, domain_text, shortcoming
from .network_points import Confirmation, confirm, confirm_at, in_domain
from .verdict import Evidence, Finding

METHOD = "backpropagation"
ARCHITECTURES: tuple[Widths, ...] = ((3, 2), (2, 3, 2), (3, 4, 4, 3), (2, 3, 3, 3, 2), (1, 1, 3))
"""Architectures on which a proof for every one of them is replayed."""
POINTS = 3
"""Exact points for each architecture at which oracles must agree."""
_UNCONFIRMED = "No exact point was met at which oracles could confirm backpropagation."
_DOMAIN = "where no hidden pre-activation is 0"


def applies(formula: Basic) -> bool:
    """Tell whether a formula is a statement on backpropagation."""
    return isinstance(formula, Backpropagation)


def prove_backpropagation(goal: Goal, seed: int) -> Evidence:
    """Decide a statement on backpropagation.

    Parameters
    ----------
    goal
        A `Backpropagation`, about networks of some widths, of all, or about one exact network.
    seed
        Seed of the points at which the proof is confirmed.

    Raises
    ------
    EngineConflict
        If an oracle contradicts the proof, or a wrong twin of backpropagation is not caught.
    UnsupportedError
        If the loss depends on more than logits and target, or assumptions are made on one point.
    """
    start = perf_counter()
    formula = goal.formula
    if not isinstance(formula, Backpropagation):
        raise UnsupportedError(
            "the statement is about backpropagation",
            found=type(formula).__name__,
            remedy="make it with backpropagation(loss, widths)",
        )
    if goal.given and formula.point is not None:
        raise UnsupportedError(
            "a statement about one exact network has no further assumptions",
            found=", ".join(map(to_text, goal.given)),
            remedy="leave them out",
        )
    if formula.point is None:
        evidence = _for_all(formula, seed)
    else:
        evidence = _at_one(formula, formula.point, seed)
    return replace(evidence, seconds=perf_counter() - start)


def _for_all(formula: Backpropagation, seed: int) -> Evidence:
    loss, scope = formula.loss, _scope(formula)
    unfit = shortcoming(loss, formula.widths)
    if unfit:
        return Evidence(METHOD, Finding.NOTHING, scope, unfit)
    return _proof(formula, scope, _confirmed(loss, _replayed(formula), seed))


def _at_one(formula: Backpropagation, point: NetworkPoint, seed: int) -> Evidence:
    loss = formula.loss
    unfit = shortcoming(loss, formula.widths)
    if not unfit and not in_domain(loss, point):
        unfit = f"The point is outside the domain of {loss.name}."
    if unfit:
        return Evidence(METHOD, Finding.NOTHING, INSTANCE_SCOPE, unfit)
    ties = kinks(point)
    if ties:
        return at_kink(METHOD, INSTANCE_SCOPE, loss, point, ties)
    proof = _proof(formula, INSTANCE_SCOPE, _confirmed(loss, _replayed(formula), seed))
    if proof.finding is not Finding.PROVES:
        return proof
    at_point = confirm_at(loss, point)
    if not at_point.points:
        return Evidence(METHOD, Finding.NOTHING, INSTANCE_SCOPE, _UNCONFIRMED)
    detail = f"No hidden pre-activation is 0 there. {proof.detail} At the point itself {at_point}."
    return replace(proof, detail=detail)


def _scope(formula: Backpropagation) -> str:
    text = f"all weights, biases, inputs and targets of {formula.words()} {_DOMAIN}"
    return ", ".join((text, *domain_text(formula.loss)))


def _replayed(formula: Backpropagation) -> tuple[Widths, ...]:
    """Return the architectures on which polynomials are compared and points confirmed."""
    low, high = class_bounds(formula.loss)
    fitting = [w for w in ARCHITECTURES if low <= w[-1] <= (high or w[-1])]
    own = formula.widths
    return (own,) if own and is_small(own) else tuple(fitting)


def _confirmed(loss: Loss, several: Iterable[Widths], seed: int) -> dict[Widths, Confirmation]:
    return {widths: confirm(loss, widths, seed, POINTS) for widths in several}


def _proof(formula: Backpropagation, scope: str, confirmed: dict[Widths, Confirmation]) -> Evidence:
    caught = {widths: _checked_polynomials(widths) for widths in confirmed}
    own = formula.widths in confirmed
    left = [] if own else [lemma.name for lemma in unproved()]
    total = sum(confirmed.values(), Confirmation())
    if left:
        detail = f"The normal form does not prove the lemma on {', '.join(left)}."
        return Evidence(METHOD, Finding.NOTHING, scope, detail)
    if not total.points:
        return Evidence(METHOD, Finding.NOTHING, scope, _UNCONFIRMED)
    twins = sum(map(len, caught.values()))
    detail = f"{_reason(formula, own=own)} {twins} of {twins} wrong twins differ; {total}."
    return Evidence(METHOD, Finding.PROVES, scope, detail, _certificate(formula, confirmed, caught))


def _reason(formula: Backpropagation, *, own: bool) -> str:
    if own:
        return (
            "With the slopes of the ReLUs and the derivatives by the logits as unknowns, "
            "backpropagation and the derivative are the same polynomials in weights, biases and "
            f"inputs; {formula.loss.name} is differentiable in the logits."
        )
    return (
        "By induction over the layers, with each lemma proved by the normal form for every number "
        f"of units; {formula.loss.name} is differentiable in the logits."
    )


def _checked_polynomials(widths: Widths) -> list[str]:
    """Compare an architecture's polynomials, and return the wrong twins that were caught.

    Raises
    ------
    EngineConflict
        If backpropagation differs from the derivative, or a wrong twin does not.
    """
    network = unknowns(widths)
    wrong = first_difference(network, by_rules(RULES))
    twins = wrong_twins(widths)
    passed = [name for name, run in twins.items() if first_difference(network, run) is None]
    if wrong is not None or passed:
        raise EngineConflict(
            "polynomials tell backpropagation from its wrong twins",
            found=f"{wrong or passed} in a network {spell_widths(widths)}",
            remedy="report this: the passes or their comparison are wrong",
        )
    return list(twins)


def _certificate(
    formula: Backpropagation,
    confirmed: dict[Widths, Confirmation],
    caught: dict[Widths, list[str]],
) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if formula.widths not in confirmed:
        parts["lemmas"] = {lemma.name: lemma.text for lemma in lemmas()}
        parts["argument"] = " ".join(ARGUMENT.split())
    parts["architectures"] = {
        spell_widths(widths): {
            "derivatives compared as polynomials": len(unknowns(widths).places),
            "terms of the sum of g[k] z[k]": len(unknowns(widths).linear),
            "wrong twins caught": caught[widths],
            "confirmed": str(confirmation),
        }
        for widths, confirmation in confirmed.items()
    }
    if formula.point is not None:
        parts["point"] = formula.point.to_json()
    return parts
