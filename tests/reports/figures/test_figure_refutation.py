"""Laws of the figure of a refuted claim."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from fractions import Fraction
from typing import Any

import pytest
from mpmath import mpf

from gradproof import prove
from gradproof.checks.claim import Claim
from gradproof.checks.verdict import Counterexample, Outcome, Verdict
from gradproof.numeric import Point
from gradproof.numeric.high_precision import reference
from gradproof.reports.figures.figure import Figure
from gradproof.reports.figures.refutation import refutation_figure
from gradproof.symbolic import (
    Eq,
    Ge,
    Implies,
    K,
    Le,
    Ne,
    S,
    class_sum,
    delta,
    i,
    limit,
    log,
    losses,
    n,
    oo,
    p,
    scalar,
    y,
    z,
)
from gradproof.symbolic.printing import to_text

CE, ALT = losses.softmax_cross_entropy, losses.multiclass_bce_one_hot
WRONG = Eq(CE.gradient(i), S(i) + delta(i, y))
AT = {z: ("1/2", 0, -1), i: 1, y: 1}


def shown(statement: Any, point: dict[Any, Any], **parts: Any) -> Figure | None:
    """Return the figure of a claim that is false at a point."""
    failing = parts.pop("failing", None)
    claim = Claim("mine", statement, **parts)
    where = Counterexample(
        Point(point), to_text(claim.statement[0] if failing is None else failing), ()
    )
    return refutation_figure(claim, Verdict(Outcome.REFUTED, "", "search", (), where))


def drawn(statement: Any, point: dict[Any, Any], **parts: Any) -> Figure:
    """Return the figure, which is there."""
    figure = shown(statement, point, **parts)
    assert figure is not None
    return figure


def test_what_the_engine_refutes_has_a_figure() -> None:
    """A verdict of the engine itself is drawn at its counterexample."""
    verdict = prove(WRONG, given=n >= 2)
    figure = refutation_figure(Claim("mine", WRONG, given=n >= 2), verdict)
    assert figure is not None
    assert verdict.counterexample is not None
    assert str(verdict.counterexample) in figure.caption
    assert figure.claims == ("mine",)


def test_the_sides_are_told_as_they_are() -> None:
    """The values at the counterexample and at both ends are those of mpmath."""
    figure = drawn(WRONG, AT)
    found = re.fullmatch(
        "At z_1 = 0.5, the counterexample, the left side is {0} and the right side {0}. "
        "From z_1 = −3.5 to 4.5 the left side goes from {0} to {0} and the right side goes from "
        "{0} to {0}. The claim is certainly false at 41 of the 41 places drawn.".replace(
            ".", "\\."
        ).replace("{0}", r"(−?[\d.]+(?:e-\d+)?)"),
        figure.alternative,
    )
    assert found, figure.alternative
    told = [mpf(text.replace("−", "-")) for text in found.groups()]
    ends = (Fraction(-7, 2), Fraction(9, 2))
    places = [(side, Fraction(1, 2)) for side in WRONG.args]
    places += [(side, place) for side in WRONG.args for place in ends]
    values = [reference(side, Point(AT | {z: (place, 0, -1)})) for side, place in places]
    assert all(abs(a - b) <= abs(b) / 180 for a, b in zip(told, values, strict=True))


def test_a_true_side_is_not_filled() -> None:
    """Only places where the relation is certainly false are counted, and the count is right."""
    figure = drawn(Le(CE.term, 1), {z: (1, 0), y: 2})
    line = [Fraction(k, 8) for k in range(-32, 33) if abs(k) <= 8 or k % 2 == 0]
    false = sum(reference(CE.term, Point({z: (1, v), y: 2})) > 1 for v in line)
    assert 0 < false < len(line)
    assert f"certainly false at {false} of the {len(line)} places" in figure.alternative


def test_assumptions_hold_wherever_anything_is_drawn() -> None:
    """Places outside the claim's assumptions are left out, of a claim and of an implication."""
    free = "of the 41 places"
    assert free in drawn(WRONG, AT).alternative
    assert free not in drawn(WRONG, AT, given=Ge(z[i], 0)).alternative
    inside = drawn(Implies(Ge(z[i], 0), WRONG), AT, failing=WRONG)
    assert "From z_1 = 0 to 4.5" in inside.alternative
    pinned = Eq(class_sum(lambda j: p[j]), 1)
    soft = losses.softmax_cross_entropy_soft
    line = drawn(Eq(soft.term, 0), {z: (0, 1), p: ("1/2", "1/2")}, given=pinned)
    assert "against z_1" in line.caption


