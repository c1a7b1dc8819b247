from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradproof.checks.audits.classifying import Classified, classify, computes_narrower
from gradproof.checks.audits.finding import Kind
from gradproof.checks.audits.judging import VALUE
from gradproof.checks.audits.point import AuditPoint
from tests.checks.audits.conftest import (
    CE,
    at,
    flipped,
    loss_of,
    overflowing,
    right,
    run_of,
    saturating,
    softmax,
)

BOTH = ("float32", "float64")
ONE = ("float32",)


def smoothed(z: Any, y: Any) -> Any:
    """Return the gradient of another loss: cross-entropy with smoothed labels."""
    target = np.full(len(z), 0.1 / len(z), z.dtype)
    target[y] += 0.9
    return softmax(z) - target


def other_loss(z: Any, y: Any) -> Any:
    """Return cross-entropy at twice the temperature."""
    return loss_of(z / 2, y)


def other_gradient(z: Any, y: Any) -> Any:
    """Return the gradient of `other_loss`."""
    return right(z / 2, y) / 2


def in_float32(z: Any, y: Any) -> Any:
    """Return the right gradient, computed in float32 and handed back in the dtype of the input."""
    return right(z.astype(np.float32), y).astype(z.dtype)


def unstable_domain(z: Any, y: Any) -> Any:
    """Return a loss whose logarithm is that of a softmax that has underflowed."""
    with np.errstate(all="ignore"):
        return -np.log(softmax(z)[y])


def kind_of(
    implementation: Any,
    point: AuditPoint,
    dtype: str = "float32",
    dtypes: tuple[str, ...] = BOTH,
    *,
    place: int | None = None,
    twin: bool = False,
    **given: Any,
) -> Classified:
    """Return the class of the worst observation, or of that at a place."""
    run = run_of(implementation, **given)
    judged = run.bench.judge("moderate", point, dtype)
    assert judged.failing, judged
    failing = [o for o in judged.failing if place in (None, o.place)]
    seen = max(failing, key=lambda o: o.score)
    side = run.twin if twin else None
    narrow = "float64" in dtypes and computes_narrower(run.bench, [at(0.3, 1.7, -2), at(1, 0.1)])
    return classify(seen, run.bench, side, dtypes, narrow)


@pytest.mark.parametrize("twin", [True, False])
@pytest.mark.parametrize("dtypes", [BOTH, ONE])
@pytest.mark.parametrize(
    ("implementation", "point", "kind"),
    [
        (saturating, at(14, 0, -3), Kind.ROUNDING),
        (saturating, at(20, 0, -3), Kind.ROUNDING),
        (flipped, at(1, 0, -3), Kind.FORMULA),
        (flipped, at(20, 0, -3), Kind.FORMULA),
        (flipped, at(1700, 0, -3), Kind.FORMULA),
        (smoothed, at(1, 0, -3), Kind.FORMULA),
        (overflowing, at(100, 0, -3), Kind.OVERFLOW),
    ],
)
def test_gradients_are_classified(
    implementation: Any, point: AuditPoint, kind: Kind, dtypes: tuple[str, ...], twin: bool
) -> None:
    """Cancellation is rounding, a wrong formula is one, and what is no number overflowed.

    So it is with the exact twin, which certifies it, and without, by comparing dtypes.
    """
    found = kind_of(implementation, point, dtypes=dtypes, twin=twin)
    assert found.kind is kind
    assert found.certified == twin


def test_without_a_twin_it_is_said_what_the_class_rests_on() -> None:
    """The note names the dtype that was compared with, or says that there was none."""
    point = at(1, 0, -3)
    assert kind_of(flipped, point).note == "compared with float64; there is no exact twin here"
    assert kind_of(flipped, point, "float64").note == (
        "compared with float32; there is no exact twin here"
    )
    assert kind_of(flipped, point, dtypes=ONE).note == (
        "there is neither an exact twin nor another dtype to compare with"
    )
    assert kind_of(flipped, point, twin=True).note == ""


