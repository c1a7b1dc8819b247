from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings, strategies as st
from mpmath import mp, mpf
from sympy import IndexedBase, Symbol

from gradproof import Loss, kernels, losses
from gradproof.numeric import (
    Point,
    certified,
    gradient as oracle_gradient,
    working_precision,
)
from gradproof.numeric.certified import (
    CERTIFIED_BITS,
    Certified,
    certified_loss,
    magnitude,
)
from gradproof.numeric.conditions import WHOLE
from gradproof.symbolic import K, log, p, scalar, x, y, z
from gradproof.symbolic.errors import UndefinedValueError, UnsupportedError
from gradproof.symbolic.kernel import bandwidth
from gradproof.symbolic.vocabulary import bins

EPSILON = Fraction(1, 10**7)

TARGETS: dict[Loss, Symbol | IndexedBase] = {
    losses.softmax_cross_entropy: y,
    losses.softmax_cross_entropy_soft: p,
    losses.multiclass_bce: p,
    losses.multiclass_bce_one_hot: y,
    losses.sigmoid_bce: p,
    losses.kde_cross_entropy: K,
    losses.quadratic: y,
    losses.quadratic_soft: p,
    losses.keras_cross_entropy: p,
    losses.keras_cross_entropy_one_hot: y,
}
"""The losses that have numbers, each with what its target is."""

LOSSES = list(TARGETS)

REGIMES = {
    "moderate": (0.5, -0.75, 1.25),
    "margin 1000": (1000, 0, -3),
    "gap 1000": (0, 1000, -3),
    "margin 10000": (10000, 0, -3),
    "gap 10000": (0, 10000, -3),
    "tied": (2.25, 2.25, 2.25),
    "all 0": (0, 0, 0),
    "one class": (0.5,),
}


def named(loss: Loss) -> str:
    """Return the name of a loss in the list of tests."""
    return loss.name


def point_of(loss: Loss, logits: Any, target: Any = 0) -> Point:
    """Return a point; `target` is a class counted from 0, or numbers for the family."""
    key = TARGETS[loss]
    values: dict[Any, Any] = {z: logits}
    if key == y:
        values[y] = target + 1
    elif isinstance(target, int):
        values[key] = [int(k == target) for k in range(len(logits))]
    else:
        values[key] = target
    if loss.name.startswith("KERAS"):
        values[losses.epsilon] = EPSILON
    return Point(values)


def at(loss: Loss, logits: Any, target: Any = 0) -> Certified:
    """Return what is certified of a loss at a point."""
    return certified_loss(loss).at(point_of(loss, logits, target))


def is_certified(ball: arb) -> bool:
    """Tell whether a ball is what the module promises."""
    if ball.is_exact() or ball.rel_accuracy_bits() >= CERTIFIED_BITS:
        return True
    return bool(ball.contains(0) and ball.rad() < arb(2) ** -1200)


def close(one: arb, other: Any, share: float = 1e-9) -> bool:
    """Tell whether two numbers are equal up to a share of them."""
    with working_precision(256):
        second = other if isinstance(other, arb) else arb(mpmath.nstr(other, 40))
        return bool(abs(one - second).mid() <= abs(second).mid() * share)


def mpf_of(value: Any) -> mpf:
    """Return a fraction as a number of mpmath."""
    exact = Fraction(value)
    return mpf(exact.numerator) / exact.denominator


def _log_softmax(logits: list[mpf]) -> list[mpf]:
    total = mpmath.log(mpmath.fsum(map(mpmath.exp, logits)))
    return [v - total for v in logits]


def _others(shares: list[mpf]) -> list[mpf]:
    """Return 1 less each share, by the shares of the other classes."""
    return [mpmath.fsum(s for m, s in enumerate(shares) if m != k) for k in range(len(shares))]


def _bce(logs: list[mpf], against: list[mpf], target: list[mpf]) -> mpf:
    rows = zip(logs, against, target, strict=True)
    return -mpmath.fsum(t * a + (1 - t) * b for a, b, t in rows)


def by_mpmath(loss: Loss, logits: list[mpf], target: list[mpf]) -> mpf:
    """Return a loss written down once more; a label is the target that is 1 there."""
    logs = _log_softmax(logits)
    shares = list(map(mpmath.exp, logs))
    pairs = list(zip(shares, target, strict=True))
    head = loss.name.removesuffix("_p")
    if head == "CE":
        return -mpmath.fsum(t * v for v, t in zip(logs, target, strict=True))
    if head == "ALT":
        return _bce(logs, list(map(mpmath.log, _others(shares))), target)
    if head == "BCE":
        soft = [mpmath.log(1 + mpmath.exp(-v)) for v in logits]
        return _bce([-v for v in soft], [-v - s for v, s in zip(logits, soft, strict=True)], target)
    if head == "KDE":
        return -mpmath.log(mpmath.fsum(s * t for s, t in pairs))
    if head == "QUAD":
        return mpmath.fsum((s - t) ** 2 for s, t in pairs) / 2
    edge = mpf_of(EPSILON)
    return -mpmath.fsum(t * mpmath.log(min(max(s, edge), 1 - edge)) for s, t in pairs)


