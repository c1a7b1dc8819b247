from __future__ import annotations

import math

import numpy as np
from flint import arb
from hypothesis import given, strategies as st

from gradproof.checks.audits.collecting import Collector
from gradproof.checks.audits.judging import Judged, Observation
from gradproof.checks.audits.point import AuditPoint
from gradproof.numeric.implementations.call import Answer
from tests.checks.audits.conftest import at

HERE = at(1, 2)
ANSWER = Answer(np.array([1.0, 2.0]), "float32")


def seen(
    score: float, regime: str = "wide", point: AuditPoint = HERE, part: str = "another component"
) -> Observation:
    """Return an observation of a score."""
    return Observation(regime, point, "float32", 0, part, score, score, 1.0, arb(2))


def judged(*scores: float, regime: str = "wide", point: AuditPoint = HERE) -> Judged:
    """Return what a call with these scores showed."""
    return Judged(ANSWER, tuple(seen(s, regime, point) for s in scores))


@given(scores=st.lists(st.floats(0, 1e6), min_size=1, max_size=8))
def test_the_worst_score_of_a_regime_is_kept(scores: list[float]) -> None:
    """A regime has the largest score at its points, and their number."""
    collector = Collector("float32")
    for score in scores:
        collector.add("wide", HERE, judged(score))
    (worst,) = collector.worst()
    assert (worst.regime, worst.dtype) == ("wide", "float32")
    assert (worst.score, worst.points, worst.undefined) == (max(scores), len(scores), 0)


def test_every_regime_has_its_row() -> None:
    """Regimes come in the order in which they were seen, those without a gradient last."""
    collector = Collector("float32")
    collector.add("confident", HERE, judged(1))
    collector.add("masked", HERE, Judged(ANSWER, undefined=True))
    collector.add("wide", HERE, judged(2))
    assert [w.regime for w in collector.worst()] == ["confident", "wide", "masked"]
    assert [w.undefined for w in collector.worst()] == [0, 0, 1]
    assert [w.points for w in collector.worst()] == [1, 1, 0]


def test_what_fails_is_kept_by_group() -> None:
    """Failing observations are kept, each from another regime or number of classes."""
    collector = Collector("float32")
    for _ in range(3):
        collector.add("wide", HERE, judged(1e6))
    assert len(collector.groups[("another component", "wrong")]) == 1
    collector.add("tiny", HERE, judged(1e6, regime="tiny"))
    collector.add("wide", at(1, 2, 3), judged(1e6, point=at(1, 2, 3)))
    assert len(collector.groups[("another component", "wrong")]) == 3
    collector.add("wide", HERE, judged(10))
    assert len(collector.groups) == 1


def test_the_number_kept_is_limited() -> None:
    """However many fail, a few dozen of a group are kept."""
    collector = Collector("float32")
    for number in range(200):
        collector.add("wide", HERE, judged(1e6, regime=f"regime {number}"))
    (kept,) = collector.groups.values()
    assert len(kept) == 24


def test_a_call_without_an_answer_is_kept_once() -> None:
    """The first point of each failure is kept, and the regime scores infinity."""
    collector = Collector("float32")
    failed = Judged(Answer(failure="ValueError: no", failure_kind="error"))
    collector.add("wide", HERE, failed)
    collector.add("tiny", at(5, 6), failed)
    other = Judged(Answer(failure="no answer within 1 s", failure_kind="time"))
    collector.add("tiny", HERE, other)
    assert collector.failures == {
        ("error", "ValueError: no"): ("wide", HERE),
        ("time", "no answer within 1 s"): ("tiny", HERE),
    }
    assert all(w.score == math.inf for w in collector.worst())


def test_kinks_and_points_without_a_gradient_are_counted() -> None:
    """A valid subgradient counts as judged; where there is no gradient, nothing is."""
    collector = Collector("float32")
    collector.add("wide", HERE, Judged(ANSWER, kink=True))
    collector.add("wide", HERE, Judged(ANSWER, undefined=True))
    (worst,) = collector.worst()
    assert (collector.kinks, worst.points, worst.undefined) == (1, 1, 1)


def test_what_was_taken_in_is_handed_back() -> None:
    """Taking in returns the judgement, so that a search may go by it."""
    one = judged(3)
    assert Collector("float32").add("wide", HERE, one) is one
