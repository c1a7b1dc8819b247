"""Every stable loss in every regime and dtype, against certified values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradproof.numeric.stable import STABLE, kde_cross_entropy_gradient, softmax_cross_entropy

GRADIENT = 2.0
"""The largest score of a gradient; correct rounding alone may take 1."""

VALUE = 6.0
"""The largest score of a loss, whose last step is a logarithm of the library."""

DTYPES = ("float32", "float64")
SIZES = (1, 2, 3, 5, 10)


def spaced(rng: Any, n: int, dtype: str) -> Any:
    """Return logits that are a few units in the last place apart."""
    values = np.full(n, rng.normal() * rng.choice([1, 30]), dtype=dtype)
    for _ in range(n):
        values[rng.integers(n)] = np.nextafter(values[rng.integers(n)], np.float32(1e9))
    return values


def tied(rng: Any, n: int, below: float) -> Any:
    """Return logits two of which tie, at the top or below it."""
    values = rng.normal(size=n) - below
    values[rng.integers(n)] = values[rng.integers(n)]
    values[rng.integers(n)] += below
    return values


def leading(rng: Any, n: int, lead: float) -> Any:
    """Return logits one of which leads."""
    values = rng.normal(size=n)
    values[rng.integers(n)] += lead
    return values


def masking(rng: Any, n: int) -> Any:
    """Return logits of which all but two may be masked."""
    values = rng.normal(size=n) * 3
    values[rng.permutation(n)[2:][: rng.integers(n + 1)]] = -np.inf
    return values


REGIMES: dict[str, Callable[[Any, int, str], Any]] = {
    "moderate": lambda rng, n, _: rng.normal(size=n),
    "wide": lambda rng, n, _: rng.uniform(-30, 30, n),
    "extreme 100": lambda rng, n, _: rng.uniform(-100, 100, n),
    "extreme 1000": lambda rng, n, _: rng.uniform(-1000, 1000, n),
    "extreme 10000": lambda rng, n, _: rng.uniform(-10000, 10000, n),
    "all tied": lambda rng, n, _: np.full(n, rng.choice([0.0, 1.3, -700.0])),
    "tied at the top": lambda rng, n, _: tied(rng, n, 0.0),
    "tied below the top": lambda rng, n, _: tied(rng, n, 40.0),
    "tied at 0, others far": lambda rng, n, _: rng.choice([0.0, 0.0, 0.0, -40.0, -80.0], n),
    "nearly tied": spaced,
    "tiny": lambda rng, n, _: rng.normal(size=n) * 10.0 ** rng.uniform(-30, -3),
    "one leads": lambda rng, n, _: leading(rng, n, rng.uniform(2, 120)),
    "one leads far": lambda rng, n, _: leading(rng, n, rng.uniform(100, 1000)),
    "offset": lambda rng, n, _: rng.normal(size=n) + rng.choice([1e4, -1e4, 1e6]),
    "masked": lambda rng, n, _: masking(rng, n),
}

TARGETS: dict[str, Callable[[Any, Any], Any]] = {
    "soft": lambda rng, z: rng.dirichlet(np.ones(len(z))),
    "one-hot": lambda rng, z: np.eye(len(z))[int(np.argmax(z + rng.normal(size=len(z))))],
    "all zero": lambda _, z: np.zeros(len(z)),
    "smoothed": lambda rng, z: 0.9 * np.eye(len(z))[rng.integers(len(z))] + 0.1 / len(z),
    "the softmax": lambda _, z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
    "several": lambda rng, z: rng.integers(0, 2, len(z)).astype(float),
    "minute": lambda rng, z: 10.0 ** rng.uniform(-40, 0, len(z)),
}

KERNELS: dict[str, Callable[[Any, int, str], Any]] = {
    "near": lambda rng, n, _: np.exp(-0.5 * rng.normal(size=n) ** 2),
    "far": lambda rng, n, _: np.exp(-0.5 * (rng.normal(size=n) * 4) ** 2),
    "underflowing": lambda rng, n, dtype: (
        np.finfo(dtype).smallest_subnormal * rng.integers(1, 9, n)
    ),
    "some 0": lambda rng, n, _: rng.integers(0, 2, n) * 10.0 ** rng.uniform(-20, 20, n),
    "one match": lambda rng, n, _: np.eye(n)[rng.integers(n)],
    "several matches": lambda rng, n, _: rng.integers(0, 2, n).astype(float),
    "all equal": lambda rng, n, _: np.full(n, rng.choice([1.0, 0.3, 1e-30])),
    "nearly equal": spaced,
    "any size": lambda rng, n, dtype: 10.0 ** rng.uniform(*RANGES[dtype], n),
}

RANGES = {"float32": (-44, 38), "float64": (-320, 308)}
"""Decimal exponents of the positive numbers of a dtype."""

LAST = np.float32(10000)
"""Beyond it the reference for a sigmoid near 1 takes too many digits."""

LABELLED = [name for name in STABLE if name.endswith("one_hot") or name == "quadratic"]
LABELLED.append("softmax_cross_entropy")
SOFT = [name for name in STABLE if name not in LABELLED and name != "kde_cross_entropy"]


def points(regime: str, dtype: str, least: int) -> Any:
    """Yield a generator and logits of each size and of some more."""
    rng = np.random.default_rng(sum(map(ord, regime)))
    for n in (*SIZES, *SIZES):
        if n >= least:
            yield rng, np.asarray(REGIMES[regime](rng, n, dtype)).astype(dtype)


def least_size(name: str) -> int:
    """Return the least number of classes of a loss."""
    return 2 if name.startswith("multiclass") else 1


def check(score: Any, name: str, logits: Any, target: Any) -> None:
    """Check one point."""
    found = score(name, logits, target)
    if found is not None:
        assert found.gradient <= GRADIENT, (name, logits, target, found)
        assert found.value <= VALUE, (name, logits, target, found)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("name", LABELLED)
def test_losses_with_a_label_are_accurate(score: Any, name: str, regime: str, dtype: str) -> None:
    """Gradient and loss are as exact as inputs rounded once allow, for every label."""
    for _, logits in points(regime, dtype, least_size(name)):
        allowed = np.flatnonzero(np.isfinite(logits))
        for label in dict.fromkeys((allowed[0], allowed[len(allowed) // 2], allowed[-1])):
            check(score, name, logits, int(label))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("name", SOFT)
def test_losses_with_targets_are_accurate(score: Any, name: str, regime: str, dtype: str) -> None:
    """Gradient and loss are as exact as inputs rounded once allow, for every kind of targets."""
    kinds = list(TARGETS.values())
    for place, (rng, logits) in enumerate(points(regime, dtype, least_size(name))):
        for kind in (kinds[place % len(kinds)], kinds[(place + 3) % len(kinds)]):
            target = np.where(np.isfinite(logits), kind(rng, logits.astype(float)), 0.0)
            if name == "sigmoid_bce":
                logits = np.where(np.isfinite(logits), np.clip(logits, -LAST, LAST), logits)
            check(score, name, logits, np.minimum(target, 1.0).astype(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("regime", REGIMES)
def test_the_loss_of_a_kernel_density_is_accurate(score: Any, regime: str, dtype: str) -> None:
    """Gradient and loss are as exact as inputs rounded once allow, for every kind of kernel."""
    kinds = list(KERNELS.values())
    for place, (rng, logits) in enumerate(points(regime, dtype, 1)):
        for kind in (kinds[place % len(kinds)], kinds[(place + 4) % len(kinds)]):
            kernel = abs(np.asarray(kind(rng, len(logits), dtype)).astype(dtype))
            if not np.any(kernel[np.isfinite(logits)] > 0):
                kernel[np.isfinite(logits)] = 1
            check(score, "kde_cross_entropy", logits, kernel)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("value", [1.0, 0.3, 1e-38])
def test_equal_kernel_values_have_no_gradient(dtype: str, value: float) -> None:
    """If all kernel values are equal the gradient is exactly 0, whatever the logits are."""
    rng = np.random.default_rng(0)
    logits = (rng.normal(size=(20, 7)) * 10.0 ** rng.uniform(-3, 4, (20, 1))).astype(dtype)
    assert not np.any(kde_cross_entropy_gradient(logits, np.full(7, value)))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("target", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("name", sorted({*SOFT} - {"sigmoid_bce"}))
def test_classes_that_are_alike_have_no_gradient(name: str, target: float, dtype: str) -> None:
    """If all classes are tied with equal targets the gradient is exactly 0."""
    for n in (2, 3, 10, 1000):
        for logit in (0.0, 1.3, -700.0):
            logits, targets = np.full(n, logit, dtype), np.full(n, target, dtype)
            assert not np.any(STABLE[name].gradient(logits, targets)), (n, logit)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", ["softmax_cross_entropy", "quadratic", "multiclass_bce_one_hot"])
def test_narrow_dtypes_are_rounded_once(score: Any, name: str, dtype: str) -> None:
    """A float16 or bfloat16 result is that of float32 rounded once, so its score is about 1."""
    kind = np.float16 if dtype == "float16" else pytest.importorskip("ml_dtypes").bfloat16
    rng = np.random.default_rng(1)
    for n in (2, 3, 10):
        for spread in (1, 10):
            logits = (rng.normal(size=n) * spread).astype(kind)
            label = int(rng.integers(n))
            assert score(name, logits, label).gradient <= 1.01
            wide = STABLE[name].gradient(logits.astype(np.float32), label).astype(kind)
            assert np.array_equal(STABLE[name].gradient(logits, label), wide)


def test_the_score_finds_an_inaccurate_gradient(score: Any, monkeypatch: Any) -> None:
    """The checks above can fail: a gradient with S_y - 1 as a difference has an infinite score."""

    def naive(z: Any, label: int) -> Any:
        softmax = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
        return softmax - np.eye(len(z), dtype=z.dtype)[label]

    class Naive:
        gradient = staticmethod(naive)
        value = staticmethod(softmax_cross_entropy)

    logits = np.array([40.0, 0.0, 1.0])
    assert score("softmax_cross_entropy", logits, 0).gradient <= 1
    monkeypatch.setitem(score.__globals__, "STABLE", {"softmax_cross_entropy": Naive})
    assert score("softmax_cross_entropy", logits, 0).gradient > 1e14