def by_differences(loss: Loss, logits: Any, target: Any) -> tuple[list[mpf], list[mpf]]:
    """Return the gradient and the conditions from differences of the loss alone."""
    label = isinstance(target, int)
    given = [int(k == target) for k in range(len(logits))] if label else target
    soft = [not label and t not in (0, 1) for t in given]
    with mp.workdps(160):
        step = mpf(10) ** -40
        values = [mpf_of(v) for v in (*logits, *given)]
        size = len(logits)

        def loss_at(*moves: tuple[int, int]) -> mpf:
            moved = list(values)
            for place, way in moves:
                moved[place] += way * step
            return by_mpmath(loss, moved[:size], moved[size:])

        def mixed(i: int, j: int) -> mpf:
            signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
            parts = (a * b * loss_at((i, a), (j, b)) for a, b in signs)
            return mpmath.fsum(parts) / (4 * step**2)

        gradient = [(loss_at((i, 1)) - loss_at((i, -1))) / (2 * step) for i in range(size)]
        touched = [*range(size), *(size + k for k, is_soft in enumerate(soft) if is_soft)]
        conditions = [
            abs(g) + mpmath.fsum(abs(values[j] * mixed(i, j)) for j in touched if values[j])
            for i, g in enumerate(gradient)
        ]
        return gradient, conditions


numbers = st.integers(-48, 48).map(lambda k: Fraction(k, 16))


@st.composite
def moderate(draw: st.DrawFn) -> tuple[Loss, list[Fraction], Any]:
    """Draw a loss, moderate logits and a target."""
    loss = draw(st.sampled_from(LOSSES))
    size = draw(st.integers(2, 4))
    logits = draw(st.lists(numbers, min_size=size, max_size=size))
    if TARGETS[loss] == y or draw(st.booleans()):
        return loss, logits, draw(st.integers(0, size - 1))
    share = st.integers(1, 15).map(lambda k: Fraction(k, 16))
    return loss, logits, draw(st.lists(share, min_size=size, max_size=size))


def _cases() -> list[Any]:
    return [
        pytest.param(loss, logits, id=f"{loss.name} {name}")
        for loss in LOSSES
        for name, logits in REGIMES.items()
        if len(logits) > 1 or not loss.name.startswith("ALT")
    ]


@pytest.mark.parametrize(("loss", "logits"), _cases())
def test_gradients_are_those_of_the_oracle(loss: Loss, logits: Any) -> None:
    """Each component has its bits, and overlaps the narrow ball of an oracle without formulas."""
    soft = [Fraction(1, 4), Fraction(3, 4), Fraction(1, 8)][: len(logits)]
    for target in (0,) if TARGETS[loss] == y else (0, soft):
        found = at(loss, logits, target)
        point = point_of(loss, logits, target)
        oracle = oracle_gradient(
            loss.value, loss.wrt, point, bits=2**16 if max(logits) > 5000 else 2**13
        )
        assert len(found.gradient) == len(oracle) == len(logits)
        assert is_certified(found.value)
        for ours, theirs in zip(found.gradient, oracle, strict=True):
            assert is_certified(ours)
            assert is_certified(theirs)
            assert ours.overlaps(theirs)


@settings(max_examples=40)
@given(drawn=moderate())
def test_gradients_and_conditions_are_those_of_differences(
    drawn: tuple[Loss, list[Fraction], Any],
) -> None:
    """Gradient and conditions agree with differences of another text of the loss in mpmath."""
    found = at(*drawn)
    gradient, conditions = by_differences(*drawn)
    for ours, theirs in zip(found.gradient, gradient, strict=True):
        assert close(ours, theirs, 1e-30) or abs(theirs) < 1e-60
    for ours, theirs in zip(found.conditions, conditions, strict=True):
        assert close(ours, theirs, 1e-20) or abs(theirs) < 1e-30


@pytest.mark.parametrize("loss", LOSSES, ids=named)
def test_conditions_far_out_are_finite_and_at_least_the_gradient(loss: Loss) -> None:
    """A condition is a finite number, no less than the component that it belongs to."""
    for name, logits in REGIMES.items():
        if len(logits) == 1 and loss.name.startswith("ALT"):
            continue
        found = at(loss, logits)
        assert found.value_condition.is_finite(), name
        for component, condition in zip(found.gradient, found.conditions, strict=True):
            assert condition.is_finite(), name
            assert not condition < abs(component), name