@pytest.mark.parametrize("twin", [True, False])
@pytest.mark.parametrize("logits", [(34, 0, -3), (40, 0, -3), (36, 0.5, -3), (700, 0, -3)])
def test_rounding_in_float64_is_told_from_a_formula(logits: tuple[float, ...], twin: bool) -> None:
    """What float64 loses is rounding, though there is no wider dtype to compare with."""
    assert kind_of(saturating, at(*logits), "float64", twin=twin).kind is Kind.ROUNDING
    assert kind_of(flipped, at(*logits), "float64", twin=twin).kind is Kind.FORMULA


def test_rounding_beside_a_truth_as_good_as_0_is_rounding() -> None:
    """What is left of a cancellation is rounding, though it is infinitely more than 1e-739."""

    def cancelling(z: Any, y: Any) -> Any:
        g = right(z, y)
        shares = np.full(10, z.dtype.type(0.1))
        g[y] += shares.cumsum()[-1] - z.dtype.type(1)
        return g

    for dtype in BOTH:
        assert kind_of(cancelling, at(1700, 0, -3), dtype).kind is Kind.ROUNDING


def test_another_loss_is_told_from_a_wrong_gradient() -> None:
    """With the twin, a loss that is another one, differentiated rightly, is that and no formula."""
    point = at(1, 0, -3)
    other = kind_of(other_loss, point, twin=True, gradient=other_gradient)
    assert (other.kind, other.certified) == (Kind.ANOTHER_LOSS, True)
    of_value = kind_of(other_loss, point, twin=True, place=VALUE, gradient=other_gradient)
    assert of_value.kind is Kind.ANOTHER_LOSS
    wrong = kind_of(loss_of, point, twin=True, gradient=flipped)
    assert (wrong.kind, wrong.certified) == (Kind.FORMULA, True)


def test_a_float32_computation_of_float64_is_a_matter_of_dtype() -> None:
    """What is right to float32 and no more, of float64 input, is classed by its dtype."""
    for twin in (True, False):
        found = kind_of(in_float32, at(0.3, 1.7, -2), "float64", twin=twin)
        assert found.kind is Kind.DTYPE

    def wrong(z: Any, y: Any) -> Any:
        return flipped(z.astype(np.float32), y).astype(z.dtype)

    assert kind_of(wrong, at(0.3, 1.7, -2), "float64").kind is Kind.FORMULA


def test_leaving_the_domain_of_a_logarithm() -> None:
    """A logarithm of 0 at moderate logits is outside of its domain, at huge ones overflow."""
    run = run_of(unstable_domain, returns="loss")
    point = at(0, 1, 88.5)
    seen = run.bench.judge("gap", at(0, 0, 120), "float32").failing[0]
    assert classify(seen, run.bench, None, BOTH).kind in (Kind.DOMAIN, Kind.OVERFLOW)
    assert run.bench.judge("gap", point, "float32").observations


def test_masked_classes_leave_a_domain() -> None:
    """NaN where a class is masked comes from an argument outside of a domain."""

    def of_masked(z: Any, y: Any) -> Any:
        with np.errstate(all="ignore"):
            g = softmax(z) + 0 * z
        g[y] -= 1
        return g

    run = run_of(of_masked)
    point = AuditPoint((*at(1, 0).logits, None), 0)
    seen = run.bench.judge("masked", point, "float32").failing[0]
    assert classify(seen, run.bench, run.twin, BOTH).kind is Kind.DOMAIN


def test_what_is_not_repeatable_is_a_matter_of_behaviour() -> None:
    """If a second call at the point is right, that is the finding."""
    calls = iter(range(10**6))

    def sometimes(z: Any, y: Any) -> Any:
        return flipped(z, y) if next(calls) % 2 else right(z, y)

    run = run_of(sometimes)
    point = at(1, 0, -3)
    judged = run.bench.judge("moderate", point, "float32")
    while not judged.failing:
        judged = run.bench.judge("moderate", point, "float32")
    found = classify(judged.failing[0], run.bench, None, BOTH)
    assert found.kind is Kind.PROTOCOL
    assert found.note == "a second call at the same point gives another result"


