"""Gradients in NumPy with clamps, guards, roundings, wrong dtypes, and numbers out of range."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from mutants_base import (
    ARITHMETIC,
    ONE_DTYPE,
    RANGE,
    WRONG,
    Implementation,
    Kind,
    Kinds,
    Mutant,
    mutants,
)
from mutants_gradients import bce, ce, kde, others, quad, sigmoids, soft, softmax, without


def of_shares(s: Any, y: int) -> Any:
    """Return the gradient of CE from given shares."""
    return without(s, y, -np.sum(without(s, y)))


def clipped_shares(bound: float) -> Implementation:
    """Return the gradient with shares kept away from 0 and 1."""
    return lambda z, y: of_shares(np.clip(softmax(z), bound, 1 - bound), y)


def clipped_logits(bound: float) -> Implementation:
    """Return the gradient at logits kept inside a range, for these as for all others."""
    return lambda z, y: ce(np.clip(z, -bound, bound), y)


def guarded_log(z: Any, y: int) -> Any:
    """Return the gradient of ``-log(S_y + 1e-12)``."""
    share = softmax(z)[y]
    return ce(z, y) * (share / (share + 1e-12))


def guarded_sum(z: Any, y: int) -> Any:
    """Return the gradient with 1e-8 added to the normaliser."""
    powers = np.exp(z - np.max(z))
    s = powers / (np.sum(powers) + 1e-8)
    return without(s, y, -(np.sum(without(powers, y)) + 1e-8) / (np.sum(powers) + 1e-8))


def zero_where_clipped(z: Any, y: int) -> Any:
    """Return the gradient of cross-entropy with its share clipped at 1e-7: 0 beyond the clip."""
    share = softmax(z)[y]
    return ce(z, y) if 1e-7 < share < 1 - 1e-7 else np.zeros_like(z)


def taylor(z: Any, y: int) -> Any:
    """Return the gradient with powers by ten terms of a series, halved and squared 4 times."""
    x = (z - np.max(z)) / 16
    term, power = np.ones_like(z), np.ones_like(z)
    for k in range(1, 10):
        term = term * x / k
        power = power + term
    return of_shares(power**16 / np.sum(power**16), y)


def linear_powers(z: Any, y: int) -> Any:
    """Return the gradient with powers of e linear between whole exponents of 2."""
    x = (z - np.max(z)) * 1.4426950408889634
    whole = np.floor(x)
    powers = np.exp2(whole) * (1 + x - whole)
    return of_shares(powers / np.sum(powers), y)


CLAMPS = {
    "shares clipped at 1e-7": clipped_shares(1e-7),
    "shares clipped at 1e-12": clipped_shares(1e-12),
    "logits clipped at 30": clipped_logits(30.0),
    "logits clipped at 88": clipped_logits(88.0),
    "1e-12 inside the logarithm": guarded_log,
    "1e-8 added to the normaliser": guarded_sum,
    "0 where the share is clipped": zero_where_clipped,
    "gradient clipped at 0.999": lambda z, y: np.clip(ce(z, y), -0.999, 0.999),
    "gradient clipped to norm 1": lambda z, y: (
        ce(z, y) / np.maximum(1, np.sqrt(np.sum(ce(z, y) ** 2)))
    ),
    "small entries dropped": lambda z, y: np.where(np.abs(ce(z, y)) < 1e-6, 0, ce(z, y)),
    "rounded to 6 decimals": lambda z, y: np.round(ce(z, y), 6),
    "logits rounded to 4 decimals": lambda z, y: ce(np.round(z, 4), y),
    "only the 5 largest classes": lambda z, y: np.where(
        (z >= np.sort(z)[-min(5, len(z))]) | (np.arange(len(z)) == y), ce(z, y), 0
    ),
    "powers by a series": taylor,
    "powers linear between exponents": linear_powers,
    "logits beyond 50 behind dropped": lambda z, y: np.where(
        (np.max(z) - z > 50) & (np.arange(len(z)) != y), 0, ce(z, y)
    ),
}


def only_for(dtype: str, change: Callable[[Any], Any]) -> Implementation:
    """Return the gradient with a change of it in one dtype."""
    return lambda z, y: change(ce(z, y)) if z.dtype == dtype else ce(z, y)


def inside(dtype: str, base: Implementation = ce) -> Implementation:
    """Return the gradient computed in another dtype and handed back in that of its input."""

    def gradient(z: Any, target: Any) -> Any:
        given = target if isinstance(target, int | np.integer) else target.astype(dtype)
        return base(z.astype(dtype), given).astype(z.dtype)

    return gradient


ONE_DTYPE_ONLY = {
    "a thousandth more in float32": only_for("float32", lambda g: g * 1.001),
    "a thousandth more in float64": only_for("float64", lambda g: g * 1.001),
    "zero in float32": only_for("float32", lambda g: 0 * g),
    "float32 inside": inside("float32"),
    "float16 inside": inside("float16"),
    "constant of float32": lambda z, y: ce(z, y) * (10 * np.asarray(np.float32(0.1), z.dtype)),
}

DTYPES = {
    "float64 for every input": lambda z, y: ce(z, y).astype(np.float64),
    "float32 for every input": lambda z, y: ce(z, y).astype(np.float32),
    "identity of float64": lambda z, y: (
        softmax(z) * (1 - np.eye(len(z))[y]) + ce(z, y)[y] * np.eye(len(z))[y]
    ),
}


def unshifted(z: Any, y: int) -> Any:
    """Return the gradient without the shift by the largest logit."""
    powers = np.exp(z)
    return of_shares(powers / np.sum(powers), y)


def shifted_by(shift: Callable[[Any], Any]) -> Implementation:
    """Return the gradient with a shift by something else than the largest logit."""

    def gradient(z: Any, y: int) -> Any:
        powers = np.exp(z - shift(z))
        return of_shares(powers / np.sum(powers), y)

    return gradient


def squares_summed(z: Any, y: int) -> Any:
    """Return the gradient with a normaliser by the root of the sum of squares and its inverse."""
    powers = np.exp(z - np.max(z))
    size = np.sqrt(np.sum(np.exp(2 * z)))
    return of_shares(powers / np.sum(powers), y) * (size / size)


OUT_OF_RANGE = {
    "no shift": unshifted,
    "shift by the mean": shifted_by(np.mean),
    "shift by the smallest": shifted_by(np.min),
    "shift by the first": shifted_by(lambda z: z[0]),
    "shift by the largest of the first 8": shifted_by(lambda z: np.max(z[:8])),
    "shift by the largest size": shifted_by(lambda z: np.max(np.abs(z))),
    "logarithm of an overflowing sum": lambda z, y: of_shares(
        np.exp(z - np.log(np.sum(np.exp(z)))), y
    ),
    "squares that overflow": squares_summed,
}

MASKED = {
    "NaN at a mask": lambda z, y: ce(z, y) + 0 * z,
    "mean of the logits": lambda z, y: ce(z - np.mean(z), y),
    "-10 for a masked logit": lambda z, y: ce(np.where(z == -np.inf, -10.0, z), y),
}


def bce_quotient(z: Any, p: Any) -> Any:
    """Return the gradient with a sigmoid of two powers that overflow."""
    return np.exp(z) / (1 + np.exp(z)) - p


def bce_clipped(z: Any, p: Any) -> Any:
    """Return the gradient with probabilities clipped at 1e-7."""
    return np.clip(sigmoids(z)[0], 1e-7, 1 - 1e-7) - p


def kde_underflow(z: Any, k: Any) -> Any:
    """Return the gradient with products that all underflow."""
    s = softmax(z)
    w = s * k / np.sum(s * k)
    return s * others(w) - w * others(s)


def kde_guarded(z: Any, k: Any) -> Any:
    """Return the gradient with 1e-12 added to the density."""
    s = softmax(z)
    density = np.sum(s * k)
    return kde(z, k) * (density / (density + 1e-12))


def alt_quotient(z: Any, y: int) -> Any:
    """Return the gradient with quotients by 1 - S, which rounds to 0."""
    s = softmax(z)
    r = without(s / (1 - s), y)
    return without(s, y, s[y] - 1) + r - s * np.sum(r)


def alt_guarded(z: Any, y: int) -> Any:
    """Return the gradient with quotients by 1 - S + 1e-7."""
    s = softmax(z)
    r = without(s / (others(s) + 1e-7), y)
    return without(s, y, -others(s)[y]) + r - s * np.sum(r)


def kinds_of(table: dict[str, Implementation], kinds: Kinds, loss: str, form: str) -> Any:
    """Return mutants with vectors for targets."""
    return mutants(table, loss, target=form, kinds=kinds)


FLOATS: tuple[Mutant, ...] = (
    *mutants(CLAMPS, "CE"),
    *mutants(ONE_DTYPE_ONLY, "CE", kinds=ONE_DTYPE),
    *mutants(DTYPES, "CE", kinds=frozenset({Kind.DTYPE, Kind.ROUNDING})),
    *mutants(OUT_OF_RANGE, "CE", kinds=RANGE),
    *mutants(MASKED, "CE", kinds=RANGE | WRONG),
    *kinds_of({"clipped at 1e-7": bce_clipped}, WRONG, "BCE", "soft"),
    *kinds_of({"quotient of powers": bce_quotient}, RANGE, "BCE", "soft"),
    *kinds_of({"float32 inside": inside("float32", bce)}, ONE_DTYPE, "BCE", "soft"),
    *kinds_of({"float32 inside": inside("float32", soft)}, ONE_DTYPE, "CE_p", "soft"),
    *kinds_of({"density underflows": kde_underflow}, ARITHMETIC, "KDE", "kernel"),
    *kinds_of({"1e-12 added to the density": kde_guarded}, WRONG, "KDE", "kernel"),
    *mutants({"quotient by 1 - S": alt_quotient}, "ALT", kinds=ARITHMETIC),
    *mutants({"1e-7 added to 1 - S": alt_guarded}, "ALT", kinds=WRONG),
    *mutants({"float32 inside": inside("float32", quad)}, "QUAD", kinds=ONE_DTYPE),
)
"""Gradients whose numbers are clamped, guarded, rounded or out of range."""
