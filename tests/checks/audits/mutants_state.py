"""Gradients in NumPy that are no functions of their arguments, and gradients of batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from mutants_base import RANGE, STATE, WRONG, Implementation, Kind, Made, Mutant, mutants, stateful
from mutants_gradients import bce, ce, soft, softmax, without


def kept_by(key: Callable[[Any, Any], Any], base: Implementation = ce) -> Made:
    """Return a maker of gradients that are kept under a key that says too little."""

    def make() -> Implementation:
        kept: dict[Any, Any] = {}

        def gradient(z: Any, target: Any) -> Any:
            found = key(z, target)
            if found not in kept:
                kept[found] = base(z, target)
            return np.copy(kept[found])

        return gradient

    return make


def shares_kept_by(key: Callable[[Any, Any], Any]) -> Made:
    """Return a maker of gradients whose normaliser alone is kept."""

    def make() -> Implementation:
        sums: dict[Any, Any] = {}

        def gradient(z: Any, y: int) -> Any:
            powers = np.exp(z - np.max(z))
            s = powers / sums.setdefault(key(z, y), np.sum(powers))
            return without(s, y, -np.sum(without(s, y)))

        return gradient

    return make


def counted(change: Callable[[Any, int], Any]) -> Made:
    """Return a maker of gradients that depend on the number of the call, counted from 1."""

    def make() -> Implementation:
        calls = [0]

        def gradient(z: Any, y: int) -> Any:
            calls[0] += 1
            return change(ce(z, y), calls[0])

        return gradient

    return make


def noisy() -> Implementation:
    """Return gradients with random noise of relative size 1e-6."""
    random = np.random.default_rng(0)

    def gradient(z: Any, y: int) -> Any:
        return ce(z, y) * (1 + 1e-6 * random.standard_normal(len(z))).astype(z.dtype)

    return gradient


def same_buffer() -> Implementation:
    """Return gradients that are all the same array, for each shape and dtype."""
    buffers: dict[Any, Any] = {}

    def gradient(z: Any, y: int) -> Any:
        found = buffers.setdefault((z.shape, z.dtype.str), np.empty_like(z))
        found[...] = ce(z, y)
        return found

    return gradient


def shifts_its_input(z: Any, y: int) -> Any:
    """Subtract the largest logit in place."""
    z -= np.max(z)
    return ce(z, y)


def answers_in_its_input(z: Any, y: int) -> Any:
    """Write the gradient over the logits."""
    z[...] = ce(z, y)
    return z


def normalises_its_targets(z: Any, p: Any) -> Any:
    """Divide the targets by their sum and a little more, in place."""
    found = soft(z, p)
    p /= 1 + np.sum(p)
    return found


def writes_into_its_targets(z: Any, p: Any) -> Any:
    """Use the targets as the place for a residual."""
    found = bce(z, p)
    np.subtract(p, 1, out=p)
    return found


def last_answer() -> Implementation:
    """Return gradients that are those of the call before, from the second call on."""
    kept: list[Any] = []

    def gradient(z: Any, y: int) -> Any:
        kept.append(ce(z, y))
        return kept[-2] if len(kept) > 1 and kept[-2].shape == z.shape else kept[-1]

    return gradient


def running_mean() -> Implementation:
    """Return gradients shifted by a mean of the logits that is updated with each call."""
    mean = [0.0]

    def gradient(z: Any, y: int) -> Any:
        mean[0] = 0.9 * mean[0] + 0.1 * float(np.mean(z))
        return ce(z, y) * (1 + 1e-4 * np.tanh(mean[0]))

    return gradient


def prints(z: Any, y: int) -> Any:
    """Print something that was forgotten."""
    print("shares", softmax(z))  # noqa: T201 (that is the mistake)
    return ce(z, y)


KEPT: dict[str, Made] = {
    "kept by shape": kept_by(lambda z, _: z.shape),
    "kept by shape and dtype and label": kept_by(lambda z, y: (z.shape, z.dtype.str, y)),
    "kept by id of the logits": kept_by(lambda z, y: (id(z), z.shape, y)),
    "kept by first logit": kept_by(lambda z, y: (z.shape, z.dtype.str, y, float(z[0]))),
    "kept by sum of logits": kept_by(lambda z, y: (z.shape, z.dtype.str, y, float(np.sum(z)))),
    "kept by logits, not by label": kept_by(lambda z, _: (z.dtype.str, z.tobytes())),
    "kept by sorted logits": kept_by(lambda z, y: (z.dtype.str, y, np.sort(z).tobytes())),
    "kept by logits to 3 decimals": kept_by(lambda z, y: (z.dtype.str, y, *np.round(z, 3))),
    "normaliser kept by shape": shares_kept_by(lambda z, _: z.shape),
    "only the first call right": counted(lambda g, k: g if k == 1 else -g),
    "normaliser kept by largest logit": shares_kept_by(lambda z, _: (z.shape, float(np.max(z)))),
}

CHANGING: dict[str, Made] = {
    "noise of 1e-6": noisy,
    "every 10th call": counted(lambda g, k: g * 1.001 if k % 10 == 0 else g),
    "from the 100th call on": counted(lambda g, k: g * 1.001 if k >= 100 else g),
    "grows with the calls": counted(lambda g, k: g * (1 + 1e-7 * k)),
    "one buffer": same_buffer,
    "the answer before": last_answer,
    "running mean": running_mean,
    "shifts its input": lambda: shifts_its_input,
    "answers in its input": lambda: answers_in_its_input,
    "prints": lambda: prints,
}

ACROSS_DTYPES: dict[str, Made] = {
    "kept by logits, not by dtype": kept_by(lambda z, y: (y, *map(float, z))),
}

VECTOR_KEPT: dict[str, Made] = {
    "kept by logits, not by targets": kept_by(lambda z, _: (z.dtype.str, z.tobytes()), soft),
}


def rows(z: Any, y: Any) -> Any:
    """Return the gradient of the sum over a batch."""
    return np.stack([ce(row, int(label)) for row, label in zip(z, y, strict=True)])


def from_shares(s: Any, y: Any) -> Any:
    """Return the gradient of a batch from given shares."""
    return np.stack(
        [
            without(row, int(label), -np.sum(without(row, int(label))))
            for row, label in zip(s, y, strict=True)
        ]
    )


def along_the_batch(z: Any, y: Any) -> Any:
    """Return the gradient with shares that sum to 1 over the samples of a class."""
    powers = np.exp(z - np.max(z, 0))
    return from_shares(powers / np.sum(powers, 0), y)


def shared_normaliser(z: Any, y: Any) -> Any:
    """Return the gradient with one normaliser for the batch."""
    powers = np.exp(z - np.max(z))
    return from_shares(powers / np.sum(powers), y)


def shared_shift(z: Any, y: Any) -> Any:
    """Return the gradient with the largest logit of the batch for every row."""
    powers = np.exp(z - np.max(z))
    return from_shares(powers / np.sum(powers, 1, keepdims=True), y)


def only_rows(keep: Callable[[Any], Any]) -> Implementation:
    """Return the gradient of some rows and zeros."""
    return lambda z, y: rows(z, y) * keep(np.arange(len(z)))[:, None].astype(z.dtype)


SUMMED = {
    "mean in place of the sum": lambda z, y: rows(z, y) / len(z),
    "divided by n": lambda z, y: rows(z, y) / z.shape[1],
    "label of the row before": lambda z, y: rows(z, np.roll(y, 1)),
    "label of the first row": lambda z, y: rows(z, np.full_like(y, y[0])),
    "softmax along the batch": along_the_batch,
    "one normaliser": shared_normaliser,
    "last row left out": only_rows(lambda k: (k < len(k) - 1) | (len(k) == 1)),
    "first row alone": only_rows(lambda k: k == 0),
    "rows mixed": lambda z, y: rows(z, y) * 0.999 + 0.001 * np.mean(rows(z, y), 0),
    "odd batches": lambda z, y: rows(z, y) * (1.001 if len(z) % 2 and len(z) > 1 else 1),
    "sorted rows": lambda z, y: rows(z, y)[np.argsort(y, kind="stable")],
}

MEAN = {
    "sum in place of the mean": rows,
    "mean over the entries": lambda z, y: rows(z, y) / z.size,
    "divided by B - 1": lambda z, y: rows(z, y) / max(len(z) - 1, 1),
}

PROTOCOL: tuple[Mutant, ...] = (
    *stateful(KEPT, "CE", kinds=STATE | WRONG),
    *stateful(CHANGING, "CE"),
    *stateful(ACROSS_DTYPES, "CE", kinds=STATE | {Kind.DTYPE}),
    *stateful(VECTOR_KEPT, "CE_p", target="soft", kinds=STATE | WRONG),
    *stateful({"normalises its targets": lambda: normalises_its_targets}, "CE_p", target="soft"),
    *stateful({"writes into its targets": lambda: writes_into_its_targets}, "BCE", target="soft"),
    *mutants(SUMMED, "CE", options={"reduction": "sum"}, kinds=WRONG | STATE),
    *mutants(MEAN, "CE", options={"reduction": "mean"}, kinds=WRONG | STATE),
    *mutants(
        {"largest logit of the batch": shared_shift},
        "CE",
        options={"reduction": "sum"},
        kinds=RANGE | STATE | {Kind.ROUNDING},
    ),
)
"""Gradients with state or side effects, and of batches."""