@pytest.mark.parametrize(
    ("implementation", "expected"), [(right, False), (in_float32, True), (saturating, False)]
)
def test_who_computes_narrower(implementation: Any, expected: bool) -> None:
    """Float64 input is computed in float32 where every number is one of float32 and off as such."""
    bench = run_of(implementation).bench
    assert computes_narrower(bench, [at(0.3, 1.7, -2), at(1, 0.1)]) == expected


def test_numbers_that_happen_to_be_of_float32_prove_nothing() -> None:
    """At tied logits every gradient is a number of float32, and right in float64."""
    bench = run_of(right).bench
    assert not computes_narrower(bench, [at(0, 0), at(0, 0, 0, 0)])


def test_a_dtype_that_is_handed_back_is_proof() -> None:
    """Who hands back float32 for float64 computes in it."""
    bench = run_of(lambda z, y: right(z.astype(np.float32), y)).bench
    assert computes_narrower(bench, [at(0, 0)])


def test_half_formats_are_compared_with_wider_ones() -> None:
    """In float16 the same classes are told by float32 or float64."""
    for wider in BOTH:
        dtypes = ("float16", wider)
        assert kind_of(saturating, at(8, 0, -3), "float16", dtypes).kind is Kind.ROUNDING
        assert kind_of(flipped, at(8, 0, -3), "float16", dtypes).kind is Kind.FORMULA


def test_the_loss_is_classified_as_well() -> None:
    """A loss by way of a product of probabilities loses its digits, which is rounding."""

    def naive(z: Any, y: Any) -> Any:
        return -np.log(softmax(z)[y])

    run = run_of(naive, CE, gradient=right)
    seen = next(
        o for o in run.bench.judge("margin", at(14, 0, -3), "float32").failing if o.place == VALUE
    )
    for side in (run.twin, None):
        assert classify(seen, run.bench, side, BOTH).kind is Kind.ROUNDING


def seen_after(seconds: float, change: Callable[[], None]) -> Classified:
    """Return the class of a saturated gradient if later calls at the point do something else."""
    later: list[Callable[[], None]] = []

    def gradient(z: Any, y: Any) -> Any:
        for act in later:
            act()
        return saturating(z, y)

    run = run_of(gradient, time_limit=seconds)
    seen = run.bench.judge("moderate", at(14, 0, -3), "float32").failing[0]
    later.append(change)
    return classify(seen, run.bench, None, ("float32",))


def test_a_second_call_that_raises_is_a_matter_of_behaviour() -> None:
    """What it raises is the note."""

    def change() -> None:
        raise ValueError("only once")

    found = seen_after(10, change)
    assert found.kind is Kind.PROTOCOL
    assert found.note.startswith(
        "a second call at the same point gives no answer: ValueError: only once"
    )


def test_a_second_call_without_an_answer_in_time_says_nothing_of_the_first() -> None:
    """A slow machine makes no implementation one that changes its mind."""
    assert seen_after(0.3, lambda: time.sleep(1)).kind is Kind.ROUNDING


def test_an_implementation_that_was_given_up_is_not_called_a_second_time() -> None:
    """What was seen before it took too long, too often, keeps its class."""

    def gradient(z: Any, y: Any) -> Any:
        while np.max(z) > 900:
            time.sleep(0.01)
        return saturating(z, y)

    run = run_of(gradient, time_limit=0.1)
    seen = run.bench.judge("moderate", at(14, 0, -3), "float32").failing[0]
    while not run.bench.is_exhausted:
        run.bench.judge("moderate", at(1000, 0, -3), "float32")
    assert classify(seen, run.bench, None, ("float32",)).kind is Kind.ROUNDING