def test_conditions_of_cross_entropy_by_hand() -> None:
    """At points where the softmax is known, ``|S_i - delta| + sum_j |z_j S_i (delta - S_j)|``."""
    half = arb(1) / 2
    at_zero = at(losses.softmax_cross_entropy, (0, 0))
    assert at_zero.gradient[0].overlaps(-half)
    assert all(c.overlaps(half) for c in at_zero.conditions)
    at_ones = at(losses.softmax_cross_entropy, (1, 1))
    assert all(c.overlaps(arb(1)) for c in at_ones.conditions)
    at_threes = at(losses.softmax_cross_entropy, (3, 3, 3))  # 1/3 + 3 * 4/9, and with 2/3
    assert at_threes.conditions[1].overlaps(arb(5) / 3)
    assert at_threes.conditions[0].overlaps(arb(2))
    one = at(losses.softmax_cross_entropy, (Fraction(7, 2),))
    assert one.gradient[0].contains(0)
    assert one.conditions[0].contains(0)
    leading = at(losses.softmax_cross_entropy, (5, 0))
    share = 1 / (1 + arb(-5).exp())
    assert leading.conditions[0].overlaps((1 - share) * (1 + 5 * share))
    assert leading.value_condition.overlaps(arb(-5).exp().log1p() + 5 * (1 - share))


def test_targets_of_0_and_1_add_nothing() -> None:
    """With a one-hot target the conditions are those of the loss with a label."""
    logits = (Fraction(1, 2), Fraction(-3, 4), 2)
    pairs = (
        (losses.softmax_cross_entropy, losses.softmax_cross_entropy_soft),
        (losses.multiclass_bce_one_hot, losses.multiclass_bce),
        (losses.quadratic, losses.quadratic_soft),
    )
    for with_label, with_targets in pairs:
        for label in range(3):
            one, other = at(with_label, logits, label), at(with_targets, logits, label)
            for a, b in zip(one.conditions, other.conditions, strict=True):
                assert close(a, b, 1e-30)
            assert close(one.value_condition, other.value_condition, 1e-30)


def test_other_targets_add_their_part() -> None:
    """A soft target p_j adds ``|p_j (S_i - delta)|``; at tied logits of 0 that is all it adds."""
    found = at(losses.softmax_cross_entropy_soft, (0, 0), [Fraction(1, 4), Fraction(3, 4)])
    gradient = arb(1) / 2 - arb(1) / 4
    added = (arb(1) / 4 + arb(3) / 4) / 2
    assert found.gradient[0].overlaps(gradient)
    assert found.conditions[0].overlaps(gradient + added)
    tripled = at(losses.softmax_cross_entropy_soft, (0, 0), [3, 0])
    assert tripled.conditions[0].overlaps(arb(3) / 2 + arb(3) / 2)


