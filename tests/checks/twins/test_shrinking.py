from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from gradproof.checks.twins import Input, TwinPoint, label, logits
from gradproof.checks.twins.points import drawn_points
from gradproof.checks.twins.shrinking import minimise_point, starting_point, starts_later
from tests.checks.twins.conftest import EVERY_KIND, in_domain, is_dyadic

Question = Callable[[TwinPoint], bool]
SIZES = (1, 2, 3, 4, 5)
OF_CLASSES = (logits(), label())


def point(*z: Any, y: int = 0) -> TwinPoint:
    """Return a point of logits and a label."""
    return TwinPoint(OF_CLASSES, len(z), (tuple(map(Fraction, z)), (Fraction(y),)))


QUESTIONS: dict[str, Question] = {
    "always": lambda _: True,
    "wide": lambda p: p.range > 3,
    "few": lambda p: p.n >= 3,
    "label": lambda p: p.n > 1 and p.values[EVERY_KIND.index(_label())] == (1,),
    "parity": lambda p: sum(p.values[0]) > Fraction(1, 3),
}


def _label() -> Input:
    return next(spec for spec in EVERY_KIND if spec.kind == "label")


@pytest.mark.parametrize("name", QUESTIONS)
@settings(max_examples=15)
@given(st.data())
def test_the_question_holds_at_every_simpler_point(name: str, data: Any) -> None:
    """What comes out is a point of the domain, dyadic, no larger, with the same answer."""
    start = data.draw(drawn_points(EVERY_KIND, (2, 3, 5)).filter(QUESTIONS[name]))
    found = minimise_point(start, QUESTIONS[name], SIZES)
    assert QUESTIONS[name](found)
    assert in_domain(found)
    assert found.n <= start.n
    assert all(is_dyadic(v) for values in found.values for v in values)


def test_asking_again_changes_nothing() -> None:
    """A minimal point is a fixed point."""
    for question in (lambda p: p.range > 3, lambda p: p.values[0][0] > Fraction(5, 3)):
        found = minimise_point(point(4, Fraction(1, 8), -7, y=2), question, SIZES)
        assert minimise_point(found, question, SIZES) == found


@pytest.mark.parametrize(
    ("question", "minimal"),
    [
        (lambda _: True, point(0)),
        (lambda p: p.n > 1, point(0, 0)),
        (lambda p: p.n > 1 and max(p.values[0]) - min(p.values[0]) >= 4, point(4, 0)),
        (lambda p: p.n > 1 and p.values[1][0] == 1, point(0, 0, y=1)),
    ],
)
def test_points_become_as_simple_as_they_can(question: Question, minimal: TwinPoint) -> None:
    """Fewer classes, numbers that are 0, whole and small, the first label."""
    found = minimise_point(point(Fraction(-3, 8), 7, -2, Fraction(5, 4), y=1), question, SIZES)
    assert found.n == minimal.n
    assert found.values[1] == minimal.values[1]
    assert sorted(map(abs, found.values[0])) == sorted(map(abs, minimal.values[0]))


def test_a_search_that_forgets_the_question_would_be_noticed() -> None:
    """The wrong twin, a shrinker that takes any simpler point, ends where the answer is no."""
    question: Question = lambda p: p.range > 3  # noqa: E731
    right = minimise_point(point(7, 1), question, SIZES)
    wrong = minimise_point(point(7, 1), lambda _: True, SIZES)
    assert question(right)
    assert not question(wrong)


@given(st.fractions(1, 50, max_denominator=8), st.fractions(Fraction(1, 2), 60, max_denominator=7))
def test_the_onset_is_where_the_answer_turns(edge: Fraction, far: Fraction) -> None:
    """The point is just on the side where the answer is yes, to about 12 digits."""
    start = point(edge + far, 0)
    question: Question = lambda p: p.values[0][0] > edge  # noqa: E731
    assert starts_later(start, question)
    found = starting_point(start, question)
    assert found is not None
    assert question(found)
    assert 0 < found.values[0][0] - edge <= (edge + far) / 2**40


def test_what_is_there_from_the_start_has_no_onset() -> None:
    """Neither where logits of 0 show it, nor as soon as they are not 0, nor without logits."""
    assert not starts_later(point(1, 0), lambda _: True)
    assert not starts_later(point(1, 0), lambda _: False)
    assert starting_point(point(1, 0), lambda p: any(p.values[0])) is None
    alone = TwinPoint((label(),), 2, ((Fraction(1),),))
    assert not starts_later(alone, lambda _: True)
