"""Gradients in NumPy that are right but for a tiny amount, in a region, for a size, at a tie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from mutants_base import Implementation, Mutant, mutants
from mutants_gradients import alt, bce, ce, hot, kde, quad, soft, softmax, without

Condition = Callable[[Any, Any], Any]
Change = Callable[[Any], Any]


def where(base: Implementation, condition: Condition, change: Change) -> Implementation:
    """Return the gradient with a change of it where a condition on logits and target holds."""

    def gradient(z: Any, target: Any) -> Any:
        found = base(z, target)
        return change(found) if condition(z, target) else found

    return gradient


def nothing(g: Any) -> Any:
    """Return zeros."""
    return 0 * g


def half(g: Any) -> Any:
    """Return half the gradient."""
    return g / 2


def slightly(g: Any) -> Any:
    """Return the gradient a thousandth larger."""
    return g * 1.001


def lead(z: Any, y: int) -> Any:
    """Return by how much the label's logit is larger than the others."""
    return z[y] - np.max(without(z, y, -np.inf))


TINY = {
    "factor 1 + 1e-7": lambda z, y: ce(z, y) * (1 + 1e-7),
    "factor 1 + 1e-9": lambda z, y: ce(z, y) * (1 + 1e-9),
    "factor 1 + 1e-7 at the label": lambda z, y: without(ce(z, y), y, ce(z, y)[y] * (1 + 1e-7)),
    "factor 1 - 1e-6 of class 1": lambda z, y: ce(z, y) * (1 - 1e-6 * (np.arange(len(z)) == 1)),
    "offset 1e-9": lambda z, y: ce(z, y) + 1e-9,
    "offset 1e-9 of class 0": lambda z, y: ce(z, y) + 1e-9 * hot(z, 0),
    "offset 1e-9 of the last class": lambda z, y: ce(z, y) + 1e-9 * hot(z, len(z) - 1),
    "offset 1e-9 at the label": lambda z, y: ce(z, y) + 1e-9 * hot(z, y),
    "weight decay 1e-6": lambda z, y: ce(z, y) + 1e-6 * z,
    "shift of 1e-3 along the ones": lambda z, y: ce(z, y) + 1e-3,
    "ripple of 1e-8": lambda z, y: ce(z, y) * (1 + 1e-8 * np.sin(1e3 * z)),
    "factor of the class number": lambda z, y: ce(z, y) * (1 + 1e-7 * np.arange(len(z))),
}

REGIONS = {
    "zero where a logit is beyond 1000": where(ce, lambda z, _: np.max(np.abs(z)) > 1000, nothing),
    "zero where a logit is beyond 88.7": where(ce, lambda z, _: np.max(z) > 88.7, nothing),
    "half where a logit is below -88.7": where(ce, lambda z, _: np.min(z) < -88.7, half),
    "half where z_y is beyond 20": where(ce, lambda z, y: z[y] > 20, half),
    "lead of the label in (3, 3.5)": where(ce, lambda z, y: 3 < lead(z, y) < 3.5, slightly),
    "lead of the label beyond 10": where(ce, lambda z, y: lead(z, y) > 10, nothing),
    "label behind by more than 30": where(ce, lambda z, y: lead(z, y) < -30, nothing),
    "all logits below -5": where(ce, lambda z, _: np.max(z) < -5, half),
    "negative sum": where(ce, lambda z, _: np.sum(z) < 0, slightly),
    "sum in (17.5, 17.75)": where(ce, lambda z, _: 17.5 < np.sum(z) < 17.75, half),
    "S_y in (0.40, 0.41)": where(ce, lambda z, y: 0.40 < softmax(z)[y] < 0.41, half),
    "S_y above 0.999": where(ce, lambda z, y: softmax(z)[y] > 0.999, nothing),
    "S_y below 1e-6": where(ce, lambda z, y: softmax(z)[y] < 1e-6, nothing),
    "largest logit a whole number": where(ce, lambda z, _: np.max(z) == np.round(np.max(z)), half),
    "largest logit in (10.5, 10.75)": where(ce, lambda z, _: 10.5 < np.max(z) < 10.75, half),
    "class 0 ahead of class 1": where(ce, lambda z, _: len(z) > 1 and z[0] > z[1], slightly),
    "first logit exactly 0": where(ce, lambda z, _: z[0] == 0, half),
    "ascending logits": where(ce, lambda z, _: len(z) > 2 and np.all(np.diff(z) > 0), half),
    "squares beyond 1e6": where(ce, lambda z, _: np.sum(z * z) > 1e6, half),
    "label 0 with a negative logit": where(ce, lambda z, y: y == 0 and z[0] < 0, slightly),
}


def every_set_of_powers(z: Any, y: int) -> Any:
    """Return the gradient with equal logits counted once in the normaliser."""
    top = np.max(z)
    s = np.exp(z - top) / np.sum(np.exp(np.unique(z) - top))
    return without(s, y, -np.sum(without(s, y)))


def spread_over_ties(z: Any, y: int) -> Any:
    """Return the gradient with the label's entry shared among the classes of the same logit."""
    found = ce(z, y)
    same = z == z[y]
    return np.where(same, np.sum(found * same) / np.sum(same), found)


