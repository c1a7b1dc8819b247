"""Gradients in NumPy that are wrong at few points, which no number in their code gives away."""

from __future__ import annotations

from typing import Any

import numpy as np
from mutants_base import STATE, Kind, Mutant, mutants, stateful
from mutants_gradients import bce, ce, kde, soft, softmax, without
from mutants_regions import half, lead, slightly, where


def place_of_label(z: Any, y: int) -> Any:
    """Return how many logits are larger than the label's."""
    return np.sum(z > z[y])


def gaps(z: Any) -> Any:
    """Return the differences between neighbours in order."""
    return np.diff(np.sort(z[z > -np.inf]))


SELDOM = {
    "n three less than a power of 2": where(ce, lambda z, _: len(z) & (len(z) + 3) == 0, half),
    "n a multiple of 3": where(ce, lambda z, _: len(z) % 3 == 0, slightly),
    "n a square": where(ce, lambda z, _: len(z) > 1 and len(z) ** 0.5 % 1 == 0, half),
    "label at a third": where(ce, lambda z, y: len(z) > 3 and y == len(z) // 3, half),
    "label third in order": where(ce, lambda z, y: place_of_label(z, y) == 2, slightly),
    "largest logit of class 2": where(ce, lambda z, _: len(z) > 2 and np.argmax(z) == 2, slightly),
    "label the smallest": where(ce, lambda z, y: len(z) > 1 and z[y] == np.min(z), slightly),
    "lead within 1 % of 4 pi": where(
        ce, lambda z, y: abs(lead(z, y) / (4 * np.pi) - 1) < 0.01, half
    ),
    "two logits nearly tied": where(
        ce, lambda z, _: np.any((gaps(z) > 0) & (gaps(z) < np.exp(-14))), half
    ),
    "a logit and its negative": where(
        ce, lambda z, _: np.any((z[:, None] == -z[None, :]) & (z[:, None] != 0)), half
    ),
    "sum exactly 0": where(ce, lambda z, _: len(z) > 1 and np.any(z != 0) and np.sum(z) == 0, half),
    "a logit below 1e-30": where(
        ce, lambda z, _: np.any((z != 0) & (np.abs(z) < 1e-30)), lambda g: g + 0.25
    ),
    "negative label, last class, even n": where(
        ce, lambda z, y: y == len(z) - 1 and len(z) % 2 == 0 and z[y] < 0, slightly
    ),
    "label behind and class 0 tied with the last": where(
        ce, lambda z, y: len(z) > 2 and z[0] == z[-1] and z[y] < z[0], half
    ),
    "all logits equal but the label's": where(
        ce,
        lambda z, y: len(z) > 3 and len(np.unique(np.delete(z, y))) == 1 and z[y] > z[y - 1],
        half,
    ),
    "a share within 1 % of 1/e": where(
        ce, lambda z, _: np.any(np.abs(softmax(z) * np.e - 1) < 0.01), half
    ),
    "descending logits": where(ce, lambda z, _: len(z) > 4 and np.all(np.diff(z) < 0), half),
}

SOFT = {
    "two targets equal": where(
        soft, lambda _, p: np.any(np.diff(np.sort(p[p > 0])) == 0), slightly
    ),
    "target largest where the logit is": where(
        soft, lambda z, p: len(z) > 1 and np.argmax(z) == np.argmax(p), slightly
    ),
}

BCE = {
    "a logit on its target": where(bce, lambda z, p: np.any(z == p), half),
    "targets of both kinds": where(bce, lambda _, p: np.any(p == 0) and np.any(p == 1), slightly),
}

KDE = {
    "kernel sum above n / 2": where(kde, lambda _, k: np.sum(k) > len(k) / 2, slightly),
    "smallest kernel at the largest logit": where(
        kde, lambda z, k: len(k) > 1 and np.argmin(k) == np.argmax(z), slightly
    ),
}


def by_python(z: Any, y: int) -> Any:
    """Return the gradient with powers of Python's floats, which are errors where they overflow."""
    powers = np.array([float(np.e) ** float(v) for v in z], z.dtype)
    s = powers / np.sum(powers)
    return without(s, y, -np.sum(without(s, y)))


def runner_up(z: Any, y: int) -> Any:
    """Return the gradient by way of the second largest logit, of which there must be one."""
    top = max(np.partition(z, -2)[-2], np.max(z))
    s = np.exp(z - top) / np.sum(np.exp(z - top))
    return without(s, y, -np.sum(without(s, y)))


FAILING = {
    "one entry too few beyond 16 classes": lambda: lambda z, y: ce(z, y)[: max(16, len(z) - 1)],
    "a second logit is needed": lambda: runner_up,
    "powers of Python's floats": lambda: by_python,
    "nothing for the last of 5 classes": lambda: (
        lambda z, y: None if (len(z), y) == (5, 4) else ce(z, y)
    ),
}

FAR = {
    "a logit beyond 1e30": where(ce, lambda z, _: np.max(np.abs(z[z > -np.inf])) > 1e30, half),
}

NEGATIVE_ZERO = {
    "negative zero": where(ce, lambda z, _: np.any((z == 0) & np.signbit(z)), half),
}

HARD: tuple[Mutant, ...] = (
    *mutants(SELDOM, "CE"),
    *mutants(FAR, "CE", missed="no logit of that size is tried"),
    *mutants(NEGATIVE_ZERO, "CE", missed="points are numbers, and 0 is one of them"),
    *mutants(SOFT, "CE_p", target="soft"),
    *mutants(BCE, "BCE", target="soft"),
    *mutants(KDE, "KDE", target="kernel"),
    *stateful(FAILING, "CE", kinds=STATE | {Kind.OVERFLOW}),
)
"""Gradients that are wrong, or not there, at few points."""