@pytest.mark.parametrize(
    ("statement", "at", "parts"),
    [
        (Eq(class_sum(S), 2), {z: (0, 1)}, {}),
        (WRONG, AT, {"at": AT}),
        (Eq(n, 2), {n: 3}, {}),
        (Eq(limit(CE.term, z[y], oo), 1), {z: (0, 1), y: 1}, {}),
        (Eq(p[1] + p[2], 1), {p: (1, 1)}, {"given": [Eq(p[1], 1), Eq(p[2], 1)]}),
        (Eq(CE.gradient(i), S(i) - delta(i, y)), AT, {}),
    ],
    ids=["constant", "one instance", "no real variable", "limit", "pinned", "true there"],
)
def test_where_nothing_can_be_seen_there_is_no_figure(
    statement: Any, at: dict[Any, Any], parts: dict[str, Any]
) -> None:
    """Nothing varies, or a side has no numbers, or the claim is about one point."""
    assert shown(statement, at, **parts) is None


def test_other_verdicts_have_none() -> None:
    """Only a refutation with a point is drawn."""
    claim = Claim("mine", WRONG)
    where = Counterexample(Point(AT), to_text(WRONG), ())
    assert refutation_figure(claim, Verdict(Outcome.PROVED, "", "", (), where)) is None
    assert refutation_figure(claim, Verdict(Outcome.REFUTED, "", "", ())) is None


def test_the_named_class_is_varied() -> None:
    """The logit of the class i of the counterexample goes first, then that of the label."""
    statement, at = Ge(ALT.gradient(i), 0), {z: (1, -2, 0), i: 2, y: 3}
    assert "against z_2;" in drawn(statement, at).caption
    assert "against z_3;" in drawn(Eq(CE.term, 0), {z: (0, 0, 1), y: 3}).caption


def test_other_variables_are_varied_where_there_are_no_logits() -> None:
    """Kernel values and scalars are varied within their domains, by their names."""
    c = scalar("lambda", positive=True)
    figure = drawn(Eq(c * log(c), 1), {c: 2})
    assert "against λ;" in figure.caption
    assert "From λ = 0.25 to 6" in figure.alternative
    kernel = losses.kde_cross_entropy
    values = drawn(Eq(class_sum(lambda j: K[j]), 1), {K: (1, 1)}, given=kernel.given)
    assert "From K_1 = 0 to 5" in values.alternative


def test_a_small_gap_is_seen() -> None:
    """Where the gap is small beside the curves, the panel shows what is near it, and says so."""
    near = drawn(Ge(ALT.gradient(i), 0), {z: (1, -2, 0), i: 2, y: 3}, given=[n >= 3, Ne(i, y)])
    assert near.caption.endswith(" The panel shows what is near the gap there.")
    assert "near the gap" not in drawn(WRONG, AT).caption


def test_the_figure_is_the_same_twice_and_well_formed() -> None:
    """One refutation gives one figure, to the letter, which says what it shows."""
    figure = drawn(WRONG, AT)
    assert figure == drawn(WRONG, AT)
    title, description = list(ET.fromstring(figure.svg))[:2]
    assert (title.text, description.text) == (figure.title, figure.alternative)


def test_odd_names_are_drawn_too() -> None:
    """Names that the font lacks, or that would begin a formula, do not reach the picture."""
    cost = scalar("価")
    assert "against 価;" in drawn(Eq(cost**2, 1), {cost: 3}).caption
    assert drawn(Eq(scalar("a$b"), 1), {scalar("a$b"): 3}).svg