TIES = {
    "equal logits counted once": every_set_of_powers,
    "label shared among its ties": spread_over_ties,
    "largest tied": where(ce, lambda z, _: np.sum(z == np.max(z)) > 1, half),
    "label among the largest tied": where(
        ce, lambda z, y: z[y] == np.max(z) and np.sum(z == z[y]) > 1, half
    ),
    "tied below the largest": where(
        ce, lambda z, _: len(np.unique(z[z < np.max(z)])) < np.sum(z < np.max(z)), half
    ),
    "all tied": where(ce, lambda z, _: len(z) > 1 and np.all(z == z[0]), nothing),
    "three tied at the top": where(ce, lambda z, _: np.sum(z == np.max(z)) == 3, half),
    "neighbours tied": where(ce, lambda z, _: np.any(z[1:] == z[:-1]), slightly),
}


def without_tail(z: Any, y: int) -> Any:
    """Return the gradient with nothing in the entries after the last full block of 8."""
    found = ce(z, y)
    if len(z) > 8:
        found[len(z) // 8 * 8 :] = 0
    return found


def blocks(z: Any, y: int) -> Any:
    """Return the gradient with a normaliser of its own for each block of 256 classes."""
    top = np.max(z)
    parts = [np.exp(z[k : k + 256] - top) for k in range(0, len(z), 256)]
    s = np.concatenate([part / np.sum(part) for part in parts])
    return without(s, y, -np.sum(without(s, y)))


def summed_to_128(z: Any, y: int) -> Any:
    """Return the gradient with a normaliser of the first 128 classes."""
    powers = np.exp(z - np.max(z))
    s = powers / (np.sum(powers[:128]) + 1e-30)
    return without(s, y, -np.sum(without(s, y)))


def sized(test: Callable[[int], bool], change: Change = half) -> Implementation:
    """Return the gradient with a change for some numbers of classes."""
    return where(ce, lambda z, _: test(len(z)), change)


SIZES = {
    "n above 4096": sized(lambda n: n > 4096),
    "n = 1": sized(lambda n: n == 1, lambda g: g + 1),
    "n = 2": sized(lambda n: n == 2, slightly),
    "n = 3": sized(lambda n: n == 3),
    "n = 7": sized(lambda n: n == 7),
    "n a multiple of 64": sized(lambda n: n % 64 == 0),
    "n of 33 and more": sized(lambda n: n >= 33),
    "n odd": sized(lambda n: n % 2 == 1, slightly),
    "n = 1000": sized(lambda n: n == 1000),
    "tail after blocks of 8": without_tail,
    "a normaliser for each block of 256": blocks,
    "normaliser of the first 128 classes": summed_to_128,
}

LABELS = {
    "last class": where(ce, lambda z, y: y == len(z) - 1 and y > 0, half),
    "class 0": where(ce, lambda _, y: y == 0, slightly),
    "classes from 10 on": where(ce, lambda _, y: y >= 10, half),
    "label kept in 7 bits": lambda z, y: ce(z, y & 127),
    "label kept in 8 bits": lambda z, y: ce(z, y & 255),
    "odd labels": where(ce, lambda _, y: y % 2 == 1, slightly),
    "middle class of an odd n": where(ce, lambda z, y: len(z) > 2 and y == len(z) // 2, half),
}

SOFT = {
    "nothing where the target is 0": lambda z, p: np.where(p == 0, 0, soft(z, p)),
    "one-hot targets": where(soft, lambda _, p: np.max(p) == 1, half),
    "uniform targets": where(soft, lambda _, p: np.max(p) == np.min(p), slightly),
    "a target below 1e-3": where(soft, lambda _, p: np.any((p > 0) & (p < 1e-3)), half),
}

BCE = {
    "saturated beyond 20": lambda z, p: np.where(z > 20, 1 - p, bce(z, p)),
    "saturated below -20": lambda z, p: np.where(z < -20, -p, bce(z, p)),
    "zero where all targets are 0": where(bce, lambda _, p: np.max(p) == 0, nothing),
    "offset 1e-9": lambda z, p: bce(z, p) + 1e-9,
    "at a logit of exactly 0": lambda z, p: np.where(z == 0, 0, bce(z, p)),
}

KDE = {
    "kernel values of 0 replaced": lambda z, k: kde(z, np.where(k == 0, k.dtype.type(1e-6), k)),
    "all kernel values equal": where(
        kde, lambda _, k: len(k) > 1 and np.max(k) == np.min(k), lambda g: g + 0.5
    ),
    "kernel below 0.1 cut off": lambda z, k: kde(z, np.where(k < 0.1 * np.max(k), 0, k)),
    "factor 1 + 1e-7": lambda z, k: kde(z, k) * (1 + 1e-7),
}

QUAD = {
    "label behind": where(quad, lambda z, y: z[y] < np.max(z), slightly),
    "factor 1 + 1e-9": lambda z, y: quad(z, y) * (1 + 1e-9),
    "n above 10": where(quad, lambda z, _: len(z) > 10, half),
}

ALT = {
    "label behind": where(alt, lambda z, y: z[y] < np.max(z), slightly),
    "factor 1 + 1e-7": lambda z, y: alt(z, y) * (1 + 1e-7),
    "two ahead of the label": where(alt, lambda z, y: np.sum(z > z[y]) >= 2, half),
}

PLACES: tuple[Mutant, ...] = (
    *mutants({**TINY, **REGIONS, **TIES, **SIZES, **LABELS}, "CE"),
    *mutants(SOFT, "CE_p", target="soft"),
    *mutants(BCE, "BCE", target="soft"),
    *mutants(KDE, "KDE", target="kernel"),
    *mutants(QUAD, "QUAD"),
    *mutants(ALT, "ALT"),
)
"""Gradients that are wrong by little or seldom."""
