"""The stable losses with many classes, against sums in balls over the kinds of classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import arb

from gradproof.numeric.elements import working_precision
from gradproof.numeric.stable import (
    STABLE,
    kde_cross_entropy_gradient,
    multiclass_bce_one_hot_gradient,
    quadratic_gradient,
    softmax_cross_entropy,
    softmax_cross_entropy_gradient,
)

SIZES = (127, 128, 129, 1023, 1024, 1025, 4097, 65537, 100000)
KINDS = 7
DTYPES = {"float32": 2.0**-24, "float64": 2.0**-53}


def classes(n: int, dtype: str) -> tuple[Any, Any]:
    """Return logits of a few values, and the place of each kind's first class."""
    rng = np.random.default_rng(n)
    kinds = np.arange(n) % KINDS
    rng.shuffle(kinds)
    logits = (rng.normal(size=KINDS) * 6).astype(dtype)[kinds]
    return logits, [int(np.flatnonzero(kinds == kind)[0]) for kind in range(KINDS)]


def shares(logits: Any, places: list[int], label: int) -> tuple[list[arb], list[int]]:
    """Return S for each kind and then for the label, and how many other classes are of each."""
    values = [logits[place] for place in places]
    counts = [int((logits == v).sum()) - int(v == logits[label]) for v in values]
    weights = [arb(float(v)).exp() for v in [*values, logits[label]]]
    total = sum((c * w for c, w in zip([*counts, 1], weights, strict=True)), arb(0))
    return [w / total for w in weights], [*counts, 1]


def close(found: Any, truth: arb, scale: arb, dtype: str) -> bool:
    """Tell whether a float is within 2 u of the truth, in units of a scale."""
    return bool(abs(arb(float(found)) - truth) < 2 * arb(DTYPES[dtype]) * abs(scale))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", SIZES)
def test_cross_entropy_of_many_classes(n: int, dtype: str) -> None:
    """Every component is right to 2 u, and so is the loss, for any number of classes."""
    logits, places = classes(n, dtype)
    label = n // 2
    gradient = softmax_cross_entropy_gradient(logits, label)
    with working_precision(200):
        S, counts = shares(logits, places, label)
        others = sum((c * s for c, s in zip(counts[:-1], S[:-1], strict=True)), arb(0))
        for place, s in zip(places, S, strict=False):
            if place != label:
                assert close(gradient[place], s, s, dtype)
        assert close(gradient[label], -others, others, dtype)
        loss = -S[-1].log()
        assert close(softmax_cross_entropy(logits, label), loss, loss, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", SIZES)
def test_the_quadratic_loss_of_many_classes(n: int, dtype: str) -> None:
    """Every component is right to 2 u of ``S_i sum_j S_j |r_i - r_j|``."""
    logits, places = classes(n, dtype)
    label = n // 2
    gradient = quadratic_gradient(logits, label)
    with working_precision(200):
        S, counts = shares(logits, places, label)
        residuals = [*S[:-1], S[-1] - 1]
        for place, s, r in zip([*places, label], S, residuals, strict=True):
            if place != label or s is S[-1]:
                terms = [c * t * (r - q) for c, t, q in zip(counts, S, residuals, strict=True)]
                scale = s * sum(map(abs, terms), arb(0))
                assert close(gradient[place], s * sum(terms, arb(0)), scale, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", SIZES)
def test_binary_cross_entropy_against_the_rest_of_many_classes(n: int, dtype: str) -> None:
    """Every component is right to 2 u of the sum of the sizes of its terms."""
    logits, places = classes(n, dtype)
    label = n // 2
    gradient = multiclass_bce_one_hot_gradient(logits, label)
    with working_precision(200):
        S, counts = shares(logits, places, label)
        odds = [s / (1 - s) for s in S[:-1]]
        total = sum((c * o for c, o in zip(counts[:-1], odds, strict=True)), arb(0))
        for place, s, o in zip(places, S, odds, strict=False):
            if place != label:
                truth = s * (2 + o - total)
                assert close(gradient[place], truth, s * (2 + o + total), dtype)
        truth = -(1 - S[-1]) - S[-1] * total
        assert close(gradient[label], truth, truth, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", SIZES)
def test_a_kernel_density_of_many_classes(n: int, dtype: str) -> None:
    """Every component is right to 2 u of ``S_i sum_j S_j |K_j - K_i| / sum_j S_j K_j``."""
    logits, places = classes(n, dtype)
    kernel = np.zeros(n, dtype)
    values = (10.0 ** np.random.default_rng(n).uniform(-12, 0, KINDS)).astype(dtype)
    for place, value in zip(places, values, strict=True):
        kernel[logits == logits[place]] = value
    gradient = kde_cross_entropy_gradient(logits, kernel)
    with working_precision(200):
        S, counts = shares(logits, places, places[0])
        K = [arb(float(v)) for v in [*values, values[0]]]
        mean = sum((c * s * k for c, s, k in zip(counts, S, K, strict=True)), arb(0))
        for place, s, k in zip(places, S, K, strict=False):
            terms = [c * t * (q - k) for c, t, q in zip(counts, S, K, strict=True)]
            truth, scale = (s * sum(x, arb(0)) / mean for x in (terms, map(abs, terms)))
            assert close(gradient[place], truth, scale, dtype)


@pytest.mark.parametrize("n", [128, 65537])
@pytest.mark.parametrize("name", STABLE)
def test_classes_may_stand_in_any_order(name: str, n: int, has_label: Any) -> None:
    """Another order of many classes moves the loss and the gradient by less than 4 u."""
    rng = np.random.default_rng(n)
    logits, order = (rng.normal(size=n) * 5).astype(np.float32), rng.permutation(n)
    target = n // 3 if has_label(name) else rng.dirichlet(np.ones(n)).astype(np.float32)
    moved = int(np.flatnonzero(order == target)[0]) if has_label(name) else target[order]
    one = STABLE[name].gradient(logits, target)[order]
    other = STABLE[name].gradient(logits[order], moved)
    assert np.all(abs(one - other) <= 4 * 2.0**-24 * abs(one))
    loss, again = STABLE[name].value(logits, target), STABLE[name].value(logits[order], moved)
    assert abs(loss - again) <= 4 * 2.0**-24 * loss