def whole(loss: Loss, logits: Any, target: Any) -> Certified:
    """Return what is certified with every second derivative in balls of 16000 bits."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(certified, "WHOLE", 10**6)
        patched.setattr(certified, "_FIRST_BITS", 2**14)
        return at(loss, logits, target)


@settings(max_examples=15)
@given(data=st.data(), loss=st.sampled_from([loss for loss in LOSSES if loss.name != "KERAS_p"]))
def test_conditions_keep_their_digits(data: st.DataObject, loss: Loss) -> None:
    """Below and above `WHOLE` classes they are those of much more precision, to 1e-5.

    Near each other, the logits make nothing cancel; with gaps of hundreds almost everything does.
    """
    size = data.draw(st.integers(2, 5) | st.integers(WHOLE + 1, WHOLE + 3))
    scale = data.draw(st.sampled_from((1, 30, 300)))
    few = data.draw(st.lists(numbers, min_size=2, max_size=6))
    logits = [scale * data.draw(st.sampled_from(few)) for _ in range(size)]
    target: Any = data.draw(st.integers(0, size - 1))
    if TARGETS[loss] != y and data.draw(st.booleans()):
        parts = st.sampled_from([Fraction(k, 8) for k in (0, 1, 3, 8)])
        target = [Fraction(1, 8), *data.draw(st.lists(parts, min_size=size - 1, max_size=size - 1))]
    found, expected = at(loss, logits, target), whole(loss, logits, target)
    for one, other in zip(found.conditions, expected.conditions, strict=True):
        assert close(one, other, 1e-5 if scale > 1 else 1e-9) or other < arb(2) ** -1100


@pytest.mark.parametrize("size", [2, WHOLE + 1])
def test_conditions_where_all_cancels(size: int) -> None:
    """Where 1 - S is lost in few digits, the condition of a component of 2 is still 2."""
    logits = [0, 700, *[Fraction(-k) for k in range(size - 2)]]
    found = at(losses.multiclass_bce_one_hot, logits, 0)
    assert close(found.gradient[1], mpf(2), 1e-30)
    assert close(found.conditions[1], mpf(2), 1e-6)


@pytest.mark.parametrize("size", [WHOLE, WHOLE + 1, 50, 600, 1025])
def test_conditions_of_cross_entropy_for_many_classes(size: int) -> None:
    """For any number of classes they are ``|S_i - delta| + S_i sum_j |z_j (delta - S_j)|``."""
    random = np.random.default_rng(size)
    logits = np.round(random.normal(0, 4, size) * 1024) / 1024
    if size > 100:
        logits = random.choice(logits[:40], size)
    label = size // 2
    found = at(losses.softmax_cross_entropy, logits.tolist(), label)
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    away = np.abs(logits) @ shares
    slopes = shares * (away - np.abs(logits) * shares + np.abs(logits) * (1 - shares))
    expected = np.abs(shares - (np.arange(size) == label)) + slopes
    ours = np.array([float(c.mid()) for c in found.conditions])
    assert np.allclose(ours, expected, rtol=1e-9, atol=0)


@pytest.mark.parametrize("loss", LOSSES, ids=named)
def test_many_classes_far_apart_have_conditions(loss: Loss) -> None:
    """With gaps of 10000 among 40 classes no condition is infinite, NaN or below its component."""
    logits = [Fraction(k % 7 * 1000) for k in range(39)]
    found = at(loss, [*logits, Fraction(10000)], 3)
    for component, condition in zip(found.gradient, found.conditions, strict=True):
        assert is_certified(component)
        assert condition.is_finite()
        assert close(condition, abs(component), 1e-9) or not condition < abs(component)


@pytest.mark.slow
def test_binned_losses_are_certified_too() -> None:
    """A loss over bins with a kernel has a gradient, which is the oracle's, and conditions."""
    loss = losses.kde_binned(kernels.gaussian)
    interval = {scalar("a"): 0, scalar("b"): 3, bandwidth: 0.5}
    point = Point({z: (0.5, -1, 2), x: (0, 1, 2.5), bins: 3, **interval})
    found = certified_loss(loss).at(point)
    for ours, theirs in zip(
        found.gradient, oracle_gradient(loss.value, z, point, bits=512), strict=True
    ):
        assert is_certified(ours)
        assert ours.overlaps(theirs)
    assert all(c > abs(g) for c, g in zip(found.conditions, found.gradient, strict=True))


def test_values_are_certified() -> None:
    """The loss is that of mpmath, with its bits."""
    for loss in LOSSES:
        found = at(loss, (0.5, -0.75, 1.25))
        with mp.workdps(60):
            logits = [mpf("0.5"), mpf("-0.75"), mpf("1.25")]
            expected = by_mpmath(loss, logits, [mpf(1), mpf(0), mpf(0)])
            assert found.value.overlaps(arb(mpmath.nstr(expected, 55), arb(10) ** -50))
        assert is_certified(found.value)


def test_what_has_no_gradient_is_refused() -> None:
    """Where a loss has no value an error says so; on a kink no precision is enough."""
    with pytest.raises(UndefinedValueError):
        at(losses.kde_cross_entropy, (0, 0), [0, 0])
    with pytest.raises(UndefinedValueError):
        at(losses.multiclass_bce_one_hot, (0,))
    with pytest.raises(UndefinedValueError):
        certified_loss(Loss("LOG", log(z[y]))).at(Point({z: (0, 1), y: 1}))


def test_what_cannot_be_enclosed_is_refused() -> None:
    """A kernel that is left open has no numbers, which is said before any point is asked for."""
    with pytest.raises(UnsupportedError, match="enclosed in balls"):
        certified_loss(losses.kde_integral_cross_entropy)


def test_precision_grows_only_as_needed() -> None:
    """A moderate point takes the first precision; bits that cancel are added, up to 1200 or so."""
    assert at(losses.softmax_cross_entropy, (0.5, 0)).bits == 192
    assert at(losses.softmax_cross_entropy, (100, 0)).bits == 384
    assert at(losses.softmax_cross_entropy, (20000, 0)).bits == 1536


def test_magnitudes_are_binary_logarithms() -> None:
    """The magnitude of a ball is log2 of its midpoint, -infinity for 0."""
    assert magnitude(arb(8)) == 3
    assert magnitude(-arb(1) / 4) == -2
    assert magnitude(arb(0)) == -math.inf
    assert math.isclose(magnitude(arb(-10000).exp()), -10000 / math.log(2))


def test_compiling_is_done_once() -> None:
    """The same loss is compiled once."""
    assert certified_loss(losses.quadratic) is certified_loss(losses.quadratic)
